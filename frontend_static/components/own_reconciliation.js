/**
 * A member's own share by the grid operator beside the one by the voted key: what differs, why, what it costs, and a case about it.
 *
 * Nothing is shown where the operator handed in nothing for the period.
 *
 * @typedef {import("../domain/reconciliation.js").Reconciled} Reconciled
 * @typedef {import("../domain/reconciliation.js").PointDifference} PointDifference
 * @typedef {import("../domain/reconciliation.js").Course} Course
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { formatCount, formatDay, formatEnergy, formatMoney } from "../domain/figures.js";
import { claimOf, differingDays, orderByCause, orderPoints, reconciliationPath, tellEvidence, worstDay, writeClaim } from "../domain/reconciliation.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { causeStyles, renderCause } from "./cause_table.js";
import { renderCourseDay } from "./course_day.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { roleStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const COURSES_MAX = 4; // points whose worst day is drawn

export class OwnReconciliation extends Localized {
  static properties = { community: {}, label: {}, zone: {}, told: { state: true }, courses: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    causeStyles,
    css`
      article {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
        padding-top: 12px;
        border-top: 1px solid var(--line);
      }

      h3 {
        overflow-wrap: anywhere;
      }

      .why li {
        padding: 8px 0;
        overflow-wrap: anywhere;
      }

      .why li + li {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    /** Of the period. */
    this.label = "";
    this.zone = "UTC";
    /** Null where it could not be loaded. @type {Reconciled | null | undefined} */
    this.told = undefined;
    /** By metering point. @type {Readonly<Record<string, Course>>} */
    this.courses = {};
    /** @type {AbortController | null} */
    this.asking = null;
  }

  disconnectedCallback() {
    this.asking?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if ((changed.has("community") || changed.has("label")) && this.community && this.label) void this.load();
  }

  async load() {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const { signal } = asking;
    this.told = undefined;
    this.courses = {};
    try {
      const told = await ask(reconciliationPath(this.community, this.label), { signal });
      if (signal.aborted) return;
      this.told = told;
      for (const { metering_point: point } of orderPoints(told.points).filter(({ dispute }) => dispute).slice(0, COURSES_MAX)) {
        const course = await ask(reconciliationPath(this.community, this.label, `points/${point}`), { signal });
        if (signal.aborted) return;
        this.courses = { ...this.courses, [point]: course };
      }
    } catch {
      if (!signal.aborted) this.told = null;
    }
  }

  render() {
    const { told } = this;
    if (told === null) {
      return html`<section class="card">
        <h2>${say("reconcile.own.title")}</h2>
        <div class="row" role="alert">
          <p class="soft">${say("role.part.failed")}</p>
          <button type="button" @click=${() => void this.load()}>${say("action.retry")}</button>
        </div>
      </section>`;
    }
    if (!told || told.files.length === 0 || told.points.length + told.untold.length === 0) return nothing;
    return html`<section class="card">
      <div class="stack">
        <h2>${say("reconcile.own.title")}</h2>
        <p class="small soft">${say(told.binding ? "reconcile.own.lead.bound" : "reconcile.own.lead.computed")}</p>
      </div>
      ${told.untold.length > 0 ? html`<p>${say("reconcile.untold", { points: told.untold.join(", ") })}</p>` : nothing}
      ${told.causes.length > 0 ? this.renderWhy(told) : told.points.length > 0 ? html`<p>${say("reconcile.own.agrees")}</p>` : nothing}
      ${orderPoints(told.points).map((point) => this.renderPoint(told, point))}
      ${told.causes.length > 0 ? html`<p class="small soft">${say("reconcile.net")}</p>` : nothing}
    </section>`;
  }

  /** @param {Reconciled} told */
  renderWhy({ causes, total }) {
    const reader = { locale: this.locale, zone: this.zone, say };
    return html`<p>${this.tellCost(total.cost_cents)}</p>
      <ul class="why" role="list">
        ${orderByCause(causes).map(
          (found) => html`<li data-cause=${found.cause}>
            ${renderCause(found.cause)}
            <span class="small">
              ${say("reconcile.own.cause", {
                intervals: formatCount(found.intervals, this.locale),
                more: formatEnergy(found.more_milliwatt_hours, this.locale, 3),
                less: formatEnergy(found.less_milliwatt_hours, this.locale, 3),
              })}
            </span>
            <p class="small soft">${found.evidence.flatMap((evidence) => tellEvidence(evidence, reader)).join(" ")}</p>
          </li>`,
        )}
      </ul>`;
  }

  /** @param {number} cents What the operator's figures cost more. */
  tellCost(cents) {
    if (cents === 0) return say("reconcile.own.cost.same");
    return say(cents > 0 ? "reconcile.own.cost.more" : "reconcile.own.cost.less", { amount: formatMoney(Math.abs(cents), this.locale) });
  }

  /**
   * @param {Reconciled} told
   * @param {PointDifference} point
   */
  renderPoint(told, point) {
    const { metering_point: id, direction } = point;
    const claim = claimOf(told.label, point);
    const course = this.courses[id];
    const days = course ? differingDays(course) : [];
    const day = days.find(({ date }) => date === worstDay(days));
    const facts = /** @type {const} */ ([
      ["reconcile.own.operator", formatEnergy(point.operator_milliwatt_hours, this.locale, 3)],
      ["reconcile.own.computed", formatEnergy(point.computed_milliwatt_hours, this.locale, 3)],
      [point.cost_cents < 0 ? "reconcile.own.gain" : "reconcile.own.cost", formatMoney(Math.abs(point.cost_cents), this.locale)],
    ]);
    return html`<article aria-label=${id} data-point=${id}>
      <div class="row spread">
        <h3>${say(direction === "consumption" ? "reconcile.own.point" : "reconcile.own.point.feed_in", { point: id })}</h3>
        ${claim
          ? html`<a class="button screen" aria-label=${say("reconcile.open.of", { point: id })} href=${writeRoute("disputes", "new", writeClaim(claim))}>${icon("disputes", 18)}${say("reconcile.open")}</a>`
          : nothing}
      </div>
      <dl class="facts">
        ${facts.map(
          ([words, figure]) => html`<div>
            <dt>${say(words)}</dt>
            <dd data-figure=${words}>${figure}</dd>
          </div>`,
        )}
      </dl>
      ${course && day
        ? html`<p>${say("reconcile.own.day", { day: formatDay(day.date, this.locale, true), energy: formatEnergy(day.energy, this.locale, 3) })}</p>
            ${renderCourseDay(course, day)}`
        : nothing}
    </article>`;
  }
}

customElements.define("partage-own-reconciliation", OwnReconciliation);
