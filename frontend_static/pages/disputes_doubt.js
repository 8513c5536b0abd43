/**
 * A result in doubt: what this browser finds false, or the member points at; a look at what could be proved and what that would show; the
 * arbiter asked in confidence; the agreement; the contest and what the contract made of it.
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask, askAll, askText } from "../data/api.js";
import { askArbiter, askContests, askLooks, lookAt, readOutcome, sendContest } from "../data/contests.js";
import { stampsOf } from "../domain/civil_time.js";
import { doubtsOf, parseDoubt, standingRuns, stateOfLook } from "../domain/contests.js";
import { clockOf, splitDays } from "../domain/curves.js";
import { formatCount, formatDay, formatLabel } from "../domain/figures.js";
import { orderFailures } from "../domain/proof_view.js";
import { writeRoute } from "../domain/routes.js";
import { hasWords, say } from "../i18n/words.js";
import { CasePage, caseStyles } from "../components/case_page.js";
import "../components/contest_list.js";
import "../components/contest_look.js";
import { governingStyles } from "../components/governing_page.js";
import { icon } from "../components/icons.js";
import "../components/proof_seal.js";
import { sharedStyles } from "../components/shared_styles.js";
import "../components/state_badge.js";
import { renderPeriods, renderPoints } from "../components/where_fields.js";

/** @typedef {import("../domain/contests.js").Look} Look */
/** @typedef {import("../domain/curves.js").Curve} Curve */

const NOON = 0.5; // of a day: where one begins to point

export class Doubt extends CasePage {
  static properties = {
    item: {},
    labels: { state: true },
    curve: { state: true },
    bill: { state: true },
    point: { state: true },
    place: { state: true },
    found: { state: true },
    looks: { state: true },
    look: { state: true },
    told: { state: true },
    outcome: { state: true },
  };

  static styles = [
    sharedStyles,
    governingStyles,
    caseStyles,
    css`
      .ways {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(260px, 1fr));
        gap: 16px;
      }

      .ways > * {
        display: grid;
        gap: 8px;
        align-content: start;
        justify-items: start;
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
      }

      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
        gap: 16px;
      }

      .found,
      .looks {
        display: grid;
        gap: 8px;
      }

      .found button,
      .looks button {
        justify-content: flex-start;
        width: 100%;
        text-align: left;
        font-weight: 400;
      }
    `,
  ];

  constructor() {
    super();
    /** What is doubted, as the address names it. */
    this.item = "";
    /** Periods with a result. @type {string[]} */
    this.labels = [];
    /** @type {Curve | null} */
    this.curve = null;
    /** @type {import("../domain/bill_view.js").BillContent | null} */
    this.bill = null;
    this.point = "";
    /** The interval that is pointed at. */
    this.place = 0;
    /** What this browser found false. @type {{start: number, slot: number | null, id: string}[]} */
    this.found = [];
    /** @type {Look[]} */
    this.looks = [];
    /** @type {Look | null} */
    this.look = null;
    /** What the chain tells of the look's run. @type {import("../domain/contests.js").Told | null} */
    this.told = null;
    /** @type {{run: string, bills: string, block: number} | null} */
    this.outcome = null;
    /** @param {AbortSignal} signal */
    this.fetchBundle = (signal) => askText(`/me/bills/${encodeURIComponent(this.bill?.period.label ?? "")}/bundle?version=${this.bill?.run.version}`, signal);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("item") && changed.get("item") !== undefined) void this.load();
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const doubt = parseDoubt(this.item);
    const [periods, looks] = await Promise.all([askAll(`/public/communities/${encodeURIComponent(this.community)}/periods`, signal), askLooks(signal)]);
    const standing = standingRuns(periods);
    const chosen = standing.find(({ label }) => label === (doubt.label || standing[0]?.label));
    const own = (/** @type {string} */ what) => ask(`/me/${what}/${encodeURIComponent(chosen?.label ?? "")}?version=${chosen?.version}`, { signal });
    const [curve, bill] = await Promise.all([chosen ? own("energy") : null, chosen?.billed ? own("bills") : null]);
    if (signal.aborted) return;
    this.labels = standing.map(({ label }) => label);
    this.curve = curve;
    this.bill = bill;
    this.looks = looks;
    if (curve) this.pointAt(doubt.start, doubt.slot);
  }

  /** @param {number | null} start [s since 1970, UTC] @param {number | null} slot */
  pointAt(start, slot) {
    const { curve } = this;
    if (!curve) return;
    const found = curve.points.find((point) => point.slot === slot);
    this.point = found?.id ?? (this.point || (curve.points[0]?.id ?? ""));
    const place = start === null ? -1 : curve.series.start.indexOf(start);
    this.place = place >= 0 ? place : Math.floor((splitDays(curve)[0]?.until ?? 0) * NOON);
  }

  lookThere() {
    return this.attempt(async () => {
      const { curve } = this;
      if (!curve) return null;
      const start = new Date((curve.series.start[this.place] ?? 0) * 1000).toISOString();
      await this.show(await lookAt({ label: curve.label, metering_point: this.point, start }));
      return null;
    });
  }

  /** @param {Look} look */
  async show(look) {
    this.look = look;
    this.told = this.outcome = null;
    this.looks = [look, ...this.looks.filter(({ id }) => id !== look.id)].sort((a, b) => Date.parse(b.looked_at) - Date.parse(a.looked_at));
    if (look.sent_at) await this.readChain(look);
    await this.leadTo("#look");
  }

  /** What the contract made of it, from the chain itself. @param {Look} look */
  async readChain(look) {
    const told = (await askContests(this.community)).find(({ label, version }) => label === look.label && version === look.version) ?? null;
    this.told = told;
    if (told && this.deployment) this.outcome = await readOutcome(/** @type {any} */ (this.deployment.contracts), told.run_id).catch(() => null);
  }

  /** @param {string} text */
  askFor(text) {
    return this.attempt(async () => {
      if (!this.look) return null;
      await this.show(await askArbiter(this.look.id, text));
      return "contest.ask.done";
    });
  }

  agree() {
    return this.attempt(async () => {
      if (!this.look) return null;
      await this.show(await sendContest(this.look));
      return "contest.sent";
    });
  }

  render() {
    if (!this.loaded || this.error) return this.renderMissing(say("contest.title"), "loading.disputes");
    const { curve } = this;
    return html`<div class="page">
      <header class="stack">
        <p class="small"><a href=${writeRoute("disputes")}>${say("case.back")}</a></p>
        <h1>${say("contest.title")}</h1>
        <p class="soft">${say("contest.lead")}</p>
      </header>
      ${curve ? html`${this.renderWays(curve)} ${this.renderSeal()} ${this.renderPlace(curve)}` : html`<partage-notice kind="empty" .heading=${say("bill.empty.title")} .text=${say("contest.empty")}></partage-notice>`}
      ${this.renderLook()} ${this.renderLooks()} ${this.renderOutcome()}
    </div>`;
  }

  /** @param {Curve} curve */
  renderWays({ label }) {
    return html`<section class="card">
      <h2>${say("contest.which")}</h2>
      <div class="ways">
        <div>
          <h3>${say("contest.which.measure")}</h3>
          <p class="small soft">${say("contest.which.measure.text")}</p>
          <a class="button" href=${writeRoute("disputes", "new", label)}>${say("disputes.open")}</a>
        </div>
        <div>
          <h3>${say("contest.which.result")}</h3>
          <p class="small soft">${say("contest.which.result.text")}</p>
        </div>
      </div>
    </section>`;
  }

  renderSeal() {
    if (!this.bill) return nothing;
    return html`<section class="stack" aria-label=${say("contest.checked")}>
      <partage-proof-seal
        .bill=${this.bill}
        .zone=${this.zone}
        .fetchBundle=${this.fetchBundle}
        @verified=${(/** @type {CustomEvent} */ { detail }) => (this.found = doubtsOf(orderFailures(detail?.checks ?? [])))}
      ></partage-proof-seal>
      ${this.found.length > 0
        ? html`<p>${say("contest.found")}</p>
            <ul class="found">${this.found.map((place) => html`<li><button type="button" ?disabled=${this.working} @click=${() => this.lookAtFound(place)}>${icon("eye")}${this.tellFound(place)}</button></li>`)}</ul>`
        : nothing}
    </section>`;
  }

  /** @param {{start: number, slot: number | null}} place */
  lookAtFound({ start, slot }) {
    this.pointAt(start, slot);
    return this.lookThere();
  }

  /** @param {{start: number, id: string}} place */
  tellFound({ start, id }) {
    const check = `check.${id}`;
    return say("contest.found.at", { what: hasWords(check) ? say(check) : id, when: stampsOf(this.zone, this.locale)(start) });
  }

  /** @param {Curve} curve */
  renderPlace(curve) {
    const days = splitDays(curve);
    const day = days.find(({ from, until }) => from <= this.place && this.place < until) ?? days[0];
    const clock = clockOf(curve);
    const within = this.place - (day?.from ?? 0);
    return html`<section class="card">
      <h2>${say("contest.point")}</h2>
      <p class="soft">${say("contest.point.text", { period: formatLabel(curve.label, this.locale), version: curve.version })}</p>
      <div class="fields">
        ${renderPeriods(this.labels, curve.label, this.locale, (label) => (location.hash = writeRoute("disputes", "doubt", label)))}
        ${renderPoints(curve.points, this.point, (point) => (this.point = point))}
        <div>
          <label for="day">${say("contest.day")}</label>
          <select id="day" @change=${(/** @type {any} */ event) => (this.place = Math.min(Number(event.target.value) + within, (days.find(({ from }) => from === Number(event.target.value))?.until ?? 1) - 1))}>
            ${days.map(({ date, from }) => html`<option value=${from} .selected=${from === day?.from}>${formatDay(date, this.locale)}</option>`)}
          </select>
        </div>
        <div>
          <label for="time">${say("contest.time")}</label>
          <select id="time" @change=${(/** @type {any} */ event) => (this.place = Number(event.target.value))}>
            ${curve.series.start.slice(day?.from, day?.until).map((start, i) => html`<option value=${(day?.from ?? 0) + i} .selected=${i === within}>${clock(start)}</option>`)}
          </select>
        </div>
      </div>
      <div><button type="button" class="primary" ?disabled=${this.working} @click=${this.lookThere}>${icon("eye")}${say(this.working ? "contest.looking" : "contest.look")}</button></div>
      <p class="small soft">${say("contest.look.hint")}</p>
    </section>`;
  }

  renderLook() {
    const { look, told, outcome } = this;
    if (!look) return nothing;
    const when = stampsOf(this.zone, this.locale)(Date.parse(look.start) / 1000);
    return html`<section class="card">
      <h2 id="look" tabindex="-1">${say("contest.look.title", { point: look.metering_point, when })}</h2>
      <partage-contest-look .look=${look} .zone=${this.zone} ?working=${this.working} @ask=${(/** @type {CustomEvent} */ event) => this.askFor(event.detail)} @agree=${this.agree}></partage-contest-look>
      ${told
        ? html`<h3>${say("contest.outcome")}</h3>
            <partage-contest-list .contests=${[told]}></partage-contest-list>
            ${outcome
              ? html`<p class="done" data-outcome=${told.voids === "bills" ? outcome.bills : outcome.run}>${icon("anchored")}<span>${say(told.voids === "bills" ? "contest.outcome.bills" : "contest.outcome.run", { state: say(`state.${told.voids === "bills" ? outcome.bills : outcome.run}`), block: formatCount(outcome.block, this.locale) })}</span></p>`
              : nothing}`
        : nothing}
    </section>`;
  }

  renderLooks() {
    const { looks } = this;
    if (looks.length === 0) return nothing;
    const stamp = stampsOf(this.zone, this.locale);
    return html`<section class="card">
      <h2>${say("contest.looks")}</h2>
      <ul class="looks">
        ${looks.map(
          (look) => html`<li>
            <button type="button" ?disabled=${this.working} aria-pressed=${look.id === this.look?.id ? "true" : "false"} @click=${() => this.attempt(async () => (await this.show(look), null))}>
              ${say("contest.looks.one", { point: look.metering_point, when: stamp(Date.parse(look.start) / 1000), state: say(`contest.state.${stateOfLook(look)}`) })}
            </button>
          </li>`,
        )}
      </ul>
    </section>`;
  }
}

customElements.define("partage-doubt", Doubt);
