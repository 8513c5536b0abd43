/** The base of the parts of the account page: loads by itself, says what went wrong in place, does one thing at a time. */
import { css, html, nothing } from "../vendor/lit.js";
import { Problem } from "../data/api.js";
import { hasWords, say } from "../i18n/words.js";
import { Declined } from "../wallet/passkeys.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { noticeOf } from "./notice.js";

export const partStyles = css`
  section {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
  }

  /* Neither takes room while it says nothing. */
  [role="status"]:not(:has(p)),
  partage-sign-sheet {
    position: absolute;
  }

  .items > li {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 16px;
    align-items: center;
    justify-content: space-between;
    padding: 12px 0;
    border-bottom: 1px solid var(--line);
  }

  .items > li > div:first-child {
    flex: 1 1 220px;
    min-width: 0;
    overflow-wrap: anywhere;
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

  .done {
    padding: 12px 16px;
    border-radius: var(--radius-small);
    background: var(--verified-wash);
    color: var(--verified);
  }

  .fault svg {
    flex: none;
  }

  form {
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
    max-width: 480px;
  }

  form > button,
  .actions {
    justify-self: start;
  }
`;

export class AccountPart extends Localized {
  /** @type {import("../vendor/lit.js").PropertyDeclarations} */
  static properties = {
    me: { attribute: false },
    zone: {},
    loaded: { state: true },
    error: { state: true },
    fault: { state: true },
    done: { state: true },
    working: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */
    this.me = null;
    this.zone = "UTC";
    this.loaded = false;
    /** Why nothing could be loaded. @type {unknown} */
    this.error = null;
    /** What went wrong with the last thing that was asked for, in words. */
    this.fault = "";
    /** What was done last, in words. */
    this.done = "";
    this.working = false;
    this.retry = () => void this.load();
    /** @type {AbortController | null} */
    this.loading = null;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.load();
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @returns {string} Key of the heading's words. */
  get heading() {
    throw new Error("a part names itself");
  }

  /**
   * @param {AbortSignal} _signal
   * @returns {Promise<void>}
   */
  async fetch(_signal) {
    throw new Error("a part loads what it shows");
  }

  async load() {
    this.loading?.abort();
    const { signal } = (this.loading = new AbortController());
    this.error = null;
    try {
      await this.fetch(signal);
      if (!signal.aborted) this.loaded = true;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  /**
   * Do something, then load again.
   *
   * @param {() => Promise<string | null>} work Gives the key of what to say; null where nothing was done.
   * @param {Readonly<Record<number, string>>} [faults] Keys of words by HTTP status.
   */
  async attempt(work, faults = {}) {
    if (this.working) return;
    this.working = true;
    this.fault = this.done = "";
    try {
      const done = await work();
      if (done !== null) {
        await this.load();
        this.done = done && say(done);
      }
    } catch (error) {
      this.fault = this.explain(error, faults);
    } finally {
      this.working = false;
    }
  }

  /**
   * @param {unknown} error
   * @param {Readonly<Record<number, string>>} faults
   */
  explain(error, faults) {
    if (error instanceof Declined) return say("sign.declined");
    const status = error instanceof Problem ? error.status : -1;
    const known = faults[status];
    if (known) return hasWords(known) ? say(known) : known;
    const general = /** @type {Readonly<Record<number, string>>} */ ({ 0: "error.offline", 403: "error.forbidden", 429: "sign_in.too_many", 503: "error.busy" });
    if (general[status]) return say(general[status] ?? "");
    return error instanceof Problem && error.message ? error.message : say("error.other", { status });
  }

  render() {
    return html`<section class="card" aria-labelledby="heading">
      <h2 id="heading" tabindex="-1">${say(this.heading)}</h2>
      ${this.error ? noticeOf(this.error, this.retry) : this.loaded ? this.renderPart() : html`<partage-notice kind="loading"></partage-notice>`}
      <div role="status">${this.done ? html`<p class="done">${this.done}</p>` : nothing}</div>
      ${this.fault ? html`<p class="fault" role="alert">${icon("voided")}<span>${this.fault}</span></p>` : nothing}
    </section>`;
  }

  /** @returns {unknown} */
  renderPart() {
    return nothing;
  }
}
