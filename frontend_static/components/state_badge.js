/** The state of a run or of its bills: a word, a shape and a colour. */
import { css, html } from "../vendor/lit.js";
import { hasWords, say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";

export class StateBadge extends Localized {
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
      color: var(--ink-soft);
      background: var(--sunken);
    }

    /* Green is kept for what this browser has checked. */
    .final {
      color: var(--ink);
    }

    .contestable {
      color: var(--contestable);
      background: var(--contestable-wash);
    }

    .voided,
    .superseded {
      color: var(--voided);
      background: var(--voided-wash);
    }
  `;

  constructor() {
    super();
    this.state = "open";
  }

  render() {
    const known = hasWords(`state.${this.state}`) ? this.state : "open";
    return html`<span class=${known}>${icon(known === "final" ? "anchored" : known, 16)}${say(`state.${known}`)}</span>`;
  }
}

customElements.define("partage-state-badge", StateBadge);
