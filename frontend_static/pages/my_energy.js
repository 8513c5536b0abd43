/**
 * My energy: a month day by day, and a day interval by interval; each chart answers one question, with its table.
 *
 * @typedef {import("../domain/curves.js").Curve} Curve
 * @typedef {import("../domain/curves.js").Day} Day
 * @typedef {import("../domain/curves.js").SeriesName} SeriesName
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask, askAll } from "../data/api.js";
import { chooseDay, clockOf, splitDays } from "../domain/curves.js";
import { formatCount, formatDay, formatEnergy, formatLabel } from "../domain/figures.js";
import { tellFinding } from "../domain/findings.js";
import { writeRoute } from "../domain/routes.js";
import { hasWords, say } from "../i18n/words.js";
import "../components/anomaly_list.js";
import "../components/day_bars.js";
import "../components/energy_chart.js";
import "../components/neighbour_table.js";
import "../components/own_forecast.js";
import "../components/own_reconciliation.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import { noticeOf } from "../components/notice.js";
import { sharedStyles } from "../components/shared_styles.js";

/** Which series a direction shows: parts of the whole, the front one first. */
const VIEWS = /** @type {const} */ ({
  use: { whole: "used", parts: [["from_neighbours", "shared"], ["from_grid", "grid"]] },
  production: { whole: "produced", parts: [["sold_to_neighbours", "shared"], ["surplus", "feed-in"]] },
});

/** @typedef {keyof typeof VIEWS} View */

export class MyEnergy extends Localized {
  static properties = {
    community: {},
    participant: {},
    label: {},
    day: {},
    labels: { state: true },
    curve: { state: true },
    findings: { state: true },
    neighbours: { state: true },
    error: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      .page {
        display: grid;
        gap: 24px;
        grid-template-columns: minmax(0, 1fr);
        max-width: 880px;
      }

      .card {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .days {
        flex-wrap: nowrap;
        gap: 4px;
      }

      .doubt {
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--contestable-wash);
        color: var(--contestable);
      }

      .mark {
        color: var(--contestable);
        font-weight: 600;
      }

      tfoot th,
      tfoot td {
        font-weight: 650;
      }

      details summary {
        padding: 8px 0;
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.participant = "";
    this.label = "";
    this.day = "";
    /** @type {string[] | null} */
    this.labels = null;
    /** @type {Curve | null} */
    this.curve = null;
    /** @type {Day[]} */
    this.days = [];
    /** @type {import("../domain/findings.js").Told[]} */
    this.findings = [];
    /** @type {import("../domain/bill_view.js").Neighbour[]} */
    this.neighbours = [];
    /** @type {unknown} */
    this.error = null;
    this.retry = () => void this.load();
    /** @type {AbortController | null} */
    this.loading = null;
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("label")) void this.load();
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.error = this.curve = null;
    this.findings = [];
    this.neighbours = [];
    const { signal } = loading;
    try {
      const labels = this.labels ?? (await askAll("/me/bills", signal)).map((bill) => String(bill.label));
      const label = this.label || labels[0];
      const curve = label ? await ask(`/me/energy/${encodeURIComponent(label)}`, { signal }) : null;
      if (signal.aborted) return;
      this.days = curve ? splitDays(curve) : [];
      this.labels = labels;
      this.curve = curve;
      if (!curve) return;
      const period = encodeURIComponent(curve.label);
      const [{ items }, bill] = await Promise.all([ask(`/me/findings/${period}`, { signal }), ask(`/me/bills/${period}`, { signal })]);
      if (signal.aborted) return;
      this.findings = items;
      this.neighbours = bill.neighbours;
    } catch (error) {
      if (!signal.aborted && !this.curve) this.error = error;
    }
  }

  render() {
    const title = html`<h1>${say("energy.title")}</h1>`;
    if (this.error) return html`<div class="page">${title}${noticeOf(this.error, this.retry)}</div>`;
    if (this.labels?.length === 0) {
      return html`<div class="page">
        ${title}<partage-notice kind="empty" .heading=${say("bill.empty.title")} .text=${say("bill.empty")}></partage-notice>
      </div>`;
    }
    const { curve } = this;
    if (!curve) return html`<partage-notice kind="loading" .heading=${say("loading.energy")}></partage-notice>`;
    const day = chooseDay(this.days, this.day);
    /** @type {View[]} */
    const views = [];
    if (curve.points.some((point) => point.direction === "consumption")) views.push("use");
    if (curve.points.some((point) => point.direction === "feed_in")) views.push("production");
    return html`<div class="page">
      <header class="row spread">
        <div>
          <p class="soft small">${formatLabel(curve.label, this.locale)}</p>
          ${title}
        </div>
        ${this.renderPeriods(curve)}
      </header>
      <p class="phone screen"><a href=${writeRoute("forecasts")}>${say("forecast.way")}</a></p>
      ${this.renderDoubt(curve)} ${views.map((view) => this.renderMonth(curve, view, day))}
      ${day ? this.renderDay(curve, day, views) : nothing}
      <partage-own-forecast .community=${this.community} .participant=${this.participant}></partage-own-forecast>
      <partage-anomalies .community=${this.community}></partage-anomalies>
      ${this.renderNeighbours()}
      <partage-own-reconciliation .community=${this.community} .label=${curve.label} .zone=${curve.time_zone}></partage-own-reconciliation>
      ${this.findings.length > 0
        ? html`<section class="card">
            <h2>${say("energy.findings")}</h2>
            <ul class="stack small">${this.findings.map((finding) => html`<li>${tellFinding(finding, { locale: this.locale, zone: curve.time_zone, say, hasWords }).sentence}</li>`)}</ul>
          </section>`
        : nothing}
      <p class="small soft">${say("energy.zone", { zone: curve.time_zone })}</p>
    </div>`;
  }

  /** @param {Curve} curve */
  renderPeriods(curve) {
    if ((this.labels?.length ?? 0) < 2) return nothing;
    return html`<div>
      <label class="hidden" for="period">${say("bill.periods")}</label>
      <select id="period" @change=${(/** @type {any} */ event) => (location.hash = writeRoute("energy", event.target.value))}>
        ${this.labels?.map((label) => html`<option value=${label} ?selected=${label === curve.label}>${formatLabel(label, this.locale)}</option>`)}
      </select>
    </div>`;
  }

  /** Who served this home over the period, and whom its roof served. */
  renderNeighbours() {
    const titles = /** @type {const} */ ({ from: "energy.neighbours", to: "energy.neighbours.to" });
    return /** @type {const} */ (["from", "to"]).map((side) =>
      this.neighbours.some((neighbour) => neighbour.side === side)
        ? html`<section class="card">
            <h2>${say(titles[side])}</h2>
            <partage-neighbours .neighbours=${this.neighbours} .side=${side}></partage-neighbours>
          </section>`
        : nothing,
    );
  }

  /** @param {Curve} curve */
  renderDoubt(curve) {
    const [estimated, missing] = [curve.estimated, curve.missing].map((flags) => flags.filter(Boolean).length);
    if (!estimated && !missing) return nothing;
    return html`<p class="doubt">${say("energy.doubtful", { estimated: estimated ?? 0, missing: missing ?? 0, of: curve.estimated.length })}</p>`;
  }

  /**
   * @param {Curve} curve
   * @param {View} view
   * @param {Day | undefined} chosen
   */
  renderMonth(curve, view, chosen) {
    const { parts } = VIEWS[view];
    const bars = this.days.map(({ date, sums }) => {
      return {
        ...{ date, href: writeRoute("energy", curve.label, date) },
        parts: parts.map(([name, role]) => ({ label: say(`energy.series.${name}`), role, amount: sums[name] })),
      };
    });
    const question = say(view === "use" ? "energy.month" : "energy.month.production");
    return html`<section class="card">
      <div>
        <h2>${question}</h2>
        <p class="small soft">${say("energy.month.hint")}</p>
      </div>
      <partage-day-bars .days=${bars} .chosen=${chosen?.date ?? ""} .label=${question}></partage-day-bars>
      <details>
        <summary>${say("energy.table.month")}</summary>
        ${this.renderTable(
          view,
          say("energy.table.day"),
          this.days.map((day) => ({ name: formatDay(day.date, this.locale), values: day.sums, mark: "" })),
        )}
      </details>
    </section>`;
  }

  /**
   * @param {Curve} curve
   * @param {Day} day
   * @param {View[]} views
   */
  renderDay(curve, day, views) {
    const at = this.days.indexOf(day);
    const name = formatDay(day.date, this.locale, true);
    /** @param {number} step @param {string} mark @param {import("../i18n/words.js").Key} words */
    const link = (step, mark, words) => {
      const other = this.days[at + step];
      return other
        ? html`<a class="button" href=${writeRoute("energy", curve.label, other.date)} aria-label=${say(words)} title=${say(words)}>${icon(mark)}</a>`
        : nothing;
    };
    return html`<section class="card">
      <div class="row spread days">
        <h2>${say("energy.day", { day: name })}</h2>
        <div class="row days">${link(-1, "left", "energy.previous")} ${link(1, "right", "energy.next")}</div>
      </div>
      ${views.map((view) => this.renderCurve(curve, day, view, name, views.length > 1))}
    </section>`;
  }

  /**
   * @param {Curve} curve
   * @param {Day} day
   * @param {View} view
   * @param {string} name
   * @param {boolean} titled
   */
  renderCurve(curve, day, view, name, titled) {
    const { whole, parts } = VIEWS[view];
    /** @param {SeriesName} series */
    const slice = (series) => curve.series[series].slice(day.from, day.until);
    const [front, back] = parts;
    const layers = [
      { label: say(`energy.series.${whole}`), role: back[1], values: slice(whole) },
      { label: say(`energy.series.${front[0]}`), role: front[1], values: slice(front[0]) },
    ];
    const end = (curve.series.start[day.until - 1] ?? 0) + curve.resolution_minutes * 60;
    const starts = [...curve.series.start.slice(day.from, day.until), end];
    const clock = clockOf(curve);
    const rows = starts.slice(0, -1).map((start, i) => {
      const values = /** @type {Record<SeriesName, number>} */ (
        Object.fromEntries([whole, front[0], back[0]].map((series) => [series, curve.series[series][day.from + i] ?? 0]))
      );
      const mark = curve.missing[day.from + i] ? "missing" : curve.estimated[day.from + i] ? "estimated" : "measured";
      return { name: clock(start), values, mark };
    });
    return html`${titled ? html`<h3>${say(view === "use" ? "energy.day.use" : "energy.day.production")}</h3>` : nothing}
      <partage-energy-chart
        .starts=${starts}
        .layers=${layers}
        .zone=${curve.time_zone}
        .minutes=${curve.resolution_minutes}
        .label=${say("energy.chart.label", { day: name })}
      ></partage-energy-chart>
      <details>
        <summary>${say("energy.table")}</summary>
        ${this.renderTable(view, say("energy.table.time"), rows)}
      </details>`;
  }

  /**
   * @param {View} view
   * @param {string} first Heading of the first column.
   * @param {{name: string, values: Record<SeriesName, number>, mark: string}[]} rows
   */
  renderTable(view, first, rows) {
    const { whole, parts } = VIEWS[view];
    /** @type {SeriesName[]} */
    const names = [whole, parts[0][0], parts[1][0]];
    const marked = rows.some((row) => row.mark);
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("energy.table")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${first}</th>
            ${names.map((name) => html`<th scope="col">${say(`energy.series.${name}`)}</th>`)}
            ${marked ? html`<th scope="col">${say("energy.table.quality")}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr>
              <th scope="row">${row.name}</th>
              ${names.map((name) => html`<td>${formatEnergy(row.values[name], this.locale, 3)}</td>`)}
              ${marked ? html`<td class=${row.mark === "measured" ? "soft" : "mark"}>${say(`energy.${row.mark}`)}</td>` : nothing}
            </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">${say("energy.total")}</th>
            ${names.map((name) => html`<td>${formatEnergy(rows.reduce((sum, row) => sum + row.values[name], 0), this.locale, 3)}</td>`)}
            ${marked ? html`<td>${formatCount(rows.length, this.locale)}</td>` : nothing}
          </tr>
        </tfoot>
      </table>
    </div>`;
  }
}

customElements.define("partage-my-energy", MyEnergy);
