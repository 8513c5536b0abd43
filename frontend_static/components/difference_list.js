/** What a proposal would change: today's value, an arrow, the one proposed. */
import { css, html, nothing } from "../vendor/lit.js";
import { tellDifference } from "../domain/differences.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const SHOWN = 12; // more open on demand: a key by member has one line each

export class DifferenceList extends Localized {
  static properties = { differences: { attribute: false }, names: { attribute: false }, most: { type: Number }, all: { state: true } };

  static styles = [
    sharedStyles,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 5fr) minmax(0, 3fr) 20px minmax(0, 3fr);
        gap: 4px 12px;
        align-items: baseline;
        padding: 10px 0;
        border-bottom: 1px solid var(--line);
      }

      li:last-child {
        border-bottom: 0;
      }

      .before {
        color: var(--ink-soft);
        text-align: right;
        overflow-wrap: anywhere;
      }

      s {
        text-decoration-color: var(--ink-soft);
        text-decoration-thickness: 1px;
      }

      .after {
        font-weight: 650;
        overflow-wrap: anywhere;
      }

      .arrow {
        color: var(--ink-soft);
        text-align: center;
      }

      @media (max-width: 599px) {
        li {
          display: flex;
          flex-wrap: wrap;
        }

        .what {
          flex: 1 1 100%;
        }

        .before {
          text-align: left;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly import("../domain/differences.js").Difference[]} */
    this.differences = [];
    /** Names of metering points and accounts. @type {Readonly<Record<string, string>>} */
    this.names = {};
    this.most = SHOWN;
    this.all = false;
  }

  render() {
    const shown = this.all ? this.differences : this.differences.slice(0, this.most);
    const rest = this.differences.length - shown.length;
    if (this.differences.length === 0) return html`<p class="soft">${say("difference.none")}</p>`;
    return html`<ul>
        ${shown.map((difference) => this.renderOne(difference))}
      </ul>
      ${rest > 0 ? html`<button type="button" class="quiet" @click=${() => (this.all = true)}>${say("difference.more", { count: rest })}</button>` : nothing}`;
  }

  /** @param {import("../domain/differences.js").Difference} difference */
  renderOne(difference) {
    const { what, before, after } = tellDifference(difference, this.locale, say, (point) => this.names[point] ?? point);
    return html`<li>
      <span class="what">${what}</span>
      <span class="before"><span class="hidden">${say("difference.today")} </span>${before === null ? say("difference.nothing") : html`<s>${before}</s>`}</span>
      <span class="arrow" aria-hidden="true">→</span>
      <span class="after"><span class="hidden">${say("difference.then")} </span>${after ?? say("difference.nothing")}</span>
    </li>`;
  }
}

customElements.define("partage-difference-list", DifferenceList);
