/** Consents: whom one lets see what, from when until when; given and taken back by one's own key. */
import { css, html, nothing } from "../vendor/lit.js";
import { askAccounts, askConsents, askGrantees, draftConsent, handInConsent } from "../data/account.js";
import { instantOf } from "../domain/civil_time.js";
import { formatInstant, shortHash } from "../domain/figures.js";
import { factsOf, requireDocument } from "../domain/signing.js";
import { isAddress } from "../domain/typed_data.js";
import { say } from "../i18n/words.js";
import { AccountPart, partStyles } from "./account_part.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";
import "./sign_sheet.js";

/** @typedef {import("../data/account.js").Grantee} Grantee */
/** @typedef {import("../data/account.js").Consent} Consent */

const SCOPES = ["bills", "curves"]; // flexibility has nothing to show yet
const OTHER = "other";
const YEAR_SECONDS = 31_536_000;

/** @param {number} seconds @param {string} zone As an input of type `datetime-local` has it. */
function localOf(seconds, zone) {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const told = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, .../** @type {any} */ (parts) }).format(seconds * 1000);
  return told.replace(" ", "T");
}

export class ConsentBook extends AccountPart {
  static properties = { chain: { attribute: false }, consents: { state: true }, grantees: { state: true }, seated: { state: true }, scope: { state: true }, other: { state: true } };

  static styles = [
    sharedStyles,
    partStyles,
    css`
      .holds {
        display: inline-flex;
        gap: 4px;
        align-items: center;
        font-size: 14px;
        font-weight: 600;
        color: var(--verified);
      }

      .ended {
        color: var(--ink-soft);
      }

      .times {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
        gap: 12px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {{chain_id: number, contracts: Record<string, string>} | null} */
    this.chain = null;
    /** @type {Consent[]} */
    this.consents = [];
    /** @type {Grantee[]} */
    this.grantees = [];
    this.seated = false;
    this.scope = "bills";
    /** Whether an address is typed. */
    this.other = false;
  }

  get heading() {
    return "consents.title";
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const [consents, grantees, book] = await Promise.all([askConsents(signal), askGrantees(signal), askAccounts(signal)]);
    this.consents = consents;
    this.grantees = grantees;
    this.seated = Boolean(book.seat?.holder);
    this.other = grantees.length === 0;
  }

  /** @param {Grantee} grantee */
  nameOf({ kind, label, seat, address }) {
    if (kind === "role") return say(`role.${label}`);
    if (label) return label;
    return seat === null ? shortHash(address) : say("consents.seat", { seat, address: shortHash(address) });
  }

  /** @param {string} address */
  nameAt(address) {
    const known = [...this.grantees, ...this.consents.map(({ grantee }) => grantee)].find((one) => one.address.toLowerCase() === address.toLowerCase());
    return known ? `${this.nameOf(known)}, ${shortHash(address)}` : address;
  }

  /**
   * @param {Parameters<typeof draftConsent>[0]} wish
   * @param {string} done
   */
  hand(wish, done) {
    return this.attempt(async () => {
      const { draft, signer, typed_data: document } = await draftConsent(wish);
      const type = wish.withdraw ? "WithdrawConsent" : "GiveConsent";
      requireDocument(document, { type, chainId: this.chain?.chain_id ?? 0, contract: this.chain?.contracts["registry"] ?? "", message: { grantee: wish.grantee } });
      const facts = factsOf(document, { locale: this.locale, say, zone: this.zone, name: (address) => this.nameAt(address) });
      const sheet = /** @type {import("./sign_sheet.js").SignSheet} */ (this.renderRoot.querySelector("partage-sign-sheet"));
      const lead = say(wish.withdraw ? "consents.withdraw.lead" : "consents.give.lead");
      const signed = await sheet.ask({ title: say("sign.title"), lead, facts, accounts: [signer], owner: this.me.login, document });
      if (!signed) return null;
      await handInConsent(draft, signed.signature);
      return done;
    });
  }

  /** @param {SubmitEvent} event */
  give(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
    const grantee = this.other ? text("address") : text("grantee");
    const [from, until] = [instantOf(text("from"), this.zone), instantOf(text("until"), this.zone)];
    if (!isAddress(grantee)) return void (this.fault = say("consents.fault.address"));
    if (from === null || until === null || until <= from) return void (this.fault = say("consents.fault.times"));
    return this.hand({ grantee, scope: text("scope"), from_utc: from, until_utc: until }, "consents.given");
  }

  renderPart() {
    return html`<p class="soft">${say("consents.lead")}</p>
      ${this.consents.length === 0 ? html`<p>${say("consents.none")}</p>` : html`<ul class="items">${this.consents.map((consent) => this.renderConsent(consent))}</ul>`}
      ${this.seated ? this.renderForm() : html`<p class="soft">${say("consents.no_seat")}</p>`}
      <partage-sign-sheet></partage-sign-sheet>`;
  }

  /** @param {Consent} consent */
  renderConsent({ grantee, scope, begins_at: begins, ends_at: ends, holds }) {
    const coming = !holds && Date.parse(begins) > Date.now();
    const name = this.nameOf(grantee);
    return html`<li data-grantee=${grantee.address}>
      <div>
        <b>${name}</b>: ${say(`consent.scope.${scope}`)}
        <p class="small soft">${say("consents.span", { from: formatInstant(begins, this.zone, this.locale), until: formatInstant(ends, this.zone, this.locale) })}</p>
        <span class="holds ${holds ? "" : "ended"}">${icon(holds ? "eye" : coming ? "contestable" : "withdrawn", 16)}${say(holds ? "consents.holds" : coming ? "consents.coming" : "consents.ended")}</span>
      </div>
      ${holds || coming
        ? html`<button type="button" ?disabled=${this.working} aria-label=${say("consents.withdraw.of", { name })} @click=${() => this.hand({ grantee: grantee.address, scope, withdraw: true }, "consents.withdrawn")}>
            ${say("consents.withdraw")}
          </button>`
        : nothing}
    </li>`;
  }

  renderForm() {
    const now = Math.floor(Date.now() / 1000);
    return html`<form @submit=${this.give}>
      <h3>${say("consents.give")}</h3>
      <div>
        <label for="grantee">${say("consent.grantee")}</label>
        <select id="grantee" name="grantee" @change=${(/** @type {any} */ event) => (this.other = event.target.value === OTHER)}>
          ${this.grantees.map((grantee) => html`<option value=${grantee.address}>${this.nameOf(grantee)}</option>`)}
          <option value=${OTHER} ?selected=${this.other}>${say("consents.other")}</option>
        </select>
      </div>
      ${this.other
        ? html`<div>
            <label for="address">${say("consents.address")}</label>
            <input id="address" name="address" autocomplete="off" spellcheck="false" placeholder="0x…" />
          </div>`
        : nothing}
      <div>
        <label for="scope">${say("consent.scope")}</label>
        <select id="scope" name="scope" aria-describedby="scope-sees" @change=${(/** @type {any} */ event) => (this.scope = event.target.value)}>
          ${SCOPES.map((scope) => html`<option value=${scope} ?selected=${scope === this.scope}>${say(`consent.scope.${scope}`)}</option>`)}
        </select>
        <p class="small soft" id="scope-sees">${say(`consent.sees.${this.scope}`)}</p>
      </div>
      <div class="times">
        <div><label for="from">${say("consent.from")}</label><input id="from" name="from" type="datetime-local" value=${localOf(now, this.zone)} /></div>
        <div><label for="until">${say("consent.until")}</label><input id="until" name="until" type="datetime-local" value=${localOf(now + YEAR_SECONDS, this.zone)} /></div>
      </div>
      <button class="primary" ?disabled=${this.working}>${icon("pen")}${say("consents.give.do")}</button>
    </form>`;
  }
}

customElements.define("partage-consent-book", ConsentBook);
