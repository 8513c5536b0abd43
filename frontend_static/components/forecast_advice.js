/**
 * Tomorrow's advice in plain words: when to wash, when to charge, what that saves and how sure it is; "why" opens the figures.
 *
 * @typedef {import("../domain/forecast_advice.js").Outlook} Outlook
 * @typedef {import("../domain/forecast_advice.js").Advice} Advice
 */
import { css, html, nothing } from "../vendor/lit.js";
import { sureness, worthwhile } from "../domain/forecast_advice.js";
import { tellWeather } from "../domain/forecast_words.js";
import { formatDay, formatMoney } from "../domain/figures.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { clocksOf } from "../domain/grid_time.js";
import { hasWords, say } from "../i18n/words.js";
import "./advice_strip.js";
import "./explained.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class ForecastAdvice extends Localized {
  static properties = { outlook: { attribute: false } };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .advice {
        border-top: 1px solid var(--line);
      }

      .when {
        display: block;
        font-size: 20px;
        line-height: 28px;
        font-weight: 650;
      }

      .saves {
        color: var(--flow-shared-ink);
        font-weight: 650;
      }

      .how p + p {
        margin-top: 4px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Outlook | null} */
    this.outlook = null;
  }

  render() {
    const { outlook } = this;
    if (!outlook) return nothing;
    const advice = worthwhile(outlook.advice);
    const day = formatDay(outlook.day, this.locale, true);
    return html`<h2>${say("forecast.advice.title", { day })}</h2>
      ${advice.length === 0 ? html`<p>${say("forecast.advice.none")}</p>` : html`<ul>${advice.map((one) => html`<li class="advice">${this.renderOne(one, outlook)}</li>`)}</ul>`}
      <h3>${say("forecast.hours.title")}</h3>
      <partage-advice-strip .hours=${outlook.hours} .chosen=${advice} .zone=${outlook.zone} .label=${say("forecast.hours.label", { day })}></partage-advice-strip>
      ${outlook.greenest ? html`<p>${this.tellGreenest(outlook.greenest, outlook.zone)}</p>` : nothing}
      <p class="small soft">${say("forecast.advice.made", { made: stampsOf(outlook.zone, this.locale)(outlook.made), known: stampsOf(outlook.zone, this.locale)(outlook.origin) })} ${outlook.weather ? tellWeather(outlook.weather, say) : nothing}</p>`;
  }

  /** @param {import("../domain/forecast_advice.js").Greenest} greenest @param {string} zone */
  tellGreenest({ start, end, grams, dayGrams }, zone) {
    const clock = clocksOf(zone);
    const told = (/** @type {number} */ value) => formatQuantity(value, "g/kWh", this.locale, 0);
    return say("forecast.greenest", { from: clock(start), until: clock(end), grams: told(grams), day: told(dayGrams) });
  }

  /** @param {Advice} one @param {Outlook} outlook */
  renderOne(one, { zone }) {
    const clock = clocksOf(zone);
    const money = (/** @type {number} */ cents) => formatMoney(Math.round(cents), this.locale);
    const use = hasWords(`forecast.use.${one.what}`) ? `forecast.use.${one.what}` : "forecast.use.other";
    const probability = formatQuantity(one.probability * 100, "%", this.locale, 0);
    const figures = { energy: formatQuantity(one.energy, "kWh", this.locale, one.energy % 1 ? 1 : 0), hours: formatQuantity(one.hours, "h", this.locale, one.hours % 1 ? 1 : 0), cost: money(one.cost), usual: money(one.usual) };
    return html`<partage-explained>
      <div slot="figure">
        <span class="small soft">${say(use)}</span>
        <span class="when">${say("forecast.window", { from: clock(one.start), until: clock(one.end) })}</span>
        <span>${say("forecast.saves")} <span class="saves">${money(one.saving)}</span>, ${say(`forecast.sure.${sureness(one.probability)}`, { probability })}</span>
      </div>
      <div class="how">
        <p>${say("forecast.why.cost", figures)}</p>
        <p>${say("forecast.why.range", { low: money(one.savingLow), high: money(one.savingHigh), probability })}</p>
        <p>${say("forecast.why.rests")}</p>
      </div>
    </partage-explained>`;
  }
}

customElements.define("partage-forecast-advice", ForecastAdvice);
