/**
 * The base of the parts of the rule's form: plain values in, the changed draft out (event `draft`), faults at their fields.
 *
 * @typedef {import("../domain/rule_draft.js").Draft} Draft
 * @typedef {import("../domain/rule_draft.js").Point} Point
 * @typedef {import("../domain/rule_faults.js").Fault} Fault
 */
import { css, html, nothing } from "../vendor/lit.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";

export const draftStyles = css`
  :host {
    display: grid;
    gap: 20px;
    grid-template-columns: minmax(0, 1fr);
  }

  fieldset {
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }

  legend {
    margin-bottom: 8px;
    padding: 0;
    font-weight: 650;
  }

  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(210px, 1fr));
    column-gap: 16px;
  }

  /* Labels of two lines push all fields of a row down alike. */
  .grid > .field {
    display: grid;
    grid-row: span 4;
    grid-template-rows: subgrid;
    padding-bottom: 16px;
  }

  .grid:has(> .field) {
    margin-bottom: -16px;
  }

  .grid > .field > label {
    align-self: end;
  }

  .field label {
    font-size: 14px;
    line-height: 20px;
  }

  .unit {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 8px;
    align-items: center;
  }

  .unit input {
    text-align: right;
  }

  [aria-invalid="true"] {
    border-color: var(--voided);
    box-shadow: inset 0 0 0 1px var(--voided);
  }

  .wrong {
    display: flex;
    gap: 6px;
    align-items: center;
    margin-top: 4px;
    color: var(--voided);
    font-size: 14px;
    line-height: 20px;
  }

  .wrong svg {
    flex: none;
  }

  .check {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 44px;
    margin: 0;
    font-weight: 400;
  }

  .check input {
    flex: none;
    width: 22px;
    min-height: 22px;
    margin: 0;
    accent-color: var(--brand);
  }

  .line {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    align-items: end;
    padding: 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
  }

  .line > div {
    flex: 1 1 120px;
  }

  .line > button {
    flex: none;
  }

  .line > .grid,
  .line > p {
    flex: 1 1 100%;
  }
`;

export class DraftPart extends Localized {
  /** @type {import("../vendor/lit.js").PropertyDeclarations} */
  static properties = { draft: { attribute: false }, points: { attribute: false }, faults: { attribute: false }, minutes: { type: Number } };

  constructor() {
    super();
    /** @type {Draft} */
    this.draft = /** @type {any} */ (null);
    /** @type {readonly Point[]} */
    this.points = [];
    /** Those to show. @type {readonly Fault[]} */
    this.faults = [];
    /** Per interval. */
    this.minutes = 15;
  }

  get consumers() {
    return this.points.filter(({ direction }) => direction === "consumption");
  }

  get producers() {
    return this.points.filter(({ direction }) => direction === "feed_in");
  }

  /** @param {Partial<Draft>} change */
  put(change) {
    this.dispatchEvent(new CustomEvent("draft", { detail: { ...this.draft, ...change } }));
  }

  /** @param {string} at @returns {Fault | undefined} */
  faultAt(at) {
    return this.faults.find((fault) => fault.at === at);
  }

  /** @param {string} at */
  renderFault(at) {
    const fault = this.faultAt(at);
    return fault ? html`<p class="wrong" id="wrong-${at}">${icon("voided", 16)}<span>${say(fault.words, fault.values ?? {})}</span></p>` : nothing;
  }

  /**
   * A text field with its unit.
   *
   * @param {{at: string, label: string, value: string, unit?: string, hint?: string, put: (text: string) => void}} field
   */
  renderField({ at, label, value, unit = "", hint = "", put }) {
    const wrong = this.faultAt(at) !== undefined;
    const described = [wrong ? `wrong-${at}` : "", hint ? `hint-${at}` : ""].filter(Boolean).join(" ");
    return html`<div class="field">
      <label for=${at}>${label}</label>
      <div class=${unit ? "unit" : ""}>
        <input
          id=${at}
          inputmode="decimal"
          autocomplete="off"
          .value=${this.locale === "fr" ? value.replace(".", ",") : value}
          aria-invalid=${wrong ? "true" : "false"}
          aria-describedby=${described || nothing}
          @input=${(/** @type {any} */ event) => put(event.target.value)}
        />
        ${unit ? html`<span class="small soft">${unit}</span>` : nothing}
      </div>
      ${hint ? html`<p class="small soft" id="hint-${at}">${hint}</p>` : nothing} ${this.renderFault(at)}
    </div>`;
  }

  /**
   * @param {{at: string, label: string, value: string, options: readonly [string, string][], put: (value: string) => void}} choice
   */
  renderChoice({ at, label, value, options, put }) {
    const wrong = this.faultAt(at) !== undefined;
    return html`<div class="field">
      <label for=${at}>${label}</label>
      <select id=${at} aria-invalid=${wrong ? "true" : "false"} aria-describedby=${wrong ? `wrong-${at}` : nothing} @change=${(/** @type {any} */ event) => put(event.target.value)}>
        ${options.map(([option, words]) => html`<option value=${option} .selected=${option === value}>${words}</option>`)}
      </select>
      ${this.renderFault(at)}
    </div>`;
  }

  /**
   * @param {{at: string, label: string, value: boolean, put: (value: boolean) => void}} check
   */
  renderCheck({ at, label, value, put }) {
    return html`<label class="check" for=${at}>
      <input id=${at} type="checkbox" .checked=${value} @change=${(/** @type {any} */ event) => put(event.target.checked)} />
      <span>${label}</span>
    </label>`;
  }

  /**
   * A part in percent for each of some points.
   *
   * @param {{at: string, legend: string, hint: string, points: readonly Point[], parts: Readonly<Record<string, string>>,
   *   put: (parts: Record<string, string>) => void}} table
   */
  renderParts({ at, legend, hint, points, parts, put }) {
    return html`<fieldset>
      <legend>${legend}</legend>
      <p class="small soft">${hint}</p>
      <div class="grid">
        ${points.map(({ id }) =>
          this.renderField({ at: `${at}.${id}`, label: this.nameOf(id), value: parts[id] ?? "", unit: "%", put: (text) => put({ ...parts, [id]: text }) }),
        )}
      </div>
      ${this.renderFault(at)}
    </fieldset>`;
  }

  /** @param {string} id @returns {string} The participant's name, and the point where they have several. */
  nameOf(id) {
    const point = this.points.find((one) => one.id === id);
    if (!point) return id;
    const several = this.points.filter(({ participant, direction }) => participant === point.participant && direction === point.direction).length > 1;
    return several || !point.name ? `${point.name || point.participant} (${id})` : point.name;
  }
}
