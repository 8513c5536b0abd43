/**
 * A network and its clock: what the map shows, when, and what is read there. It keeps the moment, so that playing draws nothing else again.
 *
 * @typedef {import("../domain/grid_frames.js").Film} Film
 * @typedef {import("../domain/grid_layout.js").Layout} Layout
 * @typedef {import("../domain/grid_time.js").Week} Week
 * @typedef {import("../domain/grid_tree.js").Structure} Structure
 * @typedef {import("../domain/grid_tree.js").Tree} Tree
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { valueAt, worstAt } from "../domain/grid_frames.js";
import { gradeOf } from "../domain/grid_scale.js";
import { clocksOf } from "../domain/grid_time.js";
import { farBus, rowsOf } from "../domain/grid_tree.js";
import { say } from "../i18n/words.js";
import "./grid_clock.js";
import "./grid_legend.js";
import "./grid_map.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const WORST_SHOWN = 5;

export class GridStage extends Localized {
  static properties = {
    structure: { attribute: false },
    tree: { attribute: false },
    layout: { attribute: false },
    film: { attribute: false },
    chosen: {},
    marks: { attribute: false },
    dimmed: { attribute: false },
    zone: {},
    day: {},
    span: { attribute: false },
    weeks: { attribute: false },
    waiting: { type: Boolean },
    halted: { type: Boolean },
    at: { type: Number },
    course: { attribute: false },
    pointed: { state: true },
    playing: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .told {
        min-height: 24px;
      }

      .worst {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }

      .worst button {
        min-height: 36px;
        padding: 4px 12px;
        font-size: 14px;
        font-weight: 400;
      }

      .worst button[aria-pressed="true"] {
        border-color: var(--brand);
        box-shadow: inset 0 0 0 1px var(--brand);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Structure | null} */
    this.structure = null;
    /** @type {Tree | null} */
    this.tree = null;
    /** @type {Layout | null} */
    this.layout = null;
    /** @type {Film | null} */
    this.film = null;
    this.chosen = "";
    /** @type {ReadonlyMap<string, string>} */
    this.marks = new Map();
    /** @type {ReadonlySet<number>} */
    this.dimmed = new Set();
    this.zone = "UTC";
    this.day = "";
    this.span = { first: "", last: "" };
    /** @type {Week[]} */
    this.weeks = [];
    this.waiting = false;
    this.halted = false;
    this.at = 0;
    /** How bad each week was; empty where it is not known. @type {import("./week_strip.js").WeekValue[]} */
    this.course = [];
    /** @type {Map<string, number>} */
    this.rows = new Map();
    /** By element of the film, its row of segments. @type {Int32Array} */
    this.rowOf = new Int32Array();
    this.playing = false;
    this.tell = (/** @type {number} */ branch) => this.tellBranch(branch);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("tree")) this.rows = this.structure && this.tree ? rowsOf(this.structure, this.tree) : new Map();
    if (changed.has("tree") || changed.has("film")) {
      const prefix = this.film?.frames.kind === "bus" ? "bus " : "";
      this.rowOf = Int32Array.from(this.film?.frames.elements ?? [], (id) => this.rows.get(prefix + id) ?? -1);
    }
    if (changed.has("film") && this.film) this.at = Math.min(this.at, Math.max(0, this.film.count - 1));
  }

  /** The worst at the moment, one of each row of segments. */
  get worst() {
    return this.film ? worstAt(this.film, this.at, WORST_SHOWN, this.rowOf) : [];
  }

  /** What a branch is measured by: itself, or the bus that it feeds. @param {number} branch */
  elementOf(branch) {
    const { film, tree, structure } = this;
    if (!film || !tree || !structure) return "";
    return film.frames.kind === "bus" ? (structure.buses[farBus(tree, branch)]?.id ?? "") : (tree.branches[branch]?.id ?? "");
  }

  /** @param {number} branch */
  tellBranch(branch) {
    const { film, tree } = this;
    const one = tree?.branches[branch];
    if (!one) return say("grid.map.none");
    const name = say(`grid.kind.${one.kind}`, { id: one.id });
    if (one.isOpen) return say("grid.tell.open", { name });
    const value = film ? valueAt(film, this.elementOf(branch), this.at) : null;
    if (!film || value === null) return say("grid.tell.unknown", { name });
    const grade = film.scale.grades[gradeOf(film.scale, value)];
    return say("grid.tell", { name, value: formatQuantity(value, film.scale.unit, this.locale), grade: say(`grid.grade.${grade?.words ?? "unknown"}`) });
  }

  /** @param {CustomEvent} event */
  noteMoment(event) {
    this.at = event.detail;
    this.dispatchEvent(new CustomEvent("moved", { detail: this.at }));
  }

  /** @param {CustomEvent} event */
  noteDay(event) {
    if (event.detail.fromStart) this.noteMoment(new CustomEvent("moved", { detail: 0 }));
    this.dispatchEvent(new CustomEvent("day", { detail: event.detail.day }));
  }

  /** @param {string} id */
  choose(id) {
    this.dispatchEvent(new CustomEvent("chosen", { detail: id }));
  }

  render() {
    const { film } = this;
    return html`<partage-grid-map
        .structure=${this.structure}
        .tree=${this.tree}
        .layout=${this.layout}
        .film=${film}
        .at=${this.at}
        .chosen=${this.chosen}
        .marks=${this.marks}
        .dimmed=${this.dimmed}
        .label=${say("grid.map.label", { network: this.structure?.name ?? "" })}
        .tell=${this.tell}
        @pointed=${(/** @type {CustomEvent} */ event) => (this.pointed = event.detail)}
        @chosen=${(/** @type {CustomEvent} */ event) => this.choose(event.detail)}
      ></partage-grid-map>
      ${film
        ? html`<partage-grid-clock
            .start=${film.frames.start}
            .step=${film.frames.step_seconds}
            .count=${film.count}
            .at=${this.at}
            .zone=${this.zone}
            .day=${this.day}
            .span=${this.span}
            .weeks=${this.weeks}
            .course=${this.course}
            .measure=${film.frames.measure}
            .unit=${film.scale.unit}
            .waiting=${this.waiting}
            .halted=${this.halted}
            @moved=${this.noteMoment}
            @day=${this.noteDay}
            @playing=${(/** @type {CustomEvent} */ event) => (this.playing = event.detail)}
          ></partage-grid-clock>`
        : nothing}
      ${this.renderTold()}
      <partage-grid-legend .scale=${film?.scale ?? null} .dark=${this.dimmed.size > 0}></partage-grid-legend>`;
  }

  /** What stands worst at the moment, and what a pointer stands on. */
  renderTold() {
    const { film } = this;
    if (!film) return nothing;
    const time = clocksOf(this.zone)(film.frames.start + this.at * film.frames.step_seconds);
    const pointed = (this.pointed ?? -1) >= 0 ? this.tellBranch(this.pointed ?? -1) : say("grid.told.hint");
    return html`<p class="told small" aria-hidden="true">${pointed}</p>
      <div class="row small">
        <span class="soft">${say("grid.told.worst", { time })}</span>
        <span class="worst">
          ${this.worst.map(
            ({ element, value }) => html`<button type="button" aria-pressed=${element === this.chosen ? "true" : "false"} @click=${() => this.choose(element)}>
              ${element} <b>${formatQuantity(value, film.scale.unit, this.locale)}</b>
            </button>`,
          )}
        </span>
      </div>`;
  }
}

customElements.define("partage-grid-stage", GridStage);
