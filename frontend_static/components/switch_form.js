/**
 * What a plan of phase switches may do: for which element, how many, how long to search, who must not move, where a crew is anyway.
 *
 * @typedef {import("../domain/grid_tree.js").Structure} Structure
 * @typedef {import("../domain/grid_tree.js").Tree} Tree
 * @typedef {{element: string, switches: number, seconds: number, weeks: number, critical: string[], free_places: string[], costs: Record<string, number>}} SwitchOrder
 */
import { css, html, nothing } from "../vendor/lit.js";
import { connectionsBehind } from "../domain/grid_plans.js";
import { say } from "../i18n/words.js";
import "./connection_picker.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const SECONDS = [5, 10, 30, 60, 120];
const SWITCHES_MOST = 1000;
const WEEKS_MOST = 104;

export class SwitchForm extends Localized {
  static properties = { structure: { attribute: false }, tree: { attribute: false }, element: {}, working: { type: Boolean }, critical: { state: true }, free: { state: true }, fault: { state: true } };

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
    this.working = false;
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
    if (!form.checkValidity() || switches < 1) {
      this.fault = say("grid.switch.fault", { most: SWITCHES_MOST, weeks: WEEKS_MOST });
      return;
    }
    this.fault = "";
    /** @type {SwitchOrder} */
    const order = { element: String(told.get("element") ?? ""), switches, seconds, weeks, critical: this.critical, free_places: this.free, costs: {} };
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
      <p class="small soft">${say("grid.switch.help")}</p>
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : nothing}
      <div><button class="primary" ?disabled=${this.working}>${say(this.working ? "grid.working" : "grid.switch.begin")}</button></div>
    </form>`;
  }
}

customElements.define("partage-switch-form", SwitchForm);
