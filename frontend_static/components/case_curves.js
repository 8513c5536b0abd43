/**
 * What was settled and what each party says was measured, as steps over the time in question; read by pointer and arrow keys, and as a
 * table. Where a time is to be chosen, dragging over it chooses it: event `choose`, `{first, until}`.
 *
 * @typedef {{name: "settled" | import("../domain/cases.js").PartyName, label: string, values: readonly number[]}} Series [mWh]
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, Measured, chartStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 220;
const EDGE = { left: 44, top: 12, bottom: 8 }; // px
const PER_KILOWATT_HOUR = 1e6;
const EXACT = 3; // decimals of a kWh

/** @param {number} value @returns {number} The least of 1, 2, 2.5 and 5 times a power of ten that is no less. */
function niceStep(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= value) ?? 10);
}

export class CaseCurves extends Measured {
  static properties = {
    ...Measured.properties,
    starts: { attribute: false, hasChanged: differs },
    series: { attribute: false, hasChanged: differs },
    chosen: { attribute: false },
    zone: {},
    label: {},
    at: { state: true },
  };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
      svg.picture {
        display: block;
        width: 100%;
        overflow: visible;
      }

      .grid {
        stroke: var(--line);
      }

      text {
        fill: var(--ink-soft);
        font: 12px/1 var(--sans);
      }

      .chosen {
        fill: var(--contestable-wash);
      }

      .bound {
        stroke: var(--contestable);
        stroke-width: 2;
      }

      .at {
        stroke: var(--ink-soft);
      }

      .settled {
        fill: color-mix(in srgb, var(--flow-grid) 25%, transparent);
        stroke: var(--flow-grid);
        stroke-width: 1.5;
      }

      .consumer,
      .provider,
      .operator {
        fill: none;
        stroke-width: 2.5;
      }

      .consumer {
        stroke: var(--flow-shared);
      }

      .provider {
        stroke: var(--flow-solar);
        stroke-dasharray: 2 4;
        stroke-linecap: round;
      }

      .operator {
        stroke: var(--flow-feed-in);
        stroke-dasharray: 9 4;
      }

      .readout {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 20px;
        min-height: 48px;
        align-items: center;
      }

      .readout span {
        display: inline-flex;
        gap: 8px;
        align-items: center;
      }

      .time {
        font-weight: 650;
      }

      .sample {
        flex: none;
        width: 28px;
        height: 12px;
      }

      .drag {
        cursor: crosshair;
      }

      details {
        margin-top: 12px;
      }
    `,
  ];

  constructor() {
    super();
    /** Of each interval, and the end of the last [s since 1970]. @type {readonly number[]} */
    this.starts = [];
    /** @type {readonly Series[]} */
    this.series = [];
    /** Intervals of these that are chosen; null where none are to be. @type {{first: number, until: number} | null} */
    this.chosen = null;
    this.zone = "UTC";
    this.label = "";
    this.at = 0;
    /** Where a drag began. @type {number | null} */
    this.begun = null;
  }

  get count() {
    return Math.max(0, this.starts.length - 1);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("starts")) this.at = Math.min(this.chosen?.first ?? 0, Math.max(0, this.count - 1));
  }

  /** @param {PointerEvent} event @returns {number} The interval under the pointer. */
  placeOf(event) {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    const part = (event.clientX - box.left - EDGE.left) / Math.max(1, box.width - EDGE.left);
    return Math.min(this.count - 1, Math.max(0, Math.floor(part * this.count)));
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (!this.chosen) return;
    /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
    this.begun = this.placeOf(event);
    this.choose(this.begun, this.begun);
  }

  /** @param {PointerEvent} event */
  point(event) {
    this.at = this.placeOf(event);
    if (this.begun !== null) this.choose(this.begun, this.at);
  }

  release() {
    this.begun = null;
  }

  /** @param {number} one @param {number} other */
  choose(one, other) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { first: Math.min(one, other), until: Math.max(one, other) + 1 } }));
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = placeAfter(event, { at: this.at, count: this.count, steps: DAY_STEPS });
    if (place !== null) this.at = place;
  }

  /** @param {number} i */
  timeOf(i) {
    return stampsOf(this.zone, this.locale)(this.starts[i] ?? 0);
  }

  render() {
    if (this.count === 0 || this.series.length === 0) return nothing;
    const energy = (/** @type {Series} */ { values }, /** @type {number} */ i) => formatEnergy(values[i] ?? 0, this.locale, EXACT);
    const told = this.series.map((one) => `${one.label} ${energy(one, this.at)}`).join(", ");
    const reading = { label: this.label, count: this.count, at: this.at, told: `${this.timeOf(this.at)}: ${told}` };
    return html`<div class="readout">
        <span class="time">${this.timeOf(this.at)}</span>
        ${this.series.map((one) => html`<span>${this.renderSample(one.name)} ${one.label} <b>${energy(one, this.at)}</b></span>`)}
      </div>
      ${renderPlot(reading, (event) => this.move(event), this.renderPicture())}
      ${renderFigures({
        title: say("case.curves.table"),
        label: this.label,
        heads: [say("energy.table.time"), ...this.series.map(({ label }) => label)],
        rows: Array.from({ length: this.count }, (_, i) => [this.timeOf(i), ...this.series.map((one) => energy(one, i))]),
      })}`;
  }

  /** @param {string} name */
  renderSample(name) {
    return html`<svg class="sample" viewBox="0 0 28 12" aria-hidden="true">${svg`<path class=${name} d="M1 ${name === "settled" ? "11V6h26v5z" : "6h26"}"></path>`}</svg>`;
  }

  renderPicture() {
    const { width, count, chosen } = this;
    const most = 2 * niceStep(Math.max(1, ...this.series.flatMap(({ values }) => values)) / 2);
    const [wide, high] = [width - EDGE.left, HEIGHT - EDGE.top - EDGE.bottom];
    const x = (/** @type {number} */ i) => EDGE.left + (i * wide) / count;
    const y = (/** @type {number} */ value) => EDGE.top + high * (1 - value / most);
    const decimals = most >= 2 * PER_KILOWATT_HOUR ? 1 : 3;
    const path = (/** @type {Series} */ { name, values }) => {
      const steps = values.slice(0, count).map((value, i) => `${i === 0 ? "M" : "L"}${x(i)} ${y(value)}H${x(i + 1)}`).join("");
      return svg`<path class=${name} d=${name === "settled" ? `${steps}V${y(0)}H${x(0)}Z` : steps}></path>`;
    };
    return html`<svg
      class="picture ${chosen ? "drag" : ""}"
      height=${HEIGHT}
      viewBox="0 0 ${width} ${HEIGHT}"
      preserveAspectRatio="none"
      aria-hidden="true"
      @pointerdown=${this.press}
      @pointermove=${this.point}
      @pointerup=${this.release}
      @pointercancel=${this.release}
    >
      ${chosen ? svg`<rect class="chosen" x=${x(chosen.first)} y=${EDGE.top} width=${x(chosen.until) - x(chosen.first)} height=${high}></rect>` : nothing}
      ${[0, 0.5, 1].map((part) => svg`<line class="grid" x1=${EDGE.left} x2=${width} y1=${y(most * part)} y2=${y(most * part)}></line>
        <text x=${EDGE.left - 6} y=${y(most * part) + 4} text-anchor="end">${this.tick(most * part, decimals)}</text>`)}
      ${this.series.map(path)}
      ${chosen ? [chosen.first, chosen.until].map((place) => svg`<line class="bound" x1=${x(place)} x2=${x(place)} y1=${EDGE.top} y2=${EDGE.top + high}></line>`) : nothing}
      ${svg`<line class="at" x1=${x(this.at + 0.5)} x2=${x(this.at + 0.5)} y1=${EDGE.top} y2=${EDGE.top + high}></line>`}
    </svg>
    <div class="hours" aria-hidden="true"><span>${this.timeOf(0)}</span><span>${this.timeOf(count)}</span></div>`;
  }

  /** @param {number} value [mWh] @param {number} decimals */
  tick(value, decimals) {
    return (value / PER_KILOWATT_HOUR).toLocaleString(this.locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }
}

customElements.define("partage-case-curves", CaseCurves);
