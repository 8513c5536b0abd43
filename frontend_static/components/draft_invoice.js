/**
 * What one customer would be billed and paid, line by line.
 *
 * @typedef {import("../domain/portfolio.js").LineGroup} LineGroup
 * @typedef {import("../domain/portfolio.js").SupplierLine} SupplierLine
 */
import { css, html } from "../vendor/lit.js";
import { formatEnergy, formatMoney, formatPrice } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const TITLES = /** @type {Readonly<Record<string, string>>} */ ({ supplier: "provider.biller.supplier", offtaker: "provider.biller.offtaker" });
const TOTALS = /** @type {Readonly<Record<string, string>>} */ ({ supplier: "provider.total.supplier", offtaker: "provider.total.offtaker" });

export class DraftInvoice extends Localized {
  static properties = { groups: { attribute: false } };

  static styles = [
    sharedStyles,
    tableStyles,
    css`
      :host {
        display: grid;
        gap: 24px;
        grid-template-columns: minmax(0, 1fr);
      }

      h3 {
        margin-bottom: 4px;
      }

      .scroll {
        max-height: none;
      }

      th[scope="row"] {
        white-space: normal;
      }

      .narrow {
        display: none;
      }

      @media (max-width: 599px) {
        .narrow {
          display: block;
        }

        .wide {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {LineGroup[]} */
    this.groups = [];
  }

  render() {
    if (this.groups.length === 0) return html`<p class="soft">${say("provider.draft.none")}</p>`;
    return this.groups.map((group) => this.renderGroup(group));
  }

  /** @param {LineGroup} group */
  renderGroup({ biller, lines, amount }) {
    const title = say(TITLES[biller] ?? biller);
    return html`<section>
      <h3>${title}</h3>
      <div class="scroll" role="region" tabindex="0" aria-label=${title}>
        <table>
          <caption class="hidden">${title}</caption>
          <thead>
            <tr>
              <th scope="col">${say("provider.what")}</th>
              ${["provider.quantity", "provider.price"].map((words) => html`<th scope="col" class="wide">${say(words)}</th>`)}
              <th scope="col">${say("provider.amount")}</th>
            </tr>
          </thead>
          <tbody>${lines.map((line) => this.renderLine(line))}</tbody>
          <tfoot>
            <tr>
              <th scope="row">${say(TOTALS[biller] ?? "energy.total")}</th>
              <td class="wide"></td>
              <td class="wide"></td>
              <td>${formatMoney(amount, this.locale)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>`;
  }

  /** @param {SupplierLine} line */
  renderLine({ kind, windows, metering_point: point, quantity_milliwatt_hours: quantity, unit_price_micro_eur_per_kilowatt_hour: price, amount_cents: amount }) {
    const what = windows.length > 0 ? say(`line.${kind}.windows`, { windows: windows.join(", ") }) : say(`line.${kind}`);
    const [much, each] = [formatEnergy(quantity, this.locale, 3), formatPrice(price, this.locale)];
    return html`<tr>
      <th scope="row">
        ${what}
        <div class="small soft">${point}</div>
        <div class="small soft narrow">${say("line.times", { quantity: much, price: each })}</div>
      </th>
      <td class="wide">${much}</td>
      <td class="wide">${each}</td>
      <td>${formatMoney(amount, this.locale)}</td>
    </tr>`;
  }
}

customElements.define("partage-draft-invoice", DraftInvoice);
