/** The course of a case: what was, what is under way until when, what comes; and what each party said on the way. */
import { css, html, nothing } from "../vendor/lit.js";
import { evidencePath } from "../data/cases.js";
import { PARTIES, courseOf, evidenceFile } from "../domain/cases.js";
import { formatEnergy, formatInstant } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { partyWords } from "./case_words.js";
import "./file_saver.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/cases.js").Case} Case */

const MARKS = { past: "final", now: "contestable", later: "open" };

export class CaseCourse extends Localized {
  static properties = { case: { attribute: false }, settled: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    css`
      ol.course > li {
        display: grid;
        grid-template-columns: 24px minmax(0, 1fr);
        gap: 4px 12px;
        padding-bottom: 20px;
        position: relative;
      }

      ol.course > li:not(:last-child)::before {
        content: "";
        position: absolute;
        top: 26px;
        bottom: 2px;
        left: 11px;
        width: 2px;
        background: var(--line);
      }

      ol.course > li:last-child {
        padding-bottom: 0;
      }

      .past > svg {
        color: var(--verified);
      }

      .now > svg {
        color: var(--contestable);
      }

      .later {
        color: var(--ink-soft);
      }

      .body {
        display: grid;
        gap: 8px;
        grid-template-columns: minmax(0, 1fr);
      }

      .claims {
        display: grid;
        gap: 8px;
      }

      .claims li {
        display: grid;
        gap: 4px;
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      blockquote {
        margin: 0;
        padding-left: 16px;
        border-left: 3px solid var(--line-strong);
        white-space: pre-line;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Case | null} */
    this.case = null;
    /** Sum that was settled [mWh]; null where nothing is in force. @type {number | null} */
    this.settled = null;
    this.zone = "UTC";
  }

  /** @param {string | null} instant */
  when(instant) {
    return instant ? formatInstant(instant, this.zone, this.locale) : "";
  }

  render() {
    const found = this.case;
    if (!found) return nothing;
    return html`<ol class="course">
      ${courseOf(found).map(
        ({ name, tense, at }) => html`<li class=${tense} data-step=${name} aria-current=${tense === "now" ? "step" : nothing}>
          ${icon(MARKS[tense], 24)}
          <div class="body">
            <div>
              <b>${say(`case.step.${name === "end" && tense === "past" ? found.state : name}`)}</b>
              ${at ? html`<span class="small soft">${tense === "past" && name !== "claims" && name !== "appeal" ? this.when(at) : say("case.until", { when: this.when(at) })}</span>` : nothing}
            </div>
            ${this.renderSaid(name, found)}
          </div>
        </li>`,
      )}
    </ol>`;
  }

  /** @param {string} step @param {Case} found */
  renderSaid(step, found) {
    if (step === "opened") {
      return html`<p class="small soft">${say("case.opened.by", { party: partyWords(found.opened_by, found.you) })}</p>
        <blockquote>${found.text}</blockquote>`;
    }
    if (step === "claims") return html`<ul class="claims">${PARTIES.map((party) => this.renderClaim(party, found))}</ul>`;
    if (step === "ruling" && found.ruling) {
      const { by, prevailing, reasons } = found.ruling;
      return html`<p data-ruling=${prevailing}>${say(`case.ruled.${by}`, { outcome: say(`case.outcome.${prevailing}`) })}</p>
        ${reasons ? html`<blockquote>${reasons}</blockquote>` : nothing}`;
    }
    return nothing;
  }

  /** @param {import("../domain/cases.js").PartyName} party @param {Case} found */
  renderClaim(party, found) {
    const claim = found.claims.find((one) => one.party === party);
    if (!claim) return html`<li class="small soft"><span>${say(found.state === "claims" ? "case.claim.none.yet" : "case.claim.none", { party: partyWords(party, found.you) })}</span></li>`;
    const more = this.settled === null ? null : claim.energy - this.settled;
    return html`<li data-claim=${party}>
      <div class="row spread">
        <b>${partyWords(party, found.you)}</b>
        <span class="small soft">${this.when(claim.filed_at)}</span>
      </div>
      <span>${say("case.claim.says", { energy: formatEnergy(claim.energy, this.locale, 3) })}
        ${more === null ? nothing : html`<span class="small soft">${more === 0 ? say("case.claim.same") : say(more > 0 ? "case.claim.more" : "case.claim.less", { energy: formatEnergy(Math.abs(more), this.locale, 3) })}</span>`}
      </span>
      <span class="small soft">${say("case.evidence", { name: claim.evidence_name })}</span>
      <partage-file-saver .path=${evidencePath(found.id, party)} .forms=${[{ name: evidenceFile(found.number, party, claim.evidence_name), type: "application/octet-stream", words: "case.evidence.save" }]}></partage-file-saver>
    </li>`;
  }
}

customElements.define("partage-case-course", CaseCourse);
