/**
 * What a look found: what would be proved, what everyone would see for ever; the way to the arbiter, and to the contest. Events: `ask` (the
 * question), `agree` (nothing).
 */
import { css, html, nothing } from "../vendor/lit.js";
import { hashLookWords, maySend, stateOfLook } from "../domain/contests.js";
import { formatInstant } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { draftStyles } from "./draft_part.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const TEXT_MAX = 4000; // characters

export class ContestLook extends Localized {
  static properties = { look: { attribute: false }, zone: {}, working: { type: Boolean }, text: { state: true }, agreed: { state: true }, wrong: { state: true } };

  static styles = [
    sharedStyles,
    draftStyles,
    css`
      .reveal {
        display: grid;
        gap: 8px;
        padding: 16px;
        border-radius: var(--radius-small);
        background: var(--contestable-wash);
        color: var(--contestable);
      }

      .reveal b {
        display: flex;
        gap: 8px;
        align-items: center;
      }

      .reveal ul {
        padding-left: 20px;
        list-style: disc;
      }

      .step {
        display: grid;
        gap: 12px;
        padding-top: 16px;
        border-top: 1px solid var(--line);
        grid-template-columns: minmax(0, 1fr);
      }

      blockquote {
        margin: 0;
        padding-left: 16px;
        border-left: 3px solid var(--line-strong);
        white-space: pre-line;
        overflow-wrap: anywhere;
      }

      textarea {
        min-height: 96px;
        resize: vertical;
      }

      button.grave {
        border-color: var(--voided);
        background: var(--voided);
        color: var(--surface);
      }

      .fault {
        color: var(--voided);
      }

      .reason::first-letter {
        text-transform: uppercase;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/contests.js").Look | null} */
    this.look = null;
    this.zone = "UTC";
    this.working = false;
    this.text = "";
    this.agreed = false;
    /** @type {"" | "text" | "agreed"} */
    this.wrong = "";
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (changed.has("look") && changed.get("look")?.id !== this.look?.id) {
      this.text = this.wrong = "";
      this.agreed = false;
    }
  }

  /** @param {SubmitEvent} event */
  async ask(event) {
    event.preventDefault();
    this.wrong = this.text.trim() ? "" : "text";
    if (!this.wrong) this.dispatchEvent(new CustomEvent("ask", { detail: this.text.trim() }));
    await this.updateComplete;
    if (this.wrong) /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#text"))?.focus();
  }

  /** @param {SubmitEvent} event */
  async send(event) {
    event.preventDefault();
    this.wrong = this.agreed ? "" : "agreed";
    if (!this.wrong) this.dispatchEvent(new CustomEvent("agree"));
    await this.updateComplete;
    if (this.wrong) /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#agreed"))?.focus();
  }

  render() {
    const { look } = this;
    if (!look) return nothing;
    const words = look.words[this.locale];
    const state = stateOfLook(look);
    if (hashLookWords(look.words) !== look.words_hash) return html`<p class="fault" role="alert">${say("contest.words.differ")}</p>`;
    if (state === "nothing") return html`<p class="row" data-look="nothing">${icon("final")}<span>${words.reason}</span></p>`;
    return html`<p data-look=${state}>${say("contest.proves")} <b class="reason">${words.reason}.</b> ${words.outcome}</p>
      <div class="reveal" role="note">
        <b>${icon("eye")}<span>${say(look.sent_at ? "contest.shown" : "contest.shows")}</span></b>
        <ul>${words.shown.map((phrase) => html`<li>${phrase}</li>`)}</ul>
        ${look.sent_at ? nothing : html`<p>${words.warning} ${say("contest.warning")}</p>`}
      </div>
      ${look.shows_others ? html`<p>${say("contest.others")}</p>` : nothing} ${this.renderArbiter(look)} ${maySend(look) ? this.renderConsent(look) : nothing}
      ${look.consented_at ? html`<p class="small soft">${say("contest.consented", { when: formatInstant(look.consented_at, this.zone, this.locale) })}</p>` : nothing}`;
  }

  /** @param {import("../domain/contests.js").Look} look */
  renderArbiter({ question, answer, advice, sent_at: sent }) {
    if (!question && sent) return nothing;
    return html`<div class="step">
      <h3>${say("contest.ask.title")}</h3>
      ${question
        ? html`<blockquote>${question}</blockquote>
            ${answer ? html`<p data-advice=${advice}><b>${say(`contest.advice.${advice}`)}</b></p><blockquote>${answer}</blockquote>` : html`<p class="soft">${say("contest.asked")}</p>`}`
        : html`<p class="soft">${say("contest.ask.lead")}</p>
            <form class="stack" novalidate @submit=${this.ask}>
              <div>
                <label for="text">${say("contest.ask.text")}</label>
                <textarea id="text" maxlength=${TEXT_MAX} aria-invalid=${this.wrong === "text" ? "true" : "false"} .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)}></textarea>
                ${this.wrong === "text" ? html`<p class="wrong">${icon("voided", 16)}<span>${say("contest.ask.missing")}</span></p>` : nothing}
              </div>
              <div><button class="primary" ?disabled=${this.working}>${say("contest.ask.submit")}</button></div>
            </form>`}
    </div>`;
  }

  /** @param {import("../domain/contests.js").Look} look */
  renderConsent({ question, advice }) {
    const lead = advice === "leave" ? "contest.send.against" : question ? "contest.send.lead" : "contest.send.unasked";
    return html`<form class="step" novalidate @submit=${this.send}>
      <h3>${say("contest.send.title")}</h3>
      <p class="soft">${say(lead)}</p>
      <label class="check" for="agreed">
        <input id="agreed" type="checkbox" .checked=${this.agreed} aria-invalid=${this.wrong === "agreed" ? "true" : "false"} @change=${(/** @type {any} */ event) => (this.agreed = event.target.checked)} />
        <span>${say("contest.agree")}</span>
      </label>
      ${this.wrong === "agreed" ? html`<p class="wrong">${icon("voided", 16)}<span>${say("contest.agree.missing")}</span></p>` : nothing}
      <div><button class="grave" ?disabled=${this.working}>${icon("disputes")}${say(this.working ? "case.working" : "contest.send")}</button></div>
    </form>`;
  }
}

customElements.define("partage-contest-look", ContestLook);
