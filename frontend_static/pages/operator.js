/**
 * Operator: what was allocated to each metering point, in a window of time; its intervals, the findings, and who served whom.
 *
 * @typedef {import("../components/role_page.js").Fact} Fact
 * @typedef {import("../components/role_page.js").Place} Place
 * @typedef {import("../domain/allocations.js").PointTotal} PointTotal
 * @typedef {import("../domain/allocations.js").AllocationRow} AllocationRow
 * @typedef {import("../domain/allocations.js").Finding} Finding
 * @typedef {import("./community.js").Flows} Flows
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { filterPoints, operatorPath, sumPoints } from "../domain/allocations.js";
import { boundsOf, instantOf } from "../domain/civil_time.js";
import { fileName } from "../domain/csv.js";
import { formatCount, formatLabel } from "../domain/figures.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/allocation_rows.js";
import "../components/file_saver.js";
import "../components/finding_list.js";
import { icon } from "../components/icons.js";
import "../components/point_table.js";
import { RolePage } from "../components/role_page.js";
import { roleStyles } from "../components/role_styles.js";
import "../components/sankey_chart.js";
import { sharedStyles } from "../components/shared_styles.js";
import "./reconciliation_part.js";

const PAGE_ROWS = 96; // a day of quarter-hours
const WHOLE = { from: "", to: "" };

export class Operator extends RolePage {
  static properties = {
    ...RolePage.properties,
    points: { state: true },
    rows: { state: true },
    findings: { state: true },
    flows: { state: true },
    typed: { state: true },
    span: { state: true },
    fault: { state: true },
  };

  static styles = [
    sharedStyles,
    roleStyles,
    css`
      .filter {
        display: grid;
        grid-template-columns: minmax(0, 1fr) repeat(2, 240px) auto;
        gap: 12px 16px;
        align-items: end;
      }

      .top {
        align-items: start;
      }

      .pager {
        display: flex;
        gap: 8px;
        align-items: center;
      }

      @media (max-width: 1179px) {
        .filter {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }

      @media (max-width: 599px) {
        .filter {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {PointTotal[]} */
    this.points = [];
    /** Null where they could not be loaded. @type {{items: AllocationRow[], next: string | null} | null | undefined} */
    this.rows = undefined;
    /** @type {Finding[] | null | undefined} */
    this.findings = undefined;
    /** @type {Flows | null | undefined} */
    this.flows = undefined;
    /** The window as it stands in the form, in local time; empty for the period's ends. */
    this.typed = WHOLE;
    /** The window that the figures are of. */
    this.span = WHOLE;
    /** @type {"" | "operator.filter.order" | "operator.filter.outside"} */
    this.fault = "";
    /** Of the pages of rows up to the one that is shown. @type {string[]} */
    this.cursors = [""];
    /** For rows. @type {AbortController | null} */
    this.asking = null;
    /** For sums. @type {AbortController | null} */
    this.summing = null;
    this.hrefOf = (/** @type {string} */ point) => writeRoute("operator", this.place?.label ?? "", point);
  }

  /** @returns {"operator"} */
  get pageName() {
    return "operator";
  }

  get itemAt() {
    return "#rows";
  }

  disconnectedCallback() {
    this.asking?.abort();
    this.summing?.abort();
    super.disconnectedCallback();
  }

  /**
   * @param {Place} place
   * @param {AbortSignal} signal
   */
  async loadPeriod(place, signal) {
    this.asking?.abort();
    this.summing?.abort();
    this.typed = this.span = WHOLE;
    this.text = this.fault = "";
    this.flows = this.findings = this.rows = undefined;
    const points = (await ask(operatorPath("points", place.community, place.label), { signal })).items;
    if (signal.aborted) return;
    this.points = points;
    void this.loadRows(place, [""]);
    /** @param {"findings" | "flows"} part @param {Promise<any>} answer */
    const keep = (part, answer) => void answer.then((value) => !signal.aborted && (this[part] = value), () => !signal.aborted && (this[part] = null));
    keep("findings", ask(operatorPath("findings", place.community, place.label), { signal }).then(({ items }) => items));
    keep("flows", ask(`/communities/${encodeURIComponent(place.community)}/flows/${encodeURIComponent(place.label)}`, { signal }));
  }

  /** @param {Place} place */
  asked({ zone }) {
    const { from, to } = this.span;
    return { from: from ? instantOf(from, zone) : null, to: to ? instantOf(to, zone) : null };
  }

  /**
   * @param {Place} place
   * @param {string[]} cursors Up to the page that is meant.
   */
  async loadRows(place, cursors) {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const asked = { point: this.item, ...this.asked(place), limit: PAGE_ROWS, cursor: cursors.at(-1) ?? "" };
    try {
      const page = await ask(operatorPath("allocations", place.community, place.label, asked), { signal: asking.signal });
      if (asking.signal.aborted) return;
      this.cursors = cursors;
      this.rows = { items: page.items, next: page.next_cursor };
    } catch {
      if (!asking.signal.aborted) this.rows = null;
    }
  }

  chooseItem() {
    if (!this.place) return;
    this.rows = undefined;
    void this.loadRows(this.place, [""]);
  }

  /**
   * Take another window, if it is one.
   *
   * @param {Place} place
   * @param {{from: string, to: string}} span
   */
  async chooseSpan(place, span) {
    this.typed = span;
    const [from, to] = [span.from, span.to].map((local) => (local ? instantOf(local, place.zone) : null));
    if (from != null && to != null && from >= to) {
      this.fault = "operator.filter.order";
      return;
    }
    this.fault = "";
    this.span = span;
    this.rows = undefined;
    void this.loadRows(place, [""]);
    this.summing?.abort();
    const summing = new AbortController();
    this.summing = summing;
    const { signal } = summing;
    try {
      const { items } = await ask(operatorPath("points", place.community, place.label, this.asked(place)), { signal });
      if (!signal.aborted) this.points = items;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  /** @param {Place} place */
  renderPeriod(place) {
    const shown = filterPoints(this.points, this.text);
    return html`${this.renderFilter(place)} ${this.renderSums(shown)}
      <section class="card">
        <h2>${say("operator.points")}</h2>
        ${shown.length > 0
          ? html`<partage-point-table .points=${shown} .chosen=${this.item} .hrefOf=${this.hrefOf}></partage-point-table>`
          : html`<p class="soft">${say("operator.points.none", { text: this.text })}</p>`}
      </section>
      ${this.renderRows(place)}
      <partage-reconciliation .community=${place.community} .label=${place.label} .zone=${place.zone} disputes></partage-reconciliation>
      ${this.renderFindings(place)} ${this.renderFlows(place)}`;
  }

  /** @param {Place} place */
  renderFilter(place) {
    const { first, until } = boundsOf(place.label);
    const [least, most] = [`${first}T00:00`, `${until}T00:00`];
    /** @param {Event} event */
    const change = (event) => {
      const form = /** @type {HTMLFormElement} */ (/** @type {HTMLElement} */ (event.target).closest("form"));
      const inputs = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=datetime-local]")]);
      if (inputs.some(({ validity }) => validity.badInput || validity.rangeUnderflow || validity.rangeOverflow)) {
        this.fault = "operator.filter.outside";
        return;
      }
      const [from = "", to = ""] = inputs.map(({ value }) => value);
      void this.chooseSpan(place, { from, to });
    };
    const reset = () => {
      this.text = "";
      void this.chooseSpan(place, WHOLE);
    };
    /** @param {"from" | "to"} name */
    const input = (name) => html`<div>
      <label for=${name}>${say(name === "from" ? "operator.filter.from" : "operator.filter.to")}</label>
      <input
        id=${name}
        type="datetime-local"
        min=${least}
        max=${most}
        step=${place.minutes * 60}
        .value=${this.typed[name] || (name === "from" ? least : most)}
        aria-describedby=${this.fault ? "fault" : "zone"}
        aria-invalid=${this.fault ? "true" : nothing}
        @change=${change}
      />
    </div>`;
    return html`<section class="card screen">
      <h2>${say("operator.filter")}</h2>
      <form class="filter" role="search" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <div>${this.renderSearch("operator.filter.point", "operator.filter.point.hint")}</div>
        ${input("from")} ${input("to")}
        <button type="button" @click=${reset}>${say("operator.filter.reset")}</button>
      </form>
      <p class="small soft" id="zone">${say("operator.filter.zone", { zone: place.zone })}</p>
      ${this.fault ? html`<p class="fault small" id="fault" role="alert">${say(this.fault)}</p>` : nothing}
    </section>`;
  }

  /** @param {PointTotal[]} shown */
  renderSums(shown) {
    const { consumption, feed_in: feedIn, intervals, doubtful } = sumPoints(shown);
    /** @type {Fact[]} */
    const facts = [
      ["operator.sums.used", consumption.energy, ""],
      ["operator.sums.shared", consumption.allocated, "shared"],
      ["operator.sums.residual", consumption.energy - consumption.allocated, "grid"],
      ["operator.sums.fed", feedIn.energy, ""],
      ["operator.sums.given", feedIn.allocated, "shared"],
      ["operator.sums.surplus", feedIn.energy - feedIn.allocated, "feed-in"],
    ];
    const { estimated, edited, missing } = doubtful;
    const counts = { shown: formatCount(shown.length, this.locale), all: formatCount(this.points.length, this.locale), intervals: formatCount(intervals, this.locale) };
    const doubts = Object.fromEntries(Object.entries(doubtful).map(([name, count]) => [name, formatCount(count, this.locale)]));
    return html`<section class="card">
      <h2>${say("operator.sums")}</h2>
      ${this.renderFacts(facts)}
      <p class="small soft" role="status">
        ${say("operator.sums.count", counts)}
        ${estimated + edited + missing > 0 ? say("operator.sums.doubtful", doubts) : say("operator.sums.measured")}
      </p>
    </section>`;
  }

  /** @param {Place} place */
  renderRows(place) {
    const title = this.item ? say("operator.rows.of", { point: this.item }) : say("operator.rows");
    const meant = this.item ? this.points.filter(({ metering_point: point }) => point === this.item) : this.points;
    const all = meant.reduce((sum, { intervals }) => sum + intervals, 0);
    const narrowed = this.span.from || this.span.to ? [this.span.from, this.span.to].map((local) => local.replace(/\D/g, "")) : [];
    const parts = [place.community, place.label, this.item, ...narrowed, "allocations"];
    const forms = [
      { words: "file.csv", type: "text/csv", name: fileName(parts, "csv") },
      { words: "file.parquet", type: "application/vnd.apache.parquet", name: fileName(parts, "parquet") },
    ];
    const path = operatorPath("allocations", place.community, place.label, { point: this.item, ...this.asked(place) });
    return html`<section class="card">
      <div class="row spread top">
        <div>
          <h2 id="rows" tabindex="-1">${title}</h2>
          ${this.item ? html`<a class="small screen" href=${writeRoute("operator", place.label)}>${say("operator.rows.all")}</a>` : nothing}
        </div>
        <partage-file-saver class="screen" .path=${path} .forms=${forms}></partage-file-saver>
      </div>
      ${this.renderPage(place, title, all)}
    </section>`;
  }

  /**
   * @param {Place} place
   * @param {string} title
   * @param {number} all Rows there are.
   */
  renderPage(place, title, all) {
    const { rows, cursors } = this;
    if (rows === undefined) return html`<p class="soft" role="status">${say("loading")}…</p>`;
    if (rows === null) return this.renderFailed(() => void this.loadRows(place, cursors));
    if (rows.items.length === 0) return html`<p class="soft">${say("operator.rows.none")}</p>`;
    const before = (cursors.length - 1) * PAGE_ROWS;
    const shown = [before + 1, before + rows.items.length, all].map((count) => formatCount(count, this.locale));
    const { next } = rows;
    return html`<div class="row spread">
        <p class="small soft" role="status">${say("operator.rows.shown", { from: shown[0] ?? "", until: shown[1] ?? "", all: shown[2] ?? "" })}</p>
        <div class="pager screen">
          <button type="button" aria-label=${say("operator.rows.previous")} ?disabled=${cursors.length < 2} @click=${() => this.loadRows(place, cursors.slice(0, -1))}>
            ${icon("left")}
          </button>
          <button type="button" aria-label=${say("operator.rows.next")} ?disabled=${!next} @click=${() => this.loadRows(place, [...cursors, next ?? ""])}>
            ${icon("right")}
          </button>
        </div>
      </div>
      <partage-allocation-rows .rows=${rows.items} .zone=${place.zone} .label=${title} ?named=${!this.item}></partage-allocation-rows>`;
  }

  /** @param {() => void} again */
  renderFailed(again) {
    return html`<div class="row" role="alert">
      <p class="soft">${say("role.part.failed")}</p>
      <button type="button" @click=${again}>${say("action.retry")}</button>
    </div>`;
  }

  /** @param {Place} place */
  renderFindings({ zone }) {
    const { findings } = this;
    return html`<section class="card">
      <h2>${say("operator.findings")}</h2>
      ${findings === undefined ? html`<p class="soft">${say("loading")}…</p>` : nothing} ${findings === null ? this.renderFailed(this.retry) : nothing}
      ${findings ? html`<partage-finding-list .findings=${findings} .zone=${zone}></partage-finding-list>` : nothing}
    </section>`;
  }

  /** @param {Place} place */
  renderFlows({ label }) {
    const { flows } = this;
    const links = (flows?.links ?? []).map(({ energy_milliwatt_hours: energy, ...ends }) => ({ ...ends, energy }));
    return html`<section class="card">
      <h2>${say("operator.flows")}</h2>
      ${flows === undefined ? html`<p class="soft">${say("loading")}…</p>` : nothing} ${flows === null ? this.renderFailed(this.retry) : nothing}
      ${flows
        ? html`<p class="small soft">${say("operator.flows.hint", { period: formatLabel(label, this.locale) })}</p>
            <partage-sankey .producers=${flows.producers} .consumers=${flows.consumers} .links=${links} .label=${say("operator.flows")}></partage-sankey>`
        : nothing}
    </section>`;
  }
}

customElements.define("partage-operator", Operator);
