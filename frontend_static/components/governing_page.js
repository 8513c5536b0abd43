/** The base of the pages on which a community decides: what governs, who is who, signing, and what went wrong. */
import { css, html, nothing } from "../vendor/lit.js";
import { Problem, ask } from "../data/api.js";
import { askGovernance, askRuleForm } from "../data/governance.js";
import { shortHash } from "../domain/figures.js";
import { actionFacts, factsOf, requireDocument } from "../domain/signing.js";
import { TypedDataError } from "../domain/typed_data.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { noticeOf } from "./notice.js";
import "./sign_sheet.js";

export const governingStyles = css`
  .page {
    display: grid;
    gap: 24px;
    grid-template-columns: minmax(0, 1fr);
    max-width: 880px;
  }

  section.card {
    display: grid;
    gap: 16px;
    grid-template-columns: minmax(0, 1fr);
  }

  .fault,
  .done {
    display: flex;
    gap: 8px;
    align-items: center;
    padding: 12px 16px;
    border-radius: var(--radius-small);
  }

  .fault {
    background: var(--voided-wash);
    color: var(--voided);
  }

  .done {
    background: var(--verified-wash);
    color: var(--verified);
  }

  .fault svg,
  .done svg {
    flex: none;
  }

  /* Neither takes room while it says nothing. */
  [role="status"]:not(:has(p)),
  partage-sign-sheet {
    position: absolute;
  }

  h1:focus,
  h1:focus-visible,
  h2:focus,
  h2:focus-visible {
    outline: none;
  }

  .steps {
    display: grid;
    gap: 8px;
    counter-reset: step;
  }

  .steps li {
    padding-left: 32px;
    position: relative;
    counter-increment: step;
  }

  .steps li::before {
    content: counter(step);
    position: absolute;
    left: 0;
    width: 22px;
    height: 22px;
    border-radius: 50%;
    background: var(--sunken);
    font-size: 13px;
    line-height: 22px;
    font-weight: 650;
    text-align: center;
  }
`;

export class GoverningPage extends Localized {
  /** @type {import("../vendor/lit.js").PropertyDeclarations} */
  static properties = {
    me: { attribute: false },
    loaded: { state: true },
    governance: { state: true },
    form: { state: true },
    zone: { state: true },
    error: { state: true },
    fault: { state: true },
    done: { state: true },
    working: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */
    this.me = null;
    /** @type {import("../data/governance.js").Governance | null} */
    this.governance = null;
    /** @type {import("../data/governance.js").RuleForm | null} */
    this.form = null;
    /** Whether there is something to show. */
    this.loaded = false;
    this.zone = "UTC";
    /** Per interval. */
    this.minutes = 15;
    /** Who may be named in the rules. @type {readonly import("../domain/rule_draft.js").Point[]} */
    this.points = [];
    /** @type {unknown} */
    this.error = null;
    this.fault = "";
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

  /** @returns {string} Id. */
  get community() {
    return this.me?.community ?? "";
  }

  /**
   * @param {AbortSignal} _signal
   * @returns {Promise<void>}
   */
  async fetch(_signal) {
    throw new Error("a page loads what it shows");
  }

  /**
   * What all that the page shows stands on.
   *
   * @param {AbortSignal} signal
   */
  async gather(signal) {
    const [governance, card, form] = await Promise.all([
      askGovernance(this.community, signal),
      ask(`/public/communities/${encodeURIComponent(this.community)}`, { signal }),
      askRuleForm(this.community, signal).catch(() => null), // names are then ids
    ]);
    if (signal.aborted) return;
    this.form = form;
    this.points = form?.points ?? [];
    this.minutes = card.resolution_minutes;
    this.zone = card.time_zone;
    this.governance = governance;
  }

  async load() {
    this.loading?.abort();
    const { signal } = (this.loading = new AbortController());
    this.error = null;
    try {
      await this.gather(signal);
      if (signal.aborted) return;
      await this.fetch(signal);
      if (!signal.aborted) this.loaded = true;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  /** Names of participants. @returns {Record<string, string>} */
  get people() {
    return Object.fromEntries(this.points.map(({ participant, name }) => [participant, name || participant]));
  }

  /** Names by what a difference is about: metering points, participants, accounts. @returns {Record<string, string>} */
  get names() {
    const seats = (this.governance?.seats ?? []).filter(({ holder }) => holder);
    const points = this.points.map(({ id, participant, name }) => [id, name || participant]);
    return Object.fromEntries([...points, ...Object.entries(this.people), ...seats.map(({ holder, participant }) => [String(holder), this.people[participant] ?? participant])]);
  }

  /** @param {string} address */
  nameAt(address) {
    const found = Object.entries(this.names).find(([known]) => known.toLowerCase() === address.toLowerCase());
    const name = found?.[1];
    return name ? `${name}, ${shortHash(address)}` : shortHash(address);
  }

  /** @returns {string} The account that holds the caller's seat; empty where there is none. */
  get account() {
    return this.governance?.me.account ?? "";
  }

  /**
   * Show what is signed and have it signed by the seat's key.
   *
   * @param {import("../domain/typed_data.js").TypedDocument} document
   * @param {{type: string | string[], message?: Record<string, unknown>, lead: string, facts?: [string, string][],
   *   asked?: import("../domain/signing.js").Asked}} due `asked` of a proposal that is no rule.
   * @returns {Promise<import("./sign_sheet.js").Signed | null>}
   */
  async sign(document, { type, message = {}, lead, facts = [], asked }) {
    const { governance } = this;
    requireDocument(document, { type, chainId: governance?.chain_id ?? 0, contract: governance?.governor ?? "", message });
    const around = { locale: this.locale, say, zone: this.zone, name: (/** @type {string} */ address) => this.nameAt(address) };
    const action = asked ? actionFacts(document, governance?.anchor ?? "", asked, around) : [];
    const told = [...action, ...factsOf(document, around)];
    const sheet = /** @type {import("./sign_sheet.js").SignSheet} */ (this.renderRoot.querySelector("partage-sign-sheet"));
    return sheet.ask({ title: say("sign.title"), lead, facts: [...facts, ...told], accounts: [this.account], owner: this.me.login, document });
  }

  /**
   * Do one thing at a time, and say how it went.
   *
   * @param {() => Promise<string | null>} work Gives the key of what to say; null where nothing was done.
   */
  async attempt(work) {
    if (this.working) return;
    this.working = true;
    this.fault = this.done = "";
    try {
      const done = await work();
      if (done) this.done = say(done);
    } catch (error) {
      this.fault = this.explain(error);
    } finally {
      this.working = false;
    }
  }

  /** @param {unknown} error */
  explain(error) {
    if (error instanceof TypedDataError) return say("governance.other_document");
    if (!(error instanceof Problem)) return say("error.other", { status: -1 });
    const known = /** @type {Readonly<Record<number, string>>} */ ({ 0: "error.offline", 403: "error.forbidden", 429: "sign_in.too_many", 503: "error.busy" });
    return known[error.status] ? say(known[error.status] ?? "") : error.message || say("error.other", { status: error.status });
  }

  /** What the last thing that was asked for came to. */
  renderOutcome() {
    return html`<div role="status">${this.done ? html`<p class="done">${icon("final")}<span>${this.done}</span></p>` : nothing}</div>
      ${this.fault ? html`<p class="fault" role="alert">${icon("voided")}<span>${this.fault}</span></p>` : nothing}
      <partage-sign-sheet></partage-sign-sheet>`;
  }

  /**
   * @param {string} title
   * @param {string} loading Key of what is loaded.
   */
  renderMissing(title, loading) {
    if (this.error) return html`<div class="page"><h1>${title}</h1>${noticeOf(this.error, this.retry)}</div>`;
    return html`<partage-notice kind="loading" .heading=${say(loading)}></partage-notice>`;
  }
}
