/**
 * Makes a key in this browser, or takes one from a file. Event `made`: the sealed key, open.
 *
 * @typedef {import("../domain/sealed_key.js").SealedKey} SealedKey
 */
import { css, html, nothing } from "../vendor/lit.js";
import { PASSPHRASE_MIN, checkPassphrase, readKeyFile } from "../domain/sealed_key.js";
import { say } from "../i18n/words.js";
import { NoSecret, makeKey, openKey } from "../wallet/browser_keys.js";
import { keepKey } from "../wallet/key_store.js";
import { Declined, hasPasskeys } from "../wallet/passkeys.js";
import { WrongLock } from "../wallet/sealing.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class KeyMaker extends Localized {
  static properties = { owner: {}, file: { state: true }, fault: { state: true }, working: { state: true } };

  static styles = [
    sharedStyles,
    css`
      form,
      .ways {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      form {
        max-width: 432px;
      }

      .ways {
        gap: 24px;
      }

      .fault {
        color: var(--voided);
      }

      form button {
        justify-self: start;
      }

      input[type="file"] {
        padding: 10px 12px;
      }
    `,
  ];

  constructor() {
    super();
    /** Log-in whose key it will be. */
    this.owner = "";
    /** A key from a file, still closed. @type {SealedKey | null} */
    this.file = null;
    this.fault = "";
    this.working = false;
  }

  /** @param {() => Promise<SealedKey>} work */
  async attempt(work) {
    this.working = true;
    this.fault = "";
    try {
      const sealed = await work();
      this.file = null;
      this.dispatchEvent(new CustomEvent("made", { detail: sealed }));
    } catch (error) {
      const faults = /** @type {[Function, string][]} */ ([[Declined, "sign.declined"], [WrongLock, "sign.wrong_lock"], [NoSecret, "key.no_secret"]]);
      this.fault = faults.find(([kind]) => error instanceof kind)?.[1] ?? "key.failed";
    } finally {
      this.working = false;
    }
  }

  /** @param {SubmitEvent} event */
  async makeByPassphrase(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const data = new FormData(form);
    const [passphrase, again] = [String(data.get("passphrase") ?? ""), String(data.get("again") ?? "")];
    this.fault = checkPassphrase(passphrase, again);
    if (this.fault) {
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (form.querySelector(this.fault === "key.passphrase.differs" ? "#again" : "#passphrase"))?.focus();
      return;
    }
    await this.attempt(() => makeKey(this.owner, { passphrase }));
    form.reset();
  }

  makeByPasskey() {
    return this.attempt(() => makeKey(this.owner, { passkey: say("key.passkey.name", { owner: this.owner }) }));
  }

  /** @param {any} event */
  async read(event) {
    const field = event.target; // the event forgets it once it is over
    const [chosen] = field.files ?? [];
    if (!chosen) return;
    this.file = readKeyFile(await chosen.text().catch(() => ""));
    this.fault = this.file ? "" : "key.file.wrong";
    field.value = "";
  }

  /** @param {SubmitEvent} event */
  async takeFile(event) {
    event.preventDefault();
    const { file } = this;
    const passphrase = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("opening") ?? "");
    if (!file) return;
    await this.attempt(async () => {
      await openKey(file, passphrase);
      await keepKey({ ...file, owner: this.owner });
      return file;
    });
  }

  render() {
    return html`<div class="ways">
      ${hasPasskeys()
        ? html`<div class="stack">
            <h3>${say("key.by_passkey")}</h3>
            <p class="small soft">${say("key.by_passkey.text")}</p>
            <div><button type="button" class="primary" ?disabled=${this.working} @click=${this.makeByPasskey}>${icon("passkey")}${say("key.by_passkey.do")}</button></div>
          </div>`
        : nothing}
      <form @submit=${this.makeByPassphrase}>
        <h3>${say("key.by_passphrase")}</h3>
        <p class="small soft">${say("key.by_passphrase.text", { least: PASSPHRASE_MIN })}</p>
        <div>
          <label for="passphrase">${say("key.passphrase")}</label>
          <input id="passphrase" name="passphrase" type="password" autocomplete="new-password" aria-describedby=${this.fault ? "fault" : nothing} />
        </div>
        <div>
          <label for="again">${say("key.passphrase.again")}</label>
          <input id="again" name="again" type="password" autocomplete="new-password" aria-describedby=${this.fault ? "fault" : nothing} />
        </div>
        <button ?disabled=${this.working}>${icon("key")}${say(this.working ? "key.working" : "key.by_passphrase.do")}</button>
      </form>
      <div class="stack">
        <h3>${say("key.by_file")}</h3>
        ${this.file
          ? html`<form @submit=${this.takeFile}>
              <p class="small">${say("key.file.found", { address: this.file.address })}</p>
              ${this.file.lock.by === "passphrase"
                ? html`<div><label for="opening">${say("key.passphrase")}</label><input id="opening" name="opening" type="password" autocomplete="off" /></div>`
                : nothing}
              <button ?disabled=${this.working}>${icon("key")}${say("key.file.open")}</button>
            </form>`
          : html`<div>
              <label for="file" class="small">${say("key.file")}</label>
              <input id="file" type="file" accept="application/json,.json" @change=${this.read} />
            </div>`}
      </div>
      ${this.fault ? html`<p class="fault" id="fault" role="alert">${say(this.fault)}</p>` : nothing}
    </div>`;
  }
}

customElements.define("partage-key-maker", KeyMaker);
