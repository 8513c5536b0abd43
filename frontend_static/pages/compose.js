/** A proposal in the making: what to change, what it would have done, why; then it is signed. */
import { css, html, nothing } from "../vendor/lit.js";
import { askRehearsal, beginRehearsal, cancelRehearsal, propose, writeDraft } from "../data/governance.js";
import { actionOf, askedOf } from "../domain/matters.js";
import { hashWords } from "../domain/proposals.js";
import { writeRoute } from "../domain/routes.js";
import { changedTables, draftOf, tablesOf } from "../domain/rule_draft.js";
import { findFaults } from "../domain/rule_faults.js";
import { findDifference } from "../domain/rule_struct.js";
import { TypedDataError } from "../domain/typed_data.js";
import { say } from "../i18n/words.js";
import "../components/difference_list.js";
import { GoverningPage, governingStyles } from "../components/governing_page.js";
import { icon } from "../components/icons.js";
import "../components/matter_form.js";
import "../components/rehearsal_result.js";
import "../components/rule_editor.js";
import { sharedStyles } from "../components/shared_styles.js";

const KINDS = ["rule", "weights", "revocation", "guardians", "steward"];
const TEXT_MAX = 4000; // characters
const MONTHS = [1, 3, 6, 12];
const POLL_MILLISECONDS = 700;

export class Compose extends GoverningPage {
  static properties = {
    kind: { state: true },
    draft: { state: true },
    matter: { state: true },
    tried: { state: true },
    rehearsal: { state: true },
    months: { state: true },
    text: { state: true },
    written: { state: true },
  };

  static styles = [
    sharedStyles,
    governingStyles,
    css`
      textarea {
        min-height: 132px;
        resize: vertical;
      }

      progress {
        width: 100%;
        height: 10px;
        accent-color: var(--brand);
      }

      .months {
        width: auto;
      }
    `,
  ];

  constructor() {
    super();
    this.kind = "rule";
    /** @type {import("../domain/rule_draft.js").Draft | null} */
    this.draft = null;
    /** @type {import("../domain/rule_draft.js").Draft | null} */
    this.today = null;
    /** @type {Record<string, any>} */
    this.matter = {};
    /** Faults are shown once somebody went on. */
    this.tried = false;
    /** @type {import("../data/governance.js").Rehearsal | null} */
    this.rehearsal = null;
    /** The tables that were rehearsed, as text. */
    this.rehearsed = "";
    this.months = 12;
    this.text = "";
    /** @type {import("../data/governance.js").Draft | null} */
    this.written = null;
  }

  async fetch() {
    if (!this.form) return;
    this.today = draftOf(this.form.rules);
    this.draft ??= draftOf(this.form.rules);
  }

  get faults() {
    return this.draft ? findFaults(this.draft, this.points, this.minutes) : [];
  }

  get tables() {
    return this.draft && this.today ? changedTables(this.draft, this.today, this.points) : {};
  }

  /** The rehearsal is of what the form says now. */
  get isRehearsed() {
    return this.rehearsal?.state === "done" && this.rehearsed === JSON.stringify(this.tables);
  }

  /** @returns {Promise<boolean>} Whether the form says a rule that differs; else what is wrong is shown, and led to. */
  async check() {
    this.tried = true;
    this.fault = "";
    await this.updateComplete;
    if (this.kind === "rule" && this.faults.length > 0) {
      this.fault = say("compose.faults", { count: this.faults.length });
      await this.focusFault();
      return false;
    }
    if (this.kind === "rule" && Object.keys(this.tables).length === 0) {
      this.fault = say("compose.same");
      return false;
    }
    return true;
  }

  async focusFault() {
    const editor = /** @type {any} */ (this.renderRoot.querySelector("partage-rule-editor"));
    await editor?.updateComplete;
    for (const part of editor?.renderRoot.querySelectorAll("details partage-key-editor, details partage-tariff-editor, details partage-limits-editor") ?? []) {
      await part.updateComplete;
      const field = part.renderRoot.querySelector('[aria-invalid="true"], .wrong');
      if (!field) continue;
      part.closest("details").open = true;
      field.scrollIntoView({ block: "center" });
      field.focus?.();
      return;
    }
  }

  rehearse() {
    return this.attempt(async () => {
      if (!(await this.check())) return null;
      const { tables } = this;
      this.rehearsed = JSON.stringify(tables);
      const { id } = await beginRehearsal(this.community, tables, this.months);
      do {
        this.rehearsal = await askRehearsal(this.community, id);
        if (!["waiting", "running"].includes(this.rehearsal.state)) return null;
        await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
      } while (this.isConnected);
      return null;
    });
  }

  async stop() {
    const { rehearsal } = this;
    if (rehearsal) await cancelRehearsal(this.community, rehearsal.id).catch(() => undefined);
  }

  write() {
    return this.attempt(async () => {
      if (!(await this.check())) return null;
      const asked = this.kind === "rule" ? { asked: { rules: this.tables } } : askedOf(this.kind, this.matter, this.held);
      if ("fault" in asked) {
        this.fault = say(asked.fault);
        return null;
      }
      if (!this.text.trim()) {
        this.fault = say("compose.text.missing");
        /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#text"))?.focus();
        return null;
      }
      const rehearsal = this.kind === "rule" && this.isRehearsed ? (this.rehearsal?.id ?? "") : "";
      this.written = await writeDraft(this.community, { kind: this.kind, ...asked.asked, text: this.text, rehearsal: rehearsal || null });
      await this.updateComplete;
      this.renderRoot.querySelector("#written")?.scrollIntoView({ block: "start" });
      /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#written"))?.focus({ preventScroll: true });
      return null;
    });
  }

  sendIn() {
    return this.attempt(async () => {
      const { written } = this;
      if (!written) return null;
      if (written.text !== this.text.trim() || hashWords(written.salt, written.text) !== written.text_hash) throw new TypedDataError("the words are others");
      const message = { community: this.governance?.anchor, member: this.account, text: written.text_hash, rehearsal: written.rehearsal_hash };
      const due = { message, lead: say("compose.sign.lead") };
      const signed = await (this.kind === "rule" ? this.signRule(written, due) : this.signMatter(written, due));
      if (!signed) return null;
      const proposal = await propose(this.community, { draft: written.draft, account: signed.address, signature: signed.signature });
      location.hash = writeRoute("governance", proposal.id);
      return null;
    });
  }

  /** @typedef {{message: Record<string, unknown>, lead: string}} Due */

  /** @param {import("../data/governance.js").Draft} written @param {Due} due */
  signRule({ typed_data: document }, due) {
    const { rule } = /** @type {any} */ (document.message);
    const other = this.draft ? findDifference(rule, tablesOf(this.draft, this.points), this.points) : "method";
    if (other) throw new TypedDataError(`the document's ${other} is not what the form says`);
    return this.sign(document, { type: "ProposeRule", ...due });
  }

  /** @param {import("../data/governance.js").Draft} written @param {Due} due */
  signMatter({ typed_data: document }, due) {
    const filled = askedOf(this.kind, this.matter, this.held);
    if ("fault" in filled) throw new TypedDataError("the form says nothing that could be signed");
    const kind = /** @type {import("../domain/calls.js").MatterKind} */ (this.kind);
    const asked = actionOf(kind, filled.asked, this.held, (participant) => this.people[participant] ?? participant);
    return this.sign(document, { type: "Propose", ...due, asked });
  }

  /** Seats that are held. */
  get held() {
    return (this.governance?.seats ?? []).filter(({ holder }) => holder);
  }

  render() {
    const { governance, form } = this;
    if (!governance || !form || !this.draft) return this.renderMissing(say("compose.title"), "loading.governance");
    if (!governance.open || !this.account) {
      return html`<div class="page">
        <h1>${say("compose.title")}</h1>
        <partage-notice kind="empty" .heading=${say("compose.no_seat.title")} .text=${say(governance.open ? "governance.unseated" : "governance.closed")}></partage-notice>
        <div><a class="button" href=${writeRoute("account", "keys")}>${say("governance.make_key")}</a></div>
      </div>`;
    }
    return html`<div class="page">
      <header class="stack">
        <p class="small"><a href=${writeRoute("governance")}>${say("proposal.back")}</a></p>
        <h1>${say("compose.title")}</h1>
        <p class="soft">${say("compose.lead")}</p>
      </header>
      ${this.renderWhat()} ${this.kind === "rule" ? this.renderRehearse() : nothing} ${this.renderWhy()} ${this.written ? this.renderWritten() : nothing}
      ${this.renderOutcome()}
    </div>`;
  }

  renderWhat() {
    return html`<section class="card">
      <h2>${say("compose.what")}</h2>
      <div>
        <label for="kind">${say("compose.kind")}</label>
        <select id="kind" @change=${(/** @type {any} */ event) => this.choose({ kind: event.target.value, matter: {} })}>
          ${KINDS.map((kind) => html`<option value=${kind} ?selected=${kind === this.kind}>${say(`proposal.kind.${kind}`)}</option>`)}
        </select>
      </div>
      ${this.kind === "rule"
        ? html`<partage-rule-editor
            .draft=${this.draft}
            .today=${this.today}
            .points=${this.points}
            .minutes=${this.minutes}
            .faults=${this.tried ? this.faults : []}
            @draft=${(/** @type {CustomEvent} */ event) => this.choose({ draft: event.detail })}
          ></partage-rule-editor>`
        : html`<partage-matter-form
            .kind=${this.kind}
            .seats=${this.held}
            .people=${this.people}
            .guardians=${this.governance?.guardians ?? []}
            .matter=${this.matter}
            @matter=${(/** @type {CustomEvent} */ event) => this.choose({ matter: event.detail })}
          ></partage-matter-form>`}
    </section>`;
  }

  /** What is proposed has changed: a draft that was written is of something else. @param {Partial<Compose>} change */
  choose(change) {
    Object.assign(this, change);
    this.written = null;
  }

  renderRehearse() {
    const running = ["waiting", "running"].includes(this.rehearsal?.state ?? "");
    const { rehearsal } = this;
    return html`<section class="card">
      <h2>${say("rehearsal.title")}</h2>
      <p class="soft">${say("compose.rehearse.lead")}</p>
      <div class="row">
        <div>
          <label class="hidden" for="months">${say("compose.months")}</label>
          <select class="months" id="months" @change=${(/** @type {any} */ event) => (this.months = Number(event.target.value))}>
            ${MONTHS.map((count) => html`<option value=${count} ?selected=${count === this.months}>${say(count === 1 ? "compose.months.one" : "compose.months.count", { count })}</option>`)}
          </select>
        </div>
        ${running ? html`<button type="button" @click=${this.stop}>${say("file.stop")}</button>` : html`<button type="button" class="primary" ?disabled=${this.working} @click=${this.rehearse}>${icon("energy")}${say("compose.rehearse")}</button>`}
      </div>
      ${running ? html`<div role="status"><progress max="1" .value=${rehearsal?.progress ?? 0} aria-label=${say("compose.rehearsing")}></progress><p class="small soft">${say("compose.rehearsing")}</p></div>` : nothing}
      ${rehearsal?.state === "failed" ? html`<p class="fault" role="alert">${icon("voided")}<span>${rehearsal.problem || say("rehearsal.missing")}</span></p>` : nothing}
      ${rehearsal?.state === "cancelled" ? html`<p class="soft">${say("compose.rehearsal.stopped")}</p>` : nothing}
      ${rehearsal?.state === "done" && rehearsal.public
        ? html`${this.isRehearsed ? nothing : html`<p class="fault">${icon("contestable")}<span>${say("compose.rehearsal.stale")}</span></p>`}
            <partage-rehearsal-result .result=${rehearsal.public} .own=${rehearsal.mine}></partage-rehearsal-result>`
        : nothing}
    </section>`;
  }

  renderWhy() {
    return html`<section class="card">
      <h2>${say("proposal.why")}</h2>
      <div>
        <label for="text">${say("compose.text")}</label>
        <textarea id="text" maxlength=${TEXT_MAX} aria-describedby="text-hint" .value=${this.text} @input=${(/** @type {any} */ event) => this.choose({ text: event.target.value })}></textarea>
        <p class="small soft" id="text-hint">${say("compose.text.hint")}</p>
      </div>
      <div><button type="button" class=${this.written ? "" : "primary"} ?disabled=${this.working} @click=${this.write}>${say("compose.look")}</button></div>
    </section>`;
  }

  renderWritten() {
    const { written } = this;
    if (!written) return nothing;
    return html`<section class="card">
      <h2 id="written" tabindex="-1">${say("compose.written")}</h2>
      <partage-difference-list .differences=${written.differences} .names=${this.names}></partage-difference-list>
      ${this.kind === "rule" && !written.rehearsal ? html`<p class="soft">${say("compose.unrehearsed")}</p>` : nothing}
      <p class="small soft">${say("compose.public")}</p>
      <div><button type="button" class="primary" ?disabled=${this.working} @click=${this.sendIn}>${icon("pen")}${say("compose.sign")}</button></div>
    </section>`;
  }
}

customElements.define("partage-compose", Compose);
