/** The base of the states: a word, a shape and a colour. */
import { css, html } from "../vendor/lit.js";
import { hasWords, say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";

export const pillStyles = css`
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
`;

export class StatePill extends Localized {
  static properties = { state: {} };

  /** What its words begin with. */
  static words = "state";

  /** What a state without words is shown as. */
  static fallback = "open";

  /** Icons of states that are not named like theirs. @type {Readonly<Record<string, string>>} */
  static shapes = {};

  constructor() {
    super();
    this.state = this.kind.fallback;
  }

  get kind() {
    return /** @type {typeof StatePill} */ (this.constructor);
  }

  render() {
    const { words, fallback, shapes } = this.kind;
    const known = hasWords(`${words}.${this.state}`) ? this.state : fallback;
    return html`<span class=${known}>${icon(shapes[known] ?? known, 16)}${say(`${words}.${known}`)}</span>`;
  }
}
