/** The base of charts that uPlot draws: drawn again where the theme changes, as wide as they are, in the theme's colours. */
import uPlot from "../vendor/uplot.js";
import { css, html } from "../vendor/lit.js";
import { Measured } from "./chart_parts.js";

export const plottedStyles = css`
  .readout {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    min-height: 48px;
    align-items: center;
  }

  .readout span {
    white-space: nowrap;
  }

  .time {
    font-weight: 650;
  }

  .probe,
  .u-legend {
    display: none;
  }
`;

export class Plotted extends Measured {
  static properties = { ...Measured.properties, at: { state: true } };

  constructor() {
    super();
    /** The place that is read. */
    this.at = 0;
    /** Of the plot [px]. */
    this.height = 240;
    /** @type {uPlot | null} */
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

  /** @returns {number} How many intervals there are. */
  get count() {
    return 0;
  }

  /** @param {number} width Of the element [px]. */
  resize(width) {
    if (this.plot && width > 0 && Math.abs(width - this.plot.width) > 1) this.plot.setSize({ width, height: this.height });
  }

  /** The colour of a token as the theme has it: a canvas knows no custom properties. @param {string} name */
  colour(name) {
    const probe = /** @type {HTMLElement} */ (this.renderRoot.querySelector(".probe"));
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  }

  /** Draws anew what is there, once there is a place and something to draw. */
  redrawPlot() {
    const place = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".curve"));
    if (!place || this.count === 0) return;
    this.plot?.destroy();
    const { options, data } = this.describePlot();
    this.plot = new uPlot(options, data, place);
  }

  /** @returns {{options: uPlot.Options, data: uPlot.AlignedData}} What is drawn: each chart has its own. */
  describePlot() {
    throw new TypeError(`${this.localName} does not say what it draws.`);
  }

  /** Steps that begin where their interval does. @returns {Pick<uPlot.Series, "paths">} */
  get steppedPaths() {
    const paths = uPlot.paths.stepped?.({ align: 1 });
    return paths ? { paths } : {};
  }

  /** How both axes look. */
  get axisLook() {
    const line = this.colour("line");
    return { stroke: this.colour("ink-soft"), grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 }, font: '12px "Inter", system-ui, sans-serif' };
  }

  /** @param {string} zone That the axis of time is told in. @returns {Pick<uPlot.Options, "width" | "height" | "tzDate" | "legend" | "cursor" | "padding" | "hooks">} */
  frameIn(zone) {
    return {
      width: this.clientWidth || 320,
      height: this.height,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      padding: [12, 24, 0, 0],
      hooks: {
        setCursor: [
          (plot) => {
            const { idx } = plot.cursor;
            if (typeof idx === "number") this.at = Math.min(idx, this.count - 1);
          },
        ],
      },
    };
  }
}

/** Where the plot is drawn, and where its colours are looked up. */
export const plotPlace = html`<div class="curve"></div>
  <span class="probe" aria-hidden="true"></span>`;
