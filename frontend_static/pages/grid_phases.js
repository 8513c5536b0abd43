/**
 * Whose recorded phase is wrong or missing: what readings suggest, how sure that is, and taking it into the network.
 *
 * @typedef {{connection: string, recorded: string, suggested: string, is_change: boolean, confidence: number, evidence: string}} Suggestion
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatShare } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const SURE = 0.95;

export class GridPhases extends GridView {
  static properties = { ...GridView.properties, suggestions: { state: true }, all: { state: true }, asking: { state: true } };

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
    /** @type {Suggestion[] | null} */
    this.suggestions = null;
    this.note = "";
    /** Also those that agree with their record. */
    this.all = false;
    /** The connection whose reason is being typed. */
    this.asking = "";
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const told = await grid.list("phases", signal);
    if (signal.aborted) return;
    this.suggestions = told.items;
    this.note = told.note ?? "";
  }

  /** @param {SubmitEvent} event @param {Suggestion} one */
  async accept(event, { connection, suggested }) {
    event.preventDefault();
    const reason = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("reason") ?? "").trim();
    if (!reason) return;
    await this.act(async () => {
      await this.grid?.send(["phases", connection], { phases: suggested, reason });
      this.asking = "";
      await this.begin();
    }, "grid.phases.accepted");
  }

  render() {
    const { suggestions } = this;
    return html`<section class="card">
      <h2>${say("grid.phases.title")}</h2>
      <p class="soft">${say("grid.phases.lead")}</p>
      ${this.said ? html`<p role="status">${this.said}</p>` : nothing} ${this.note ? html`<p class="small soft">${this.note}</p>` : nothing}
      ${suggestions === null ? this.renderLoading() : this.renderTable(suggestions)}
    </section>`;
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
                  <th scope="col">${say("grid.phases.evidence")}</th>
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
      <td>${one.recorded || "–"}</td>
      <td><b>${one.suggested}</b></td>
      <td class=${sure ? "sure" : ""}>${formatShare(Math.round(one.confidence * 1e6), this.locale)} ${say(sure ? "grid.phases.sure" : "grid.phases.unsure")}</td>
      <td class="evidence">${one.evidence}</td>
      <td>
        ${one.is_change
          ? this.asking === one.connection
            ? html`<form @submit=${(/** @type {SubmitEvent} */ event) => void this.accept(event, one)}>
                <input name="reason" required maxlength="500" aria-label=${say("grid.phases.reason")} placeholder=${say("grid.phases.reason")} />
                <button class="primary">${say("grid.phases.accept")}</button>
              </form>`
            : html`<button type="button" @click=${() => (this.asking = one.connection)} aria-label=${say("grid.phases.accept.of", { connection: one.connection, phases: one.suggested })}>${say("grid.phases.accept")}</button>`
          : html`<span class="soft">${say("grid.phases.agrees")}</span>`}
      </td>
    </tr>`;
  }
}

customElements.define("partage-grid-phases", GridPhases);
