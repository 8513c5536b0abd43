/**
 * A provider's customers: what each used, drew and sold, and when it drew; sorted by a press on a column. Event `sorted`: column
 * and direction.
 *
 * @typedef {import("../domain/portfolio.js").Holding} Holding
 * @typedef {import("../domain/portfolio.js").Column} Column
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { nameOfHolding, sumHoldings } from "../domain/portfolio.js";
import { say } from "../i18n/words.js";
import "./hour_bars.js";
import { Localized } from "./localized.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const COLUMNS = /** @type {const} */ ([
  ["name", "provider.customer"],
  ["used", "provider.used"],
  ["residual", "provider.residual"],
  ["surplus", "provider.surplus"],
]);

export class PortfolioTable extends Localized {
  static properties = { holdings: { attribute: false }, chosen: {}, column: {}, descending: { type: Boolean }, hrefOf: { attribute: false } };

  static styles = [
    sharedStyles,
    tableStyles,
    css`
      thead button {
        min-height: 24px;
        padding: 0;
        gap: 4px;
        border: 0;
        background: none;
        color: inherit;
        font-weight: inherit;
        font-size: inherit;
        line-height: inherit;
        text-align: inherit;
      }

      thead button:hover {
        background: none;
        text-decoration: underline;
      }

      .arrow {
        width: 12px;
      }

      th[scope="row"] {
        max-width: 240px;
        white-space: normal;
        overflow-wrap: anywhere;
      }

      td {
        vertical-align: middle;
      }

      @media (max-width: 599px) {
        .points {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Holding[]} */
    this.holdings = [];
    this.chosen = "";
    /** @type {Column} */
    this.column = "name";
    this.descending = false;
    /** @type {(participant: string) => string} */
    this.hrefOf = () => "";
  }

  /** @param {Column} column */
  sort(column) {
    const descending = column === this.column ? !this.descending : column !== "name";
    this.dispatchEvent(new CustomEvent("sorted", { detail: { column, descending } }));
  }

  render() {
    const sums = sumHoldings(this.holdings);
    /** @param {number | bigint} energy */
    const write = (energy) => html`<td>${formatEnergy(energy, this.locale, 1)}</td>`;
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("provider.table")}>
      <table>
        <caption class="hidden">${say("provider.table")}</caption>
        <thead>
          <tr>
            ${COLUMNS.map(([column, words]) => this.renderHead(column, words))}
            <th scope="col">${say("provider.profile")}</th>
          </tr>
        </thead>
        <tbody>
          ${this.holdings.map(
            (holding) => html`<tr aria-current=${holding.participant === this.chosen ? "true" : nothing}>
              <th scope="row">
                <a href=${this.hrefOf(holding.participant)}>${nameOfHolding(holding)}</a>
                <div class="small soft points">${holding.metering_points.join(", ")}</div>
              </th>
              ${[holding.used_milliwatt_hours, holding.residual_milliwatt_hours, holding.surplus_milliwatt_hours].map(write)}
              <td><partage-hour-bars small .values=${holding.residual_by_hour_milliwatt_hours}></partage-hour-bars></td>
            </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">${say("energy.total")}</th>
            ${[sums.used, sums.residual, sums.surplus].map(write)}
            <td><partage-hour-bars small .values=${sums.byHour}></partage-hour-bars></td>
          </tr>
        </tfoot>
      </table>
    </div>`;
  }

  /**
   * @param {Column} column
   * @param {string} words
   */
  renderHead(column, words) {
    const sorted = column === this.column ? (this.descending ? "descending" : "ascending") : "none";
    const arrow = { ascending: "↑", descending: "↓", none: "" }[sorted];
    return html`<th scope="col" aria-sort=${sorted}>
      <button type="button" @click=${() => this.sort(column)}>${say(words)}<span class="arrow" aria-hidden="true">${arrow}</span></button>
    </th>`;
  }
}

customElements.define("partage-portfolio-table", PortfolioTable);
