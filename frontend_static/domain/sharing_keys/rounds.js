/**
 * A header's rounds by what they are (protocol, section 8): where a key fills up to a level, serves tiers or names producers.
 *
 * @typedef {import("../bytes.js").Whole} Whole
 * @typedef {readonly [pool: Whole, weight: Whole]} Round
 *
 * @typedef {object} Key The voted key, by Solidity's names.
 * @property {number} method
 * @property {number} surplusOwner 0 the producer, 1 the consumer.
 * @property {number} schedule
 * @property {readonly number[]} coefficientsPpm Per slot; of a pairwise key per slot and producer.
 * @property {readonly number[]} producers Slots.
 * @property {readonly number[]} tierMethods
 * @property {readonly number[]} tiers Per slot.
 * @property {readonly number[]} producerPpm Empty where there is no producer key.
 * @property {string} linkTerms
 *
 * @typedef {object} TierLevel
 * @property {Round} round What the tier is given, and its weight.
 * @property {Round | null} level Of a tier that fills up to one.
 *
 * @typedef {object} Levels
 * @property {Round | null} level Of `equal`, `static_cascade` and `hybrid`.
 * @property {readonly TierLevel[]} tiers Of `priority`.
 * @property {readonly Round[]} producers Of `pairwise` and `flow`.
 * @property {Round | null} producerLevel Of a producer key.
 */

export const [DYNAMIC, STATIC, EQUAL, STATIC_CASCADE, HYBRID, SCHEDULED, PAIRWISE, PRIORITY, FLOW, INCENTIVE] =
  /** @type {const} */ ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

/** The names of the methods, by their number. */
export const METHODS = /** @type {const} */ ([
  ...["", "dynamic", "static", "equal", "static_cascade", "hybrid", "scheduled", "pairwise", "priority", "flow", "incentive"],
]);

export const CONSUMER_OWNS_SURPLUS = 1;
export const OPERATOR_ALLOCATES = 1;

/** @param {number} method */
export function hasLevel(method) {
  return method === STATIC_CASCADE || method === HYBRID;
}

/**
 * @param {Key} key
 * @param {number} feedInSlots Count of the period's feed-in slots.
 * @returns {number} How many rounds a header has under the key.
 */
export function countRounds(key, feedInSlots) {
  const { method } = key;
  let count = method === EQUAL || hasLevel(method) ? 1 : 0;
  if (method === PAIRWISE) count = key.producers.length;
  if (method === PRIORITY) count = key.tierMethods.reduce((sum, tier) => sum + (hasLevel(tier) ? 2 : 1), 0);
  if (method === FLOW) count = feedInSlots;
  return count + (key.producerPpm.length > 0 ? 1 : 0);
}

/**
 * @param {Key} key
 * @param {readonly Round[]} rounds As many as `countRounds` says.
 * @returns {Levels}
 */
export function sortRounds(key, rounds) {
  const rest = [...rounds];
  const producerLevel = key.producerPpm.length > 0 ? (rest.pop() ?? null) : null;
  /** @type {TierLevel[]} */
  const tiers = [];
  if (key.method === PRIORITY) {
    for (const method of key.tierMethods) {
      const round = rest.shift() ?? [0, 0];
      tiers.push({ round, level: hasLevel(method) ? (rest.shift() ?? null) : null });
    }
  }
  const named = key.method === PAIRWISE || key.method === FLOW;
  return { level: named ? null : (rest[0] ?? null), tiers, producers: named ? rest : [], producerLevel };
}

/**
 * @param {Key} key Of the method `priority`.
 * @param {number} slot
 * @returns {number} Its tier: the last where the rule names none.
 */
export function tierOf(key, slot) {
  return key.tiers[slot] ?? key.tierMethods.length - 1;
}

/**
 * @param {Key} key
 * @param {number} slot
 * @returns {number} Its weight in the producer key.
 */
export function producerWeight(key, slot) {
  return Math.max(1, key.producerPpm[slot] ?? 1);
}
