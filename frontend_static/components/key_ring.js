/**
 * The keys that sign for a person: those in this browser, those that are linked, the seat, copies of keys.
 *
 * @typedef {import("../domain/sealed_key.js").SealedKey} SealedKey
 */
import { css, html, nothing } from "../vendor/lit.js";
import * as account from "../data/account.js";
import { saveFile } from "../data/download.js";
import { formatInstant, shortHash } from "../domain/figures.js";
import { PASSPHRASE_MIN, checkPassphrase, readKeyFile, writeKeyFile } from "../domain/sealed_key.js";
import { say } from "../i18n/words.js";
import { isOpen, keyring, lockKeys, openKey, sealCopy, signText } from "../wallet/browser_keys.js";
import { forgetKey, keepKey, keptKeys } from "../wallet/key_store.js";
import { accountsOf, findWallets, signTextWith } from "../wallet/providers.js";
import { WrongLock } from "../wallet/sealing.js";
import { AccountPart, partStyles } from "./account_part.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import "./key_maker.js";
import { sharedStyles } from "./shared_styles.js";

export class KeyRing extends AccountPart {
  static properties = { accounts: { state: true }, seat: { state: true }, keys: { state: true }, wallets: { state: true }, making: { state: true }, copying: { state: true } };

  static styles = [
    sharedStyles,
    partStyles,
    css`
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }

      .copy {
        flex: 1 1 100%;
        padding: 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      .copy form {
        max-width: 432px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../data/account.js").Account[]} */
    this.accounts = [];
    /** @type {import("../data/account.js").Seat | null} */
    this.seat = null;
    /** @type {import("../wallet/key_store.js").KeptKey[]} */
    this.keys = [];
    /** @type {import("../wallet/providers.js").Wallet[]} */
    this.wallets = [];
    this.making = false;
    /** What a key is copied to: "file" or "service". @type {{address: string, to: "file" | "service"} | null} */
    this.copying = null;
    /** @type {string | null} */
    this.backup = null;
    this.redrawKeys = () => this.requestUpdate();
  }

  connectedCallback() {
    super.connectedCallback();
    keyring.addEventListener("change", this.redrawKeys);
  }

  disconnectedCallback() {
    keyring.removeEventListener("change", this.redrawKeys);
    super.disconnectedCallback();
  }

  get heading() {
    return "keys.title";
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const [answer, keys, wallets, backup] = await Promise.all([
      account.askAccounts(signal),
      keptKeys(this.me.login).catch(() => []),
      findWallets(),
      account.askBackup(signal).catch(() => null),
    ]);
    this.accounts = answer.accounts.filter(({ until }) => until === null);
    this.seat = answer.seat;
    this.keys = keys;
    this.wallets = wallets;
    this.backup = backup?.sealed ?? null;
  }

  /** @param {string} address */
  linkOf(address) {
    return this.accounts.find((one) => one.address.toLowerCase() === address.toLowerCase());
  }

  /** @param {CustomEvent<SealedKey>} event */
  made({ detail }) {
    this.making = false;
    return this.linkOf(detail.address) ? this.attempt(async () => "keys.restored.open") : this.link(detail);
  }

  /** @param {import("../data/account.js").Book} book The page shows the seat elsewhere too. */
  tellSeat(book) {
    this.dispatchEvent(new CustomEvent("book", { detail: book }));
  }

  /** @param {SealedKey} key */
  link(key) {
    return this.attempt(async () => {
      if (!isOpen(key.address)) await openKey(key, this.passphraseOf(key));
      const { message } = await account.askChallenge(key.address, "browser");
      this.tellSeat(await account.linkAccount({ address: key.address, message, signature: signText(key.address, message), kind: "browser" }));
      return "keys.linked";
    });
  }

  /** @param {import("../wallet/providers.js").Wallet} wallet */
  linkWallet(wallet) {
    return this.attempt(async () => {
      const [address] = await accountsOf(wallet);
      if (!address) return null;
      const { message } = await account.askChallenge(address, "wallet");
      this.tellSeat(await account.linkAccount({ address, message, signature: await signTextWith(wallet, address, message), kind: "wallet" }));
      return "keys.linked";
    });
  }

  /** @param {SealedKey} key @returns {string} As typed beside it. */
  passphraseOf(key) {
    return /** @type {HTMLInputElement | null} */ (this.renderRoot.querySelector(`[id="open-${key.address}"]`))?.value ?? "";
  }

  /** @param {SealedKey} key */
  open(key) {
    return this.attempt(async () => {
      await openKey(key, this.passphraseOf(key));
      return "";
    });
  }

  /** @param {unknown} error @param {Readonly<Record<number, string>>} faults */
  explain(error, faults) {
    return error instanceof WrongLock ? say("sign.wrong_lock") : super.explain(error, faults);
  }

  /** @param {SubmitEvent} event */
  copy(event) {
    event.preventDefault();
    const { copying } = this;
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [passphrase, again] = [String(data.get("copy") ?? ""), String(data.get("copy-again") ?? "")];
    const fault = checkPassphrase(passphrase, again);
    this.fault = fault && say(fault, { least: PASSPHRASE_MIN });
    if (fault || !copying) return;
    return this.attempt(async () => {
      const text = writeKeyFile(await sealCopy(copying.address, passphrase));
      if (copying.to === "service") await account.keepBackup(text);
      else saveFile(new Blob([text], { type: "application/json" }), `partage-key-${copying.address.slice(2, 8)}.json`);
      this.copying = null;
      return copying.to === "service" ? "keys.copy.kept" : "keys.copy.saved";
    });
  }

  restore() {
    return this.attempt(async () => {
      const sealed = this.backup === null ? null : readKeyFile(this.backup);
      if (sealed === null) return null;
      await keepKey({ ...sealed, owner: this.me.login });
      return "keys.restored";
    });
  }

  /** @param {string} address */
  unlink(address) {
    if (!window.confirm(say("keys.unlink.sure"))) return;
    return this.attempt(async () => {
      await account.unlinkAccount(address);
      return "keys.unlinked.done";
    });
  }

  /** @param {string} address */
  forget(address) {
    if (!window.confirm(say("keys.forget.sure"))) return;
    return this.attempt(async () => {
      lockKeys();
      await forgetKey(address);
      return "keys.forgotten";
    });
  }

  renderPart() {
    const elsewhere = this.accounts.filter(({ address }) => !this.keys.some((key) => key.address.toLowerCase() === address.toLowerCase()));
    const backed = this.backup === null ? null : readKeyFile(this.backup);
    const lost = backed !== null && !this.keys.some((key) => key.address === backed.address);
    return html`<p class="soft">${say("keys.lead")}</p>
      ${this.keys.length === 0 && elsewhere.length === 0 ? html`<p>${say("keys.none")}</p>` : nothing}
      <ul class="items">
        ${this.keys.map((key) => this.renderKey(key))} ${elsewhere.map((one) => this.renderElsewhere(one))}
      </ul>
      ${lost ? html`<p>${say("keys.backup.found", { address: shortHash(backed.address) })}</p>
            <div><button type="button" @click=${this.restore}>${icon("file")}${say("keys.restore")}</button></div>` : nothing}
      ${this.making || this.keys.length + this.accounts.length === 0
        ? html`<partage-key-maker .owner=${this.me.login} @made=${this.made}></partage-key-maker>`
        : html`<div><button type="button" @click=${() => (this.making = true)}>${icon("plus")}${say("keys.make")}</button></div>`}
      ${this.wallets.length > 0
        ? html`<div class="buttons">
            ${this.wallets.map(
              (wallet) => html`<button type="button" ?disabled=${this.working} @click=${() => this.linkWallet(wallet)}>
                ${icon("wallet")}${wallet.name ? say("keys.link.wallet", { name: wallet.name }) : say("keys.link.any_wallet")}
              </button>`,
            )}
          </div>`
        : nothing}`;
  }

  /** @param {import("../data/account.js").Account | undefined} link */
  renderLink(link) {
    if (!link) return say("keys.unlinked");
    if (link.address.toLowerCase() === this.seat?.holder?.toLowerCase()) return html`<b>${say("keys.seated")}</b>`;
    return say("keys.linked.since", { when: formatInstant(link.linked_at, this.zone, this.locale) });
  }

  /** @param {import("../wallet/key_store.js").KeptKey} key */
  renderKey(key) {
    const [link, opened] = [this.linkOf(key.address), isOpen(key.address)];
    return html`<li data-address=${key.address}>
      <div>
        <b><partage-hash .value=${key.address} .what=${say("keys.address")}></partage-hash></b>
        <p class="small soft">${say(key.lock.by === "passkey" ? "keys.here.passkey" : "keys.here.passphrase")} ${say(opened ? "keys.open" : "keys.locked")}</p>
        <p class="small">${this.renderLink(link)}</p>
      </div>
      <div class="buttons">
        ${!opened && key.lock.by === "passphrase"
          ? html`<label class="hidden" for="open-${key.address}">${say("key.passphrase")}</label>
              <input id="open-${key.address}" type="password" autocomplete="off" placeholder=${say("key.passphrase")} />`
          : nothing}
        ${opened
          ? html`<button type="button" @click=${lockKeys}>${say("keys.lock")}</button>
              <button type="button" @click=${() => (this.copying = { address: key.address, to: "file" })}>${icon("file")}${say("keys.copy.file")}</button>
              <button type="button" @click=${() => (this.copying = { address: key.address, to: "service" })}>${say("keys.copy.service")}</button>`
          : html`<button type="button" ?disabled=${this.working} @click=${() => this.open(key)}>${say("keys.unlock")}</button>`}
        ${link ? nothing : html`<button type="button" class="primary" ?disabled=${this.working} @click=${() => this.link(key)}>${say("keys.link")}</button>`}
        <button type="button" class="quiet" @click=${() => this.forget(key.address)}>${say("keys.forget")}</button>
      </div>
      ${this.copying?.address === key.address ? this.renderCopy() : nothing}
    </li>`;
  }

  renderCopy() {
    return html`<div class="copy">
      <form @submit=${this.copy}>
        <p class="small">${say(this.copying?.to === "service" ? "keys.copy.service.text" : "keys.copy.file.text", { least: PASSPHRASE_MIN })}</p>
        <div><label for="copy">${say("key.passphrase")}</label><input id="copy" name="copy" type="password" autocomplete="new-password" /></div>
        <div><label for="copy-again">${say("key.passphrase.again")}</label><input id="copy-again" name="copy-again" type="password" autocomplete="new-password" /></div>
        <div class="buttons">
          <button class="primary" ?disabled=${this.working}>${say("keys.copy.do")}</button>
          <button type="button" class="quiet" @click=${() => (this.copying = null)}>${say("action.cancel")}</button>
        </div>
      </form>
    </div>`;
  }

  /** @param {import("../data/account.js").Account} link */
  renderElsewhere(link) {
    return html`<li>
      <div>
        <b><partage-hash .value=${link.address} .what=${say("keys.address")}></partage-hash></b>
        <p class="small soft">${say(link.kind === "wallet" ? "keys.in_wallet" : "keys.elsewhere")}</p>
        <p class="small">${this.renderLink(link)}</p>
      </div>
      <button type="button" class="quiet" ?disabled=${this.working} @click=${() => this.unlink(link.address)}>${say("keys.unlink")}</button>
    </li>`;
  }
}

customElements.define("partage-key-ring", KeyRing);
