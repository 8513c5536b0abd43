/**
 * A metering point's intervals over some days: what was delivered, what an estimate would be, and the span in question.
 *
 * @typedef {import("../domain/readings.js").Curve} Curve
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatEnergy } from "../domain/figures.js";
import { placesOf, runsOf, stepsPath } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import { Measured, chartStyles, courseStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 220; // px of the plot
const STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -24, PageUp: 24 });
const ROWS_MAX = 500;

export class ReadingCurve extends Measured {
  static properties = { ...Measured.properties, curve: { attribute: false, hasChanged: differs }, span: { attribute: false, hasChanged: differs }, zone: {}, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    courseStyles,
    css`
      svg.steps {
        display: block;
        width: 100%;
        overflow: visible;
      }

      .delivered {
        fill: none;
        stroke: var(--flow-grid-ink);
        stroke-width: 1.5;
      }

      .feed_in .delivered {
        stroke: var(--flow-feed-in-ink);
      }

      .estimate {
        fill: none;
        stroke: var(--flow-shared-ink);
        stroke-width: 2;
        stroke-dasharray: 5 3;
      }

      .span {
        fill: var(--contestable-wash);
        stroke: var(--contestable);
        stroke-width: 1;
        stroke-dasharray: 2 3;
      }

      .aside {
        fill: var(--voided);
        opacity: 0.5;
      }

      .readout {
        min-height: 44px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Curve | null} */
    this.curve = null;
    /** @type {{start_utc: number | null, end_utc: number | null} | null} */
    this.span = null;
    this.zone = "UTC";
    this.at = 0;
  }

  get count() {
    return this.curve?.energy_milliwatt_hours.length ?? 0;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (this.curve && (changed.has("curve") || changed.has("span"))) this.at = placesOf(this.curve, this.span)?.first ?? 0;
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    this.at = placeAfter(event, { at: this.at, count: this.count, steps: STEPS }) ?? this.at;
  }

  /** @param {PointerEvent} event */
  point(event) {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    this.at = Math.min(this.count - 1, Math.max(0, Math.floor(((event.clientX - box.left) * this.count) / Math.max(1, box.width))));
  }

  /** @param {number} place */
  timeOf(place) {
    const { curve } = this;
    return curve ? stampsOf(this.zone, this.locale)(curve.start_utc + place * curve.resolution_minutes * 60) : "";
  }

  /** @param {number | null | undefined} energy [mWh] */
  energyOf(energy) {
    return energy === null || energy === undefined ? say("readings.curve.nothing") : formatEnergy(energy, this.locale, 3);
  }

  /** @param {Curve} curve @param {number} place */
  tell(curve, place) {
    const estimate = curve.estimate_milliwatt_hours[place] ?? null;
    const word = curve.source_quality[place];
    const treatment = curve.treatment[place];
    return [
      say("readings.curve.at", { time: this.timeOf(place), energy: this.energyOf(curve.energy_milliwatt_hours[place]), quality: say(`readings.quality.${curve.quality[place]}`) }),
      ...(word ? [say("readings.curve.at.word", { word })] : []),
      ...(treatment ? [say(`readings.treatment.${treatment}`)] : []),
      ...(estimate === null ? [] : [say("readings.curve.at.estimate", { energy: this.energyOf(estimate) })]),
    ].join("; ");
  }

  render() {
    const { curve } = this;
    if (!curve) return nothing;
    const told = this.tell(curve, this.at);
    const reading = { label: say("readings.curve.label", { point: curve.metering_point }), count: this.count, at: this.at, told };
    return html`<p class="readout">${told}</p>
      ${renderPlot(reading, (event) => this.move(event), this.renderPicture(curve))} ${this.renderKeys()} ${this.renderTable(curve)}`;
  }

  /** @param {Curve} curve */
  renderPicture(curve) {
    const { width, count } = this;
    const most = Math.max(1, ...curve.energy_milliwatt_hours.map((value) => value ?? 0), ...curve.estimate_milliwatt_hours.map((value) => value ?? 0)) * 1.05;
    const frame = { width, height: HEIGHT, count, most };
    const x = (/** @type {number} */ place) => (place * width) / Math.max(1, count);
    const span = placesOf(curve, this.span);
    const middle = x(this.at + 0.5);
    return html`<svg class="steps ${curve.direction}" viewBox="0 0 ${width} ${HEIGHT + 20}" height=${HEIGHT + 20} aria-hidden="true" @pointermove=${this.point} @pointerdown=${this.point}>
      ${span ? svg`<rect class="span" x=${x(span.first)} y="0" width=${Math.max(2, x(span.until) - x(span.first))} height=${HEIGHT}></rect>` : nothing}
      <line class="base" x1="0" x2=${width} y1=${HEIGHT} y2=${HEIGHT}></line>
      ${runsOf(curve.treatment.map((word) => (word && word !== "accepted" ? 1 : null))).map(
        ({ first, values }) => svg`<rect class="aside" x=${x(first)} y=${HEIGHT} width=${Math.max(1, x(values.length))} height="4"></rect>`,
      )}
      <path class="delivered" d=${stepsPath(runsOf(curve.energy_milliwatt_hours), frame)}></path>
      <path class="estimate" d=${stepsPath(runsOf(curve.estimate_milliwatt_hours), frame)}></path>
      <line class="cursor" x1=${middle} x2=${middle} y1="0" y2=${HEIGHT}></line>
      <text x="0" y="12">${formatEnergy(Math.round(most), this.locale, 2)}</text>
      <text x="0" y=${HEIGHT + 17}>${this.timeOf(0)}</text>
      <text x=${width} y=${HEIGHT + 17} text-anchor="end">${this.timeOf(count - 1)}</text>
    </svg>`;
  }

  renderKeys() {
    const keys = [
      ["delivered", "readings.curve.delivered"],
      ["estimate", "readings.curve.estimate"],
    ];
    return html`<ul class="keys">
      ${keys.map(
        ([kind, words]) => html`<li>
          <svg width="24" height="12" viewBox="0 0 24 12" class=${this.curve?.direction ?? ""} aria-hidden="true"><path class=${kind ?? ""} d="M0 6H24"></path></svg>
          ${say(words ?? "")}
        </li>`,
      )}
      <li>
        <svg width="24" height="12" viewBox="0 0 24 12" aria-hidden="true"><rect class="span" x="1" y="1" width="22" height="10"></rect></svg>
        ${say("readings.curve.span")}
      </li>
    </ul>`;
  }

  /** @param {Curve} curve */
  renderTable(curve) {
    const span = placesOf(curve, this.span) ?? { first: 0, until: this.count };
    const places = Array.from({ length: Math.min(ROWS_MAX, span.until - span.first) }, (_, index) => span.first + index);
    return renderFigures({
      title: say("readings.curve.table"),
      heads: ["readings.curve.time", "readings.curve.energy", "readings.curve.quality", "readings.curve.source", "readings.curve.estimate"].map((words) => say(words)),
      rows: places.map((place) => [
        this.timeOf(place),
        this.energyOf(curve.energy_milliwatt_hours[place]),
        say(`readings.quality.${curve.quality[place]}`),
        curve.source_quality[place] ?? "",
        curve.estimate_milliwatt_hours[place] === null ? "" : this.energyOf(curve.estimate_milliwatt_hours[place]),
      ]),
    });
  }
}

customElements.define("partage-reading-curve", ReadingCurve);
