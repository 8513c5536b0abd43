/**
 * A month, day by day, as stacked bars; each day is a link, arrow keys move from day to day.
 *
 * @typedef {{label: string, role: string, amount: number}} Part
 * @typedef {{date: string, href: string, parts: Part[]}} DayBar
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatDay, formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { chartStyles, placeAfter, renderKeys } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 100;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export class DayBars extends Localized {
  static properties = { days: { attribute: false }, chosen: {}, label: {} };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
      .bars {
        display: flex;
        align-items: end;
        gap: 2px;
      }

      a {
        flex: 1 1 0;
        min-width: 0;
        padding: 4px 1px 0;
        border-radius: 6px;
        color: var(--ink-soft);
        text-align: center;
        text-decoration: none;
        font-size: 11px;
        line-height: 20px;
      }

      a:hover {
        background: var(--sunken);
      }

      a[aria-current="date"] {
        background: var(--sunken);
        color: var(--ink);
        font-weight: 700;
        box-shadow: inset 0 -3px 0 var(--brand);
      }

      svg.bar {
        display: block;
        width: 100%;
        height: 140px;
      }

      .keys {
        margin-bottom: 0;
        line-height: 20px;
      }

      @media (max-width: 599px) {
        .bars {
          gap: 0;
        }

        .odd {
          visibility: hidden;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {DayBar[]} */
    this.days = [];
    this.chosen = "";
    this.label = "";
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const links = [.../** @type {NodeListOf<HTMLElement>} */ (this.renderRoot.querySelectorAll("a"))];
    const at = links.indexOf(/** @type {HTMLElement} */ (event.target));
    const place = placeAfter(event, { at, count: links.length, steps: STEPS });
    if (place !== null) links[place]?.focus();
  }

  render() {
    const most = Math.max(1, ...this.days.map((day) => day.parts.reduce((sum, part) => sum + part.amount, 0)));
    const tabbed = this.days.some((day) => day.date === this.chosen) ? this.chosen : this.days[0]?.date;
    return html`<div class="bars" role="group" aria-label=${this.label} @keydown=${this.move}>
        ${this.days.map((day, i) => {
          const parts = day.parts.map((part) => `${part.label} ${formatEnergy(part.amount, this.locale)}`).join(", ");
          return html`<a
            href=${day.href}
            tabindex=${day.date === tabbed ? 0 : -1}
            aria-current=${day.date === this.chosen ? "date" : nothing}
            aria-label=${say("energy.day.label", { day: formatDay(day.date, this.locale, true), parts })}
            title=${`${formatDay(day.date, this.locale)}\n${parts}`}
          >
            ${this.renderBar(day, most)}
            <span class=${i % 5 === 0 || day.date === this.chosen ? "" : "odd"}>${formatDay(day.date, this.locale).split(" ", 1)}</span>
          </a>`;
        })}
      </div>
      ${renderKeys(this.days[0]?.parts ?? [])}`;
  }

  /**
   * @param {DayBar} day
   * @param {number} most
   */
  renderBar(day, most) {
    let top = HEIGHT;
    return html`<svg class="bar" viewBox="0 0 10 ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${day.parts.map((part) => {
        const height = (part.amount / most) * HEIGHT;
        top -= height;
        return svg`<rect class="fill-${part.role}" x="0.5" y=${top} width="9" height=${height}></rect>`;
      })}
    </svg>`;
  }
}

customElements.define("partage-day-bars", DayBars);
