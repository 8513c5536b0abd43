/**
 * What is not as it should be, each with its reason and what to do: of a community for its operator, of one's own meters for a member.
 *
 * @typedef {import("../domain/anomalies.js").Anomaly} Anomaly
 */
import { css, html, nothing } from "../vendor/lit.js";
import { Forecasts } from "../data/forecasts.js";
import { orderAnomalies, tellAnomaly, tellRarity } from "../domain/anomalies.js";
import { formatCount, formatDay } from "../domain/figures.js";
import { tellReasons } from "../domain/forecast_words.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { dayOf } from "../domain/grid_time.js";
import { hasWords, say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { noticeOf } from "./notice.js";
import { roleStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const SHOWN = 20;

export class AnomalyList extends Localized {
  static properties = { community: {}, operator: { type: Boolean }, found: { state: true }, kind: { state: true }, all: { state: true }, isLooking: { state: true }, error: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    css`
      .card,
      li {
        display: grid;
        gap: 8px;
        grid-template-columns: minmax(0, 1fr);
      }

      li {
        padding: 12px 0;
        border-top: 1px solid var(--line);
        overflow-wrap: anywhere;
      }

      .kind {
        display: inline-flex;
        gap: 6px;
        align-items: center;
        font-weight: 650;
      }

      .clear .kind {
        color: var(--contestable);
      }

      .chooser {
        max-width: 320px;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    /** Whether it is for the operator; else only the reader's own. */
    this.operator = false;
    /** @type {import("../data/forecasts.js").Found | null} */
    this.found = null;
    /** Empty for every kind. */
    this.kind = "";
    this.all = false;
    this.isLooking = false;
    /** @type {unknown} */
    this.error = null;
    /** @type {AbortController | null} */
    this.loading = null;
    this.retry = () => void this.load();
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("community") || changed.has("operator")) this.found = this.error = null;
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.error = null;
    this.isLooking = true;
    try {
      const forecasts = new Forecasts(this.community);
      const found = await (this.operator ? forecasts.anomalies(loading.signal) : forecasts.ownAnomalies(loading.signal));
      if (!loading.signal.aborted) this.found = found;
    } catch (error) {
      if (!loading.signal.aborted) this.error = error;
    } finally {
      if (!loading.signal.aborted) this.isLooking = false;
    }
  }

  render() {
    return html`<section class="card">
      <h2>${say(this.operator ? "anomaly.title" : "anomaly.title.own")}</h2>
      ${this.renderState()}
    </section>`;
  }

  /** A look takes the service some seconds, and is logged where it is at others' meters: it is made when it is asked for. */
  renderState() {
    const { found, error, isLooking } = this;
    if (isLooking) return html`<p class="soft" role="status">${say("anomaly.looking")}</p>`;
    const status = /** @type {any} */ (error)?.status ?? 0;
    if (error && status >= 400 && status < 500 && status !== 404) return html`<p class="fault" role="alert">${say("grid.refused", { detail: /** @type {any} */ (error).message })}</p>`;
    if (error) return noticeOf(error, this.retry);
    if (found) return this.renderFound(found);
    return html`<p class="soft">${say(this.operator ? "anomaly.ask" : "anomaly.ask.own")}</p>
      <p><button type="button" @click=${this.retry}>${say("anomaly.look")}</button></p>`;
  }

  /** @param {import("../data/forecasts.js").Found} found */
  renderFound({ items, from, until, budget, zone, looked }) {
    const day = (/** @type {number} */ instant) => formatDay(dayOf(instant, zone), this.locale);
    const kinds = [...new Set(items.map(({ kind }) => kind))];
    const wanted = orderAnomalies(items.filter(({ kind }) => !this.kind || kind === this.kind));
    const shown = this.all ? wanted : wanted.slice(0, SHOWN);
    return html`<p class="soft">${say("anomaly.lead", { from: day(from), until: day(until - 1), budget: formatQuantity(budget, "", this.locale, budget % 1 ? 1 : 0) })}</p>
      <p class="small soft">${say("anomaly.looked", { meters: formatCount(looked.meters, this.locale), feeders: formatCount(looked.feeders, this.locale) })}</p>
      ${looked.unjudged.length > 0
        ? html`<details class="small">
            <summary>${say("anomaly.unjudged", { count: formatCount(looked.unjudged.length, this.locale) })}</summary>
            ${tellReasons(looked.unjudged, say, this.locale, hasWords).map((words) => html`<p class="soft">${words}</p>`)}
          </details>`
        : nothing}
      ${items.length === 0 ? html`<p>${say("anomaly.none")}</p>` : nothing}
      ${kinds.length > 1
        ? html`<div class="chooser screen">
            <label for="kind">${say("anomaly.kind")}</label>
            <select id="kind" @change=${(/** @type {any} */ event) => (this.kind = event.target.value)}>
              <option value="">${say("anomaly.kind.all")}</option>
              ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === this.kind}>${nameKind(kind)}</option>`)}
            </select>
          </div>`
        : nothing}
      <ul>
        ${shown.map((one) => this.renderOne(one, zone))}
      </ul>
      ${shown.length < wanted.length ? html`<button type="button" @click=${() => (this.all = true)}>${say("anomaly.more", { count: formatCount(wanted.length - shown.length, this.locale) })}</button>` : nothing}`;
  }

  /** @param {Anomaly} one @param {string} zone */
  renderOne(one, zone) {
    const [from, until] = [one.start, one.end - 1].map((instant) => formatDay(dayOf(instant, zone), this.locale));
    const todo = `anomaly.todo.${one.kind}`;
    return html`<li class=${one.isClear ? "clear" : ""}>
      <div class="row spread">
        <span class="kind">${icon(one.isClear ? "contestable" : "open", 18)} ${nameKind(one.kind)}: ${one.element}</span>
        <span class="small soft">${from === until ? from : `${from} – ${until}`}</span>
      </div>
      <p>${tellAnomaly(one, { locale: this.locale, zone, say, hasWords })}</p>
      <p class="small soft">${this.sayHowSure(one)} ${hasWords(todo) ? say(todo) : nothing}</p>
    </li>`;
  }

  /** Of a plant by how much it passes the detector's threshold; else how rare it is. @param {Anomaly} one */
  sayHowSure(one) {
    if (one.kind === "plant") return say("anomaly.sure", { confidence: formatQuantity(100 * (1 - one.rarity), "%", this.locale, 0) });
    return `${say(one.isClear ? "anomaly.clear" : "anomaly.unclear")} ${tellRarity(one.rarity, say, this.locale)}`;
  }
}

/** @param {string} kind */
function nameKind(kind) {
  return hasWords(`anomaly.kind.${kind}`) ? say(`anomaly.kind.${kind}`) : kind;
}

customElements.define("partage-anomalies", AnomalyList);
