/**
 * Who served whom, laid out: producers on the left, consumers on the right, a band for each that gave to each. Pure
 * geometry in pixels; every band is as wide on both ends, and bands stack without gap or overlap on a node.
 *
 * @typedef {object} FlowNode
 * @property {string} id Of a participant; empty for all who are not shown one by one.
 * @property {string} label
 *
 * @typedef {object} FlowLink
 * @property {string} producer
 * @property {string} consumer
 * @property {number} energy [mWh]
 *
 * @typedef {object} PlacedNode
 * @property {string} id
 * @property {string} label
 * @property {"producer" | "consumer"} side
 * @property {number} energy What all its bands carry [mWh].
 * @property {number} y
 * @property {number} height
 *
 * @typedef {object} Band
 * @property {FlowNode} producer
 * @property {FlowNode} consumer
 * @property {number} energy [mWh]
 * @property {boolean} own Whether both ends are one participant.
 * @property {string} path Outline, for SVG.
 *
 * @typedef {{nodes: PlacedNode[], bands: Band[], height: number, total: number}} Layout
 */

const LEAST = 2; // px of a node that is there
const GAP = 14; // px between nodes, so that names have room
const OTHERS = "";

/**
 * Keep the largest participants of each side, and add up the others.
 *
 * @param {readonly FlowNode[]} nodes Of one side.
 * @param {readonly FlowLink[]} links
 * @param {"producer" | "consumer"} end
 * @param {number} most How many to keep.
 * @returns {{nodes: FlowNode[], links: FlowLink[]}}
 */
export function gatherSmall(nodes, links, end, most) {
  /** @param {string} id */
  const energyOf = (id) => links.reduce((sum, link) => sum + (link[end] === id ? link.energy : 0), 0);
  const named = nodes.filter(({ id }) => id !== OTHERS).sort((a, b) => energyOf(b.id) - energyOf(a.id));
  const others = nodes.find(({ id }) => id === OTHERS);
  if (named.length <= most) return { nodes: [...nodes], links: [...links] };
  const kept = new Set(named.slice(0, most - 1).map(({ id }) => id));
  /** @type {Map<string, FlowLink>} */
  const gathered = new Map();
  for (const link of links) {
    const moved = kept.has(link[end]) ? link : { ...link, [end]: OTHERS };
    const key = JSON.stringify([moved.producer, moved.consumer]);
    gathered.set(key, { ...moved, energy: moved.energy + (gathered.get(key)?.energy ?? 0) });
  }
  return { nodes: [...named.slice(0, most - 1), others ?? { id: OTHERS, label: "" }], links: [...gathered.values()] };
}

/**
 * @param {readonly FlowNode[]} nodes
 * @param {readonly FlowLink[]} links
 * @param {"producer" | "consumer"} side
 * @param {number} perPixel Energy that a pixel stands for [mWh].
 * @returns {PlacedNode[]} From the top down, those without a link left out.
 */
function placeNodes(nodes, links, side, perPixel) {
  let y = 0;
  /** @type {PlacedNode[]} */
  const placed = [];
  for (const { id, label } of nodes) {
    const energy = links.reduce((sum, link) => sum + (link[side] === id ? link.energy : 0), 0);
    if (energy === 0) continue;
    const height = Math.max(LEAST, energy / perPixel);
    placed.push({ id, label, side, energy, y, height });
    y += height + GAP;
  }
  return placed;
}

/** @param {readonly PlacedNode[]} nodes */
function heightOf(nodes) {
  const last = nodes.at(-1);
  return last ? last.y + last.height : 0;
}

/**
 * @param {number} from Height of the band's top on the left.
 * @param {number} to On the right.
 * @param {number} widthFrom
 * @param {number} widthTo
 * @param {number} left
 * @param {number} right
 * @returns {string}
 */
function outline(from, to, widthFrom, widthTo, left, right) {
  const middle = (left + right) / 2;
  const text = (/** @type {number[]} */ ...numbers) => numbers.map((value) => value.toFixed(2)).join(" ");
  const back = `L${text(right, to + widthTo)} C${text(middle, to + widthTo, middle, from + widthFrom, left, from + widthFrom)}`;
  return `M${text(left, from)} C${text(middle, from, middle, to, right, to)} ${back} Z`;
}

/**
 * @param {{producers: readonly FlowNode[], consumers: readonly FlowNode[], links: readonly FlowLink[]}} flows
 * @param {{height: number, left: number, right: number}} place Height for all energy [px]; where bands begin and end.
 * @returns {Layout}
 */
export function layOutFlows({ producers, consumers, links }, { height, left, right }) {
  const present = links.filter(({ energy }) => energy > 0);
  const total = present.reduce((sum, { energy }) => sum + energy, 0);
  if (total === 0) return { nodes: [], bands: [], height: 0, total };
  const perPixel = total / height;
  const from = placeNodes(producers, present, "producer", perPixel);
  const to = placeNodes(consumers, present, "consumer", perPixel);
  const tall = Math.max(heightOf(from), heightOf(to));
  for (const side of [from, to]) {
    const shift = (tall - heightOf(side)) / 2;
    for (const node of side) node.y += shift;
  }
  const used = new Map([...from, ...to].map((node) => [node, 0]));
  /** @type {Band[]} */
  const bands = [];
  for (const producer of from) {
    for (const consumer of to) {
      const link = present.find((entry) => entry.producer === producer.id && entry.consumer === consumer.id);
      if (!link) continue;
      /** @param {PlacedNode} node @returns {[number, number]} Where the band begins on the node, and its width. */
      const take = (node) => {
        const [begun, width] = [used.get(node) ?? 0, (link.energy / node.energy) * node.height];
        used.set(node, begun + width);
        return [node.y + begun, width];
      };
      const [[fromY, fromWidth], [toY, toWidth]] = [take(producer), take(consumer)];
      const own = producer.id === consumer.id && producer.id !== OTHERS;
      bands.push({ producer, consumer, energy: link.energy, own, path: outline(fromY, toY, fromWidth, toWidth, left, right) });
    }
  }
  return { nodes: [...from, ...to], bands, height: tall, total };
}
