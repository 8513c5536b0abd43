/** A person's passkeys: made, named, removed. */
import { html } from "../vendor/lit.js";
import { addPasskey, askPasskeys, removePasskey } from "../data/account.js";
import { formatInstant } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { hasPasskeys, registerPasskey } from "../wallet/passkeys.js";
import { AccountPart, partStyles } from "./account_part.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

export class PasskeyList extends AccountPart {
  static properties = { passkeys: { state: true } };

  static styles = [sharedStyles, partStyles];

  constructor() {
    super();
    /** @type {import("../data/account.js").Passkey[]} */
    this.passkeys = [];
  }

  get heading() {
    return "passkeys.title";
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    this.passkeys = await askPasskeys(signal);
  }

  /** @param {SubmitEvent} event */
  add(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const name = String(new FormData(form).get("name") ?? "").trim();
    return this.attempt(async () => {
      await addPasskey(registerPasskey, name || say("passkeys.unnamed"));
      form.reset();
      return "passkeys.added";
    });
  }

  /** @param {string} id */
  discard(id) {
    return this.attempt(async () => {
      await removePasskey(id);
      return "passkeys.removed";
    });
  }

  renderPart() {
    return html`<p class="soft">${say("passkeys.lead")}</p>
      ${this.passkeys.length === 0
        ? html`<p>${say("passkeys.none")}</p>`
        : html`<ul class="items">
            ${this.passkeys.map(
              ({ id, name, created_at: created, used_at: used }) => html`<li>
                <div>
                  <b>${name}</b>
                  <p class="small soft">
                    ${say("passkeys.made", { when: formatInstant(created, this.zone, this.locale) })}
                    ${used ? say("passkeys.used", { when: formatInstant(used, this.zone, this.locale) }) : say("passkeys.unused")}
                  </p>
                </div>
                <button type="button" ?disabled=${this.working} aria-label=${say("passkeys.remove.of", { name })} @click=${() => this.discard(id)}>${say("passkeys.remove")}</button>
              </li>`,
            )}
          </ul>`}
      ${hasPasskeys()
        ? html`<form @submit=${this.add}>
            <div>
              <label for="name">${say("passkeys.name")}</label>
              <input id="name" name="name" maxlength="60" autocomplete="off" placeholder=${say("passkeys.name.hint")} />
            </div>
            <button class="primary" ?disabled=${this.working}>${icon("passkey")}${say("passkeys.add")}</button>
          </form>`
        : html`<p class="soft">${say("passkeys.unsupported")}</p>`}`;
  }
}

customElements.define("partage-passkey-list", PasskeyList);
