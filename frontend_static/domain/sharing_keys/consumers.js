/**
 * What a key gives a consumption row, and what it credits, in whole milliwatt-hours [mWh] (protocol, section 8). What
 * flooring leaves stays surplus.
 *
 * @typedef {import("../bytes.js").Whole} Whole
 * @typedef {import("./rounds.js").Key} Key
 * @typedef {import("./rounds.js").Levels} Levels
 * @typedef {import("./rounds.js").Round} Round
 *
 * @typedef {object} Pool What a key shares in an interval, and among whom.
 * @property {Whole} feedIn P.
 * @property {Whole} consumption C.
 * @property {Levels} levels
 */
import { add, floorOf, least, multiply, subtract, sumOf } from "./exact.js";
import {
  CONSUMER_OWNS_SURPLUS,
  DYNAMIC,
  EQUAL,
  FLOW,
  HYBRID,
  INCENTIVE,
  OPERATOR_ALLOCATES,
  PAIRWISE,
  PRIORITY,
  STATIC_CASCADE,
  tierOf,
} from "./rounds.js";

const PARTS_PER_MILLION = 1_000_000;
/** @type {Round} */
const NO_ROUND = [0, 0];

/**
 * @param {Whole} feedIn P of the interval.
 * @param {Whole} consumption C of the interval.
 * @param {Whole} own The slot's consumption.
 * @returns {Whole} What `dynamic` gives it.
 */
export function allocateDynamic(feedIn, consumption, own) {
  return feedIn >= consumption ? own : floorOf(feedIn, own, consumption);
}

/**
 * @param {Whole} feedIn P of the interval.
 * @param {number} coefficientPpm
 * @param {Whole} own The slot's consumption.
 * @returns {Whole} What `static` gives it.
 */
export function allocateStatic(feedIn, coefficientPpm, own) {
  return least(own, floorOf(feedIn, coefficientPpm, PARTS_PER_MILLION));
}

/**
 * @param {Round} round The pool and how many share it.
 * @param {Whole} own
 * @returns {Whole} What `equal` gives.
 */
function allocateEqual([pool, count], own) {
  return count == 0 ? 0 : least(own, floorOf(pool, 1, count));
}

/**
 * @param {Round} level What the satisfied leave, and the coefficients of the others.
 * @param {number} coefficientPpm
 * @param {Whole} own
 * @returns {Whole} What `static_cascade` gives.
 */
function allocateCascade([left, weight], coefficientPpm, own) {
  if (coefficientPpm > 0 && multiply(own, weight) <= multiply(coefficientPpm, left)) return own;
  return weight == 0 ? 0 : floorOf(left, coefficientPpm, weight);
}

/**
 * @param {Whole} pool
 * @param {Round} level What the coefficients leave of the pool and of the consumption.
 * @param {number} coefficientPpm
 * @param {Whole} own
 * @returns {Whole} What `hybrid` gives.
 */
function allocateHybrid(pool, [left, open], coefficientPpm, own) {
  const fixed = allocateStatic(pool, coefficientPpm, own);
  const rest = subtract(own, fixed);
  return add(fixed, left >= open ? rest : floorOf(left, rest, open));
}

/**
 * @param {Key} key
 * @param {readonly Round[]} producers What each fed in, in the rule's order.
 * @param {number} slot
 * @param {Whole} own
 * @returns {Whole[]} What `pairwise` gives the slot of each.
 */
export function allocatePairs(key, producers, slot, own) {
  const count = key.producers.length;
  const entitled = producers.map(([fed], r) => floorOf(fed, key.coefficientsPpm[slot * count + r] ?? 0, PARTS_PER_MILLION));
  const all = sumOf(entitled);
  return all <= own ? entitled : entitled.map((part) => floorOf(part, own, all));
}

/**
 * @param {Key} key
 * @param {Levels} levels
 * @param {number} slot
 * @param {Whole} own
 * @returns {Whole} What `priority` gives.
 */
function allocateTier(key, levels, slot, own) {
  const tier = tierOf(key, slot);
  const { round, level } = levels.tiers[tier] ?? { round: NO_ROUND, level: null };
  const [pool, weight] = round;
  const coefficient = key.coefficientsPpm[slot] ?? 0;
  switch (key.tierMethods[tier]) {
    case DYNAMIC:
      return allocateDynamic(pool, weight, own);
    case EQUAL:
      return allocateEqual(round, own);
    case STATIC_CASCADE:
      return allocateCascade(level ?? NO_ROUND, coefficient, own);
    case HYBRID:
      return allocateHybrid(pool, level ?? NO_ROUND, coefficient, own);
    default:
      return allocateStatic(pool, coefficient, own);
  }
}

/**
 * @param {Key} key
 * @param {Pool} pool
 * @param {number} slot
 * @param {Whole} own The slot's consumption.
 * @param {number} coefficientPpm Of the slot: voted, or scheduled for the interval.
 * @returns {Whole | null} What the key gives; null for `flow`, whose links say it.
 */
export function allocateRow(key, pool, slot, own, coefficientPpm) {
  const level = pool.levels.level ?? NO_ROUND;
  switch (key.method) {
    case DYNAMIC:
      return allocateDynamic(pool.feedIn, pool.consumption, own);
    case EQUAL:
      return allocateEqual(level, own);
    case STATIC_CASCADE:
      return allocateCascade(level, coefficientPpm, own);
    case HYBRID:
      return allocateHybrid(pool.feedIn, level, coefficientPpm, own);
    case PAIRWISE:
      return sumOf(allocatePairs(key, pool.levels.producers, slot, own));
    case PRIORITY:
      return allocateTier(key, pool.levels, slot, own);
    case FLOW:
      return null;
    case INCENTIVE:
      return 0;
    default:
      return allocateStatic(pool.feedIn, coefficientPpm, own);
  }
}

/**
 * @param {{readonly source: number, readonly key: Key}} rule
 * @returns {boolean} Whether rows are credited anything.
 */
export function isCrediting({ source, key }) {
  return source !== OPERATOR_ALLOCATES && (key.surplusOwner === CONSUMER_OWNS_SURPLUS || key.method === INCENTIVE);
}

/**
 * @param {Key} key
 * @param {Pool} pool
 * @param {boolean} feedsIn
 * @param {Whole} own The row's energy.
 * @param {Whole} allocated
 * @param {number} coefficientPpm
 * @returns {Whole} What the row is credited: what its owner was entitled to and did not use, or the part of the incentive.
 */
export function creditRow(key, pool, feedsIn, own, allocated, coefficientPpm) {
  if (key.method === INCENTIVE) {
    const total = feedsIn ? pool.feedIn : pool.consumption;
    return total == 0 ? 0 : floorOf(least(pool.feedIn, pool.consumption), own, total);
  }
  if (key.surplusOwner !== CONSUMER_OWNS_SURPLUS || feedsIn) return 0;
  const [shared, count] = pool.levels.level ?? NO_ROUND;
  if (key.method === EQUAL) return count == 0 ? 0 : subtract(floorOf(shared, 1, count), allocated);
  return subtract(floorOf(pool.feedIn, coefficientPpm, PARTS_PER_MILLION), allocated);
}
