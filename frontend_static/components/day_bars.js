/**
 * A month, day by day, as stacked bars; each day is a link, arrow keys move from day to day.
 *
 * @typedef {{label: string, role: string, amount: number}} Part
 * @typedef {{date: string, href: string, parts: Part[]}} DayBar
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatDay, formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 100;
const STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 });

export class DayBars extends Localized {
  static properties = { days: { attribute: false }, chosen: {}, label: {} };

  static styles = [
    sharedStyles,
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
        display: flex;
        flex-wrap: wrap;
        gap: 4px 24px;
        margin-top: 12px;
        font-size: 14px;
        line-height: 20px;
      }

      .keys li {
        display: flex;
        gap: 8px;
        align-items: center;
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
    const step = STEPS[event.key] ?? (event.key === "Home" ? -this.days.length : event.key === "End" ? this.days.length : 0);
    if (!step) return;
    event.preventDefault();
    const links = [.../** @type {NodeListOf<HTMLElement>} */ (this.renderRoot.querySelectorAll("a"))];
    const at = links.indexOf(/** @type {HTMLElement} */ (event.target));
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
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
            <span class=${i % 5 === 0 || day.date === this.chosen ? "" : "odd"}>${Number(day.date.slice(8))}</span>
          </a>`;
        })}
      </div>
      <ul class="keys">
        ${(this.days[0]?.parts ?? []).map(
          (part) => html`<li>
            <svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="fill-${part.role}" width="12" height="12" rx="3"></rect></svg>
            ${part.label}
          </li>`,
        )}
      </ul>`;
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
