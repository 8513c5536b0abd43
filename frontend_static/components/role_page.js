/**
 * The base of the pages of roles: who may see it, which settled periods there are, and what stands there while nothing can be shown.
 *
 * @typedef {{community: string, name: string, zone: string, minutes: number, label: string, labels: string[]}} Place
 * @typedef {[words: string, energy: number | bigint, role: string]} Fact The role is empty for an energy that has no colour.
 */
import { html, nothing } from "../vendor/lit.js";
import { ask, askAll } from "../data/api.js";
import { formatEnergy, formatLabel } from "../domain/figures.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { renderKey } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { noticeOf } from "./notice.js";

export class RolePage extends Localized {
  static properties = { community: {}, label: {}, item: {}, allowed: { type: Boolean }, text: { state: true }, place: { state: true }, error: { state: true } };

  constructor() {
    super();
    this.community = "";
    this.label = "";
    /** A metering point or customer that was chosen; empty for none. */
    this.item = "";
    this.allowed = false;
    /** What is searched for. */
    this.text = "";
    /** @type {Place | null} */
    this.place = null;
    /** @type {unknown} */
    this.error = null;
    this.retry = () => void this.load();
    /** @type {AbortController | null} */
    this.loading = null;
  }

  /** @returns {"operator" | "provider"} */
  get pageName() {
    throw new Error("a page names its role");
  }

  /** @returns {string} Selects the heading of what was chosen. */
  get itemAt() {
    throw new Error("a page names where an item stands");
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    const stays = this.place !== null && this.place.label === (this.label || this.place.labels[0]); // named, or the newest
    if (changed.has("community") || changed.has("allowed") || (changed.has("label") && !stays)) {
      if (this.allowed) void this.load();
    } else if (changed.has("item") && this.place) {
      this.chooseItem();
      if (this.item) void this.focusOn(this.itemAt);
    }
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    this.error = this.place = null;
    try {
      const base = `/public/communities/${encodeURIComponent(this.community)}`;
      const [card, periods] = await Promise.all([ask(base, { signal }), askAll(`${base}/periods`, signal)]);
      const labels = periods.filter(({ version }) => version !== null).map(({ label }) => String(label));
      const label = this.label || (labels[0] ?? "");
      const place = { community: card.id, name: card.name, zone: card.time_zone, minutes: card.resolution_minutes, label, labels };
      if (label) await this.loadPeriod(place, signal);
      if (signal.aborted) return;
      this.place = place;
      if (this.item) void this.focusOn(this.itemAt);
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  /**
   * Fetch what the page cannot be without.
   *
   * @param {Place} _place
   * @param {AbortSignal} _signal
   * @returns {Promise<void>}
   */
  async loadPeriod(_place, _signal) {
    throw new Error("a page loads its period");
  }

  /** Another item was chosen within the same period. */
  chooseItem() {}

  /**
   * Move the focus to where a choice leads, once that stands there, and after the frame has given it to the page.
   *
   * @param {string} selector
   */
  async focusOn(selector) {
    await this.updateComplete;
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(selector))?.focus());
  }

  render() {
    const { pageName, place } = this;
    const title = html`<h1>${say(pageName === "operator" ? "operator.title" : "provider.title")}</h1>`;
    if (!this.allowed) {
      const text = say(pageName === "operator" ? "role.forbidden.operator" : "role.forbidden.provider");
      return html`<div class="page">${title}<partage-notice kind="error" .heading=${say("role.forbidden.title")} .text=${text}></partage-notice></div>`;
    }
    if (this.error) return html`<div class="page">${title}${noticeOf(this.error, this.retry)}</div>`;
    if (!place) return html`<partage-notice kind="loading" .heading=${say(pageName === "operator" ? "loading.operator" : "loading.provider")}></partage-notice>`;
    if (!place.label) {
      return html`<div class="page">${title}<partage-notice kind="empty" .heading=${say("role.empty.title")} .text=${say("role.empty")}></partage-notice></div>`;
    }
    const period = formatLabel(place.label, this.locale);
    return html`<div class="page">
      <header class="stack">
        <div class="row spread">
          <div>
            <p class="soft small">${place.name}, ${period}</p>
            ${title}
          </div>
          ${this.renderPeriods(place)}
        </div>
        <p class="soft">${say(pageName === "operator" ? "operator.lead" : "provider.lead", { period })}</p>
        ${pageName === "operator" ? html`<p class="phone screen"><a href=${writeRoute("forecasts")}>${say("forecast.way")}</a></p>` : nothing}
      </header>
      ${this.renderPeriod(place)}
      <p class="small soft screen">${say("role.logged")}</p>
    </div>`;
  }

  /**
   * @param {Place} _place
   * @returns {unknown}
   */
  renderPeriod(_place) {
    return nothing;
  }

  /**
   * @param {string} words
   * @param {string} hint
   */
  renderSearch(words, hint) {
    return html`<label for="text">${say(words)}</label>
      <input
        id="text"
        type="search"
        autocomplete="off"
        spellcheck="false"
        placeholder=${say(hint)}
        .value=${this.text}
        @input=${(/** @type {any} */ event) => (this.text = event.target.value)}
      />`;
  }

  /** @param {Fact[]} facts */
  renderFacts(facts) {
    return html`<dl class="facts">
      ${facts.map(
        ([words, energy, role]) => html`<div>
          <dt>${role ? renderKey(role) : nothing} ${say(words)}</dt>
          <dd data-figure=${words}>${formatEnergy(energy, this.locale)}</dd>
        </div>`,
      )}
    </dl>`;
  }

  /** @param {Place} place */
  renderPeriods({ label, labels }) {
    const all = labels.includes(label) ? labels : [label, ...labels];
    if (all.length < 2) return nothing;
    return html`<div class="period screen">
      <label class="hidden" for="period">${say("bill.periods")}</label>
      <select id="period" @change=${(/** @type {any} */ event) => (location.hash = writeRoute(this.pageName, event.target.value))}>
        ${all.map((one) => html`<option value=${one} ?selected=${one === label}>${formatLabel(one, this.locale)}</option>`)}
      </select>
    </div>`;
  }
}
