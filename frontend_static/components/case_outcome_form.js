/**
 * Whose measure shall hold, and why: the arbiter's ruling, or what an appeal proposes instead. Event `outcome`: `{party, text}`.
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { partyWords } from "./case_words.js";
import { draftStyles } from "./draft_part.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class CaseOutcomeForm extends Localized {
  static properties = { case: { attribute: false }, except: {}, kind: {}, working: { type: Boolean }, party: { state: true }, text: { state: true }, wrong: { state: true } };

  static styles = [
    sharedStyles,
    draftStyles,
    css`
      .choices {
        display: grid;
        gap: 4px;
      }

      .check input {
        border-radius: 50%;
      }

      textarea {
        min-height: 132px;
        resize: vertical;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/cases.js").Case | null} */
    this.case = null;
    /** An outcome that is not offered: the one that stands. */
    this.except = "";
    /** @type {"ruling" | "appeal"} */
    this.kind = "ruling";
    this.working = false;
    this.party = "";
    this.text = "";
    /** @type {"" | "party" | "text"} */
    this.wrong = "";
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    this.wrong = !this.party ? "party" : !this.text.trim() ? "text" : "";
    if (!this.wrong) {
      this.dispatchEvent(new CustomEvent("outcome", { detail: { party: this.party, text: this.text.trim() } }));
      return;
    }
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(this.wrong === "text" ? "#text" : "input[type=radio]"))?.focus();
  }

  render() {
    const found = this.case;
    if (!found) return nothing;
    const claims = found.claims.map(({ party, energy }) => ({ party: /** @type {string} */ (party), energy: formatEnergy(energy, this.locale, 3) }));
    const choices = [...claims, { party: "nobody", energy: "" }].filter(({ party }) => party !== this.except);
    const appeals = this.kind === "appeal";
    return html`<form class="stack" novalidate @submit=${this.submit}>
      <fieldset>
        <legend>${say(appeals ? "case.appeal.whose" : "case.rule.whose")}</legend>
        <div class="choices" role="radiogroup" aria-label=${say(appeals ? "case.appeal.whose" : "case.rule.whose")}>
          ${choices.map(
            ({ party, energy }) => html`<label class="check" for="party-${party}">
              <input type="radio" id="party-${party}" name="party" .checked=${party === this.party} @change=${() => (this.party = party)} />
              <span>${party === "nobody" ? say("case.rule.nobody") : say("case.rule.party", { party: partyWords(party, found.you), energy })}</span>
            </label>`,
          )}
        </div>
        ${this.wrong === "party" ? html`<p class="wrong">${icon("voided", 16)}<span>${say("case.rule.whose.missing")}</span></p>` : nothing}
      </fieldset>
      <div class="field">
        <label for="text">${say(appeals ? "case.appeal.text" : "case.rule.reasons")}</label>
        <textarea id="text" maxlength=${appeals ? 4000 : 20_000} aria-invalid=${this.wrong === "text" ? "true" : "false"} aria-describedby="hint-text" .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)}></textarea>
        <p class="small soft" id="hint-text">${say(appeals ? "case.appeal.text.hint" : "case.rule.reasons.hint")}</p>
        ${this.wrong === "text" ? html`<p class="wrong">${icon("voided", 16)}<span>${say("case.rule.reasons.missing")}</span></p>` : nothing}
      </div>
      <div><button class="primary" ?disabled=${this.working}>${icon(appeals ? "votes" : "pen")}${say(this.working ? "case.working" : appeals ? "case.appeal.submit" : "case.rule.submit")}</button></div>
    </form>`;
  }
}

customElements.define("partage-case-outcome-form", CaseOutcomeForm);
