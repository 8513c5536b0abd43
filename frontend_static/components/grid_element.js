/**
 * An element of a network over a day: currents, powers, voltages of its phases, its neutral; what it is and what is behind it.
 *
 * @typedef {import("../domain/grid_ranks.js").PhaseSeries} PhaseSeries
 * @typedef {{start: number, step_seconds: number, phases: PhaseSeries}} ElementSeries
 * @typedef {[words: string, text: unknown]} Fact
 */
import { css, html, nothing } from "../vendor/lit.js";
import { linesOfPhases, neutralLine } from "../domain/grid_ranks.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { roleStyles, tabStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";
import "./phase_chart.js";

const KINDS = /** @type {const} */ (["currents", "powers", "voltages"]);
const UNITS = { currents: "A", powers: "kW", voltages: "pu" };
const VOLTAGE_LIMITS = [0.9, 1.1]; // EN 50160

export class GridElement extends Localized {
  static properties = { series: { attribute: false }, facts: { attribute: false }, rated: { type: Number }, zone: {}, element: {}, kind: { state: true } };

  static styles = [
    sharedStyles,
    roleStyles,
    tabStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .facts dd {
        font-size: 16px;
        white-space: normal;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    /** Null while it is fetched. @type {ElementSeries | null} */
    this.series = null;
    /** @type {Fact[]} */
    this.facts = [];
    /** What it carries for long, 0 where unknown [A]. */
    this.rated = 0;
    this.zone = "UTC";
    this.element = "";
    /** @type {"currents" | "powers" | "voltages"} */
    this.kind = "currents";
  }

  /** What there is: of a connection, no currents. */
  get kinds() {
    return this.series && !this.series.phases.currents_a ? KINDS.slice(1) : KINDS;
  }

  /** @returns {"currents" | "powers" | "voltages"} What is drawn. */
  get shown() {
    return this.kinds.includes(this.kind) ? this.kind : "powers";
  }

  /** @param {PhaseSeries} phases */
  linesOf({ currents_a: currents, powers_kw: powers, voltages_pu: voltages, neutral_a: neutral }) {
    if (this.shown === "powers") return linesOfPhases(powers);
    if (this.shown === "voltages") return linesOfPhases(voltages);
    return [...linesOfPhases(currents), ...neutralLine(neutral, say("grid.element.neutral"))];
  }

  /** @param {(number | null)[][]} lines */
  limitsOf(lines) {
    const values = lines.flat().filter((value) => value !== null);
    if (this.shown === "voltages") return VOLTAGE_LIMITS.filter((limit) => values.some((value) => Math.abs(value - limit) < 0.06)).map((value) => ({ label: say("grid.element.limit.voltage", { value: Math.round(value * 100) }), value }));
    const isNear = this.shown === "currents" && this.rated > 0 && values.some((value) => value > this.rated / 2);
    return isNear ? [{ label: say("grid.element.limit.rated"), value: this.rated }] : [];
  }

  render() {
    const { series } = this;
    return html`<dl class="facts">
        ${this.facts.map(([words, text]) => html`<div><dt>${say(words)}</dt><dd>${text}</dd></div>`)}
      </dl>
      <div class="tabs screen" role="group" aria-label=${say("grid.element.show")}>
        ${this.kinds.map((kind) => html`<button type="button" aria-pressed=${kind === this.shown ? "true" : "false"} @click=${() => (this.kind = kind)}>${say(`grid.element.${kind}`)}</button>`)}
      </div>
      ${series ? this.renderSeries(series) : html`<p class="soft" role="status">${say("loading")}…</p>`}`;
  }

  /** @param {ElementSeries} series */
  renderSeries(series) {
    const lines = this.linesOf(series.phases);
    if (lines.length === 0) return html`<p class="soft">${say("grid.element.none")}</p>`;
    return html`<partage-phase-chart
      .start=${series.start}
      .step=${series.step_seconds}
      .lines=${lines}
      .limits=${this.limitsOf(lines.map(({ values }) => values))}
      .unit=${UNITS[this.shown]}
      .zone=${this.zone}
      .fromZero=${this.shown !== "voltages"}
      .label=${say(`grid.element.${this.shown}.of`, { element: this.element })}
    ></partage-phase-chart>
    ${this.shown === "voltages" ? html`<p class="small soft">${say("grid.element.voltages.unit")}</p>` : nothing}`;
  }
}

customElements.define("partage-grid-element", GridElement);
