/**
 * The base of editors for what a network's operators set: entries to be opened, changed, added and taken out, saved as a whole, and
 * refusals of the API at the field that they are about.
 *
 * @typedef {import("../domain/grid_alarm_rules.js").Fault} Fault
 * @typedef {{version: number, content: any[], by_name: string, at_utc: number | null}} Setting
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { hasWords, say } from "../i18n/words.js";
import { draftStyles } from "./draft_part.js";
import { FieldForm } from "./field_form.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

export const settingStyles = [
  sharedStyles,
  draftStyles,
  css`
    :host([hidden]) {
      display: none;
    }

    details.entry {
      border: 1px solid var(--line);
      border-radius: var(--radius-small);
      padding: 4px 12px;
    }

    details.entry[open] {
      border-color: var(--line-strong);
      padding-bottom: 16px;
    }

    details.entry > summary {
      display: flex;
      gap: 8px;
      align-items: center;
      min-height: 44px;
      list-style: none;
    }

    summary::-webkit-details-marker {
      display: none;
    }

    summary > svg {
      flex: none;
      color: var(--ink-soft);
    }

    details[open] > summary > svg {
      transform: rotate(90deg);
    }

    .told {
      flex: 1;
      min-width: 0;
      overflow-wrap: anywhere;
    }

    .off {
      color: var(--ink-soft);
    }

    .entries {
      display: grid;
      gap: 8px;
      grid-template-columns: minmax(0, 1fr);
    }

    .body {
      display: grid;
      gap: 16px;
      grid-template-columns: minmax(0, 1fr);
      padding-top: 8px;
    }

    .wide {
      grid-column: 1 / -1;
    }

    textarea {
      min-height: 72px;
      resize: vertical;
    }

    .checks {
      display: flex;
      flex-wrap: wrap;
      gap: 0 20px;
    }

    .foot {
      display: flex;
      flex-wrap: wrap;
      gap: 12px;
      align-items: center;
    }

    .fault {
      color: var(--voided);
      overflow-wrap: anywhere;
    }
  `,
];

/**
 * @template Draft
 * @extends {FieldForm<Fault>}
 */
export class SettingEditor extends FieldForm {
  /** @type {import("../vendor/lit.js").PropertyDeclarations} */
  static properties = { setting: { attribute: false }, refusal: { attribute: false }, zone: {}, saving: { type: Boolean }, drafts: { state: true }, faults: { state: true }, opened: { state: true }, isChanged: { state: true } };

  /** @type {import("../vendor/lit.js").CSSResult[]} */
  static styles = settingStyles;

  constructor() {
    super();
    /** What is in force. @type {Setting | null} */
    this.setting = null;
    /** Why what was sent was not taken, in the API's words; empty for nothing. @type {{text: string}} */
    this.refusal = { text: "" };
    this.zone = "UTC";
    this.saving = false;
    /** @type {Draft[]} */
    this.drafts = [];
    /** @type {ReadonlySet<number>} Places of entries that are open. */
    this.opened = new Set();
    this.isChanged = false;
  }

  /** @param {any} _table @returns {Draft} */
  read(_table) {
    throw new Error("an editor reads its entries");
  }

  /** @param {Draft} _draft @param {string} _at @returns {{table: Record<string, unknown>, faults: Fault[]}} */
  write(_draft, _at) {
    throw new Error("an editor writes its entries");
  }

  /** @returns {Draft} */
  begin() {
    throw new Error("an editor begins entries");
  }

  /** Where a refusal belongs. @param {string} _detail @returns {Fault} */
  placeOf(_detail) {
    throw new Error("an editor places refusals");
  }

  /** @param {Draft} _draft @param {number} _place @returns {unknown} */
  renderSummary(_draft, _place) {
    return nothing;
  }

  /** @param {Draft} _draft @param {number} _place @returns {unknown} */
  renderBody(_draft, _place) {
    return nothing;
  }

  /** Key of the words of a button. @returns {string} */
  get addWords() {
    return "grid.set.add";
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("setting")) this.discard();
    if (changed.has("refusal") && this.refusal.text) this.showFaults([this.placeOf(this.refusal.text)]);
  }

  discard() {
    this.drafts = (this.setting?.content ?? []).map((table) => this.read(table));
    this.faults = [];
    this.isChanged = false;
  }

  /** Show what is wrong where it is, and lead there. @param {readonly Fault[]} faults */
  showFaults(faults) {
    this.faults = faults;
    const places = faults.map(({ at }) => Number.parseInt(at, 10)).filter((place) => !Number.isNaN(place));
    this.opened = new Set([...this.opened, ...places]);
    void this.updateComplete.then(() => {
      const first = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("[aria-invalid=true]") ?? this.renderRoot.querySelector(".fault"));
      first?.focus();
    });
  }

  /** @param {readonly Draft[]} drafts */
  keep(drafts) {
    this.drafts = [...drafts];
    this.isChanged = true;
  }

  /** @param {number} place @param {Partial<Draft>} change */
  put(place, change) {
    this.keep(this.drafts.map((draft, i) => (i === place ? { ...draft, ...change } : draft)));
  }

  add() {
    this.opened = new Set([...this.opened, this.drafts.length]);
    this.keep([...this.drafts, this.begin()]);
    void this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("details.entry:last-of-type summary"))?.focus());
  }

  /** @param {number} place */
  takeOut(place) {
    this.opened = new Set([...this.opened].filter((one) => one !== place).map((one) => (one > place ? one - 1 : one)));
    this.faults = [];
    this.keep(this.drafts.filter((_, i) => i !== place));
    void this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#add"))?.focus());
  }

  save() {
    const written = this.drafts.map((draft, i) => this.write(draft, String(i)));
    const faults = written.flatMap((one) => one.faults);
    if (faults.length > 0) return this.showFaults(faults);
    this.faults = [];
    this.dispatchEvent(new CustomEvent("save", { detail: { content: written.map(({ table }) => table), based_on: this.setting?.version ?? 0 } }));
  }

  /** @param {Fault} fault */
  tellFault({ text }) {
    return hasWords(text) ? say(text) : text;
  }

  /** Several of a few. @param {{at: string, legend: string, options: readonly [string, string][], chosen: readonly string[], put: (chosen: string[]) => void}} checks */
  renderChecks({ at, legend, options, chosen, put }) {
    return html`<fieldset aria-describedby=${this.faultAt(at) ? `wrong-${at}` : nothing}>
      <legend>${legend}</legend>
      <div class="checks">
        ${options.map(([option, words]) => this.renderCheck({ at: `${at}.${option}`, label: words, value: chosen.includes(option), put: (isOn) => put(isOn ? [...chosen, option] : chosen.filter((one) => one !== option)) }))}
      </div>
      ${this.renderFault(at)}
    </fieldset>`;
  }

  render() {
    const { setting } = this;
    if (!setting) return nothing;
    const general = this.faultAt("");
    return html`<div class="entries">${this.drafts.map((draft, place) => this.renderEntry(draft, place))}</div>
      ${general ? html`<p class="fault" role="alert" tabindex="-1">${general.text}</p>` : nothing}
      <div class="foot screen">
        <button type="button" id="add" @click=${this.add}>${icon("plus")}${say(this.addWords)}</button>
        <button type="button" class="primary" ?disabled=${!this.isChanged || this.saving} @click=${this.save}>${say(this.saving ? "grid.working" : "grid.set.save")}</button>
        ${this.isChanged ? html`<button type="button" class="quiet" ?disabled=${this.saving} @click=${this.discard}>${say("grid.set.discard")}</button>` : nothing}
        <span class="small soft" role="status">${this.isChanged ? say("grid.set.changed") : this.tellVersion(setting)}</span>
      </div>`;
  }

  /** @param {Setting} setting */
  tellVersion({ version, by_name: by, at_utc: at }) {
    if (version === 0 || at === null) return say("grid.set.beginning");
    return say(by ? "grid.set.version.by" : "grid.set.version", { version, by, time: stampsOf(this.zone, this.locale)(at) });
  }

  /** @param {Draft} draft @param {number} place */
  renderEntry(draft, place) {
    const toggle = (/** @type {any} */ event) => {
      const opened = new Set(this.opened);
      if (event.target.open) opened.add(place);
      else opened.delete(place);
      this.opened = opened;
    };
    const at = String(place);
    return html`<details class="entry" .open=${this.opened.has(place)} @toggle=${toggle}>
      <summary>${icon("right", 16)}<span class="told">${this.renderSummary(draft, place)}</span></summary>
      ${this.opened.has(place)
        ? html`<div class="body">
            ${this.faultAt(at) ? html`<p class="fault" role="alert" tabindex="-1">${this.faultAt(at)?.text}</p>` : nothing} ${this.renderBody(draft, place)}
            <div class="screen"><button type="button" class="quiet" @click=${() => this.takeOut(place)}>${icon("close")}${say("grid.set.remove")}</button></div>
          </div>`
        : nothing}
    </details>`;
  }
}
