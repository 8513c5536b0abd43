/** A case in the making: which point, which hours of its curve, what is wrong with them; then it is signed. */
import { css, html, nothing } from "../vendor/lit.js";
import { ask, askAll } from "../data/api.js";
import { draftCase, openCase } from "../data/cases.js";
import { hashCaseWords } from "../domain/claim_papers.js";
import { stampsOf } from "../domain/civil_time.js";
import { splitDays } from "../domain/curves.js";
import { formatEnergy, formatLabel } from "../domain/figures.js";
import { curveOfCourse, readClaim, reconciliationPath } from "../domain/reconciliation.js";
import { writeRoute } from "../domain/routes.js";
import { TypedDataError } from "../domain/typed_data.js";
import { say } from "../i18n/words.js";
import { CasePage, caseStyles } from "../components/case_page.js";
import "../components/case_span_picker.js";
import { governingStyles } from "../components/governing_page.js";
import { icon } from "../components/icons.js";
import { sharedStyles } from "../components/shared_styles.js";
import { renderPeriods, renderPoints } from "../components/where_fields.js";

/**
 * @typedef {import("../domain/curves.js").Curve} Curve
 * @typedef {import("../domain/reconciliation.js").Claim} Claim
 */

const TEXT_MAX = 4000; // characters
const [MORNING, EVENING] = [10, 16]; // hours that are chosen to begin with

export class CaseOpening extends CasePage {
  static properties = {
    label: {},
    labels: { state: true },
    curve: { state: true },
    point: { state: true },
    first: { state: true },
    until: { state: true },
    text: { state: true },
  };

  static styles = [
    sharedStyles,
    governingStyles,
    caseStyles,
    css`
      textarea {
        min-height: 132px;
        resize: vertical;
      }

      .where {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(220px, 1fr));
        gap: 16px;
      }
    `,
  ];

  constructor() {
    super();
    /** The period, or a claim about it as an address carries it; empty for the newest period. */
    this.label = "";
    /** What is filled in; null for nothing. @type {Claim | null} */
    this.claim = null;
    /** Whether the point is another's, and the case one's role's. */
    this.byRole = false;
    /** @type {string[]} */
    this.labels = [];
    /** @type {Curve | null} */
    this.curve = null;
    this.point = "";
    this.first = 0;
    this.until = 1;
    this.text = "";
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("label") && changed.get("label") !== undefined) void this.load();
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const { label: asked, claim } = readClaim(this.label);
    if (!this.me.participant && !claim) return;
    const labels = this.me.participant ? (await askAll("/me/bills", signal)).map(({ label }) => String(label)) : [];
    const label = asked || labels[0];
    /** @type {Curve | null} */
    let curve = label && this.me.participant ? await ask(`/me/energy/${encodeURIComponent(label)}`, { signal }) : null;
    const byRole = claim !== null && !curve?.points.some(({ id }) => id === claim.point);
    if (claim && byRole) curve = curveOfCourse(await ask(reconciliationPath(this.community, claim.label, `points/${claim.point}`), { signal }), claim.label);
    if (signal.aborted) return;
    this.labels = byRole ? [] : labels;
    this.claim = claim;
    this.byRole = byRole;
    this.curve = curve;
    if (curve) this.begin(curve, claim);
  }

  /** @param {Curve} curve @param {Claim | null} claim */
  begin(curve, claim) {
    this.point = claim?.point ?? curve.points[0]?.id ?? "";
    const [day] = splitDays(curve);
    const perHour = 60 / curve.resolution_minutes;
    const { start } = curve.series;
    const first = claim ? start.indexOf(claim.start) : -1;
    this.first = first >= 0 ? first : Math.min(MORNING * perHour, (day?.until ?? 1) - 1);
    const until = claim ? start.findIndex((instant) => instant >= claim.end) : -1;
    if (claim && first >= 0) this.until = until >= 0 ? until : start.length;
    else this.until = Math.min(EVENING * perHour, day?.until ?? 1);
    if (claim) this.text = this.tell(claim);
  }

  /** @param {Claim} claim */
  tell({ point, operator, computed, cause }) {
    const energy = (/** @type {number} */ value) => formatEnergy(value, this.locale, 6);
    return say("reconcile.claim", { point, operator: energy(operator), computed: energy(computed), difference: energy(operator - computed), cause: say(`reconcile.cause.${cause}`) });
  }

  get chosen() {
    return this.curve?.points.find(({ id }) => id === this.point);
  }

  /** @returns {[number, number]} Start and end of the time that was chosen [s since 1970]. */
  get span() {
    const { curve } = this;
    const starts = curve?.series.start ?? [];
    return [starts[this.first] ?? 0, starts[this.until] ?? (starts.at(-1) ?? 0) + (curve?.resolution_minutes ?? 0) * 60];
  }

  sendIn() {
    return this.attempt(async () => {
      const { curve, chosen } = this;
      const text = this.text.trim();
      if (!curve || !chosen) return null;
      if (!text) {
        this.fault = say("case.open.text.missing");
        /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#text"))?.focus();
        return null;
      }
      const [start, end] = this.span.map((instant) => new Date(instant * 1000).toISOString());
      const paper = await draftCase({ metering_point: chosen.id, start: start ?? "", end: end ?? "", text });
      if (hashCaseWords(paper.salt, text) !== paper.typed_data.message["paper"]) throw new TypedDataError("the words are others");
      const message = { period: curve.period, slot: chosen.slot, first: this.first, until: this.until };
      const stamp = stampsOf(this.zone, this.locale);
      const facts = /** @type {[string, string][]} */ ([
        [say("case.point"), chosen.id],
        [say("case.span.first"), stamp(this.span[0])],
        [say("case.span.until"), stamp(this.span[1])],
        [say("case.open.words"), text],
      ]);
      const signed = await this.signPaper(paper, { type: "OpenCase", message, lead: say("case.open.lead"), facts });
      if (!signed) return null;
      const opened = await openCase(signed);
      location.hash = writeRoute("disputes", opened.id);
      return null;
    });
  }

  render() {
    if (!this.loaded || this.error) return this.renderMissing(say("case.open.title"), "loading.energy");
    return html`<div class="page">
      <header class="stack">
        <p class="small"><a href=${writeRoute("disputes")}>${say("case.back")}</a></p>
        <h1>${say("case.open.title")}</h1>
        <p class="soft">${say("case.open.text")}</p>
      </header>
      ${this.renderForm()} ${this.renderOutcome()}
    </div>`;
  }

  renderForm() {
    const { curve, chosen } = this;
    if (!curve || !chosen) return html`<partage-notice kind="empty" .heading=${say("bill.empty.title")} .text=${say("case.open.empty")}></partage-notice>`;
    if (!this.account && !this.byRole) {
      return html`<partage-notice kind="empty" .heading=${say("case.open.no_seat")} .text=${say("governance.unseated")}></partage-notice>
        <div><a class="button" href=${writeRoute("account", "keys")}>${say("governance.make_key")}</a></div>`;
    }
    return html`<section class="card">
        <h2>${say("case.open.where")}</h2>
        ${this.claim ? html`<p class="small soft">${say("reconcile.claim.filled")}</p>` : nothing}
        ${this.labels.length > 1 || curve.points.length > 1 ? html`<div class="where">
          ${renderPeriods(this.labels, curve.label, this.locale, (label) => (location.hash = writeRoute("disputes", "new", label)))}
          ${renderPoints(curve.points, this.point, (point) => (this.point = point))}
        </div>` : nothing}
        <partage-case-span-picker
          .curve=${curve}
          .direction=${chosen.direction}
          .first=${this.first}
          .until=${this.until}
          @span=${(/** @type {CustomEvent} */ { detail }) => Object.assign(this, detail)}
        ></partage-case-span-picker>
      </section>
      <section class="card">
        <h2>${say("case.open.what")}</h2>
        <div>
          <label for="text">${say("case.open.words")}</label>
          <textarea id="text" maxlength=${TEXT_MAX} aria-describedby="text-hint" .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)}></textarea>
          <p class="small soft" id="text-hint">${say("case.open.words.hint")}</p>
        </div>
        <div><button type="button" class="primary" ?disabled=${this.working} @click=${this.sendIn}>${icon("pen")}${say(this.working ? "case.working" : "case.open.submit")}</button></div>
      </section>`;
  }
}

customElements.define("partage-case-opening", CaseOpening);
