/** Votes: what is proposed, what is in force, how the community decides, what was decided. */
import { css, html, nothing } from "../vendor/lit.js";
import { askProposals } from "../data/governance.js";
import { formatCount, formatInstant, formatRate } from "../domain/figures.js";
import { sortProposals } from "../domain/proposals.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { GoverningPage, governingStyles } from "../components/governing_page.js";
import "../components/hash_text.js";
import { icon } from "../components/icons.js";
import "../components/proposal_card.js";
import { sharedStyles } from "../components/shared_styles.js";
import { spanWords } from "../components/span_words.js";

export class Governance extends GoverningPage {
  static properties = { proposals: { state: true } };

  static styles = [
    sharedStyles,
    governingStyles,
    css`
      section.standing {
        display: flex;
        flex-wrap: wrap;
        gap: 12px 24px;
        align-items: center;
        justify-content: space-between;
      }

      .standing svg {
        flex: none;
      }

      .standing p {
        display: flex;
        gap: 12px;
        align-items: center;
      }

      .how {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 8px 16px;
        align-items: center;
      }

      .how dd {
        text-align: right;
        font-weight: 600;
      }

      .paused {
        background: var(--contestable-wash);
        color: var(--contestable);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../data/governance.js").Proposal[]} */
    this.proposals = [];
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    this.proposals = this.governance?.open ? await askProposals(this.community, signal) : [];
  }

  render() {
    const { governance } = this;
    if (!governance || !this.loaded) return this.renderMissing(say("governance.title"), "loading.governance");
    const { open, past } = sortProposals(this.proposals);
    const cards = (/** @type {typeof open} */ proposals) =>
      proposals.map((proposal) => html`<partage-proposal-card .proposal=${proposal} .names=${this.names} .zone=${this.zone} @passed=${this.retry}></partage-proposal-card>`);
    return html`<div class="page">
      <header class="stack">
        <div class="row spread">
          <h1>${say("governance.title")}</h1>
          ${governance.open && governance.me.account ? html`<a class="button" href=${writeRoute("governance", "new")}>${icon("plus")}${say("governance.propose")}</a>` : nothing}
        </div>
        <p class="soft">${say("governance.lead")}</p>
      </header>
      ${governance.paused_until ? html`<p class="fault paused">${icon("contestable")}<span>${say("governance.paused", { when: formatInstant(governance.paused_until, this.zone, this.locale) })}</span></p>` : nothing}
      ${this.renderStanding(governance)}
      ${governance.open
        ? html`<h2>${say("governance.open")}</h2>
            ${open.length > 0 ? cards(open) : html`<p class="soft">${say("governance.open.none")}</p>`}
            ${past.length > 0 ? html`<h2>${say("governance.past")}</h2>${cards(past)}` : nothing}`
        : html`<partage-notice kind="empty" .heading=${say("governance.closed.title")} .text=${say("governance.closed")}></partage-notice>`}
      ${this.renderHow(governance)}
    </div>`;
  }

  /** @param {import("../data/governance.js").Governance} governance */
  renderStanding({ me: mine }) {
    if (!this.me.participant) return nothing;
    const seated = Boolean(mine.account);
    return html`<section class="card standing">
      <p>${icon(seated ? "final" : "key", 28)}<span>${seated ? say("governance.seated", { votes: formatCount(mine.weight, this.locale) }) : say("governance.unseated")}</span></p>
      ${seated ? nothing : html`<a class="button" href=${writeRoute("account", "keys")}>${say("governance.make_key")}</a>`}
    </section>`;
  }

  /** @param {import("../data/governance.js").Governance} governance */
  renderHow({ settings, seats, total_weight: total, guardians, governor, timelock, open }) {
    const held = seats.filter(({ holder }) => holder).length;
    const facts = /** @type {[string, string][]} */ ([
      [say("governance.how.seats"), say("governance.how.held", { held: formatCount(held, this.locale), all: formatCount(seats.length, this.locale) })],
      [say("governance.how.weight"), formatCount(total, this.locale)],
      [say("governance.how.quorum"), formatRate(settings.quorum_ppm, this.locale)],
      [say("governance.how.delay"), spanWords(settings.voting_delay_seconds, this.locale)],
      [say("governance.how.period"), spanWords(settings.voting_period_seconds, this.locale)],
      [say("governance.how.late"), spanWords(settings.late_quorum_seconds, this.locale)],
      [say("governance.how.timelock"), spanWords(settings.timelock_seconds, this.locale)],
    ]);
    const contracts = /** @type {[string, string | null][]} */ ([
      ["governance.governor", governor],
      ["governance.timelock", timelock],
      ...guardians.filter((one) => !/^0x0{40}$/.test(one)).map((one, i) => [`governance.guardian.${i + 1}`, one]),
    ]);
    return html`<section class="card">
      <h2>${say("governance.how")}</h2>
      <ol class="steps">
        ${[1, 2, 3, 4, 5].map((step) => html`<li>${say(`governance.step.${step}`)}</li>`)}
      </ol>
      <dl class="how">${facts.map(([name, value]) => html`<dt class="soft">${name}</dt><dd>${value}</dd>`)}</dl>
      ${open
        ? html`<details>
            <summary>${say("governance.contracts")}</summary>
            <dl class="how">
              ${contracts.map(([name, address]) => (address ? html`<dt class="soft">${say(name)}</dt><dd><partage-hash .value=${address} .what=${say(name)}></partage-hash></dd>` : nothing))}
            </dl>
          </details>`
        : nothing}
    </section>`;
  }
}

customElements.define("partage-governance", Governance);
