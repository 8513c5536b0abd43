/** A line that opens *how this was computed*. The line is in the slot `figure`, the explanation in the other. */
import { css, html } from "../vendor/lit.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class Explained extends Localized {
  static styles = [
    sharedStyles,
    css`
      summary {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 20px;
        gap: 8px;
        align-items: center;
        padding: 10px 0;
        list-style: none;
      }

      summary::-webkit-details-marker {
        display: none;
      }

      .mark {
        display: inline-flex;
        width: 20px;
        height: 20px;
        align-items: center;
        justify-content: center;
        border: 1px solid var(--line-strong);
        border-radius: 50%;
        color: var(--ink-soft);
        font-size: 12px;
        font-weight: 600;
      }

      summary:hover .mark {
        border-color: var(--brand);
        color: var(--brand);
      }

      details[open] .mark {
        border-color: var(--brand);
        background: var(--brand);
        color: var(--on-brand);
      }

      .how {
        margin: 0 28px 12px 0;
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
        font-size: 14px;
        line-height: 20px;
        color: var(--ink-soft);
        overflow-wrap: anywhere;
      }

      .how b {
        display: block;
        margin-bottom: 4px;
        color: var(--ink);
        font-weight: 600;
      }

      @media print {
        .mark {
          display: none;
        }
      }
    `,
  ];

  render() {
    return html`<details>
      <summary>
        <slot name="figure"></slot>
        <span class="mark" title=${say("how.title")}><span aria-hidden="true">?</span></span>
      </summary>
      <div class="how"><b>${say("how.title")}</b><slot></slot></div>
    </details>`;
  }
}

customElements.define("partage-explained", Explained);
