/** One proposal: what would change, why, what it would have done, how the vote stands; one's own vote. */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { advance, askProposal, askRehearsal, vote, withdraw } from "../data/governance.js";
import { readProposal } from "../data/proposal_chain.js";
import { formatDay, formatInstant } from "../domain/figures.js";
import { checkProposal } from "../domain/proposal_check.js";
import { hashWords } from "../domain/proposals.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/ballot_bar.js";
import "../components/difference_list.js";
import { GoverningPage, governingStyles } from "../components/governing_page.js";
import { icon } from "../components/icons.js";
import { renderTime, titleOf } from "../components/proposal_card.js";
import "../components/proposal_seal.js";
import "../components/proposal_state.js";
import "../components/rehearsal_result.js";
import { sharedStyles } from "../components/shared_styles.js";

/** @typedef {import("../data/governance.js").Proposal} ProposalView */

const SUPPORTS = /** @type {const} */ (["for", "against", "abstain"]);
const DAY_MILLISECONDS = 86_400_000;
const LATER_MILLISECONDS = 8000;
const NUMBERS = { against: 0, for: 1, abstain: 2 };

export class Proposal extends GoverningPage {
  static properties = { proposalId: {}, proposal: { state: true }, rehearsal: { state: true }, seal: { state: true }, phase: { state: true } };

  static styles = [
    sharedStyles,
    governingStyles,
    css`
      blockquote {
        margin: 0;
        padding-left: 16px;
        border-left: 3px solid var(--line-strong);
        white-space: pre-line;
        overflow-wrap: anywhere;
      }

      .votes {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 12px;
      }

      .votes button {
        min-height: 56px;
        font-size: 18px;
      }

      .votes .for svg {
        color: var(--flow-shared);
      }

      .votes .against svg {
        color: var(--voided);
      }

      .votes .abstain svg {
        color: var(--flow-grid);
      }

      .steps {
        display: grid;
        gap: 4px;
      }

      .steps li {
        display: grid;
        grid-template-columns: 24px minmax(0, 1fr) auto;
        gap: 8px;
        align-items: center;
        min-height: 32px;
      }

      .steps .past svg {
        color: var(--verified);
      }

      .steps .last {
        display: block;
      }

      .steps .last::first-letter {
        text-transform: uppercase;
      }

      .steps svg {
        color: var(--ink-soft);
      }

      @media (max-width: 479px) {
        .votes {
          grid-template-columns: minmax(0, 1fr);
        }

        .steps li {
          grid-template-columns: 24px minmax(0, 1fr);
        }

        .steps li > :last-child {
          grid-column: 2;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.proposalId = "";
    /** @type {ProposalView | null} */
    this.proposal = null;
    /** @type {import("../data/governance.js").Rehearsal | null} */
    this.rehearsal = null;
    /** What the chain was found to say. @type {{found: import("../domain/proposal_check.js").Found, block: number} | null} */
    this.seal = null;
    /** @type {import("../components/proposal_seal.js").Phase} */
    this.phase = "checking";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.later = undefined;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("proposalId") && changed.get("proposalId")) void this.load();
  }

  disconnectedCallback() {
    clearTimeout(this.later);
    super.disconnectedCallback();
  }

  /** Votes that wait for their batch are looked for again. */
  updated() {
    clearTimeout(this.later);
    if (this.proposal?.waiting) this.later = setTimeout(this.retry, LATER_MILLISECONDS);
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const proposal = await askProposal(this.community, this.proposalId, signal);
    const rehearsal = proposal.rehearsal ? await askRehearsal(this.community, proposal.rehearsal, signal).catch(() => null) : null;
    if (signal.aborted) return;
    this.rehearsal = rehearsal;
    this.proposal = proposal;
    void this.hold(proposal, signal);
  }

  /**
   * Hold what is shown against the chain.
   *
   * @param {ProposalView} proposal
   * @param {AbortSignal} signal
   */
  async hold(proposal, signal) {
    const { governance } = this;
    if (!governance?.governor) return;
    if (this.phase === "unreachable") this.phase = "checking";
    try {
      const deployment = await ask("/public/deployment", { signal });
      const about = { anchor: governance.anchor, governor: governance.governor, id: proposal.id, account: this.account };
      const told = await readProposal(deployment, about, signal);
      const links = this.form?.rules["sharing_key"]?.links ?? null;
      const terms = this.form ? (this.form.rules["conformity"]?.rules ?? {}) : null;
      const around = { community: governance.anchor, contracts: deployment.contracts, points: this.points, seats: governance.seats, participant: this.me.participant ?? "", links, terms };
      const found = checkProposal(proposal, told, around);
      if (signal.aborted) return;
      this.seal = { found, block: told.block };
      this.phase = found.differing.length > 0 ? "failed" : "ok";
    } catch {
      if (!signal.aborted) this.phase = "unreachable";
    }
  }

  /** @param {"for" | "against" | "abstain"} support */
  castVote(support) {
    return this.attempt(async () => {
      const { proposal } = this;
      const document = proposal?.vote_documents?.[support];
      if (!proposal || !document) return null;
      const message = { proposalId: proposal.id, support: NUMBERS[support] };
      const about = /** @type {[string, string]} */ ([say("vote.about"), titleOf(proposal, this.locale, (point) => this.names[point] ?? point)]);
      const signed = await this.sign(document, { type: "Vote", message, lead: say("vote.lead"), facts: [about] });
      if (!signed) return null;
      await vote(this.community, proposal.id, { support, account: signed.address, signature: signed.signature });
      await this.load();
      return "vote.cast";
    });
  }

  takeBack() {
    return this.attempt(async () => {
      const { proposal } = this;
      if (!proposal?.withdrawal_document) return null;
      const signed = await this.sign(proposal.withdrawal_document, { type: "Withdraw", message: { proposalId: proposal.id }, lead: say("proposal.withdraw.lead") });
      if (!signed) return null;
      await withdraw(this.community, proposal.id, { signature: signed.signature });
      await this.load();
      return "proposal.withdrawn";
    });
  }

  advance() {
    return this.attempt(async () => {
      const { proposal } = this;
      if (!proposal) return null;
      const executing = proposal.due === "execute";
      await advance(this.community, proposal.id);
      await this.load();
      return executing ? "proposal.executed" : "proposal.queued";
    });
  }

  render() {
    const { proposal, governance } = this;
    const back = html`<a href=${writeRoute("governance")}>${say("proposal.back")}</a>`;
    if (!proposal || !governance || this.error) return html`${this.renderMissing(say("governance.title"), "loading.proposal")}`;
    return html`<div class="page">
      <header class="stack">
        <p class="small">${back}</p>
        <h1 tabindex="-1">${titleOf(proposal, this.locale, (point) => this.names[point] ?? point)}</h1>
        <div class="row">
          <partage-proposal-state .state=${proposal.state}></partage-proposal-state>
          ${renderTime(proposal, this.zone, this.retry)}
        </div>
      </header>
      ${this.renderVote(proposal)} ${this.renderChange(proposal)} ${this.renderText(proposal)} ${this.renderRehearsal(proposal)} ${this.renderSeal(proposal)} ${this.renderCourse(proposal)}
      ${this.renderOutcome()}
    </div>`;
  }

  /** @param {ProposalView} proposal */
  renderVote(proposal) {
    const { state, tally, total, quorum, my_vote: mine, waiting } = proposal;
    if (state === "pending") return nothing;
    // What differs from the chain is not voted on; what is not yet held against it, not yet.
    const may = state === "active" && !mine && this.account !== "" && ["ok", "unreachable"].includes(this.phase);
    return html`<section class="card">
      <h2>${say(state === "active" ? "vote.title" : "vote.result")}</h2>
      <partage-ballot-bar .tally=${tally} .total=${total} .quorum=${quorum}></partage-ballot-bar>
      ${waiting > 0 ? html`<p class="small soft">${say("vote.waiting", { count: waiting })}</p>` : nothing}
      ${mine ? html`<p class="done">${icon(mine.support ?? "final")}<span>${mine.support ? say("vote.mine", { vote: say(`ballot.${mine.support}`) }) : say("vote.mine.unknown")} ${mine.sent ? nothing : say("vote.mine.unsent")}</span></p>` : nothing}
      ${may
        ? html`<div class="votes" role="group" aria-label=${say("vote.title")}>
              ${SUPPORTS.map((support) => html`<button type="button" class=${support} ?disabled=${this.working} @click=${() => this.castVote(support)}>${icon(support)}${say(`ballot.${support}`)}</button>`)}
            </div>
            <p class="small soft">${say("vote.hint")}</p>`
        : nothing}
      ${state === "active" && this.account === "" && this.me.participant
        ? html`<p class="soft">${say("governance.unseated")}</p>
            <div><a class="button" href=${writeRoute("account", "keys")}>${say("governance.make_key")}</a></div>`
        : nothing}
    </section>`;
  }

  /** @param {ProposalView} proposal */
  renderChange({ differences, effective_from: from, kind, state }) {
    return html`<section class="card">
      <h2>${say(state === "executed" ? "proposal.changed" : "proposal.change")}</h2>
      <partage-difference-list .differences=${differences} .names=${this.names}></partage-difference-list>
      ${kind === "rule" && from ? html`<p class="soft">${say("proposal.from", { day: formatDay(new Date(from * DAY_MILLISECONDS).toISOString().slice(0, 10), this.locale) })}</p>` : nothing}
    </section>`;
  }

  /** @param {ProposalView} proposal */
  renderText({ text, salt, text_hash: due, participant, member, proposed }) {
    const holds = text && salt ? hashWords(salt, text) === due : null;
    return html`<section class="card">
      <h2>${say("proposal.why")}</h2>
      ${text ? html`<blockquote>${text}</blockquote>` : html`<p class="soft">${say("proposal.why.none")}</p>`}
      ${holds === null ? nothing : html`<p class=${holds ? "done" : "fault"} data-state=${holds ? "checked" : "differs"}>${icon(holds ? "final" : "voided")}<span>${say(holds ? "proposal.text.holds" : "proposal.text.differs")}</span></p>`}
      <p class="small soft">${say("proposal.by", { who: this.names[participant ?? ""] ?? participant ?? member, when: formatInstant(proposed, this.zone, this.locale) })}</p>
    </section>`;
  }

  /** @param {ProposalView} proposal */
  renderRehearsal({ rehearsal, rehearsal_hash: due, kind }) {
    if (kind !== "rule") return nothing;
    const found = this.rehearsal?.public;
    return html`<section class="card">
      <h2>${say("rehearsal.title")}</h2>
      <p class="soft">${say("rehearsal.lead")}</p>
      ${found
        ? html`<partage-rehearsal-result .result=${found} .own=${this.rehearsal?.mine ?? null} .told=${due}></partage-rehearsal-result>`
        : html`<p>${say(rehearsal ? "rehearsal.missing" : "rehearsal.none")}</p>`}
    </section>`;
  }

  /** @param {ProposalView} proposal */
  renderSeal({ id, kind, salt }) {
    return html`<partage-proposal-seal
      phase=${this.phase}
      .found=${this.seal?.found ?? null}
      .block=${this.seal?.block ?? 0}
      .number=${`0x${BigInt(id).toString(16).padStart(64, "0")}`}
      .words=${salt !== null}
      .rule=${kind === "rule"}
      @again=${this.retry}
    ></partage-proposal-seal>`;
  }

  /** @param {ProposalView} proposal */
  renderCourse(proposal) {
    const { state, opens, closes, eta, due, is_mine: mine, withdrawal_document: withdrawal } = proposal;
    const now = Date.now();
    const steps = /** @type {[string, string | null][]} */ ([["proposed", proposal.proposed], ["opens", opens], ["closes", closes], ["eta", eta]]);
    const ended = ["executed", "defeated", "canceled", "expired"].includes(state);
    return html`<section class="card">
      <h2>${say("proposal.course")}</h2>
      <ol class="steps">
        ${steps.map(([name, at]) => {
          const past = at !== null && (Date.parse(at) <= now || state === "executed");
          return at === null && ended
            ? nothing
            : html`<li class=${past ? "past" : ""}>${icon(past ? "final" : "open")}<span>${say(`proposal.step.${name}`)}</span><span class="small soft">${at ? formatInstant(at, this.zone, this.locale) : say("proposal.step.later")}</span></li>`;
        })}
        <li class=${ended ? "past" : ""}>${icon(ended ? "final" : "open")}<span class="last">${ended ? say(`proposal.state.${state}`) : say("proposal.step.executed")}</span><span></span></li>
      </ol>
      ${due ? html`<p class="soft">${say(`proposal.due.${due}`)}</p>
            <div><button type="button" class="primary" ?disabled=${this.working} @click=${this.advance}>${say(`proposal.do.${due}`)}</button></div>` : nothing}
      ${mine && withdrawal && state === "pending" ? html`<div><button type="button" ?disabled=${this.working} @click=${this.takeBack}>${say("proposal.withdraw")}</button></div>` : nothing}
    </section>`;
  }
}

customElements.define("partage-proposal", Proposal);
