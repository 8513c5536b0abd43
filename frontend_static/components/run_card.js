/**
 * A settled period of a community: totals, states, roots, and whether the chain agrees.
 *
 * @typedef {import("../domain/public_record.js").PeriodCard} PeriodCard
 * @typedef {import("../domain/public_record.js").RunCard} RunCard
 * @typedef {import("../data/public_chain.js").Live} Live
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatCount, formatEnergy, formatInstant, formatLabel, formatMoney, formatPercent } from "../domain/figures.js";
import { runInForce } from "../domain/public_record.js";
import { say } from "../i18n/words.js";
import "./energy_bar.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";
import "./state_badge.js";

export class RunCardView extends Localized {
  static properties = { period: { attribute: false }, live: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    css`
      .card {
        display: grid;
        gap: 20px;
        grid-template-columns: minmax(0, 1fr);
      }

      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
        gap: 12px 24px;
        font-size: 14px;
        line-height: 20px;
      }

      dt {
        color: var(--ink-soft);
      }

      .number {
        font-size: 16px;
        font-weight: 600;
      }

      .chain {
        display: flex;
        gap: 8px;
        align-items: flex-start;
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
        font-size: 14px;
        line-height: 20px;
      }

      .chain.same {
        background: var(--verified-wash);
        color: var(--verified);
      }

      .chain.other {
        background: var(--voided-wash);
        color: var(--voided);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {PeriodCard | null} */
    this.period = null;
    /** Undefined while it is read, null where the chain is silent. @type {Live | null | undefined} */
    this.live = undefined;
    this.zone = "UTC";
  }

  render() {
    const { period } = this;
    if (!period) return nothing;
    const shown = runInForce(period);
    const earlier = period.runs.filter((run) => run !== shown);
    return html`<section class="card">
      <div class="row spread">
        <h3>${formatLabel(period.label, this.locale)}</h3>
        <partage-state-badge .state=${period.state}></partage-state-badge>
      </div>
      ${shown ? this.renderTotals(shown) : nothing} ${this.renderWindow(period)} ${shown ? this.renderRun(shown) : nothing}
      ${earlier.map((run) => html`<div class="row"><span>${say("community.run", { version: run.version })}</span><partage-state-badge .state=${run.state}></partage-state-badge></div> ${this.renderRun(run)}`)}
      <dl>
        <div>
          <dt>${say("community.transactions")}</dt>
          <dd class="number">${formatCount(period.transactions, this.locale)}</dd>
        </div>
        <div>
          <dt>${say("community.gas")}</dt>
          <dd class="number">${formatCount(period.gas, this.locale)}</dd>
        </div>
      </dl>
    </section>`;
  }

  /** @param {RunCard} run */
  renderTotals(run) {
    const { allocated_milliwatt_hours: shared, consumption_milliwatt_hours: used, feed_in_milliwatt_hours: produced } = run;
    const parts = [
      { label: say("community.bar.shared"), role: "shared", amount: shared },
      { label: say("community.bar.residual"), role: "grid", amount: run.residual_milliwatt_hours },
    ];
    const produce = [
      { label: say("community.bar.stayed"), role: "shared", amount: shared },
      { label: say("community.bar.surplus"), role: "feed-in", amount: run.surplus_milliwatt_hours },
    ];
    const text = { part: formatPercent(shared, used, this.locale), whole: formatPercent(shared, produced, this.locale) };
    return html`<p>${say("community.shared.of", text)}</p>
      <div class="stack">
        <p class="small soft">${say("community.bar.label")}: <b>${formatEnergy(used, this.locale)}</b></p>
        <partage-energy-bar .label=${say("community.bar.label")} .parts=${parts.filter((part) => part.amount > 0)}></partage-energy-bar>
        <p class="small soft">${say("community.bar.label.production")}: <b>${formatEnergy(produced, this.locale)}</b></p>
        <partage-energy-bar .label=${say("community.bar.label.production")} .parts=${produce.filter((part) => part.amount > 0)}></partage-energy-bar>
      </div>`;
  }

  /** @param {PeriodCard} period */
  renderWindow(period) {
    if (!period.contestable_until) return nothing;
    const until = formatInstant(period.contestable_until, this.zone, this.locale);
    return html`<p class="small soft">${say(period.state === "contestable" ? "community.contestable" : "community.settled", { until })}</p>`;
  }

  /** @param {RunCard} run */
  renderRun(run) {
    const totals = run.bill_totals_cents;
    /** @param {string} name @param {import("../i18n/words.js").Key} words */
    const sum = (name, words) =>
      name in totals ? html`<div><dt>${say(words)}</dt><dd class="number">${formatMoney(totals[name] ?? 0, this.locale)}</dd></div>` : nothing;
    /** @param {string} value @param {import("../i18n/words.js").Key} words */
    const root = (value, words) =>
      value ? html`<div><dt>${say(words)}</dt><dd><partage-hash .value=${value} .what=${say(words)}></partage-hash></dd></div>` : nothing;
    return html`<dl>
        ${sum("debits", "community.billed")} ${sum("credits", "community.credited")} ${sum("fees", "community.fees")}
      </dl>
      <dl>
        ${root(run.batch_root, "community.root.batch")} ${root(run.root, "seal.root")} ${root(run.bill_root, "seal.bill_root")}
      </dl>
      ${this.renderLive(run)}`;
  }

  /** @param {RunCard} run */
  renderLive(run) {
    if (this.live === undefined) return html`<p class="chain" role="status">${say("community.chain.loading")}</p>`;
    if (this.live === null) return html`<p class="chain" role="status">${icon("offline")}${say("community.chain.silent")}</p>`;
    const differing = this.live.differing.get(run.run_id) ?? [];
    return differing.length === 0
      ? html`<p class="chain same" role="status">
          ${icon("final")}<span>${say("community.chain")}. ${say("community.chain.same", { block: formatCount(this.live.block, this.locale) })}</span>
        </p>`
      : html`<p class="chain other" role="alert">${icon("voided")}<span>${say("community.chain.other", { what: differing.join(", ") })}</span></p>`;
  }
}

customElements.define("partage-run-card", RunCardView);
