/** A member's seat: who holds it, why nobody does yet, and how it passes to another key. Event `changed` after each change. */
import { css, html, nothing } from "../vendor/lit.js";
import * as account from "../data/account.js";
import { formatInstant, shortHash } from "../domain/figures.js";
import { factsOf, requireDocument } from "../domain/signing.js";
import { say } from "../i18n/words.js";
import { AccountPart, partStyles } from "./account_part.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";
import "./sign_sheet.js";

export class SeatCard extends AccountPart {
  static properties = { book: { attribute: false }, chain: { attribute: false } };

  static styles = [
    sharedStyles,
    partStyles,
    css`
      .state {
        display: flex;
        gap: 12px;
        align-items: center;
      }

      .state svg {
        flex: none;
        color: var(--ink-soft);
      }

      .held svg {
        color: var(--verified);
      }

      .warning {
        display: grid;
        gap: 12px;
        padding: 16px;
        border-radius: var(--radius-small);
        background: var(--contestable-wash);
        color: var(--contestable);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {account.Book | null} */
    this.book = null;
    /** @type {{chain_id: number, contracts: Record<string, string>} | null} */
    this.chain = null;
  }

  get heading() {
    return "seat.title";
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    this.book = await account.askAccounts(signal);
  }

  /**
   * @param {string} type Of the document.
   * @param {account.Paper} paper
   * @param {string} lead
   * @param {Record<string, unknown>} message What it must say.
   * @returns {Promise<string | null>} The signature.
   */
  async sign(type, { typed_data: document, signer }, lead, message) {
    const sheet = /** @type {import("./sign_sheet.js").SignSheet} */ (this.renderRoot.querySelector("partage-sign-sheet"));
    requireDocument(document, { type, chainId: this.chain?.chain_id ?? 0, contract: this.chain?.contracts["registry"] ?? "", message: { ...message, seat: this.book?.seat?.number } });
    const facts = factsOf(document, { locale: this.locale, say, zone: this.zone, name: shortHash });
    const signed = await sheet.ask({ title: say("sign.title"), lead, facts, accounts: [signer], owner: this.me.login, document });
    return signed?.signature ?? null;
  }

  again() {
    return this.attempt(async () => {
      await account.takeSeat();
      return "";
    });
  }

  /** @param {string} to */
  pass(to) {
    return this.attempt(async () => {
      const paper = await account.draftReplacement(to);
      const signature = await this.sign("ReplaceKey", paper, say("seat.replace.lead"), { to });
      if (signature === null) return null;
      await account.replaceKey(paper.draft, signature);
      return "seat.replaced";
    });
  }

  /** @param {string} to */
  recover(to) {
    return this.attempt(async () => {
      await account.askRecovery(to);
      return "seat.recovery.asked";
    });
  }

  complete() {
    return this.attempt(async () => {
      await account.completeRecovery();
      return "seat.replaced";
    });
  }

  object() {
    return this.attempt(async () => {
      const paper = await account.draftObjection();
      const signature = await this.sign("ObjectRecovery", paper, say("seat.object.lead"), {});
      if (signature === null) return null;
      await account.objectToRecovery(paper.draft, signature);
      return "seat.objected";
    });
  }

  renderPart() {
    const seat = this.book?.seat;
    if (!seat) return html`<p class="soft">${say("seat.none")}</p>`;
    const number = seat.number ?? "";
    const others = (this.book?.accounts ?? []).filter(({ address, until }) => until === null && address !== seat.holder);
    return html`<p class="state ${seat.holder ? "held" : ""}">
        ${icon(seat.holder ? "final" : "open", 28)}
        <span>${seat.holder ? say("seat.held", { number, address: shortHash(seat.holder) }) : say(`seat.waits.${seat.waits_for ?? "account"}`, { number })}</span>
      </p>
      ${!seat.holder && seat.waits_for === "period" ? html`<div><button type="button" ?disabled=${this.working} @click=${this.again}>${say("seat.again")}</button></div>` : nothing}
      ${seat.recovery ? this.renderRecovery(seat.recovery) : nothing}
      ${seat.holder && !seat.recovery && others.length > 0
        ? html`<details>
            <summary>${say("seat.replace")}</summary>
            <div class="stack">
              <p class="small soft">${say("seat.replace.text")}</p>
              ${others.map(
                ({ address }) => html`<div class="row">
                  <code>${shortHash(address)}</code>
                  <button type="button" ?disabled=${this.working} @click=${() => this.pass(address)}>${say("seat.replace.do")}</button>
                  <button type="button" class="quiet" ?disabled=${this.working} @click=${() => this.recover(address)}>${say("seat.recover.do")}</button>
                </div>`,
              )}
            </div>
          </details>`
        : nothing}
      <partage-sign-sheet></partage-sign-sheet>`;
  }

  /** @param {{to: string, possible_from: string}} recovery */
  renderRecovery({ to, possible_from: from }) {
    const due = Date.parse(from) <= Date.now();
    return html`<div class="warning" role="status">
      <p>${say("seat.recovery", { to: shortHash(to), when: formatInstant(from, this.zone, this.locale) })}</p>
      <div class="row">
        <button type="button" ?disabled=${this.working} @click=${this.object}>${say("seat.object")}</button>
        ${due ? html`<button type="button" ?disabled=${this.working} @click=${this.complete}>${say("seat.complete")}</button>` : nothing}
      </div>
    </div>`;
  }
}

customElements.define("partage-seat-card", SeatCard);
