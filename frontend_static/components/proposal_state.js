/** The state of a proposal: a word, a shape and a colour. */
import { css, html } from "../vendor/lit.js";
import { hasWords, say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";

const SHAPES = /** @type {Readonly<Record<string, string>>} */ ({
  ...{ pending: "open", active: "votes", succeeded: "final", queued: "contestable" },
  ...{ executed: "anchored", defeated: "voided", canceled: "withdrawn", expired: "withdrawn" },
});

export class ProposalState extends Localized {
  static properties = { state: {} };

  static styles = css`
    :host {
      display: inline-flex;
      vertical-align: middle;
    }

    span {
      display: inline-flex;
      align-items: center;
      gap: 4px;
      padding: 2px 8px 2px 6px;
      border-radius: 999px;
      font-size: 14px;
      line-height: 20px;
      font-weight: 550;
      white-space: nowrap;
      color: var(--ink-soft);
      background: var(--sunken);
    }

    .active {
      color: var(--brand);
      background: var(--verified-wash);
    }

    .succeeded,
    .executed {
      color: var(--ink);
    }

    .pending,
    .queued {
      color: var(--contestable);
      background: var(--contestable-wash);
    }

    .defeated {
      color: var(--voided);
      background: var(--voided-wash);
    }
  `;

  constructor() {
    super();
    this.state = "pending";
  }

  render() {
    const known = hasWords(`proposal.state.${this.state}`) ? this.state : "pending";
    return html`<span class=${known}>${icon(SHAPES[known] ?? "open", 16)}${say(`proposal.state.${known}`)}</span>`;
  }
}

customElements.define("partage-proposal-state", ProposalState);
