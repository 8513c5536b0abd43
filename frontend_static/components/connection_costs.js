/**
 * What a switch costs at some connections, told one by one: found by name, or chosen on the map. All others cost what the network says.
 *
 * @typedef {import("../domain/grid_tree.js").GridConnection} GridConnection
 */
import { css, html, nothing } from "../vendor/lit.js";
import { readNumber } from "../domain/grid_alarm_rules.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const OFFERED = 500;
const COST_MOST = 1e6;

export class ConnectionCosts extends Localized {
  static properties = { connections: { attribute: false }, costs: { attribute: false }, picked: {}, text: { state: true }, fault: { state: true } };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 8px;
        grid-template-columns: minmax(0, 1fr);
      }

      .add {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 1fr) auto;
        gap: 8px 12px;
        align-items: end;
      }

      li {
        display: flex;
        gap: 12px;
        align-items: center;
        justify-content: space-between;
        border-bottom: 1px solid var(--line);
        overflow-wrap: anywhere;
      }

      .fault {
        color: var(--voided);
      }

      @media (max-width: 599px) {
        .add {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly GridConnection[]} */
    this.connections = [];
    /** By connection. @type {Readonly<Record<string, number>>} */
    this.costs = {};
    /** The one that was chosen on the map; empty for none. */
    this.picked = "";
    this.text = "";
    this.fault = "";
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("picked") && this.picked) this.text = this.picked;
  }

  /** @param {Readonly<Record<string, number>>} costs */
  tell(costs) {
    this.dispatchEvent(new CustomEvent("costs", { detail: costs }));
  }

  add() {
    const input = /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector("#cost"));
    const [id, cost] = [this.text.trim(), readNumber(input?.value ?? "")];
    if (!this.connections.some((one) => one.id === id) || !(cost >= 0 && cost <= COST_MOST)) {
      this.fault = say("grid.cost.fault");
      return;
    }
    this.fault = this.text = "";
    if (input) input.value = "";
    this.tell({ ...this.costs, [id]: cost });
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#connection"))?.focus();
  }

  /** Enter adds, rather than sending the form around this. @param {KeyboardEvent} event */
  press(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.add();
  }

  render() {
    const { costs } = this;
    const own = Object.entries(costs);
    const remove = (/** @type {string} */ id) => this.tell(Object.fromEntries(own.filter(([one]) => one !== id)));
    const known = this.connections.find(({ id }) => id === this.text.trim());
    return html`<h3>${say("grid.cost.title")}</h3>
      <p class="small soft">${say("grid.cost.help")}</p>
      ${own.length > 0
        ? html`<ul>
            ${own.map(
              ([id, cost]) => html`<li>
                <span><b>${id}</b>: ${formatQuantity(cost, "", this.locale)}</span>
                <button type="button" class="quiet" aria-label=${say("grid.cost.remove", { connection: id })} @click=${() => remove(id)}>${icon("close")}</button>
              </li>`,
            )}
          </ul>`
        : nothing}
      <div class="add" @keydown=${this.press}>
        <div>
          <label for="connection">${say("grid.plan.connection")}</label>
          <input id="connection" list="known" autocomplete="off" .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)} />
          <datalist id="known">${this.connections.slice(0, OFFERED).map(({ id }) => html`<option value=${id}></option>`)}</datalist>
        </div>
        <div>
          <label for="cost">${say("grid.cost.cost")}</label>
          <input id="cost" inputmode="decimal" autocomplete="off" placeholder=${known ? formatQuantity(known.switch_cost, "", this.locale) : nothing} />
        </div>
        <button type="button" @click=${this.add}>${icon("plus")}${say("grid.cost.add")}</button>
      </div>
      ${this.fault ? html`<p class="fault small" role="alert">${this.fault}</p>` : nothing}`;
  }
}

customElements.define("partage-connection-costs", ConnectionCosts);
