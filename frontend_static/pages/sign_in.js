/** Sign-in; and what can be seen without. Event `signed-in`: the user. */
import { css, html, nothing } from "../vendor/lit.js";
import { Problem, ask } from "../data/api.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { icon } from "../components/icons.js";
import { Localized } from "../components/localized.js";
import { sharedStyles } from "../components/shared_styles.js";

export class SignIn extends Localized {
  static properties = { ended: { type: Boolean }, fault: { state: true }, working: { state: true } };

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
      const { user } = await ask("/session", { method: "POST", body: { login, password } });
      this.dispatchEvent(new CustomEvent("signed-in", { detail: user }));
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
      </form>
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
