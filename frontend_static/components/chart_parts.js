/** What charts share: the plot that keys read, its readout and keys of colour, a clock below it, and its figures as a table. */
import { css, html } from "../vendor/lit.js";
import { Localized } from "./localized.js";

const MARKS = [0, 6, 12, 18, 24];

/** Places that each key moves by, along the intervals of a day. */
export const DAY_STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -6, PageUp: 6 });

export const chartStyles = css`
  .plot {
    border-radius: var(--radius-small);
    touch-action: pan-y;
  }

  .readout {
    font-size: 14px;
    line-height: 20px;
  }

  .keys {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 24px;
    margin: 12px 0;
    font-size: 14px;
  }

  .keys li {
    display: flex;
    gap: 8px;
    align-items: center;
  }

  .hours {
    display: flex;
    justify-content: space-between;
    margin-top: 4px;
    font-size: 12px;
    color: var(--ink-soft);
  }

  summary {
    color: var(--brand);
    text-decoration: underline;
    text-underline-offset: 3px;
  }
`;

/** A course drawn over time: what it stands on, where one looks, its words. */
export const courseStyles = css`
  .base {
    stroke: var(--line-strong);
  }

  .cursor {
    stroke: var(--ink);
    stroke-width: 1.5;
  }

  text {
    fill: var(--ink-soft);
    font-size: 11px;
  }
`;

/** Of charts of squares. */
export const gridStyles = css`
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

  .chosen {
    fill: none;
    stroke: var(--ink);
    stroke-width: 2;
  }
`;

/** The base of charts that are drawn for the width they have. */
export class Measured extends Localized {
  static properties = { width: { state: true } };

  constructor() {
    super();
    /** [px] */
    this.width = 640;
    this.sizes = new ResizeObserver(() => this.resize(this.clientWidth));
  }

  connectedCallback() {
    super.connectedCallback();
    this.sizes.observe(this);
  }

  disconnectedCallback() {
    this.sizes.disconnect();
    super.disconnectedCallback();
  }

  /** @returns {number} The least width that it can be drawn for [px]. */
  get leastWidth() {
    return 240;
  }

  /** @param {number} width Of the element [px]. */
  resize(width) {
    this.width = Math.max(this.leastWidth, width);
  }
}

/**
 * A page that is drawn again with the same figures leaves the chart, and the place that is read in it, as they are.
 *
 * @param {unknown} now
 * @param {unknown} before
 */
export function differs(now, before) {
  return now !== before && JSON.stringify(now) !== JSON.stringify(before);
}

/**
 * Where a key leads along places in a row, within them. A key that leads somewhere does nothing else.
 *
 * @param {KeyboardEvent} event
 * @param {{at: number, count: number, steps: Readonly<Record<string, number>>}} row
 * @returns {number | null} Null for a key that leads nowhere.
 */
export function placeAfter(event, { at, count, steps }) {
  const targets = /** @type {Readonly<Record<string, number>>} */ ({ Home: 0, End: count - 1 });
  const step = steps[event.key];
  const target = step === undefined ? targets[event.key] : at + step;
  if (target === undefined) return null;
  event.preventDefault();
  return Math.min(Math.max(target, 0), count - 1);
}

/** @param {number} hour Of the day; 24 is its end. */
export function clockOf(hour) {
  return `${String(hour).padStart(2, "0")}:00`;
}

/** @param {string} role Of the energy. */
export function renderKey(role) {
  return html`<svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="fill-${role}" width="12" height="12" rx="3"></rect></svg>`;
}

/** @param {readonly {role: string, label: string}[]} keys */
export function renderKeys(keys) {
  return html`<ul class="keys">
    ${keys.map(({ role, label }) => html`<li>${renderKey(role)} ${label}</li>`)}
  </ul>`;
}

/** The clock below 24 hours. */
export function renderClock() {
  return html`<div class="hours" aria-hidden="true">${MARKS.map((hour) => html`<span>${clockOf(hour)}</span>`)}</div>`;
}

/**
 * A picture that is read place by place, with keys.
 *
 * @param {{label: string, first?: number, count: number, at: number, told: string}} reading `first` numbers the first place.
 * @param {(event: KeyboardEvent) => void} move
 * @param {unknown} picture
 */
export function renderPlot({ label, first = 0, count, at, told }, move, picture) {
  return html`<div
    class="plot"
    role="slider"
    tabindex="0"
    aria-label=${label}
    aria-valuemin=${first}
    aria-valuemax=${first + Math.max(0, count - 1)}
    aria-valuenow=${first + at}
    aria-valuetext=${told}
    @keydown=${move}
  >
    ${picture}
  </div>`;
}

/**
 * The figures of a chart, folded.
 *
 * @param {{title: string, label?: string, heads: readonly string[], rows: readonly (readonly string[])[]}} table Each row begins with its name.
 */
export function renderFigures({ title, label = title, heads, rows }) {
  return html`<details>
    <summary>${title}</summary>
    <div class="scroll" role="region" tabindex="0" aria-label=${label}>
      <table>
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, ...figures]) => html`<tr>
              <th scope="row">${name}</th>
              ${figures.map((figure) => html`<td>${figure}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
