/** A case in a list: what it is about, its state, what is due until when, who has claimed. */
import { css, html, nothing } from "../vendor/lit.js";
import { PARTIES } from "../domain/cases.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "./case_state.js";
import { partyWords, renderDeadline, spanOf } from "./case_words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class CaseCard extends Localized {
  static properties = { case: { attribute: false }, zone: {}, name: {} };

  static styles = [
    sharedStyles,
    css`
      .card {
        display: grid;
        gap: 12px;
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
        overflow-wrap: anywhere;
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
      }

      .parties {
        gap: 4px 16px;
      }

      .parties li {
        display: inline-flex;
        gap: 6px;
        align-items: center;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/cases.js").Case | null} */
    this.case = null;
    this.zone = "UTC";
    /** Of the participant whose point it is. */
    this.name = "";
  }

  render() {
    const found = this.case;
    if (!found) return nothing;
    const claimed = new Set(found.claims.map(({ party }) => party));
    const due = found.may.find((step) => step === "claim" || step === "rule");
    const waiting = due === "rule" || (due === "claim" && found.you !== null && !claimed.has(found.you));
    return html`<article class="card" data-case=${found.id}>
      <div class="row spread">
        <partage-case-state .state=${found.state}></partage-case-state>
        ${renderDeadline(found, this.zone, () => this.dispatchEvent(new CustomEvent("passed")))}
      </div>
      <div>
        <h3><a href=${writeRoute("disputes", found.id)}>${say("case.title", { number: found.number, when: spanOf(found, this.zone, this.locale) })}</a></h3>
        <p class="small soft">${say("case.of", { name: this.name || found.participant, point: found.metering_point })}</p>
      </div>
      <blockquote>${found.text}</blockquote>
      <div class="row spread">
        <ul class="row parties small soft">
          ${PARTIES.map((party) => html`<li>${icon(claimed.has(party) ? "final" : "open", 16)}<span aria-hidden="true">${partyWords(party, found.you)}</span><span class="hidden">${say(claimed.has(party) ? "case.claimed" : "case.claim.none", { party: partyWords(party, found.you) })}</span></li>`)}
        </ul>
        <a class="button" href=${writeRoute("disputes", found.id)}>${say(waiting ? `case.due.${due}` : "case.read")} <span class="hidden">${say("case.read.label", { number: found.number })}</span></a>
      </div>
    </article>`;
  }
}

customElements.define("partage-case-card", CaseCard);
