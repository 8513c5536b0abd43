/**
 * The part of a page that holds the operator's allocation against ours: causes, metering points, and a day of one point's curves.
 *
 * @typedef {import("../domain/reconciliation.js").Reconciled} Reconciled
 * @typedef {import("../domain/reconciliation.js").Course} Course
 * @typedef {{start: string, difference_milliwatt_hours: number, cause: import("../domain/reconciliation.js").Cause,
 *   evidence: import("../domain/reconciliation.js").Evidence}} Row
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatCount, formatDay, formatEnergy, formatMoney } from "../domain/figures.js";
import { claimOf, differingDays, orderByCause, orderPoints, reconciliationPath, tellEvidence, worstDay, writeClaim } from "../domain/reconciliation.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { causeStyles, renderCause } from "../components/cause_table.js";
import { renderCourseDay } from "../components/course_day.js";
import "../components/difference_table.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import { roleStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";

const FILES_SHOWN = 3;
const DAY_ROWS_MAX = 400; // a day of five minutes has 288

export class ReconciliationPart extends Localized {
  static properties = {
    community: {},
    label: {},
    zone: {},
    disputes: { type: Boolean },
    told: { state: true },
    point: { state: true },
    course: { state: true },
    day: { state: true },
    rows: { state: true },
  };

  static styles = [
    sharedStyles,
    roleStyles,
    causeStyles,
    css`
      .point {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
        padding-top: 12px;
        border-top: 1px solid var(--line);
      }

      .day {
        max-width: 360px;
      }

      .reasons {
        max-height: 320px;
        overflow-y: auto;
        font-size: 14px;
        line-height: 20px;
      }

      .reasons li {
        padding: 8px 0;
        border-top: 1px solid var(--line);
        overflow-wrap: anywhere;
      }

      .facts {
        grid-template-columns: repeat(4, minmax(0, 1fr));
      }

      @media (max-width: 899px) {
        .facts {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }

      h3:focus,
      h3:focus-visible {
        outline: none;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    /** Of the period. */
    this.label = "";
    this.zone = "UTC";
    /** Whether the reader may open cases. */
    this.disputes = false;
    /** Null where it could not be loaded. @type {Reconciled | null | undefined} */
    this.told = undefined;
    /** Whose curves are shown; empty for nobody's. */
    this.point = "";
    /** Null where it could not be loaded. @type {Course | null | undefined} */
    this.course = undefined;
    /** Civil date of the curves. */
    this.day = "";
    /** Of that day; null where they could not be loaded. @type {Row[] | null | undefined} */
    this.rows = undefined;
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {AbortController | null} */
    this.following = null;
  }

  disconnectedCallback() {
    this.asking?.abort();
    this.following?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if ((changed.has("community") || changed.has("label")) && this.community && this.label) void this.load();
  }

  async load() {
    this.asking?.abort();
    this.following?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.told = undefined;
    this.point = "";
    try {
      const told = await ask(reconciliationPath(this.community, this.label), { signal: asking.signal });
      if (!asking.signal.aborted) this.told = told;
    } catch {
      if (!asking.signal.aborted) this.told = null;
    }
  }

  /** @param {string} point */
  async show(point) {
    this.following?.abort();
    const following = new AbortController();
    this.following = following;
    this.point = point;
    this.course = this.rows = undefined;
    try {
      const course = await ask(reconciliationPath(this.community, this.label, `points/${point}`), { signal: following.signal });
      if (following.signal.aborted) return;
      this.course = course;
      void this.showDay(worstDay(differingDays(course)));
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#curves"))?.focus();
    } catch {
      if (!following.signal.aborted) this.course = null;
    }
  }

  /** @param {string} date */
  async showDay(date) {
    const { course, following } = this;
    const day = course ? differingDays(course).find((one) => one.date === date) : undefined;
    if (!course || !following || !day) return;
    this.day = date;
    this.rows = undefined;
    const from = course.series.start[day.from] ?? 0;
    const to = (course.series.start[day.until - 1] ?? 0) + course.resolution_minutes * 60;
    const [begin, end] = [from, to].map((instant) => new Date(instant * 1000).toISOString());
    const asked = { metering_point: this.point, from: begin ?? "", to: end ?? "", limit: DAY_ROWS_MAX };
    try {
      const { items } = await ask(reconciliationPath(this.community, this.label, "rows", asked), { signal: following.signal });
      if (!following.signal.aborted && this.day === date) this.rows = items;
    } catch {
      if (!following.signal.aborted && this.day === date) this.rows = null;
    }
  }

  render() {
    const { told } = this;
    return html`<section class="card">
      <h2>${say("reconcile.title")}</h2>
      ${told === undefined ? html`<p class="soft" role="status">${say("loading")}…</p>` : nothing}
      ${told === null ? this.renderFailed(() => void this.load()) : nothing}
      ${told?.files.length === 0 ? html`<p class="soft">${say("reconcile.none")}</p>` : nothing} ${told && told.files.length > 0 ? this.renderTold(told) : nothing}
    </section>`;
  }

  /** @param {() => void} again */
  renderFailed(again) {
    return html`<div class="row" role="alert">
      <p class="soft">${say("role.part.failed")}</p>
      <button type="button" @click=${again}>${say("action.retry")}</button>
    </div>`;
  }

  /** @param {Reconciled} told */
  renderTold(told) {
    const { total, causes, points, files, untold } = told;
    const stamp = stampsOf(this.zone, this.locale);
    const named = files.slice(-FILES_SHOWN).map(({ name, received_at: received }) => say("reconcile.file", { name, received: stamp(Date.parse(received) / 1000) }));
    if (files.length > FILES_SHOWN) named.push(say("reconcile.files.more", { count: files.length - FILES_SHOWN }));
    const compared = { compared: formatCount(told.compared_intervals, this.locale), all: formatCount(told.intervals, this.locale) };
    return html`<p class="small soft">${say(told.binding ? "reconcile.lead.bound" : "reconcile.lead.computed")}</p>
      <p class="small soft">${named.join("; ")}. ${say("reconcile.compared", compared)} ${untold.length > 0 ? say("reconcile.untold", { points: untold.join(", ") }) : ""}</p>
      ${causes.length === 0
        ? html`<p>${say("reconcile.agrees")}</p>`
        : html`${this.renderSums(total)}
            <h3>${say("reconcile.causes")}</h3>
            <partage-cause-table .causes=${causes} .zone=${this.zone}></partage-cause-table>
            <h3>${say("reconcile.by_point")}</h3>
            <partage-difference-table
              .points=${orderPoints(points)}
              .label=${this.label}
              .chosen=${this.point}
              ?disputes=${this.disputes}
              @show=${(/** @type {CustomEvent} */ { detail }) => void this.show(detail.point)}
            ></partage-difference-table>
            ${this.point ? this.renderPoint() : nothing}`}`;
  }

  /** @param {import("../domain/reconciliation.js").Sums} total */
  renderSums(total) {
    const facts = /** @type {const} */ ([
      ["reconcile.sums.rows", formatCount(total.rows, this.locale)],
      ["reconcile.sums.more", formatEnergy(total.more_milliwatt_hours, this.locale, 3)],
      ["reconcile.sums.less", formatEnergy(total.less_milliwatt_hours, this.locale, 3)],
      [total.cost_cents < 0 ? "reconcile.sums.gain" : "reconcile.sums.cost", formatMoney(Math.abs(total.cost_cents), this.locale)],
    ]);
    return html`<dl class="facts">
        ${facts.map(
          ([words, figure]) => html`<div>
            <dt>${say(words)}</dt>
            <dd data-figure=${words}>${figure}</dd>
          </div>`,
        )}
      </dl>
      <p class="small soft">${say("reconcile.net")}</p>`;
  }

  renderPoint() {
    const { course, point } = this;
    const difference = this.told?.points.find(({ metering_point: id }) => id === point);
    const claim = difference && this.disputes ? claimOf(this.label, difference) : null;
    return html`<div class="point">
      <div class="row spread">
        <h3 id="curves" tabindex="-1">${say("reconcile.curves", { point })}</h3>
        <div class="row screen">
          ${claim ? html`<a class="button" href=${writeRoute("disputes", "new", writeClaim(claim))}>${icon("disputes", 18)}${say("reconcile.open")}</a>` : nothing}
          <button type="button" class="quiet" @click=${() => (this.point = "")}>${say("reconcile.close")}</button>
        </div>
      </div>
      ${course === undefined ? html`<p class="soft" role="status">${say("loading")}…</p>` : nothing}
      ${course === null ? this.renderFailed(() => void this.show(point)) : nothing} ${course ? this.renderCourse(course) : nothing}
    </div>`;
  }

  /** @param {Course} course */
  renderCourse(course) {
    const days = differingDays(course);
    const day = days.find(({ date }) => date === this.day);
    if (!day) return nothing;
    const told = (/** @type {{date: string, energy: number}} */ one) =>
      say("reconcile.day.option", { day: formatDay(one.date, this.locale), energy: formatEnergy(one.energy, this.locale, 3) });
    return html`<div class="day">
        <label for="day">${say("reconcile.day")}</label>
        <select id="day" @change=${(/** @type {any} */ event) => void this.showDay(event.target.value)}>
          ${days.map((one) => html`<option value=${one.date} .selected=${one.date === this.day}>${told(one)}</option>`)}
        </select>
      </div>
      ${renderCourseDay(course, day)} ${this.renderRows()}`;
  }

  renderRows() {
    const { rows } = this;
    if (rows === undefined) return html`<p class="soft" role="status">${say("loading")}…</p>`;
    if (rows === null) return this.renderFailed(() => void this.showDay(this.day));
    const stamp = stampsOf(this.zone, this.locale);
    const reader = { locale: this.locale, zone: this.zone, say };
    return html`<ul class="reasons" role="list" tabindex="0" aria-label=${say("reconcile.day.rows")}>
      ${orderByCause(rows).map(
        (row) => html`<li>
          <b>${stamp(Date.parse(row.start) / 1000)}</b>, ${formatEnergy(row.difference_milliwatt_hours, this.locale, 6)} ${renderCause(row.cause)}
          <span class="soft">${tellEvidence(row.evidence, reader).join(" ")}</span>
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define("partage-reconciliation", ReconciliationPart);
