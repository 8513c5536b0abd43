/**
 * The forecast of a subject: the day ahead as a band after what was measured; or, by choice, an earlier one beside what came.
 *
 * @typedef {import("../domain/forecasts.js").Forecast} Forecast
 */
import { css, html, nothing } from "../vendor/lit.js";
import { Forecasts, orNothing } from "../data/forecasts.js";
import { formatCount, formatDay } from "../domain/figures.js";
import { dayAhead, expectedEnergy, insideOf, peakOf, quantileAt, riskOf, shownUnit, sliceForecast } from "../domain/forecasts.js";
import { nameModel, tellMaking, tellReasons } from "../domain/forecast_words.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { clocksOf, spanOfDay } from "../domain/grid_time.js";
import { hasWords, say } from "../i18n/words.js";
import "./band_chart.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { noticeOf } from "./notice.js";
import { roleStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const DAY = 86_400; // s

export class ForecastView extends Localized {
  static properties = {
    community: {},
    subject: {},
    target: {},
    ofLimit: { type: Boolean },
    name: {},
    forecast: { state: true },
    origin: { state: true },
    error: { state: true },
  };

  static styles = [
    sharedStyles,
    roleStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .facts dd {
        white-space: normal;
        font-size: 16px;
      }

      .tag {
        display: inline-flex;
        gap: 6px;
        align-items: center;
        padding: 2px 10px;
        border: 1px dashed var(--line-strong);
        border-radius: 999px;
        font-size: 14px;
        line-height: 20px;
        font-weight: 550;
      }

      .notice {
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      .origins {
        display: flex;
        gap: 8px;
        align-items: end;
      }

      .origins > div {
        flex: 0 1 320px;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.subject = "";
    this.target = "load";
    /** Whether it is told as a share of its limit, where it has one. */
    this.ofLimit = false;
    /** What it is called. */
    this.name = "";
    /** Undefined while it is fetched, null where there is none. @type {Forecast | null | undefined} */
    this.forecast = undefined;
    /** What was measured before it. @type {{start: number, values: readonly (number | null)[]} | null} */
    this.past = null;
    /** The one that is looked at; null for the newest. @type {number | null} */
    this.origin = null;
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
    if (!["community", "subject", "target"].some((name) => changed.has(name)) || !this.community || !this.subject) return;
    this.origin = null;
    this.forecast = undefined;
    void this.load();
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    this.error = null;
    const { subject, target } = this;
    const forecasts = new Forecasts(this.community);
    try {
      const forecast = await orNothing(forecasts.forecast(subject, target, { origin: this.origin, signal }));
      if (signal.aborted) return;
      this.past = forecast && (await this.askPast(forecasts, forecast, signal));
      if (!signal.aborted) this.forecast = forecast;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  /** What came in the day before: an earlier forecast has it beside itself. @param {Forecasts} forecasts @param {Forecast} forecast @param {AbortSignal} signal */
  async askPast(forecasts, forecast, signal) {
    const before = forecast.origins.find((origin) => origin <= forecast.origin - DAY);
    if (before === undefined) return null;
    const earlier = await orNothing(forecasts.forecast(this.subject, this.target, { origin: before, signal }));
    if (!earlier) return null;
    const { origin, measured } = sliceForecast(earlier, { from: forecast.origin - DAY, to: forecast.origin });
    return earlier.step === forecast.step && measured.some((value) => value !== null) ? { start: origin, values: measured } : null;
  }

  /** @param {number | null} origin */
  choose(origin) {
    this.origin = origin;
    void this.load();
  }

  render() {
    if (this.error) return noticeOf(this.error, this.retry);
    const { forecast } = this;
    if (forecast === undefined) return html`<p class="soft" role="status">${say("loading")}…</p>`;
    if (forecast === null) return html`<p class="soft">${say("forecast.none")}</p>`;
    const { day, forecast: whole } = dayAhead(forecast);
    const shown = sliceForecast(forecast, { from: forecast.origin, to: spanOfDay(day, forecast.zone).to });
    const name = formatDay(day, this.locale, true);
    const scale = this.ofLimit && forecast.limit ? { unit: "%", factor: 100 / forecast.limit.value } : shownUnit(forecast.unit, Math.max(...quantileAt(shown, 0.9).map(Math.abs), 0));
    const limits = forecast.limit ? [{ label: say("forecast.limit", { limit: formatQuantity(forecast.limit.value * scale.factor, scale.unit, this.locale) }), value: forecast.limit.value * scale.factor }] : [];
    const isNear = forecast.limit !== null && Math.max(...quantileAt(shown, 0.9)) > 0.6 * forecast.limit.value;
    return html`<div class="row">
        <span class="tag">${icon("open", 16)} ${say("forecast.tag")}</span>
        <b>${say("forecast.for", { day: name })}</b>
      </div>
      ${forecast.reasons.length > 0 ? html`<p class="notice">${say("forecast.fallback", { reason: tellReasons(forecast.reasons, say, this.locale, hasWords).join(" ") })}</p>` : nothing} ${this.renderFacts(whole, scale)}
      <partage-band-chart
        .forecast=${shown}
        .past=${this.past}
        .unit=${scale.unit}
        .factor=${scale.factor}
        .limits=${isNear ? limits : []}
        .label=${say("forecast.chart.label", { name: this.name, day: name })}
      ></partage-band-chart>
      ${this.renderCame(forecast)}
      <p class="small soft">${tellMaking({ ...forecast, reasons: [] }, say, this.locale, hasWords).join(" ")} ${say("forecast.model", { model: nameModel(forecast.model.name, say, hasWords) })}</p>
      ${this.renderOrigins(forecast)}`;
  }

  /** @param {Forecast} day @param {{unit: string, factor: number}} scale */
  renderFacts(day, scale) {
    const told = (/** @type {number} */ value) => formatQuantity(value * scale.factor, scale.unit, this.locale);
    const clock = clocksOf(day.zone);
    const energy = expectedEnergy(day);
    const peak = peakOf(day);
    const risk = riskOf(day);
    return html`<dl class="facts">
      ${energy === null || scale.unit === "%" || day.target === "net" ? nothing : html`<div><dt>${say(`forecast.expected.${day.target === "load" ? "load" : "other"}`)}</dt><dd>${formatQuantity(energy / 1000, "kWh", this.locale)}</dd></div>`}
      ${peak && peak.middle > 0 ? html`<div><dt>${say("forecast.peak")}</dt><dd>${say("forecast.peak.value", { from: clock(peak.start), until: clock(peak.end), value: told(peak.middle) })}</dd></div>` : nothing}
      ${peak && peak.high > 0 ? html`<div><dt>${say("forecast.reach")}</dt><dd>${told(peak.high)}</dd></div>` : nothing}
      ${risk ? html`<div><dt>${say("forecast.risk")}</dt><dd>${this.tellRisk(risk, clock)}</dd></div>` : nothing}
    </dl>`;
  }

  /** @param {{start: number, end: number, probability: number, intervals: number}} risk @param {(instant: number) => string} clock */
  tellRisk({ start, end, probability, intervals }, clock) {
    if (probability < 0.005) return say("forecast.risk.none");
    const values = { probability: formatQuantity(probability * 100, "%", this.locale, 0), from: clock(start), until: clock(end), intervals: formatCount(intervals, this.locale) };
    return say("forecast.risk.value", values);
  }

  /** What came of it, once it is known. @param {Forecast} forecast */
  renderCame(forecast) {
    const inside = insideOf(forecast);
    if (!inside) return nothing;
    return html`<p>${say("forecast.came", { inside: formatCount(inside.inside, this.locale), known: formatCount(inside.known, this.locale), share: formatQuantity((inside.inside / inside.known) * 100, "%", this.locale, 0) })}</p>`;
  }

  /** @param {Forecast} forecast */
  renderOrigins(forecast) {
    const { origins } = forecast;
    if (origins.length < 2) return nothing;
    const at = Math.max(0, origins.indexOf(forecast.origin));
    const dayOfOrigin = (/** @type {number} */ origin) => formatDay(dayAhead({ ...forecast, origin }).day, this.locale);
    const step = (/** @type {number} */ by, /** @type {string} */ mark, /** @type {string} */ words) => {
      const other = origins[at + by];
      return html`<button type="button" aria-label=${say(words)} title=${say(words)} ?disabled=${other === undefined} @click=${() => this.choose(other ?? null)}>${icon(mark)}</button>`;
    };
    return html`<div class="origins screen">
      <div>
        <label for="origin">${say("forecast.origins")}</label>
        <select id="origin" @change=${(/** @type {any} */ event) => this.choose(Number(event.target.value))}>
          ${origins.map((origin, i) => html`<option value=${origin} ?selected=${i === at}>${say(i === 0 ? "forecast.origins.newest" : "forecast.origins.past", { day: dayOfOrigin(origin) })}</option>`)}
        </select>
      </div>
      ${step(1, "left", "forecast.origins.previous")} ${step(-1, "right", "forecast.origins.next")}
    </div>`;
  }
}

customElements.define("partage-forecast-view", ForecastView);
