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
    const incentives = bill.lines.filter(({ kind }) => kind === "incentive");
    const parts = bill.documents.length + (incentives.length > 0 ? 1 : 0);
    return html`<div class="stack">
      ${bill.documents.map((document) => this.renderDocument(bill, document))}
      ${incentives.length > 0 ? this.renderIncentives(bill, incentives) : nothing}
      ${parts > 1 ? this.renderBalance(bill) : nothing}
      ${informationGroups(bill).map((group) => this.renderInformation(bill, group))}
    </div>`;
  }

  /**
   * @param {BillContent} bill
   * @param {BillDocument} document
   */
  renderDocument(bill, document) {
    const lines = document.lines.flatMap((place) => bill.lines[place] ?? []);
    const [seller, buyer] = [document.seller, document.buyer].map((id) => nameOf(bill, id));
    const titles = /** @type {const} */ ({
      ...{ invoice: "bill.lines.billed", self_billed: "bill.lines.credited", purchase: "bill.lines.purchase", sale: "bill.lines.sale" },
    });
    const notes = { invoice: "", self_billed: "bill.lines.self_billed", purchase: "bill.lines.mandate", sale: "bill.lines.mandate" };
    const values = { seller: document.kind === "self_billed" ? bill.community.name : (seller ?? ""), buyer: buyer ?? "", community: bill.community.name };
    const note = notes[document.kind];
    const taxed = document.total_vat !== 0 || document.vat.some((group) => group.rate_ppm > 0);
    return html`<section class="card">
      <h3>${say(titles[document.kind], values)}</h3>
      ${note ? html`<p class="small soft">${say(note, values)}</p>` : nothing}
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

  /**
   * An incentive is paid on, not sold: it stands on no invoice.
   *
   * @param {BillContent} bill
   * @param {BillLine[]} lines
   */
  renderIncentives(bill, lines) {
    const sum = lines.reduce((total, line) => total + line.amount, 0);
    return html`<section class="card">
      <h3>${say("bill.lines.incentive", { seller: bill.community.name })}</h3>
      <div class="lines">${lines.map((line) => this.renderLine(bill, line))}</div>
      <dl class="sums">
        <dt class="total">${say("bill.lines.total")}</dt>
        <dd class="total">${formatMoney(sum, this.locale)}</dd>
      </dl>
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
    const shared = line.kind === "bought" || line.kind === "sold";
    const varies = shared && bill.pricing !== "uniform";
    const credited = line.kind === "surplus" && bill.surplus_owner === "consumer";
    return html`<partage-explained>
      <span slot="figure" class="line">
        <span>${this.titleOf(bill, line, windows)}</span>
        <span class="amount">${amount}</span>
        ${price ? html`<span class="times">${say(varies ? "line.times.mean" : "line.times", { quantity, price })}</span>` : nothing}
      </span>
      <p>${say(`how.${credited ? "surplus.credited" : line.kind}`, { windows, quantity, price, amount })}</p>
      ${varies && hasWords(`how.pricing.${bill.pricing}`) ? html`<p>${say(`how.pricing.${bill.pricing}`, { price })}</p>` : nothing}
      ${line.point ? html`<p>${say("how.point", { point: this.numberOf(bill, line), version: bill.rule_version })}</p>` : nothing}
    </partage-explained>`;
  }

  /**
   * @param {BillContent} bill
   * @param {BillLine} line
   * @param {string} windows
   */
  titleOf(bill, line, windows) {
    if (windows) return say("line.residual.windows", { windows });
    if (!line.counterpart) return say(`line.${line.kind}`);
    return say(line.kind === "sold" ? "line.sold.to" : "line.bought.from", { name: nameOf(bill, line.counterpart) });
  }

  /**
   * @param {BillContent} bill
   * @param {BillLine} line
   */
  numberOf(bill, line) {
    return bill.points.find((point) => point.slot === line.slot)?.number ?? line.point;
  }
}

/**
 * @param {BillContent} bill
 * @param {string} id Of a participant; empty for the community.
 * @returns {string}
 */
function nameOf(bill, id) {
  if (!id) return bill.community.name;
  if (id === bill.participant.id) return bill.participant.name;
  return bill.neighbours.find(({ participant }) => participant === id)?.name || id;
}

customElements.define("partage-bill-lines", BillLines);
