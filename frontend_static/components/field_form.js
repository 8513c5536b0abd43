/** The base of forms whose faults stand at their fields: texts with a unit, choices, checks. Their styles are `draftStyles`. */
import { html, nothing } from "../vendor/lit.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";

/** @template {{at: string}} Fault */
export class FieldForm extends Localized {
  constructor() {
    super();
    /** Those to show. @type {readonly Fault[]} */
    this.faults = [];
  }

  /** In words. @param {Fault} _fault @returns {string} */
  tellFault(_fault) {
    throw new TypeError(`${this.localName} does not say what is wrong.`);
  }

  /** @param {string} at @returns {Fault | undefined} */
  faultAt(at) {
    return this.faults.find((fault) => fault.at === at);
  }

  /** @param {string} at */
  renderFault(at) {
    const fault = this.faultAt(at);
    return fault ? html`<p class="wrong" id="wrong-${at}">${icon("voided", 16)}<span>${this.tellFault(fault)}</span></p>` : nothing;
  }

  /**
   * @param {{at: string, label: string, value: string, put: (text: string) => void, unit?: string, hint?: string, type?: "text" | "decimal" | "time" | "lines" | "url", list?: readonly string[]}} field
   */
  renderField({ at, label, value, put, unit = "", hint = "", type = "text", list = [] }) {
    const wrong = this.faultAt(at) !== undefined;
    const described = [wrong ? `wrong-${at}` : "", hint ? `hint-${at}` : ""].filter(Boolean).join(" ") || nothing;
    const told = type === "decimal" && this.locale === "fr" ? value.replace(".", ",") : value;
    const input = (/** @type {any} */ event) => put(event.target.value);
    const control =
      type === "lines"
        ? html`<textarea id=${at} rows="2" spellcheck="false" .value=${told} aria-invalid=${wrong ? "true" : "false"} aria-describedby=${described} @input=${input}></textarea>`
        : html`<input
            id=${at}
            type=${type === "time" ? "time" : type === "url" ? "url" : "text"}
            inputmode=${type === "decimal" ? "decimal" : type === "url" ? "url" : "text"}
            list=${list.length > 0 ? `list-${at}` : nothing}
            autocomplete="off"
            .value=${told}
            aria-invalid=${wrong ? "true" : "false"}
            aria-describedby=${described}
            @input=${input}
          />`;
    return html`<div class="field ${type === "lines" ? "wide" : ""}">
      <label for=${at}>${label}</label>
      <div class=${unit ? "unit" : ""}>${control} ${unit ? html`<span class="small soft">${unit}</span>` : nothing}</div>
      ${list.length > 0 ? html`<datalist id="list-${at}">${list.map((one) => html`<option value=${one}></option>`)}</datalist>` : nothing}
      ${hint ? html`<p class="small soft" id="hint-${at}">${hint}</p>` : nothing} ${this.renderFault(at)}
    </div>`;
  }

  /** @param {{at: string, label: string, value: string, options: readonly [string, string][], put: (value: string) => void}} choice */
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

  /** @param {{at: string, label: string, value: boolean, put: (value: boolean) => void}} check */
  renderCheck({ at, label, value, put }) {
    return html`<label class="check" for=${at}>
      <input id=${at} type="checkbox" .checked=${value} @change=${(/** @type {any} */ event) => put(event.target.checked)} />
      <span>${label}</span>
    </label>`;
  }
}
