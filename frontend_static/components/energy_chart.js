/**
 * A curve of stacked steps over one day; pointer and arrow keys read its values, which are told beside it.
 *
 * @typedef {object} Layer From the back to the front: each is drawn over the one before, from zero.
 * @property {string} label
 * @property {string} role
 * @property {number[]} values [mWh]
 */
import { css, html } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, chartStyles, differs, placeAfter, renderKey, renderPlot } from "./chart_parts.js";
import { Plotted, plotPlace, plottedStyles } from "./plotted.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 260;
const PER_KILOWATT_HOUR = 1e6;

export class EnergyChart extends Plotted {
  static properties = {
    ...Plotted.properties,
    starts: { attribute: false, hasChanged: differs },
    layers: { attribute: false, hasChanged: differs },
    zone: {},
    minutes: { type: Number },
    label: {},
  };

  static styles = [
    sharedStyles,
    chartStyles,
    plottedStyles,
    css`
      .readout span {
        display: inline-flex;
        gap: 8px;
        align-items: center;
      }
    `,
  ];

  constructor() {
    super();
    /** Of each interval, and the end of the last [s since 1970]. @type {number[]} */
    this.starts = [];
    /** @type {Layer[]} */
    this.layers = [];
    this.zone = "UTC";
    this.minutes = 60;
    this.label = "";
    this.height = HEIGHT;
  }

  get count() {
    return this.layers[0]?.values.length ?? 0;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("layers")) return;
    const front = this.layers.at(-1)?.values ?? [];
    this.at = Math.max(0, front.indexOf(Math.max(...front))); // where most was shared
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("layers") || !this.plot) this.redrawPlot();
  }

  /** @returns {ReturnType<Plotted["describePlot"]>} */
  describePlot() {
    // The last step needs an end: its value is repeated there.
    const stepped = this.layers.map(({ values }) => [...values, values.at(-1) ?? 0].map((value) => value / PER_KILOWATT_HOUR));
    const axis = this.axisLook;
    return {
      options: {
        ...this.frameIn(this.zone),
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(most * 1.05, 0.001)] } },
        axes: [
          { ...axis, size: 32, values: "{HH}:{mm}", space: 56 },
          { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString(this.locale)) },
        ],
        series: [
          {},
          ...this.layers.map(({ label, role }) => ({
            ...{ label, width: 0, stroke: this.colour(`flow-${role}`), fill: this.colour(`flow-${role}`), points: { show: false } },
            ...this.steppedPaths,
          })),
        ],
      },
      data: [this.starts, ...stepped],
    };
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = placeAfter(event, { at: this.at, count: this.count, steps: DAY_STEPS });
    if (place === null) return;
    this.at = place;
    const { plot } = this;
    if (!plot) return;
    const [from, until] = [this.starts[this.at] ?? 0, this.starts[this.at + 1] ?? 0];
    plot.setCursor({ left: plot.valToPos((from + until) / 2, "x"), top: 10 }, false);
  }

  /** @param {number} i */
  timeOf(i) {
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: this.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const [from, until] = [this.starts[i] ?? 0, this.starts[i + 1] ?? 0].map((start) => clock.format(new Date(start * 1000)));
    return say("energy.readout", { from: from ?? "", until: until ?? "" });
  }

  /** @param {Layer} layer */
  energyOf(layer) {
    return formatEnergy(layer.values[this.at] ?? 0, this.locale, 3);
  }

  render() {
    const told = this.layers.map((layer) => `${layer.label} ${this.energyOf(layer)}`).join(", ");
    const reading = { label: this.label, count: this.count, at: this.at, told: `${this.timeOf(this.at)}: ${told}` };
    return html`<link rel="stylesheet" href="vendor/uplot.css" />
      <div class="readout">
        <span class="time">${this.timeOf(this.at)}</span>
        ${this.layers.map(
          (layer) => html`<span>
            ${renderKey(layer.role)} ${layer.label} <b>${this.energyOf(layer)}</b>
          </span>`,
        )}
      </div>
      <p class="small soft">${this.minutes === 60 ? say("energy.unit.hour") : say("energy.unit", { minutes: this.minutes })}</p>
      ${renderPlot(reading, (event) => this.move(event), plotPlace)}`;
  }
}

customElements.define("partage-energy-chart", EnergyChart);
