/**
 * Draws a network on a canvas: its branches by grade, what stands on them, and what is looked at. A thousand take a millisecond or two.
 *
 * @typedef {import("../domain/grid_frames.js").Film} Film
 * @typedef {import("../domain/grid_layout.js").Layout} Layout
 * @typedef {import("../domain/grid_layout.js").View} View
 * @typedef {import("../domain/grid_tree.js").Structure} Structure
 * @typedef {import("../domain/grid_tree.js").Tree} Tree
 *
 * @typedef {object} Scene
 * @property {Structure} structure
 * @property {Tree} tree
 * @property {Layout} layout
 * @property {Film | null} film
 * @property {Int32Array} rows By branch, its row of the film; -1 for none.
 * @property {number} at Interval.
 * @property {number} chosen Branch; -1 for none.
 * @property {number} pointed Branch that a pointer or key stands on; -1 for none.
 * @property {number} ring Bus of the connection that is chosen; -1 for none.
 * @property {ReadonlySet<number>} dimmed Buses that are without supply, as what is looked at would have it.
 * @property {ReadonlyMap<string, string>} marks By connection, what is written beside it.
 *
 * @typedef {{left: number, top: number, width: number}} Box Of a mark [px].
 * @typedef {{colour: (name: string) => string, width: number, height: number, ratio: number}} Ground Size in CSS pixels, and device pixels in each.
 */
import { UNKNOWN } from "../domain/grid_scale.js";

const TRANSFORMER = 9; // px, half its side
const STATION_CELL = 24; // px
const CROWD = 2; // symbols that a cell and those around it have room for
const LARGEST = 3; // transformers that are drawn in any crowd
const SMALL = 1.5; // px, half the side of what has no room for its symbol
const AROUND = /** @type {[number, number][]} */ ([-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy])));
const DOT = 2.5; // px
const MARK = 22; // px, from one mark to the next above it
const [CROWDED, ROOMY] = [12, 22]; // px from bus to bus on the average: connections are drawn smaller, or larger

/**
 * @param {Layout} layout
 * @param {View} view
 * @returns {Float32Array} Of each bus, x and y [px].
 */
export function projectBuses({ xs, ys }, { scale, stretch, x, y }) {
  const placed = new Float32Array(xs.length * 2);
  for (let i = 0; i < xs.length; i += 1) {
    placed[2 * i] = (xs[i] ?? 0) * scale * stretch + x;
    placed[2 * i + 1] = (ys[i] ?? 0) * scale + y;
  }
  return placed;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Scene} scene
 * @param {Float32Array} placed Buses, as `projectBuses` gives them.
 * @param {Ground} ground
 */
export function paintScene(pen, scene, placed, ground) {
  pen.setTransform(ground.ratio, 0, 0, ground.ratio, 0, 0);
  pen.clearRect(0, 0, ground.width, ground.height);
  pen.lineCap = "round";
  pen.lineJoin = "round";
  const isScheme = scene.layout.kind === "scheme";
  paintHalo(pen, scene, placed, { ...ground, isScheme });
  paintBranches(pen, scene, placed, { ...ground, isScheme });
  paintConnections(pen, scene, placed, ground);
  paintStations(pen, scene, placed, ground);
}

/**
 * @param {CanvasRenderingContext2D | Path2D} pen
 * @param {Float32Array} placed
 * @param {{from: number, to: number}} branch
 * @param {boolean} isScheme Trees are drawn at right angles.
 */
function trace(pen, placed, { from, to }, isScheme) {
  const [x0, y0, x1, y1] = [placed[2 * from] ?? 0, placed[2 * from + 1] ?? 0, placed[2 * to] ?? 0, placed[2 * to + 1] ?? 0];
  pen.moveTo(x0, y0);
  if (isScheme && Math.abs(y1 - y0) > 0.5) pen.lineTo(Math.min(x0, x1) === x0 ? x0 : x1, Math.min(x0, x1) === x0 ? y1 : y0);
  pen.lineTo(x1, y1);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Scene} scene
 * @param {Float32Array} placed
 * @param {Ground & {isScheme: boolean}} ground
 */
function paintBranches(pen, { tree, film, rows, at, dimmed }, placed, { colour, isScheme }) {
  const { branches } = tree;
  const grades = film?.scale.grades ?? [];
  /** @type {number[][]} */
  const byGrade = Array.from({ length: grades.length }, () => []);
  const [unknown, open, dark] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let i = 0; i < branches.length; i += 1) {
    const branch = /** @type {import("../domain/grid_tree.js").Branch} */ (branches[i]);
    if (branch.isOpen) {
      open.push(i);
      continue;
    }
    if (dimmed.has(branch.to) || dimmed.has(branch.from)) {
      dark.push(i);
      continue;
    }
    const row = rows[i] ?? -1;
    const grade = film && row >= 0 ? (film.grades[row * film.count + at] ?? UNKNOWN) : UNKNOWN;
    (byGrade[grade] ?? unknown).push(i);
  }
  /** @param {readonly number[]} group @param {string} token @param {number} width @param {number[]} [dash] */
  const stroke = (group, token, width, dash = []) => {
    if (group.length === 0) return;
    pen.beginPath();
    for (const i of group) trace(pen, placed, /** @type {any} */ (branches[i]), isScheme);
    pen.setLineDash(dash);
    pen.strokeStyle = colour(token);
    pen.lineWidth = width;
    pen.stroke();
  };
  stroke(unknown, "line-strong", film ? 1 : 1.5, film ? [3, 3] : []);
  stroke(dark, "voided", 2, [2, 4]);
  grades.forEach(({ tone, width }, i) => stroke(byGrade[i] ?? [], tone, width));
  stroke(open, "line-strong", 1.5, [6, 5]);
  pen.setLineDash([]);
}

/**
 * What is chosen, and what a pointer stands on, as a band around it.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {Scene} scene
 * @param {Float32Array} placed
 * @param {Ground & {isScheme: boolean}} ground
 */
function paintHalo(pen, { tree, chosen, pointed, ring }, placed, { colour, isScheme }) {
  pen.setLineDash([]);
  if (ring >= 0) {
    pen.beginPath();
    pen.arc(placed[2 * ring] ?? 0, placed[2 * ring + 1] ?? 0, 10, 0, 2 * Math.PI);
    pen.strokeStyle = colour("focus");
    pen.lineWidth = 3;
    pen.stroke();
  }
  for (const [branch, width] of [
    [pointed, 10],
    [chosen, 14],
  ]) {
    const one = tree.branches[branch ?? -1];
    if (!one) continue;
    pen.beginPath();
    trace(pen, placed, one, isScheme);
    pen.strokeStyle = colour("focus");
    pen.globalAlpha = branch === chosen ? 0.55 : 0.35;
    pen.lineWidth = width ?? 10;
    pen.stroke();
    pen.globalAlpha = 1;
    if (branch !== chosen) continue;
    const [x, y] = [((placed[2 * one.from] ?? 0) + (placed[2 * one.to] ?? 0)) / 2, ((placed[2 * one.from + 1] ?? 0) + (placed[2 * one.to + 1] ?? 0)) / 2];
    pen.beginPath();
    pen.arc(x, y, 15, 0, 2 * Math.PI);
    pen.lineWidth = 2.5;
    pen.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Scene} scene
 * @param {Float32Array} placed
 * @param {Ground} ground
 */
function paintConnections(pen, { structure, marks, dimmed }, placed, { colour, width }) {
  const place = placesOf(structure);
  const spread = placed.length > 2 ? (Math.max(...extentOf(placed)) / Math.sqrt(placed.length / 2)) : width;
  const size = DOT * (spread > ROOMY ? 1.6 : spread < CROWDED ? 0.6 : 1);
  /** @param {boolean} critical */
  const dots = (critical) => {
    pen.beginPath();
    for (const { bus, is_critical: isCritical } of structure.connections) {
      const at = place.get(bus);
      if (at === undefined || isCritical !== critical || dimmed.has(at)) continue;
      const [x, y] = [placed[2 * at] ?? 0, placed[2 * at + 1] ?? 0];
      pen.moveTo(x + size, y);
      pen.arc(x, y, size, 0, 2 * Math.PI);
    }
  };
  dots(false);
  pen.fillStyle = colour("ink-soft");
  pen.fill();
  dots(true);
  pen.fillStyle = colour("surface");
  pen.fill();
  pen.strokeStyle = colour("ink");
  pen.lineWidth = 2;
  pen.stroke();
  /** @type {Box[]} */
  const boxes = [];
  for (const { id, bus } of structure.connections) {
    const [words, at] = [marks.get(id), place.get(bus)];
    if (words !== undefined && at !== undefined) boxes.push(paintMark(pen, words, { x: placed[2 * at] ?? 0, y: placed[2 * at + 1] ?? 0, boxes }, colour));
  }
}

/**
 * Written above its place, higher where another stands there already.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {string} words
 * @param {{x: number, y: number, boxes: readonly Box[]}} at
 * @param {Ground["colour"]} colour
 * @returns {Box}
 */
function paintMark(pen, words, { x, y, boxes }, colour) {
  pen.font = "600 12px system-ui, sans-serif";
  const width = pen.measureText(words).width + 12;
  const box = { left: x + 6, top: y - 30, width };
  const isTaken = () => boxes.some(({ left, top, width: other }) => left < box.left + width && box.left < left + other && Math.abs(top - box.top) < MARK);
  while (isTaken()) box.top -= MARK;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + 8, box.top + 18);
  pen.strokeStyle = colour("brand");
  pen.lineWidth = 2;
  pen.stroke();
  pen.beginPath();
  pen.roundRect(box.left, box.top, width, 20, 6);
  pen.fillStyle = colour("brand");
  pen.fill();
  pen.fillStyle = colour("on-brand");
  pen.textBaseline = "middle";
  pen.fillText(words, x + 12, box.top + 10);
  return box;
}

/**
 * Sources as triangles, transformers as squares with two rings, open switches as a gap with a bar; in a crowd only the largest have their
 * signs, so that lines are seen, and the others are small squares until one looks nearer.
 *
 * @param {CanvasRenderingContext2D} pen
 * @param {Scene} scene
 * @param {Float32Array} placed
 * @param {Ground} ground
 */
function paintStations(pen, { structure, tree }, placed, { colour }) {
  pen.lineWidth = 1.8;
  pen.strokeStyle = colour("ink");
  pen.fillStyle = colour("surface");
  const all = stationsOf(structure, tree).map((branch) => ({ branch, x: ((placed[2 * branch.from] ?? 0) + (placed[2 * branch.to] ?? 0)) / 2, y: ((placed[2 * branch.from + 1] ?? 0) + (placed[2 * branch.to + 1] ?? 0)) / 2 }));
  const cellOf = (/** @type {number} */ x, /** @type {number} */ y, dx = 0, dy = 0) => (Math.floor(x / STATION_CELL) + dx) * 65536 + Math.floor(y / STATION_CELL) + dy;
  /** @type {Map<number, number>} How many stand in each cell. */
  const crowd = new Map();
  for (const { x, y } of all) crowd.set(cellOf(x, y), (crowd.get(cellOf(x, y)) ?? 0) + 1);
  const around = (/** @type {number} */ x, /** @type {number} */ y) => AROUND.reduce((sum, [dx, dy]) => sum + (crowd.get(cellOf(x, y, dx, dy)) ?? 0), 0);
  const full = all.filter(({ branch, x, y }, i) => i < LARGEST || branch.isOpen || around(x, y) <= CROWD);
  const isFull = new Set(full);
  pen.beginPath();
  for (const one of all) if (!isFull.has(one)) pen.rect(one.x - SMALL, one.y - SMALL, 2 * SMALL, 2 * SMALL);
  pen.fillStyle = colour("ink");
  pen.fill();
  pen.fillStyle = colour("surface");
  for (const { branch, x, y } of full.reverse()) {
    if (branch.kind === "transformer") drawTransformer(pen, x, y);
    else drawSwitch(pen, x, y, branch.isOpen);
  }
  paintSources(pen, structure, placed, colour);
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y */
function drawTransformer(pen, x, y) {
  pen.beginPath();
  pen.roundRect(x - TRANSFORMER, y - TRANSFORMER, 2 * TRANSFORMER, 2 * TRANSFORMER, 4);
  pen.fill();
  pen.stroke();
  pen.beginPath();
  pen.arc(x - 2.5, y, 4, 0, 2 * Math.PI);
  pen.moveTo(x + 6.5, y);
  pen.arc(x + 2.5, y, 4, 0, 2 * Math.PI);
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {boolean} isOpen */
function drawSwitch(pen, x, y, isOpen) {
  pen.beginPath();
  pen.rect(x - 4, y - 4, 8, 8);
  pen.fill();
  pen.stroke();
  if (isOpen) return;
  pen.beginPath();
  pen.moveTo(x, y - 4);
  pen.lineTo(x, y + 4);
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {Structure} structure @param {Float32Array} placed @param {Ground["colour"]} colour */
function paintSources(pen, structure, placed, colour) {
  const place = placesOf(structure);
  pen.fillStyle = colour("ink");
  for (const { bus } of structure.sources) {
    const at = place.get(bus);
    if (at === undefined) continue;
    const [x, y] = [placed[2 * at] ?? 0, (placed[2 * at + 1] ?? 0) - 12];
    pen.beginPath();
    pen.moveTo(x, y + 4);
    pen.lineTo(x - 7, y - 9);
    pen.lineTo(x + 7, y - 9);
    pen.closePath();
    pen.fill();
  }
}

/** @type {WeakMap<Tree, import("../domain/grid_tree.js").Branch[]>} */
const stations = new WeakMap();

/** Transformers, the largest first, and then switches, the open ones first. @param {Structure} structure @param {Tree} tree */
function stationsOf(structure, tree) {
  let found = stations.get(tree);
  if (!found) {
    const rated = new Map(structure.transformers.map(({ id, rated_volt_amperes: size }) => [id, size ?? 0]));
    const weight = (/** @type {import("../domain/grid_tree.js").Branch} */ { id, kind, isOpen }) => (kind === "transformer" ? 2 + (rated.get(id) ?? 0) : Number(isOpen));
    found = tree.branches.filter(({ kind }) => kind === "transformer" || kind === "switch").sort((one, other) => weight(other) - weight(one));
    stations.set(tree, found);
  }
  return found;
}

/** @type {WeakMap<Structure, Map<string, number>>} */
const known = new WeakMap();

/** @param {Structure} structure @returns {Map<string, number>} Place of each bus. */
function placesOf(structure) {
  let places = known.get(structure);
  if (!places) known.set(structure, (places = new Map(structure.buses.map(({ id }, i) => [id, i]))));
  return places;
}

/** @param {Float32Array} placed @returns {[number, number]} Width and height [px]. */
function extentOf(placed) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < placed.length; i += 2) {
    const [x, y] = [placed[i] ?? 0, placed[i + 1] ?? 0];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return [right - left, bottom - top];
}
