/** A proposal in a list: what it would change, its state, its time, how the votes stand. */
import { css, html, nothing } from "../vendor/lit.js";
import { tellDifference } from "../domain/differences.js";
import { formatInstant } from "../domain/figures.js";
import { isOpenState } from "../domain/proposals.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "./ballot_bar.js";
import "./countdown.js";
import "./difference_list.js";
import { Localized } from "./localized.js";
import "./proposal_state.js";
import { sharedStyles } from "./shared_styles.js";

const SHOWN = 3;

/**
 * @param {import("../data/governance.js").Proposal} proposal
 * @param {import("../domain/figures.js").Locale} locale
 * @param {(id: string) => string} name
 * @returns {string} What it is about, in a line.
 */
export function titleOf({ kind, differences }, locale, name) {
  const [first] = differences;
  if (!first) return say(`proposal.kind.${kind}`);
  const { what } = tellDifference(first, locale, say, name);
  return differences.length > 1 ? say("proposal.title.more", { what, count: differences.length - 1 }) : what;
}

/** @param {import("../data/governance.js").Proposal} proposal @param {string} zone @param {() => void} passed */
export function renderTime({ state, opens, closes, eta }, zone, passed) {
  const clocks = /** @type {Readonly<Record<string, [string | null, string, string]>>} */ ({
    ...{ pending: [opens, "countdown.opens", "countdown.opened"], active: [closes, "countdown.closes", "countdown.closed"] },
    ...{ succeeded: [closes, "countdown.closes", "countdown.closed"], queued: [eta, "countdown.executable", "countdown.due"] },
  });
  const [until, words, past] = clocks[state] ?? [null, "", ""];
  return until ? html`<partage-countdown .until=${until} .words=${words} .past=${past} .zone=${zone} @passed=${passed}></partage-countdown>` : nothing;
}

export class ProposalCard extends Localized {
  static properties = { proposal: { attribute: false }, names: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    css`
      .card {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }

      h3 a {
        color: var(--ink);
        text-decoration: none;
      }

      h3 a:hover {
        text-decoration: underline;
      }

      blockquote {
        margin: 0;
        padding-left: 16px;
        border-left: 3px solid var(--line-strong);
        white-space: pre-line;
        overflow-wrap: anywhere;
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 3;
        overflow: hidden;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../data/governance.js").Proposal | null} */
    this.proposal = null;
    /** @type {Readonly<Record<string, string>>} */
    this.names = {};
    this.zone = "UTC";
  }

  render() {
    const { proposal } = this;
    if (!proposal) return nothing;
    const { id, state, differences, text, tally, total, quorum, my_vote: mine } = proposal;
    const open = isOpenState(state);
    return html`<article class="card" data-proposal=${id}>
      <div class="row spread">
        <partage-proposal-state .state=${state}></partage-proposal-state>
        ${open ? renderTime(proposal, this.zone, () => this.dispatchEvent(new CustomEvent("passed"))) : html`<span class="small soft">${formatInstant(proposal.closes, this.zone, this.locale)}</span>`}
      </div>
      <h3><a href=${writeRoute("governance", id)}>${titleOf(proposal, this.locale, (point) => this.names[point] ?? point)}</a></h3>
      ${open && differences.length > 0 ? html`<partage-difference-list .differences=${differences.slice(0, SHOWN)} .names=${this.names}></partage-difference-list>` : nothing}
      ${text && open ? html`<blockquote>${text}</blockquote>` : nothing}
      ${state === "pending" ? nothing : html`<partage-ballot-bar .tally=${tally} .total=${total} .quorum=${quorum}></partage-ballot-bar>`}
      <div class="row spread">
        <span class="small">${mine ? (mine.support ? say("vote.mine", { vote: say(`ballot.${mine.support}`) }) : say("vote.mine.unknown")) : nothing}</span>
        <a class="button" href=${writeRoute("governance", id)}>${say(state === "active" && !mine ? "proposal.read_and_vote" : "proposal.read")}</a>
      </div>
    </article>`;
  }
}

customElements.define("partage-proposal-card", ProposalCard);
