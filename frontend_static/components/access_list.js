/** Who looked at one's data, and when: the newest first. */
import { html, nothing } from "../vendor/lit.js";
import { askAccesses } from "../data/account.js";
import { formatInstant } from "../domain/figures.js";
import { hasWords, say } from "../i18n/words.js";
import { AccountPart, partStyles } from "./account_part.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

export class AccessList extends AccountPart {
  static properties = { looks: { state: true }, cursor: { state: true } };

  static styles = [sharedStyles, partStyles, tableStyles];

  constructor() {
    super();
    /** @type {import("../data/account.js").Look[]} */
    this.looks = [];
    this.cursor = "";
  }

  get heading() {
    return "accesses.title";
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const { items, next_cursor: cursor } = await askAccesses(signal);
    this.looks = items;
    this.cursor = cursor ?? "";
  }

  more() {
    const signal = this.loading?.signal ?? new AbortController().signal;
    return this.attempt(async () => {
      const { items, next_cursor: cursor } = await askAccesses(signal, this.cursor);
      this.looks = [...this.looks, ...items];
      this.cursor = cursor ?? "";
      return null;
    });
  }

  renderPart() {
    if (this.looks.length === 0) return html`<p class="soft">${say("accesses.none")}</p>`;
    return html`<p class="soft">${say("accesses.lead")}</p>
      <div class="scroll" role="group" tabindex="0" aria-label=${say("accesses.title")}>
        <table>
          <thead>
            <tr>
              <th scope="col">${say("accesses.when")}</th>
              <th scope="col" class="text">${say("accesses.who")}</th>
              <th scope="col" class="text">${say("accesses.what")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.looks.map(
              ({ at, by, what }) => html`<tr>
                <th scope="row">${formatInstant(at, this.zone, this.locale)}</th>
                <td class="text">${by}</td>
                <td class="text">${hasWords(`accesses.what.${what}`) ? say(`accesses.what.${what}`) : what}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${this.cursor ? html`<div><button type="button" ?disabled=${this.working} @click=${this.more}>${say("accesses.more")}</button></div>` : nothing}`;
  }
}

customElements.define("partage-access-list", AccessList);
