/**
 * Energy by hour of the local day, as 24 bars [mWh]: small within a table, or large with a readout by pointer and arrow keys, and
 * the figures as a table.
 */
import { css, html, svg } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { DAY_STEPS, chartStyles, clockOf, placeAfter, renderClock, renderFigures, renderPlot } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 100;
export class HourBars extends Localized {
  static properties = { values: { attribute: false }, label: {}, small: { type: Boolean }, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
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
        margin-bottom: 12px;
      }

      .readout {
        min-height: 24px;
        margin-bottom: 8px;
        line-height: 24px;
      }

      @media print {
        details {
          display: none;
        }
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
    return say(words, { from: clockOf(hour), until: clockOf(hour + 1), energy: formatEnergy(this.values[hour] ?? 0, this.locale) });
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const place = placeAfter(event, { at: this.at ?? this.peak, count: this.values.length, steps: DAY_STEPS });
    if (place !== null) this.at = place;
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
    const reading = { label: this.label, count: this.values.length, at: chosen, told };
    const picture = html`<svg viewBox=${box} preserveAspectRatio="none" aria-hidden="true">${bars}</svg>`;
    return html`<p class="readout">${told}</p>
      ${renderPlot(reading, (event) => this.move(event), picture)} ${renderClock()} ${this.renderTable()}`;
  }

  renderTable() {
    return renderFigures({
      title: say("hours.table"),
      label: this.label,
      heads: [say("hours.hour"), say("flows.energy")],
      rows: this.values.map((value, hour) => [clockOf(hour), formatEnergy(value, this.locale, 3)]),
    });
  }
}

customElements.define("partage-hour-bars", HourBars);
