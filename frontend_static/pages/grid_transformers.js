/**
 * Transformers: how full and how hot they are and will be, what their meters say that those below do not, and who could give way.
 *
 * @typedef {{kind: string, transformer: string, place: string, other: string, confidence_pct: number, energy_kwh: number, reason: string}} Suspicion
 * @typedef {{is_notable: boolean, energy_kwh: number, mean_kw: number, share_pct: number, suspicions: Suspicion[]}} Residual
 * @typedef {{overload_pct: number, peak_pct: number, high_pct: number, hot_spot_high_c: number, courses: number}} Risk
 *
 * @typedef {object} TransformerCard
 * @property {string} id
 * @property {number} rated_kva
 * @property {{now: number, peak: number}} load_kva
 * @property {{now: number, mean: number, peak: number}} loading_pct
 * @property {{now: number, peak: number}} hot_spot_c
 * @property {number} ageing
 * @property {number} free_kw
 * @property {number} free_feed_in_kw
 * @property {number} coverage_pct
 * @property {"meter" | "flow" | "sum"} origin
 * @property {Residual | null} residual
 * @property {Risk | null} risk
 *
 * @typedef {(number | null)[]} Values
 * @typedef {object} Courses
 * @property {{loading_pct: number, hot_spot_c: number}} limits
 * @property {string} ambient_source
 * @property {number} start
 * @property {number} step_seconds
 * @property {{loading_pct: Values, hot_spot_c: Values, top_oil_c: Values, ambient_c: Values}} course
 * @property {{residual_kw: Values} | null} residual_course
 * @property {Ahead | null} forecast
 * @typedef {{start: number, step_seconds: number, method: string, mean_pct: number[], levels: number[], quantiles_pct: number[][], courses: number}} Ahead
 * @typedef {TransformerCard & Courses} TransformerDetail
 */
import { css, html, nothing } from "../vendor/lit.js";
import { bandsOf, dayBefore } from "../domain/grid_ahead.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/band_chart.js";
import "../components/phase_chart.js";
import { roleStyles, rowButtonStyles, tableStyles, viewStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import "./grid_relief.js";
import { GridView } from "./grid_view.js";

const FULL = 100; // %
const BAND_COURSES = 4; // similar days, from which a band says something
const NEAR = 0.6; // of a limit, from which it is drawn

export class GridTransformers extends GridView {
  static properties = { ...GridView.properties, items: { state: true }, chosen: { state: true }, detail: { state: true }, fault: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    rowButtonStyles,
    viewStyles,
    css`
      .facts dd {
        white-space: normal;
        font-size: 16px;
      }

      .bar {
        display: block;
        width: 100%;
        min-width: 80px;
        height: 12px;
      }

      .bar .room {
        fill: var(--sunken);
        stroke: var(--line-strong);
      }

      .bar .peak {
        fill: var(--heat-1);
      }

      .bar .now {
        fill: var(--heat-3);
      }

      .hot {
        color: var(--voided);
        font-weight: 650;
      }

      .suspects {
        display: grid;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {TransformerCard[] | null} */
    this.items = null;
    this.chosen = "";
    /** @type {TransformerDetail | null} */
    this.detail = null;
    this.fault = "";
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const { items } = await grid.list("transformers", signal);
    if (signal.aborted) return;
    this.items = items;
    const wanted = items.find((/** @type {TransformerCard} */ one) => one.id === this.element) ?? items[0];
    if (wanted) await this.open(wanted.id);
  }

  /** @param {string} id */
  async open(id) {
    this.chosen = id;
    this.detail = null;
    this.fault = "";
    try {
      const detail = await this.grid?.ask(["transformers", id]);
      if (this.chosen === id) this.detail = detail;
    } catch (error) {
      if (this.chosen === id) this.fault = say("grid.refused", { detail: /** @type {any} */ (error)?.message ?? "" });
    }
  }

  render() {
    const { items, chosen } = this;
    return html`<section class="card">
        <h2>${say("grid.tr.title")}</h2>
        <p class="soft">${say("grid.tr.lead")}</p>
        ${items === null ? this.renderLoading() : items.length === 0 ? html`<p class="soft">${say("grid.tr.none")}</p>` : this.renderList(items)}
      </section>
      ${chosen ? this.renderDetail() : nothing}
      ${chosen ? html`<partage-grid-relief .grid=${this.grid} .structure=${this.structure} .element=${chosen} .zone=${this.zone}></partage-grid-relief>` : nothing}`;
  }

  /** @param {TransformerCard[]} items */
  renderList(items) {
    const heads = ["grid.tr.id", "grid.tr.rated", "grid.tr.loading", "grid.tr.now", "grid.tr.peak", "grid.tr.hot_spot", "grid.tr.free", "grid.tr.free_feed_in", "grid.tr.residual.head", "grid.tr.risk"];
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("grid.tr.title")}>
      <table>
        <thead>
          <tr>
            ${heads.map((words) => html`<th scope="col">${say(words)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${items.map((one) => this.renderRow(one))}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {TransformerCard} one */
  renderRow(one) {
    const told = (/** @type {number | null | undefined} */ value, /** @type {string} */ unit, /** @type {number} */ decimals = 0) => formatQuantity(value, unit, this.locale, decimals);
    return html`<tr aria-current=${one.id === this.chosen ? "true" : nothing}>
      <th scope="row"><button type="button" @click=${() => void this.open(one.id)}>${one.id}</button></th>
      <td>${told(one.rated_kva, "kVA")}</td>
      <td>${renderBar(one.loading_pct)}</td>
      <td>${told(one.loading_pct.now, "%")}</td>
      <td class=${one.loading_pct.peak > FULL ? "hot" : ""}>${told(one.loading_pct.peak, "%")}</td>
      <td>${told(one.hot_spot_c.peak, "°C")}</td>
      <td>${told(one.free_kw, "kW")}</td>
      <td>${told(one.free_feed_in_kw, "kW")}</td>
      <td class=${one.residual?.is_notable ? "hot" : ""}>${one.residual ? `${told(one.residual.mean_kw, "kW", 2)}${one.residual.is_notable ? ` ${say("grid.tr.residual.notable")}` : ""}` : "–"}</td>
      <td>${told(one.risk?.overload_pct, "%")}</td>
    </tr>`;
  }

  renderDetail() {
    const { detail, chosen } = this;
    return html`<section class="card">
      <h2>${chosen}</h2>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : detail === null ? html`<p class="soft" role="status">${say("loading")}…</p>` : this.renderCourses(detail)}
    </section>`;
  }

  /** @param {TransformerDetail} detail */
  renderCourses(detail) {
    const { course, limits, forecast, start, step_seconds: step } = detail;
    const facts = [
      ["grid.tr.origin", say(`grid.tr.origin.${detail.origin}`)],
      ["grid.tr.coverage", formatQuantity(detail.coverage_pct, "%", this.locale, 0)],
      ["grid.tr.ageing", formatQuantity(detail.ageing, "", this.locale, 3)],
    ];
    const line = (/** @type {string} */ words, /** @type {string} */ token, /** @type {Values} */ values, /** @type {number[]} */ dash = []) => ({ label: say(words), token, values, ...(dash.length > 0 ? { dash } : {}) });
    return html`<dl class="facts">${facts.map(([words, text]) => html`<div><dt>${say(words ?? "")}</dt><dd>${text}</dd></div>`)}</dl>
      ${this.renderChart("grid.tr.course.loading", { start, step }, [line("grid.tr.course.loading", "brand", course.loading_pct)], "%", limits.loading_pct)}
      ${this.renderChart("grid.tr.course.hot_spot", { start, step }, [line("grid.tr.course.hot_spot", "heat-3", course.hot_spot_c), line("grid.tr.top_oil", "phase-1", course.top_oil_c, [8, 3]), line("grid.tr.ambient", "phase-neutral", course.ambient_c, [2, 3])], "°C", limits.hot_spot_c)}
      <p class="small soft">${say("grid.tr.air", { source: detail.ambient_source })}</p>
      ${forecast ? this.renderAhead(forecast, detail) : nothing}
      ${forecast ? html`<p class="small soft">${say(tellMethod(forecast))} <a href=${writeRoute("grid", this.grid?.network ?? "", "forecasts", detail.id)}>${say("forecast.grid.link")}</a></p>` : nothing} ${this.renderResidual(detail)}`;
  }

  /** As bands about the middle course after what was measured; as one line, where too few courses tell how sure it is. @param {Ahead} forecast @param {TransformerDetail} detail */
  renderAhead(forecast, { course, limits, start, step_seconds: step }) {
    const words = "grid.tr.course.forecast";
    const when = { start: forecast.start, step: forecast.step_seconds };
    if (forecast.courses < BAND_COURSES) return this.renderChart(words, when, [{ label: say("grid.tr.forecast.mean"), token: "phase-2", values: forecast.mean_pct }], "%", limits.loading_pct);
    const limit = limits.loading_pct;
    const isNear = forecast.quantiles_pct.some((values) => values.some((value) => value > limit * NEAR));
    return html`<h3>${say(words)}</h3>
      <partage-band-chart
        .forecast=${bandsOf(forecast, this.zone)}
        .past=${dayBefore(forecast, { start, step, values: course.loading_pct })}
        .unit=${"%"}
        .factor=${1}
        .limits=${isNear ? [{ label: say("grid.tr.limit", { limit: formatQuantity(limit, "%", this.locale, 0) }), value: limit }] : []}
        .label=${say(words)}
      ></partage-band-chart>`;
  }

  /** @param {string} words @param {{start: number, step: number}} when @param {import("../components/phase_chart.js").Line[]} lines @param {string} unit @param {number} [limit] */
  renderChart(words, { start, step }, lines, unit, limit) {
    const isNear = limit !== undefined && lines.some(({ values }) => values.some((value) => value !== null && value > limit * NEAR));
    return html`<h3>${say(words)}</h3>
      <partage-phase-chart
        .start=${start}
        .step=${step}
        .lines=${lines}
        .limits=${isNear ? [{ label: say("grid.tr.limit", { limit: formatQuantity(limit, unit, this.locale, 0) }), value: limit }] : []}
        .unit=${unit}
        .zone=${this.zone}
        .label=${say(words)}
      ></partage-phase-chart>`;
  }

  /** @param {TransformerDetail} detail */
  renderResidual({ residual, residual_course: course, start, step_seconds: step }) {
    const title = html`<h3>${say("grid.tr.residual")}</h3>`;
    if (!residual || !course) return html`${title}<p class="soft">${say("grid.tr.residual.no_meter")}</p>`;
    const { suspicions } = residual;
    return html`${title}
      <p>${say("grid.tr.residual.means")}</p>
      ${this.renderChart("grid.tr.residual.course", { start, step }, [{ label: say("grid.tr.residual.course"), token: "phase-3", values: course.residual_kw }], "kW")}
      ${suspicions.length === 0
        ? html`<p class="soft">${say("grid.tr.residual.none")}</p>`
        : html`<ul class="suspects">
            ${suspicions.map((one) => html`<li><b>${one.place || one.transformer}</b>: ${one.reason} <span class="soft">${say("grid.tr.residual.sure", { share: formatQuantity(one.confidence_pct, "%", this.locale, 0) })}</span></li>`)}
          </ul>`}`;
  }
}

/** @param {Ahead} forecast @returns {string} Key of the words for what it is made by. */
function tellMethod({ courses, method }) {
  if (courses < BAND_COURSES) return "grid.tr.forecast.few";
  return method === "model" ? "grid.tr.forecast.model" : "grid.tr.forecast.method";
}

/** What it carried at most, and what it carries now, of what it is rated for. @param {{now: number, peak: number}} loading */
function renderBar({ now, peak }) {
  const most = Math.max(FULL, peak);
  return html`<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
    <rect class="room" x="0" y="0" width=${(FULL / most) * 100} height="12"></rect>
    <rect class="peak" x="0" y="1" width=${(Math.max(0, peak) / most) * 100} height="10"></rect>
    <rect class="now" x="0" y="4" width=${(Math.max(0, now) / most) * 100} height="4"></rect>
  </svg>`;
}

customElements.define("partage-grid-transformers", GridTransformers);
