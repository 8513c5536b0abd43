/**
 * What comes, for a member: advice for tomorrow, then the day ahead of their home or of the community. Nothing is shown where nothing is
 * forecast yet, but a word that it will be.
 *
 * @typedef {import("../data/forecasts.js").Subject} Subject
 */
import { css, html, nothing } from "../vendor/lit.js";
import { Forecasts, orNothing } from "../data/forecasts.js";
import { nameSubject, orderSubjects } from "../domain/forecast_words.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "./forecast_advice.js";
import "./forecast_view.js";
import { Localized } from "./localized.js";
import { noticeOf } from "./notice.js";
import { sharedStyles } from "./shared_styles.js";

export class OwnForecast extends Localized {
  static properties = { community: {}, participant: {}, subjects: { state: true }, outlook: { state: true }, chosen: { state: true }, error: { state: true } };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 24px;
        grid-template-columns: minmax(0, 1fr);
      }

      .card {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .chooser {
        max-width: 360px;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    /** The reader's own. */
    this.participant = "";
    /** @type {Subject[] | null} */
    this.subjects = null;
    /** @type {import("../domain/forecast_advice.js").Outlook | null} */
    this.outlook = null;
    /** Which of them is shown. */
    this.chosen = 0;
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
    if (changed.has("community") && this.community) void this.load();
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    this.error = null;
    const forecasts = new Forecasts(this.community);
    try {
      const subjects = await forecasts.subjects(signal);
      const isHome = subjects.some(({ subject, target }) => subject === `home:${this.participant}` && target === "load"); // who only feeds in is not advised
      const outlook = isHome ? await orNothing(forecasts.outlook(signal)) : null;
      if (signal.aborted) return;
      this.subjects = orderSubjects(subjects);
      this.outlook = outlook;
      this.chosen = 0;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  render() {
    if (this.error) return html`<section class="card"><h2>${say("forecast.title")}</h2>${noticeOf(this.error, this.retry)}</section>`;
    const { subjects, outlook } = this;
    if (subjects === null) return html`<section class="card"><h2>${say("forecast.title")}</h2><p class="soft" role="status">${say("loading")}…</p></section>`;
    const shown = subjects[this.chosen];
    return html`${outlook ? html`<section class="card"><partage-forecast-advice .outlook=${outlook}></partage-forecast-advice></section>` : nothing}
      <section class="card">
        <h2>${say("forecast.title")}</h2>
        ${shown ? this.renderChosen(subjects, shown) : html`<p class="soft">${say("forecast.none")}</p>`}
      </section>`;
  }

  /** @param {Subject[]} subjects @param {Subject} shown */
  renderChosen(subjects, shown) {
    const own = this.outlook?.participant || this.participant;
    const named = (/** @type {Subject} */ subject) => nameSubject(subject, say, own);
    return html`<div class="chooser screen">
        <label for="subject">${say("forecast.subject")}</label>
        <select id="subject" @change=${(/** @type {any} */ event) => (this.chosen = Number(event.target.value))}>
          ${subjects.map((subject, i) => html`<option value=${i} ?selected=${i === this.chosen}>${named(subject)}</option>`)}
        </select>
      </div>
      <partage-forecast-view .community=${this.community} .subject=${shown.subject} .target=${shown.target} .name=${named(shown)}></partage-forecast-view>
      <p><a href=${writeRoute("forecasts", shown.subject, shown.target)}>${say("forecast.accuracy.link")}</a></p>`;
  }
}

customElements.define("partage-own-forecast", OwnForecast);
