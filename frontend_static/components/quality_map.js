/**
 * How good readings are, a square per metering point and step of time, and their course; each with keys and a table.
 *
 * @typedef {import("../data/meter_data.js").Quality} Quality
 * @typedef {import("../data/meter_data.js").Shares} Shares
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatDay, formatPeriod, formatShare } from "../domain/figures.js";
import { gradeOf, latenessOf, moveInGrid } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import { Measured, chartStyles, differs, gridStyles, renderFigures, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const [HEIGHT, NAMES, FOOT, BARS] = [20, 132, 20, 96]; // px of a row, of the points' names, of the dates, of the course
const NAME_CHARACTERS = 18;
const KINDS = /** @type {const} */ (["whole", "estimated", "missing", "none"]);
const HEADS = ["readings.quality.measured.share", "readings.quality.edited.share", "readings.quality.estimated.share", "readings.quality.missing.share", "readings.quality.late.head", "readings.quality.late95.head"];

export class QualityMap extends Measured {
  static properties = { ...Measured.properties, quality: { attribute: false, hasChanged: differs }, at: { state: true }, step: { state: true }, whose: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    gridStyles,
    css`
      .plot {
        touch-action: auto;
        max-height: 560px;
        overflow-y: auto;
      }

      .whole {
        fill: var(--verified);
        opacity: 0.35;
      }

      .estimated {
        fill: var(--contestable);
      }

      .missing {
        fill: var(--voided);
      }

      .none {
        fill: none;
        stroke: var(--line-strong);
        stroke-dasharray: 2 2;
      }

      .bar-measured {
        fill: var(--verified);
        opacity: 0.55;
      }

      .bar-edited {
        fill: var(--flow-feed-in);
      }

      .bar-estimated {
        fill: var(--contestable);
      }

      .bar-missing {
        fill: var(--voided);
      }

      .whose {
        max-width: 320px;
      }

      .readout {
        min-height: 40px;
        overflow-wrap: anywhere;
      }

      h3 {
        margin: 20px 0 4px;
      }

      @media (max-width: 599px) {
        .readout {
          min-height: 60px;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Quality | null} */
    this.quality = null;
    this.at = { row: 0, column: 0 };
    /** Of the course. */
    this.step = 0;
    /** Whose course is drawn: an operator, null for all. @type {string | null} */
    this.whose = null;
  }

  get names() {
    return this.width < 480 ? 88 : NAMES;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("quality") || !this.quality) return;
    const lacking = this.quality.trend.map((one) => one.estimated_ppm + one.missing_ppm);
    this.step = Math.max(0, lacking.indexOf(Math.max(...lacking)));
    this.at = { row: 0, column: 0 };
    if (!this.quality.operators.some(({ operator }) => operator === this.whose)) this.whose = null;
    let worst = 0;
    this.quality.points.forEach(({ cells }, row) =>
      cells.forEach((cell, column) => {
        const wrong = cell ? (cell[1] ?? 0) + (cell[2] ?? 0) : 0;
        if (wrong > worst) [worst, this.at] = [wrong, { row, column }];
      }),
    );
  }

  /** @param {number} column */
  whenOf(column) {
    const { quality } = this;
    const start = quality?.trend[column]?.start ?? "";
    if (quality?.by === "day") return formatDay(start, this.locale);
    const next = quality?.trend[column + 1]?.start;
    const last = next ? new Date(Date.parse(`${next}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10) : (quality?.last ?? start);
    return formatPeriod(start, last, this.locale);
  }

  /** @param {number | undefined} ppm */
  rate(ppm) {
    return formatShare(ppm ?? 0, this.locale);
  }

  /** @param {number | null} hours */
  late(hours) {
    const { words, count } = latenessOf(hours);
    return say(words, { count });
  }

  render() {
    const { quality } = this;
    if (!quality?.total) return nothing;
    return html`${this.renderMap(quality)} ${this.renderCourse(quality)}`;
  }

  /** @param {Quality} quality */
  renderMap(quality) {
    const { row, column } = this.at;
    const { points, trend } = quality;
    const point = points[row];
    const cell = point?.cells[column] ?? null;
    const place = { point: point?.metering_point ?? "", when: this.whenOf(column) };
    const told = cell
      ? say("readings.quality.map.cell", { ...place, measured: this.rate(cell[0]), estimated: this.rate(cell[1]), missing: this.rate(cell[2]) })
      : say("readings.quality.map.none", place);
    const label = say("readings.quality.map", { by: say(`readings.by.${quality.by}`) });
    const size = { rows: points.length, columns: trend.length };
    const reading = { label, count: size.rows * size.columns, at: row * size.columns + column, told };
    const move = (/** @type {KeyboardEvent} */ event) => {
      const next = moveInGrid(this.at, event.key, size);
      if (!next) return;
      event.preventDefault();
      this.at = next;
    };
    return html`<h3>${label}</h3>
      <p class="readout">${told}</p>
      ${renderPlot(reading, move, this.renderGrid(quality))}
      <ul class="keys">
        ${KINDS.map((kind) => html`<li><svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="ground" width="12" height="12" rx="2"></rect><rect class=${kind} x="1" y="1" width="10" height="10" rx="2"></rect></svg> ${say(`readings.quality.key.${kind}`)}</li>`)}
      </ul>
      ${renderFigures({
        title: say("readings.quality.map.table"),
        heads: [say("readings.look.point"), ...HEADS.map((words) => say(words))],
        rows: points.map((one) => [one.metering_point, ...this.figuresOf(one)]),
      })}`;
  }

  /** @param {Quality} quality */
  renderGrid({ points, trend }) {
    const { width, names } = this;
    const wide = (width - names) / Math.max(1, trend.length);
    const height = points.length * HEIGHT + FOOT;
    const { row, column } = this.at;
    return html`<svg class="grid" viewBox="0 0 ${width} ${height}" height=${height} aria-hidden="true" @pointermove=${(/** @type {PointerEvent} */ event) => this.choose(event, wide)}>
      ${points.map(
        (point, index) => svg`<text x="0" y=${index * HEIGHT + HEIGHT / 2} dominant-baseline="central">${this.shorten(point.metering_point)}</text>
          ${point.cells.map((cell, place) => this.renderCell(cell, names + place * wide, index * HEIGHT, wide))}`,
      )}
      <text x=${names} y=${height - 5}>${this.whenOf(0)}</text>
      ${width > 480 ? svg`<text x=${width} y=${height - 5} text-anchor="end">${this.whenOf(trend.length - 1)}</text>` : nothing}
      <rect class="chosen" x=${names + column * wide + 1} y=${row * HEIGHT + 1} width=${Math.max(2, wide - 2)} height=${HEIGHT - 2} rx="3"></rect>
    </svg>`;
  }

  /** @param {string} name */
  shorten(name) {
    const most = this.width < 480 ? 12 : NAME_CHARACTERS;
    return name.length > most ? `${name.slice(0, most - 1)}…` : name;
  }

  /** The more is wrong, the larger the square: colour is not the only carrier. @param {number[] | null} cell @param {number} x @param {number} y @param {number} wide */
  renderCell(cell, x, y, wide) {
    const { kind, step } = gradeOf(cell);
    const part = kind === "whole" || kind === "none" ? 1 : 0.35 + 0.13 * step;
    const [w, h] = [Math.max(1, (wide - 1) * part), (HEIGHT - 2) * part];
    return svg`<g>
      <rect class="ground" x=${x + 0.5} y=${y + 1} width=${Math.max(1, wide - 1)} height=${HEIGHT - 2} rx="2"></rect>
      <rect class=${kind} x=${x + (wide - w) / 2} y=${y + (HEIGHT - h) / 2} width=${w} height=${h} rx="2"></rect>
    </g>`;
  }

  /** @param {PointerEvent} event @param {number} wide */
  choose(event, wide) {
    const { quality, names } = this;
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - names) / wide);
    const row = Math.floor((event.clientY - box.top) / HEIGHT);
    if (quality && column >= 0 && column < quality.trend.length && row >= 0 && row < quality.points.length) this.at = { row, column };
  }

  /** @param {Quality} quality */
  renderCourse(quality) {
    const trend = quality.operators.find(({ operator }) => operator === this.whose)?.trend ?? quality.trend;
    const one = trend[this.step];
    if (!one) return nothing;
    const shares = { measured: this.rate(one.measured_ppm), substituted: this.rate(one.edited_ppm), estimated: this.rate(one.estimated_ppm), missing: this.rate(one.missing_ppm) };
    const told = say("readings.quality.trend.at", { when: this.whenOf(this.step), ...shares });
    const reading = { label: say("readings.quality.trend"), count: trend.length, at: this.step, told };
    const move = (/** @type {KeyboardEvent} */ event) => {
      const next = moveInGrid({ row: 0, column: this.step }, event.key, { rows: 1, columns: trend.length });
      if (!next) return;
      event.preventDefault();
      this.step = next.column;
    };
    return html`<h3>${say("readings.quality.trend")}</h3>
      ${quality.operators.length > 1 ? this.renderWhose(quality) : nothing}
      <p class="readout">${told}</p>
      ${renderPlot(reading, move, this.renderBars(trend))}
      ${renderFigures({
        title: say("readings.quality.trend.table"),
        heads: [say("readings.quality.when"), ...HEADS.map((words) => say(words))],
        rows: trend.map((shown, place) => [this.whenOf(place), ...this.figuresOf(shown)]),
      })}`;
  }

  /** @param {Quality} quality */
  renderWhose({ operators }) {
    const choose = (/** @type {any} */ event) => (this.whose = event.target.selectedIndex === 0 ? null : (operators[event.target.selectedIndex - 1]?.operator ?? null));
    return html`<div class="whose">
      <label for="whose">${say("readings.quality.whose")}</label>
      <select id="whose" @change=${choose}>
        <option ?selected=${this.whose === null}>${say("readings.quality.whose.all")}</option>
        ${operators.map(({ operator }) => html`<option ?selected=${operator === this.whose}>${operator || say("readings.quality.operator.unknown")}</option>`)}
      </select>
    </div>`;
  }

  /** @param {Shares[]} trend */
  renderBars(trend) {
    const wide = this.width / Math.max(1, trend.length);
    return html`<svg class="grid" viewBox="0 0 ${this.width} ${BARS}" height=${BARS} aria-hidden="true">
      ${trend.map((one, place) => {
        let top = 0;
        const parts = /** @type {[string, number][]} */ ([
          ["missing", one.missing_ppm],
          ["estimated", one.estimated_ppm],
          ["edited", one.edited_ppm],
          ["measured", one.measured_ppm],
        ]);
        return svg`<g @pointermove=${() => (this.step = place)}>
          ${parts.map(([kind, ppm]) => {
            const tall = (ppm * BARS) / 1e6;
            top += tall;
            return svg`<rect class="bar-${kind}" x=${place * wide + 0.5} y=${top - tall} width=${Math.max(1, wide - 1)} height=${tall}></rect>`;
          })}
        </g>`;
      })}
      <rect class="chosen" x=${this.step * wide + 1} y="1" width=${Math.max(2, wide - 2)} height=${BARS - 2} rx="3"></rect>
    </svg>`;
  }

  /** @param {Shares} one */
  figuresOf(one) {
    const rates = [one.measured_ppm, one.edited_ppm, one.estimated_ppm, one.missing_ppm].map((ppm) => this.rate(ppm));
    return [...rates, this.late(one.lateness_median_hours), this.late(one.lateness_p95_hours)];
  }
}

customElements.define("partage-quality-map", QualityMap);
