/**
 * A curve of stacked steps over one day; pointer and arrow keys read its values, which are told beside it.
 *
 * @typedef {object} Layer From the back to the front: each is drawn over the one before, from zero.
 * @property {string} label
 * @property {string} role
 * @property {number[]} values [mWh]
 */
import uPlot from "../vendor/uplot.js";
import { css, html } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, Measured, chartStyles, differs, placeAfter, renderKey, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 260;
const PER_KILOWATT_HOUR = 1e6;

export class EnergyChart extends Measured {
  static properties = {
    ...Measured.properties,
    starts: { attribute: false, hasChanged: differs },
    layers: { attribute: false, hasChanged: differs },
    zone: {},
    minutes: { type: Number },
    label: {},
    at: { state: true },
  };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
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
        white-space: nowrap;
      }

      .time {
        font-weight: 650;
      }

      .roles {
        display: none;
      }

      .u-legend {
        display: none;
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
    this.at = 0;
    /** @type {import("../vendor/uplot.js").default | null} */
    this.plot = null;
    this.draw = () => this.redrawPlot();
    this.dark = matchMedia("(prefers-color-scheme: dark)");
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener("partage-theme", this.draw);
    this.dark.addEventListener("change", this.draw);
  }

  disconnectedCallback() {
    window.removeEventListener("partage-theme", this.draw);
    this.dark.removeEventListener("change", this.draw);
    this.plot?.destroy();
    this.plot = null;
    super.disconnectedCallback();
  }

  /** @param {number} width */
  resize(width) {
    if (this.plot && width > 0 && Math.abs(width - this.plot.width) > 1) this.plot.setSize({ width, height: HEIGHT });
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

  /** The colour of a role as the theme has it: a canvas knows no custom properties. @param {string} name */
  colour(name) {
    const probe = /** @type {HTMLElement} */ (this.renderRoot.querySelector(".roles"));
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  }

  redrawPlot() {
    const place = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".curve"));
    if (!place || this.count === 0) return;
    this.plot?.destroy();
    const [ink, line] = [this.colour("ink-soft"), this.colour("line")];
    // The last step needs an end: its value is repeated there.
    const stepped = this.layers.map(({ values }) => [...values, values.at(-1) ?? 0].map((value) => value / PER_KILOWATT_HOUR));
    const paths = uPlot.paths.stepped?.({ align: 1 });
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 }, font: '12px "Inter", system-ui, sans-serif' };
    this.plot = new uPlot(
      {
        width: this.clientWidth || 320,
        height: HEIGHT,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), this.zone),
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
        padding: [12, 24, 0, 0],
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(most * 1.05, 0.001)] } },
        axes: [
          { ...axis, size: 32, values: "{HH}:{mm}", space: 56 },
          { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString(this.locale)) },
        ],
        series: [
          {},
          ...this.layers.map(({ label, role }) => ({
            ...{ label, width: 0, stroke: this.colour(`flow-${role}`), fill: this.colour(`flow-${role}`) },
            ...(paths ? { paths } : {}),
            points: { show: false },
          })),
        ],
        hooks: {
          setCursor: [
            (plot) => {
              const { idx } = plot.cursor;
              if (typeof idx === "number") this.at = Math.min(idx, this.count - 1);
            },
          ],
        },
      },
      [this.starts, ...stepped],
      place,
    );
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
      ${renderPlot(reading, (event) => this.move(event), html`<div class="curve"></div>`)}
      <span class="roles" aria-hidden="true"></span>`;
  }
}

customElements.define("partage-energy-chart", EnergyChart);
