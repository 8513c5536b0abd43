/**
 * Whose recorded phase is wrong or missing: what readings suggest, how sure that is, and taking it into the network.
 *
 * @typedef {object} Suggestion
 * @property {string} connection
 * @property {string} recorded What its record said when this was suggested.
 * @property {string} record What it says now.
 * @property {string} suggested
 * @property {boolean} is_change
 * @property {boolean} is_accepted
 * @property {number} confidence [1]
 * @property {"voltage" | "load" | "both" | "none"} evidence
 *
 * @typedef {{state: "none" | "waiting" | "running" | "done" | "failed", problem: string | null, digest: string, made_utc: number | null, head: string, items: Suggestion[]}} Suggestions
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatShare } from "../domain/figures.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { say } from "../i18n/words.js";
import "../components/connection_picker.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const [SURE, NEARLY] = [0.95, 0.999];
const OPEN = ["waiting", "running"];
const POLL_MILLISECONDS = 1000;

export class GridPhases extends GridView {
  static properties = { ...GridView.properties, told: { state: true }, all: { state: true }, asking: { state: true }, known: { state: true }, unrecorded: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      td form {
        display: flex;
        gap: 8px;
        justify-content: end;
      }

      td input {
        width: 200px;
        min-height: 36px;
      }

      td button {
        min-height: 36px;
        padding: 4px 12px;
      }

      .known {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
        padding-top: 12px;
      }

      .sure {
        font-weight: 650;
      }

      .evidence {
        white-space: normal;
        min-width: 160px;
        text-align: left;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Suggestions | null} */
    this.told = null;
    this.timer = 0;
    /** Also those that agree with their record. */
    this.all = false;
    /** Connections whose phases were looked at on site. @type {string[]} */
    this.known = [];
    /** Connections whose phases nobody wrote down. @type {string[]} */
    this.unrecorded = [];
    /** The connection whose reason is being typed. */
    this.asking = "";
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    clearTimeout(this.timer);
    const told = /** @type {Suggestions} */ (await grid.list("phases", signal));
    if (signal.aborted) return;
    this.told = told;
    if (OPEN.includes(told.state)) this.timer = window.setTimeout(() => void this.begin(), POLL_MILLISECONDS);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    super.disconnectedCallback();
  }

  /** Hand in what meters and the head measured. @param {Event} event */
  async hand(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    if (!file) return;
    await this.act(async () => {
      const head = /** @type {HTMLSelectElement | null} */ (this.renderRoot.querySelector("#head"))?.value ?? "";
      const asked = /** @type {[string, string][]} */ ([...(head ? [["head", head]] : []), ...this.known.map((id) => ["known", id]), ...this.unrecorded.map((id) => ["unrecorded", id])]);
      await this.grid?.sendFile(["phases"], file, "text/csv", asked);
      await this.begin();
    }, "grid.phases.handed");
    input.value = "";
  }

  /** @param {SubmitEvent} event @param {Suggestion} one */
  async accept(event, { connection, suggested }) {
    event.preventDefault();
    const reason = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("reason") ?? "").trim();
    if (!reason) return;
    await this.act(async () => {
      await this.grid?.send(["phases", connection], { phases: suggested, why: reason, digest: this.told?.digest ?? "" });
      this.asking = "";
      await this.begin();
    }, "grid.phases.accepted");
  }

  render() {
    const { told } = this;
    return html`<section class="card">
      <h2>${say("grid.phases.title")}</h2>
      <p class="soft">${say("grid.phases.lead")}</p>
      ${this.said ? html`<p role="status">${this.said}</p>` : nothing}
      ${this.renderKnown()}
      <div class="screen">
        <label for="file">${say("grid.phases.file")}</label>
        <input id="file" type="file" accept=".csv,text/csv" aria-describedby="file-form" @change=${this.hand} />
        <p class="small soft" id="file-form">${say("grid.phases.file.form")}</p>
      </div>
      ${told === null ? this.renderLoading() : this.renderTold(told)}
    </section>`;
  }

  /** What is known beside the measurements. */
  renderKnown() {
    const { structure } = this;
    if (!structure) return nothing;
    const { connections, transformers } = structure;
    const heads = [...new Set([...transformers.map(({ id }) => id), ...connections.map(({ feeder }) => feeder).filter(Boolean)])];
    return html`<details class="screen">
      <summary>${say("grid.phases.more")}</summary>
      <div class="known">
        <div>
          <label for="head">${say("grid.phases.head")}</label>
          <select id="head">
            <option value="">${say("grid.phases.head.all")}</option>
            ${heads.map((id) => html`<option value=${id}>${id}</option>`)}
          </select>
        </div>
        <partage-connection-picker .connections=${connections} .chosen=${this.known} .heading=${say("grid.phases.known")} .help=${say("grid.phases.known.help")} @picked=${(/** @type {CustomEvent} */ event) => (this.known = event.detail)}></partage-connection-picker>
        <partage-connection-picker .connections=${connections} .chosen=${this.unrecorded} .heading=${say("grid.phases.unrecorded")} .help=${say("grid.phases.unrecorded.help")} @picked=${(/** @type {CustomEvent} */ event) => (this.unrecorded = event.detail)}></partage-connection-picker>
      </div>
    </details>`;
  }

  /** @param {Suggestions} told */
  renderTold(told) {
    if (OPEN.includes(told.state)) return html`<p role="status">${say("grid.phases.running")}</p>`;
    const problem = told.state === "failed" ? html`<p class="fault" role="alert">${told.problem}</p>` : nothing;
    if (told.made_utc === null) return html`${problem}<p class="soft">${say("grid.phases.never")}</p>`;
    return html`${problem}<p class="small soft">${say("grid.phases.made", { time: stampsOf(this.zone, this.locale)(told.made_utc) })}</p>
      ${this.renderTable(told.items)}`;
  }

  /** @param {Suggestion[]} suggestions */
  renderTable(suggestions) {
    const changes = suggestions.filter(({ is_change: isChange }) => isChange);
    const shown = [...(this.all ? suggestions : changes)].sort((one, other) => Number(other.is_change) - Number(one.is_change) || other.confidence - one.confidence);
    return html`<p>${say("grid.phases.count", { changes: changes.length, all: suggestions.length })}</p>
      <div>
        <button type="button" aria-pressed=${this.all ? "true" : "false"} @click=${() => (this.all = !this.all)}>${say(this.all ? "grid.phases.only" : "grid.phases.all")}</button>
      </div>
      ${shown.length === 0
        ? html`<p class="soft">${say("grid.phases.none")}</p>`
        : html`<div class="scroll" role="region" tabindex="0" aria-label=${say("grid.phases.title")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">${say("grid.plan.connection")}</th>
                  <th scope="col">${say("grid.phases.recorded")}</th>
                  <th scope="col">${say("grid.phases.suggested")}</th>
                  <th scope="col">${say("grid.phases.confidence")}</th>
                  <th scope="col" class="evidence">${say("grid.phases.evidence")}</th>
                  <th scope="col"><span class="hidden">${say("grid.phases.accept")}</span></th>
                </tr>
              </thead>
              <tbody>
                ${shown.map((one) => this.renderRow(one))}
              </tbody>
            </table>
          </div>`}`;
  }

  /** @param {Suggestion} one */
  renderRow(one) {
    const sure = one.confidence >= SURE;
    return html`<tr>
      <th scope="row">${one.connection}</th>
      <td>${one.record || "–"}</td>
      <td><b>${one.suggested}</b></td>
      <td class=${sure ? "sure" : ""}>${one.confidence > NEARLY ? say("grid.phases.nearly", { share: formatQuantity(NEARLY * 100, "%", this.locale, 1) }) : formatShare(Math.round(one.confidence * 1e6), this.locale)} ${say(sure ? "grid.phases.sure" : "grid.phases.unsure")}</td>
      <td class="evidence">${say(`grid.phases.evidence.${one.evidence}`)}</td>
      <td>
        ${one.is_change && !one.is_accepted
          ? this.asking === one.connection
            ? html`<form @submit=${(/** @type {SubmitEvent} */ event) => void this.accept(event, one)}>
                <input name="reason" required maxlength="500" aria-label=${say("grid.phases.reason")} placeholder=${say("grid.phases.reason")} />
                <button class="primary">${say("grid.phases.accept")}</button>
              </form>`
            : html`<button type="button" @click=${() => (this.asking = one.connection)} aria-label=${say("grid.phases.accept.of", { connection: one.connection, phases: one.suggested })}>${say("grid.phases.accept")}</button>`
          : html`<span class="soft">${say(one.is_accepted ? "grid.phases.taken" : "grid.phases.agrees")}</span>`}
      </td>
    </tr>`;
  }
}

customElements.define("partage-grid-phases", GridPhases);
