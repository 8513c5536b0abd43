/**
 * A bill's lines: what the community bills, what it credits, and what others bill, as information. Each line opens how it
 * was computed.
 *
 * @typedef {import("../domain/bill_view.js").BillContent} BillContent
 * @typedef {import("../domain/bill_view.js").BillLine} BillLine
 * @typedef {import("../domain/bill_view.js").BillDocument} BillDocument
 */
import { css, html, nothing } from "../vendor/lit.js";
import { informationGroups } from "../domain/bill_view.js";
import { formatEnergy, formatMoney, formatPrice, formatRate } from "../domain/figures.js";
import { hasWords, say } from "../i18n/words.js";
import "./explained.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const EXACT = 3; // decimals of a kWh on a line
const PAID_TO_MEMBER = new Set(["offtaker", "consumer"]);

export class BillLines extends Localized {
  static properties = { bill: { attribute: false } };

  static styles = [
    sharedStyles,
    css`
      .lines > * {
        border-bottom: 1px solid var(--line);
      }

      .line {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0 16px;
      }

      .times {
        grid-row: 2;
        font-size: 14px;
        line-height: 20px;
        color: var(--ink-soft);
      }

      .amount {
        font-weight: 550;
        white-space: nowrap;
        text-align: right;
      }

      .sums {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 4px 16px;
        margin-top: 12px;
        padding-right: 28px;
      }

      .sums dd {
        text-align: right;
        white-space: nowrap;
      }

      .sums .total {
        font-weight: 650;
      }

      .information {
        background: none;
        box-shadow: none;
      }

      .information .amount {
        color: var(--ink-soft);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {BillContent | null} */
    this.bill = null;
  }

  render() {
    const { bill } = this;
    if (!bill) return nothing;
    return html`<div class="stack">
      ${bill.documents.map((document) => this.renderDocument(bill, document))}
      ${bill.documents.length > 1 ? this.renderBalance(bill) : nothing}
      ${informationGroups(bill).map((group) => this.renderInformation(bill, group))}
    </div>`;
  }

  /**
   * @param {BillContent} bill
   * @param {BillDocument} document
   */
  renderDocument(bill, document) {
    const lines = document.lines.flatMap((place) => bill.lines[place] ?? []);
    const credited = document.kind === "self_billed";
    const seller = bill.community.name;
    const taxed = document.total_vat !== 0 || document.vat.some((group) => group.rate_ppm > 0);
    return html`<section class="card">
      <h3>${say(credited ? "bill.lines.credited" : "bill.lines.billed", { seller })}</h3>
      ${credited ? html`<p class="small soft">${say("bill.lines.self_billed", { seller })}</p>` : nothing}
      <div class="lines">${lines.map((line) => this.renderLine(bill, line))}</div>
      <dl class="sums">
        ${taxed
          ? html`<dt class="soft">${say("bill.lines.net")}</dt>
              <dd>${formatMoney(document.total_without_vat, this.locale)}</dd>
              ${document.vat.map(
                (group) => html`<dt class="soft">${say("bill.lines.vat", { rate: formatRate(group.rate_ppm, this.locale) })}</dt>
                  <dd>${formatMoney(group.tax, this.locale)}</dd>`,
              )}`
          : nothing}
        <dt class="total">${say("bill.lines.total")}</dt>
        <dd class="total">${formatMoney(document.amount_due, this.locale)}</dd>
      </dl>
      ${document.vat.filter((group) => group.reason).map((group) => html`<p class="small soft">${say(group.reason)}</p>`)}
    </section>`;
  }

  /** @param {BillContent} bill */
  renderBalance(bill) {
    const { payable } = bill.amounts;
    return html`<section class="card">
      <dl class="sums">
        <dt class="total">${say(payable < 0 ? "bill.lines.balance.receive" : "bill.lines.balance")}</dt>
        <dd class="total">${formatMoney(Math.abs(payable), this.locale)}</dd>
      </dl>
    </section>`;
  }

  /**
   * @param {BillContent} bill
   * @param {{biller: string, lines: BillLine[], sum: number}} group
   */
  renderInformation(bill, { biller, lines, sum }) {
    const name = hasWords(`biller.${biller}`) ? say(`biller.${biller}`) : biller;
    const note = PAID_TO_MEMBER.has(biller) ? "bill.information.note.paid" : "bill.information.note";
    return html`<section class="card information">
      <h3>${say("bill.information.title")}</h3>
      <p class="small soft">${say(note, { biller: name })}</p>
      <div class="lines">${lines.map((line) => this.renderLine(bill, line))}</div>
      <dl class="sums">
        <dt class="soft">${say("bill.lines.total")}</dt>
        <dd class="soft">${formatMoney(sum, this.locale)}</dd>
      </dl>
    </section>`;
  }

  /**
   * @param {BillContent} bill
   * @param {BillLine} line
   */
  renderLine(bill, line) {
    const { locale } = this;
    const amount = formatMoney(line.amount, locale);
    const quantity = formatEnergy(line.quantity, locale, EXACT);
    const price = line.kind === "fee" ? "" : formatPrice(line.unit_price, locale);
    const windows = line.windows.join(", ");
    const title = windows ? say("line.residual.windows", { windows }) : say(`line.${line.kind}`);
    return html`<partage-explained>
      <span slot="figure" class="line">
        <span>${title}</span>
        <span class="amount">${amount}</span>
        ${price ? html`<span class="times">${say("line.times", { quantity, price })}</span>` : nothing}
      </span>
      <p>${say(`how.${line.kind}`, { windows, quantity, price, amount })}</p>
      ${line.point ? html`<p>${say("how.point", { point: this.numberOf(bill, line), version: bill.rule_version })}</p>` : nothing}
    </partage-explained>`;
  }

  /**
   * @param {BillContent} bill
   * @param {BillLine} line
   */
  numberOf(bill, line) {
    return bill.points.find((point) => point.slot === line.slot)?.number ?? line.point;
  }
}

customElements.define("partage-bill-lines", BillLines);
