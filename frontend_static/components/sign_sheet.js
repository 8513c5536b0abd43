/**
 * The sheet on which one reads what is signed, chooses the key, and signs. It is asked by a method and answers by a promise.
 *
 * @typedef {import("../domain/typed_data.js").TypedDocument} TypedDocument
 * @typedef {import("../wallet/key_store.js").KeptKey} KeptKey
 * @typedef {import("../wallet/providers.js").Wallet} Wallet
 * @typedef {{title: string, lead: string, facts: [string, string][], accounts: string[], owner: string} &
 *   ({document: TypedDocument} | {text: string})} SigningRequest `accounts`: those that may sign; empty for any.
 * @typedef {{address: string, signature: string, kind: "browser" | "wallet"}} Signed
 */
import { css, html, nothing } from "../vendor/lit.js";
import { toHex } from "../domain/bytes.js";
import { shortHash } from "../domain/figures.js";
import { writeRoute } from "../domain/routes.js";
import { hashDocument, hashText } from "../domain/typed_data.js";
import { say } from "../i18n/words.js";
import { isOpen, openKey, signDocument, signText } from "../wallet/browser_keys.js";
import { keptKeys } from "../wallet/key_store.js";
import { Declined } from "../wallet/passkeys.js";
import { WrongAccount, accountsOf, findWallets, signDocumentWith, signTextWith } from "../wallet/providers.js";
import { WrongLock } from "../wallet/sealing.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";
import { sheetStyles } from "./sheet_styles.js";

export class SignSheet extends Localized {
  static properties = { request: { state: true }, keys: { state: true }, wallets: { state: true }, fault: { state: true }, working: { state: true } };

  static styles = [
    sharedStyles,
    sheetStyles,
    css`
      pre {
        max-height: 240px;
        margin: 8px 0 0;
        padding: 12px;
        overflow: auto;
        border-radius: var(--radius-small);
        background: var(--sunken);
        font: 400 12px/18px var(--mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      .digest {
        display: flex;
        gap: 8px;
        align-items: center;
      }

      .key {
        width: auto;
        height: auto;
        display: grid;
        gap: 12px;
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {SigningRequest | null} */
    this.request = null;
    /** @type {KeptKey[]} */
    this.keys = [];
    /** @type {Wallet[]} */
    this.wallets = [];
    this.fault = "";
    this.working = false;
    /** @type {((signed: Signed | null) => void) | null} */
    this.answer = null;
  }

  /**
   * @param {SigningRequest} request
   * @returns {Promise<Signed | null>} Null where nothing was signed.
   */
  async ask(request) {
    const allowed = new Set(request.accounts.map((address) => address.toLowerCase()));
    const [keys, wallets] = await Promise.all([keptKeys(request.owner).catch(() => []), findWallets()]);
    this.keys = keys.filter(({ address }) => allowed.size === 0 || allowed.has(address.toLowerCase()));
    this.wallets = wallets;
    this.fault = "";
    this.request = request;
    await this.updateComplete;
    /** @type {HTMLDialogElement | null} */ (this.renderRoot.querySelector("dialog"))?.showModal();
    return new Promise((resolve) => (this.answer = resolve));
  }

  /** @param {Signed | null} signed */
  close(signed) {
    const answer = this.answer;
    this.answer = null;
    /** @type {HTMLDialogElement | null} */ (this.renderRoot.querySelector("dialog"))?.close();
    this.request = null;
    answer?.(signed);
  }

  /** @param {() => Promise<Signed>} work */
  async attempt(work) {
    this.working = true;
    this.fault = "";
    try {
      this.close(await work());
    } catch (error) {
      const faults = /** @type {[Function, string][]} */ ([[Declined, "sign.declined"], [WrongLock, "sign.wrong_lock"], [WrongAccount, "sign.wrong_account"]]);
      this.fault = faults.find(([kind]) => error instanceof kind)?.[1] ?? "sign.failed";
    } finally {
      this.working = false;
    }
  }

  /** @param {KeptKey} key @param {SubmitEvent} event */
  async signWithKey(key, event) {
    event.preventDefault();
    const field = /** @type {HTMLInputElement | null} */ (/** @type {HTMLFormElement} */ (event.target).elements.namedItem("passphrase"));
    const { request } = this;
    if (!request) return;
    await this.attempt(async () => {
      await openKey(key, field?.value ?? "");
      const signature = "document" in request ? signDocument(key.address, request.document) : signText(key.address, request.text);
      return { address: key.address, signature, kind: "browser" };
    });
    if (field) field.value = "";
  }

  /** @param {Wallet} wallet */
  async signWithWallet(wallet) {
    const { request } = this;
    if (!request) return;
    await this.attempt(async () => {
      const held = await accountsOf(wallet);
      const lower = request.accounts.map((address) => address.toLowerCase());
      const address = held.find((one) => lower.length === 0 || lower.includes(one.toLowerCase()));
      if (!address) throw new WrongAccount();
      const signature = await ("document" in request ? signDocumentWith(wallet, address, request.document) : signTextWith(wallet, address, request.text));
      return { address, signature, kind: "wallet" };
    });
  }

  render() {
    const { request } = this;
    return html`<dialog aria-labelledby="title" @cancel=${() => this.close(null)}>
      ${request
        ? html`<header>
              <h2 id="title">${request.title}</h2>
              <button type="button" class="quiet" aria-label=${say("sign.close")} @click=${() => this.close(null)}>${icon("close")}</button>
            </header>
            <p>${request.lead}</p>
            <dl>
              ${request.facts.map(
                ([label, value]) => html`<dt>${label}</dt>
                  <dd title=${value}>${/^0x[0-9a-f]{40,}$/i.test(value) ? shortHash(value) : value}</dd>`,
              )}
            </dl>
            ${this.renderExact(request)}
            ${this.fault ? html`<p class="fault" role="alert">${icon("voided")}<span>${say(this.fault)}</span></p>` : nothing}
            ${this.renderSigners()}`
        : nothing}
    </dialog>`;
  }

  /** @param {SigningRequest} request */
  renderExact(request) {
    const text = "document" in request ? JSON.stringify({ domain: request.document.domain, [request.document.primaryType]: request.document.message }, null, 2) : request.text;
    const digest = toHex("document" in request ? hashDocument(request.document) : hashText(request.text));
    return html`<details>
      <summary class="small">${say("sign.exact")}</summary>
      <pre tabindex="0" aria-label=${say("sign.exact")}>${text}</pre>
      <p class="small soft digest">${say("sign.digest")} <partage-hash .value=${digest} .what=${say("sign.digest")}></partage-hash></p>
    </details>`;
  }

  renderSigners() {
    if (this.keys.length === 0 && this.wallets.length === 0) {
      return html`<p class="soft">${say("sign.no_key")}</p>
        <div class="row"><a class="button" href=${writeRoute("account", "keys")} @click=${() => this.close(null)}>${say("sign.to_account")}</a></div>`;
    }
    return html`${this.keys.map((key) => this.renderKey(key))}
    ${this.wallets.map(
      (wallet) => html`<button type="button" ?disabled=${this.working} @click=${() => this.signWithWallet(wallet)}>
        ${icon("wallet")}${wallet.name ? say("sign.with_wallet", { name: wallet.name }) : say("sign.with_any_wallet")}
      </button>`,
    )}`;
  }

  /** @param {KeptKey} key */
  renderKey(key) {
    const locked = !isOpen(key.address);
    const passphrase = locked && key.lock.by === "passphrase";
    return html`<form class="key" @submit=${(/** @type {SubmitEvent} */ event) => this.signWithKey(key, event)}>
      <p class="small soft">${say("sign.key", { address: shortHash(key.address) })}</p>
      ${passphrase
        ? html`<div>
            <label for="passphrase-${key.address}">${say("key.passphrase")}</label>
            <input id="passphrase-${key.address}" name="passphrase" type="password" autocomplete="off" required />
          </div>`
        : nothing}
      <button class="primary" ?disabled=${this.working}>
        ${icon(locked && !passphrase ? "passkey" : "pen")}${say(this.working ? "sign.working" : locked && !passphrase ? "sign.with_passkey" : "sign.submit")}
      </button>
    </form>`;
  }
}

customElements.define("partage-sign-sheet", SignSheet);
