/**
 * Errors in pairs, the forecast's beside the plain way's: bars for leads and groups, or a course over weeks. A table has the figures.
 *
 * @typedef {{name: string, ours: number, plain: number | null, told: string}} Pair `told` says the pair in words.
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { brokenLine, ticksOf } from "../domain/forecast_scores.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, Measured, chartStyles, courseStyles, differs, placeAfter, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 180;
const LEFT = 56;
const TOP = 10;
const BELOW = 26;
const NAMES_APART = 84; // px

export class ScoreChart extends Measured {
  static properties = { ...Measured.properties, pairs: { attribute: false, hasChanged: differs }, factor: { type: Number }, unit: {}, kind: {}, label: {}, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    courseStyles,
    css`
      svg.drawing {
        display: block;
        width: 100%;
      }

      .ours {
        fill: var(--brand);
      }

      .plain {
        fill: var(--sunken);
        stroke: var(--line-strong);
      }

      path.course {
        fill: none;
        stroke: var(--brand);
        stroke-width: 2.5;
      }

      path.other {
        fill: none;
        stroke: var(--line-strong);
        stroke-width: 2;
        stroke-dasharray: 6 4;
      }

      .dot {
        fill: var(--brand);
      }

      .grid {
        stroke: var(--line);
      }

      .hit {
        fill: transparent;
      }

      .looked {
        fill: var(--ink);
        fill-opacity: 0.06;
      }

      .keys svg {
        flex: none;
      }

      .readout {
        min-height: 24px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly Pair[]} */
    this.pairs = [];
    this.factor = 1;
    this.unit = "";
    /** @type {"bars" | "course"} */
    this.kind = "bars";
    this.label = "";
    this.at = 0;
  }

  render() {
    const { pairs } = this;
    if (pairs.length === 0) return nothing;
    const at = Math.min(this.at, pairs.length - 1);
    const told = pairs[at]?.told ?? "";
    const move = (/** @type {KeyboardEvent} */ event) => {
      const place = placeAfter(event, { at, count: pairs.length, steps: DAY_STEPS });
      if (place !== null) this.at = place;
    };
    return html`<p class="readout small">${told}</p>
      ${renderPlot({ label: this.label, count: pairs.length, at, told }, move, this.renderDrawing(pairs, at))} ${this.renderKeys()}`;
  }

  /** @param {readonly Pair[]} pairs @param {number} at */
  renderDrawing(pairs, at) {
    const { width, factor, kind } = this;
    const most = Math.max(...pairs.flatMap(({ ours, plain }) => [ours, plain ?? 0])) * factor;
    const ticks = ticksOf(0, most || 1, 3);
    const top = ticks.at(-1) ?? 1;
    const room = (width - LEFT - 8) / pairs.length;
    const y = (/** @type {number} */ value) => TOP + HEIGHT * (1 - (value * factor) / top);
    const x = (/** @type {number} */ i) => LEFT + (i + 0.5) * room;
    const every = Math.max(1, Math.ceil(NAMES_APART / room));
    return html`<svg class="drawing" viewBox="0 0 ${width} ${TOP + HEIGHT + BELOW}" height=${TOP + HEIGHT + BELOW} aria-hidden="true">
      ${ticks.map((tick) => svg`<line class="grid" x1=${LEFT} x2=${width} y1=${y(tick / factor)} y2=${y(tick / factor)}></line>
        <text x=${LEFT - 6} y=${y(tick / factor) + 4} text-anchor="end">${tick.toLocaleString(this.locale === "fr" ? "fr-FR" : "en-GB")}</text>`)}
      <rect class="looked" x=${LEFT + at * room} y=${TOP} width=${room} height=${HEIGHT}></rect>
      ${kind === "bars" ? pairs.map((pair, i) => this.renderPair(pair, x(i), room, y)) : this.renderCourse(pairs, x, y)}
      ${pairs.map(({ name }, i) => (i % every === 0 ? svg`<text x=${x(i)} y=${TOP + HEIGHT + 18} text-anchor="middle">${name}</text>` : nothing))}
      ${pairs.map((_, i) => svg`<rect class="hit" x=${LEFT + i * room} y=${TOP} width=${room} height=${HEIGHT} @pointermove=${() => (this.at = i)}></rect>`)}
    </svg>`;
  }

  /** @param {Pair} pair @param {number} x @param {number} room @param {(value: number) => number} y */
  renderPair({ ours, plain }, x, room, y) {
    const bar = Math.min(28, room * 0.32);
    const base = y(0);
    return svg`<rect class="ours" x=${x - bar - 1} y=${y(ours)} width=${bar} height=${Math.max(0, base - y(ours))}></rect>
      ${plain === null ? nothing : svg`<rect class="plain" x=${x + 1} y=${y(plain)} width=${bar} height=${Math.max(0, base - y(plain))}></rect>`}`;
  }

  /** @param {readonly Pair[]} pairs @param {(i: number) => number} x @param {(value: number) => number} y */
  renderCourse(pairs, x, y) {
    return svg`<path class="other" d=${brokenLine(pairs.map(({ plain }, i) => [x(i), plain === null ? null : y(plain)]))}></path>
      <path class="course" d=${brokenLine(pairs.map(({ ours }, i) => [x(i), y(ours)]))}></path>
      ${pairs.map(({ ours }, i) => svg`<circle class="dot" cx=${x(i)} cy=${y(ours)} r="3.5"></circle>`)}`;
  }

  renderKeys() {
    const [ours, plain] =
      this.kind === "bars"
        ? [svg`<rect class="ours" x="6" y="0" width="16" height="12"></rect>`, svg`<rect class="plain" x="6" y="0.5" width="16" height="11"></rect>`]
        : [svg`<path class="course" d="M0 6h28"></path>`, svg`<path class="other" d="M0 6h28"></path>`];
    return html`<ul class="keys">
      ${[
        [ours, "forecast.key.ours"],
        [plain, "forecast.key.plain"],
      ].map(([shape, words]) => html`<li><svg width="28" height="12" viewBox="0 0 28 12" aria-hidden="true">${shape}</svg>${say(String(words))} (${this.unit})</li>`)}
    </ul>`;
  }
}

customElements.define("partage-score-chart", ScoreChart);
