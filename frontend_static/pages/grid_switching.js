/**
 * Which few connections to move to which phase: what is asked, how far the search is, what it found, and the orders for the crew.
 *
 * @typedef {import("../components/switch_form.js").SwitchOrder} SwitchOrder
 * @typedef {import("../domain/grid_plans.js").PlanWork} PlanWork
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatCount } from "../domain/figures.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatChange } from "../domain/grid_figures.js";
import { connectionsBehind, marksOf } from "../domain/grid_plans.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { noticeOf } from "../components/notice.js";
import { roleStyles, viewStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import "../components/switch_form.js";
import "../components/switch_plan.js";
import { GridView } from "./grid_view.js";

const POLL_MILLISECONDS = 700;
const OPEN = ["waiting", "running"];
const PLANS_SHOWN = 12;

export class GridSwitching extends GridView {
  static properties = { ...GridView.properties, picked: {}, step: { type: Number }, plans: { state: true }, work: { state: true }, side: { state: true }, fault: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    viewStyles,
    css`
      progress {
        width: 100%;
        height: 8px;
        accent-color: var(--brand);
      }

      .sides {
        display: flex;
        gap: 4px;
      }

      button[aria-pressed="true"] {
        border-color: var(--brand);
        box-shadow: inset 0 -3px 0 var(--brand);
      }

      li button {
        width: 100%;
        justify-content: space-between;
        font-weight: 400;
      }

      ul.plans {
        display: grid;
        gap: 4px;
      }
    `,
  ];

  constructor() {
    super();
    /** A connection that was chosen on the map; empty for none. */
    this.picked = "";
    /** Of the series [s]; 0 where there are none. */
    this.step = 0;
    /** @type {any[] | null} */
    this.plans = null;
    /** What is shown, or searched. @type {PlanWork | null} */
    this.work = null;
    /** What the map shows. @type {"before" | "after"} */
    this.side = "before";
    this.fault = "";
    this.timer = 0;
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.send("compare", "");
    super.disconnectedCallback();
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const { items } = await grid.list("switching", signal);
    if (signal.aborted) return;
    this.plans = items;
    const newest = items[0];
    if (newest && !this.work) await this.open(newest.id);
  }

  /** @param {string} id */
  async open(id) {
    clearTimeout(this.timer);
    this.fault = "";
    try {
      const work = /** @type {PlanWork} */ (await this.grid?.ask(["switching", id]));
      this.take(work);
    } catch (error) {
      this.work = null;
      this.fault = say("grid.refused", { detail: /** @type {any} */ (error)?.message ?? "" });
    }
  }

  /** @param {PlanWork} work */
  take(work) {
    this.work = work;
    if (OPEN.includes(work.state)) this.timer = window.setTimeout(() => void this.open(work.id), POLL_MILLISECONDS);
    else if (work.plan) {
      this.send("marks", marksOf(work.plan.switches));
      this.show(this.side);
    }
  }

  /** @param {SwitchOrder} order */
  async ask(order) {
    this.fault = "";
    this.side = "before";
    this.show("before");
    this.send("marks", new Map());
    try {
      const work = /** @type {PlanWork} */ (await this.grid?.send(["switching"], order));
      this.work = work;
      await this.open(work.id);
    } catch (error) {
      this.fault = say("grid.refused", { detail: /** @type {any} */ (error)?.message ?? "" });
    }
  }

  /** @param {"before" | "after"} side */
  show(side) {
    this.side = side;
    this.send("compare", side === "after" ? (this.work?.id ?? "") : "");
  }

  render() {
    const isOpen = this.work !== null && OPEN.includes(this.work.state);
    return html`<section class="card screen">
        <h2>${say("grid.switch.title")}</h2>
        <p class="soft">${say("grid.switch.lead")}</p>
        <partage-switch-form
          .structure=${this.structure}
          .tree=${this.tree}
          .element=${this.element}
          .picked=${this.picked}
          .step=${this.step}
          .working=${isOpen}
          @chosen=${(/** @type {CustomEvent} */ event) => this.send("chosen", event.detail)}
          @ordered=${(/** @type {CustomEvent} */ event) => void this.ask(event.detail)}
        ></partage-switch-form>
        ${this.fault ? html`<p role="alert" class="fault">${this.fault}</p>` : nothing}
      </section>
      ${this.error ? noticeOf(this.error, this.retry) : nothing} ${this.work ? this.renderWork(this.work) : nothing} ${this.renderPlans()}`;
  }

  /** @param {PlanWork} work */
  renderWork(work) {
    if (OPEN.includes(work.state)) {
      return html`<section class="card" role="status">
        <p>${say(work.state === "waiting" ? "grid.switch.waiting" : "grid.switch.running")}</p>
        <progress max="1" .value=${work.progress} aria-label=${say("grid.switch.running")}></progress>
      </section>`;
    }
    const { plan } = work;
    if (!plan) return html`<section class="card"><p role="alert">${say("grid.switch.failed", { problem: work.problem ?? "" })}</p></section>`;
    const { structure, tree, grid } = this;
    const behind = structure && tree ? connectionsBehind(structure, tree, plan.element) : [];
    return html`<section class="card">
      <div class="row spread">
        <h2 id="plan" tabindex="-1">${say("grid.plan.title", { element: plan.element, count: formatCount(plan.switches.length, this.locale) })}</h2>
        ${plan.switches.length > 0 ? html`<a class="button screen" href=${writeRoute("grid", grid?.network ?? "", "orders", work.id)}>${say("grid.orders.open")}</a>` : nothing}
      </div>
      <div class="sides screen" role="group" aria-label=${say("grid.plan.sides")}>
        ${/** @type {const} */ (["before", "after"]).map((side) => html`<button type="button" aria-pressed=${side === this.side ? "true" : "false"} @click=${() => this.show(side)}>${say(`grid.plan.side.${side}`)}</button>`)}
      </div>
      <partage-switch-plan .plan=${plan} .asked=${work.asked ?? null} .connections=${behind}></partage-switch-plan>
    </section>`;
  }

  renderPlans() {
    const { plans } = this;
    if (!plans) return this.error ? nothing : this.renderLoading();
    if (plans.length === 0) return nothing;
    const stamp = stampsOf(this.zone, this.locale);
    return html`<section class="card screen">
      <h2>${say("grid.plan.earlier")}</h2>
      <ul class="plans">
        ${plans.slice(0, PLANS_SHOWN).map(
          (one) => html`<li>
            <button type="button" aria-pressed=${one.id === this.work?.id ? "true" : "false"} @click=${() => void this.open(one.id)}>
              <span>${one.element || "–"}, ${say("grid.plan.count", { count: formatCount(one.switches ?? 0, this.locale) })}</span>
              <span class="soft">${one.made_utc ? stamp(one.made_utc) : say("grid.working")} · ${formatChange(one.imbalance_before_kw ?? 0, one.imbalance_after_kw ?? 0, this.locale)}</span>
            </button>
          </li>`,
        )}
      </ul>
    </section>`;
  }
}

customElements.define("partage-grid-switching", GridSwitching);
