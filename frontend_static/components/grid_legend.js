/** What the colours and widths of a drawn network mean, in words and figures. */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/grid_scale.js").Grade} Grade */
/** @typedef {import("../domain/grid_scale.js").Scale} Scale */

/** @param {Grade} grade @param {string} unit @param {import("../domain/figures.js").Locale} locale */
export function rangeOf({ from, to }, unit, locale) {
  const written = (/** @type {number | null} */ value) => formatQuantity(value, "", locale, value !== null && Number.isInteger(value * 10) ? (Number.isInteger(value) ? 0 : 1) : 2);
  if (from === null) return say("grid.legend.below", { to: written(to), unit });
  if (to === null) return say("grid.legend.from", { from: written(from), unit });
  return say("grid.legend.between", { from: written(from), to: written(to), unit });
}

export class GridLegend extends Localized {
  static properties = { scale: { attribute: false }, dark: { type: Boolean } };

  static styles = [
    sharedStyles,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 20px;
        font-size: 14px;
        line-height: 20px;
      }

      li {
        display: flex;
        gap: 8px;
        align-items: center;
      }

      line {
        stroke-linecap: round;
      }

      .heat-0 {
        stroke: var(--heat-0);
      }

      .heat-1 {
        stroke: var(--heat-1);
      }

      .heat-2 {
        stroke: var(--heat-2);
      }

      .heat-3 {
        stroke: var(--heat-3);
      }

      .heat-4 {
        stroke: var(--heat-4);
      }

      .low-1 {
        stroke: var(--low-1);
      }

      .low-2 {
        stroke: var(--low-2);
      }

      .unknown {
        stroke: var(--line-strong);
        stroke-dasharray: 3 3;
        stroke-linecap: butt;
      }

      .without {
        stroke: var(--voided);
        stroke-dasharray: 2 4;
        stroke-linecap: butt;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Scale | null} */
    this.scale = null;
    /** Whether something is without supply. */
    this.dark = false;
  }

  render() {
    const { scale } = this;
    if (!scale) return nothing;
    const key = (/** @type {string} */ tone, /** @type {number} */ width) =>
      html`<svg width="28" height="12" viewBox="0 0 28 12" aria-hidden="true">${svg`<line class=${tone} x1="3" x2="25" y1="6" y2="6" stroke-width=${width}></line>`}</svg>`;
    return html`<ul aria-label=${say("grid.legend")}>
        ${scale.grades.map((grade) => html`<li>${key(grade.tone, grade.width)}<span><b>${say(`grid.grade.${grade.words}`)}</b> <span class="soft">${rangeOf(grade, scale.unit, this.locale)}</span></span></li>`)}
        <li>${key("unknown", 1)}<span class="soft">${say("grid.grade.unknown")}</span></li>
        ${this.dark ? html`<li>${key("without", 2)}<span>${say("grid.grade.without")}</span></li>` : nothing}
      </ul>
      <p class="small soft">${say(`grid.limit.${scale.limit}`)}</p>`;
  }
}

customElements.define("partage-grid-legend", GridLegend);
