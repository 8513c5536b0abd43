/**
 * Where a network is drawn: by its coordinates where it has them, else as a tree that grows from its sources.
 *
 * @typedef {import("./grid_tree.js").Structure} Structure
 * @typedef {import("./grid_tree.js").Tree} Tree
 * @typedef {import("./grid_tree.js").GridBus} GridBus
 *
 * @typedef {object} Layout
 * @property {"map" | "scheme"} kind
 * @property {Float64Array} xs By bus, to the right [drawing units; metres on a map].
 * @property {Float64Array} ys By bus, downwards.
 * @property {{left: number, top: number, width: number, height: number}} bounds Of all buses; no side is zero.
 */

const METRES_PER_DEGREE = 111_195; // of latitude, on a sphere of 6,371 km
const LOCATED_LEAST = 0.25; // of all buses: those of low voltage stand where they are fed from
const PASSING = 0.25; // of a step, for a bus that nothing leaves and nobody is joined to
const SLOT = 1; // from leaf to leaf
const STEP = 1.6; // from fork to fork

/**
 * @param {Structure} structure
 * @param {Tree} tree
 * @param {"map" | "scheme" | ""} [wanted] Empty: a map where there can be one.
 * @returns {Layout}
 */
export function layOutNetwork(structure, tree, wanted = "") {
  const kind = wanted === "scheme" || !hasPlaces(structure) ? "scheme" : "map";
  const { xs, ys } = kind === "map" ? placeOnMap(structure, tree) : placeAsTree(structure, tree);
  return { kind, xs, ys, bounds: boundsOf(xs, ys) };
}

/** @param {Pick<GridBus, "x" | "y">} bus */
function isLocated({ x, y }) {
  return x !== null && y !== null && Number.isFinite(x) && Number.isFinite(y);
}

/**
 * @param {Structure} structure
 * @returns {boolean} Do enough of its buses stand apart from each other?
 */
export function hasPlaces({ buses }) {
  const located = buses.filter(isLocated);
  return located.length >= 2 && located.length >= buses.length * LOCATED_LEAST && new Set(located.map(({ x, y }) => `${x} ${y}`)).size > 1;
}

/**
 * @param {Structure} structure
 * @param {Tree} tree
 */
function placeOnMap({ buses, is_geographic: geographic }, tree) {
  const [xs, ys] = [new Float64Array(buses.length).fill(NaN), new Float64Array(buses.length).fill(NaN)];
  const located = buses.filter(isLocated);
  const middle = located.reduce((sum, { y }) => sum + (y ?? 0), 0) / located.length;
  const east = geographic ? METRES_PER_DEGREE * Math.cos((middle * Math.PI) / 180) : 1;
  const north = geographic ? METRES_PER_DEGREE : 1;
  buses.forEach((bus, i) => {
    if (!isLocated(bus)) return;
    xs[i] = (bus.x ?? 0) * east;
    ys[i] = -(bus.y ?? 0) * north;
  });
  lendPlaces(xs, ys, tree);
  return { xs, ys };
}

/**
 * A bus without coordinates stands where the nearest bus that has them does, up the tree or else down it.
 *
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Tree} tree
 */
function lendPlaces(xs, ys, { order, parent }) {
  /** @param {number} to @param {number} from */
  const lend = (to, from) => {
    if (from < 0 || !Number.isNaN(xs[to])) return;
    xs[to] = xs[from] ?? NaN;
    ys[to] = ys[from] ?? NaN;
  };
  for (const bus of [...order].reverse()) if (!Number.isNaN(xs[bus])) lend(parent[bus] ?? -1, bus);
  for (const bus of [...order].reverse()) if ((parent[bus] ?? -1) >= 0) lend(parent[bus] ?? -1, bus);
  for (const bus of order) lend(bus, parent[bus] ?? -1);
  const [x, y] = [xs.find((value) => !Number.isNaN(value)) ?? 0, ys.find((value) => !Number.isNaN(value)) ?? 0];
  for (const bus of order) {
    if (Number.isNaN(xs[bus])) [xs[bus], ys[bus]] = [x, y]; // an island that has no place at all
  }
}

/**
 * Leaves stand one below the other, each fork in the middle of its branches; a row of buses that only pass energy on is short.
 *
 * @param {Structure} structure
 * @param {Tree} tree
 */
function placeAsTree({ buses, connections }, { order, parent, children, roots }) {
  const [xs, ys] = [new Float64Array(buses.length), new Float64Array(buses.length)];
  const index = new Map(buses.map(({ id }, i) => [id, i]));
  const isUsed = new Uint8Array(buses.length);
  for (const { bus } of connections) {
    const at = index.get(bus);
    if (at !== undefined) isUsed[at] = 1;
  }
  for (const bus of order) {
    const above = parent[bus] ?? -1;
    const passes = !isUsed[bus] && children[bus]?.length === 1;
    xs[bus] = above < 0 ? 0 : (xs[above] ?? 0) + STEP * (passes ? PASSING : 1);
  }
  const sizes = sizesOf(order, parent, buses.length);
  let slot = 0;
  /** @type {number[]} */
  const preorder = [];
  const waiting = [...roots].reverse();
  while (waiting.length > 0) {
    const bus = /** @type {number} */ (waiting.pop());
    preorder.push(bus);
    const below = [...(children[bus] ?? [])].sort((one, other) => (sizes[other] ?? 0) - (sizes[one] ?? 0)); // the larger branch first
    if (below.length === 0) {
      ys[bus] = slot;
      slot += SLOT;
    }
    waiting.push(...below.reverse());
  }
  for (const bus of preorder.reverse()) {
    const below = children[bus] ?? [];
    if (below.length === 0) continue;
    const tops = below.map((one) => ys[one] ?? 0);
    ys[bus] = (Math.min(...tops) + Math.max(...tops)) / 2;
  }
  return { xs, ys };
}

/**
 * @param {readonly number[]} order
 * @param {Int32Array} parent
 * @param {number} count
 * @returns {Int32Array} By bus, how many there are from it outwards.
 */
function sizesOf(order, parent, count) {
  const sizes = new Int32Array(count).fill(1);
  for (const bus of [...order].reverse()) {
    const above = parent[bus] ?? -1;
    if (above >= 0) sizes[above] = (sizes[above] ?? 0) + (sizes[bus] ?? 0);
  }
  return sizes;
}

/**
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 */
function boundsOf(xs, ys) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < xs.length; i += 1) {
    left = Math.min(left, xs[i] ?? 0);
    right = Math.max(right, xs[i] ?? 0);
    top = Math.min(top, ys[i] ?? 0);
    bottom = Math.max(bottom, ys[i] ?? 0);
  }
  if (xs.length === 0) return { left: 0, top: 0, width: 1, height: 1 };
  return { left, top, width: Math.max(right - left, 1e-9), height: Math.max(bottom - top, 1e-9) };
}

/**
 * What a picture shows: drawing units times `scale`, plus the offset, are pixels.
 *
 * @typedef {{scale: number, x: number, y: number, stretch: number}} View `stretch` is how much wider than high a unit is drawn.
 */

/**
 * @param {Layout} layout
 * @param {{width: number, height: number}} size Of the picture [px].
 * @param {number} margin [px]
 * @returns {View} With all of the network in its middle; a tree fills both ways, a map keeps its shape.
 */
export function fitView({ kind, bounds }, { width, height }, margin) {
  const [wide, high] = [Math.max(1, width - 2 * margin), Math.max(1, height - 2 * margin)];
  const [across, down] = [wide / bounds.width, high / bounds.height];
  const scale = kind === "map" ? Math.min(across, down) : Math.min(down, 40);
  const stretch = kind === "map" ? 1 : Math.min(across, 60) / scale;
  return {
    scale,
    stretch,
    x: width / 2 - (bounds.left + bounds.width / 2) * scale * stretch,
    y: height / 2 - (bounds.top + bounds.height / 2) * scale,
  };
}

/**
 * @param {View} view
 * @param {number} factor Above one: nearer.
 * @param {{x: number, y: number}} at What stays where it is [px].
 * @param {{least: number, most: number}} limits Of the scale.
 * @returns {View}
 */
export function zoomView(view, factor, at, { least, most }) {
  const scale = Math.min(most, Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  return { ...view, scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

/**
 * @param {{x: number, y: number}} point
 * @param {{x0: number, y0: number, x1: number, y1: number}} line
 * @returns {number} How far the point is from the line, squared.
 */
export function distanceSquared({ x, y }, { x0, y0, x1, y1 }) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return (x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2;
}
