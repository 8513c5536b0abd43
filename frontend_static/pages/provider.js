/**
 * Provider: what customers drew and sold after sharing, when they drew, and the lines that each would be billed.
 *
 * @typedef {import("../components/role_page.js").Fact} Fact
 * @typedef {import("../components/role_page.js").Place} Place
 * @typedef {import("../domain/portfolio.js").Holding} Holding
 * @typedef {import("../domain/portfolio.js").SupplierLine} SupplierLine
 * @typedef {import("../domain/portfolio.js").Column} Column
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { saveFile } from "../data/download.js";
import { fileName, writeCsv } from "../domain/csv.js";
import { formatCount, formatEnergy, formatLabel, formatMoney } from "../domain/figures.js";
import { draftsOf, filterHoldings, linesTable, nameOfHolding, portfolioTable, sortHoldings, sumHoldings, totalsByKind } from "../domain/portfolio.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/draft_invoice.js";
import "../components/hour_bars.js";
import { icon } from "../components/icons.js";
import "../components/portfolio_table.js";
import { RolePage } from "../components/role_page.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import "./reconciliation_part.js";

const BILLERS = /** @type {Readonly<Record<string, string>>} */ ({ supplier: "provider.biller.supplier", offtaker: "provider.biller.offtaker" });

export class Provider extends RolePage {
  static properties = {
    ...RolePage.properties,
    holdings: { state: true },
    lines: { state: true },
    order: { state: true },
  };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      .find {
        flex: 0 1 320px;
      }

      .tools {
        align-items: end;
      }

      .kinds th[scope="row"] {
        white-space: normal;
      }

      @media (max-width: 599px) {
        .wide {
          display: none;
        }
      }

      @media print {
        section.card.behind {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Holding[]} */
    this.holdings = [];
    /** @type {SupplierLine[]} */
    this.lines = [];
    /** @type {{column: Column, descending: boolean}} */
    this.order = { column: "name", descending: false };
    this.hrefOf = (/** @type {string} */ participant) => writeRoute("provider", this.place?.label ?? "", participant);
  }

  /** @returns {"provider"} */
  get pageName() {
    return "provider";
  }

  /**
   * @param {Place} place
   * @param {AbortSignal} signal
   */
  async loadPeriod(place, signal) {
    this.text = "";
    const base = `/provider/communities/${encodeURIComponent(place.community)}`;
    const label = encodeURIComponent(place.label);
    const [portfolio, lines] = await Promise.all([ask(`${base}/portfolio/${label}`, { signal }), ask(`${base}/lines/${label}`, { signal })]);
    if (signal.aborted) return;
    this.holdings = portfolio.items;
    this.lines = lines.items;
  }

  get itemAt() {
    return "#draft";
  }

  /**
   * @param {string} name
   * @param {(string | number)[][]} table
   */
  save(name, table) {
    saveFile(new Blob([writeCsv(table)], { type: "text/csv" }), name);
  }

  /** @param {Place} place */
  renderPeriod(place) {
    const shown = sortHoldings(filterHoldings(this.holdings, this.text), this.order.column, this.order.descending);
    const behind = this.item ? "behind" : "";
    return html`${this.item ? this.renderCustomer(place) : nothing}
      <section class="card ${behind}">
        <h2>${say("provider.sums")}</h2>
        ${this.renderSums(shown)}
        <div class="row spread tools screen">
          <div class="find">${this.renderSearch("provider.filter", "provider.filter.hint")}</div>
          <button type="button" ?disabled=${shown.length === 0} @click=${() => this.save(fileName([place.community, place.label, "portfolio"], "csv"), portfolioTable(shown))}>
            ${icon("file")}${say("provider.saved.portfolio")}
          </button>
        </div>
        ${shown.length > 0
          ? html`<partage-portfolio-table
              .holdings=${shown}
              .chosen=${this.item}
              .column=${this.order.column}
              .descending=${this.order.descending}
              .hrefOf=${this.hrefOf}
              @sorted=${(/** @type {CustomEvent} */ event) => (this.order = event.detail)}
            ></partage-portfolio-table>`
          : html`<p class="soft">${say("provider.none", { text: this.text })}</p>`}
      </section>
      <section class="card ${behind}">
        <h2>${say("provider.hours")}</h2>
        <partage-hour-bars .values=${sumHoldings(shown).byHour} .label=${say("provider.hours")}></partage-hour-bars>
      </section>
      ${this.renderKinds(place, shown, behind)}
      <partage-reconciliation class=${behind} .community=${place.community} .label=${place.label} .zone=${place.zone} disputes></partage-reconciliation>`;
  }

  /** @param {Holding[]} shown */
  renderSums(shown) {
    const { used, residual, surplus } = sumHoldings(shown);
    /** @type {Fact[]} */
    const facts = [
      ["provider.used", used, ""],
      ["provider.residual", residual, "grid"],
      ["provider.surplus", surplus, "feed-in"],
    ];
    const counts = { shown: formatCount(shown.length, this.locale), all: formatCount(this.holdings.length, this.locale) };
    return html`${this.renderFacts(facts)}
      <p class="small soft" role="status">${say("provider.sums.count", counts)}</p>`;
  }

  /**
   * @param {Place} place
   * @param {Holding[]} shown
   * @param {string} behind
   */
  renderKinds(place, shown, behind) {
    const names = new Set(shown.map(({ participant }) => participant));
    const lines = this.lines.filter(({ participant }) => names.has(participant));
    const totals = totalsByKind(lines);
    return html`<section class="card ${behind}">
      <div class="row spread">
        <h2>${say("provider.kinds")}</h2>
        <button class="screen" type="button" ?disabled=${lines.length === 0} @click=${() => this.save(fileName([place.community, place.label, "lines"], "csv"), linesTable(lines))}>
          ${icon("file")}${say("provider.saved.lines")}
        </button>
      </div>
      ${totals.length > 0
        ? html`<div class="scroll" role="region" tabindex="0" aria-label=${say("provider.kinds")}>
            <table class="kinds">
              <caption class="hidden">${say("provider.kinds")}</caption>
              <thead>
                <tr>
                  <th scope="col">${say("provider.kind")}</th>
                  <th scope="col" class="wide">${say("provider.kind.lines")}</th>
                  ${["provider.quantity", "provider.amount"].map((words) => html`<th scope="col">${say(words)}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${totals.map(
                  (total) => html`<tr>
                    <th scope="row">
                      ${say(`line.${total.kind}`)}
                      <div class="small soft">${say(BILLERS[total.biller] ?? total.biller)}</div>
                    </th>
                    <td class="wide">${formatCount(total.lines, this.locale)}</td>
                    <td>${formatEnergy(total.quantity, this.locale, 3)}</td>
                    <td>${formatMoney(total.amount, this.locale)}</td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`
        : html`<p class="soft">${say("provider.kinds.none")}</p>`}
      <p class="small soft">${say("provider.reference")}</p>
    </section>`;
  }

  /** @param {Place} place */
  renderCustomer(place) {
    const { item } = this;
    const back = html`<a class="screen" href=${writeRoute("provider", place.label)}>${say("provider.back")}</a>`;
    const holding = this.holdings.find(({ participant }) => participant === item);
    if (!holding) return html`<section class="card"><div class="row spread"><p class="soft">${say("provider.draft.missing", { item })}</p>${back}</div></section>`;
    const lines = this.lines.filter(({ participant }) => participant === item);
    return html`<section class="card">
      <div class="row spread">
        <h2 id="draft" tabindex="-1">${say("provider.draft", { name: nameOfHolding(holding) })}</h2>
        ${back}
      </div>
      <p class="small soft">${say("provider.draft.note", { period: formatLabel(place.label, this.locale) })} ${say("provider.reference")}</p>
      <partage-draft-invoice .groups=${draftsOf(this.lines, item)}></partage-draft-invoice>
      <div class="row screen">
        <button type="button" @click=${() => this.save(fileName([place.community, place.label, item, "lines"], "csv"), linesTable(lines))}>
          ${icon("file")}${say("provider.saved.lines")}
        </button>
        <button type="button" @click=${() => window.print()}>${icon("print")}${say("role.print")}</button>
      </div>
      <h3>${say("provider.draft.hours")}</h3>
      <partage-hour-bars .values=${holding.residual_by_hour_milliwatt_hours} .label=${say("provider.draft.hours")}></partage-hour-bars>
    </section>`;
  }
}

customElements.define("partage-provider", Provider);
