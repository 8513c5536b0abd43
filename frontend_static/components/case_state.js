/** The state of a case: a word, a shape and a colour. */
import { css, html } from "../vendor/lit.js";
import { hasWords, say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";

const SHAPES = /** @type {Readonly<Record<string, string>>} */ ({
  ...{ claims: "pen", hearing: "eye", ruled: "contestable", appealed: "votes" },
  ...{ final: "final", dismissed: "withdrawn", fulfilled: "anchored" },
});

export class CaseState extends Localized {
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

    .claims,
    .appealed {
      color: var(--brand);
      background: var(--verified-wash);
    }

    .hearing,
    .ruled {
      color: var(--contestable);
      background: var(--contestable-wash);
    }

    .final,
    .fulfilled {
      color: var(--ink);
    }
  `;

  constructor() {
    super();
    this.state = "claims";
  }

  render() {
    const known = hasWords(`case.state.${this.state}`) ? this.state : "claims";
    return html`<span class=${known}>${icon(SHAPES[known] ?? "open", 16)}${say(`case.state.${known}`)}</span>`;
  }
}

customElements.define("partage-case-state", CaseState);
