/**
 * Which part of a producer's feed-in was shared, in whole milliwatt-hours [mWh] (protocol, section 8).
 *
 * @typedef {import("../bytes.js").Whole} Whole
 * @typedef {import("./rounds.js").Key} Key
 * @typedef {import("./rounds.js").Levels} Levels
 *
 * @typedef {object} Turn Which interval it is, for the odd milliwatt-hours.
 * @property {number} t Index of the interval in its day.
 * @property {number} slots Highest slot of the period plus one.
 * @property {number} tau From the header.
 */
import { add, multiply, multiplyDivide, subtract, sumOf } from "./exact.js";
import { FLOW, INCENTIVE, PAIRWISE, producerWeight } from "./rounds.js";

/**
 * @param {number} slot
 * @param {Turn} turn
 * @param {readonly [part: Whole, remainder: Whole]} exact
 * @returns {Whole} The part, one more where something remains and it is the slot's turn.
 */
function roundInTurn(slot, { t, slots, tau }, [part, remainder]) {
  return remainder != 0 && (slot + t) % slots < tau ? add(part, 1) : part;
}

/**
 * @param {Whole} allocated A of the interval.
 * @param {Whole} feedIn P of the interval.
 * @param {Whole} own The slot's feed-in.
 * @param {number} slot
 * @param {Turn} turn
 * @returns {Whole} The part of the slot's feed-in that was shared, in proportion.
 */
export function shareInProportion(allocated, feedIn, own, slot, turn) {
  return feedIn == 0 ? 0 : roundInTurn(slot, turn, multiplyDivide(allocated, own, feedIn));
}

/**
 * @param {import("./rounds.js").Round} level Up to which producers are filled.
 * @param {number} weight Of the slot in the producer key.
 * @param {Whole} own The slot's feed-in.
 * @param {number} slot
 * @param {Turn} turn
 * @returns {Whole} The part of the slot's feed-in that was shared, by the producer key.
 */
function shareByKey([left, open], weight, own, slot, turn) {
  if (open == 0 || multiply(own, open) <= multiply(weight, left)) return own;
  return roundInTurn(slot, turn, multiplyDivide(left, weight, open));
}

/**
 * @param {Key} key
 * @param {Levels} levels
 * @param {Whole} allocated A of the interval.
 * @param {Whole} feedIn P of the interval.
 * @param {Whole} own The slot's feed-in.
 * @param {number} slot
 * @param {Turn} turn
 * @param {number} place Of the slot among the producers that the rounds name; below zero where it is none of them.
 * @returns {Whole}
 */
export function shareOfProducer(key, levels, allocated, feedIn, own, slot, turn, place) {
  if (key.method === INCENTIVE) return 0;
  if (key.method === PAIRWISE || key.method === FLOW) return levels.producers[place]?.[1] ?? 0;
  if (levels.producerLevel) return shareByKey(levels.producerLevel, producerWeight(key, slot), own, slot, turn);
  return shareInProportion(allocated, feedIn, own, slot, turn);
}

/**
 * Choose the tau with which the producers' parts in proportion sum to A.
 *
 * @param {Whole} allocated A of the interval.
 * @param {readonly (readonly [slot: number, feedIn: Whole])[]} producers Feed-in slots.
 * @param {number} t Index of the interval in its day.
 * @param {number} slots Highest slot of the period plus one.
 * @returns {number}
 */
export function chooseTau(allocated, producers, t, slots) {
  const feedIn = sumOf(producers.map(([, own]) => own));
  if (feedIn == 0) return 0;
  /** @type {Whole} */
  let rest = allocated;
  const turns = [];
  for (const [slot, own] of producers) {
    const [part, remainder] = multiplyDivide(allocated, own, feedIn);
    rest = subtract(rest, part);
    if (remainder != 0) turns.push((slot + t) % slots);
  }
  turns.sort((a, b) => a - b);
  return rest == 0 ? 0 : (turns[Number(rest) - 1] ?? 0) + 1;
}
