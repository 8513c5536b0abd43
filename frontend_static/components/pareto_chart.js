/**
 * How much imbalance is left by how many switches: on the weeks that the plan was made for, and on weeks that it never saw.
 *
 * @typedef {import("../domain/grid_plans.js").ParetoPoint} ParetoPoint
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatCount } from "../domain/figures.js";
import { formatChange, formatQuantity } from "../domain/grid_figures.js";
import { roundUp } from "../domain/grid_scale.js";
import { say } from "../i18n/words.js";
import { Measured, chartStyles, courseStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const [HEIGHT, LEFT, FOOT, TOP, RIGHT] = [220, 48, 36, 12, 16]; // px
const STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 });
const MARKS = [0, 0.5, 1];
const NUMBERS_MOST = 12;

export class ParetoChart extends Measured {
  static properties = { ...Measured.properties, points: { attribute: false, hasChanged: differs }, bound: { type: Number }, chosen: { type: Number }, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    courseStyles,
    css`
      svg.curve {
        display: block;
        width: 100%;
        overflow: visible;
      }

      .fit {
        fill: none;
        stroke: var(--brand);
        stroke-width: 2.5;
      }

      .held {
        fill: none;
        stroke: var(--phase-2);
        stroke-width: 2.5;
        stroke-dasharray: 8 4;
      }

      .bound {
        stroke: var(--ink-soft);
        stroke-width: 1.5;
        stroke-dasharray: 2 4;
      }

      .dot {
        fill: var(--surface);
        stroke: var(--brand);
        stroke-width: 2.5;
      }

      .square {
        fill: var(--surface);
        stroke: var(--phase-2);
        stroke-width: 2.5;
      }

      .readout {
        min-height: 24px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {ParetoPoint[]} */
    this.points = [];
    /** No plan of the chosen number of switches leaves less [kW]. */
    this.bound = NaN;
    /** Switches of the plan that is shown. */
    this.chosen = 0;
    this.at = 0;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("points") || changed.has("chosen")) {
      const place = this.points.findIndex(({ switches }) => switches === this.chosen);
      this.at = place < 0 ? Math.max(0, this.points.length - 1) : place;
    }
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    this.at = placeAfter(event, { at: this.at, count: this.points.length, steps: STEPS }) ?? this.at;
  }

  /** @param {PointerEvent} event */
  point(event) {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    const wanted = ((event.clientX - box.left - LEFT) / Math.max(1, box.width - LEFT - RIGHT)) * this.mostSwitches;
    const distances = this.points.map(({ switches }) => Math.abs(switches - wanted));
    this.at = Math.max(0, distances.indexOf(Math.min(...distances)));
  }

  get mostSwitches() {
    return Math.max(1, ...this.points.map(({ switches }) => switches));
  }

  /** @param {ParetoPoint} point */
  tell({ switches, imbalance_kw: fit, holdout_kw: held }) {
    const first = this.points[0];
    const values = {
      switches: formatCount(switches, this.locale),
      fit: formatQuantity(fit, "kW", this.locale),
      change: formatChange(first?.imbalance_kw ?? 0, fit, this.locale),
      held: formatQuantity(held, "kW", this.locale),
      heldChange: formatChange(first?.holdout_kw ?? 0, held ?? 0, this.locale),
    };
    return say(held === null ? "grid.pareto.told.fit" : "grid.pareto.told", values);
  }

  render() {
    const { points, at } = this;
    const point = points[at];
    if (!point) return nothing;
    const told = this.tell(point);
    return html`<p class="readout">${told}</p>
      ${renderPlot({ label: say("grid.pareto.label"), count: points.length, at, told }, (event) => this.move(event), this.renderCurve())}
      <ul class="keys">
        ${this.renderKey("fit", "grid.pareto.fit")} ${points.some(({ holdout_kw: held }) => held !== null) ? this.renderKey("held", "grid.pareto.held") : nothing}
        ${Number.isFinite(this.bound) ? this.renderKey("bound", "grid.pareto.bound") : nothing}
      </ul>
      ${renderFigures({
        title: say("grid.pareto.table"),
        heads: ["grid.pareto.switches", "grid.pareto.fit", "grid.pareto.held"].map((words) => say(words)),
        rows: points.map(({ switches, imbalance_kw: fit, holdout_kw: held }) => [formatCount(switches, this.locale), formatQuantity(fit, "kW", this.locale), formatQuantity(held, "kW", this.locale)]),
      })}`;
  }

  /** @param {string} kind @param {string} words */
  renderKey(kind, words) {
    return html`<li>
      <svg width="28" height="12" viewBox="0 0 28 12" aria-hidden="true"><line class=${kind} x1="1" x2="27" y1="6" y2="6"></line></svg>
      ${say(words)}
    </li>`;
  }

  renderCurve() {
    const { points, width, at } = this;
    const most = roundUp(Math.max(...points.flatMap(({ imbalance_kw: fit, holdout_kw: held }) => [fit, held ?? 0])));
    const x = (/** @type {number} */ switches) => LEFT + (switches / this.mostSwitches) * (width - LEFT - RIGHT);
    const y = (/** @type {number} */ value) => TOP + (1 - value / most) * HEIGHT;
    /** @param {(point: ParetoPoint) => number | null} valueOf */
    const line = (valueOf) => {
      const told = points.flatMap((point) => (valueOf(point) === null ? [] : [`${x(point.switches).toFixed(1)} ${y(valueOf(point) ?? 0).toFixed(1)}`]));
      return told.length > 0 ? `M${told.join("L")}` : "";
    };
    const read = points[at];
    const every = Math.max(1, Math.ceil(points.length / NUMBERS_MOST));
    return html`<svg class="curve" viewBox="0 0 ${width} ${TOP + HEIGHT + FOOT}" height=${TOP + HEIGHT + FOOT} aria-hidden="true" @pointermove=${this.point} @pointerdown=${this.point}>
      ${MARKS.map((share) => svg`<line class="base" x1=${LEFT} x2=${width - RIGHT} y1=${y(share * most)} y2=${y(share * most)} opacity=${share === 0 ? 1 : 0.35}></line>
        <text x=${LEFT - 8} y=${y(share * most) + 4} text-anchor="end">${formatQuantity(share * most, "", this.locale)}</text>`)}
      <text x=${LEFT - 8} y=${TOP + HEIGHT / 4} text-anchor="end">kW</text>
      ${points.map(({ switches }, i) => (i % every === 0 ? svg`<text x=${x(switches)} y=${TOP + HEIGHT + 16} text-anchor="middle">${switches}</text>` : nothing))}
      <text x=${width - RIGHT} y=${TOP + HEIGHT + 32} text-anchor="end">${say("grid.pareto.switches")}</text>
      ${Number.isFinite(this.bound) ? svg`<line class="bound" x1=${LEFT} x2=${width - RIGHT} y1=${y(this.bound)} y2=${y(this.bound)}></line>` : nothing}
      <path class="held" d=${line(({ holdout_kw: held }) => held)}></path>
      <path class="fit" d=${line(({ imbalance_kw: fit }) => fit)}></path>
      ${read
        ? svg`<line class="cursor" x1=${x(read.switches)} x2=${x(read.switches)} y1=${TOP} y2=${TOP + HEIGHT}></line>
            ${read.holdout_kw === null ? nothing : svg`<rect class="square" x=${x(read.switches) - 5} y=${y(read.holdout_kw) - 5} width="10" height="10"></rect>`}
            <circle class="dot" cx=${x(read.switches)} cy=${y(read.imbalance_kw)} r="5.5"></circle>`
        : nothing}
    </svg>`;
  }
}

customElements.define("partage-pareto-chart", ParetoChart);
