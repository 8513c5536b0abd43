/**
 * Between which bounds an interval's totals lie, whatever the single rows are: a header that no community could have is
 * refused even where its rows are not known.
 *
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./bundle.js").Header} Header
 * @typedef {import("./sharing_keys/rounds.js").Key} Key
 * @typedef {import("./sharing_keys/rounds.js").Levels} Levels
 * @typedef {import("./sharing_keys/rounds.js").Round} Round
 * @typedef {readonly [least: Whole, most: Whole]} Bounds Both inclusive.
 *
 * @typedef {object} Active Who is there on a day.
 * @property {readonly number[]} consumers Slots.
 * @property {readonly number[]} producers Slots.
 * @property {readonly number[]} allProducers Slots that feed in on any day of the period.
 */
import { add, floorOf, least, multiply, subtract, sumOf } from "./sharing_keys/exact.js";
import { entitled, entitledOfPairs } from "./sharing_keys/contributions.js";
import {
  DYNAMIC,
  EQUAL,
  FLOW,
  HYBRID,
  INCENTIVE,
  PAIRWISE,
  PRIORITY,
  SCHEDULED,
  STATIC_CASCADE,
  producerWeight,
  tierOf,
} from "./sharing_keys/rounds.js";

/**
 * @param {Whole} pool Shared to the end among some.
 * @param {number} count How many they are: each part is floored, so each but one can lose almost a milliwatt-hour.
 * @returns {Bounds}
 */
function almostAll(pool, count) {
  const lost = subtract(pool, Math.max(count - 1, 0));
  return [lost < 0 ? 0 : lost, pool];
}

/**
 * @param {number} method Of a key, or of a tier; 1 to 6.
 * @param {Whole} pool
 * @param {Whole} wanted What the slots use, where the method shares in proportion to it.
 * @param {Round | null} level
 * @param {readonly number[]} coefficients Of the slots [ppm].
 * @returns {Bounds} What the slots can have been given of the pool in all.
 */
function boundsOfPool(method, pool, wanted, level, coefficients) {
  const count = coefficients.length;
  const [left, open] = level ?? [0, 0];
  switch (method) {
    case DYNAMIC:
      return pool >= wanted ? [wanted, wanted] : almostAll(pool, count);
    case EQUAL:
      return [0, count === 0 ? 0 : multiply(count, floorOf(pool, 1, count))];
    case STATIC_CASCADE:
      return open == 0 ? [subtract(pool, left), subtract(pool, left)] : almostAll(pool, count);
    case HYBRID: {
      if (left < open) return almostAll(pool, count);
      const given = add(subtract(pool, left), open);
      return [given, given];
    }
    case SCHEDULED:
      return [0, pool];
    default:
      return [0, least(pool, entitled(pool, coefficients))];
  }
}

/**
 * @param {Key} key
 * @param {Header} header
 * @param {Levels} levels
 * @param {Active} active
 * @returns {Bounds} Least and most that consumers can have been given in all [mWh].
 */
export function boundsOfAllocated(key, header, levels, { consumers }) {
  const most = Math.min(header.feedIn, header.consumption);
  if (key.method === INCENTIVE) return [0, 0];
  if (key.method === PAIRWISE || key.method === FLOW) {
    const given = sumOf(levels.producers.map(([, weight]) => weight));
    return [given, given];
  }
  if (key.method === PRIORITY) {
    const [last = 0] = levels.tiers.at(-1)?.round ?? [];
    const before = subtract(header.feedIn, last);
    const [from, until] = boundsOfTier(key, levels, levels.tiers.length - 1, consumers);
    return [add(before, from), least(add(before, until), most)];
  }
  const coefficients = consumers.map((slot) => key.coefficientsPpm[slot] ?? 0);
  const [from, until] = boundsOfPool(key.method, header.feedIn, header.consumption, levels.level, coefficients);
  return [from, least(until, most)];
}

/**
 * @param {Key} key Of the method `priority`.
 * @param {Levels} levels
 * @param {number} tier
 * @param {readonly number[]} consumers
 * @returns {Bounds} What the tier can have been given.
 */
function boundsOfTier(key, levels, tier, consumers) {
  const { round, level } = levels.tiers[tier] ?? { round: [0, 0], level: null };
  const coefficients = consumers.filter((slot) => tierOf(key, slot) === tier).map((slot) => key.coefficientsPpm[slot] ?? 0);
  return boundsOfPool(key.tierMethods[tier] ?? DYNAMIC, round[0] ?? 0, round[1] ?? 0, level, coefficients);
}

/**
 * Say what is wrong with a header's rounds.
 *
 * @param {Key} key
 * @param {Header} header
 * @param {Levels} levels
 * @param {Active} active
 * @returns {string} What must be so; empty where all of it is.
 */
export function faultOfRounds(key, header, levels, active) {
  const { level, producerLevel } = levels;
  const { feedIn, consumption } = header;
  const coefficients = active.consumers.map((slot) => key.coefficientsPpm[slot] ?? 0);
  const [pool = 0, weight = 0] = level ?? [];
  if (key.method === EQUAL && (pool != feedIn || weight != active.consumers.length)) {
    return `${feedIn} shared among ${active.consumers.length}`;
  }
  const fault = level ? faultOfLevel(key.method, feedIn, level, coefficients) : "";
  if (fault) return fault;
  if (key.method === HYBRID && subtract(feedIn, pool) != subtract(consumption, weight)) {
    return "as much less of the pool as of the consumption";
  }
  if (key.method === PRIORITY) return faultOfTiers(key, header, levels, active);
  if (key.method === PAIRWISE) return faultOfPairs(key, header, levels, active);
  if (key.method === FLOW) return faultOfProducers(levels, active);
  return producerLevel ? faultOfProducerLevel(key, header, producerLevel, active.producers) : "";
}

/**
 * @param {number} method Of a key, or of a tier.
 * @param {Whole} pool
 * @param {Round} level
 * @param {readonly number[]} coefficients [ppm].
 * @returns {string}
 */
function faultOfLevel(method, pool, [left, weight], coefficients) {
  const all = sumOf(coefficients);
  if (method === STATIC_CASCADE) {
    // Who is satisfied takes less than its part, and the others get more: no level is below the first one.
    const holds = left <= pool && weight <= all && multiply(pool, weight) <= multiply(left, all);
    return holds ? "" : `a level of at most ${pool} over ${all}, and no lower`;
  }
  if (method !== HYBRID) return "";
  const first = subtract(pool, left);
  const most = entitled(pool, coefficients);
  return 0 <= first && first <= most ? "" : `a pool from ${subtract(pool, most)} to ${pool}`;
}

/**
 * @param {Key} key
 * @param {Header} header
 * @param {Levels} levels
 * @param {Active} active
 * @returns {string}
 */
function faultOfTiers(key, header, levels, { consumers, producers }) {
  /** @type {Whole} */
  let pool = header.feedIn;
  /** @type {Whole} */
  let wanted = 0;
  for (const [tier, { round, level }] of levels.tiers.entries()) {
    const method = key.tierMethods[tier] ?? 0;
    const members = consumers.filter((slot) => tierOf(key, slot) === tier);
    const [given, weight] = round;
    const [from, until] = tier === 0 ? [0, 0] : boundsOfTier(key, levels, tier - 1, consumers);
    const used = subtract(pool, given);
    if (used < from || used > until) return `tier ${tier + 1} served with what tier ${tier} leaves`;
    const coefficients = members.map((slot) => key.coefficientsPpm[slot] ?? 0);
    const expected = method === EQUAL ? members.length : method === DYNAMIC ? weight : sumOf(coefficients);
    if (method === DYNAMIC) wanted = add(wanted, weight);
    if (weight != expected || wanted > header.consumption) return `tier ${tier + 1} of weight ${expected}`;
    const fault = level ? faultOfLevel(method, given, level, coefficients) : "";
    if (fault) return fault;
    pool = given;
  }
  return levels.producerLevel ? faultOfProducerLevel(key, header, levels.producerLevel, producers) : "";
}

/**
 * @param {Key} key
 * @param {Header} header
 * @param {Levels} levels
 * @param {Active} active
 * @returns {string}
 */
function faultOfPairs(key, header, levels, { consumers, producers }) {
  for (const [r, [fed, given]] of levels.producers.entries()) {
    const slot = key.producers[r] ?? -1;
    const most = entitledOfPairs(key, consumers, fed, r);
    if (given > fed || given > most) return `at most ${least(fed, most)} of what slot ${slot} fed in`;
    if (fed != 0 && !producers.includes(slot)) return `nothing of slot ${slot}, which is not active`;
  }
  const named = sumOf(levels.producers.map(([fed]) => fed));
  const whole = producers.every((slot) => key.producers.includes(slot));
  return named > header.feedIn || (whole && named != header.feedIn) ? `producers that fed in ${header.feedIn}` : "";
}

/**
 * @param {Levels} levels Of `flow`.
 * @param {Active} active
 * @returns {string}
 */
function faultOfProducers(levels, { producers, allProducers }) {
  const gone = allProducers.find((slot, r) => levels.producers[r]?.[1] != 0 && !producers.includes(slot));
  return gone === undefined ? "" : `nothing of slot ${gone}, which is not active`;
}

/**
 * @param {Key} key
 * @param {Header} header
 * @param {Round} level
 * @param {readonly number[]} producers Active ones.
 * @returns {string}
 */
function faultOfProducerLevel(key, header, [left, weight], producers) {
  const all = header.allocated === header.feedIn;
  if (all !== (weight == 0)) return all ? "all that was fed in shared" : "a level of the producers";
  if (left > header.allocated) return `at most ${header.allocated} for the producers above the level`;
  const most = sumOf(producers.map((slot) => producerWeight(key, slot)));
  if (weight > most) return `a weight of at most ${most}`;
  return multiply(header.allocated, weight) <= multiply(left, most) ? "" : `a level of at least ${header.allocated} over ${most}`;
}
