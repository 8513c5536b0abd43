/**
 * What a plan of phase switches may do: for which element, how many, how long to search, who must not move, where a crew is anyway.
 *
 * @typedef {import("../domain/grid_tree.js").Structure} Structure
 * @typedef {import("../domain/grid_tree.js").Tree} Tree
 * @typedef {object} SwitchOrder
 * @property {string} element
 * @property {number} switches
 * @property {number} seconds
 * @property {number} weeks
 * @property {number | null} budget What all switches may cost; null for no matter.
 * @property {string[]} critical
 * @property {string[]} free_places
 * @property {Readonly<Record<string, number>>} costs
 * @property {Record<typeof WEIGHTS[number], number>} weights
 * @property {number} resolution_seconds 0 for that of the series.
 */
import { css, html, nothing } from "../vendor/lit.js";
import { readNumber } from "../domain/grid_alarm_rules.js";
import { connectionsBehind, resolutionsOf } from "../domain/grid_plans.js";
import { say } from "../i18n/words.js";
import "./connection_costs.js";
import "./connection_picker.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const SECONDS = [5, 10, 30, 60, 120];
const SWITCHES_MOST = 1000;
const WEEKS_MOST = 104;
const WEIGHTS = /** @type {const} */ (["mean", "worst_hour", "losses", "voltage"]);

export class SwitchForm extends Localized {
  static properties = { structure: { attribute: false }, tree: { attribute: false }, element: {}, picked: {}, step: { type: Number }, working: { type: Boolean }, costs: { state: true }, critical: { state: true }, free: { state: true }, fault: { state: true } };

  static styles = [
    sharedStyles,
    css`
      form {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }

      .fields {
        display: grid;
        gap: 12px 16px;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        align-items: end;
      }

      .pickers {
        display: grid;
        gap: 12px 16px;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        align-items: start;
      }

      .more {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
        padding: 16px 0 4px;
      }

      .picked {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 24px;
        align-items: center;
        padding: 8px 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      .flag {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 44px;
        margin: 0;
        font-weight: 400;
      }

      .flag input {
        width: 18px;
        min-height: 18px;
        accent-color: var(--brand);
      }

      .fault {
        color: var(--voided);
      }

      @media (max-width: 899px) {
        .fields {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }

      @media (max-width: 599px) {
        .pickers {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Structure | null} */
    this.structure = null;
    /** @type {Tree | null} */
    this.tree = null;
    this.element = "";
    /** A connection that was chosen on the map; empty for none. */
    this.picked = "";
    /** Of the series [s]; 0 where there are none. */
    this.step = 0;
    this.working = false;
    /** @type {Readonly<Record<string, number>>} */
    this.costs = {};
    /** @type {string[]} */
    this.critical = [];
    /** @type {string[]} */
    this.free = [];
    this.fault = "";
  }

  /** Heads of feeders, transformers, and what is looked at. */
  get elements() {
    const { structure, element } = this;
    if (!structure) return [];
    const heads = new Set([...structure.transformers.map(({ id }) => id), ...structure.connections.map(({ feeder }) => feeder).filter(Boolean)]);
    return element && !heads.has(element) ? [element, ...heads] : [...heads];
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const told = new FormData(form);
    const [switches = 0, seconds = 0, weeks = 0] = ["switches", "seconds", "weeks"].map((name) => Number(told.get(name)));
    const part = (/** @type {string} */ name) => readNumber(String(told.get(name) ?? ""));
    const weights = /** @type {SwitchOrder["weights"]} */ (Object.fromEntries(WEIGHTS.map((name) => [name, part(`weight-${name}`)])));
    const budget = String(told.get("budget") ?? "").trim() === "" ? null : part("budget");
    const parts = Object.values(weights);
    if (!form.checkValidity() || switches < 1) this.fault = say("grid.switch.fault", { most: SWITCHES_MOST, weeks: WEEKS_MOST });
    else if (!parts.every((one) => one >= 0) || !parts.some((one) => one > 0)) this.fault = say("grid.switch.fault.weights");
    else if (budget !== null && !(budget >= 0)) this.fault = say("grid.switch.fault.budget");
    else this.fault = "";
    if (this.fault) return;
    /** @type {SwitchOrder} */
    const order = { element: String(told.get("element") ?? ""), switches, seconds, weeks, budget, critical: this.critical, free_places: this.free, costs: this.costs, weights, resolution_seconds: Number(told.get("resolution") ?? 0) };
    this.dispatchEvent(new CustomEvent("ordered", { detail: order }));
  }

  render() {
    const { structure, tree, element } = this;
    if (!structure || !tree) return nothing;
    const behind = connectionsBehind(structure, tree, element);
    const movable = behind.filter(({ is_critical: critical }) => !critical);
    return html`<form novalidate @submit=${this.submit}>
      <div class="fields">
        <div>
          <label for="element">${say("grid.switch.element")}</label>
          <select id="element" name="element" @change=${(/** @type {any} */ event) => this.dispatchEvent(new CustomEvent("chosen", { detail: event.target.value }))}>
            ${this.elements.map((id) => html`<option value=${id} ?selected=${id === element}>${id}</option>`)}
          </select>
        </div>
        <div>
          <label for="switches">${say("grid.switch.most")}</label>
          <input id="switches" name="switches" type="number" inputmode="numeric" min="1" max=${SWITCHES_MOST} value="5" required />
        </div>
        <div>
          <label for="weeks">${say("grid.switch.weeks")}</label>
          <input id="weeks" name="weeks" type="number" inputmode="numeric" min="1" max=${WEEKS_MOST} placeholder=${say("grid.switch.weeks.advised")} />
        </div>
        <div>
          <label for="seconds">${say("grid.switch.seconds")}</label>
          <select id="seconds" name="seconds">
            ${SECONDS.map((seconds) => html`<option value=${seconds} ?selected=${seconds === 10}>${say("grid.switch.seconds.of", { seconds })}</option>`)}
          </select>
        </div>
      </div>
      <div class="pickers">
        <partage-connection-picker
          .connections=${behind}
          .chosen=${this.critical}
          .fixed=${behind.filter(({ is_critical: critical }) => critical).map(({ id }) => id)}
          .heading=${say("grid.switch.critical")}
          .help=${say("grid.switch.critical.help")}
          @picked=${(/** @type {CustomEvent} */ event) => (this.critical = event.detail)}
        ></partage-connection-picker>
        <partage-connection-picker
          .connections=${movable}
          .chosen=${this.free}
          .heading=${say("grid.switch.free")}
          .help=${say("grid.switch.free.help")}
          @picked=${(/** @type {CustomEvent} */ event) => (this.free = event.detail)}
        ></partage-connection-picker>
      </div>
      ${this.renderPicked(movable)} ${this.renderMore(behind)}
      <p class="small soft">${say("grid.switch.help")}</p>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : nothing}
      <div><button class="primary" ?disabled=${this.working}>${say(this.working ? "grid.working" : "grid.switch.begin")}</button></div>
    </form>`;
  }

  /** What was chosen on the map, with what one may want to say of it. @param {readonly import("../domain/grid_tree.js").GridConnection[]} movable */
  renderPicked(movable) {
    const one = movable.find(({ id }) => id === this.picked);
    if (!one) return html`<p class="small soft">${say("grid.switch.pick")}</p>`;
    const toggle = (/** @type {"critical" | "free"} */ name) => (this[name] = this[name].includes(one.id) ? this[name].filter((id) => id !== one.id) : [...this[name], one.id]);
    return html`<div class="picked" role="group" aria-label=${say("grid.switch.picked", { connection: one.id })}>
      <p><b>${one.id}</b>, ${one.phases}</p>
      <label class="flag"><input type="checkbox" .checked=${this.critical.includes(one.id)} @change=${() => toggle("critical")} />${say("grid.switch.critical")}</label>
      <label class="flag"><input type="checkbox" .checked=${this.free.includes(one.id)} @change=${() => toggle("free")} />${say("grid.switch.free")}</label>
    </div>`;
  }

  /** @param {readonly import("../domain/grid_tree.js").GridConnection[]} behind */
  renderMore(behind) {
    return html`<details>
      <summary>${say("grid.switch.more")}</summary>
      <div class="more">
        <partage-connection-costs .connections=${behind} .costs=${this.costs} .picked=${this.picked} @costs=${(/** @type {CustomEvent} */ event) => (this.costs = event.detail)}></partage-connection-costs>
        <div class="fields">
          <div>
            <label for="budget">${say("grid.switch.budget")}</label>
            <input id="budget" name="budget" inputmode="decimal" autocomplete="off" placeholder=${say("grid.switch.budget.none")} />
          </div>
          <div>
            <label for="resolution">${say("grid.switch.resolution")}</label>
            <select id="resolution" name="resolution">
              ${resolutionsOf(this.step).map((seconds) => html`<option value=${seconds}>${seconds === 0 ? say("grid.switch.resolution.own") : say("grid.switch.resolution.of", { minutes: seconds / 60 })}</option>`)}
            </select>
          </div>
        </div>
        <h3>${say("grid.switch.weights")}</h3>
        <p class="small soft">${say("grid.switch.weights.help")}</p>
        <div class="fields">
          ${WEIGHTS.map(
            (name) => html`<div>
              <label for="weight-${name}">${say(`grid.switch.weight.${name}`)}</label>
              <input id="weight-${name}" name="weight-${name}" inputmode="decimal" autocomplete="off" value=${name === "mean" ? 1 : 0} />
            </div>`,
          )}
        </div>
      </div>
    </details>`;
  }
}

customElements.define("partage-switch-form", SwitchForm);
