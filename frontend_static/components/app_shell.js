/** The frame of all pages: rail or bars, session, language, colours, focus. */
import { html, nothing } from "../vendor/lit.js";
import { ask, session } from "../data/api.js";
import { keepPreference, readPreference } from "../data/preferences.js";
import { pagesOf, parseRoute, writeRoute } from "../domain/routes.js";
import { say, setLocale } from "../i18n/words.js";
import { lockKeys } from "../wallet/browser_keys.js";
import "../pages/account.js";
import "../pages/community.js";
import "../pages/compose.js";
import "../pages/disputes.js";
import "../pages/disputes_case.js";
import "../pages/disputes_doubt.js";
import "../pages/disputes_opening.js";
import "../pages/forecasts.js";
import "../pages/governance.js";
import "../pages/grid.js";
import "../pages/my_bill.js";
import "../pages/my_energy.js";
import "../pages/operator.js";
import "../pages/proposal.js";
import "../pages/provider.js";
import "../pages/readings.js";
import "../pages/sign_in.js";
import "../pages/verify.js";
import { shellStyles } from "./app_shell_styles.js";
import { icon, sign } from "./icons.js";
import { Localized } from "./localized.js";
import "./notice.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/routes.js").PageName} PageName */
/** @typedef {{login: string, name: string, roles: string[], community: string | null, participant: string | null, locale: "en" | "fr"}} Me */

/** @type {readonly PageName[]} */
const OPEN = ["community", "verify", "sign-in"]; // to anybody
const THEMES = /** @type {const} */ (["system", "light", "dark"]);

export class AppShell extends Localized {
  static properties = {
    me: { state: true },
    ready: { state: true },
    route: { state: true },
    offline: { state: true },
    theme: { state: true },
    ended: { state: true },
  };

  static styles = [sharedStyles, shellStyles];

  constructor() {
    super();
    /** @type {Me | null} */
    this.me = null;
    this.ready = false;
    this.route = parseRoute(location.hash);
    this.offline = !navigator.onLine;
    this.theme = readPreference("theme") || "system";
    this.ended = false;
    this.follow = () => this.goTo();
    this.noteLine = () => (this.offline = !navigator.onLine);
    this.noteEntry = () => void this.enter();
    this.noteEnd = () => {
      lockKeys();
      this.ended = this.me !== null;
      this.me = null;
    };
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener("hashchange", this.follow);
    window.addEventListener("online", this.noteLine);
    window.addEventListener("offline", this.noteLine);
    session.addEventListener("signed-in", this.noteEntry);
    session.addEventListener("signed-out", this.noteEnd);
    void this.recall();
  }

  disconnectedCallback() {
    window.removeEventListener("hashchange", this.follow);
    window.removeEventListener("online", this.noteLine);
    window.removeEventListener("offline", this.noteLine);
    session.removeEventListener("signed-in", this.noteEntry);
    session.removeEventListener("signed-out", this.noteEnd);
    super.disconnectedCallback();
  }

  /** Who is signed in? Only asked where somebody was before. */
  async recall() {
    if (readPreference("known")) {
      try {
        this.me = await ask("/me");
      } catch (error) {
        if (/** @type {any} */ (error)?.status === 401) keepPreference("known", "");
      }
    }
    this.ready = true;
  }

  async enter() {
    keepPreference("known", "1");
    this.ended = false;
    this.me = await ask("/me");
    if (this.route.page === "sign-in") location.hash = writeRoute(this.pages[0] ?? "community");
    this.focusTitle();
  }

  async leave() {
    lockKeys();
    this.renderRoot.querySelector("details.settings")?.removeAttribute("open");
    try {
      await ask("/session", { method: "DELETE" });
    } finally {
      keepPreference("known", "");
      this.me = null;
      location.hash = writeRoute("sign-in");
    }
  }

  goTo() {
    this.route = parseRoute(location.hash);
    window.scrollTo(0, 0);
    this.focusTitle();
  }

  /** A page that is opened is read from its beginning. */
  async focusTitle() {
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("main"))?.focus({ preventScroll: true });
  }

  /** @param {string} theme */
  setTheme(theme) {
    this.theme = theme;
    keepPreference("theme", theme === "system" ? "" : theme);
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    window.dispatchEvent(new Event("partage-theme"));
  }

  /** @param {"en" | "fr"} locale */
  changeLocale(locale) {
    keepPreference("locale", locale);
    setLocale(locale);
    if (this.me) ask("/me/locale", { method: "PUT", body: { locale } }).catch(() => undefined); // the choice holds here all the same
  }

  /** @returns {PageName} */
  get page() {
    const { page } = this.route;
    if (page === "") return this.me ? (this.pages[0] ?? "community") : "sign-in";
    return this.me || OPEN.includes(page) ? page : "sign-in";
  }

  /** @returns {PageName[]} */
  get pages() {
    return pagesOf(this.me);
  }

  render() {
    const { page } = this;
    document.title = `${say(page === "sign-in" ? "sign_in.title" : `nav.${page}`)} · Partage`;
    return html`<header class="screen">
        <a class="skip" href="#content" @click=${this.skip}>${say("app.skip")}</a>
        <a class="brand" href=${writeRoute(this.pages[0] ?? "community")}>${sign}<span>Partage</span></a>
        <nav aria-label=${say("app.navigation")}>
          <ul>
            ${this.pages.map((name) => this.renderLink(name, page))}
            ${this.me ? nothing : this.renderLink("sign-in", page)}
          </ul>
        </nav>
        ${this.me ? html`<a class="account" href=${writeRoute("account")} aria-current=${page === "account" ? "page" : "false"}>${icon("account", 22)}<span class="label">${say("nav.account")}</span></a>` : nothing}
        <details class="settings">
          <summary>${icon("settings")}<span class="label">${say("settings.title")}</span></summary>
          <div class="panel">${this.renderSettings()}</div>
        </details>
      </header>
      <main id="content" tabindex="-1">
        ${this.offline ? html`<p class="banner" role="status">${icon("offline")}${say("offline.banner")}</p>` : nothing}
        ${this.ready ? this.renderPage(page) : html`<partage-notice kind="loading"></partage-notice>`}
      </main>`;
  }

  /** @param {Event} event */
  skip(event) {
    event.preventDefault();
    void this.focusTitle();
  }

  /**
   * @param {PageName} name
   * @param {PageName} page
   */
  renderLink(name, page) {
    return html`<li class=${name}>
      <a href=${writeRoute(name)} aria-current=${name === page ? "page" : "false"}>
        ${icon(name === "sign-in" ? "person" : name, 22)}<span>${say(name === "sign-in" ? "nav.sign_in" : `nav.${name}`)}</span>
      </a>
    </li>`;
  }

  renderSettings() {
    return html`${this.me ? html`<p class="small soft">${say("settings.signed_in", { name: this.me.name })}</p>` : nothing}
      <div>
        <label for="locale">${say("settings.language")}</label>
        <select id="locale" @change=${(/** @type {any} */ event) => this.changeLocale(event.target.value)}>
          <option value="en" lang="en" ?selected=${this.locale === "en"}>English</option>
          <option value="fr" lang="fr" ?selected=${this.locale === "fr"}>Français</option>
        </select>
      </div>
      <div>
        <label for="theme">${say("settings.theme")}</label>
        <select id="theme" @change=${(/** @type {any} */ event) => this.setTheme(event.target.value)}>
          ${THEMES.map((theme) => html`<option value=${theme} ?selected=${this.theme === theme}>${say(`settings.theme.${theme}`)}</option>`)}
        </select>
      </div>
      ${this.me ? html`<button type="button" @click=${this.leave}>${say("settings.sign_out")}</button>` : nothing}`;
  }

  /** @param {PageName} page */
  renderPage(page) {
    const { label, day, item = "" } = this.route;
    const community = this.me?.community ?? "";
    const roles = this.me?.roles ?? [];
    switch (page) {
      case "bill":
        return html`<partage-my-bill .label=${label}></partage-my-bill>`;
      case "energy":
        return html`<partage-my-energy .community=${community} .participant=${this.me?.participant ?? ""} .label=${label} .day=${day}></partage-my-energy>`;
      case "forecasts":
        return html`<partage-forecasts .community=${community} .participant=${this.me?.participant ?? ""} .subject=${label} .target=${item} .allowed=${Boolean(this.me?.participant) || roles.includes("operator")}></partage-forecasts>`;
      case "operator":
        return html`<partage-operator .community=${community} .label=${label} .item=${item} .allowed=${roles.includes("operator")}></partage-operator>`;
      case "grid":
        return html`<partage-grid .community=${community} .network=${label} .view=${item} .element=${this.route.element ?? ""} .allowed=${roles.includes("operator")}></partage-grid>`;
      case "provider":
        return html`<partage-provider .community=${community} .label=${label} .item=${item} .allowed=${roles.includes("provider")}></partage-provider>`;
      case "readings":
        return html`<partage-readings .community=${community} .allowed=${roles.includes("provider") || roles.includes("operator")}></partage-readings>`;
      case "governance":
        if (label === "new") return html`<partage-compose .me=${this.me}></partage-compose>`;
        return label ? html`<partage-proposal .me=${this.me} .proposalId=${label}></partage-proposal>` : html`<partage-governance .me=${this.me}></partage-governance>`;
      case "disputes":
        if (label === "new") return html`<partage-case-opening .me=${this.me} .label=${item}></partage-case-opening>`;
        if (label === "doubt") return html`<partage-doubt .me=${this.me} .item=${item}></partage-doubt>`;
        return label ? html`<partage-case .me=${this.me} .caseId=${label}></partage-case>` : html`<partage-disputes .me=${this.me}></partage-disputes>`;
      case "account":
        return html`<partage-account .me=${this.me} .section=${label}></partage-account>`;
      case "verify":
        return html`<partage-verify></partage-verify>`;
      case "sign-in":
        return html`<partage-sign-in .ended=${this.ended}></partage-sign-in>`;
      default:
        return html`<partage-community .community=${label || this.me?.community || ""} .signedIn=${this.me !== null}></partage-community>`;
    }
  }
}

customElements.define("partage-app", AppShell);
