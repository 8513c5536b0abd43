/**
 * Accuracy: how good forecasts were beside the plain way, whether their bands are honest, how that went over weeks, and which model it was.
 *
 * @typedef {import("../data/forecasts.js").Subject} Subject
 * @typedef {import("../data/forecasts.js").Accuracy} Accuracy
 * @typedef {import("../domain/forecast_scores.js").Score} Score
 */
import { css, html, nothing } from "../vendor/lit.js";
import { Forecasts, orNothing } from "../data/forecasts.js";
import { formatCount, formatDay } from "../domain/figures.js";
import { weeksOfScores } from "../domain/forecast_scores.js";
import { shownUnit } from "../domain/forecasts.js";
import { firstSubject, nameSubject, orderSubjects, tellWeather } from "../domain/forecast_words.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { dayOf } from "../domain/grid_time.js";
import { writeRoute } from "../domain/routes.js";
import { hasWords, say } from "../i18n/words.js";
import { renderFigures } from "../components/chart_parts.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import "../components/model_card.js";
import { noticeOf } from "../components/notice.js";
import "../components/reliability_chart.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import "../components/score_chart.js";
import { sharedStyles } from "../components/shared_styles.js";

const HEADS = ["forecast.score.mae", "forecast.score.naive", "forecast.score.skill", "forecast.score.pinball", "forecast.score.coverage", "forecast.score.intervals"];

export class ForecastsPage extends Localized {
  static properties = {
    community: {},
    participant: {},
    subject: {},
    target: {},
    allowed: { type: Boolean },
    subjects: { state: true },
    accuracy: { state: true },
    model: { state: true },
    error: { state: true },
  };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      .page {
        max-width: 880px;
      }

      .facts dd {
        white-space: normal;
      }

      .chooser {
        min-width: 240px;
      }

      .weather {
        display: flex;
        gap: 8px;
        align-items: center;
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      .weather.after,
      .alarm {
        background: var(--contestable-wash);
        color: var(--contestable);
      }

      .alarm {
        padding: 12px 16px;
        border-radius: var(--radius-small);
      }

      summary {
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
      }

      @media (max-width: 599px) {
        .chooser {
          flex: 1 1 100%;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.participant = "";
    this.subject = "";
    this.target = "";
    this.allowed = false;
    /** @type {Subject[] | null} */
    this.subjects = null;
    /** Undefined while it is fetched, null where nothing was scored. @type {Accuracy | null | undefined} */
    this.accuracy = undefined;
    /** @type {import("../data/forecasts.js").ModelCard | null} */
    this.model = null;
    this.zone = "UTC";
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
    if (this.allowed && this.community && ["community", "allowed", "subject", "target"].some((name) => changed.has(name))) void this.load();
  }

  /** @returns {Subject | undefined} Of the address; without one, the first that was scored. */
  get shown() {
    const { subjects, subject, target } = this;
    if (subject) return subjects?.find((one) => one.subject === subject && (!target || one.target === target));
    return firstSubject(subjects ?? [], this.participant);
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    this.error = this.model = null;
    this.accuracy = undefined;
    const forecasts = new Forecasts(this.community);
    try {
      const subjects = this.subjects ?? orderSubjects(await forecasts.subjects(signal));
      if (signal.aborted) return;
      this.subjects = subjects;
      const { shown } = this;
      if (!shown) return;
      const [accuracy, forecast] = await Promise.all([shown.isScored ? orNothing(forecasts.accuracy(shown.subject, shown.target, signal)) : null, orNothing(forecasts.forecast(shown.subject, shown.target, { hours: 1, signal }))]);
      if (signal.aborted) return;
      this.zone = forecast?.zone ?? "UTC";
      this.accuracy = accuracy;
      const id = accuracy?.modelId || forecast?.model.id;
      const model = id ? await orNothing(forecasts.model(id, signal)) : null;
      if (!signal.aborted) this.model = model;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  render() {
    const title = html`<h1>${say("forecast.accuracy.title")}</h1>`;
    if (!this.allowed) return html`<div class="page">${title}<partage-notice kind="error" .heading=${say("role.forbidden.title")} .text=${say("forecast.forbidden")}></partage-notice></div>`;
    if (this.error) return html`<div class="page">${title}${noticeOf(this.error, this.retry)}</div>`;
    const { subjects, shown } = this;
    if (!subjects) return html`<div class="page">${title}<partage-notice kind="loading" .heading=${say("forecast.loading")}></partage-notice></div>`;
    if (subjects.length === 0) return html`<div class="page">${title}<partage-notice kind="empty" .heading=${say("forecast.empty.title")} .text=${say("forecast.none")}></partage-notice></div>`;
    return html`<div class="page">
      <header class="row spread">${title} ${this.renderSubjects(subjects, shown)}</header>
      <p class="soft">${say("forecast.accuracy.lead")}</p>
      ${shown ? this.renderShown(shown) : html`<partage-notice kind="empty" .heading=${say("forecast.empty.title")} .text=${say("forecast.unknown", { subject: this.subject })}></partage-notice>`}
    </div>`;
  }

  /** @param {Subject[]} subjects @param {Subject | undefined} shown */
  renderSubjects(subjects, shown) {
    return html`<div class="chooser screen">
      <label class="hidden" for="subject">${say("forecast.subject")}</label>
      <select
        id="subject"
        @change=${(/** @type {any} */ event) => {
          const one = subjects[Number(event.target.value)];
          if (one) location.hash = writeRoute("forecasts", one.subject, one.target);
        }}
      >
        ${shown ? nothing : html`<option value="" selected>–</option>`}
        ${subjects.map((one, i) => html`<option value=${i} ?selected=${one === shown}>${nameSubject(one, say, this.participant)}</option>`)}
      </select>
    </div>`;
  }

  /** @param {Subject} shown */
  renderShown(shown) {
    const { accuracy, model } = this;
    if (accuracy === undefined) return html`<partage-notice kind="loading" .heading=${say("forecast.loading")}></partage-notice>`;
    const card = model ? html`<section class="card"><h2>${say("forecast.card.title")}</h2><partage-model-card .model=${model} .zone=${this.zone}></partage-model-card></section>` : nothing;
    if (accuracy === null) return html`<partage-notice kind="empty" .heading=${say("forecast.unscored.title")} .text=${say("forecast.unscored")}></partage-notice>${card}`;
    return html`${this.renderOverall(shown, accuracy)} ${this.renderLeads(accuracy)} ${this.renderReliability(accuracy)} ${this.renderGroups(accuracy)} ${this.renderCourse(accuracy)} ${card}`;
  }

  /** @param {Accuracy} accuracy */
  scaleOf({ unit, overall, leads }) {
    return shownUnit(unit, Math.max(overall.mae, overall.naiveMae ?? 0, ...leads.map(({ mae }) => mae)));
  }

  /** @param {number | null} share @param {number} [decimals] */
  percent(share, decimals = 0) {
    return formatQuantity(share === null ? null : share * 100, "%", this.locale, decimals);
  }

  /** @param {Subject} shown @param {Accuracy} accuracy */
  renderOverall(shown, accuracy) {
    const { overall, drift } = accuracy;
    const { unit, factor } = this.scaleOf(accuracy);
    const told = (/** @type {number | null} */ value) => formatQuantity(value === null ? null : value * factor, unit, this.locale);
    const day = (/** @type {number} */ instant) => formatDay(dayOf(instant, this.zone), this.locale);
    const { skill } = overall;
    const verdict = skill === null ? "unknown" : skill > 0.02 ? "better" : skill < -0.02 ? "worse" : "same";
    return html`<section class="card">
      <h2>${nameSubject(shown, say, this.participant)}</h2>
      <p>${say(`forecast.skill.${verdict}`, { share: this.percent(skill === null ? null : Math.abs(skill)) })} <span class="soft">${say("forecast.skill.means")}</span></p>
      ${drift.isAlarm ? html`<p class="alarm" role="status"><b>${say("forecast.drift")}</b> ${drift.since === null ? nothing : say("forecast.drift.since", { day: formatDay(drift.since.slice(0, 10), this.locale) })} ${drift.ratio === null ? nothing : say("forecast.drift.ratio", { ratio: formatQuantity(drift.ratio, "", this.locale, 1), days: formatCount(drift.days, this.locale) })}</p>` : nothing}
      ${drift.isDue && !drift.isAlarm ? html`<p class="small soft">${say("forecast.drift.due")}</p>` : nothing}
      <dl class="facts">
        <div><dt>${say("forecast.score.mae")}</dt><dd>${told(overall.mae)}</dd></div>
        <div><dt>${say("forecast.score.naive")}</dt><dd>${told(overall.naiveMae)}</dd></div>
        ${overall.mape === null ? nothing : html`<div><dt>${say("forecast.score.mape")}</dt><dd>${formatQuantity(overall.mape, "%", this.locale, 1)}</dd></div>`}
        <div><dt>${say("forecast.score.pinball")}</dt><dd>${told(overall.pinball)}</dd></div>
        <div><dt>${say("forecast.score.coverage")}</dt><dd>${this.percent(overall.coverage)}</dd></div>
        <div><dt>${say("forecast.score.intervals")}</dt><dd>${formatCount(overall.intervals, this.locale)}</dd></div>
      </dl>
      <p class="small soft">${say("forecast.score.span", { from: day(accuracy.from), until: day(accuracy.until - 1), origins: formatCount(accuracy.origins, this.locale) })}
        ${accuracy.hindcasts > 0 ? say("forecast.score.hindcasts", { hindcasts: formatCount(accuracy.hindcasts, this.locale) }) : nothing}
        ${accuracy.fallbacks > 0 ? say("forecast.score.fallbacks", { fallbacks: formatCount(accuracy.fallbacks, this.locale) }) : nothing}</p>
      ${this.renderWeather(accuracy)}
    </section>`;
  }

  /** What weather the scores rest on: whoever had the measured weather forecast better than anybody can. @param {Accuracy} accuracy */
  renderWeather({ weather }) {
    const isAfter = weather.isExPost || weather.source === "observed";
    return html`<p class="weather small ${isAfter ? "after" : ""}">${icon(isAfter ? "contestable" : "final")} <span>${tellWeather(weather, say)} ${isAfter ? say("forecast.weather.after") : nothing}</span></p>`;
  }

  /** The same in a word, beside every other score. @param {Accuracy} accuracy */
  tagWeather({ weather }) {
    return html`<p class="small soft">${tellWeather({ ...weather, words: "" }, say)}</p>`;
  }

  /** @param {Score} score @param {string} name @param {{unit: string, factor: number}} scale @returns {import("../components/score_chart.js").Pair} */
  pairOf({ mae, naiveMae, skill }, name, { unit, factor }) {
    const told = (/** @type {number | null} */ value) => formatQuantity(value === null ? null : value * factor, unit, this.locale);
    return { name, ours: mae, plain: naiveMae, told: say("forecast.score.pair", { name, ours: told(mae), plain: told(naiveMae), skill: this.percent(skill) }) };
  }

  /** @param {Score} score @param {string} name @param {{unit: string, factor: number}} scale @returns {string[]} */
  rowOf({ mae, naiveMae, skill, pinball, coverage, intervals }, name, { factor }) {
    const told = (/** @type {number | null} */ value) => formatQuantity(value === null ? null : value * factor, "", this.locale);
    return [name, told(mae), told(naiveMae), this.percent(skill), told(pinball), this.percent(coverage), formatCount(intervals, this.locale)];
  }

  /**
   * @param {{title: string, lead: string, first: string}} words
   * @param {readonly (readonly [name: string, score: Score])[]} rows
   * @param {Accuracy} accuracy
   */
  renderScores({ title, lead, first }, rows, accuracy) {
    if (rows.length === 0) return nothing;
    const scale = this.scaleOf(accuracy);
    return html`<section class="card">
      <h2>${say(title)}</h2>
      <p class="soft">${say(lead)}</p>
      <partage-score-chart .pairs=${rows.map(([name, score]) => this.pairOf(score, name, scale))} .factor=${scale.factor} .unit=${scale.unit} .label=${say(title)}></partage-score-chart>
      ${renderFigures({
        title: say("forecast.score.table"),
        label: say(title),
        heads: [say(first), ...HEADS.map((words, i) => (i === 0 || i === 1 || i === 3 ? `${say(words)} (${scale.unit})` : say(words)))],
        rows: rows.map(([name, score]) => this.rowOf(score, name, scale)),
      })}
      ${this.tagWeather(accuracy)}
    </section>`;
  }

  /** @param {Accuracy} accuracy */
  renderLeads(accuracy) {
    const rows = accuracy.leads.map((lead) => /** @type {const} */ ([say("forecast.lead", { from: lead.from, to: lead.to }), lead]));
    return this.renderScores({ title: "forecast.leads.title", lead: "forecast.leads.lead", first: "forecast.leads.head" }, rows, accuracy);
  }

  /** @param {Accuracy} accuracy */
  renderGroups(accuracy) {
    const rows = accuracy.groups.map((one) => /** @type {const} */ ([hasWords(`forecast.group.${one.group}`) ? say(`forecast.group.${one.group}`) : one.group, one]));
    return this.renderScores({ title: "forecast.groups.title", lead: "forecast.groups.lead", first: "forecast.groups.head" }, rows, accuracy);
  }

  /** @param {Accuracy} accuracy */
  renderReliability(accuracy) {
    return html`<section class="card">
      <h2>${say("forecast.reliability.title")}</h2>
      <p class="soft">${say("forecast.reliability.lead")}</p>
      <partage-reliability-chart .reliability=${accuracy.reliability} .label=${say("forecast.reliability.title")}></partage-reliability-chart>
      ${this.tagWeather(accuracy)}
    </section>`;
  }

  /** @param {Accuracy} accuracy */
  renderCourse(accuracy) {
    const weeks = weeksOfScores(accuracy.course);
    if (weeks.length < 2) return nothing;
    const scale = this.scaleOf(accuracy);
    const rows = weeks.map((week) => {
      const name = say("forecast.week", { day: formatDay(week.monday, this.locale) });
      const score = { mae: week.mae, naiveMae: week.naiveMae, skill: week.naiveMae ? 1 - week.mae / week.naiveMae : null };
      return { week, name, score };
    });
    const told = (/** @type {number | null} */ value) => formatQuantity(value === null ? null : value * scale.factor, "", this.locale);
    const short = new Intl.DateTimeFormat(this.locale === "fr" ? "fr-FR" : "en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
    const pairs = rows.map(({ name, score, week }) => {
      const pair = this.pairOf(/** @type {Score} */ ({ ...score, pinball: 0, mape: null, naivePinball: null, coverage: week.coverage, intervals: 0 }), name, scale);
      return { ...pair, name: short.format(new Date(`${week.monday}T00:00:00Z`)) };
    });
    return html`<section class="card">
      <h2>${say("forecast.course.title")}</h2>
      <p class="soft">${say("forecast.course.lead")}</p>
      <partage-score-chart kind="course" .pairs=${pairs} .factor=${scale.factor} .unit=${scale.unit} .label=${say("forecast.course.title")}></partage-score-chart>
      ${renderFigures({
        title: say("forecast.score.table"),
        label: say("forecast.course.title"),
        heads: [say("forecast.course.head"), `${say("forecast.score.mae")} (${scale.unit})`, `${say("forecast.score.naive")} (${scale.unit})`, say("forecast.score.skill"), say("forecast.score.coverage"), say("forecast.course.days")],
        rows: rows.map(({ week, name, score }) => [name, told(week.mae), told(week.naiveMae), this.percent(score.skill), this.percent(week.coverage), formatCount(week.days, this.locale)]),
      })}
      ${this.tagWeather(accuracy)}
    </section>`;
  }
}

customElements.define("partage-forecasts", ForecastsPage);
