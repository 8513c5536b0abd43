/**
 * Allocations interval by interval, a page of them.
 *
 * @typedef {import("../domain/allocations.js").AllocationRow} AllocationRow
 */
import { html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const QUALITIES = /** @type {Readonly<Record<string, string>>} */ ({
  ...{ measured: "operator.quality.measured", estimated: "operator.quality.estimated" },
  ...{ edited: "operator.quality.edited", missing: "operator.quality.missing" },
});

export class AllocationRows extends Localized {
  static properties = { rows: { attribute: false }, zone: {}, label: {}, named: { type: Boolean } };

  static styles = [sharedStyles, tableStyles];

  constructor() {
    super();
    /** @type {AllocationRow[]} */
    this.rows = [];
    this.zone = "UTC";
    this.label = "";
    /** Whether each row names its metering point. */
    this.named = false;
  }

  render() {
    const stamp = stampsOf(this.zone, this.locale);
    /** @param {number} energy */
    const write = (energy) => html`<td>${formatEnergy(energy, this.locale, 6)}</td>`;
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${this.label}>
      <table>
        <caption class="hidden">${this.label}</caption>
        <thead>
          <tr>
            <th scope="col">${say("operator.rows.start")}</th>
            ${this.named ? html`<th scope="col" class="text">${say("operator.point")}</th>` : nothing}
            ${["operator.energy", "operator.allocated", "operator.rest", "operator.rows.quality"].map((words) => html`<th scope="col">${say(words)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${this.rows.map(({ metering_point: point, start, quality, energy_milliwatt_hours: energy, allocated_milliwatt_hours: allocated }) => {
            return html`<tr>
              <th scope="row"><time datetime=${start}>${stamp(Date.parse(start) / 1000)}</time></th>
              ${this.named ? html`<td class="text">${point}</td>` : nothing} ${write(energy)} ${write(allocated)} ${write(energy - allocated)}
              <td class=${quality === "measured" ? "soft" : "mark"}>${say(QUALITIES[quality] ?? quality)}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }
}

customElements.define("partage-allocation-rows", AllocationRows);
