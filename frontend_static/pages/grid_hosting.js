/**
 * How much more each connection can take: solar and chargers, on one phase and on three, and what would give first.
 *
 * @typedef {{connection: string, technology: "solar" | "charger", phases: string, kw: number, limit: string, place: string, start: number}} Room
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { hasWords, say } from "../i18n/words.js";
import { roleStyles, tableStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const ASKED_MOST = 200;
const KINDS = /** @type {const} */ (["solar", "charger"]);

export class GridHosting extends GridView {
  static properties = { ...GridView.properties, rooms: { state: true }, kind: { state: true }, text: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      .controls {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: end;
      }

      .controls button[aria-pressed="true"] {
        border-color: var(--brand);
        box-shadow: inset 0 -3px 0 var(--brand);
      }

      .controls div {
        flex: 1 1 220px;
      }

      .scroll {
        max-height: 640px;
      }

      td {
        white-space: normal;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Room[] | null} */
    this.rooms = null;
    /** @type {"solar" | "charger"} */
    this.kind = "solar";
    this.text = "";
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const connections = this.structure?.connections ?? [];
    const text = this.text.trim().toLowerCase();
    // Many are too many to compute at once: those that match what was typed, as many as there may be.
    const asked = connections.length > ASKED_MOST ? connections.filter(({ id }) => id.toLowerCase().includes(text)).slice(0, ASKED_MOST) : [];
    const { items } = await grid.askMany(["hosting"], asked.map(({ id }) => /** @type {[string, string]} */ (["connection", id])), signal);
    if (!signal.aborted) this.rooms = items;
  }

  render() {
    const { rooms } = this;
    return html`<section class="card">
      <h2>${say("grid.host.title")}</h2>
      <p class="soft">${say("grid.host.lead")}</p>
      ${rooms === null ? this.renderLoading() : this.renderRooms(rooms)}
    </section>`;
  }

  /** @param {Room[]} rooms */
  renderRooms(rooms) {
    const text = this.text.trim().toLowerCase();
    /** @type {Map<string, {one: Room | null, three: Room | null}>} */
    const byConnection = new Map();
    for (const room of rooms) {
      if (room.technology !== this.kind || !room.connection.toLowerCase().includes(text)) continue;
      const known = byConnection.get(room.connection) ?? { one: null, three: null };
      byConnection.set(room.connection, room.phases.length > 2 ? { ...known, three: room } : { ...known, one: room });
    }
    const rows = [...byConnection].sort(([, a], [, b]) => (a.one?.kw ?? a.three?.kw ?? 0) - (b.one?.kw ?? b.three?.kw ?? 0));
    return html`<div class="controls screen">
        ${KINDS.map((kind) => html`<button type="button" aria-pressed=${kind === this.kind ? "true" : "false"} @click=${() => (this.kind = kind)}>${say(`grid.host.kind.${kind}`)}</button>`)}
        <div><input type="search" aria-label=${say("grid.host.search")} placeholder=${say("grid.pick.hint")} .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)} /></div>
      </div>
      ${rows.length === 0
        ? html`<p class="soft">${say("grid.host.none")}</p>`
        : html`${(this.structure?.connections.length ?? 0) > ASKED_MOST ? html`<p class="small soft">${say("grid.host.most", { most: ASKED_MOST })} <button type="button" @click=${() => void this.begin()}>${say("grid.host.again")}</button></p>` : nothing}<div class="scroll" role="region" tabindex="0" aria-label=${say("grid.host.title")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">${say("grid.plan.connection")}</th>
                  <th scope="col">${say("grid.host.one")}</th>
                  <th scope="col">${say("grid.host.three")}</th>
                  <th scope="col">${say("grid.host.limit")}</th>
                </tr>
              </thead>
              <tbody>
                ${rows.map(
                  ([connection, { one, three }]) => html`<tr>
                    <th scope="row">${connection}</th>
                    <td>${one ? formatQuantity(one.kw, "kW", this.locale) : "–"}</td>
                    <td>${three ? formatQuantity(three.kw, "kW", this.locale) : "–"}</td>
                    <td>${this.limitOf(one ?? three)}</td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`}`;
  }

  /** @param {Room | null} room */
  limitOf(room) {
    if (!room) return nothing;
    const words = `grid.host.limit.${room.limit}`;
    return html`${hasWords(words) ? say(words) : room.limit}${room.place ? html` <span class="soft">${room.place}</span>` : nothing}`;
  }
}

customElements.define("partage-grid-hosting", GridHosting);
