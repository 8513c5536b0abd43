/** Where something is: the period and the metering point, to choose from where there are several. */
import { html, nothing } from "../vendor/lit.js";
import { formatLabel } from "../domain/figures.js";
import { say } from "../i18n/words.js";

/**
 * @param {string[]} labels
 * @param {string} chosen
 * @param {import("../domain/figures.js").Locale} locale
 * @param {(label: string) => void} choose
 */
export function renderPeriods(labels, chosen, locale, choose) {
  if (labels.length < 2) return nothing;
  return html`<div>
    <label for="period">${say("bill.periods")}</label>
    <select id="period" @change=${(/** @type {any} */ event) => choose(event.target.value)}>
      ${labels.map((label) => html`<option value=${label} .selected=${label === chosen}>${formatLabel(label, locale)}</option>`)}
    </select>
  </div>`;
}

/**
 * @param {readonly {id: string, direction: string}[]} points
 * @param {string} chosen
 * @param {(point: string) => void} choose
 */
export function renderPoints(points, chosen, choose) {
  if (points.length < 2) return nothing;
  return html`<div>
    <label for="point">${say("case.point")}</label>
    <select id="point" @change=${(/** @type {any} */ event) => choose(event.target.value)}>
      ${points.map(({ id, direction }) => html`<option value=${id} .selected=${id === chosen}>${id} (${say(`operator.direction.${direction}`)})</option>`)}
    </select>
  </div>`;
}
