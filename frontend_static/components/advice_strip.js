/**
 * Tomorrow's hours in a strip, by what one more kilowatt-hour is expected to cost in each: height, pattern, colour and words say the same.
 *
 * @typedef {import("../domain/forecast_advice.js").Outlook} Outlook
 * @typedef {import("../domain/forecast_advice.js").Hour} Hour
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatPrice } from "../domain/figures.js";
import { gradeHours, joinGrades } from "../domain/forecast_advice.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { clocksOf } from "../domain/grid_time.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, chartStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 64;
const LEAST = 0.16; // of the height: an hour that costs little is an hour all the same
const MARKS = 4; // clock times below

export class AdviceStrip extends Localized {
  static properties = { hours: { attribute: false, hasChanged: differs }, chosen: { attribute: false, hasChanged: differs }, zone: {}, label: {}, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
      .strip {
        display: block;
        width: 100%;
        height: ${HEIGHT}px;
      }

      .best {
        fill: var(--flow-shared);
      }

      .good {
        fill: var(--flow-shared);
        opacity: 0.62;
      }

      .usual {
        fill: var(--flow-grid);
        opacity: 0.55;
      }

      .dear {
        fill: var(--flow-grid);
      }

      .hit {
        fill: transparent;
      }

      .looked {
        fill: none;
        stroke: var(--ink);
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }

      .window {
        fill: var(--ink);
      }

      .readout {
        min-height: 24px;
        margin-bottom: 8px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly Hour[]} */
    this.hours = [];
    /** Windows that are advised, marked below their hours. @type {readonly {start: number, end: number}[]} */
    this.chosen = [];
    this.zone = "UTC";
    this.label = "";
    /** The hour that is read; null for the first that is advised, else the first of the best. @type {number | null} */
    this.at = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("hours")) this.at = null;
  }

  /** @param {KeyboardEvent} event @param {number} at */
  move(event, at) {
    const place = placeAfter(event, { at, count: this.hours.length, steps: DAY_STEPS });
    if (place !== null) this.at = place;
  }

  render() {
    const { hours } = this;
    if (hours.length === 0) return nothing;
    const grades = gradeHours(hours);
    const first = this.chosen[0]?.start;
    const advised = hours.findIndex(({ start }) => start === first);
    const at = Math.min(this.at ?? Math.max(0, advised >= 0 ? advised : grades.indexOf("best")), hours.length - 1);
    const told = this.tell(at, grades[at] ?? "usual");
    const reading = { label: this.label, count: hours.length, at, told };
    return html`<p class="readout">${told}</p>
      ${renderPlot(reading, (event) => this.move(event, at), this.renderStrip(grades, at))} ${this.renderClock()} ${this.renderKeys(grades)} ${this.renderTable(grades)}`;
  }

  /** The end of an hour: the start of the next one. @param {number} i */
  endOf(i) {
    const [start = 0, next] = [this.hours[i]?.start, this.hours[i + 1]?.start];
    return next ?? start + (start - (this.hours[i - 1]?.start ?? start - 3600));
  }

  /** @param {number} i @param {string} grade */
  tell(i, grade) {
    const clock = clocksOf(this.zone);
    const hour = this.hours[i];
    const values = {
      from: clock(hour?.start ?? 0),
      until: clock(this.endOf(i)),
      grade: say(`forecast.grade.${grade}`),
      price: priceOf(hour?.price ?? 0, this.locale),
      shared: formatQuantity((hour?.shared ?? 0) * 100, "%", this.locale, 0),
    };
    return say("forecast.hour", values);
  }

  /** @param {readonly string[]} grades @param {number} at */
  renderStrip(grades, at) {
    const { hours, chosen } = this;
    const most = Math.max(...hours.map(({ price }) => price), 1e-6);
    const bars = hours.map(({ start, price }, i) => {
      const height = Math.max(LEAST, Math.max(0, price) / most) * (HEIGHT - 8);
      const isAdvised = chosen.some((window) => start >= window.start && start < window.end);
      return svg`<g @pointermove=${() => (this.at = i)}>
        <rect class="hit" x=${i} y="0" width="1" height=${HEIGHT}></rect>
        <rect class=${grades[i] ?? "usual"} x=${i + 0.06} y=${HEIGHT - 8 - height} width="0.88" height=${height}></rect>
        ${isAdvised ? svg`<rect class="window" x=${i} y=${HEIGHT - 5} width="1" height="5"></rect>` : nothing}
        ${i === at ? svg`<rect class="looked" x=${i + 0.06} y="1" width="0.88" height=${HEIGHT - 9}></rect>` : nothing}
      </g>`;
    });
    return html`<svg class="strip" viewBox="0 0 ${hours.length} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>`;
  }

  renderClock() {
    const { hours } = this;
    const clock = clocksOf(this.zone);
    const places = Array.from({ length: MARKS + 1 }, (_, i) => Math.round((i * hours.length) / MARKS));
    return html`<div class="hours" aria-hidden="true">${places.map((place) => html`<span>${clock(place < hours.length ? (hours[place]?.start ?? 0) : this.endOf(hours.length - 1))}</span>`)}</div>`;
  }

  /** @param {readonly string[]} grades */
  renderKeys(grades) {
    const present = /** @type {const} */ (["best", "good", "usual", "dear"]).filter((grade) => grades.includes(grade));
    return html`<ul class="keys">
      ${present.map((grade) => html`<li><svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class=${grade} width="12" height="12" rx="3"></rect></svg>${say(`forecast.grade.${grade}`)}</li>`)}
      ${this.chosen.length > 0 ? html`<li><svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="window" y="7" width="12" height="5"></rect></svg>${say("forecast.key.window")}</li>` : nothing}
    </ul>`;
  }

  /** @param {readonly import("../domain/forecast_advice.js").Grade[]} grades */
  renderTable(grades) {
    const clock = clocksOf(this.zone);
    const joined = joinGrades(grades);
    const told = (/** @type {number} */ value, /** @type {string} */ unit, /** @type {number} */ decimals) => formatQuantity(value, unit, this.locale, decimals);
    return html`<p class="hidden">${joined.map(({ grade, from, until }) => say("forecast.grade.span", { grade: say(`forecast.grade.${grade}`), from: clock(this.hours[from]?.start ?? 0), until: clock(this.endOf(until - 1)) })).join(" ")}</p>
      ${renderFigures({
        title: say("forecast.hours.table"),
        label: this.label,
        heads: [say("hours.hour"), say("forecast.hours.price"), say("forecast.hours.shared"), say("forecast.hours.spare"), say("forecast.hours.grade")],
        rows: this.hours.map(({ start, price, shared, spare }, i) => [clock(start), priceOf(price, this.locale), told(shared * 100, "%", 0), told(spare, "kWh", 2), say(`forecast.grade.${grades[i]}`)]),
      })}`;
  }
}

/** @param {number} cents Per kWh. @param {import("../domain/figures.js").Locale} locale @returns {string} To a tenth of a cent. */
export function priceOf(cents, locale) {
  return formatPrice(Math.round(cents * 10) * 1000, locale);
}

customElements.define("partage-advice-strip", AdviceStrip);
