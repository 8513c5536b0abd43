/** Disputes: one's cases, how a case goes, the way to open one; results that were refuted; what members ask the arbiter. */
import { html, nothing } from "../vendor/lit.js";
import { askCases } from "../data/cases.js";
import { answerQuestion, askContests, askQuestions } from "../data/contests.js";
import { sortCases } from "../domain/cases.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/case_card.js";
import { CasePage, caseStyles } from "../components/case_page.js";
import "../components/contest_list.js";
import "../components/contest_question.js";
import { governingStyles } from "../components/governing_page.js";
import { icon } from "../components/icons.js";
import { sharedStyles } from "../components/shared_styles.js";

export class Disputes extends CasePage {
  static properties = { cases: { state: true }, contests: { state: true }, questions: { state: true } };

  static styles = [sharedStyles, governingStyles, caseStyles];

  constructor() {
    super();
    /** @type {import("../domain/cases.js").Case[]} */
    this.cases = [];
    /** @type {import("../domain/contests.js").Told[]} */
    this.contests = [];
    /** @type {import("../domain/contests.js").Question[]} */
    this.questions = [];
  }

  get arbitrates() {
    return this.me.roles.includes("arbiter");
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const [cases, contests, questions] = await Promise.all([askCases(signal), askContests(this.community, signal), this.arbitrates ? askQuestions(this.community, signal) : []]);
    this.cases = cases;
    this.contests = contests;
    this.questions = questions;
  }

  /** @param {string} id @param {{advice: "contest" | "leave", text: string}} advice */
  answer(id, advice) {
    return this.attempt(async () => {
      await answerQuestion(this.community, id, advice);
      await this.load();
      return "contest.answered";
    });
  }

  render() {
    if (!this.loaded) return this.renderMissing(say("disputes.title"), "loading.disputes");
    const { open, past } = sortCases(this.cases);
    const cards = (/** @type {typeof open} */ cases) =>
      cases.map((found) => html`<partage-case-card .case=${found} .zone=${this.zone} .name=${this.people[found.participant] ?? ""} @passed=${this.retry}></partage-case-card>`);
    return html`<div class="page">
      <header class="stack">
        <div class="row spread">
          <h1>${say("disputes.title")}</h1>
          ${this.me.participant
            ? html`<div class="actions">
                <a class="button" href=${writeRoute("disputes", "new")}>${icon("plus")}${say("disputes.open")}</a>
                <a class="button" href=${writeRoute("disputes", "doubt")}>${icon("eye")}${say("disputes.doubt")}</a>
              </div>`
            : nothing}
        </div>
        <p class="soft">${say("disputes.lead")}</p>
      </header>
      <section class="stack" aria-labelledby="open">
        <h2 id="open">${say("disputes.current")}</h2>
        ${open.length > 0 ? cards(open) : html`<p class="soft">${say(this.me.participant ? "disputes.none" : "disputes.none.role")}</p>`}
      </section>
      ${past.length > 0 ? html`<section class="stack" aria-labelledby="past"><h2 id="past">${say("disputes.past")}</h2>${cards(past)}</section>` : nothing}
      ${this.arbitrates ? this.renderQuestions() : nothing}
      <section class="card">
        <h2>${say("contests.title")}</h2>
        <p class="small soft">${say("contests.lead")}</p>
        <partage-contest-list .contests=${this.contests}></partage-contest-list>
      </section>
      <section class="card">
        <h2>${say("disputes.how")}</h2>
        <ol class="steps">${[1, 2, 3, 4, 5].map((step) => html`<li>${say(`disputes.step.${step}`)}</li>`)}</ol>
        <p class="small soft">${say("disputes.private")}</p>
      </section>
      ${this.renderOutcome()}
    </div>`;
  }

  renderQuestions() {
    return html`<section class="stack" aria-labelledby="questions">
      <h2 id="questions">${say("contests.questions")}</h2>
      ${this.questions.length > 0
        ? this.questions.map(
            (question) => html`<partage-contest-question .question=${question} .zone=${this.zone} ?working=${this.working} @answer=${(/** @type {CustomEvent} */ event) => this.answer(question.id, event.detail)}></partage-contest-question>`,
          )
        : html`<p class="soft">${say("contests.questions.none")}</p>`}
    </section>`;
  }
}

customElements.define("partage-disputes", Disputes);
