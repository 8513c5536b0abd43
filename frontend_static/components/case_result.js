/** What came of a case for its member: the bill as it was, and as it is now that the outcome is settled. */
import { css, html, nothing } from "../vendor/lit.js";
import { ask, askAll } from "../data/api.js";
import { formatEnergy, formatInstant, formatMoney } from "../domain/figures.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/bill_view.js").BillContent} BillContent */

export class CaseResult extends Localized {
  static properties = { community: {}, label: {}, zone: {}, former: { state: true }, latest: { state: true }, until: { state: true } };

  static styles = [
    sharedStyles,
    css`
      .card {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      table .strong {
        font-weight: 650;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.label = "";
    this.zone = "UTC";
    /** @type {BillContent | null} */
    this.former = null;
    /** @type {BillContent | null} */
    this.latest = null;
    /** Until when the new result may be contested; empty where it counts. */
    this.until = "";
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("label") && this.label) void this.load();
  }

  async load() {
    const periods = await askAll(`/public/communities/${encodeURIComponent(this.community)}/periods`).catch(() => []);
    const period = periods.find(({ label }) => label === this.label);
    if (!period) return;
    const versions = period.runs.filter((/** @type {any} */ run) => run.state !== "voided").map((/** @type {any} */ run) => Number(run.version));
    const [latest = 0, former = 0] = versions.sort((/** @type {number} */ a, /** @type {number} */ b) => b - a);
    const bill = (/** @type {number} */ version) => ask(`/me/bills/${encodeURIComponent(this.label)}?version=${version}`).catch(() => null);
    const [now, before] = await Promise.all([latest ? bill(latest) : null, former ? bill(former) : null]);
    this.until = period.version === latest ? "" : (period.contestable_until ?? "");
    this.former = before;
    this.latest = now;
  }

  render() {
    const { former: before, latest: now } = this;
    if (!now) return nothing;
    const changed = before ? now.amounts.payable - before.amounts.payable : 0;
    const words = changed < 0 ? "case.result.less" : changed > 0 ? "case.result.more" : "case.result.same";
    return html`<section class="card">
      <h2>${say("case.result.title")}</h2>
      ${before ? html`<p data-figure="changed"><b>${say(words, { amount: formatMoney(Math.abs(changed), this.locale) })}</b></p>${this.renderTable(before, now)}` : html`<p>${say("case.result.unchanged")}</p>`}
      ${this.until ? html`<p class="small soft">${say("case.result.until", { when: formatInstant(this.until, this.zone, this.locale) })}</p>` : nothing}
      <div><a class="button" href=${writeRoute("bill", this.label)}>${icon("bill")}${say("case.result.bill")}</a></div>
    </section>`;
  }

  /** @param {BillContent} before @param {BillContent} now */
  renderTable(before, now) {
    const energy = (/** @type {number} */ value) => formatEnergy(value, this.locale, 3);
    const money = (/** @type {number} */ value) => formatMoney(value, this.locale);
    const rows = /** @type {[string, string, string][]} */ ([
      ["case.result.used", energy(before.energy.used), energy(now.energy.used)],
      ["case.result.shared", energy(before.energy.from_neighbours), energy(now.energy.from_neighbours)],
      ["case.result.payable", money(before.amounts.payable), money(now.amounts.payable)],
    ]);
    return html`<table>
      <thead>
        <tr>
          <th scope="col"><span class="hidden">${say("case.result.what")}</span></th>
          <th scope="col">${say("case.result.before", { version: before.run.version })}</th>
          <th scope="col">${say("case.result.now", { version: now.run.version })}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(([words, was, is]) => html`<tr class=${words === "case.result.payable" ? "strong" : ""}><th scope="row">${say(words)}</th><td>${was}</td><td>${is}</td></tr>`)}
      </tbody>
    </table>`;
  }
}

customElements.define("partage-case-result", CaseResult);
