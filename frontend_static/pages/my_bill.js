/**
 * My bill: the amount, when it is due and one bar; then where it came from, the lines, and the seal.
 *
 * @typedef {import("../domain/bill_view.js").BillContent} BillContent
 */
import { html, nothing } from "../vendor/lit.js";
import { ask, askAll, askText } from "../data/api.js";
import { productionSegments, useSegments } from "../domain/bill_view.js";
import {
  formatCount,
  formatDay,
  formatEnergy,
  formatKilograms,
  formatLabel,
  formatMoney,
  formatPeriod,
} from "../domain/figures.js";
import { doubtsOf, writeDoubt } from "../domain/contests.js";
import { orderFailures } from "../domain/proof_view.js";
import { writeRoute } from "../domain/routes.js";
import { hasWords, say } from "../i18n/words.js";
import "../components/bill_lines.js";
import { renderKey } from "../components/chart_parts.js";
import "../components/energy_bar.js";
import "../components/explained.js";
import "../components/neighbour_table.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import { noticeOf } from "../components/notice.js";
import "../components/proof_seal.js";
import { sharedStyles } from "../components/shared_styles.js";
import "../components/state_badge.js";
import { billStyles } from "./my_bill_styles.js";

export class MyBill extends Localized {
  static properties = {
    label: {},
    labels: { state: true },
    bill: { state: true },
    error: { state: true },
    proof: { state: true },
  };

  static styles = [sharedStyles, billStyles];

  constructor() {
    super();
    this.label = "";
    /** @type {string[] | null} */
    this.labels = null;
    /** @type {BillContent | null} */
    this.bill = null;
    /** @type {unknown} */
    this.error = null;
    /** @type {import("../data/proof_worker.js").Proof | null} */
    this.proof = null;
    this.retry = () => void this.load();
    /** @type {AbortController | null} */
    this.loading = null;
    /** @param {AbortSignal} signal */
    this.fetchBundle = (signal) => {
      const { period, run } = /** @type {BillContent} */ (this.bill);
      return askText(`/me/bills/${encodeURIComponent(period.label)}/bundle?version=${run.version}`, signal);
    };
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("label")) void this.load();
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.error = this.bill = this.proof = null;
    try {
      const summaries = this.labels ?? (await askAll("/me/bills", loading.signal)).map((bill) => String(bill.label));
      const label = this.label || summaries[0];
      const bill = label ? await ask(`/me/bills/${encodeURIComponent(label)}`, { signal: loading.signal }) : null;
      if (loading.signal.aborted) return;
      this.labels = summaries;
      this.bill = bill;
    } catch (error) {
      if (!loading.signal.aborted) this.error = error;
    }
  }

  render() {
    if (this.error) return html`<div class="page"><h1>${say("bill.title")}</h1>${noticeOf(this.error, this.retry)}</div>`;
    if (this.labels?.length === 0) {
      return html`<div class="page">
        <h1>${say("bill.title")}</h1>
        <partage-notice kind="empty" .heading=${say("bill.empty.title")} .text=${say("bill.empty")}></partage-notice>
      </div>`;
    }
    const { bill } = this;
    if (!bill) return html`<partage-notice kind="loading" .heading=${say("loading.bill")}></partage-notice>`;
    return html`<article class="page">
      ${this.renderHead(bill)}
      <div class="columns">
        <div class="stack main">
          ${this.renderAmount(bill)} ${this.renderOrigins(bill)} ${this.renderNeighbours(bill)} ${this.renderSaving(bill)}
          <h2>${say("bill.lines.title")}</h2>
          <partage-bill-lines .bill=${bill}></partage-bill-lines>
          ${this.renderReadings(bill)} ${this.renderRule(bill)}
        </div>
        <aside aria-label=${say("seal.title")}>
          <partage-proof-seal
            id="seal"
            .bill=${bill}
            .zone=${bill.period.time_zone}
            .fetchBundle=${this.fetchBundle}
            @verified=${(/** @type {CustomEvent} */ event) => (this.proof = event.detail)}
          ></partage-proof-seal>
          <p class="doubt small screen"><a href=${writeRoute("disputes", "doubt", this.doubted(bill))}>${say("bill.doubt")}</a></p>
        </aside>
      </div>
    </article>`;
  }

  /** @param {BillContent} bill */
  renderHead(bill) {
    const pdf = `/api/v1/me/bills/${encodeURIComponent(bill.period.label)}.pdf?locale=${this.locale}`;
    const many = (this.labels?.length ?? 0) > 1;
    return html`<header class="row spread">
      <div>
        <p class="soft small">${bill.community.name} · ${bill.participant.name}</p>
        <h1>${say("bill.of", { period: formatPeriod(bill.period.first, bill.period.last, this.locale) })}</h1>
      </div>
      <div class="row screen">
        ${many
          ? html`<label class="hidden" for="period">${say("bill.periods")}</label>
              <select id="period" @change=${(/** @type {any} */ event) => (location.hash = writeRoute("bill", event.target.value))}>
                ${this.labels?.map(
                  (label) => html`<option value=${label} ?selected=${label === bill.period.label}>${formatLabel(label, this.locale)}</option>`,
                )}
              </select>`
          : nothing}
        <button type="button" class="quiet" @click=${() => window.print()}>${icon("print")}${say("bill.print")}</button>
        <a class="button" href=${pdf} target="_blank" rel="noopener">${icon("file")}${say("bill.pdf")}</a>
      </div>
    </header>`;
  }

  /** @param {BillContent} bill */
  renderAmount(bill) {
    const { payable, debit, credit } = bill.amounts;
    const key = payable > 0 ? "bill.pay" : payable < 0 ? "bill.receive" : "bill.nothing";
    const stale = bill.bill_state === "superseded" ? "bill.replaced" : bill.bill_state === "voided" ? "bill.voided" : "";
    return html`<section class="card hero">
      ${stale ? html`<p class="stale" role="alert">${icon("voided")}${say(stale)}</p>` : nothing}
      <div class="row spread">
        <h2 class="small soft">${say(key)}</h2>
        <partage-state-badge .state=${bill.bill_state}></partage-state-badge>
      </div>
      <partage-explained>
        <span slot="figure" class="amount" data-figure="payable">${formatMoney(Math.abs(payable), this.locale)}</span>
        ${say("how.payable", { debit: formatMoney(debit, this.locale), credit: formatMoney(credit, this.locale) })}
      </partage-explained>
      <p class="soft">
        ${bill.due && payable > 0 ? html`<strong>${say("bill.due", { date: formatDay(bill.due, this.locale) })}</strong> · ` : nothing}
        ${bill.number ? say("bill.number", { number: bill.number }) : say("bill.draft")}
      </p>
      ${bill.energy.used > 0
        ? html`<partage-energy-bar .label=${say("bill.used")} .parts=${this.partsOf(useSegments(bill.energy))}></partage-energy-bar>`
        : nothing}
      ${bill.energy.produced > 0
        ? html`<partage-energy-bar .label=${say("bill.produced")} .parts=${this.partsOf(productionSegments(bill.energy))}></partage-energy-bar>`
        : nothing}
      ${this.renderChip()}
    </section>`;
  }

  /** The seal in a word, where the amount is read. */
  renderChip() {
    const [state, mark, words] = this.proof ? (this.proof.ok ? ["ok", "final", "seal.ok"] : ["failed", "voided", "seal.failed"]) : ["", "verify", "bill.check_now"];
    return html`<button type="button" class="chip ${state}" @click=${this.showSeal}>${icon(mark ?? "", 18)}<span>${say(words ?? "")}</span></button>`;
  }

  /** What is doubted: the period, and the first place that this browser found false. @param {BillContent} bill */
  doubted({ period: { label } }) {
    const [first] = doubtsOf(orderFailures(this.proof?.checks ?? []));
    return writeDoubt({ label, ...first });
  }

  showSeal() {
    const seal = this.renderRoot.querySelector("partage-proof-seal");
    seal?.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null} */ (seal?.shadowRoot?.querySelector(".row button"))?.focus({ preventScroll: true });
  }

  /** @param {import("../domain/bill_view.js").Segment[]} segments */
  partsOf(segments) {
    return segments.map(({ name, role, amount }) => ({ label: say(`segment.${name}`), role, amount }));
  }

  /** @param {BillContent} bill */
  renderOrigins(bill) {
    const { energy, period } = bill;
    const named = formatPeriod(period.first, period.last, this.locale);
    const values = { count: formatCount(period.intervals, this.locale), minutes: period.resolution_minutes };
    const origins = energy.origins.map(({ source, energy: part }) => `${this.source(source)} (${formatEnergy(part, this.locale)})`).join(", ");
    return html`${energy.used > 0
      ? html`<section class="card">
          <h2>${say("bill.origin.title")}</h2>
          ${this.renderFlows(useSegments(energy), say("bill.used.sum", { energy: formatEnergy(energy.used, this.locale), period: named }), html`<p>${say("how.use", values)}</p>
            ${energy.own > 0 ? html`<p>${say("how.own")}</p>` : nothing} ${origins ? html`<p>${say("how.origins", { origins })}</p>` : nothing}`)}
        </section>`
      : nothing}
    ${energy.produced > 0
      ? html`<section class="card">
          <h2>${say("bill.went.title")}</h2>
          ${this.renderFlows(productionSegments(energy), say("bill.produced.sum", { energy: formatEnergy(energy.produced, this.locale), period: named }), html`<p>${say("how.production", values)}</p>`)}
        </section>`
      : nothing}`;
  }

  /** Who served whom: a table for each side that there is. @param {BillContent} bill */
  renderNeighbours(bill) {
    const decides = bill.sharing_key === "flow" || bill.sharing_key === "pairwise";
    return /** @type {const} */ (["from", "to"]).map((side) =>
      bill.neighbours.some((neighbour) => neighbour.side === side)
        ? html`<section class="card">
            <h2 class="hidden">${say(`bill.neighbours.${side}`)}</h2>
            <partage-explained>
              <span slot="figure"><b>${say(`bill.neighbours.${side}`)}</b></span>
              ${say(decides ? "bill.neighbours.how.key" : "bill.neighbours.how")}
            </partage-explained>
            <partage-neighbours .neighbours=${bill.neighbours} .side=${side} .priced=${true}></partage-neighbours>
          </section>`
        : nothing,
    );
  }

  /**
   * @param {import("../domain/bill_view.js").Segment[]} segments
   * @param {string} sum
   * @param {unknown} how
   */
  renderFlows(segments, sum, how) {
    return html`<partage-explained><span slot="figure">${sum}</span>${how}</partage-explained>
      <ul class="flows">
        ${segments.map(
          ({ name, role, amount }) => html`<li>
            ${renderKey(role)}
            <span>${say(`segment.${name}`)}</span>
            <span class="value">${formatEnergy(amount, this.locale, 3)}</span>
          </li>`,
        )}
      </ul>`;
  }

  /** @param {string} source */
  source(source) {
    return hasWords(`source.${source}`) ? say(`source.${source}`) : say("source.other");
  }

  /** @param {BillContent} bill */
  renderSaving(bill) {
    const { saving } = bill;
    const [costs, costed] = [saving.cost_without - saving.earned_without, saving.cost_with - saving.earned_with];
    const earns = costs < 0;
    const key = saving.saving < 0 ? "saving.cost" : earns ? "saving.earned" : "saving.saved";
    const values = {
      without: formatMoney(earns ? -costs : costs, this.locale),
      with: formatMoney(earns ? -costed : costed, this.locale),
    };
    return html`<section class="card">
      <h2 class="hidden">${say("bill.saving.title")}</h2>
      <partage-explained>
        <span slot="figure" class="pair">
          <span>${say(key)}</span>
          <span class="figure">${formatMoney(Math.abs(saving.saving), this.locale)}</span>
        </span>
        ${say(earns ? "how.saving.earned" : "how.saving.cost", values)}
      </partage-explained>
      ${this.renderCarbon(bill.carbon)}
    </section>`;
  }

  /** @param {BillContent["carbon"]} carbon */
  renderCarbon(carbon) {
    if (!carbon) return nothing;
    const grams = formatCount(Math.floor((carbon.milligrams_per_kilowatt_hour + 500) / 1000), this.locale);
    const factors = carbon.factors
      .map((factor) => say("carbon.factor", { source: this.source(factor.source), grams: factor.grams_per_kilowatt_hour }))
      .join(", ");
    const text = { grid: formatKilograms(carbon.grid_grams, this.locale), local: formatKilograms(carbon.local_grams, this.locale) };
    return html`<partage-explained>
      <span slot="figure" class="pair">
        <span>${say("bill.carbon.title")}</span>
        <span class="figure">${say("carbon.figure", { grams })}</span>
      </span>
      <p>${say("carbon.text", text)}</p>
      ${carbon.notes.map((note) => html`<p>${say(note.key, { ...note.values, source: carbon.grid_source, factors })}</p>`)}
    </partage-explained>`;
  }

  /** @param {BillContent} bill */
  renderReadings(bill) {
    const doubtful = bill.quality.estimated + bill.quality.missing > 0;
    return html`<section class="card readings ${doubtful ? "doubtful" : ""}">
      <h2>${say("bill.quality.title")}</h2>
      ${bill.quality.notes.map((note) => html`<p>${say(note.key, note.values)}</p>`)}
      <ul class="small soft">
        ${bill.points.map((point) => html`<li>${say("place.point", { number: point.number })} · ${formatEnergy(point.energy, this.locale, 3)}</li>`)}
      </ul>
    </section>`;
  }

  /** @param {BillContent} bill */
  renderRule(bill) {
    return html`<section class="card">
      <h2>${say("bill.rule.title")}</h2>
      <p class="small soft">${say("bill.rule.version", { version: bill.rule.version })}</p>
      <ul class="words">${bill.rule.words[this.locale].map((words) => html`<li>${words}</li>`)}</ul>
      ${bill.community.note ? html`<p class="small soft note">${bill.community.note}</p>` : nothing}
    </section>`;
  }
}

customElements.define("partage-my-bill", MyBill);
