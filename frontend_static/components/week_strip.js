/**
 * The weeks of the time that is stored, side by side: how bad each was, and which one is looked at. Keys and pointer choose.
 *
 * @typedef {{monday: string, mean: number, worst: number}} WeekValue
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatDay } from "../domain/figures.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { gradeOf, scaleOf } from "../domain/grid_scale.js";
import { weekNumber } from "../domain/grid_time.js";
import { say } from "../i18n/words.js";
import { Measured, chartStyles, differs, placeAfter, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 48; // px
const STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -4, PageUp: 4 });

export class WeekStrip extends Measured {
  static properties = { ...Measured.properties, weeks: { attribute: false, hasChanged: differs }, monday: {}, measure: {}, unit: {}, label: {} };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
      svg {
        display: block;
        width: 100%;
        cursor: pointer;
      }

      .heat-0 {
        fill: var(--heat-0);
      }

      .heat-1 {
        fill: var(--heat-1);
      }

      .heat-2 {
        fill: var(--heat-2);
      }

      .heat-3 {
        fill: var(--heat-3);
      }

      .heat-4 {
        fill: var(--heat-4);
      }

      .now {
        fill: none;
        stroke: var(--ink);
        stroke-width: 2;
      }

      .ground {
        fill: var(--sunken);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {WeekValue[]} */
    this.weeks = [];
    this.monday = "";
    /** @type {import("../domain/grid_scale.js").Measure} */
    this.measure = "deviation";
    this.unit = "";
    this.label = "";
  }

  get at() {
    return Math.max(0, this.weeks.findIndex(({ monday }) => monday === this.monday));
  }

  /** @param {number} place */
  choose(place) {
    const week = this.weeks[place];
    if (week && week.monday !== this.monday) this.dispatchEvent(new CustomEvent("week", { detail: week.monday }));
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = placeAfter(event, { at: this.at, count: this.weeks.length, steps: STEPS });
    if (place !== null) this.choose(place);
  }

  /** @param {PointerEvent} event */
  press(event) {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    this.choose(Math.min(this.weeks.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * this.weeks.length))));
  }

  render() {
    const { weeks, at, width } = this;
    const week = weeks[at];
    if (!week) return nothing;
    const most = Math.max(1e-12, ...weeks.map(({ worst }) => worst));
    const scale = scaleOf(this.measure === "voltage" ? "deviation" : this.measure, most); // a distance from nominal is none of its bands
    const told = say("grid.weeks.told", { week: weekNumber(week.monday), day: formatDay(week.monday, this.locale), mean: formatQuantity(week.mean, this.unit, this.locale), worst: formatQuantity(week.worst, this.unit, this.locale) });
    const step = width / weeks.length;
    const high = (/** @type {number} */ value) => (Math.max(0, value) / most) * (HEIGHT - 4);
    const picture = html`<svg viewBox="0 0 ${width} ${HEIGHT}" height=${HEIGHT} aria-hidden="true" @pointerdown=${this.press}>
      <rect class="ground" width=${width} height=${HEIGHT}></rect>
      ${weeks.map(({ mean, worst }, i) => {
        const tone = scale.grades[gradeOf(scale, worst)]?.tone ?? "heat-0";
        return svg`<rect class=${tone} opacity="0.35" x=${i * step + 1} y=${HEIGHT - high(worst)} width=${Math.max(1, step - 2)} height=${high(worst)}></rect>
          <rect class=${tone} x=${i * step + 1} y=${HEIGHT - high(mean)} width=${Math.max(1, step - 2)} height=${high(mean)}></rect>`;
      })}
      <rect class="now" x=${at * step + 1} y="1" width=${Math.max(2, step - 2)} height=${HEIGHT - 2}></rect>
    </svg>`;
    return html`${renderPlot({ label: this.label, first: 1, count: weeks.length, at, told }, (event) => this.move(event), picture)}
      <p class="small soft" aria-hidden="true">${told}</p>`;
  }
}

customElements.define("partage-week-strip", WeekStrip);
