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
 */
import { add, floorOf, least, multiply, subtract, sumOf } from "./sharing_keys/exact.js";
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

const PARTS_PER_MILLION = 1_000_000;

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
      return [0, sumOf(coefficients.map((coefficient) => floorOf(pool, coefficient, PARTS_PER_MILLION)))];
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
  const coefficients = sumOf(active.consumers.map((slot) => key.coefficientsPpm[slot] ?? 0));
  const [pool = 0, weight = 0] = level ?? [];
  if (key.method === EQUAL && (pool != feedIn || weight != active.consumers.length)) {
    return `${feedIn} shared among ${active.consumers.length}`;
  }
  if (key.method === STATIC_CASCADE && (pool > feedIn || weight > coefficients)) {
    return `a level of at most ${feedIn} over ${coefficients}`;
  }
  if (key.method === HYBRID && (pool > feedIn || subtract(feedIn, pool) != subtract(consumption, weight))) {
    return "as much less of the pool as of the consumption";
  }
  if (key.method === PRIORITY) return faultOfTiers(key, header, levels, active);
  if (key.method === PAIRWISE) return faultOfPairs(key, header, levels, active.producers);
  return producerLevel ? faultOfProducerLevel(key, header, producerLevel, active.producers) : "";
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
  for (const [tier, { round }] of levels.tiers.entries()) {
    const method = key.tierMethods[tier] ?? 0;
    const members = consumers.filter((slot) => tierOf(key, slot) === tier);
    const [given, weight] = round;
    const [from, until] = tier === 0 ? [0, 0] : boundsOfTier(key, levels, tier - 1, consumers);
    const used = subtract(pool, given);
    if (used < from || used > until) return `tier ${tier + 1} served with what tier ${tier} leaves`;
    const coefficients = sumOf(members.map((slot) => key.coefficientsPpm[slot] ?? 0));
    const expected = method === EQUAL ? members.length : method === DYNAMIC ? weight : coefficients;
    if (weight != expected || (method === DYNAMIC && weight > header.consumption)) return `tier ${tier + 1} of weight ${expected}`;
    pool = given;
  }
  return levels.producerLevel ? faultOfProducerLevel(key, header, levels.producerLevel, producers) : "";
}

/**
 * @param {Key} key
 * @param {Header} header
 * @param {Levels} levels
 * @param {readonly number[]} producers Active ones.
 * @returns {string}
 */
function faultOfPairs(key, header, levels, producers) {
  for (const [r, [fed, given]] of levels.producers.entries()) {
    const slot = key.producers[r] ?? -1;
    if (given > fed) return `at most ${fed} of what slot ${slot} fed in`;
    if (fed != 0 && !producers.includes(slot)) return `nothing of slot ${slot}, which is not active`;
  }
  const named = sumOf(levels.producers.map(([fed]) => fed));
  const whole = producers.every((slot) => key.producers.includes(slot));
  return named > header.feedIn || (whole && named != header.feedIn) ? `producers that fed in ${header.feedIn}` : "";
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
  return weight > most ? `a weight of at most ${most}` : "";
}
