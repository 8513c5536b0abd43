/** The form of a proposal that is no rule: votes of seats, a seat's end, guardians, steward. Event `matter`: what is asked for. */
import { css, html, nothing } from "../vendor/lit.js";
import { say } from "../i18n/words.js";
import { draftStyles } from "./draft_part.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../data/governance.js").Seat} Seat */

export class MatterForm extends Localized {
  static properties = { kind: {}, seats: { attribute: false }, people: { attribute: false }, guardians: { attribute: false }, matter: { attribute: false }, fault: {} };

  static styles = [
    sharedStyles,
    draftStyles,
    css`
      .grid {
        grid-template-columns: repeat(auto-fill, minmax(180px, 1fr));
      }

      .wide {
        grid-template-columns: minmax(0, 1fr);
      }

      .account {
        padding-inline: 8px;
        font: 400 12px/20px var(--mono);
      }
    `,
  ];

  constructor() {
    super();
    this.kind = "weights";
    /** Those that are held. @type {readonly Seat[]} */
    this.seats = [];
    /** Names of participants. @type {Readonly<Record<string, string>>} */
    this.people = {};
    /** @type {readonly string[]} */
    this.guardians = [];
    /** What was filled in. @type {Record<string, any>} */
    this.matter = {};
    /** Key of what is wrong. */
    this.fault = "";
  }

  /** @param {Record<string, any>} change */
  put(change) {
    this.dispatchEvent(new CustomEvent("matter", { detail: { ...this.matter, ...change } }));
  }

  /**
   * @param {string} id
   * @param {string} label
   * @param {string} value
   * @param {(text: string) => void} put
   */
  renderField(id, label, value, put) {
    return html`<div class="field">
      <label for=${id}>${label}</label>
      <input id=${id} class=${id.startsWith("weight.") ? "" : "account"} autocomplete="off" spellcheck="false" .value=${value} aria-invalid=${this.fault ? "true" : "false"} aria-describedby=${this.fault ? "fault" : nothing} @input=${(/** @type {any} */ event) => put(event.target.value)} />
    </div>`;
  }

  render() {
    const forms = /** @type {Readonly<Record<string, () => unknown>>} */ ({
      weights: () => this.renderWeights(),
      revocation: () => this.renderRevocation(),
      guardians: () => this.renderGuardians(),
      steward: () => this.renderField("steward", say("compose.steward"), this.matter["steward"] ?? "", (steward) => this.put({ steward })),
    });
    return html`<p class="soft">${say(`compose.kind.${this.kind}.text`)}</p>
      ${forms[this.kind]?.() ?? nothing} ${this.fault ? html`<p class="wrong" id="fault" role="alert">${say(this.fault)}</p>` : nothing}`;
  }

  renderWeights() {
    const weights = this.matter["weights"] ?? {};
    return html`<div class="grid">
      ${this.seats.map(({ participant, weight }) =>
        this.renderField(`weight.${participant}`, this.people[participant] ?? participant, weights[participant] ?? String(weight), (text) => this.put({ weights: { ...weights, [participant]: text } })),
      )}
    </div>`;
  }

  renderRevocation() {
    const chosen = this.matter["participant"] ?? "";
    return html`<div class="field">
      <label for="participant">${say("compose.seat")}</label>
      <select id="participant" @change=${(/** @type {any} */ event) => this.put({ participant: event.target.value })}>
        <option value="">${say("compose.choose")}</option>
        ${this.seats.map(({ participant }) => html`<option value=${participant} ?selected=${participant === chosen}>${this.people[participant] ?? participant}</option>`)}
      </select>
    </div>`;
  }

  renderGuardians() {
    const named = this.matter["guardians"] ?? [...this.guardians];
    return html`<div class="grid wide">
      ${[0, 1, 2].map((place) =>
        this.renderField(`guardian.${place}`, say(`governance.guardian.${place + 1}`), named[place] ?? "", (text) => this.put({ guardians: [0, 1, 2].map((one) => (one === place ? text : (named[one] ?? ""))) })),
      )}
    </div>`;
  }
}

customElements.define("partage-matter-form", MatterForm);
