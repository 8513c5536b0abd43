/**
 * A forecast as what it is: two bands, hatched, about a broken line, after what was measured. Pointer and arrow keys read it, and a table
 * has all of it.
 *
 * @typedef {import("../domain/forecasts.js").Forecast} Forecast
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { bandOf, endSteps, joinPast, shownUnit } from "../domain/forecasts.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { clocksOf } from "../domain/grid_time.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, chartStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { Plotted, plotPlace, plottedStyles } from "./plotted.js";
import { sharedStyles } from "./shared_styles.js";

/** Colours by what is forecast. @type {Readonly<Record<string, string>>} */
const TOKENS = { solar: "flow-solar", wind: "flow-feed-in", shareable: "flow-shared" };
const OTHER = "flow-grid";
const MIDNIGHT = "00:00";
const HATCH = 7; // px between strokes
const WIDE = { wash: 0.18, stroke: 0.4 };
const NARROW = { wash: 0.38, stroke: 0.7 };

export class BandChart extends Plotted {
  static properties = {
    ...Plotted.properties,
    forecast: { attribute: false, hasChanged: differs },
    past: { attribute: false, hasChanged: differs },
    factor: { type: Number },
    unit: {},
    limits: { attribute: false, hasChanged: differs },
    label: {},
  };

  static styles = [
    sharedStyles,
    chartStyles,
    plottedStyles,
    css`
      .keys svg {
        flex: none;
      }

      .solar {
        color: var(--flow-solar);
      }

      .wind {
        color: var(--flow-feed-in);
      }

      .shareable {
        color: var(--flow-shared);
      }

      .other {
        color: var(--flow-grid);
      }

      .measured {
        color: var(--ink);
      }

      .limit {
        color: var(--heat-3);
      }

      .keys line,
      .keys path {
        stroke: currentColor;
      }

      .keys rect {
        fill: currentColor;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Forecast | null} */
    this.forecast = null;
    /** What was measured before it, in its step and unit. @type {{start: number, values: readonly (number | null)[]} | null} */
    this.past = null;
    /** What its figures are multiplied by to be in `unit`; 0 for the unit that gives few digits. */
    this.factor = 0;
    this.unit = "";
    /** In the shown unit. @type {{label: string, value: number}[]} */
    this.limits = [];
    this.label = "";
    this.height = 260;
  }

  get joined() {
    const { forecast } = this;
    if (!forecast) return null;
    return this.past ? joinPast(this.past, forecast) : { start: forecast.origin, past: [], band: bandOf(forecast) };
  }

  get count() {
    return (this.joined?.past.length ?? 0) + (this.forecast?.mean.length ?? 0);
  }

  /** The unit that is shown. */
  get shown() {
    if (this.factor) return { unit: this.unit, factor: this.factor };
    const { joined, forecast } = this;
    const most = joined ? Math.max(...[...joined.past, ...joined.band.high, ...joined.band.measured].map((value) => Math.abs(value ?? 0)), 0) : 0;
    return shownUnit(forecast?.unit ?? "", most);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("forecast") && !changed.has("past")) return;
    const { joined } = this;
    if (!joined) return;
    const { median } = joined.band;
    this.at = joined.past.length + Math.max(0, median.indexOf(Math.max(...median))); // where most is expected
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (["forecast", "past", "limits", "factor"].some((name) => changed.has(name)) || !this.plot) this.redrawPlot();
  }

  /** @param {{wash: number, stroke: number}} look @param {string} colour @returns {() => CanvasPattern | string} Hatched: a band is told by its pattern too. */
  hatched({ wash, stroke }, colour) {
    return () => {
      const tile = document.createElement("canvas");
      const size = Math.round(HATCH * devicePixelRatio);
      tile.width = tile.height = size;
      const pen = tile.getContext("2d");
      if (!pen) return colour;
      pen.globalAlpha = wash;
      pen.fillStyle = colour;
      pen.fillRect(0, 0, size, size);
      pen.globalAlpha = stroke;
      pen.strokeStyle = colour;
      pen.lineWidth = devicePixelRatio;
      pen.beginPath();
      for (const shift of [-size, 0, size]) {
        pen.moveTo(shift, size);
        pen.lineTo(shift + size, 0);
      }
      pen.stroke();
      return pen.createPattern(tile, "repeat") ?? colour;
    };
  }

  /** @returns {ReturnType<Plotted["describePlot"]>} */
  describePlot() {
    const { joined, forecast, count, axisLook: axis } = this;
    if (!joined || !forecast) throw new TypeError("A band is drawn of a forecast.");
    const { factor } = this.shown;
    const colour = this.colour(TOKENS[forecast.target] ?? OTHER);
    const starts = Array.from({ length: count + 1 }, (_, i) => joined.start + i * forecast.step);
    const gap = joined.past.map(() => null);
    const row = (/** @type {(number | null)[]} */ values) => endSteps([...values, null]).map((value) => (value === null ? null : value * factor));
    const { low, quarter, median, threeQuarters, high, measured } = joined.band;
    const edge = { width: 0.75, stroke: colour, points: { show: false }, ...this.steppedPaths };
    const locale = this.locale === "fr" ? "fr-FR" : "en-GB";
    const day = new Intl.DateTimeFormat(locale, { timeZone: forecast.zone, day: "numeric", month: "short" });
    const clock = clocksOf(forecast.zone);
    const stamp = (/** @type {number} */ tick) => (clock(tick) === MIDNIGHT ? `${MIDNIGHT}\n${day.format(tick * 1000)}` : clock(tick));
    const frame = this.frameIn(forecast.zone);
    const series = [high, low, threeQuarters, quarter];
    return {
      options: {
        ...frame,
        hooks: { ...frame.hooks, drawClear: [(plot) => this.drawOrigin(plot, forecast.origin)] },
        scales: { x: { time: true }, y: { range: (_, least, most) => rangeOf(least, most) } },
        axes: [
          { ...axis, size: 46, values: (_, ticks) => ticks.map(stamp), space: 56 },
          { ...axis, size: 60, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString(locale)) },
        ],
        bands: [
          { series: [1, 2], fill: /** @type {any} */ (this.hatched(WIDE, colour)) },
          { series: [3, 4], fill: /** @type {any} */ (this.hatched(NARROW, colour)) },
        ],
        series: [
          {},
          ...series.map(() => edge),
          { ...edge, width: 2, dash: [7, 4] },
          { ...edge, width: 2, stroke: this.colour("ink"), spanGaps: false },
          ...this.limits.map(() => ({ width: 1.5, stroke: this.colour("heat-3"), dash: [2, 4], points: { show: false } })),
        ],
      },
      data: [starts, ...series.map((values) => row([...gap, ...values])), row([...gap, ...median]), row([...joined.past, ...measured]), ...this.limits.map(({ value }) => starts.map(() => value))],
    };
  }

  /** Where what is known ends. @param {import("../vendor/uplot.js").default} plot @param {number} origin */
  drawOrigin(plot, origin) {
    if (!this.past) return;
    const x = Math.round(plot.valToPos(origin, "x", true));
    const { top, height } = plot.bbox;
    plot.ctx.save();
    plot.ctx.fillStyle = this.colour("line-strong");
    plot.ctx.fillRect(x - 1, top, 2, height);
    plot.ctx.restore();
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = placeAfter(event, { at: this.at, count: this.count, steps: DAY_STEPS });
    const { joined, forecast } = this;
    if (place === null || !joined || !forecast) return;
    this.at = place;
    this.plot?.setCursor({ left: this.plot.valToPos(joined.start + place * forecast.step, "x"), top: 10 }, false);
  }

  /** What is told of an interval. @param {number} i @returns {[words: string, text: string][]} */
  tell(i) {
    const { joined } = this;
    if (!joined) return [];
    const { unit, factor } = this.shown;
    const told = (/** @type {number | null | undefined} */ value) => formatQuantity(value === null || value === undefined ? value : value * factor, unit, this.locale);
    if (i < joined.past.length) return [["forecast.measured", told(joined.past[i])]];
    const at = i - joined.past.length;
    const { low, median, high, measured } = joined.band;
    /** @type {[string, string][]} */
    const rows = [
      ["forecast.median", told(median[at])],
      ["forecast.range", say("forecast.range.values", { low: told(low[at]), high: told(high[at]) })],
    ];
    if (measured[at] !== null && measured[at] !== undefined) rows.push(["forecast.measured", told(measured[at])]);
    return rows;
  }

  render() {
    const { forecast, joined } = this;
    if (!forecast || !joined || this.count === 0) return nothing;
    const time = stampsOf(forecast.zone, this.locale)(joined.start + this.at * forecast.step);
    const told = this.tell(this.at).map(([words, text]) => ({ words: say(words), text }));
    const kind = this.at < joined.past.length ? say("forecast.is_measured") : say("forecast.is_forecast");
    const reading = { label: this.label, count: this.count, at: this.at, told: `${time}, ${kind}: ${told.map(({ words, text }) => `${words} ${text}`).join(", ")}` };
    return html`<link rel="stylesheet" href="vendor/uplot.css" />
      <div class="readout">
        <span class="time">${time}</span>
        ${told.map(({ words, text }) => html`<span>${words} <b>${text}</b></span>`)}
      </div>
      <p class="small soft" aria-hidden="true">${this.shown.unit}</p>
      ${renderPlot(reading, (event) => this.move(event), plotPlace)} ${this.renderKeys(forecast)} ${this.renderTable(forecast)}`;
  }

  /** @param {Forecast} forecast */
  renderKeys(forecast) {
    const role = forecast.target in TOKENS ? forecast.target : "other";
    const hatch = (/** @type {{wash: number, stroke: number}} */ look) => svg`<rect x="0.5" y="0.5" width="27" height="11" fill-opacity=${look.wash}></rect><path d="M2 12 14 0M9 12 21 0M16 12 28 0" stroke-opacity=${look.stroke}></path>`;
    const line = (/** @type {string} */ dash) => svg`<line x1="0" x2="28" y1="6" y2="6" stroke-width="2.5" stroke-dasharray=${dash || nothing}></line>`;
    const isMeasured = this.past !== null || forecast.measured.some((value) => value !== null);
    /** @type {[string, unknown, string][]} */
    const keys = [
      [role, hatch(WIDE), say("forecast.key.wide")],
      [role, hatch(NARROW), say("forecast.key.narrow")],
      [role, line("7 4"), say("forecast.key.median")],
      ...(isMeasured ? /** @type {[string, unknown, string][]} */ ([["measured", line(""), say("forecast.key.measured")]]) : []),
      ...this.limits.map(({ label }) => /** @type {[string, unknown, string]} */ (["limit", line("2 4"), label])),
    ];
    return html`<ul class="keys">
      ${keys.map(([name, shape, words]) => html`<li><svg class=${name} width="28" height="12" viewBox="0 0 28 12" aria-hidden="true">${shape}</svg>${words}</li>`)}
    </ul>`;
  }

  /** @param {Forecast} forecast */
  renderTable(forecast) {
    const { unit, factor } = this.shown;
    const { starts, low, quarter, median, threeQuarters, high, measured } = bandOf(forecast);
    const stamp = stampsOf(forecast.zone, this.locale);
    const told = (/** @type {number | null | undefined} */ value) => formatQuantity(value === null || value === undefined ? value : value * factor, "", this.locale, 2);
    const heads = ["forecast.table.low", "forecast.table.quarter", "forecast.table.median", "forecast.table.three_quarters", "forecast.table.high", "forecast.measured"];
    return renderFigures({
      title: say("forecast.table"),
      label: this.label,
      heads: [say("grid.chart.time"), ...heads.map((words) => `${say(words)} (${unit})`)],
      rows: starts.map((start, i) => [stamp(start), ...[low, quarter, median, threeQuarters, high, measured].map((values) => told(values[i]))]),
    });
  }
}

/** @param {number} least @param {number} most @returns {[number, number]} With zero in it, and room above. */
function rangeOf(least, most) {
  const [low, high] = [Math.min(0, least ?? 0), Math.max(0, most ?? 0)];
  const room = Math.max((high - low) * 0.06, 1e-3);
  return [low < 0 ? low - room : 0, high + room];
}

customElements.define("partage-band-chart", BandChart);
