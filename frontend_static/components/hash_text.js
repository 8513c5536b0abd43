/** A hash, short to read and whole to copy. */
import { css, html } from "../vendor/lit.js";
import { shortHash } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";

const SHOWN_MILLISECONDS = 2000;

export class HashText extends Localized {
  static properties = { value: {}, what: {}, copied: { state: true } };

  static styles = css`
    :host {
      display: inline-flex;
      align-items: center;
      gap: 4px;
    }

    code {
      font: 500 13px/20px var(--mono);
      white-space: nowrap;
    }

    button {
      display: inline-flex;
      align-items: center;
      justify-content: center;
      min-width: 28px;
      height: 28px;
      padding: 0 4px;
      border: 0;
      border-radius: 6px;
      background: none;
      color: var(--ink-soft);
      font: inherit;
      font-size: 12px;
      cursor: pointer;
    }

    button:hover {
      background: var(--sunken);
      color: var(--ink);
    }

    button:focus-visible {
      outline: 3px solid var(--focus);
    }

    @media print {
      button {
        display: none;
      }
    }
  `;

  constructor() {
    super();
    this.value = "";
    /** What it is, for the button's name. */
    this.what = "";
    this.copied = false;
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.value);
    } catch {
      return; // Refused by the browser: the whole value is in the title.
    }
    this.copied = true;
    setTimeout(() => (this.copied = false), SHOWN_MILLISECONDS);
  }

  render() {
    return html`<code title=${this.value}>${shortHash(this.value)}</code>
      <button type="button" @click=${this.copy} aria-label=${say("hash.copy", { what: this.what })}>
        ${this.copied ? say("hash.copied") : icon("copy", 16)}
      </button>`;
  }
}

customElements.define("partage-hash", HashText);
