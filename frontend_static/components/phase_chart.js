/**
 * Courses over a day, one line each (the three phases, a neutral, a limit); pointer and arrow keys read them, and a table has them all.
 *
 * @typedef {object} Line
 * @property {string} label
 * @property {string} token A colour of `styles/tokens.css`, without its dashes.
 * @property {number[]} [dash] [px]
 * @property {(number | null)[]} values By interval, null where nothing is known.
 *
 * @typedef {{label: string, value: number}} Limit
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { say } from "../i18n/words.js";
import { chartStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { Plotted, plotPlace, plottedStyles } from "./plotted.js";
import { sharedStyles } from "./shared_styles.js";

const STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -24, PageUp: 24 });
const ROWS_MAX = 200;
const HOURS_UNTIL = 5 * 86_400; // s, until which it tells hours too
const DAYS_FROM = 1.6 * 86_400; // s, from which the axis tells days

export class PhaseChart extends Plotted {
  static properties = {
    ...Plotted.properties,
    start: { type: Number },
    step: { type: Number },
    lines: { attribute: false, hasChanged: differs },
    limits: { attribute: false, hasChanged: differs },
    unit: {},
    zone: {},
    label: {},
    fromZero: { type: Boolean },
  };

  static styles = [
    sharedStyles,
    chartStyles,
    plottedStyles,
    css`
      .keys line {
        stroke-width: 2.5;
      }

      .phase-1 {
        stroke: var(--phase-1);
      }

      .phase-2 {
        stroke: var(--phase-2);
      }

      .phase-3 {
        stroke: var(--phase-3);
      }

      .phase-neutral {
        stroke: var(--phase-neutral);
      }

      .heat-3 {
        stroke: var(--heat-3);
      }

      .brand {
        stroke: var(--brand);
      }
    `,
  ];

  constructor() {
    super();
    /** Of the first interval [s since 1970, UTC]. */
    this.start = 0;
    /** [s] */
    this.step = 900;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Limit[]} */
    this.limits = [];
    this.unit = "";
    this.zone = "UTC";
    this.label = "";
    this.fromZero = false;
  }

  get count() {
    return this.lines[0]?.values.length ?? 0;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("lines")) return;
    let [at, most] = [0, -Infinity];
    for (const { values } of this.lines) values.forEach((value, i) => value !== null && value > most && ([at, most] = [i, value]));
    this.at = at; // where it is highest
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("lines") || changed.has("limits") || changed.has("unit") || !this.plot) this.redrawPlot();
  }

  /** @returns {ReturnType<Plotted["describePlot"]>} */
  describePlot() {
    const axis = this.axisLook;
    // The last step needs an end: its value is repeated there.
    const starts = Array.from({ length: this.count + 1 }, (_, i) => this.start + i * this.step);
    const isLong = this.count * this.step > DAYS_FROM;
    const days = new Intl.DateTimeFormat(this.locale === "fr" ? "fr-FR" : "en-GB", { timeZone: this.zone, day: "numeric", month: "short", ...(this.count * this.step < HOURS_UNTIL ? { hour: "2-digit", hourCycle: "h23" } : {}) });
    const limits = this.limits.map(({ value }) => starts.map(() => value));
    return {
      options: {
        ...this.frameIn(this.zone),
        scales: { x: { time: true }, y: { range: (_, least, most) => this.rangeOf(least, most) } },
        axes: [
          { ...axis, size: 32, values: isLong ? (_, ticks) => ticks.map((tick) => days.format(tick * 1000)) : "{HH}:{mm}", space: isLong ? 84 : 56 },
          { ...axis, size: 60, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString(this.locale === "fr" ? "fr-FR" : "en-GB")) },
        ],
        series: [
          {},
          ...this.lines.map(({ label, token, dash }) => ({
            ...{ label, width: 1.75, stroke: this.colour(token), spanGaps: false, points: { show: false } },
            ...(dash ? { dash } : {}),
            ...this.steppedPaths,
          })),
          ...this.limits.map(({ label }) => ({ label, width: 1.5, stroke: this.colour("heat-3"), dash: [2, 4], points: { show: false } })),
        ],
      },
      data: [starts, ...this.lines.map(({ values }) => [...values, values.at(-1) ?? null]), ...limits],
    };
  }

  /** @param {number} least @param {number} most @returns {[number, number]} */
  rangeOf(least, most) {
    if (this.fromZero && least === 0 && most === 0) return [0, 1];
    const low = this.fromZero ? Math.min(0, least) : least;
    const room = Math.max((most - low) * 0.08, 1e-4);
    return [low < 0 || !this.fromZero ? low - room : 0, most + room];
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = placeAfter(event, { at: this.at, count: this.count, steps: STEPS });
    if (place === null) return;
    this.at = place;
    this.plot?.setCursor({ left: this.plot.valToPos(this.start + place * this.step, "x"), top: 10 }, false);
  }

  /** @param {number} i */
  tellValues(i) {
    return this.lines.map(({ label, values }) => `${label} ${formatQuantity(values[i], this.unit, this.locale)}`);
  }

  render() {
    if (this.count === 0) return nothing;
    const stamp = stampsOf(this.zone, this.locale);
    const time = stamp(this.start + this.at * this.step);
    const told = this.tellValues(this.at).join(", ");
    const reading = { label: this.label, count: this.count, at: this.at, told: `${time}: ${told}` };
    const every = Math.max(1, Math.ceil(this.count / ROWS_MAX));
    const rows = Array.from({ length: Math.ceil(this.count / every) }, (_, i) => i * every);
    return html`<link rel="stylesheet" href="vendor/uplot.css" />
      <div class="readout">
        <span class="time">${time}</span>
        ${this.lines.map(({ label, values }) => html`<span>${label} <b>${formatQuantity(values[this.at], this.unit, this.locale)}</b></span>`)}
      </div>
      ${renderPlot(reading, (event) => this.move(event), plotPlace)}
      <ul class="keys">
        ${this.lines.map(({ label, token, dash }) => this.renderLine(label, token, dash))} ${this.limits.map(({ label }) => this.renderLine(label, "heat-3", [2, 4]))}
      </ul>
      ${renderFigures({
        title: every > 1 ? say("grid.chart.table.every", { every }) : say("grid.chart.table"),
        label: this.label,
        heads: [say("grid.chart.time"), ...this.lines.map(({ label }) => `${label} (${this.unit})`)],
        rows: rows.map((i) => [stamp(this.start + i * this.step), ...this.lines.map(({ values }) => formatQuantity(values[i], "", this.locale, 3))]),
      })}`;
  }

  /** @param {string} label @param {string} token @param {number[]} [dash] */
  renderLine(label, token, dash = []) {
    return html`<li>
      <svg width="28" height="12" viewBox="0 0 28 12" aria-hidden="true"><line class=${token} x1="1" x2="27" y1="6" y2="6" stroke-dasharray=${dash.join(" ") || nothing}></line></svg>
      ${label}
    </li>`;
  }
}

customElements.define("partage-phase-chart", PhaseChart);
