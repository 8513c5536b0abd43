/**
 * Transformers: how full and how hot they are and will be, what their meters say that those below do not, and who could give way.
 *
 * @typedef {object} TransformerCard
 * @property {string} id
 * @property {number} rated_kva
 * @property {number | null} load_kva_now
 * @property {number | null} load_kva_peak
 * @property {number | null} loading_now_pct
 * @property {number | null} loading_peak_pct
 * @property {number | null} hot_spot_now_c
 * @property {number | null} hot_spot_peak_c
 * @property {number | null} ageing
 * @property {number | null} free_kw
 * @property {number | null} coverage
 *
 * @typedef {{start: number, step_seconds: number, values?: any}} Course
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatShare } from "../domain/figures.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { say } from "../i18n/words.js";
import "../components/phase_chart.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const HOT = 120; // °C of the hot spot, normal cyclic loading, IEC 60076-7

export class GridTransformers extends GridView {
  static properties = { ...GridView.properties, items: { state: true }, chosen: { state: true }, detail: { state: true }, fault: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      :host {
        display: grid;
        gap: 24px;
        grid-template-columns: minmax(0, 1fr);
      }

      th button {
        min-height: 0;
        padding: 2px 4px;
        border: 0;
        background: none;
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
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
    `,
  ];

  constructor() {
    super();
    /** @type {TransformerCard[] | null} */
    this.items = null;
    this.chosen = "";
    /** @type {any} */
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
    const { items } = this;
    return html`<section class="card">
        <h2>${say("grid.tr.title")}</h2>
        <p class="soft">${say("grid.tr.lead")}</p>
        ${items === null ? this.renderLoading() : items.length === 0 ? html`<p class="soft">${say("grid.tr.none")}</p>` : this.renderList(items)}
      </section>
      ${this.chosen ? this.renderDetail() : nothing}`;
  }

  /** @param {TransformerCard[]} items */
  renderList(items) {
    const heads = ["grid.tr.id", "grid.tr.rated", "grid.tr.loading", "grid.tr.now", "grid.tr.peak", "grid.tr.hot_spot", "grid.tr.ageing", "grid.tr.free"];
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("grid.tr.title")}>
      <table>
        <thead>
          <tr>
            ${heads.map((words) => html`<th scope="col">${say(words)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${items.map(
            (one) => html`<tr aria-current=${one.id === this.chosen ? "true" : nothing}>
              <th scope="row"><button type="button" @click=${() => void this.open(one.id)}>${one.id}</button></th>
              <td>${formatQuantity(one.rated_kva, "kVA", this.locale, 0)}</td>
              <td>${renderBar(one)}</td>
              <td>${formatQuantity(one.loading_now_pct, "%", this.locale, 0)}</td>
              <td>${formatQuantity(one.loading_peak_pct, "%", this.locale, 0)}</td>
              <td class=${(one.hot_spot_peak_c ?? 0) > HOT ? "hot" : ""}>${formatQuantity(one.hot_spot_peak_c, "°C", this.locale)}</td>
              <td>${formatQuantity(one.ageing, "", this.locale, 2)}</td>
              <td>${formatQuantity(one.free_kw, "kW", this.locale)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  renderDetail() {
    const { detail, chosen } = this;
    return html`<section class="card">
      <h2>${chosen}</h2>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : detail === null ? html`<p class="soft" role="status">${say("loading")}…</p>` : this.renderCourses(detail)}
    </section>`;
  }

  /** @param {any} detail */
  renderCourses(detail) {
    const { loading, hot_spot: hotSpot, residual, forecast } = detail;
    return html`${this.renderCourse("grid.tr.course.loading", loading, "%", "brand", 100)} ${this.renderCourse("grid.tr.course.hot_spot", hotSpot, "°C", "heat-3", HOT)}
      ${forecast ? this.renderCourse("grid.tr.course.forecast", forecast, "%", "phase-2", 100) : nothing} ${this.renderResidual(residual)}`;
  }

  /** @param {string} words @param {any} course @param {string} unit @param {string} token @param {number} limit */
  renderCourse(words, course, unit, token, limit) {
    if (!course?.values?.length) return nothing;
    const near = course.values.some((/** @type {number | null} */ value) => value !== null && value > limit * 0.6);
    return html`<h3>${say(words)}</h3>
      <partage-phase-chart
        .start=${course.start}
        .step=${course.step_seconds}
        .lines=${[{ label: say(words), token, values: course.values }]}
        .limits=${near ? [{ label: say("grid.tr.limit", { limit: formatQuantity(limit, unit, this.locale, 0) }), value: limit }] : []}
        .unit=${unit}
        .zone=${this.zone}
        .label=${say(words)}
      ></partage-phase-chart>`;
  }

  /** @param {any} residual */
  renderResidual(residual) {
    if (!residual) return html`<h3>${say("grid.tr.residual")}</h3><p class="soft">${say("grid.tr.residual.no_meter")}</p>`;
    const suspects = residual.suspects ?? [];
    return html`<h3>${say("grid.tr.residual")}</h3>
      <p>${say("grid.tr.residual.means")}</p>
      ${residual.values ? this.renderCourse("grid.tr.residual.course", { ...residual, start: residual.start, step_seconds: residual.step_seconds }, "kW", "phase-3", Infinity) : nothing}
      ${suspects.length === 0
        ? html`<p class="soft">${say("grid.tr.residual.none")}</p>`
        : html`<ul class="stack">
            ${suspects.map(
              (/** @type {any} */ one) => html`<li><b>${one.place || one.transformer}</b>: ${one.reason} <span class="soft">${say("grid.tr.residual.sure", { share: formatShare(Math.round((one.confidence ?? 0) * 1e6), this.locale) })}</span></li>`,
            )}
          </ul>`}`;
  }
}

/** What it carried at most, and what it carries now, of what it is rated for. @param {TransformerCard} one */
function renderBar({ loading_now_pct: now, loading_peak_pct: peak }) {
  const most = Math.max(100, peak ?? 0);
  return html`<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
    <rect class="room" x="0" y="0" width=${(100 / most) * 100} height="12"></rect>
    <rect class="peak" x="0" y="1" width=${((peak ?? 0) / most) * 100} height="10"></rect>
    <rect class="now" x="0" y="4" width=${((now ?? 0) / most) * 100} height="4"></rect>
  </svg>`;
}

customElements.define("partage-grid-transformers", GridTransformers);
