/**
 * Which days and hours of one's curve: chosen by four fields, or by dragging over the curve. Event `span`: `{first, until}`, intervals of
 * the period, the second one past the last.
 */
import { css, html, nothing } from "../vendor/lit.js";
import { daysOf } from "../domain/cases.js";
import { clockOf, splitDays } from "../domain/curves.js";
import { formatDay, formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import "./case_curves.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/curves.js").Day} Day */

export class CaseSpanPicker extends Localized {
  static properties = { curve: { attribute: false }, direction: {}, first: { type: Number }, until: { type: Number } };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }

      .fields {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 16px;
      }

      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 112px;
        gap: 8px;
        min-width: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        padding: 0;
        margin-bottom: 4px;
        font-weight: 550;
      }

      @media (max-width: 599px) {
        .fields {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/curves.js").Curve | null} */
    this.curve = null;
    /** @type {"consumption" | "feed_in"} */
    this.direction = "consumption";
    this.first = 0;
    this.until = 1;
    /** @type {Day[]} */
    this.days = [];
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("curve")) this.days = this.curve ? splitDays(this.curve) : [];
  }

  get values() {
    return this.curve?.series[this.direction === "consumption" ? "used" : "produced"] ?? [];
  }

  /** The end that a beginning moves beyond moves with it, and the other way round. @param {number} first @param {number} until @param {"first" | "until"} kept */
  put(first, until, kept) {
    const span = first < until ? { first, until } : kept === "first" ? { first, until: first + 1 } : { first: until - 1, until };
    this.dispatchEvent(new CustomEvent("span", { detail: span }));
  }

  /** @param {number} place Of a day. */
  moveFirst(place) {
    const { days, first } = this;
    const day = days[place];
    const within = first - (days[daysOf(days, this).firstDay]?.from ?? 0);
    if (day) this.put(Math.min(day.from + within, day.until - 1), this.until, "first");
  }

  /** @param {number} place Of a day. */
  moveLast(place) {
    const { days, until } = this;
    const day = days[place];
    const within = until - (days[daysOf(days, this).lastDay]?.from ?? 0);
    if (day) this.put(this.first, Math.min(day.from + within, day.until), "until");
  }

  render() {
    const { curve, days } = this;
    if (!curve || days.length === 0) return nothing;
    const { firstDay, lastDay } = daysOf(days, this);
    const [from, to] = /** @type {[Day, Day]} */ ([days[firstDay], days[lastDay]]);
    const ends = [...curve.series.start, (curve.series.start.at(-1) ?? 0) + curve.resolution_minutes * 60];
    const clock = clockOf(curve);
    const timeUntil = (/** @type {number} */ place) => (place === to.until ? "24:00" : clock(ends[place] ?? 0));
    const sum = this.values.slice(this.first, this.until).reduce((total, value) => total + value, 0);
    return html`<div class="fields">
        ${this.renderFields({ at: "first", place: firstDay, day: from, times: places(from.from, from.until), chosen: this.first, tell: (place) => clock(ends[place] ?? 0), moveDay: (place) => this.moveFirst(place), moveTime: (place) => this.put(place, this.until, "first") })}
        ${this.renderFields({ at: "until", place: lastDay, day: to, times: places(to.from + 1, to.until + 1), chosen: this.until, tell: timeUntil, moveDay: (place) => this.moveLast(place), moveTime: (place) => this.put(this.first, place, "until") })}
      </div>
      <p class="small soft" role="status">${say("case.span.sum", { count: this.until - this.first, energy: formatEnergy(sum, this.locale, 3) })}</p>
      <partage-case-curves
        .starts=${ends.slice(from.from, to.until + 1)}
        .series=${[{ name: "settled", label: say("case.settled"), values: this.values.slice(from.from, to.until) }]}
        .chosen=${{ first: this.first - from.from, until: this.until - from.from }}
        .zone=${curve.time_zone}
        .label=${say("case.span.chart")}
        @choose=${(/** @type {CustomEvent} */ event) => this.put(from.from + event.detail.first, from.from + event.detail.until, "first")}
      ></partage-case-curves>`;
  }

  /**
   * @param {{at: "first" | "until", place: number, day: Day, times: number[], chosen: number, tell: (place: number) => string,
   *   moveDay: (place: number) => void, moveTime: (place: number) => void}} bound
   */
  renderFields({ at, place, times, chosen, tell, moveDay, moveTime }) {
    return html`<fieldset>
      <legend>${say(at === "first" ? "case.span.first" : "case.span.until")}</legend>
      <div>
        <label class="hidden" for="${at}-day">${say(at === "first" ? "case.span.first.day" : "case.span.until.day")}</label>
        <select id="${at}-day" @change=${(/** @type {any} */ event) => moveDay(Number(event.target.value))}>
          ${this.days.map(({ date }, i) => html`<option value=${i} .selected=${i === place}>${formatDay(date, this.locale)}</option>`)}
        </select>
      </div>
      <div>
        <label class="hidden" for="${at}-time">${say(at === "first" ? "case.span.first.time" : "case.span.until.time")}</label>
        <select id="${at}-time" @change=${(/** @type {any} */ event) => moveTime(Number(event.target.value))}>
          ${times.map((time) => html`<option value=${time} .selected=${time === chosen}>${tell(time)}</option>`)}
        </select>
      </div>
    </fieldset>`;
  }
}

/** @param {number} from @param {number} until */
function places(from, until) {
  return Array.from({ length: until - from }, (_, i) => from + i);
}

customElements.define("partage-case-span-picker", CaseSpanPicker);
