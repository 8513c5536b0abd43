/**
 * Energy by hour of the local day, as 24 bars [mWh]: small within a table, or large with a readout by pointer and arrow keys, and
 * the figures as a table.
 */
import { css, html, svg } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 100;
const STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -6, PageUp: 6 });

/** @param {number} hour */
const clock = (hour) => `${String(hour).padStart(2, "0")}:00`;

export class HourBars extends Localized {
  static properties = { values: { attribute: false }, label: {}, small: { type: Boolean }, at: { state: true } };

  static styles = [
    sharedStyles,
    css`
      svg {
        display: block;
        width: 100%;
        height: 160px;
      }

      :host([small]) svg {
        width: 120px;
        height: 28px;
        margin-left: auto;
      }

      .plot {
        border-radius: var(--radius-small);
        touch-action: pan-y;
      }

      .hit {
        fill: transparent;
      }

      .bar {
        opacity: 0.75;
        print-color-adjust: exact;
        -webkit-print-color-adjust: exact;
      }

      :host([small]) .bar,
      .bar.chosen {
        opacity: 1;
      }

      .hours {
        display: flex;
        justify-content: space-between;
        margin: 4px 0 12px;
        font-size: 12px;
        color: var(--ink-soft);
      }

      .readout {
        min-height: 24px;
        margin-bottom: 8px;
        font-size: 14px;
        line-height: 24px;
      }

      summary {
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly number[]} */
    this.values = [];
    this.label = "";
    this.small = false;
    /** The hour that is read; null for the fullest. @type {number | null} */
    this.at = null;
  }

  get peak() {
    return this.values.indexOf(Math.max(0, ...this.values));
  }

  /** @param {number} hour @param {"hours.readout" | "hours.peak"} words */
  tell(hour, words) {
    return say(words, { from: clock(hour), until: clock(hour + 1), energy: formatEnergy(this.values[hour] ?? 0, this.locale) });
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const last = this.values.length - 1;
    const step = STEPS[event.key] ?? (event.key === "Home" ? -last : event.key === "End" ? last : 0);
    if (step === 0) return;
    event.preventDefault();
    this.at = Math.min(Math.max((this.at ?? this.peak) + step, 0), last);
  }

  render() {
    const most = Math.max(1, ...this.values);
    const chosen = this.at ?? Math.max(this.peak, 0);
    const heights = this.values.map((value) => (value / most) * HEIGHT);
    const box = `0 0 ${Math.max(1, this.values.length)} ${HEIGHT}`;
    if (this.small) {
      const told = this.values.some((value) => value > 0) ? this.tell(this.peak, "hours.peak") : say("hours.none");
      // One shape for all bars: a portfolio has a thousand of these.
      const path = heights.map((height, hour) => `M${hour + 0.1} ${HEIGHT}v${-height}h0.8v${height}z`).join("");
      return html`<svg viewBox=${box} preserveAspectRatio="none" role="img" aria-label=${told}>
        <title>${told}</title>
        <path class="bar fill-grid" d=${path}></path>
      </svg>`;
    }
    const bars = heights.map((height, hour) => {
      // Not on entering: a page that scrolls below a resting pointer would take the place from the keys.
      return svg`<g @pointermove=${() => (this.at = hour)}>
        <rect class="hit" x=${hour} y="0" width="1" height=${HEIGHT}></rect>
        <rect class="bar fill-grid ${hour === chosen ? "chosen" : ""}" x=${hour + 0.1} y=${HEIGHT - height} width="0.8" height=${height}></rect>
      </g>`;
    });
    const told = this.tell(chosen, "hours.readout");
    return html`<p class="readout">${told}</p>
      <div
        class="plot"
        role="slider"
        tabindex="0"
        aria-label=${this.label}
        aria-valuemin="0"
        aria-valuemax=${Math.max(0, this.values.length - 1)}
        aria-valuenow=${chosen}
        aria-valuetext=${told}
        @keydown=${this.move}
      >
        <svg viewBox=${box} preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
      </div>
      <div class="hours" aria-hidden="true">${[0, 6, 12, 18, 24].map((hour) => html`<span>${clock(hour)}</span>`)}</div>
      ${this.renderTable()}`;
  }

  renderTable() {
    return html`<details class="screen">
      <summary>${say("hours.table")}</summary>
      <div class="scroll" role="region" tabindex="0" aria-label=${this.label}>
        <table>
          <thead>
            <tr>
              <th scope="col">${say("hours.hour")}</th>
              <th scope="col">${say("flows.energy")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.values.map(
              (value, hour) => html`<tr>
                <th scope="row">${clock(hour)}</th>
                <td>${formatEnergy(value, this.locale, 3)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }
}

customElements.define("partage-hour-bars", HourBars);
