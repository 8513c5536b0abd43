/**
 * What links of `flow` cost one's own points, and that no better flow exists for them (protocol, section 8, *Flow, link by link*).
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Cost} Cost
 * @typedef {import("./bundle.js").Header} Header
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./bundle.js").Scale} Scale
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./verdict.js").Place} Place
 */
import { fromHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { costBytes, scaleBytes } from "./leaves.js";
import { climb, depthFor, joinNodes } from "./merkle.js";
import { add, least, multiply, multiplyDivide, floorOf, subtract } from "./sharing_keys/exact.js";
import { FLOW, OPERATOR_ALLOCATES } from "./sharing_keys/rounds.js";
import { placeOf } from "./verdict.js";

const POTENTIAL_ZERO = 2 ** 52; // as headers carry potentials, which may be below zero

/**
 * @param {Pick<PeriodFacts, "rule">} chain
 * @returns {boolean} Whether the rule's flow binds.
 */
export function isFlow({ rule }) {
  return rule.key.method === FLOW && rule.source !== OPERATOR_ALLOCATES;
}

/**
 * Check that scale and costs are the run's basis, whole and in order; they are there where headers are.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 * @param {readonly number[]} producers Feed-in slots of the period.
 */
export function checkCosts(bundle, chain, findings, producers) {
  const shown = isFlow(chain) && bundle.days.some(({ headers }) => headers !== null);
  const words = (/** @type {boolean} */ there) => (there ? "there" : "null");
  const { scale } = bundle;
  findings.compare("cost.given", placeOf("scale", "scale"), words(shown), words(scale !== null));
  if (scale && shown) {
    const root = joinNodes(keccak256(scaleBytes(scale)), scale.costsRoot);
    findings.compareBytes("cost.root", placeOf("scale", "scale"), fromHex(chain.run.basis), root);
  }
  const depth = depthFor(chain.terms.slots);
  bundle.points.forEach(({ costs, feedsIn, slot }, i) => {
    const place = placeOf("costs", `points[${i}].costs`, slot);
    if (!findings.compare("cost.given", place, words(shown && !feedsIn), words(costs !== null)) || !costs || !scale) return;
    findings.compare("cost.links", place, producers.join(), costs.map(({ producer }) => producer).join());
    costs.forEach((cost, j) => {
      const at = placeOf("cost", `points[${i}].costs[${j}]`, slot);
      if (!findings.compare("path.length", at, 2 * depth, cost.path.length)) return;
      const [consumer, producer] = [cost.path.slice(0, depth), cost.path.slice(depth)];
      const root = climb(climb(keccak256(costBytes(cost)), slot, consumer), cost.producer, producer);
      findings.compareBytes("cost.root", at, scale.costsRoot, root);
    });
  });
}

/**
 * Check what an optimal flow asks of a row whose header is shown.
 *
 * @param {Bundle} bundle
 * @param {Findings} findings
 * @param {Point} point
 * @param {{day: number, t: number, place: Place}} at
 * @param {{rounds: readonly (readonly [Whole, Whole])[], producers: readonly number[], active: readonly number[]}} known Rounds, the
 *   producers that they are of, and those that are active on the day.
 */
export function checkBest(bundle, findings, point, { day, t, place }, known) {
  const [header, detail] = [bundle.days[day]?.headers?.[t], point.details?.[day]?.[t]];
  const energy = point.energy[day]?.[t] ?? 0;
  if (!bundle.scale || !header || !detail || !header.feedIn || !header.consumption || !energy) return;
  checkSteps(bundle.scale, findings, point.feedsIn, [energy, point.allocated[day]?.[t] ?? 0], header, detail.potential, place);
  const carried = new Map(detail.links);
  for (const cost of point.costs ?? []) {
    const round = known.rounds[known.producers.indexOf(cost.producer)];
    if (!round || !known.active.includes(cost.producer)) continue;
    const flow = carried.get(cost.producer) ?? 0;
    const due = add(subtract(round[0], POTENTIAL_ZERO), cost.weight);
    const link = `slot ${cost.producer}`;
    findings.hold("row.cap", place, cost.cap === null || flow <= cost.cap, `at most ${cost.cap} from ${link}`, flow);
    if (flow > 0) findings.hold("row.cost", place, detail.potential >= due, `at least ${due}, as ${link} costs`, detail.potential);
    const twin = bundle.points.find(({ feedsIn, slot }) => feedsIn && slot === cost.producer);
    const fed = round[1] > 0 || (twin?.energy[day]?.[t] ?? 0) > 0;
    if (!fed || (cost.cap !== null && flow >= cost.cap)) continue;
    findings.hold("row.cost", place, detail.potential <= due, `at most ${due}, or more from ${link}`, detail.potential);
  }
}

/**
 * @param {Scale} scale
 * @param {Findings} findings
 * @param {boolean} feedsIn
 * @param {[energy: number, taken: number]} end
 * @param {Header} header
 * @param {number} potential
 * @param {Place} place
 */
function checkSteps(scale, findings, feedsIn, [energy, taken], { feedIn, consumption }, potential, place) {
  const even = floorOf(energy, least(feedIn, consumption), feedsIn ? feedIn : consumption);
  for (const [following, unit] of /** @type {const} */ ([[true, taken], [false, taken - 1]])) {
    if (unit < 0 || unit >= energy) continue;
    const step = stepOf(scale.steps, energy, even, unit);
    const bound = feedsIn
      ? multiply(scale.producerStep, step)
      : subtract(scale.shared, multiply(scale.consumerStep, step));
    const isLeast = following !== feedsIn;
    const holds = isLeast ? potential >= bound : potential <= bound;
    findings.hold("row.step", place, holds, `at ${isLeast ? "least" : "most"} ${bound}`, potential);
  }
}

/**
 * @param {number} steps No steps are one, as the contract has it.
 * @param {number} energy
 * @param {Whole} even
 * @param {number} unit
 * @returns {Whole} The step of the unit after so many.
 */
function stepOf(steps, energy, even, unit) {
  const [quotient, rest] = multiplyDivide(Math.max(steps, 1), unit + 1, energy);
  return add(rest === 0 ? subtract(quotient, 1) : quotient, unit >= even ? 1 : 0);
}
