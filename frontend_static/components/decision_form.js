/**
 * What becomes of readings that a finding is about: accepted, estimated or returned, with a reason. Tells `decided`.
 *
 * @typedef {import("../domain/readings.js").StoredFinding} StoredFinding
 */
import { css, html, nothing } from "../vendor/lit.js";
import { decide } from "../data/meter_data.js";
import { choicesOf } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const REASON_MAX = 500; // characters

export class DecisionForm extends Localized {
  static properties = {
    community: {},
    finding: { attribute: false },
    direction: {},
    end: { type: Number },
    treatment: { state: true },
    reason: { state: true },
    fault: { state: true },
    working: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      form {
        display: grid;
        gap: 12px;
      }

      fieldset {
        display: grid;
        gap: 4px;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        padding: 0;
        margin-bottom: 4px;
        font-size: 16px;
        line-height: 24px;
        font-weight: 650;
      }

      .choice {
        display: grid;
        grid-template-columns: 24px minmax(0, 1fr);
        gap: 12px;
        align-items: center;
        min-height: 44px;
        margin: 0;
        font-weight: 400;
      }

      .choice input {
        width: 20px;
        min-height: 20px;
        accent-color: var(--brand);
      }

      .fault {
        color: var(--voided);
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    /** @type {StoredFinding | null} */
    this.finding = null;
    this.direction = "consumption";
    /** Of the span where the finding has none [s since 1970]. */
    this.end = 0;
    this.treatment = "";
    this.reason = "";
    this.fault = "";
    this.working = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("finding")) return;
    this.treatment = this.fault = this.reason = "";
  }

  /** @param {Event} event */
  async send(event) {
    event.preventDefault();
    const { finding } = this;
    const choices = choicesOf(this.direction);
    const treatment = choices.find((one) => one === this.treatment) ?? choices.at(-1) ?? "returned";
    if (!finding || finding.start_utc === null) return;
    if (!this.reason.trim()) {
      this.fault = say("readings.decide.missing");
      /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#reason"))?.focus();
      return;
    }
    this.working = true;
    this.fault = "";
    try {
      const iso = (/** @type {number} */ seconds) => new Date(seconds * 1000).toISOString();
      const span = { start: iso(finding.start_utc), end: iso(finding.end_utc ?? this.end) };
      const made = await decide(this.community, { metering_point: finding.metering_point, ...span, treatment, reason: this.reason.trim(), rule: finding.rule });
      this.dispatchEvent(new CustomEvent("decided", { detail: made }));
    } catch (error) {
      this.fault = /** @type {any} */ (error).message;
    } finally {
      this.working = false;
    }
  }

  render() {
    const choices = choicesOf(this.direction);
    const chosen = choices.find((one) => one === this.treatment) ?? choices.at(-1);
    return html`<form novalidate @submit=${this.send}>
      <fieldset>
        <legend>${say("readings.decide")}</legend>
        ${choices.map(
          (one) => html`<label class="choice">
            <input type="radio" name="treatment" value=${one} .checked=${one === chosen} @change=${() => (this.treatment = one)} />
            <span>${say(`readings.decide.${one}`)}</span>
          </label>`,
        )}
      </fieldset>
      ${this.direction === "feed_in" ? html`<p class="small soft">${say("readings.decide.feed_in")}</p>` : nothing}
      ${chosen === "estimated" ? html`<p class="small soft">${say("readings.decide.anchored")}</p>` : nothing}
      <div>
        <label for="reason">${say("readings.decide.reason")}</label>
        <input
          id="reason"
          maxlength=${REASON_MAX}
          autocomplete="off"
          aria-describedby="hint"
          aria-invalid=${this.fault ? "true" : "false"}
          .value=${this.reason}
          @input=${(/** @type {any} */ event) => (this.reason = event.target.value)}
        />
        <p id="hint" class="small soft">${say("readings.decide.reason.hint")}</p>
      </div>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : nothing}
      <div><button class="primary" ?disabled=${this.working}>${say("readings.decide.send")}</button></div>
    </form>`;
  }
}

customElements.define("partage-decision-form", DecisionForm);
