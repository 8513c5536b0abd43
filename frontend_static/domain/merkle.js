/**
 * Positional trees (protocol, sections 2 and 3): the bits of an index choose the sides, padding is 32 zero bytes.
 */
import { keccak256 } from "./keccak.js";

export const PADDING = new Uint8Array(32);

/** @type {Uint8Array[]} Roots of trees that hold no leaf, by height. */
const paddingRoots = [PADDING];

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 * @returns {Uint8Array} The node above two neighbours.
 */
export function joinNodes(left, right) {
  const pair = new Uint8Array(64);
  pair.set(left);
  pair.set(right, 32);
  return keccak256(pair);
}

/**
 * @param {number} count Positions.
 * @returns {number} The least depth that holds them; one position needs none.
 */
export function depthFor(count) {
  let depth = 0;
  while (2 ** depth < count) depth += 1;
  return depth;
}

/**
 * @param {number} height Levels of the tree.
 * @returns {Uint8Array} Root of a tree without a leaf.
 */
export function paddingRoot(height) {
  let root = paddingRoots[paddingRoots.length - 1] ?? PADDING;
  while (paddingRoots.length <= height) {
    root = joinNodes(root, root);
    paddingRoots.push(root);
  }
  return paddingRoots[height] ?? PADDING;
}

/**
 * @param {readonly Uint8Array[]} nodes Nodes from position 0 on; what follows them is padding.
 * @param {number} depth Levels from the nodes to the root.
 * @param {number} [height] Levels below the nodes, so that padding has the same height as they have.
 * @returns {Uint8Array} The root.
 */
export function rootOf(nodes, depth, height = 0) {
  if (nodes.length > 2 ** depth) throw new RangeError(`${nodes.length} nodes do not fit below depth ${depth}`);
  if (nodes.length === 0) return paddingRoot(height + depth);
  let level = nodes;
  for (let step = 0; step < depth; step += 1) {
    const padding = paddingRoot(height + step);
    /** @type {Uint8Array[]} */
    const above = [];
    for (let i = 0; i < level.length; i += 2) above.push(joinNodes(level[i] ?? padding, level[i + 1] ?? padding));
    level = above;
  }
  return level[0] ?? PADDING;
}

/**
 * @param {Uint8Array} node
 * @param {number} index The node's index on its level.
 * @param {readonly Uint8Array[]} path Siblings from the bottom up.
 * @returns {Uint8Array} The root that they lead to.
 */
export function climb(node, index, path) {
  let rest = index;
  let running = node;
  for (const sibling of path) {
    running = rest % 2 === 1 ? joinNodes(sibling, running) : joinNodes(running, sibling);
    rest = Math.floor(rest / 2);
  }
  return running;
}

/**
 * @param {readonly (Uint8Array | null)[]} leaves Leaf hashes by index, null for padding.
 * @param {number} depth Levels from the leaves to the root.
 * @param {number} index The leaf.
 * @returns {Uint8Array[]} Its siblings from the bottom up.
 */
export function pathOf(leaves, depth, index) {
  let level = leaves.map((leaf) => leaf ?? PADDING);
  let rest = index;
  const path = [];
  for (let step = 0; step < depth; step += 1) {
    const padding = paddingRoot(step);
    path.push(level[rest % 2 === 0 ? rest + 1 : rest - 1] ?? padding);
    const above = [];
    for (let i = 0; i < level.length; i += 2) above.push(joinNodes(level[i] ?? padding, level[i + 1] ?? padding));
    level = above;
    rest = Math.floor(rest / 2);
  }
  return path;
}

/**
 * @param {number} slots Highest slot plus one.
 * @param {readonly number[]} intervals Intervals of each civil day.
 * @returns {{slotDepth: number, dayDepth: number, intervalDepth: number, stairDepth: number}} DS, DD, DT, DB.
 */
export function shapeOf(slots, intervals) {
  return {
    slotDepth: depthFor(slots),
    dayDepth: depthFor(intervals.length),
    intervalDepth: depthFor(Math.max(...intervals)),
    stairDepth: depthFor(Math.ceil(slots / 4)),
  };
}
