/** How the votes stand: yes, abstentions and no of all that may vote, and the quorum as a mark. */
import { css, html, svg } from "../vendor/lit.js";
import { formatCount, formatPercent } from "../domain/figures.js";
import { standingOf } from "../domain/proposals.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const WIDTH = 1000;

export class BallotBar extends Localized {
  static properties = { tally: { attribute: false }, total: { type: Number }, quorum: { type: Number } };

  static styles = [
    sharedStyles,
    css`
      svg {
        display: block;
        width: 100%;
        height: 28px;
      }

      .room {
        fill: var(--sunken);
        stroke: var(--line-strong);
      }

      .for {
        fill: var(--flow-shared);
      }

      .abstain {
        fill: var(--flow-grid);
      }

      .against {
        fill: var(--voided);
      }

      .mark {
        stroke: var(--ink);
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }

      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 20px;
        margin-top: 8px;
        font-size: 14px;
        line-height: 20px;
      }

      li {
        display: flex;
        gap: 6px;
        align-items: center;
      }

      li svg {
        width: 12px;
        height: 12px;
      }

      p {
        margin-top: 4px;
      }

      b {
        font-weight: 650;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/proposals.js").Tally} */
    this.tally = { for: 0, against: 0, abstain: 0 };
    this.total = 0;
    this.quorum = 0;
  }

  render() {
    const { tally, total, quorum, locale } = this;
    const standing = standingOf(tally, total, quorum);
    const scale = WIDTH / Math.max(1, total);
    let at = 0;
    const parts = /** @type {const} */ (["for", "abstain", "against"]).map((kind) => {
      const width = tally[kind] * scale;
      at += width;
      return svg`<rect class=${kind} x=${at - width} y="4" width=${width} height="20"></rect>`;
    });
    const counts = (/** @type {"for" | "abstain" | "against"} */ kind) => formatCount(tally[kind], locale);
    const told = say("ballot.told", { for: counts("for"), against: counts("against"), abstain: counts("abstain"), total: formatCount(total, locale) });
    return html`<svg viewBox="0 0 ${WIDTH} 28" preserveAspectRatio="none" role="img" aria-label=${told}>
        <rect class="room" x="0" y="4" width=${WIDTH} height="20"></rect>
        ${parts}
        ${svg`<line class="mark" x1=${quorum * scale} x2=${quorum * scale} y1="0" y2="28"></line>`}
      </svg>
      <ul aria-hidden="true">
        ${/** @type {const} */ (["for", "abstain", "against"]).map(
          (kind) => html`<li>
            <svg viewBox="0 0 12 12">${kind === "for" ? svg`<rect class="for" width="12" height="12"></rect>` : kind === "abstain" ? svg`<circle class="abstain" cx="6" cy="6" r="6"></circle>` : svg`<path class="against" d="M6 0 12 12H0z"></path>`}</svg>
            ${say(`ballot.${kind}`)} <b data-figure=${kind}>${counts(kind)}</b>
          </li>`,
        )}
      </ul>
      <p class="small soft">
        ${say("ballot.cast", { cast: formatCount(standing.cast, locale), total: formatCount(total, locale), part: formatPercent(standing.cast, total, locale) })}
        ${standing.reached ? say("ballot.quorum.reached", { quorum: formatCount(quorum, locale) }) : say("ballot.quorum.missing", { missing: formatCount(standing.missing, locale), quorum: formatCount(quorum, locale) })}
      </p>`;
  }
}

customElements.define("partage-ballot-bar", BallotBar);
