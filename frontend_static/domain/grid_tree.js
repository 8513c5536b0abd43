/**
 * A network as a graph: how its buses are joined, what feeds what, and what lies behind an element.
 *
 * @typedef {{id: string, x: number | null, y: number | null, nominal_volts: number, phases: string, substation: string}} GridBus
 * @typedef {{id: string, from: string, to: string, phases: string, length_metres: number, rated_amperes: number, feeder: string}} GridSegment
 * @typedef {{id: string, from: string, to: string, phases: string, is_closed: boolean, is_normally_open: boolean, feeder: string}} GridSwitch
 * @typedef {{id: string, from: string, to: string, rated_volt_amperes: number, meter: string}} GridTransformer
 *
 * @typedef {object} GridConnection
 * @property {string} id
 * @property {string} bus
 * @property {string} phases
 * @property {string[]} metering_points
 * @property {boolean} is_critical
 * @property {boolean} can_rotate
 * @property {number} switch_cost
 * @property {number} rated_watts
 * @property {string} feeder
 *
 * @typedef {object} Structure
 * @property {string} name
 * @property {boolean} is_geographic
 * @property {number} frequency [Hz]
 * @property {Record<string, string>} notes
 * @property {GridBus[]} buses
 * @property {{id: string, bus: string}[]} sources
 * @property {GridSegment[]} segments
 * @property {GridSwitch[]} switches
 * @property {GridTransformer[]} transformers
 * @property {GridConnection[]} connections
 *
 * @typedef {"segment" | "switch" | "transformer"} BranchKind
 * @typedef {{id: string, kind: BranchKind, from: number, to: number, isOpen: boolean}} Branch Ends as places among the buses.
 *
 * @typedef {object} Tree
 * @property {Branch[]} branches Segments, then switches, then transformers.
 * @property {number[]} order Buses from their sources outwards; those of islands after them.
 * @property {Int32Array} parent By bus, the one that feeds it; -1 for a root.
 * @property {Int32Array} feeding By bus, the branch that feeds it; -1 for a root.
 * @property {number[][]} children By bus.
 * @property {Uint8Array} isFed By bus: 1 where a source is joined to it.
 * @property {number[]} roots Sources' buses, then one of each island.
 */

/**
 * @param {Structure} structure
 * @returns {Branch[]} All that joins two buses; an end that is no bus leaves the branch out.
 */
export function branchesOf(structure) {
  const place = new Map(structure.buses.map(({ id }, i) => [id, i]));
  /** @type {Branch[]} */
  const branches = [];
  /** @param {{id: string, from: string, to: string, is_closed?: boolean}} branch @param {BranchKind} kind */
  const add = ({ id, from, to, is_closed: closed = true }, kind) => {
    const ends = [place.get(from), place.get(to)];
    if (ends[0] !== undefined && ends[1] !== undefined) branches.push({ id, kind, from: ends[0], to: ends[1], isOpen: !closed });
  };
  structure.segments.forEach((one) => add(one, "segment"));
  structure.switches.forEach((one) => add(one, "switch"));
  structure.transformers.forEach((one) => add(one, "transformer"));
  return branches;
}

/**
 * Walk a network breadth first over what is closed, from its sources, then through what no source feeds.
 *
 * @param {Structure} structure
 * @returns {Tree}
 */
export function walkNetwork(structure) {
  const branches = branchesOf(structure);
  const count = structure.buses.length;
  /** @type {number[][]} */
  const beside = Array.from({ length: count }, () => []);
  branches.forEach(({ from, to, isOpen }, i) => {
    if (isOpen) return;
    beside[from]?.push(i);
    beside[to]?.push(i);
  });
  const [parent, feeding] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)];
  const [isFed, seen] = [new Uint8Array(count), new Uint8Array(count)];
  /** @type {number[]} */
  const order = [];
  const place = new Map(structure.buses.map(({ id }, i) => [id, i]));
  /** @param {number[]} starts @param {0 | 1} fed */
  const spread = (starts, fed) => {
    const first = order.length;
    for (const start of starts) {
      seen[start] = 1;
      order.push(start);
    }
    for (let at = first; at < order.length; at += 1) {
      const bus = /** @type {number} */ (order[at]);
      isFed[bus] = fed;
      for (const i of beside[bus] ?? []) {
        const { from, to } = /** @type {Branch} */ (branches[i]);
        const other = from === bus ? to : from;
        if (seen[other]) continue;
        seen[other] = 1;
        parent[other] = bus;
        feeding[other] = i;
        order.push(other);
      }
    }
  };
  const roots = [...new Set(structure.sources.map(({ bus }) => place.get(bus)).filter((bus) => bus !== undefined))];
  spread(roots, 1);
  for (let bus = 0; bus < count; bus += 1) {
    if (seen[bus]) continue;
    roots.push(bus);
    spread([bus], 0);
  }
  /** @type {number[][]} */
  const children = Array.from({ length: count }, () => []);
  for (const bus of order) {
    const above = parent[bus] ?? -1;
    if (above >= 0) children[above]?.push(bus);
  }
  return { branches, order, parent, feeding, children, isFed, roots };
}

/**
 * @param {Tree} tree
 * @param {number} branch Place among the branches.
 * @returns {number} The bus that it feeds; -1 where it feeds none: it is open, or closes a loop.
 */
export function farBus({ branches, feeding }, branch) {
  const one = branches[branch];
  if (!one) return -1;
  return [one.to, one.from].find((bus) => feeding[bus] === branch) ?? -1;
}

/**
 * @param {Tree} tree
 * @param {number} bus
 * @returns {number[]} It and all that is fed through it.
 */
export function busesBehind({ children }, bus) {
  const found = [bus];
  for (let at = 0; at < found.length; at += 1) found.push(...(children[/** @type {number} */ (found[at])] ?? []));
  return found;
}

/**
 * Where an arrow key leads from a branch: up towards the source, down away from it, across to the next.
 *
 * @param {Tree} tree
 * @param {number} branch Place among the branches; -1 for none yet.
 * @param {"up" | "down" | "left" | "right"} way
 * @returns {number} The branch that it leads to; the same where there is none.
 */
export function branchAfter(tree, branch, way) {
  const { feeding, parent, children, order } = tree;
  /** @param {number | undefined} bus */
  const into = (bus) => (bus === undefined ? -1 : (feeding[bus] ?? -1));
  const first = order.find((bus) => into(bus) >= 0);
  const bus = farBus(tree, branch);
  if (bus < 0) return first === undefined ? branch : into(first);
  const above = parent[bus] ?? -1;
  if (way === "up") return above < 0 || into(above) < 0 ? branch : into(above);
  if (way === "down") {
    const below = (children[bus] ?? [])[0];
    return below === undefined ? branch : into(below);
  }
  // Across: the neighbours at the fork that is nearest above, round it.
  for (let [fork, from] = [above, bus]; fork >= 0; [fork, from] = [parent[fork] ?? -1, fork]) {
    const ways = children[fork] ?? [];
    if (ways.length < 2) continue;
    const at = (ways.indexOf(from) + (way === "right" ? 1 : ways.length - 1)) % ways.length;
    return into(ways[at]);
  }
  return branch;
}

/**
 * What lies in a row, with nothing that leaves it and nobody joined to it in between, carries the same: it is told of once.
 *
 * @param {Structure} structure
 * @param {Tree} tree
 * @returns {Map<string, number>} By branch, and by bus, the row that it belongs to: what feeds it, and what it feeds.
 */
export function rowsOf(structure, { branches, order, parent, feeding, children }) {
  const place = new Map(structure.buses.map(({ id }, i) => [id, i]));
  const isUsed = new Uint8Array(structure.buses.length);
  for (const { bus } of structure.connections) isUsed[place.get(bus) ?? -1] = 1;
  const rowOfBus = new Int32Array(structure.buses.length).fill(-1);
  /** @type {Map<string, number>} */
  const rows = new Map();
  let next = 0;
  for (const bus of order) {
    const above = parent[bus] ?? -1;
    const branch = branches[feeding[bus] ?? -1];
    if (above < 0 || !branch) continue;
    const goesOn = branch.kind === "segment" && (rowOfBus[above] ?? -1) >= 0 && !isUsed[above] && children[above]?.length === 1 && branches[feeding[above] ?? -1]?.kind === "segment";
    rowOfBus[bus] = goesOn ? (rowOfBus[above] ?? 0) : next++;
    rows.set(branch.id, rowOfBus[bus] ?? 0);
  }
  structure.buses.forEach(({ id }, i) => (rowOfBus[i] ?? -1) >= 0 && rows.set(`bus ${id}`, rowOfBus[i] ?? 0));
  return rows;
}

/**
 * @template T
 * @param {readonly T[]} ranked The worst first.
 * @param {(one: T) => number | undefined} rowOf
 * @returns {T[]} Of each row the first alone.
 */
export function onePerRow(ranked, rowOf) {
  const seen = new Set();
  return ranked.filter((one) => {
    const row = rowOf(one);
    if (row === undefined) return true;
    return !seen.has(row) && seen.add(row);
  });
}
