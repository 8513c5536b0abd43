/**
 * Relief of a transformer: who could give way, the plan that keeps its rating, its effect, and a person who approves or refuses it.
 *
 * @typedef {{id: string, state: "proposed" | "approved" | "refused", transformer: string, made_utc: number, needed_kw: number, actions: number, holds: boolean}} ReliefCard
 * @typedef {{load: string, connection: string, kind: string, start: number, end: number, kw: number}} ReliefAction
 * @typedef {{id: string, state: "proposed" | "approved" | "refused", made_by: string, plan: any}} ReliefDetail
 * @typedef {import("../components/flexible_loads.js").FlexibleLoad} FlexibleLoad
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatCount } from "../domain/figures.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { say } from "../i18n/words.js";
import "../components/flexible_loads.js";
import "../components/phase_chart.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

export class GridRelief extends GridView {
  static properties = { ...GridView.properties, plans: { state: true }, shown: { state: true }, loads: { state: true }, working: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      .fields {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 200px));
        gap: 12px;
        align-items: end;
      }

      .facts dd {
        white-space: normal;
      }

      ul.plans {
        display: grid;
        gap: 4px;
      }

      li button {
        width: 100%;
        justify-content: space-between;
        font-weight: 400;
      }

      form.decide {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }

      form.decide input {
        flex: 1 1 240px;
        width: auto;
      }

      @media (max-width: 599px) {
        .fields {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {ReliefCard[] | null} */
    this.plans = null;
    /** @type {ReliefDetail | null} */
    this.shown = null;
    /** @type {FlexibleLoad[]} */
    this.loads = [];
    this.working = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (changed.has("element")) this.shown = null;
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const { items } = await grid.list("relief-plans", signal);
    if (!signal.aborted) this.plans = items;
  }

  /** @param {SubmitEvent} event */
  async ask(event) {
    event.preventDefault();
    const told = new FormData(/** @type {HTMLFormElement} */ (event.target));
    this.working = true;
    await this.act(async () => {
      const order = { transformer: this.element, loads: this.loads, hours: Number(told.get("hours")), limit_pct: Number(told.get("limit")), certainty_pct: Number(told.get("certainty")) };
      this.shown = await this.grid?.send(["relief-plans"], order);
      await this.begin();
    }, "grid.relief.made");
    this.working = false;
  }

  /** @param {string} id */
  async open(id) {
    await this.act(async () => {
      this.shown = await this.grid?.ask(["relief-plans", id]);
    }, "grid.relief.opened");
  }

  /** @param {"approve" | "refuse"} decision */
  async decide(decision) {
    const { shown } = this;
    if (!shown) return;
    const words = /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector("#words"))?.value ?? "";
    await this.act(async () => {
      this.shown = await this.grid?.send(["relief-plans", shown.id, decision], { words });
      await this.begin();
    }, decision === "approve" ? "grid.relief.approved" : "grid.relief.refused");
  }

  render() {
    return html`<section class="card">
      <h2>${say("grid.relief.title", { transformer: this.element })}</h2>
      <p class="soft">${say("grid.relief.lead")}</p>
      <partage-flexible-loads
        class="screen"
        .connections=${this.structure?.connections.map(({ id }) => id) ?? []}
        .loads=${this.loads}
        @loads=${(/** @type {CustomEvent} */ event) => (this.loads = event.detail)}
      ></partage-flexible-loads>
      <form class="stack screen" @submit=${this.ask}>
        <div class="fields">
          ${this.renderNumber("hours", 48, 1, 168)} ${this.renderNumber("limit", 100, 1, 200)} ${this.renderNumber("certainty", 90, 1, 100)}
        </div>
        <div><button class="primary" ?disabled=${this.working || this.loads.length === 0}>${say(this.working ? "grid.working" : "grid.relief.begin")}</button></div>
      </form>
      ${this.said ? html`<p role="status">${this.said}</p>` : nothing} ${this.shown ? this.renderPlan(this.shown) : nothing} ${this.renderPlans()}
    </section>`;
  }

  /** @param {string} name @param {number} value @param {number} least @param {number} most */
  renderNumber(name, value, least, most) {
    return html`<div>
      <label for=${name}>${say(`grid.relief.${name}`)}</label>
      <input id=${name} name=${name} type="number" min=${least} max=${most} value=${value} required />
    </div>`;
  }

  renderPlans() {
    const { plans } = this;
    if (plans === null) return this.renderLoading();
    const own = plans.filter(({ transformer }) => transformer === this.element);
    if (own.length === 0) return nothing;
    const stamp = stampsOf(this.zone, this.locale);
    return html`<h3>${say("grid.relief.earlier")}</h3>
      <ul class="plans">
        ${own.map((one) => html`<li><button type="button" aria-pressed=${one.id === this.shown?.id ? "true" : "false"} @click=${() => void this.open(one.id)}><span>${stamp(one.made_utc)}, ${say("grid.relief.count", { count: formatCount(one.actions, this.locale) })}</span><span>${say(`grid.relief.state.${one.state}`)}</span></button></li>`)}
      </ul>`;
  }

  /** @param {ReliefDetail} shown */
  renderPlan({ state, plan }) {
    const { effect } = plan;
    const power = (/** @type {number} */ value) => formatQuantity(value, "kW", this.locale);
    const share = (/** @type {number} */ value) => formatQuantity(value, "%", this.locale, 0);
    const facts = [
      ["grid.relief.needed", power(plan.needed_kw)],
      ["grid.relief.left", power(plan.left_kw)],
      ["grid.relief.peak", `${formatQuantity(effect.peak_before_pct, "%", this.locale, 1)} → ${formatQuantity(effect.peak_after_pct, "%", this.locale, 1)}`],
      ["grid.relief.over", `${formatQuantity(effect.hours_over_before, "h", this.locale)} → ${formatQuantity(effect.hours_over_after, "h", this.locale)}`],
      ["grid.relief.losses", `${formatQuantity(effect.losses_before_kwh, "kWh", this.locale)} → ${formatQuantity(effect.losses_after_kwh, "kWh", this.locale)}`],
      ["grid.relief.state", say(`grid.relief.state.${state}`)],
    ];
    const lines = [
      { label: say("grid.plan.before"), token: "heat-3", values: effect.loading_before_pct, dash: [8, 3] },
      { label: say("grid.plan.after"), token: "brand", values: effect.loading_after_pct },
    ];
    return html`<dl class="facts">${facts.map(([words, text]) => html`<div><dt>${say(words ?? "")}</dt><dd data-figure=${words ?? ""}>${text}</dd></div>`)}</dl>
      <p>${say(plan.holds ? "grid.relief.holds" : "grid.relief.fails")}</p>
      <partage-phase-chart .start=${plan.start} .step=${plan.step_seconds} .lines=${lines} .limits=${[{ label: say("grid.tr.limit", { limit: share(plan.limit_pct) }), value: plan.limit_pct }]} .unit=${"%"} .zone=${this.zone} .label=${say("grid.tr.course.forecast")}></partage-phase-chart>
      ${this.renderActions(plan)}
      ${plan.without_consent.length > 0 ? html`<p class="small soft">${say("grid.relief.no_consent", { loads: plan.without_consent.join(", ") })}</p>` : nothing}
      ${state === "proposed" && plan.actions.length > 0 ? this.renderDecision() : nothing}`;
  }

  /** @param {{actions: ReliefAction[], needed_kw: number}} plan */
  renderActions({ actions, needed_kw: needed }) {
    if (actions.length === 0) return html`<p class="soft">${say(needed > 0 ? "grid.relief.nobody" : "grid.relief.no_action")}</p>`;
    const stamp = stampsOf(this.zone, this.locale);
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("grid.relief.actions")}>
      <table>
        <thead>
          <tr>
            ${["grid.relief.load", "grid.plan.connection", "grid.relief.kind", "grid.relief.from", "grid.relief.to", "grid.relief.power"].map((words) => html`<th scope="col">${say(words)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${actions.map(
            (one) => html`<tr>
              <th scope="row">${one.load}</th>
              <td>${one.connection}</td>
              <td>${say(`grid.relief.kind.${one.kind}`)}</td>
              <td>${stamp(one.start)}</td>
              <td>${stamp(one.end)}</td>
              <td>${one.kw > 0 ? "+" : ""}${formatQuantity(one.kw, "kW", this.locale)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  renderDecision() {
    return html`<form class="decide screen" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <input id="words" maxlength="500" aria-label=${say("grid.relief.words")} placeholder=${say("grid.relief.words")} />
      <button type="button" class="primary" @click=${() => void this.decide("approve")}>${say("grid.relief.approve")}</button>
      <button type="button" @click=${() => void this.decide("refuse")}>${say("grid.relief.refuse")}</button>
    </form>`;
  }
}

customElements.define("partage-grid-relief", GridRelief);
