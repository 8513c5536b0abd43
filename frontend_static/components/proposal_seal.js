/**
 * The seal of a proposal: that its words, its rehearsal and the call that would be made are those of the chain, as this browser reads it.
 *
 * @typedef {import("../domain/proposal_check.js").Found} Found
 * @typedef {"checking" | "ok" | "failed" | "unreachable"} Phase
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatCount } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sealStyles } from "./proof_seal_styles.js";
import { sharedStyles } from "./shared_styles.js";

const MARKS = { checking: "verify", ok: "final", failed: "voided", unreachable: "offline" };
const TITLES = { checking: "seal.working", ok: "seal.ok", failed: "seal.failed", unreachable: "seal.unreachable" };

export class ProposalSeal extends Localized {
  static properties = { phase: {}, found: { attribute: false }, block: { type: Number }, number: {}, words: { type: Boolean }, rule: { type: Boolean } };

  static styles = [
    sharedStyles,
    sealStyles,
    css`
      .seal {
        padding: 20px 24px;
      }

      li {
        display: grid;
        grid-template-columns: 20px minmax(0, 1fr);
        gap: 8px;
        padding: 4px 0;
      }

      li svg {
        margin-top: 2px;
        color: var(--verified);
      }

      .failed li svg {
        color: var(--voided);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Phase} */
    this.phase = "checking";
    /** @type {Found | null} */
    this.found = null;
    this.block = 0;
    /** The proposal's id as a hash. */
    this.number = "";
    /** Whether the service has words of it. */
    this.words = false;
    /** Whether it is a rule. */
    this.rule = false;
  }

  /** @returns {string[]} Keys of what was held. */
  get holding() {
    const change = this.rule ? "proposal.chain.holds.rule" : "proposal.chain.holds.call";
    return [change, ...(this.words ? ["proposal.chain.holds.text"] : []), ...(this.rule ? ["proposal.chain.holds.rehearsal"] : []), "proposal.chain.holds.contracts"];
  }

  render() {
    const { phase, found } = this;
    const failed = phase === "failed";
    const lines = failed ? (found?.differing ?? []) : phase === "ok" ? this.holding : [];
    return html`<section class="seal ${phase}" data-seal=${phase} aria-labelledby="title">
      <div class="head">
        <span class="mark">${icon(MARKS[phase], 32)}</span>
        <h2 id="title">${say(TITLES[phase])}</h2>
      </div>
      ${phase === "checking" ? html`<p class="text" role="status">${say("proposal.chain.checking")}</p>` : nothing}
      ${phase === "unreachable"
        ? html`<p class="text">${say("proposal.chain.unreachable")}</p>
            <div><button type="button" @click=${() => this.dispatchEvent(new CustomEvent("again"))}>${say("seal.again")}</button></div>`
        : nothing}
      ${failed ? html`<p class="text" role="alert">${say("proposal.chain.failed")}</p>` : nothing}
      ${lines.length > 0 ? html`<ul>${lines.map((key) => html`<li>${icon(failed ? "voided" : "final", 16)}<span>${say(key)}</span></li>`)}</ul>` : nothing}
      ${found?.links ? html`<p class="small soft">${say("proposal.chain.links")}</p>` : nothing}
      ${found?.terms ? html`<p class="small soft">${say("proposal.chain.terms")}</p>` : nothing}
      ${phase === "ok" || failed
        ? html`<dl>
            <dt>${say("seal.block")}</dt>
            <dd>${formatCount(this.block, this.locale)}</dd>
            <dt>${say("proposal.chain.number")}</dt>
            <dd><partage-hash .value=${this.number} .what=${say("proposal.chain.number")}></partage-hash></dd>
          </dl>`
        : nothing}
    </section>`;
  }
}

customElements.define("partage-proposal-seal", ProposalSeal);
