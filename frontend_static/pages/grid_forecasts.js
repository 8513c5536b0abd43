/**
 * What comes in a network: the day ahead of its transformers, when each is fullest and how probably too full, and of sun, wind and use.
 *
 * @typedef {import("../data/forecasts.js").Subject} Subject
 * @typedef {import("../domain/forecasts.js").Forecast} Forecast
 */
import { css, html, nothing } from "../vendor/lit.js";
import { Forecasts, orNothing } from "../data/forecasts.js";
import { formatPercent } from "../domain/figures.js";
import { dayAhead, peakOf, riskOf } from "../domain/forecasts.js";
import { nameSubject, orderSubjects } from "../domain/forecast_words.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { clocksOf } from "../domain/grid_time.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/anomaly_list.js";
import "../components/forecast_view.js";
import { roleStyles, rowButtonStyles, tableStyles, viewStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const POINTS_MAX = 16; // of a connection, that the service tells of at once
const RANKED_MAX = 12; // transformers whose day ahead is told side by side

export class GridForecasts extends GridView {
  static properties = { ...GridView.properties, subjects: { state: true }, ahead: { state: true }, chosen: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    rowButtonStyles,
    viewStyles,
    css`
      .hot {
        color: var(--voided);
        font-weight: 650;
      }

      .chooser {
        max-width: 360px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Subject[] | null} */
    this.subjects = null;
    /** Of transformers, those most probably too full first. @type {{subject: Subject, forecast: Forecast}[]} */
    this.ahead = [];
    /** @type {Subject | null} */
    this.chosen = null;
  }

  /** Another element is told of too, and its points with it. @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if ((changed.has("element") || changed.has("structure")) && this.grid) void this.begin();
    else super.willUpdate(changed);
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const forecasts = new Forecasts(grid.community);
    const points = (this.structure?.connections.find(({ id }) => id === this.element)?.metering_points ?? []).slice(0, POINTS_MAX);
    const all = orderSubjects(await forecasts.subjects(signal, points));
    if (signal.aborted) return;
    const subjects = all.filter((one) => this.isHere(one, grid.network));
    this.subjects = subjects;
    const isLooked = (/** @type {Subject} */ { kind, label }) => (kind === "network" ? label === `${grid.network}/${this.element}` : kind === "point" && points.includes(label));
    this.chosen = subjects.find(isLooked) ?? subjects[0] ?? null;
    const transformers = subjects.filter(({ kind }) => kind === "network").slice(0, RANKED_MAX);
    const told = await Promise.all(transformers.map(async (subject) => ({ subject, forecast: await orNothing(forecasts.forecast(subject.subject, subject.target, { signal })) })));
    if (signal.aborted) return;
    const risk = (/** @type {Forecast} */ forecast) => riskOf(dayAhead(forecast).forecast)?.probability ?? 0;
    this.ahead = told.flatMap(({ subject, forecast }) => (forecast ? [{ subject, forecast }] : [])).toSorted((one, other) => risk(other.forecast) - risk(one.forecast));
  }

  /** Whether it belongs to this network, or to all. @param {Subject} subject @param {string} network */
  isHere({ kind, label, target }, network) {
    if (kind === "network") return label.startsWith(`${network}/`);
    if (kind === "point") return this.structure?.connections.some(({ metering_points: points }) => points.includes(label)) ?? false;
    return kind !== "home" && ["load", "net", "solar", "wind"].includes(target);
  }

  render() {
    const { subjects, chosen, ahead } = this;
    return html`<section class="card">
        <h2>${say("forecast.grid.title")}</h2>
        <p class="soft">${say("forecast.grid.lead")}</p>
        ${subjects === null ? this.renderLoading() : subjects.length === 0 ? html`<p class="soft">${say("forecast.grid.none")}</p>` : nothing}
        ${ahead.length > 0 ? this.renderAhead(ahead) : nothing} ${subjects && chosen ? this.renderChosen(subjects, chosen) : nothing}
      </section>
      ${this.grid ? html`<partage-anomalies .community=${this.grid.community} operator></partage-anomalies>` : nothing}`;
  }

  /** @param {{subject: Subject, forecast: Forecast}[]} ahead */
  renderAhead(ahead) {
    const heads = ["grid.tr.id", "forecast.peak", "forecast.reach", "forecast.grid.reach_when", "forecast.risk", "forecast.grid.when"];
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("forecast.grid.title")}>
      <table>
        <thead>
          <tr>
            ${heads.map((words) => html`<th scope="col">${say(words)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${ahead.map((one) => this.renderRow(one))}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {{subject: Subject, forecast: Forecast}} one */
  renderRow({ subject, forecast }) {
    const day = dayAhead(forecast).forecast;
    const clock = clocksOf(forecast.zone);
    const limit = forecast.limit?.value ?? 0;
    const told = (/** @type {number} */ value) => (limit > 0 ? formatQuantity((value / limit) * 100, "%", this.locale, 0) : formatQuantity(value / 1000, "kW", this.locale));
    const [peak, risk] = [peakOf(day), riskOf(day)];
    const span = (/** @type {{start: number, end: number} | null} */ at) => (at ? say("forecast.window", { from: clock(at.start), until: clock(at.end) }) : "–");
    return html`<tr aria-current=${subject === this.chosen ? "true" : nothing}>
      <th scope="row"><button type="button" @click=${() => (this.chosen = subject)}>${subject.label.slice((this.grid?.network.length ?? 0) + 1)}</button></th>
      <td>${peak ? told(peak.middle) : "–"}</td>
      <td class=${limit > 0 && peak && peak.high > limit ? "hot" : ""}>${peak ? told(peak.high) : "–"}</td>
      <td>${span(peak)}</td>
      <td class=${risk && risk.probability >= 0.1 ? "hot" : ""}>${risk ? formatPercent(Math.max(Math.round(risk.probability * 1e6), 1), 1e6, this.locale) : "–"}</td>
      <td>${risk && risk.probability >= 0.005 ? span(risk) : "–"}</td>
    </tr>`;
  }

  /** @param {Subject[]} subjects @param {Subject} chosen */
  renderChosen(subjects, chosen) {
    const name = nameSubject(chosen, say);
    return html`<div class="chooser screen">
        <label for="subject">${say("forecast.subject")}</label>
        <select id="subject" @change=${(/** @type {any} */ event) => (this.chosen = subjects[Number(event.target.value)] ?? null)}>
          ${subjects.map((one, i) => html`<option value=${i} ?selected=${one === chosen}>${nameSubject(one, say)}</option>`)}
        </select>
      </div>
      <partage-forecast-view .community=${this.grid?.community ?? ""} .subject=${chosen.subject} .target=${chosen.target} .name=${name} .ofLimit=${chosen.kind === "network"}></partage-forecast-view>
      ${chosen.isScored ? html`<p><a href=${writeRoute("forecasts", chosen.subject, chosen.target)}>${say("forecast.accuracy.link")}</a></p>` : nothing}`;
  }
}

customElements.define("partage-grid-forecasts", GridForecasts);
