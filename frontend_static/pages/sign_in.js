/** Sign-in; and what can be seen without. That somebody is in is told by the session. */
import { css, html, nothing } from "../vendor/lit.js";
import { askSignIn, signInByEthereum, signInByPasskey, signInByPassword } from "../data/account.js";
import { Problem, ask } from "../data/api.js";
import { shortHash } from "../domain/figures.js";
import { writeRoute } from "../domain/routes.js";
import { isSignInText } from "../domain/sign_in_text.js";
import { say } from "../i18n/words.js";
import { keptKeys } from "../wallet/key_store.js";
import { Declined, hasPasskeys, usePasskey } from "../wallet/passkeys.js";
import { accountsOf, findWallets, signTextWith } from "../wallet/providers.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import { sharedStyles } from "../components/shared_styles.js";
import "../components/sign_sheet.js";

export class SignIn extends Localized {
  static properties = { ended: { type: Boolean }, fault: { state: true }, working: { state: true }, keys: { state: true }, wallets: { state: true } };

  static styles = [
    sharedStyles,
    css`
      .page {
        display: grid;
        gap: 32px;
        max-width: 432px;
        margin: 6vh auto 0;
      }

      form {
        display: grid;
        gap: 16px;
      }

      .fault {
        display: flex;
        gap: 8px;
        align-items: center;
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--voided-wash);
        color: var(--voided);
      }

      .others {
        display: grid;
        gap: 8px;
      }

      .or {
        display: grid;
        grid-template-columns: 1fr auto 1fr;
        gap: 12px;
        align-items: center;
        color: var(--ink-soft);
        font-size: 14px;
      }

      .or::before,
      .or::after {
        content: "";
        border-top: 1px solid var(--line);
      }

      .open li {
        border-top: 1px solid var(--line);
      }

      .open a {
        display: flex;
        gap: 12px;
        align-items: center;
        min-height: 48px;
        padding: 8px 0;
        color: var(--ink);
        text-decoration: none;
      }

      .open a:hover span {
        text-decoration: underline;
      }

      .open svg {
        flex: none;
      }

      .open a :last-child {
        margin-left: auto;
        color: var(--ink-soft);
      }
    `,
  ];

  constructor() {
    super();
    this.ended = false;
    this.fault = "";
    this.working = false;
    /** @type {import("../wallet/key_store.js").KeptKey[]} */
    this.keys = [];
    /** @type {import("../wallet/providers.js").Wallet[]} */
    this.wallets = [];
  }

  connectedCallback() {
    super.connectedCallback();
    void Promise.all([keptKeys().catch(() => []), findWallets()]).then(([keys, wallets]) => Object.assign(this, { keys, wallets }));
  }

  /**
   * @param {() => Promise<unknown>} work
   * @param {string} wrong What to say where it is not known here.
   */
  async enterBy(work, wrong) {
    this.working = true;
    this.fault = "";
    try {
      await work();
    } catch (error) {
      const status = error instanceof Problem ? error.status : -1;
      const faults = /** @type {Record<number, string>} */ ({ 0: "error.offline", 401: wrong, 404: wrong, 422: wrong, 429: "sign_in.too_many" });
      this.fault = error instanceof Declined ? "sign.declined" : (faults[status] ?? "error.busy");
    } finally {
      this.working = false;
    }
  }

  enterByPasskey() {
    return this.enterBy(() => signInByPasskey(usePasskey), "sign_in.passkey.wrong");
  }

  /**
   * The text that signs in, if it is for these pages and that account.
   *
   * @param {string} address
   * @returns {Promise<string | null>}
   */
  async textFor(address) {
    const [{ message }, chain] = await Promise.all([askSignIn(address), ask("/public/deployment")]);
    if (isSignInText(message, { host: location.host, origin: location.origin, address, chainId: chain.chain_id })) return message;
    this.fault = "sign_in.ethereum.other";
    return null;
  }

  /** @param {import("../wallet/key_store.js").KeptKey} key */
  enterByKey({ address, owner }) {
    return this.enterBy(async () => {
      const text = await this.textFor(address);
      if (text === null) return null;
      const sheet = /** @type {import("../components/sign_sheet.js").SignSheet} */ (this.renderRoot.querySelector("partage-sign-sheet"));
      const signed = await sheet.ask({ title: say("sign.title"), lead: say("sign_in.ethereum.lead"), facts: [[say("sign_in.login"), owner]], accounts: [address], owner, text });
      return signed && signInByEthereum(text, signed.signature);
    }, "sign_in.ethereum.wrong");
  }

  /** @param {import("../wallet/providers.js").Wallet} wallet */
  enterByWallet(wallet) {
    return this.enterBy(async () => {
      const [address] = await accountsOf(wallet);
      const text = address ? await this.textFor(address) : null;
      return address && text !== null ? signInByEthereum(text, await signTextWith(wallet, address, text)) : null;
    }, "sign_in.ethereum.wrong");
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [login, password] = [String(data.get("login") ?? "").trim(), String(data.get("password") ?? "")];
    if (!login || !password) {
      await this.refuse("sign_in.empty", login ? "password" : "login");
      return;
    }
    this.working = true;
    this.fault = "";
    try {
      await signInByPassword(login, password);
    } catch (error) {
      const status = error instanceof Problem ? error.status : -1;
      const faults = /** @type {Record<number, string>} */ ({ 401: "sign_in.wrong", 422: "sign_in.wrong", 429: "sign_in.too_many" });
      await this.refuse(faults[status] ?? (status === 0 ? "error.offline" : "error.busy"), "password");
    } finally {
      this.working = false;
    }
  }

  /**
   * @param {string} fault
   * @param {string} field
   */
  async refuse(fault, field) {
    this.fault = fault;
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`#${field}`))?.focus();
  }

  renderOthers() {
    const { keys, wallets, working } = this;
    if (!hasPasskeys() && keys.length + wallets.length === 0) return nothing;
    return html`<p class="or" aria-hidden="true">${say("sign_in.or")}</p>
      <div class="others">
        ${hasPasskeys() ? html`<button type="button" ?disabled=${working} @click=${this.enterByPasskey}>${icon("passkey")}${say("sign_in.passkey")}</button>` : nothing}
        ${keys.map(
          (key) => html`<button type="button" ?disabled=${working} @click=${() => this.enterByKey(key)}>
            ${icon("key")}${say("sign_in.ethereum.key")} <span class="small soft">${shortHash(key.address)}</span>
          </button>`,
        )}
        ${wallets.map(
          (wallet) => html`<button type="button" ?disabled=${working} @click=${() => this.enterByWallet(wallet)}>
            ${icon("wallet")}${wallet.name ? say("sign_in.ethereum.with", { name: wallet.name }) : say("sign_in.ethereum")}
          </button>`,
        )}
      </div>`;
  }

  render() {
    const fault = this.fault || (this.ended ? "sign_in.ended" : "");
    return html`<div class="page">
      <div class="stack">
        <h1>${say("sign_in.title")}</h1>
        <p class="soft">${say("sign_in.lead")}</p>
      </div>
      <form class="card" novalidate @submit=${this.submit}>
        ${fault ? html`<p class="fault" id="fault" role="alert">${icon("voided")}<span>${say(fault)}</span></p>` : nothing}
        <div>
          <label for="login">${say("sign_in.login")}</label>
          <input id="login" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required aria-describedby=${fault ? "fault" : nothing} />
        </div>
        <div>
          <label for="password">${say("sign_in.password")}</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required aria-describedby=${fault ? "fault" : nothing} />
        </div>
        <button class="primary" ?disabled=${this.working}>${say(this.working ? "sign_in.working" : "sign_in.submit")}</button>
        ${this.renderOthers()}
      </form>
      <partage-sign-sheet></partage-sign-sheet>
      <section class="open">
        <h2 class="small soft">${say("sign_in.open.title")}</h2>
        <ul>
          <li><a href=${writeRoute("community")}>${icon("community")}<span>${say("sign_in.open.community")}</span>${icon("right", 16)}</a></li>
          <li><a href=${writeRoute("verify")}>${icon("verify")}<span>${say("sign_in.open.verify")}</span>${icon("right", 16)}</a></li>
        </ul>
      </section>
    </div>`;
  }
}

customElements.define("partage-sign-in", SignIn);
