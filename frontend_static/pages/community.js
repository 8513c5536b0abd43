/**
 * Community: totals, runs held against the chain, and the rule; works without a log-in.
 *
 * @typedef {import("../domain/public_record.js").PeriodCard} PeriodCard
 * @typedef {import("../domain/bill_view.js").RuleCard} RuleCard
 * @typedef {{id: string, name: string, note: string, time_zone: string, participants: number, metering_points: number,
 *   resolution_minutes: number, rule: RuleCard | null}} CommunityCard
 * @typedef {{label: string, by_hour_of_day: Record<string, number[]>, by_hour_of_week: Record<string, number[][]>}} Profile
 * @typedef {import("../domain/sankey.js").FlowNode} FlowNode
 * @typedef {{label: string, producers: FlowNode[], consumers: FlowNode[], links: {producer: string, consumer: string,
 *   energy_milliwatt_hours: number}[]}} Flows
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask, askAll } from "../data/api.js";
import { readRuns } from "../data/public_chain.js";
import { formatCount, formatEnergy, formatLabel, formatMoney, formatPrice } from "../domain/figures.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/hash_text.js";
import "../components/heat_map.js";
import "../components/hour_profile.js";
import { Localized } from "../components/localized.js";
import { noticeOf } from "../components/notice.js";
import "../components/run_card.js";
import "../components/sankey_chart.js";
import { sharedStyles } from "../components/shared_styles.js";

export class Community extends Localized {
  static properties = { community: {}, signedIn: { attribute: false }, flows: { state: true }, shown: { state: true }, error: { state: true }, live: { state: true } };

  static styles = [
    sharedStyles,
    css`
      .page {
        display: grid;
        gap: 24px;
        grid-template-columns: minmax(0, 1fr);
        max-width: 880px;
      }

      .facts {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 32px;
        margin-top: 12px;
      }

      .facts b {
        font-size: 20px;
      }

      .words {
        display: grid;
        gap: 8px;
        margin: 12px 0;
      }

      .prices td:last-child {
        font-weight: 600;
      }

      .prices th {
        white-space: normal;
      }

      .contracts {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 4px 16px;
        align-items: center;
        margin-top: 12px;
        font-size: 14px;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.signedIn = false;
    /** Null where they are withheld. @type {Flows | null | undefined} */
    this.flows = undefined;
    /** @type {{card: CommunityCard, all: CommunityCard[], periods: PeriodCard[], deployment: any, profile: Profile | null} | null} */
    this.shown = null;
    this.none = false;
    /** @type {unknown} */
    this.error = null;
    /** @type {import("../data/public_chain.js").Live | null | undefined} */
    this.live = undefined;
    this.retry = () => void this.load();
    /** @type {AbortController | null} */
    this.loading = null;
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("community") || changed.has("signedIn")) void this.load();
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    this.error = this.shown = null;
    this.live = undefined;
    this.flows = undefined;
    this.none = false;
    try {
      const all = await askAll("/public/communities", signal);
      const id = this.community || all[0]?.id;
      if (!id) {
        this.none = true;
        this.requestUpdate();
        return;
      }
      const base = `/public/communities/${encodeURIComponent(id)}`;
      const [card, periods, deployment] = await Promise.all([
        ask(base, { signal }),
        askAll(`${base}/periods`, signal),
        ask("/public/deployment", { signal }),
      ]);
      const profile = periods[0]?.shows_profile
        ? await ask(`${base}/periods/${encodeURIComponent(periods[0].label)}/profile`, { signal }).catch(() => null)
        : null;
      if (signal.aborted) return;
      this.shown = { card, all, periods, deployment, profile };
      if (this.signedIn && periods[0]) {
        const path = `/communities/${encodeURIComponent(id)}/flows/${encodeURIComponent(periods[0].label)}`;
        const flows = await ask(path, { signal }).catch(() => null);
        if (signal.aborted) return;
        this.flows = flows;
      }
      this.live = await readRuns(deployment, periods, signal).catch(() => null);
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  render() {
    if (this.error) return html`<div class="page"><h1>${say("community.title")}</h1>${noticeOf(this.error, this.retry)}</div>`;
    if (this.none) {
      return html`<div class="page">
        <h1>${say("community.title")}</h1>
        <partage-notice kind="empty" .heading=${say("community.empty.title")} .text=${say("community.empty")}></partage-notice>
      </div>`;
    }
    if (!this.shown) return html`<partage-notice kind="loading" .heading=${say("loading.community")}></partage-notice>`;
    const { card, periods, profile, deployment } = this.shown;
    return html`<div class="page">
      ${this.renderHead(card, this.shown.all)}
      <h2>${say("community.periods")}</h2>
      ${periods.length === 0 ? html`<p class="soft">${say("community.periods.empty")}</p>` : nothing}
      ${periods.map((period) => html`<partage-run-card .period=${period} .live=${this.live} .zone=${card.time_zone}></partage-run-card>`)}
      ${periods[0] ? html`${this.renderFlows(periods[0].label)} ${this.renderWeek(profile)} ${this.renderProfile(profile)}` : nothing}
      ${this.renderRule(card.rule)} ${this.renderDeployment(deployment)}
    </div>`;
  }

  /**
   * @param {CommunityCard} card
   * @param {CommunityCard[]} all
   */
  renderHead(card, all) {
    return html`<header>
      <div class="row spread">
        <h1>${card.name}</h1>
        ${all.length > 1
          ? html`<div>
              <label class="hidden" for="community">${say("community.choose")}</label>
              <select id="community" @change=${(/** @type {any} */ event) => (location.hash = writeRoute("community", event.target.value))}>
                ${all.map(({ id, name }) => html`<option value=${id} ?selected=${id === card.id}>${name}</option>`)}
              </select>
            </div>`
          : nothing}
      </div>
      <div class="facts soft">
        <span><b>${formatCount(card.participants, this.locale)}</b> ${say("community.members")}</span>
        <span><b>${formatCount(card.metering_points, this.locale)}</b> ${say("community.points")}</span>
        <span><b>${card.resolution_minutes}</b> ${say("community.resolution")}</span>
      </div>
      ${card.note ? html`<p class="small soft facts">${card.note}</p>` : nothing}
    </header>`;
  }

  /** @param {Profile | null} profile */
  renderProfile(profile) {
    return html`<section class="card">
      <h2>${say("community.profile")}</h2>
      ${profile
        ? html`<partage-hour-profile
            .used=${profile.by_hour_of_day["used_milliwatt_hours"] ?? []}
            .shared=${profile.by_hour_of_day["from_neighbours_milliwatt_hours"] ?? []}
          ></partage-hour-profile>`
        : html`<p class="soft">${say("community.profile.withheld")}</p>`}
    </section>`;
  }

  /** @param {string} label Of the newest period. */
  renderFlows(label) {
    const { flows } = this;
    const links = (flows?.links ?? []).map(({ energy_milliwatt_hours: energy, ...ends }) => ({ ...ends, energy }));
    const missing = this.signedIn ? (flows === null ? "community.flows.withheld" : "loading") : "community.flows.sign_in";
    return html`<section class="card">
      <h2>${say("community.flows")}</h2>
      ${flows
        ? html`<p class="small soft">${say("community.flows.hint", { period: formatLabel(label, this.locale) })}</p>
            <partage-sankey
              .producers=${flows.producers}
              .consumers=${flows.consumers}
              .links=${links}
              .label=${say("community.flows")}
            ></partage-sankey>`
        : html`<p class="soft">${say(missing)}</p>`}
    </section>`;
  }

  /** @param {Profile | null} profile */
  renderWeek(profile) {
    return html`<section class="card">
      <h2>${say("community.week")}</h2>
      ${profile
        ? html`<partage-heat-map
            .values=${profile.by_hour_of_week["from_neighbours_milliwatt_hours"] ?? []}
            .label=${say("community.week")}
          ></partage-heat-map>`
        : html`<p class="soft">${say("community.profile.withheld")}</p>`}
    </section>`;
  }

  /** @param {RuleCard | null} rule */
  renderRule(rule) {
    if (!rule) return html`<section class="card"><h2>${say("community.rule")}</h2><p>${say("community.rule.none")}</p></section>`;
    const { tariff } = rule;
    const others = /** @type {const} */ (["network_shared", "excise", "excise_shared", "premium_consumption", "premium_feed_in"]);
    const rows = [
      [say("community.price.shared"), formatPrice(tariff.shared_price_micro_eur_per_kwh, this.locale)],
      ...tariff.residual_prices.map(({ windows, price_micro_eur_per_kwh: price }) => [
        say("community.price.residual", { windows: windows.join(", ") }),
        formatPrice(price, this.locale),
      ]),
      [say("community.price.network"), formatPrice(tariff.network_price_micro_eur_per_kwh, this.locale)],
      [say("community.price.surplus"), formatPrice(tariff.surplus_price_micro_eur_per_kwh, this.locale)],
      ...others.flatMap((name) => {
        const price = tariff[`${name}_price_micro_eur_per_kwh`];
        const told = price && !(name === "network_shared" && price === tariff.network_price_micro_eur_per_kwh);
        return told ? [[say(`community.price.${name}`), formatPrice(price, this.locale)]] : [];
      }),
      [say("community.price.fee"), formatMoney(tariff.monthly_fee_cents, this.locale)],
    ];
    return html`<section class="card">
      <h2>${say("community.rule")}</h2>
      <p class="small soft">${say("community.rule.version", { version: rule.version, method: rule.method })}</p>
      <ul class="words">${rule.words[this.locale].map((words) => html`<li>${words}</li>`)}</ul>
      <table class="prices">
        <caption class="hidden">${say("community.rule.prices")}</caption>
        <tbody>${rows.map(([name, price]) => html`<tr><th scope="row">${name}</th><td>${price}</td></tr>`)}</tbody>
      </table>
    </section>`;
  }

  /** @param {any} deployment */
  renderDeployment(deployment) {
    const address = new URL(deployment.rpc, location.href).href;
    return html`<section class="card">
      <h2>${say("community.deployment")}</h2>
      <p class="small soft">${say("community.deployment.text", { rpc: address })}</p>
      <dl class="contracts">
        <dt class="soft">${say("community.chain_id")}</dt>
        <dd>${deployment.chain_id}</dd>
        <dt class="soft">${say("community.genesis")}</dt>
        <dd><partage-hash .value=${deployment.genesis_hash} .what=${say("community.genesis")}></partage-hash></dd>
        ${Object.entries(deployment.contracts).map(
          ([name, value]) => html`<dt class="soft">${say(`contract.${name}`)}</dt>
            <dd><partage-hash .value=${String(value)} .what=${say(`contract.${name}`)}></partage-hash></dd>`,
        )}
      </dl>
    </section>`;
  }
}

customElements.define("partage-community", Community);
