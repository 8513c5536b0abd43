/**
 * What went down a feeder beside what its points took, day by day, and the points to look at. Tells `chosen` with a point's finding.
 *
 * @typedef {import("../domain/meter_sums.js").FeederSum} FeederSum
 * @typedef {import("../domain/meter_sums.js").FeederSums} FeederSums
 * @typedef {import("../domain/readings.js").StoredFinding} StoredFinding
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatCount, formatDay, formatEnergy } from "../domain/figures.js";
import { bandOf, behindOf, depthIn, lineOf, spanOf, sumsOf } from "../domain/meter_sums.js";
import { runsOf } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import { Measured, chartStyles, courseStyles, differs, placeAfter, renderFigures, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const [HEIGHT, FOOT] = [220, 20]; // px of the plot, of the days below it
const STEPS = /** @type {Readonly<Record<string, number>>} */ ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7 });
const KEYS = /** @type {const} */ ([
  ["flow", "readings.feeder.key.flow"],
  ["took", "readings.feeder.key.took"],
  ["band", "readings.feeder.key.band"],
  ["apart", "readings.feeder.key.apart"],
]);
const HEADS = ["readings.feeder.head.day", "readings.feeder.head.flow", "readings.feeder.head.took", "readings.feeder.head.low", "readings.feeder.head.high", "readings.feeder.head.verdict"];

export class FeederDays extends Measured {
  static properties = { ...Measured.properties, feeder: { attribute: false, hasChanged: differs }, findings: { attribute: false }, at: { state: true } };

  static styles = [
    sharedStyles,
    chartStyles,
    courseStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      svg.days {
        display: block;
        width: 100%;
        overflow: visible;
      }

      .flow {
        fill: none;
        stroke: var(--flow-grid-ink);
        stroke-width: 2.5;
      }

      .took {
        fill: none;
        stroke: var(--flow-shared-ink);
        stroke-width: 2;
        stroke-dasharray: 5 3;
      }

      .band {
        fill: var(--flow-shared);
        opacity: 0.25;
      }

      .apart {
        fill: var(--contestable-wash);
        stroke: var(--contestable);
        stroke-width: 1;
        stroke-dasharray: 2 3;
      }

      .readout {
        min-height: 60px;
      }

      .row button {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {FeederSums | null} */
    this.feeder = null;
    /** @type {StoredFinding[]} */
    this.findings = [];
    this.at = 0;
    /** @type {FeederSum[]} */
    this.sums = [];
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("feeder")) return;
    this.sums = sumsOf(this.feeder?.days ?? []);
    this.at = Math.max(0, this.sums.findIndex(({ apart }) => apart));
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    this.at = placeAfter(event, { at: this.at, count: this.sums.length, steps: STEPS }) ?? this.at;
  }

  /** @param {PointerEvent} event */
  point(event) {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    this.at = Math.min(this.sums.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) * this.sums.length) / Math.max(1, box.width))));
  }

  /** @param {number | null} energy [mWh] */
  energyOf(energy) {
    return energy === null ? "–" : formatEnergy(energy, this.locale);
  }

  /** @param {FeederSum | undefined} sum */
  tell(sum) {
    if (!sum) return "";
    const day = formatDay(sum.day, this.locale);
    if (sum.flow === null) return say("readings.feeder.at.missing", { day });
    const values = { day, flow: this.energyOf(sum.flow), took: this.energyOf(sum.took), low: this.energyOf(sum.low), high: this.energyOf(sum.high) };
    return `${say("readings.feeder.at", values)} ${say(this.verdictWords(sum))}`;
  }

  /** @param {FeederSum} sum */
  verdictWords({ flow, apart }) {
    if (flow === null) return "readings.feeder.verdict.missing";
    return apart ? "readings.feeder.verdict.apart" : "readings.feeder.verdict.within";
  }

  render() {
    const { feeder, sums } = this;
    if (!feeder || sums.length === 0) return nothing;
    const told = this.tell(sums[this.at]);
    const reading = { label: say("readings.feeder.label", { feeder: feeder.feeder }), count: sums.length, at: this.at, told };
    return html`<p class="readout">${told}</p>
      ${renderPlot(reading, (event) => this.move(event), this.renderPicture(sums))} ${this.renderKeys()} ${this.renderTable(sums)} ${this.renderBehind(feeder)}`;
  }

  /** @param {FeederSum[]} sums */
  renderPicture(sums) {
    const { width, locale } = this;
    const count = sums.length;
    const frame = { width, height: HEIGHT, count, ...spanOf(sums) };
    const x = (/** @type {number} */ place) => (place * width) / count;
    const zero = depthIn(frame)(0);
    const middle = x(this.at + 0.5);
    const ends = [sums[0], sums.at(-1)].map((sum) => (sum ? formatDay(sum.day, locale) : ""));
    return html`<svg class="days" viewBox="0 0 ${width} ${HEIGHT + FOOT}" height=${HEIGHT + FOOT} aria-hidden="true" @pointermove=${this.point} @pointerdown=${this.point}>
      ${runsOf(sums.map(({ apart }) => (apart ? 1 : null))).map(({ first, values }) => svg`<rect class="apart" x=${x(first)} y="0" width=${Math.max(2, x(values.length))} height=${HEIGHT}></rect>`)}
      <path class="band" d=${bandOf(sums, frame)}></path>
      <line class="base" x1="0" x2=${width} y1=${zero} y2=${zero}></line>
      <path class="took" d=${lineOf(sums.map(({ took }) => took), frame)}></path>
      <path class="flow" d=${lineOf(sums.map(({ flow }) => flow), frame)}></path>
      <line class="cursor" x1=${middle} x2=${middle} y1="0" y2=${HEIGHT}></line>
      <text x="0" y="12">${this.energyOf(Math.round(frame.most))}</text>
      <text x="0" y=${HEIGHT + 17}>${ends[0]}</text>
      <text x=${width} y=${HEIGHT + 17} text-anchor="end">${ends[1]}</text>
    </svg>`;
  }

  renderKeys() {
    return html`<ul class="keys">
      ${KEYS.map(
        ([kind, words]) => html`<li>
          <svg width="24" height="12" viewBox="0 0 24 12" aria-hidden="true">${kind === "flow" || kind === "took" ? svg`<path class=${kind} d="M0 6H24"></path>` : svg`<rect class=${kind} x="1" y="1" width="22" height="10"></rect>`}</svg>
          ${say(words)}
        </li>`,
      )}
    </ul>`;
  }

  /** @param {FeederSum[]} sums */
  renderTable(sums) {
    return renderFigures({
      title: say("readings.feeder.table"),
      heads: HEADS.map((words) => say(words)),
      rows: sums.map((sum) => [formatDay(sum.day, this.locale), ...[sum.flow, sum.took, sum.low, sum.high].map((energy) => this.energyOf(energy)), say(this.verdictWords(sum))]),
    });
  }

  /** @param {FeederSums} feeder */
  renderBehind({ metering_points: points }) {
    const { found, others } = behindOf(points, this.findings);
    return html`<h3>${say("readings.feeder.behind")}</h3>
      <p>${say("readings.feeder.behind.how")}</p>
      ${found.length > 0
        ? html`<div class="row screen">
            ${found.map(
              ({ point, findings }) => html`<button type="button" @click=${() => this.dispatchEvent(new CustomEvent("chosen", { detail: findings[0] }))}>
                ${say(findings.length === 1 ? "readings.feeder.point.one" : "readings.feeder.point", { point, count: formatCount(findings.length, this.locale) })}
              </button>`,
            )}
          </div>`
        : nothing}
      ${others.length > 0 ? html`<p class="small soft">${say("readings.feeder.others", { points: others.join(", ") })}</p>` : nothing}`;
  }
}

customElements.define("partage-feeder-days", FeederDays);
