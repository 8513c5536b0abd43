/**
 * What if an element fails? Who is without supply, what is not served hour by hour, and how a crew brings back what it can.
 *
 * @typedef {object} Impact
 * @property {string} element
 * @property {string} kind
 * @property {number} customers
 * @property {string[]} connections
 * @property {string[]} partly
 * @property {string[]} critical
 * @property {string[]} buses
 * @property {number} unknown
 * @property {number | null} mean_kw
 * @property {number | null} worst_kw
 * @property {string | null} worst_start
 * @property {(number | null)[]} not_served_kwh_by_hour
 *
 * @typedef {object} Restoration
 * @property {{number: number, action: string, element: string, purpose: string, restores: string[]}[]} steps
 * @property {string[]} restored
 * @property {string[]} lost Dark before the repair, those too that are cut off to switch.
 * @property {{connection: string, reason: string}[]} waiting
 * @property {string[]} refused Limits that stood in the way, as sentences.
 * @property {number | null} restored_kw
 * @property {number | null} voltage_min_pu
 * @property {number | null} loading_pct
 * @property {string} note
 *
 * @typedef {object} PickUp How much more than usual comes back after an outage.
 * @property {number} outage_hours
 * @property {boolean} assumed
 * @property {number} extra_pct
 * @property {number} extra_low_pct
 * @property {number} extra_high_pct
 * @property {number} lasts_minutes
 * @property {number | null} mean_extra_kw
 * @property {number | null} worst_extra_kw
 * @property {{transformer: string, rated_kva: number, back_high_pct: number, steps: {share_pct: number, after_minutes: number}[]}[]} transformers
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatCount } from "../domain/figures.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { onePerRow, rowsOf } from "../domain/grid_tree.js";
import { say } from "../i18n/words.js";
import { clockOf } from "../components/chart_parts.js";
import "../components/phase_chart.js";
import { roleStyles, rowButtonStyles, tabStyles, tableStyles, viewStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const ORDERS = ["load", "customers", "critical", "worst"];
const SHOWN = 40;
const ASKED = 500; // of which one of each row of segments is shown
const NAMED_MOST = 20;

export class GridOutage extends GridView {
  static properties = { ...GridView.properties, impact: { state: true }, plan: { state: true }, pickUp: { state: true }, ranked: { state: true }, by: { state: true }, fault: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    rowButtonStyles,
    tabStyles,
    viewStyles,
    css`
      .facts dd {
        white-space: normal;
      }

      ol.steps {
        display: grid;
        gap: 8px;
        counter-reset: step;
      }

      ol.steps li {
        display: grid;
        grid-template-columns: 32px minmax(0, 1fr);
        counter-increment: step;
      }

      ol.steps li::before {
        content: counter(step) ".";
        font-weight: 650;
      }

      .hours {
        display: flex;
        align-items: end;
        gap: 2px;
        height: 96px;
      }

      .hours svg {
        flex: 1 1 0;
        min-width: 0;
        height: 100%;
      }

      .hours rect {
        fill: var(--heat-3);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Impact | null} */
    this.impact = null;
    /** @type {Restoration | null} */
    this.plan = null;
    /** @type {PickUp | null} */
    this.pickUp = null;
    /** @type {any[] | null} */
    this.ranked = null;
    this.by = "load";
    this.fault = "";
    this.asked = "";
  }

  disconnectedCallback() {
    this.send("dimmed", new Set());
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if ((changed.has("element") || changed.has("grid")) && this.element && this.grid) void this.look();
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const { items } = await grid.ask(["outages"], { by: this.by, limit: ASKED }, signal);
    if (signal.aborted) return;
    const rows = this.structure && this.tree ? rowsOf(this.structure, this.tree) : new Map();
    const rowOf = (/** @type {any} */ one) => rows.get(one.kind === "bus" ? `bus ${one.element}` : one.element);
    this.ranked = onePerRow(items, rowOf).slice(0, SHOWN);
  }

  async look() {
    const { grid, element } = this;
    const asked = `${grid?.network} ${element}`;
    this.asked = asked;
    this.fault = "";
    this.impact = this.plan = this.pickUp = null;
    try {
      const told = await grid?.ask(["outage"], { element });
      if (this.asked !== asked) return;
      this.impact = told.impact;
      this.plan = told.restoration ?? null;
      this.pickUp = told.pick_up ?? null;
      const places = new Map(this.structure?.buses.map(({ id }, i) => [id, i]) ?? []);
      this.send("dimmed", new Set(told.impact.buses.map((/** @type {string} */ id) => places.get(id)).filter((/** @type {number | undefined} */ place) => place !== undefined)));
    } catch (error) {
      if (this.asked === asked) this.fault = say("grid.refused", { detail: /** @type {any} */ (error)?.message ?? "" });
    }
  }

  render() {
    return html`${this.renderImpact()} ${this.renderRanked()}`;
  }

  renderImpact() {
    const { impact, element } = this;
    if (!element) return html`<section class="card"><h2>${say("grid.outage.title")}</h2><p class="soft">${say("grid.element.choose")}</p></section>`;
    return html`<section class="card">
      <h2 id="outage" tabindex="-1">${say("grid.outage.of", { element })}</h2>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : nothing}
      ${impact ? this.renderFactsOf(impact) : this.fault ? nothing : html`<p class="soft" role="status">${say("loading")}…</p>`}
    </section>`;
  }

  /** @param {Impact} impact */
  renderFactsOf(impact) {
    const stamp = stampsOf(this.zone, this.locale);
    const when = impact.worst_start ? stamp(Date.parse(impact.worst_start) / 1000) : "";
    const facts = [
      ["grid.outage.customers", formatCount(impact.customers, this.locale)],
      ["grid.outage.critical", impact.critical.length > NAMED_MOST ? formatCount(impact.critical.length, this.locale) : impact.critical.length > 0 ? impact.critical.join(", ") : say("grid.pick.none")],
      ["grid.outage.mean", formatQuantity(impact.mean_kw, "kW", this.locale)],
      ["grid.outage.worst", `${formatQuantity(impact.worst_kw, "kW", this.locale)}${when ? `, ${when}` : ""}`],
      ["grid.outage.partly", formatCount(impact.partly.length, this.locale)],
      ["grid.outage.unknown", formatCount(impact.unknown, this.locale)],
    ];
    return html`<dl class="facts">
        ${facts.map(([words, text]) => html`<div><dt>${say(words ?? "")}</dt><dd data-figure=${words ?? ""}>${text}</dd></div>`)}
      </dl>
      ${this.renderHours(impact.not_served_kwh_by_hour)} ${this.renderPlan(impact)} ${this.renderPickUp(impact)}`;
  }

  /** What comes back at once, and transformers that would not take it. @param {Impact} impact */
  renderPickUp({ customers }) {
    const { pickUp, locale } = this;
    if (!pickUp || customers === 0) return nothing;
    const percent = (/** @type {number} */ share) => formatQuantity(share, "%", locale, 0);
    const facts = {
      hours: formatCount(pickUp.outage_hours, locale),
      extra: percent(pickUp.extra_pct),
      low: percent(pickUp.extra_low_pct),
      high: percent(pickUp.extra_high_pct),
      mean: formatQuantity(pickUp.mean_extra_kw, "kW", locale),
      worst: formatQuantity(pickUp.worst_extra_kw, "kW", locale),
      minutes: formatCount(pickUp.lasts_minutes, locale),
    };
    return html`<h3>${say("grid.outage.back")}</h3>
      <p data-figure="grid.outage.back">${say("grid.outage.back.more", facts)}</p>
      ${pickUp.transformers.map((one) => html`<p class="small">${this.sayFull(one)}</p>`)}
      ${pickUp.assumed ? html`<p class="small soft">${say("grid.outage.back.assumed")}</p>` : nothing}`;
  }

  /** @param {PickUp["transformers"][number]} one */
  sayFull({ transformer, rated_kva: rated, back_high_pct: high, steps }) {
    const { locale } = this;
    const parts = steps.map(({ share_pct: share, after_minutes: minutes }) => {
      const of = formatQuantity(share, "%", locale, 0);
      return minutes > 0 ? say("grid.outage.back.later", { share: of, minutes: formatCount(minutes, locale) }) : say("grid.outage.back.first", { share: of });
    });
    const facts = { transformer, rated: formatQuantity(rated, "kVA", locale, 0), high: formatQuantity(high, "%", locale, 0), parts: parts.join(", ") };
    return say(steps.length > 0 ? "grid.outage.back.steps" : "grid.outage.back.wait", facts);
  }

  /** @param {(number | null)[]} hours */
  renderHours(hours) {
    const most = Math.max(...hours.map((value) => value ?? 0));
    if (!(most > 0)) return nothing;
    return html`<h3>${say("grid.outage.hours")}</h3>
      <div class="hours" aria-hidden="true">
        ${hours.map((value) => html`<svg viewBox="0 0 10 100" preserveAspectRatio="none"><rect x="0" width="10" y=${100 - ((value ?? 0) / most) * 100} height=${((value ?? 0) / most) * 100}></rect></svg>`)}
      </div>
      <details>
        <summary>${say("grid.outage.hours.table")}</summary>
        <div class="scroll" role="region" tabindex="0" aria-label=${say("grid.outage.hours")}>
          <table>
            <tbody>
              ${hours.map((value, hour) => html`<tr><th scope="row">${clockOf(hour)}</th><td>${formatQuantity(value, "kWh", this.locale)}</td></tr>`)}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  /** @param {Impact} impact */
  renderPlan({ customers }) {
    const { plan } = this;
    if (!plan || customers === 0) return nothing;
    /** @type {Map<string, string[]>} */
    const waiting = new Map();
    for (const { connection, reason } of plan.waiting) waiting.set(reason, [...(waiting.get(reason) ?? []), connection]);
    return html`<h3>${say("grid.outage.plan")}</h3>
      ${plan.steps.length === 0
        ? html`<p class="soft">${say("grid.outage.plan.none")}</p>`
        : html`<ol class="steps">
            ${plan.steps.map(
              (step) => html`<li>
                <span>
                  <b>${say(`grid.outage.step.${step.action}`, { element: step.element })}</b>
                  <span class="soft">${say(`grid.outage.purpose.${step.purpose}`)}</span>
                  ${step.restores.length > 0 ? say("grid.outage.restores", { count: formatCount(step.restores.length, this.locale) }) : nothing}
                </span>
              </li>`,
            )}
          </ol>`}
      <p>${say("grid.outage.restored", { restored: formatCount(plan.restored.length, this.locale), all: formatCount(plan.lost.length, this.locale) })}</p>
      ${plan.restored.length > 0 ? html`<p class="small soft">${say("grid.outage.checked", { power: formatQuantity(plan.restored_kw, "kW", this.locale), voltage: formatQuantity(plan.voltage_min_pu, "pu", this.locale), loading: formatQuantity(plan.loading_pct, "%", this.locale, 0) })}</p>` : nothing}
      ${[plan.note, ...plan.refused].filter(Boolean).map((sentence) => html`<p class="small soft">${sentence}</p>`)}
      ${[...waiting].map(([reason, ids]) => this.renderWaiting(say(`grid.outage.waiting.${reason}`), ids))}`;
  }

  /** Few are named; of many it is told how many, and who on asking. @param {string} words @param {string[]} ids */
  renderWaiting(words, ids) {
    if (ids.length <= NAMED_MOST) return html`<p class="small soft">${words}: ${ids.join(", ")}</p>`;
    return html`<details class="small soft">
      <summary>${words}: ${formatCount(ids.length, this.locale)}</summary>
      <p>${ids.join(", ")}</p>
    </details>`;
  }

  renderRanked() {
    const { ranked } = this;
    return html`<section class="card">
      <h2>${say("grid.outage.ranked")}</h2>
      <div class="tabs screen" role="group" aria-label=${say("grid.rank.by")}>
        ${ORDERS.map((by) => html`<button type="button" aria-pressed=${by === this.by ? "true" : "false"} @click=${() => ((this.by = by), void this.begin())}>${say(`grid.outage.by.${by}`)}</button>`)}
      </div>
      ${ranked === null
        ? this.renderLoading()
        : html`<div class="scroll" role="region" tabindex="0" aria-label=${say("grid.outage.ranked")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">${say("grid.rank.by.element")}</th>
                  <th scope="col">${say("grid.outage.customers")}</th>
                  <th scope="col">${say("grid.outage.critical")}</th>
                  <th scope="col">${say("grid.outage.mean")}</th>
                  <th scope="col">${say("grid.outage.worst")}</th>
                </tr>
              </thead>
              <tbody>
                ${ranked.map(
                  (one) => html`<tr aria-current=${one.element === this.element ? "true" : nothing}>
                    <th scope="row"><button type="button" @click=${() => this.send("chosen", one.element)}>${one.element}</button></th>
                    <td>${formatCount(one.customers, this.locale)}</td>
                    <td>${formatCount(one.critical.length, this.locale)}</td>
                    <td>${formatQuantity(one.mean_kw, "kW", this.locale)}</td>
                    <td>${formatQuantity(one.worst_kw, "kW", this.locale)}</td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`}
    </section>`;
  }
}

customElements.define("partage-grid-outage", GridOutage);
