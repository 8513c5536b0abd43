/**
 * What happened on a network, on one line: alarms, readings, work orders, messages, plans; and what is to be done about it.
 *
 * @typedef {import("../components/grid_event.js").GridEventEntry} GridEventEntry
 */
import { css, html, nothing } from "../vendor/lit.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/file_saver.js";
import "../components/grid_event.js";
import "../components/work_order.js";
import { roleStyles, tableStyles, viewStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const STATES = ["open", "acknowledged", "silenced", "resolved", "noted"];
const SEVERITIES = ["critical", "warning", "info"];

export class GridEvents extends GridView {
  static properties = { ...GridView.properties, entries: { state: true }, next: { state: true }, state: { state: true }, severity: { state: true }, orders: { state: true }, ordersError: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    viewStyles,
    css`
      .filter {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 220px));
        gap: 12px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {GridEventEntry[] | null} */
    this.entries = null;
    /** @type {string | null} */
    this.next = null;
    this.state = "";
    this.severity = "";
    /** @type {any[] | null} */
    this.orders = null;
    /** @type {unknown} */
    this.ordersError = null;
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    this.entries = null;
    void this.loadOrders(grid, signal);
    const page = await grid.ask(["events"], { state: this.state, severity: this.severity }, signal);
    if (signal.aborted) return;
    this.entries = page.items;
    this.next = page.next_cursor ?? null;
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} [signal] */
  async loadOrders(grid, signal) {
    this.ordersError = null;
    try {
      this.orders = (await grid.list("work-orders", signal)).items;
    } catch (error) {
      this.ordersError = error;
    }
  }

  async more() {
    if (!this.grid || !this.next) return;
    const page = await this.grid.ask(["events"], { state: this.state, severity: this.severity, cursor: this.next });
    this.entries = [...(this.entries ?? []), ...page.items];
    this.next = page.next_cursor ?? null;
  }

  /** @param {{id: string, action: string, body: Record<string, unknown>}} detail */
  async change({ id, action, body }) {
    await this.act(async () => {
      const changed = /** @type {GridEventEntry} */ (await this.grid?.send(["events", id, action], body));
      this.entries = this.entries?.map((one) => (one.id === id ? changed : one)) ?? null;
    }, "grid.event.done");
  }

  /** @param {{id: string, step: string, body: Record<string, unknown>}} detail */
  async step({ id, step, body }) {
    await this.act(async () => {
      await this.grid?.send(["work-orders", id, "steps", step], body);
      if (this.grid) await this.loadOrders(this.grid);
    }, "grid.order.done");
  }

  render() {
    const { entries, grid } = this;
    return html`<section class="card">
        <h2>${say("grid.events.title")}</h2>
        <div class="filter screen">${this.renderFilter("state", STATES, "grid.event.state")} ${this.renderFilter("severity", SEVERITIES, "grid.severity")}</div>
        ${this.said ? html`<p role="status">${this.said}</p>` : nothing}
        ${entries === null ? this.renderLoading() : nothing} ${entries?.length === 0 ? html`<p class="soft">${say("grid.events.none")}</p>` : nothing}
        <div>
          ${(entries ?? []).map(
            (one) => html`<partage-grid-event
              .entry=${one}
              .zone=${this.zone}
              .href=${one.element && one.element !== grid?.network ? writeRoute("grid", grid?.network ?? "", "imbalance", one.element) : ""}
              @action=${(/** @type {CustomEvent} */ event) => void this.change(event.detail)}
            ></partage-grid-event>`,
          )}
        </div>
        ${this.next ? html`<div><button type="button" @click=${() => void this.more()}>${say("grid.events.more")}</button></div>` : nothing}
      </section>
      ${this.renderOrders()}`;
  }

  /** @param {"state" | "severity"} name @param {readonly string[]} values @param {string} words */
  renderFilter(name, values, words) {
    return html`<div>
      <label for=${name}>${say(`grid.events.${name}`)}</label>
      <select id=${name} @change=${(/** @type {any} */ event) => ((this[name] = event.target.value), void this.begin())}>
        <option value="">${say("grid.events.all")}</option>
        ${values.map((value) => html`<option value=${value} ?selected=${value === this[name]}>${say(`${words}.${value}`)}</option>`)}
      </select>
    </div>`;
  }

  renderOrders() {
    const { orders, grid } = this;
    const forms = [{ words: /** @type {const} */ ("file.csv"), type: "text/csv", name: `${grid?.network ?? "network"}-work-orders.csv` }];
    return html`<section class="card">
      <div class="row spread">
        <h2>${say("grid.order.title")}</h2>
        ${orders?.length ? html`<partage-file-saver class="screen" .path=${grid?.path("work-orders") ?? ""} .forms=${forms}></partage-file-saver>` : nothing}
      </div>
      ${this.ordersError ? html`<p class="soft" role="alert">${say("role.part.failed")}</p>` : nothing}
      ${orders?.length === 0 ? html`<p class="soft">${say("grid.order.none")}</p>` : nothing}
      ${(orders ?? []).map(
        (one) => html`<partage-work-order .order=${one} .zone=${this.zone} @step=${(/** @type {CustomEvent} */ event) => void this.step(event.detail)}></partage-work-order>`,
      )}
    </section>`;
  }
}

customElements.define("partage-grid-events", GridEvents);
