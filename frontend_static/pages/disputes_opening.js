/** A case in the making: which point, which hours of its curve, what is wrong with them; then it is signed. */
import { css, html, nothing } from "../vendor/lit.js";
import { ask, askAll } from "../data/api.js";
import { draftCase, openCase } from "../data/cases.js";
import { hashCaseWords } from "../domain/claim_papers.js";
import { stampsOf } from "../domain/civil_time.js";
import { splitDays } from "../domain/curves.js";
import { formatLabel } from "../domain/figures.js";
import { writeRoute } from "../domain/routes.js";
import { TypedDataError } from "../domain/typed_data.js";
import { say } from "../i18n/words.js";
import { CasePage, caseStyles } from "../components/case_page.js";
import "../components/case_span_picker.js";
import { governingStyles } from "../components/governing_page.js";
import { icon } from "../components/icons.js";
import { sharedStyles } from "../components/shared_styles.js";

/** @typedef {import("../domain/curves.js").Curve} Curve */

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
    /** Of the period; empty for the newest. */
    this.label = "";
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
    if (!this.me.participant) return;
    const labels = (await askAll("/me/bills", signal)).map(({ label }) => String(label));
    const label = this.label || labels[0];
    const curve = label ? await ask(`/me/energy/${encodeURIComponent(label)}`, { signal }) : null;
    if (signal.aborted) return;
    this.labels = labels;
    this.curve = curve;
    if (curve) this.begin(curve);
  }

  /** @param {Curve} curve */
  begin(curve) {
    this.point = curve.points[0]?.id ?? "";
    const [day] = splitDays(curve);
    const perHour = 60 / curve.resolution_minutes;
    this.first = Math.min(MORNING * perHour, (day?.until ?? 1) - 1);
    this.until = Math.min(EVENING * perHour, day?.until ?? 1);
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
    if (!this.account) {
      return html`<partage-notice kind="empty" .heading=${say("case.open.no_seat")} .text=${say("governance.unseated")}></partage-notice>
        <div><a class="button" href=${writeRoute("account", "keys")}>${say("governance.make_key")}</a></div>`;
    }
    return html`<section class="card">
        <h2>${say("case.open.where")}</h2>
        ${this.labels.length > 1 || curve.points.length > 1 ? html`<div class="where">
          ${this.labels.length > 1
            ? html`<div>
                <label for="period">${say("bill.periods")}</label>
                <select id="period" @change=${(/** @type {any} */ event) => (location.hash = writeRoute("disputes", "new", event.target.value))}>
                  ${this.labels.map((label) => html`<option value=${label} .selected=${label === curve.label}>${formatLabel(label, this.locale)}</option>`)}
                </select>
              </div>`
            : nothing}
          ${curve.points.length > 1
            ? html`<div>
                <label for="point">${say("case.point")}</label>
                <select id="point" @change=${(/** @type {any} */ event) => (this.point = event.target.value)}>
                  ${curve.points.map(({ id, direction }) => html`<option value=${id} .selected=${id === this.point}>${id} (${say(`operator.direction.${direction}`)})</option>`)}
                </select>
              </div>`
            : nothing}
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
