/** My account: log-in without a password, keys and seat, consents, who looked, one's data. */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { say } from "../i18n/words.js";
import "../components/access_list.js";
import "../components/consent_book.js";
import "../components/key_ring.js";
import { Localized } from "../components/localized.js";
import "../components/passkey_list.js";
import "../components/privacy_part.js";
import "../components/seat_card.js";
import { sharedStyles } from "../components/shared_styles.js";

export class Account extends Localized {
  static properties = { me: { attribute: false }, section: {}, around: { state: true } };

  static styles = [
    sharedStyles,
    css`
      .page {
        display: grid;
        gap: 24px;
        grid-template-columns: minmax(0, 1fr);
        max-width: 800px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {any} */
    this.me = null;
    /** The part that is led to: `keys`, `consents`, ... */
    this.section = "";
    /** @type {{chain: any, zone: string}} */
    this.around = { chain: null, zone: "UTC" };
    this.refresh = () => {
      for (const part of this.renderRoot.querySelectorAll("partage-seat-card, partage-consent-book")) void (/** @type {any} */ (part).load());
    };
  }

  connectedCallback() {
    super.connectedCallback();
    void this.load();
  }

  /** What all parts need; without it they still load, and only what is signed is refused. */
  async load() {
    const [chain, card] = await Promise.all([
      ask("/public/deployment").catch(() => null),
      this.me?.community ? ask(`/public/communities/${encodeURIComponent(this.me.community)}`).catch(() => null) : null,
    ]);
    this.around = { chain, zone: card?.time_zone ?? "UTC" };
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("section") && this.section) this.renderRoot.querySelector(`#${CSS.escape(this.section)}`)?.scrollIntoView();
  }

  render() {
    const { me } = this;
    const { chain, zone } = this.around;
    return html`<div class="page">
      <header class="stack">
        <h1>${say("account.title")}</h1>
        <p class="soft">${say("account.lead", { name: me.name })}</p>
      </header>
      <partage-passkey-list id="passkeys" .me=${me} .zone=${zone}></partage-passkey-list>
      <partage-key-ring id="keys" .me=${me} .zone=${zone} @book=${this.refresh}></partage-key-ring>
      ${me.participant
        ? html`<partage-seat-card id="seat" .me=${me} .zone=${zone} .chain=${chain}></partage-seat-card>
            <partage-consent-book id="consents" .me=${me} .zone=${zone} .chain=${chain}></partage-consent-book>
            <partage-access-list id="accesses" .me=${me} .zone=${zone}></partage-access-list>
            <partage-privacy-part id="privacy" .me=${me} .zone=${zone}></partage-privacy-part>`
        : nothing}
    </div>`;
  }
}

customElements.define("partage-account", Account);
