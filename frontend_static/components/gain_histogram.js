/** Who gains and who loses: members by class of what they would gain a period, losses left, gains right. */
import { css, html, svg } from "../vendor/lit.js";
import { formatCount, formatMoney } from "../domain/figures.js";
import { senseOf, shownClasses } from "../domain/rehearsals.js";
import { say } from "../i18n/words.js";
import { chartStyles, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/rehearsals.js").GainClass} GainClass */

const HEIGHT = 100;
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

export class GainHistogram extends Localized {
  static properties = { classes: { attribute: false }, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
      svg {
        display: block;
        width: 100%;
        height: 180px;
      }

      .hit {
        fill: transparent;
      }

      .loses {
        fill: var(--voided);
      }

      .gains {
        fill: var(--flow-shared);
      }

      .same,
      .mixed {
        fill: var(--flow-grid);
      }

      .bar {
        opacity: 0.7;
      }

      .bar.chosen {
        opacity: 1;
      }

      .base {
        stroke: var(--line-strong);
        vector-effect: non-scaling-stroke;
      }

      .ends {
        display: flex;
        justify-content: space-between;
        margin-top: 4px;
        font-size: 12px;
        color: var(--ink-soft);
      }

      .readout {
        min-height: 24px;
        margin-bottom: 8px;
      }

      details {
        margin-top: 12px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly GainClass[] | null} */
    this.classes = null;
    /** The class that is read; null for the fullest. @type {number | null} */
    this.at = null;
  }

  get shown() {
    return shownClasses(this.classes);
  }

  /** @param {GainClass} found */
  rangeOf(found) {
    const { from_cents: from, until_cents: until } = found;
    if (senseOf(found) === "same") return say("gains.same");
    const money = (/** @type {number} */ cents) => formatMoney(Math.abs(cents), this.locale);
    const most = (until ?? 0) - 1; // the bounds are half open, and whole cents
    if (senseOf(found) === "mixed" && (from === null || until === null)) {
      // Neighbouring classes that few stand in are joined, to the last one even.
      if (from === null && until === null) return say("gains.any");
      return from === null ? say("gains.mixed.below", { gained: money(most) }) : say("gains.mixed.above", { lost: money(from) });
    }
    if (from === null) return say("gains.loses.above", { from: money(most) });
    if (until === null) return say("gains.gains.above", { from: money(from) });
    if (until <= 0) return say("gains.loses", { from: money(most), until: money(from) });
    return from > 0 ? say("gains.gains", { from: money(from), until: money(most) }) : say("gains.mixed", { lost: money(from), gained: money(most) });
  }

  /** @param {GainClass} found */
  tell(found) {
    return say("gains.readout", { range: this.rangeOf(found), members: formatCount(found.members, this.locale) });
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = placeAfter(event, { at: this.at ?? 0, count: this.shown.length, steps: STEPS });
    if (place !== null) this.at = place;
  }

  render() {
    const { shown } = this;
    if (shown.length === 0) return html`<p class="soft">${say("gains.withheld")}</p>`;
    const most = Math.max(...shown.map(({ members }) => members));
    const at = Math.min(this.at ?? shown.findIndex(({ members }) => members === most), shown.length - 1);
    const chosen = /** @type {GainClass} */ (shown[at]);
    const bars = shown.map((found, i) => {
      const height = (found.members / most) * (HEIGHT - 4);
      return svg`<g @pointermove=${() => (this.at = i)}>
        <rect class="hit" x=${i} y="0" width="1" height=${HEIGHT}></rect>
        <rect class="bar ${senseOf(found)} ${i === at ? "chosen" : ""}" x=${i + 0.06} y=${HEIGHT - height} width="0.88" height=${height}></rect>
      </g>`;
    });
    const box = `0 0 ${shown.length} ${HEIGHT}`;
    const picture = html`<svg viewBox=${box} preserveAspectRatio="none" aria-hidden="true">
      ${bars}${svg`<line class="base" x1="0" x2=${shown.length} y1=${HEIGHT} y2=${HEIGHT}></line>`}
    </svg>`;
    const reading = { label: say("gains.title"), count: shown.length, at, told: this.tell(chosen) };
    return html`<p class="readout">${this.tell(chosen)}</p>
      ${renderPlot(reading, (event) => this.move(event), picture)}
      <p class="ends" aria-hidden="true"><span>${say("gains.end.lose")}</span><span>${say("gains.end.gain")}</span></p>
      ${renderFigures({
        title: say("gains.table"),
        label: say("gains.title"),
        heads: [say("gains.class"), say("gains.members")],
        rows: shown.map((found) => [this.rangeOf(found), formatCount(found.members, this.locale)]),
      })}`;
  }
}

customElements.define("partage-gain-histogram", GainHistogram);
