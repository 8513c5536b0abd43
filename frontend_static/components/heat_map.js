/** When in the week energy is shared: a square for each hour, larger and stronger the more, with a table. Values [mWh]. */
import { css, html, svg } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { HOURS, STEPS, WEEKDAYS, fullestCell, moveCell, stepOf, weekdayNames } from "../domain/heat_map.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const [HEIGHT, NAMES, FOOT] = [24, 40, 22]; // px of an hour's height, of the weekdays' names, of the clock
const MARKS = [0, 6, 12, 18];

export class HeatMap extends Localized {
  static properties = { values: { attribute: false }, label: {}, width: { state: true }, at: { state: true } };

  static styles = [
    sharedStyles,
    css`
      .plot {
        border-radius: var(--radius-small);
      }

      svg.grid {
        display: block;
        width: 100%;
      }

      text {
        fill: var(--ink-soft);
        font-size: 11px;
      }

      .ground {
        fill: var(--sunken);
      }

      .step-1 {
        opacity: 0.3;
      }

      .step-2 {
        opacity: 0.45;
      }

      .step-3 {
        opacity: 0.6;
      }

      .step-4 {
        opacity: 0.8;
      }

      .chosen {
        fill: none;
        stroke: var(--ink);
        stroke-width: 2;
      }

      .readout {
        min-height: 28px;
        font-size: 14px;
        line-height: 20px;
      }

      summary {
        margin-top: 12px;
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
    `,
  ];

  constructor() {
    super();
    /** By weekday, Monday first, and hour. @type {number[][]} */
    this.values = [];
    this.label = "";
    this.width = 640;
    this.sizes = new ResizeObserver(() => (this.width = Math.max(240, this.clientWidth)));
    this.at = { weekday: 0, hour: 0 };
  }

  connectedCallback() {
    super.connectedCallback();
    this.sizes.observe(this);
  }

  disconnectedCallback() {
    this.sizes.disconnect();
    super.disconnectedCallback();
  }

  /** @returns {number} Of an hour [px]. */
  get cell() {
    return (this.width - NAMES) / HOURS;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("values")) this.at = fullestCell(this.values);
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const cell = moveCell(this.at, event.key);
    if (!cell) return;
    event.preventDefault();
    this.at = cell;
  }

  /** @param {number} hour */
  clock(hour) {
    return `${String(hour % HOURS).padStart(2, "0")}:00`;
  }

  render() {
    const { weekday, hour } = this.at;
    const days = { short: weekdayNames(this.locale, "short"), long: weekdayNames(this.locale, "long") };
    const energy = formatEnergy(this.values[weekday]?.[hour] ?? 0, this.locale);
    const told = say("week.readout", { day: days.long[weekday] ?? "", from: this.clock(hour), until: this.clock(hour + 1), energy });
    const { cell, width } = this;
    const height = WEEKDAYS * HEIGHT + FOOT;
    return html`<p class="readout">${told}</p>
      <div
        class="plot"
        role="slider"
        tabindex="0"
        aria-label=${this.label}
        aria-valuemin="0"
        aria-valuemax=${WEEKDAYS * HOURS - 1}
        aria-valuenow=${weekday * HOURS + hour}
        aria-valuetext=${told}
        @keydown=${this.move}
      >
        <svg class="grid" viewBox="0 0 ${width} ${height}" height=${height} aria-hidden="true">
          ${days.short.map((name, day) => svg`<text x="0" y=${day * HEIGHT + HEIGHT / 2} dominant-baseline="central">${name}</text>`)}
          ${this.renderCells()}
          ${MARKS.map((mark) => svg`<text x=${NAMES + mark * cell} y=${height - 6}>${this.clock(mark)}</text>`)}
          <rect class="chosen" x=${NAMES + hour * cell + 1} y=${weekday * HEIGHT + 1} width=${cell - 2} height=${HEIGHT - 2} rx="4"></rect>
        </svg>
      </div>
      ${this.renderTable(days.long)}`;
  }

  renderCells() {
    const { cell } = this;
    const most = Math.max(0, ...this.values.flat());
    return this.values.map((day, weekday) =>
      day.map((value, hour) => {
        const step = stepOf(value, most);
        const part = step === 0 ? 0 : 0.25 + (0.5 * step) / STEPS; // larger too: colour is not the only carrier
        const [x, y] = [NAMES + hour * cell, weekday * HEIGHT];
        const [wide, tall] = [cell * part, HEIGHT * part];
        return svg`<g @pointerenter=${() => (this.at = { weekday, hour })}>
          <rect class="ground" x=${x + 0.5} y=${y + 1} width=${cell - 1} height=${HEIGHT - 2} rx="3"></rect>
          <rect class="fill-shared step-${step}" x=${x + (cell - wide) / 2} y=${y + (HEIGHT - tall) / 2} width=${wide} height=${tall} rx="2"></rect>
        </g>`;
      }),
    );
  }

  /** @param {string[]} names */
  renderTable(names) {
    return html`<details>
      <summary>${say("week.table")}</summary>
      <div class="scroll" role="region" tabindex="0" aria-label=${say("week.table")}>
        <table>
          <thead>
            <tr>
              <th scope="col">${say("community.profile.hour")}</th>
              ${names.map((name) => html`<th scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${Array.from(
              { length: HOURS },
              (_, hour) => html`<tr>
                <th scope="row">${this.clock(hour)}</th>
                ${names.map((__, weekday) => html`<td>${formatEnergy(this.values[weekday]?.[hour] ?? 0, this.locale)}</td>`)}
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }
}

customElements.define("partage-heat-map", HeatMap);
