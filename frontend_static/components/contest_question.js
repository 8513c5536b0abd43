/** What a member asked the arbiter in confidence, and the form to answer. Event `answer`: `{advice, text}`. */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatInstant, formatLabel } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { draftStyles } from "./draft_part.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const ADVICE = /** @type {const} */ (["contest", "leave"]);

export class ContestQuestion extends Localized {
  static properties = { question: { attribute: false }, zone: {}, working: { type: Boolean }, advice: { state: true }, text: { state: true }, wrong: { state: true } };

  static styles = [
    sharedStyles,
    draftStyles,
    css`
      .card {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      blockquote {
        margin: 0;
        padding-left: 16px;
        border-left: 3px solid var(--line-strong);
        white-space: pre-line;
        overflow-wrap: anywhere;
      }

      ul {
        padding-left: 20px;
        list-style: disc;
      }

      .check input {
        border-radius: 50%;
      }

      .reason::first-letter {
        text-transform: uppercase;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/contests.js").Question | null} */
    this.question = null;
    this.zone = "UTC";
    this.working = false;
    this.advice = "";
    this.text = "";
    this.wrong = false;
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    this.wrong = !this.advice || !this.text.trim();
    if (!this.wrong) this.dispatchEvent(new CustomEvent("answer", { detail: { advice: this.advice, text: this.text.trim() } }));
    await this.updateComplete;
    if (this.wrong) /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(this.advice ? "textarea" : "input"))?.focus();
  }

  render() {
    const asked = this.question;
    if (!asked) return nothing;
    const { reason, shown } = asked.words[this.locale];
    const when = stampsOf(this.zone, this.locale)(Date.parse(asked.start) / 1000);
    return html`<article class="card" data-question=${asked.id}>
      <div class="row spread">
        <h3>${say("contest.question.of", { name: asked.participant, period: formatLabel(asked.label, this.locale), version: asked.version })}</h3>
        <span class="small soft">${formatInstant(asked.asked_at ?? asked.looked_at, this.zone, this.locale)}</span>
      </div>
      <p class="small soft">${say("contest.question.at", { point: asked.metering_point, when })}</p>
      <blockquote>${asked.question}</blockquote>
      <p class="reason">${reason}${asked.contest ? "." : ""}</p>
      ${shown.length > 0 ? html`<div class="small"><p>${say("contest.shows")}</p><ul>${shown.map((phrase) => html`<li>${phrase}</li>`)}</ul></div>` : nothing}
      ${asked.advice ? html`<p data-advice=${asked.advice}><b>${say(`contest.advice.${asked.advice}`)}</b></p><blockquote>${asked.answer}</blockquote>` : this.renderForm(asked.id)}
    </article>`;
  }

  /** @param {string} id */
  renderForm(id) {
    return html`<form class="stack" novalidate @submit=${this.submit}>
      <fieldset>
        <legend>${say("contest.answer.advice")}</legend>
        ${ADVICE.map(
          (advice) => html`<label class="check" for="${advice}-${id}">
            <input type="radio" id="${advice}-${id}" name="advice" .checked=${advice === this.advice} @change=${() => (this.advice = advice)} />
            <span>${say(`contest.answer.${advice}`)}</span>
          </label>`,
        )}
      </fieldset>
      <div>
        <label for="text-${id}">${say("contest.answer.text")}</label>
        <textarea id="text-${id}" maxlength="4000" aria-invalid=${this.wrong && !this.text.trim() ? "true" : "false"} .value=${this.text} @input=${(/** @type {any} */ event) => (this.text = event.target.value)}></textarea>
        ${this.wrong ? html`<p class="wrong">${icon("voided", 16)}<span>${say("contest.answer.missing")}</span></p>` : nothing}
      </div>
      <div><button class="primary" ?disabled=${this.working}>${say("contest.answer.submit")}</button></div>
    </form>`;
  }
}

customElements.define("partage-contest-question", ContestQuestion);
