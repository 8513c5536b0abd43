/**
 * Metering points with their sums; each opens its intervals.
 *
 * @typedef {import("../domain/allocations.js").PointTotal} PointTotal
 */
import { html, nothing } from "../vendor/lit.js";
import { formatCount, formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const HEADS = /** @type {const} */ (["operator.energy", "operator.allocated", "operator.rest", "operator.doubtful"]);
const DIRECTIONS = /** @type {const} */ ({ consumption: "operator.direction.consumption", feed_in: "operator.direction.feed_in" });

export class PointTable extends Localized {
  static properties = { points: { attribute: false }, chosen: {}, hrefOf: { attribute: false } };

  static styles = [sharedStyles, tableStyles];

  constructor() {
    super();
    /** @type {PointTotal[]} */
    this.points = [];
    this.chosen = "";
    /** @type {(point: string) => string} */
    this.hrefOf = () => "";
  }

  render() {
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("operator.points")}>
      <table>
        <caption class="hidden">${say("operator.points")}</caption>
        <thead>
          <tr>
            <th scope="col">${say("operator.point")}</th>
            <th scope="col" class="text">${say("operator.participant")}</th>
            <th scope="col" class="text">${say("operator.direction")}</th>
            ${HEADS.map((words) => html`<th scope="col">${say(words)}</th>`)}
          </tr>
        </thead>
        <tbody>${this.points.map((point) => this.renderPoint(point))}</tbody>
      </table>
    </div>`;
  }

  /** @param {PointTotal} point */
  renderPoint(point) {
    const { metering_point: id, energy_milliwatt_hours: energy, allocated_milliwatt_hours: allocated } = point;
    const doubtful = point.estimated_readings + point.edited_readings + point.missing_readings;
    return html`<tr aria-current=${id === this.chosen ? "true" : nothing}>
      <th scope="row"><a href=${this.hrefOf(id)}>${id}</a>${point.number ? html`<div class="small soft">${point.number}</div>` : nothing}</th>
      <td class="text">${point.participant}</td>
      <td class="text">${say(DIRECTIONS[point.direction])}</td>
      <td>${formatEnergy(energy, this.locale, 3)}</td>
      <td>${formatEnergy(allocated, this.locale, 3)}</td>
      <td>${formatEnergy(energy - allocated, this.locale, 3)}</td>
      <td class=${doubtful > 0 ? "mark" : "soft"}>${formatCount(doubtful, this.locale)}</td>
    </tr>`;
  }
}

customElements.define("partage-point-table", PointTable);
