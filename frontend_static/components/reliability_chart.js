/**
 * Reliability: of each level, how much came at or below it. A right forecast stays within the band that chance leaves it.
 *
 * @typedef {import("../domain/forecast_scores.js").JudgedPoint} JudgedPoint
 */
import { css, html, svg } from "../vendor/lit.js";
import { judgeReliability, verdictOf } from "../domain/forecast_scores.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, chartStyles, courseStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const SIZE = 260;
const LEFT = 44;
const TOP = 8;
const BELOW = 40;
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

export class ReliabilityChart extends Localized {
  static properties = { reliability: { attribute: false, hasChanged: differs }, label: {}, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    courseStyles,
    css`
      svg.drawing {
        display: block;
        width: 100%;
        max-width: 380px;
      }

      .band {
        fill: var(--brand);
        fill-opacity: 0.14;
        stroke: var(--brand);
        stroke-opacity: 0.5;
        stroke-dasharray: 3 3;
      }

      .right {
        stroke: var(--line-strong);
        stroke-dasharray: 6 4;
      }

      .came {
        fill: none;
        stroke: var(--ink);
        stroke-width: 2;
      }

      .inside {
        fill: var(--surface);
        stroke: var(--verified);
        stroke-width: 2;
      }

      .outside {
        fill: var(--voided);
        stroke: var(--voided);
        stroke-width: 2;
      }

      .grid {
        stroke: var(--line);
      }

      .looked {
        fill: none;
        stroke: var(--ink);
        stroke-width: 1.5;
      }

      .keys svg {
        flex: none;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/forecast_scores.js").Reliability | null} */
    this.reliability = null;
    this.label = "";
    this.at = 5;
  }

  /** @param {JudgedPoint} point */
  tell({ level, observed, low, high, isExpected }) {
    const share = (/** @type {number} */ part) => formatQuantity(part * 100, "%", this.locale, 0);
    return say(isExpected ? "forecast.reliability.point" : "forecast.reliability.point.off", { level: share(level), observed: share(observed), low: share(low), high: share(high) });
  }

  render() {
    const { reliability } = this;
    if (!reliability) return html`<p class="soft">${say("forecast.reliability.none")}</p>`;
    const points = judgeReliability(reliability);
    const at = Math.min(this.at, points.length - 1);
    const point = points[at];
    if (!point) return html`<p class="soft">${say("forecast.reliability.none")}</p>`;
    const told = this.tell(point);
    const move = (/** @type {KeyboardEvent} */ event) => {
      const place = placeAfter(event, { at, count: points.length, steps: DAY_STEPS });
      if (place !== null) this.at = place;
    };
    const verdict = verdictOf(points);
    return html`<p><b>${say(`forecast.reliability.${verdict}`)}</b> ${say(`forecast.reliability.${verdict}.means`)}</p>
      <p class="readout small">${told}</p>
      ${renderPlot({ label: this.label, count: points.length, at, told }, move, this.renderDrawing(points, at))} ${this.renderKeys()}
      <p class="small soft">${say("forecast.reliability.how", { draws: reliability.draws })}</p>
      ${this.renderTable(points)}`;
  }

  /** @param {readonly JudgedPoint[]} points @param {number} at */
  renderDrawing(points, at) {
    const x = (/** @type {number} */ share) => LEFT + share * SIZE;
    const y = (/** @type {number} */ share) => TOP + (1 - share) * SIZE;
    const ends = [{ level: 0, low: 0, high: 0, observed: 0 }, ...points, { level: 1, low: 1, high: 1, observed: 1 }];
    const outline = [...ends.map(({ level, high }) => [level, high]), ...ends.toReversed().map(({ level, low }) => [level, low])];
    const path = (/** @type {(number | undefined)[][]} */ places) => places.map(([one = 0, other = 0], i) => `${i ? "L" : "M"}${x(one).toFixed(1)} ${y(other).toFixed(1)}`).join("");
    const percent = (/** @type {number} */ share) => formatQuantity(share * 100, "%", this.locale, 0);
    return html`<svg class="drawing" viewBox="0 0 ${LEFT + SIZE + 16} ${TOP + SIZE + BELOW}" aria-hidden="true">
      ${TICKS.map(
        (tick) => svg`<line class="grid" x1=${LEFT} x2=${LEFT + SIZE} y1=${y(tick)} y2=${y(tick)}></line>
          <text x=${LEFT - 6} y=${y(tick) + 4} text-anchor="end">${percent(tick)}</text>
          <text x=${x(tick)} y=${TOP + SIZE + 16} text-anchor="middle">${percent(tick)}</text>`,
      )}
      <text x=${LEFT + SIZE / 2} y=${TOP + SIZE + 34} text-anchor="middle">${say("forecast.reliability.said")}</text>
      <text x=${12} y=${TOP + SIZE / 2} text-anchor="middle" transform=${`rotate(-90 12 ${TOP + SIZE / 2})`}>${say("forecast.reliability.came")}</text>
      <path class="band" d=${`${path(outline)}Z`}></path>
      <line class="right" x1=${x(0)} x2=${x(1)} y1=${y(0)} y2=${y(1)}></line>
      <path class="came" d=${path(points.map(({ level, observed }) => [level, observed]))}></path>
      ${points.map(({ level, observed, isExpected }, i) => svg`<g @pointermove=${() => (this.at = i)}>
          ${isExpected ? svg`<circle class="inside" cx=${x(level)} cy=${y(observed)} r="4.5"></circle>` : svg`<rect class="outside" x=${x(level) - 4} y=${y(observed) - 4} width="8" height="8"></rect>`}
          <circle fill="transparent" cx=${x(level)} cy=${y(observed)} r="12"></circle>
        </g>`)}
      <circle class="looked" cx=${x(points[at]?.level ?? 0)} cy=${y(points[at]?.observed ?? 0)} r="9"></circle>
    </svg>`;
  }

  renderKeys() {
    const keys = [
      [svg`<path class="band" d="M1 1h26v10h-26z"></path>`, "forecast.reliability.key.band"],
      [svg`<line class="right" x1="0" x2="28" y1="6" y2="6"></line>`, "forecast.reliability.key.right"],
      [svg`<circle class="inside" cx="14" cy="6" r="4.5"></circle>`, "forecast.reliability.key.inside"],
      [svg`<rect class="outside" x="10" y="2" width="8" height="8"></rect>`, "forecast.reliability.key.outside"],
    ];
    return html`<ul class="keys">
      ${keys.map(([shape, words]) => html`<li><svg width="28" height="12" viewBox="0 0 28 12" aria-hidden="true">${shape}</svg>${say(String(words))}</li>`)}
    </ul>`;
  }

  /** @param {readonly JudgedPoint[]} points */
  renderTable(points) {
    const percent = (/** @type {number} */ share) => formatQuantity(share * 100, "%", this.locale, 1);
    return renderFigures({
      title: say("forecast.reliability.table"),
      heads: ["forecast.reliability.said", "forecast.reliability.came", "forecast.reliability.chance"].map((words) => say(words)),
      rows: points.map(({ level, observed, low, high }) => [percent(level), percent(observed), say("forecast.range.values", { low: percent(low), high: percent(high) })]),
    });
  }
}

customElements.define("partage-reliability-chart", ReliabilityChart);
