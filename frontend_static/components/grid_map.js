/**
 * A network, drawn; moved and enlarged by pointer, fingers and keys. Arrow keys follow its lines: up to the source, down from it, across.
 *
 * @typedef {import("../domain/grid_frames.js").Film} Film
 * @typedef {import("../domain/grid_layout.js").Layout} Layout
 * @typedef {import("../domain/grid_layout.js").View} View
 * @typedef {import("../domain/grid_tree.js").Structure} Structure
 * @typedef {import("../domain/grid_tree.js").Tree} Tree
 */
import { css, html } from "../vendor/lit.js";
import { distanceSquared, fitView, zoomView } from "../domain/grid_layout.js";
import { branchAfter, farBus } from "../domain/grid_tree.js";
import { say } from "../i18n/words.js";
import { Measured } from "./chart_parts.js";
import { paintScene, projectBuses } from "./grid_painter.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

const MARGIN = 36; // px
const BUTTONS = 24; // px, more to the right, where the buttons stand
const REACH = 14; // px, of a pointer
const DOT_REACH = 8; // px
const PAN = 60; // px, of a key
const ZOOM = 1.35; // of a key or button
const NEAREST = 400; // times the first scale
const WAYS = /** @type {const} */ ({ ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" });

export class GridMap extends Measured {
  static properties = {
    ...Measured.properties,
    structure: { attribute: false },
    tree: { attribute: false },
    layout: { attribute: false },
    film: { attribute: false },
    at: { type: Number },
    chosen: {},
    dimmed: { attribute: false },
    marks: { attribute: false },
    label: {},
    tell: { attribute: false },
    pointed: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      .frame {
        position: relative;
        overflow: hidden;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      canvas {
        display: block;
        width: 100%;
        height: var(--map-height, 480px);
        touch-action: pan-y;
        cursor: grab;
        border-radius: inherit;
      }

      canvas.grabbed {
        cursor: grabbing;
      }

      canvas:focus-visible {
        outline-offset: -3px;
      }

      .zoom {
        position: absolute;
        top: 8px;
        right: 8px;
        display: grid;
        gap: 4px;
      }

      .zoom button {
        min-height: 40px;
        width: 40px;
        padding: 0;
      }

      .probe {
        display: none;
      }

      @media (max-width: 599px) {
        canvas {
          height: var(--map-height, 340px);
        }
      }

      @media print {
        .zoom {
          display: none;
        }
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
    this.at = 0;
    this.chosen = "";
    /** @type {ReadonlySet<number>} */
    this.dimmed = new Set();
    /** @type {ReadonlyMap<string, string>} */
    this.marks = new Map();
    this.label = "";
    /** What is said of a branch. @type {(branch: number) => string} */
    this.tell = () => "";
    this.pointed = -1;
    /** @type {View | null} */
    this.view = null;
    this.firstScale = 1;
    /** @type {Float32Array} */
    this.placed = new Float32Array();
    /** @type {Int32Array} */
    this.rows = new Int32Array();
    /** @type {Map<number, {x: number, y: number}>} */
    this.touches = new Map();
    /** Place of each bus. @type {Map<string, number>} */
    this.places = new Map();
    this.hasMoved = false;
    this.frame = 0;
    /** @type {Map<string, string>} */
    this.colours = new Map();
    this.recolour = () => {
      this.colours.clear();
      this.repaint();
    };
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.repaint = () => {
      this.frame ||= requestAnimationFrame(() => this.paint());
    };
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener("partage-theme", this.recolour);
    this.dark.addEventListener("change", this.recolour);
  }

  disconnectedCallback() {
    window.removeEventListener("partage-theme", this.recolour);
    this.dark.removeEventListener("change", this.recolour);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    super.disconnectedCallback();
  }

  /** @param {number} width */
  resize(width) {
    super.resize(width);
    this.fit();
  }

  get canvas() {
    return /** @type {HTMLCanvasElement | null} */ (this.renderRoot.querySelector("canvas"));
  }

  /** Show all of it. */
  fit() {
    const { canvas, layout } = this;
    if (!canvas || !layout) return;
    this.show(fitView(layout, { width: canvas.clientWidth - BUTTONS, height: canvas.clientHeight }, MARGIN));
    this.firstScale = this.view?.scale ?? 1;
  }

  /** @param {View} view */
  show(view) {
    this.view = view;
    if (this.layout) this.placed = projectBuses(this.layout, view);
    this.repaint();
  }

  /** @param {number} factor @param {{x: number, y: number}} [at] */
  zoom(factor, at) {
    const { canvas, view } = this;
    if (!canvas || !view) return;
    const middle = at ?? { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 };
    this.show(zoomView(view, factor, middle, { least: this.firstScale / 2, most: this.firstScale * NEAREST }));
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    if (this.view) this.show({ ...this.view, x: this.view.x + dx, y: this.view.y + dy });
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("structure")) {
      this.pointed = -1;
      this.places = new Map(this.structure?.buses.map(({ id }, i) => [id, i]) ?? []);
    }
    if (changed.has("film") || changed.has("tree")) this.rows = this.findRows();
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("layout")) this.fit();
    else this.repaint();
    if (changed.has("pointed")) this.dispatchEvent(new CustomEvent("pointed", { detail: this.pointed }));
  }

  /** Which row of the film tells of each branch: its own, or that of the bus it feeds. */
  findRows() {
    const { film, tree, structure } = this;
    if (!film || !tree || !structure) return new Int32Array();
    const ofBuses = film.frames.kind === "bus";
    return Int32Array.from(tree.branches, ({ id }, i) => {
      const bus = farBus(tree, i);
      return film.rows.get(ofBuses ? (structure.buses[bus]?.id ?? "") : id) ?? -1;
    });
  }

  /** The colour of a token as the theme has it: a canvas knows no custom properties. @param {string} name */
  colour(name) {
    let colour = this.colours.get(name);
    if (colour === undefined) {
      const probe = /** @type {HTMLElement} */ (this.renderRoot.querySelector(".probe"));
      probe.style.color = `var(--${name})`;
      this.colours.set(name, (colour = getComputedStyle(probe).color));
    }
    return colour;
  }

  paint() {
    this.frame = 0;
    const { canvas, structure, tree, layout, film, rows, dimmed, marks } = this;
    const pen = canvas?.getContext("2d");
    if (!canvas || !pen || !structure || !tree || !layout || !this.view) return;
    const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const at = Math.min(this.at, Math.max(0, (film?.count ?? 1) - 1));
    const chosen = tree.branches.findIndex(({ id }) => id === this.chosen);
    const scene = { structure, tree, layout, film, rows, at, dimmed, marks, chosen, pointed: this.pointed, ring: this.places.get(structure.connections.find(({ id }) => id === this.chosen)?.bus ?? "") ?? -1 };
    paintScene(pen, scene, this.placed, { colour: (name) => this.colour(name), width, height, ratio });
  }

  /** @param {{x: number, y: number}} point @returns {number} The branch there; -1 for none. */
  branchAt(point) {
    let [found, least] = [-1, REACH * REACH];
    const { placed } = this;
    this.tree?.branches.forEach(({ from, to, kind }, i) => {
      const [x0, y0, x1, y1] = [placed[2 * from] ?? 0, placed[2 * from + 1] ?? 0, placed[2 * to] ?? 0, placed[2 * to + 1] ?? 0];
      const middle = kind === "segment" ? Infinity : (point.x - (x0 + x1) / 2) ** 2 + (point.y - (y0 + y1) / 2) ** 2 - 60; // a station is easier to meet
      const corner = this.layout?.kind === "scheme" ? distanceSquared(point, { x0: Math.min(x0, x1), y0, x1: Math.max(x0, x1), y1: x0 < x1 ? y1 : y0 }) : Infinity;
      const straight = this.layout?.kind === "scheme" ? distanceSquared(point, { x0, y0: y1, x1, y1 }) : distanceSquared(point, { x0, y0, x1, y1 });
      const distance = Math.min(straight, middle, this.layout?.kind === "scheme" && x0 === x1 ? corner : Infinity);
      if (distance < least) [found, least] = [i, distance];
    });
    return found;
  }

  /** @param {{x: number, y: number}} point @returns {string} The connection whose dot is there; empty for none. */
  connectionAt(point) {
    const { structure, placed } = this;
    let [found, least] = ["", DOT_REACH * DOT_REACH];
    for (const { id, bus } of structure?.connections ?? []) {
      const at = this.places.get(bus) ?? -1;
      const distance = (point.x - (placed[2 * at] ?? Infinity)) ** 2 + (point.y - (placed[2 * at + 1] ?? Infinity)) ** 2;
      if (distance < least) [found, least] = [id, distance];
    }
    return found;
  }

  /** @param {PointerEvent | WheelEvent} event */
  pointOf(event) {
    const box = /** @type {HTMLElement} */ (this.canvas).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {PointerEvent} event */
  press(event) {
    this.touches.set(event.pointerId, this.pointOf(event));
    this.hasMoved = this.touches.size > 1;
    this.canvas?.setPointerCapture(event.pointerId);
    this.canvas?.classList.add("grabbed");
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const point = this.pointOf(event);
    const before = this.touches.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") this.pointed = this.branchAt(point);
      return;
    }
    const others = [...this.touches].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const [dx, dy] = [point.x - before.x, point.y - before.y];
    if (!this.hasMoved && Math.hypot(dx, dy) < 4) return;
    this.hasMoved = true;
    this.touches.set(event.pointerId, point);
    const other = others[0];
    if (!other) {
      this.pan(dx, event.pointerType === "touch" ? 0 : dy); // a finger that goes up or down moves the page
      return;
    }
    const [was, is] = [Math.hypot(before.x - other.x, before.y - other.y), Math.hypot(point.x - other.x, point.y - other.y)];
    this.pan(dx / 2, dy / 2);
    if (was > 0) this.zoom(is / was, { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
  }

  /** @param {PointerEvent} event */
  release(event) {
    const isClick = this.touches.has(event.pointerId) && !this.hasMoved;
    this.touches.delete(event.pointerId);
    if (this.touches.size === 0) this.canvas?.classList.remove("grabbed");
    if (!isClick || event.type !== "pointerup") return;
    const point = this.pointOf(event);
    const connection = this.connectionAt(point);
    if (connection) this.dispatchEvent(new CustomEvent("chosen", { detail: connection }));
    else this.choose(this.branchAt(point));
  }

  /** @param {WheelEvent} event With a control key, or as two fingers on a pad give it; else the page scrolls. */
  turn(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 300), this.pointOf(event));
  }

  /** @param {number} branch */
  choose(branch) {
    const id = this.tree?.branches[branch]?.id;
    if (id === undefined) return;
    this.pointed = branch;
    this.dispatchEvent(new CustomEvent("chosen", { detail: id }));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const way = WAYS[/** @type {keyof typeof WAYS} */ (event.key)];
    if (way && event.shiftKey) this.pan({ left: PAN, right: -PAN, up: 0, down: 0 }[way], { up: PAN, down: -PAN, left: 0, right: 0 }[way]);
    else if (way && this.tree) this.follow(way);
    else if (event.key === "Enter" || event.key === " ") this.choose(this.pointed);
    else if (event.key === "+" || event.key === "=") this.zoom(ZOOM);
    else if (event.key === "-") this.zoom(1 / ZOOM);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }

  /** @param {"up" | "down" | "left" | "right"} way */
  follow(way) {
    const { tree, canvas } = this;
    if (!tree || !canvas) return;
    const from = this.pointed >= 0 ? this.pointed : tree.branches.findIndex(({ id }) => id === this.chosen);
    this.pointed = branchAfter(tree, from, way);
    const bus = tree.branches[this.pointed]?.to ?? 0;
    const [x, y] = [this.placed[2 * bus] ?? 0, this.placed[2 * bus + 1] ?? 0];
    const outside = x < 0 || y < 0 || x > canvas.clientWidth || y > canvas.clientHeight;
    if (outside) this.pan(canvas.clientWidth / 2 - x, canvas.clientHeight / 2 - y);
  }

  render() {
    const count = this.tree?.branches.length ?? 0;
    const told = this.pointed >= 0 ? this.tell(this.pointed) : say("grid.map.none");
    return html`<div class="frame">
        <canvas
          role="slider"
          tabindex="0"
          aria-label=${this.label}
          aria-describedby="keys"
          aria-valuemin="0"
          aria-valuemax=${Math.max(0, count)}
          aria-valuenow=${this.pointed + 1}
          aria-valuetext=${told}
          @pointerdown=${this.press}
          @pointermove=${this.drag}
          @pointerup=${this.release}
          @pointercancel=${this.release}
          @pointerleave=${() => this.touches.size === 0 && (this.pointed = -1)}
          @wheel=${{ handleEvent: (/** @type {WheelEvent} */ event) => this.turn(event), passive: false }}
          @keydown=${this.key}
        ></canvas>
        <div class="zoom screen">
          <button type="button" aria-label=${say("grid.map.nearer")} @click=${() => this.zoom(ZOOM)}>${icon("plus")}</button>
          <button type="button" aria-label=${say("grid.map.farther")} @click=${() => this.zoom(1 / ZOOM)}>${icon("minus")}</button>
          <button type="button" aria-label=${say("grid.map.fit")} @click=${this.fit}>${icon("fit")}</button>
        </div>
      </div>
      <p class="hidden" id="keys">${say("grid.map.keys")}</p>
      <span class="probe" aria-hidden="true"></span>`;
  }
}

customElements.define("partage-grid-map", GridMap);
