/**
 * Loads that may give way, written down one by one: where, how, by how much, when, and whether their owner lets them be asked.
 *
 * @typedef {object} FlexibleLoad
 * @property {string} id
 * @property {string} connection
 * @property {"shed" | "shift" | "curtail"} kind
 * @property {number} watts
 * @property {number} from_hour
 * @property {number} to_hour
 * @property {number} cost_per_kwh
 * @property {boolean} has_consented
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatPower } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

const KINDS = ["shed", "shift", "curtail"];

export class FlexibleLoads extends Localized {
  static properties = { connections: { attribute: false }, loads: { attribute: false }, fault: { state: true } };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      form {
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: 12px;
        align-items: end;
      }

      .consent {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 44px;
        margin: 0;
      }

      .consent input {
        width: 18px;
        min-height: 18px;
        accent-color: var(--brand);
      }

      li {
        display: flex;
        gap: 12px;
        align-items: center;
        justify-content: space-between;
        border-bottom: 1px solid var(--line);
      }

      .fault {
        color: var(--voided);
      }

      @media (max-width: 899px) {
        form {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }
    `,
  ];

  constructor() {
    super();
    /** Ids. @type {string[]} */
    this.connections = [];
    /** @type {FlexibleLoad[]} */
    this.loads = [];
    this.fault = "";
  }

  /** @param {FlexibleLoad[]} loads */
  tell(loads) {
    this.dispatchEvent(new CustomEvent("loads", { detail: loads }));
  }

  /** @param {SubmitEvent} event */
  add(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const told = new FormData(form);
    const connection = String(told.get("connection") ?? "");
    const kind = /** @type {FlexibleLoad["kind"]} */ (told.get("kind"));
    const [kilowatts = 0, from = 0, to = 24, cost = 0] = ["kw", "from", "to", "cost"].map((name) => Number(told.get(name)));
    if (!form.checkValidity() || !this.connections.includes(connection) || !(kilowatts > 0)) {
      this.fault = say("grid.relief.load.fault");
      return;
    }
    this.fault = "";
    const alike = this.loads.filter((one) => one.connection === connection).length;
    const id = `${connection}-${kind}${alike > 0 ? `-${alike + 1}` : ""}`;
    this.tell([...this.loads, { id, connection, kind, watts: Math.round(kilowatts * 1000), from_hour: from, to_hour: to, cost_per_kwh: cost, has_consented: told.get("consent") !== null }]);
  }

  render() {
    const number = (/** @type {string} */ name, /** @type {number | string} */ value, /** @type {number} */ most) => html`<div>
      <label for=${name}>${say(`grid.relief.load.${name}`)}</label>
      <input id=${name} name=${name} type="number" step="any" min="0" max=${most} value=${value} required />
    </div>`;
    return html`<h3>${say("grid.relief.loads")}</h3>
      ${this.loads.length === 0
        ? html`<p class="soft">${say("grid.relief.loads.none")}</p>`
        : html`<ul>
            ${this.loads.map(
              (one) => html`<li>
                <span><b>${one.connection}</b>, ${say(`grid.relief.kind.${one.kind}`)}, ${formatPower(one.watts, this.locale)}, ${one.from_hour}–${one.to_hour} h${one.has_consented ? nothing : html`, <span class="soft">${say("grid.relief.load.unasked")}</span>`}</span>
                <button type="button" class="quiet" aria-label=${say("grid.relief.load.remove", { load: one.id })} @click=${() => this.tell(this.loads.filter((other) => other !== one))}>${icon("close")}</button>
              </li>`,
            )}
          </ul>`}
      <form novalidate @submit=${this.add}>
        <div>
          <label for="connection">${say("grid.plan.connection")}</label>
          <input id="connection" name="connection" list="connections" autocomplete="off" required />
          <datalist id="connections">${this.connections.slice(0, 500).map((id) => html`<option value=${id}></option>`)}</datalist>
        </div>
        <div>
          <label for="kind">${say("grid.relief.kind")}</label>
          <select id="kind" name="kind">
            ${KINDS.map((kind) => html`<option value=${kind}>${say(`grid.relief.kind.${kind}`)}</option>`)}
          </select>
        </div>
        ${number("kw", "", 1e6)} ${number("from", 0, 23.99)} ${number("to", 24, 24)} ${number("cost", 0, 1e6)}
        <label class="consent"><input type="checkbox" name="consent" />${say("grid.relief.load.consent")}</label>
        <div><button>${icon("plus")}${say("grid.relief.load.add")}</button></div>
      </form>
      ${this.fault ? html`<p class="fault small" role="alert">${this.fault}</p>` : nothing}
      <p class="small soft">${say("grid.relief.load.help")}</p>`;
  }
}

customElements.define("partage-flexible-loads", FlexibleLoads);
