/** When in the week energy is shared: a square for each hour, larger and stronger the more, with a table. Values [mWh]. */
import { css, html, svg } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { HOURS, STEPS, WEEKDAYS, fullestCell, moveCell, stepOf, weekdayNames } from "../domain/heat_map.js";
import { say } from "../i18n/words.js";
import { Measured, chartStyles, clockOf, differs, gridStyles, renderFigures, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const [HEIGHT, NAMES, FOOT] = [24, 40, 22]; // px of an hour's height, of the weekdays' names, of the clock
const MARKS = [0, 6, 12, 18];

export class HeatMap extends Measured {
  static properties = { ...Measured.properties, values: { attribute: false, hasChanged: differs }, label: {}, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    gridStyles,
    css`
      .plot {
        touch-action: auto;
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

      .readout {
        min-height: 28px;
      }

      summary {
        margin-top: 12px;
      }
    `,
  ];

  constructor() {
    super();
    /** By weekday, Monday first, and hour. @type {number[][]} */
    this.values = [];
    this.label = "";
    this.at = { weekday: 0, hour: 0 };
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
    return clockOf(hour % HOURS);
  }

  render() {
    const { weekday, hour } = this.at;
    const days = { short: weekdayNames(this.locale, "short"), long: weekdayNames(this.locale, "long") };
    const energy = formatEnergy(this.values[weekday]?.[hour] ?? 0, this.locale);
    const told = say("week.readout", { day: days.long[weekday] ?? "", from: this.clock(hour), until: this.clock(hour + 1), energy });
    const { cell, width } = this;
    const height = WEEKDAYS * HEIGHT + FOOT;
    const reading = { label: this.label, count: WEEKDAYS * HOURS, at: weekday * HOURS + hour, told };
    const picture = html`<svg class="grid" viewBox="0 0 ${width} ${height}" height=${height} aria-hidden="true">
      ${days.short.map((name, day) => svg`<text x="0" y=${day * HEIGHT + HEIGHT / 2} dominant-baseline="central">${name}</text>`)}
      ${this.renderCells()}
      ${MARKS.map((mark) => svg`<text x=${NAMES + mark * cell} y=${height - 6}>${this.clock(mark)}</text>`)}
      <rect class="chosen" x=${NAMES + hour * cell + 1} y=${weekday * HEIGHT + 1} width=${cell - 2} height=${HEIGHT - 2} rx="4"></rect>
    </svg>`;
    return html`<p class="readout">${told}</p>
      ${renderPlot(reading, (event) => this.move(event), picture)} ${this.renderTable(days.long)}`;
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
        // Not on entering: a page that scrolls below a resting pointer would take the place from the keys.
        return svg`<g @pointermove=${() => (this.at = { weekday, hour })}>
          <rect class="ground" x=${x + 0.5} y=${y + 1} width=${cell - 1} height=${HEIGHT - 2} rx="3"></rect>
          <rect class="fill-shared step-${step}" x=${x + (cell - wide) / 2} y=${y + (HEIGHT - tall) / 2} width=${wide} height=${tall} rx="2"></rect>
        </g>`;
      }),
    );
  }

  /** @param {string[]} names */
  renderTable(names) {
    return renderFigures({
      title: say("week.table"),
      heads: [say("community.profile.hour"), ...names],
      rows: Array.from({ length: HOURS }, (_, hour) => [
        this.clock(hour),
        ...names.map((__, weekday) => formatEnergy(this.values[weekday]?.[hour] ?? 0, this.locale)),
      ]),
    });
  }
}

customElements.define("partage-heat-map", HeatMap);
