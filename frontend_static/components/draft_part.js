/**
 * The base of the parts of the rule's form: plain values in, the changed draft out (event `draft`), faults at their fields.
 *
 * @typedef {import("../domain/rule_draft.js").Draft} Draft
 * @typedef {import("../domain/rule_draft.js").Point} Point
 * @typedef {import("../domain/rule_faults.js").Fault} Fault
 */
import { css, html } from "../vendor/lit.js";
import { say } from "../i18n/words.js";
import { FieldForm } from "./field_form.js";

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

/** @extends {FieldForm<Fault>} */
export class DraftPart extends FieldForm {
  /** @type {import("../vendor/lit.js").PropertyDeclarations} */
  static properties = { draft: { attribute: false }, points: { attribute: false }, faults: { attribute: false }, minutes: { type: Number } };

  constructor() {
    super();
    /** @type {Draft} */
    this.draft = /** @type {any} */ (null);
    /** @type {readonly Point[]} */
    this.points = [];
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

  /** @param {Fault} fault */
  tellFault({ words, values }) {
    return say(words, values ?? {});
  }

  /** A number with its unit. @param {Parameters<FieldForm<Fault>["renderField"]>[0]} field */
  renderField(field) {
    return super.renderField({ type: "decimal", ...field });
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
