/**
 * What rows contribute to the rounds of a header (protocol, section 8): one's own, all together, and others at most. One's own
 * can be no more than all, and what is left must be possible for neighbours.
 *
 * @typedef {import("../bytes.js").Whole} Whole
 * @typedef {import("../bundle.js").Header} Header
 * @typedef {import("./rounds.js").Key} Key
 * @typedef {import("./rounds.js").Levels} Levels
 * @typedef {import("./rounds.js").Round} Round
 *
 * @typedef {object} Row
 * @property {number} slot
 * @property {boolean} feedsIn
 * @property {Whole} energy
 * @property {Whole} allocated
 * @property {number} coefficientPpm
 * @property {readonly (readonly [slot: number, energy: Whole])[]} links Of `flow`.
 *
 * @typedef {object} Others Who is active on a day beside oneself, and what they have.
 * @property {readonly number[]} consumers Slots.
 * @property {readonly number[]} producers Slots.
 * @property {Whole} fed [mWh]
 * @property {Whole} consumed [mWh]
 */
import { allocateStatic, allocatePairs } from "./consumers.js";
import { floorOf, multiply, subtract, sumOf } from "./exact.js";
import { DYNAMIC, EQUAL, FLOW, HYBRID, PAIRWISE, PRIORITY, STATIC, STATIC_CASCADE, hasLevel, producerWeight, tierOf } from "./rounds.js";

const PARTS_PER_MILLION = 1_000_000;
/** @type {Round} */
const NOTHING = [0, 0];

/**
 * @param {Key} key
 * @param {Levels} levels
 * @param {Header} header
 * @param {Row} row
 * @param {readonly number[]} named Slots in the order of rounds that name producers.
 * @returns {Round[]} What the row gives to each round: (given, weight).
 */
export function contributionsOf(key, levels, header, row, named) {
  const { producerLevel } = levels;
  const rounds = row.feedsIn ? header.rounds.slice(producerLevel ? 1 : 0).map(() => NOTHING) : ofConsumer(key, levels, header, row, named);
  if (!producerLevel) return rounds;
  if (!row.feedsIn) return [...rounds, NOTHING];
  const weight = producerWeight(key, row.slot);
  return [...rounds, isSatisfied(producerLevel, weight, row.energy) ? [row.energy, 0] : [0, weight]];
}

/**
 * @param {Round} level
 * @param {number} weight
 * @param {Whole} energy
 */
function isSatisfied([left, open], weight, energy) {
  return open == 0 || multiply(energy, open) <= multiply(weight, left);
}

/**
 * @param {Key} key
 * @param {Levels} levels
 * @param {Header} header
 * @param {Row} row
 * @param {readonly number[]} named
 * @returns {Round[]}
 */
function ofConsumer(key, levels, header, row, named) {
  switch (key.method) {
    case EQUAL:
      return [[0, 1]];
    case STATIC_CASCADE:
    case HYBRID:
      return [belowLevel(key.method, levels.level ?? NOTHING, header.feedIn, row)];
    case PAIRWISE:
      return allocatePairs(key, levels.producers, row.slot, row.energy).map((part) => [part, 0]);
    case FLOW: {
      const given = new Map(row.links);
      return named.map((slot) => [given.get(slot) ?? 0, 0]);
    }
    case PRIORITY:
      return levels.tiers.flatMap(({ round, level }, tier) => ofTier(key, tier, round, level, row));
    default:
      return [];
  }
}

/**
 * @param {Key} key
 * @param {number} tier
 * @param {Round} round
 * @param {Round | null} level
 * @param {Row} row
 * @returns {Round[]}
 */
function ofTier(key, tier, round, level, row) {
  const method = key.tierMethods[tier] ?? DYNAMIC;
  if (tierOf(key, row.slot) !== tier) return level ? [NOTHING, NOTHING] : [NOTHING];
  const weight = method === DYNAMIC ? row.energy : method === EQUAL ? 1 : row.coefficientPpm;
  const own = /** @type {Round} */ ([row.allocated, weight]);
  return level ? [own, belowLevel(method, level, round[0], row)] : [own];
}

/**
 * @param {number} method
 * @param {Round} level
 * @param {Whole} pool
 * @param {Row} row
 * @returns {Round}
 */
function belowLevel(method, level, pool, { energy, coefficientPpm }) {
  if (method === STATIC_CASCADE) {
    const satisfied = coefficientPpm > 0 && isSatisfied(level, coefficientPpm, energy);
    return satisfied ? [energy, 0] : [0, coefficientPpm];
  }
  const fixed = allocateStatic(pool, coefficientPpm, energy);
  return [fixed, subtract(energy, fixed)];
}

/**
 * @param {Key} key
 * @param {Levels} levels
 * @param {Header} header
 * @returns {Round[]} What all rows give to each round, as the last stair has it.
 */
export function contributionsOfAll(key, levels, header) {
  const { feedIn, allocated } = header;
  /** @param {Whole} pool @param {Round} round @returns {Round} */
  const below = (pool, [left, weight]) => [subtract(pool, left), weight];
  /** @type {Round[]} */
  let rounds = [];
  if (key.method === EQUAL && levels.level) rounds = [[0, levels.level[1]]];
  else if (levels.level && hasLevel(key.method)) rounds = [below(feedIn, levels.level)];
  else if (key.method === PAIRWISE || key.method === FLOW) rounds = levels.producers.map(([, given]) => [given, 0]);
  else if (key.method === PRIORITY) {
    const given = givenByTier(levels, header);
    rounds = levels.tiers.flatMap(({ round, level }, tier) => {
      const own = /** @type {Round} */ ([given[tier] ?? 0, round[1]]);
      return level ? [own, below(round[0], level)] : [own];
    });
  }
  return levels.producerLevel ? [...rounds, below(allocated, levels.producerLevel)] : rounds;
}

/**
 * @param {Levels} levels
 * @param {Header} header
 * @returns {Whole[]} What each tier was given, by the pools that follow one another.
 */
function givenByTier({ tiers }, { feedIn, allocated }) {
  const pools = tiers.map(({ round }) => round[0]);
  const left = subtract(feedIn, allocated);
  return pools.map((pool, tier) => subtract(pool, pools[tier + 1] ?? left));
}

/**
 * @param {Key} key
 * @param {Levels} levels
 * @param {Header} header
 * @param {Others} others
 * @returns {Round[]} The most that others can give to each round.
 */
export function mostOfOthers(key, levels, header, others) {
  const { consumers, consumed } = others;
  /** @type {Round[]} */
  let rounds = [];
  if (key.method === EQUAL) rounds = [[0, consumers.length]];
  else if (hasLevel(key.method)) rounds = [mostBelow(key.method, header.feedIn, coefficientsOf(key, consumers), consumed)];
  else if (key.method === PAIRWISE) rounds = levels.producers.map(([pool], r) => [entitledOfPairs(key, consumers, pool, r), 0]);
  else if (key.method === FLOW) rounds = levels.producers.map(() => [consumed, 0]);
  else if (key.method === PRIORITY) {
    rounds = levels.tiers.flatMap(({ round, level }, tier) => {
      const method = key.tierMethods[tier] ?? DYNAMIC;
      const members = consumers.filter((slot) => tierOf(key, slot) === tier);
      const listed = coefficientsOf(key, members);
      const weight = method === DYNAMIC ? consumed : method === EQUAL ? members.length : sumOf(listed);
      const own = /** @type {Round} */ ([consumed, weight]);
      return level ? [own, mostBelow(method, round[0], listed, consumed)] : [own];
    });
  }
  if (!levels.producerLevel) return rounds;
  return [...rounds, [others.fed, sumOf(others.producers.map((slot) => producerWeight(key, slot)))]];
}

/**
 * @param {number} method
 * @param {Whole} pool
 * @param {readonly number[]} coefficients
 * @param {Whole} consumed
 * @returns {Round}
 */
function mostBelow(method, pool, coefficients, consumed) {
  return method === STATIC_CASCADE ? [consumed, sumOf(coefficients)] : [entitled(pool, coefficients), consumed];
}

/** @param {Key} key @param {readonly number[]} slots @returns {number[]} [ppm] */
function coefficientsOf(key, slots) {
  return slots.map((slot) => key.coefficientsPpm[slot] ?? 0);
}

/** @param {Whole} pool @param {readonly number[]} coefficients @returns {Whole} What they entitle to. */
export function entitled(pool, coefficients) {
  return sumOf(coefficients.map((coefficient) => floorOf(pool, coefficient, PARTS_PER_MILLION)));
}

/**
 * @param {Key} key Of the method `pairwise`.
 * @param {readonly number[]} consumers Slots.
 * @param {Whole} pool What a producer fed in.
 * @param {number} r Its place among the rule's producers.
 * @returns {Whole} What it owes them at most.
 */
export function entitledOfPairs(key, consumers, pool, r) {
  return entitled(pool, consumers.map((slot) => key.coefficientsPpm[slot * key.producers.length + r] ?? 0));
}

/**
 * @param {Key} key
 * @param {Header} header
 * @param {readonly number[]} consumers Slots of others.
 * @param {number} count Of all consumers that are active on the day.
 * @returns {Whole | null} The most that others can be given; null where neither coefficients nor count bound it.
 */
export function entitledOthers(key, { feedIn }, consumers, count) {
  if (key.method === EQUAL) return count === 0 ? 0 : multiply(consumers.length, floorOf(feedIn, 1, count));
  return key.method === STATIC ? entitled(feedIn, coefficientsOf(key, consumers)) : null;
}
