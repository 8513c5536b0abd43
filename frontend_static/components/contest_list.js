/** Contests that succeeded in a community, as the chain tells them: of which result, what was wrong, what became of it. Nothing personal. */
import { css, html } from "../vendor/lit.js";
import { formatCount, formatLabel } from "../domain/figures.js";
import { hasWords, say } from "../i18n/words.js";
import "./hash_text.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";
import "./state_badge.js";

export class ContestList extends Localized {
  static properties = { contests: { attribute: false } };

  static styles = [
    sharedStyles,
    css`
      li {
        display: grid;
        gap: 4px;
        padding: 12px 0;
        border-top: 1px solid var(--line);
        grid-template-columns: minmax(0, 1fr);
      }

      li:first-child {
        border-top: 0;
        padding-top: 0;
      }

      p.small {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 8px;
        align-items: center;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly import("../domain/contests.js").Told[]} */
    this.contests = [];
  }

  render() {
    if (this.contests.length === 0) return html`<p class="soft">${say("contests.none")}</p>`;
    return html`<ul>
      ${this.contests.map(({ label, version, event, voids, by, transaction, block }) => {
        const key = `contest.event.${event}`;
        return html`<li data-event=${event}>
          <div class="row spread">
            <b>${say("contests.of", { period: formatLabel(label, this.locale), version })}</b>
            <partage-state-badge state="voided"></partage-state-badge>
          </div>
          <span>${say(voids === "bills" ? "contests.bills" : "contests.run", { why: hasWords(key) ? say(key) : event })}</span>
          <p class="small soft">
            ${say("contests.block", { block: formatCount(block, this.locale) })} <partage-hash .value=${transaction} .what=${say("contests.transaction")}></partage-hash>
            ${say("contests.by")} <partage-hash .value=${by} .what=${say("contests.account")}></partage-hash>
          </p>
        </li>`;
      })}
    </ul>`;
  }
}

customElements.define("partage-contest-list", ContestList);
