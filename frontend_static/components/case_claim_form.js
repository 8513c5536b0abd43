/**
 * What a party says was measured, and the file that shows it. Event `claim`: `{energy}` or `{readings}`, and `{evidence}`, the files as chosen.
 */
import { css, html, nothing } from "../vendor/lit.js";
import { scaleTo, sumOf } from "../domain/cases.js";
import { stampsOf } from "../domain/civil_time.js";
import { parseDecimal, writeShort } from "../domain/decimals.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { draftStyles } from "./draft_part.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const WAYS = /** @type {const} */ (["total", "each", "file"]);
const DIGITS = 6; // of a kWh
export const EVIDENCE_MAX = 10_000_000; // bytes

export class CaseClaimForm extends Localized {
  static properties = {
    figures: { attribute: false },
    zone: {},
    working: { type: Boolean },
    again: { type: Boolean },
    way: { state: true },
    total: { state: true },
    each: { state: true },
    readings: { state: true },
    evidence: { state: true },
    wrong: { state: true },
  };

  static styles = [
    sharedStyles,
    draftStyles,
    css`
      .ways {
        display: grid;
        gap: 4px;
      }

      .check input {
        border-radius: 50%;
      }

      ol {
        display: grid;
        gap: 8px;
        max-height: 360px;
        overflow-y: auto;
        padding: 4px;
      }

      ol li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 160px;
        gap: 12px;
        align-items: center;
      }

      ol label {
        margin: 0;
        font-size: 14px;
        font-weight: 400;
      }

      .total {
        max-width: 240px;
      }

      input[type="file"] {
        padding: 10px 12px;
      }

      @media (max-width: 479px) {
        ol li {
          grid-template-columns: minmax(0, 1fr) 128px;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../data/cases.js").Figures | null} */
    this.figures = null;
    this.zone = "UTC";
    this.working = false;
    /** Whether a claim is replaced. */
    this.again = false;
    /** @type {typeof WAYS[number]} */
    this.way = "total";
    this.total = "";
    /** As typed, by place; what is not there is as it was settled. @type {Readonly<Record<number, string>>} */
    this.each = {};
    /** @type {File | null} */
    this.readings = null;
    /** @type {File | null} */
    this.evidence = null;
    /** Where something is wrong, and the key of what. @type {{at: string, words: string} | null} */
    this.wrong = null;
  }

  get settled() {
    return this.figures?.settled ?? [];
  }

  /** @param {number} place */
  textAt(place) {
    return this.each[place] ?? writeShort(this.settled[place] ?? 0, DIGITS, this.locale === "fr" ? "," : ".");
  }

  /** @returns {{energy: number[]} | {readings: File} | {at: string, words: string}} What was measured as the form says, or what is wrong. */
  measured() {
    if (this.way === "file") return this.readings ? { readings: this.readings } : { at: "readings", words: "case.claim.readings.missing" };
    if (this.way === "total") {
      const total = parseDecimal(this.total, DIGITS);
      return total === null ? { at: "total", words: "case.claim.wrong" } : { energy: scaleTo(this.settled, total) };
    }
    const energy = this.settled.map((_, place) => parseDecimal(this.textAt(place), DIGITS));
    const wrong = energy.indexOf(null);
    return wrong >= 0 ? { at: `each-${wrong}`, words: "case.claim.wrong" } : { energy: energy.map(Number) };
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const measured = this.measured();
    const { evidence } = this;
    this.wrong = null;
    if ("words" in measured) this.wrong = measured;
    else if (!evidence) this.wrong = { at: "evidence", words: "case.claim.evidence.missing" };
    else if (evidence.size === 0 || evidence.size > EVIDENCE_MAX) this.wrong = { at: "evidence", words: "case.claim.evidence.large" };
    else this.dispatchEvent(new CustomEvent("claim", { detail: { ...measured, evidence } }));
    if (!this.wrong) return;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`#${this.wrong.at}`))?.focus();
  }

  /** @param {string} at */
  renderWrong(at) {
    return this.wrong?.at === at ? html`<p class="wrong" id="wrong-${at}">${icon("voided", 16)}<span>${say(this.wrong.words)}</span></p>` : nothing;
  }

  /** @param {string} at */
  invalid(at) {
    return this.wrong?.at === at ? "true" : "false";
  }

  /** @param {string} at */
  described(at) {
    return this.wrong?.at === at ? `wrong-${at}` : nothing;
  }

  render() {
    const ways = this.settled.length > 0 ? WAYS : /** @type {const} */ (["file"]);
    const way = ways.find((one) => one === this.way) ?? "file";
    return html`<form class="stack" novalidate @submit=${this.submit}>
      <fieldset>
        <legend>${say("case.claim.measured")}</legend>
        <div class="ways">
          ${ways.map(
            (one) => html`<label class="check" for="way-${one}">
              <input type="radio" id="way-${one}" name="way" .checked=${one === way} @change=${() => (this.way = one)} />
              <span>${say(`case.claim.way.${one}`)}</span>
            </label>`,
          )}
        </div>
        ${way === "total" ? this.renderTotal() : way === "each" ? this.renderEach() : this.renderFile("readings", "case.claim.readings", "case.claim.readings.hint", ".csv,text/csv")}
      </fieldset>
      ${this.renderFile("evidence", "case.claim.evidence", "case.claim.evidence.hint", "")}
      <div><button class="primary" ?disabled=${this.working}>${icon("pen")}${say(this.working ? "case.working" : this.again ? "case.claim.again" : "case.claim.submit")}</button></div>
    </form>`;
  }

  renderTotal() {
    return html`<div class="field total">
      <label for="total">${say("case.claim.total")}</label>
      <div class="unit">
        <input id="total" inputmode="decimal" autocomplete="off" .value=${this.total} aria-invalid=${this.invalid("total")} aria-describedby="hint-total" @input=${(/** @type {any} */ event) => (this.total = event.target.value)} />
        <span class="small soft">kWh</span>
      </div>
      ${this.renderWrong("total")}
    </div>
    <p class="small soft" id="hint-total">${say("case.claim.total.hint", { energy: formatEnergy(sumOf(this.settled), this.locale, 3) })}</p>`;
  }

  renderEach() {
    const stamp = stampsOf(this.zone, this.locale);
    const begin = Date.parse(this.figures?.start ?? "") / 1000;
    const step = (this.figures?.resolution_minutes ?? 60) * 60;
    return html`<p class="small soft">${say("case.claim.each.hint")}</p>
      <ol>
        ${this.settled.map(
          (_, place) => html`<li>
            <label for="each-${place}">${stamp(begin + place * step)}</label>
            <div>
              <div class="unit">
                <input id="each-${place}" inputmode="decimal" autocomplete="off" .value=${this.textAt(place)} aria-invalid=${this.invalid(`each-${place}`)} aria-describedby=${this.described(`each-${place}`)} @input=${(/** @type {any} */ event) => (this.each = { ...this.each, [place]: event.target.value })} />
                <span class="small soft">kWh</span>
              </div>
              ${this.renderWrong(`each-${place}`)}
            </div>
          </li>`,
        )}
      </ol>`;
  }

  /** @param {"readings" | "evidence"} at @param {string} label @param {string} hint @param {string} accept */
  renderFile(at, label, hint, accept) {
    return html`<div class="field">
      <label for=${at}>${say(label)}</label>
      <input id=${at} type="file" accept=${accept || nothing} aria-invalid=${this.invalid(at)} aria-describedby="hint-${at}" @change=${(/** @type {any} */ event) => (this[at] = event.target.files?.[0] ?? null)} />
      <p class="small soft" id="hint-${at}">${say(hint)}</p>
      ${this.renderWrong(at)}
    </div>`;
  }
}

customElements.define("partage-case-claim-form", CaseClaimForm);
