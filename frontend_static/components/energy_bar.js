/**
 * One bar that divides an energy by where it came from or went, with its values beside it.
 *
 * @typedef {{label: string, role: string, amount: number}} Part
 */
import { css, html, svg } from "../vendor/lit.js";
import { divideBar } from "../domain/bill_view.js";
import { formatEnergy, formatPercent } from "../domain/figures.js";
import { renderKey } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const [WIDTH, HEIGHT, GAP] = [1000, 28, 3];

export class EnergyBar extends Localized {
  static properties = { parts: { attribute: false }, label: {}, decimals: { type: Number } };

  static styles = [
    sharedStyles,
    css`
      svg.bar {
        display: block;
        width: 100%;
        height: 28px;
        border-radius: var(--radius-small);
        print-color-adjust: exact;
        -webkit-print-color-adjust: exact;
      }

      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 32px;
        margin-top: 12px;
      }

      li {
        display: grid;
        grid-template-columns: 12px auto;
        column-gap: 8px;
        align-items: center;
      }

      .label {
        font-size: 14px;
        line-height: 20px;
        color: var(--ink-soft);
      }

      .value {
        grid-column: 2;
        font-weight: 600;
        white-space: nowrap;
      }

      .share {
        font-weight: 400;
        color: var(--ink-soft);
      }

      .hatch {
        stroke: var(--surface);
        stroke-width: 2;
        opacity: 0.35;
      }

      @media (max-width: 599px) {
        ul {
          display: grid;
          gap: 8px;
        }

        li {
          grid-template-columns: 12px 1fr auto;
        }

        .value {
          grid-column: auto;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Part[]} */
    this.parts = [];
    this.label = "";
    this.decimals = 1;
  }

  render() {
    const total = this.parts.reduce((sum, part) => sum + part.amount, 0);
    const widths = divideBar(this.parts.map((part) => part.amount));
    let from = 0;
    const shapes = this.parts.map((part, i) => {
      const [x, width] = [from, (widths[i] ?? 0) - (i + 1 < this.parts.length ? GAP : 0)];
      from += widths[i] ?? 0;
      const rect = svg`<rect class="fill-${part.role}" x=${x} y="0" width=${width} height=${HEIGHT}></rect>`;
      // The grid is hatched, so that colour is not the only carrier.
      return part.role === "grid"
        ? svg`${rect}<rect x=${x} y="0" width=${width} height=${HEIGHT} fill="url(#hatch)"></rect>`
        : rect;
    });
    return html`<svg
        class="bar"
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-label=${this.label}
      >
        <defs>
          <pattern id="hatch" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line class="hatch" x1="0" y1="0" x2="0" y2="10"></line>
          </pattern>
        </defs>
        ${shapes}
      </svg>
      <ul>
        ${this.parts.map(
          (part) => html`<li>
            ${renderKey(part.role)}
            <span class="label">${part.label}</span>
            <span class="value"
              >${formatEnergy(part.amount, this.locale, this.decimals)}
              <span class="share">${formatPercent(part.amount, total, this.locale)}</span></span
            >
          </li>`,
        )}
      </ul>`;
  }
}

customElements.define("partage-energy-bar", EnergyBar);
