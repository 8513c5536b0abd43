/**
 * Who served a participant, or whom it served: a row for each, with its part as a small bar.
 *
 * @typedef {import("../domain/bill_view.js").Neighbour} Neighbour
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatEnergy, formatPercent, formatValue } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class NeighbourTable extends Localized {
  static properties = { neighbours: { attribute: false }, side: {}, priced: { type: Boolean } };

  static styles = [
    sharedStyles,
    css`
      svg.part {
        display: block;
        width: 100%;
        min-width: 48px;
        max-width: 160px;
        height: 12px;
        border-radius: 6px;
        background: var(--sunken);
        print-color-adjust: exact;
        -webkit-print-color-adjust: exact;
      }

      tbody th {
        white-space: normal;
        overflow-wrap: anywhere;
        font-weight: 550;
      }

      .bar {
        width: 30%;
      }

      tfoot th,
      tfoot td {
        font-weight: 650;
      }

      @media (max-width: 599px) {
        .bar {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Neighbour[]} */
    this.neighbours = [];
    /** @type {"from" | "to"} */
    this.side = "from";
    /** Whether what it was worth is told too. */
    this.priced = false;
  }

  render() {
    const rows = this.neighbours.filter(({ side }) => side === this.side);
    if (rows.length === 0) return nothing;
    const total = rows.reduce((sum, { energy }) => sum + energy, 0);
    const most = Math.max(1, ...rows.map(({ energy }) => energy));
    const worth = rows.reduce((sum, { value }) => sum + value, 0);
    /** @param {number} value */
    const money = (value) => (this.priced ? html`<td>${formatValue(value, this.locale, 2)}</td>` : nothing);
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say(`neighbours.${this.side}`)}>
      <table>
        <caption class="hidden">${say(`neighbours.${this.side}`)}</caption>
        <thead>
          <tr>
            <th scope="col">${say("neighbours.name")}</th>
            <th scope="col" class="bar"><span class="hidden">${say("neighbours.bar")}</span></th>
            <th scope="col">${say("flows.energy")}</th>
            <th scope="col">${say("flows.part")}</th>
            ${this.priced ? html`<th scope="col">${say("neighbours.worth")}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ name, participant, energy, value }) => html`<tr>
              <th scope="row">${name || participant}</th>
              <td class="bar">
                <svg class="part" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="fill-shared" width=${(energy / most) * 100} height="10"></rect>
                </svg>
              </td>
              <td>${formatEnergy(energy, this.locale, 3)}</td>
              <td>${formatPercent(energy, total, this.locale)}</td>
              ${money(value)}
            </tr>`,
          )}
        </tbody>
        ${rows.length > 1
          ? html`<tfoot>
              <tr>
                <th scope="row">${say("energy.total")}</th>
                <td class="bar"></td>
                <td>${formatEnergy(total, this.locale, 3)}</td>
                <td>${formatPercent(total, total, this.locale)}</td>
                ${money(worth)}
              </tr>
            </tfoot>`
          : nothing}
      </table>
    </div>`;
  }
}

customElements.define("partage-neighbours", NeighbourTable);
