/** Some of a network's connections, ticked in a list that typing narrows. */
import { css, html, nothing } from "../vendor/lit.js";
import { formatCount } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const SHOWN = 200;

export class ConnectionPicker extends Localized {
  static properties = { connections: { attribute: false }, chosen: { attribute: false }, fixed: { attribute: false }, heading: {}, help: {}, text: { state: true } };

  static styles = [
    sharedStyles,
    css`
      details {
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        padding: 8px 12px;
      }

      summary {
        min-height: 32px;
        font-weight: 550;
      }

      .body {
        display: grid;
        gap: 8px;
        padding: 8px 0;
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
        gap: 0 12px;
        max-height: 220px;
        overflow-y: auto;
      }

      li label {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 36px;
        margin: 0;
        font-weight: 400;
        overflow-wrap: anywhere;
      }

      input[type="checkbox"] {
        flex: none;
        width: 18px;
        min-height: 18px;
        height: 18px;
        margin: 0;
        accent-color: var(--brand);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly {id: string, phases: string, metering_points: string[]}[]} */
    this.connections = [];
    /** @type {readonly string[]} */
    this.chosen = [];
    /** Those that are ticked whatever one does. @type {readonly string[]} */
    this.fixed = [];
    this.heading = "";
    this.help = "";
    this.text = "";
  }

  /** @param {string} id @param {boolean} isChosen */
  tick(id, isChosen) {
    const chosen = isChosen ? [...this.chosen, id] : this.chosen.filter((one) => one !== id);
    this.dispatchEvent(new CustomEvent("picked", { detail: chosen }));
  }

  render() {
    const text = this.text.trim().toLowerCase();
    const matching = this.connections.filter(({ id, metering_points: points }) => [id, ...points].some((name) => name.toLowerCase().includes(text)));
    const count = this.chosen.length + this.fixed.length;
    return html`<details>
      <summary>${this.heading}: ${count === 0 ? say("grid.pick.none") : formatCount(count, this.locale)}</summary>
      <div class="body">
        <p class="small soft">${this.help}</p>
        <input type="search" aria-label=${say("grid.pick.search", { what: this.heading })} placeholder=${say("grid.pick.hint")} .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)} />
        <ul aria-label=${this.heading}>
          ${matching.slice(0, SHOWN).map(
            ({ id, phases }) => html`<li>
              <label>
                <input
                  type="checkbox"
                  .checked=${this.chosen.includes(id) || this.fixed.includes(id)}
                  ?disabled=${this.fixed.includes(id)}
                  @change=${(/** @type {any} */ event) => this.tick(id, event.target.checked)}
                />
                <span>${id} <span class="soft">${phases}</span></span>
              </label>
            </li>`,
          )}
        </ul>
        ${matching.length > SHOWN ? html`<p class="small soft">${say("grid.pick.more", { count: formatCount(matching.length - SHOWN, this.locale) })}</p>` : nothing}
      </div>
    </details>`;
  }
}

customElements.define("partage-connection-picker", ConnectionPicker);
