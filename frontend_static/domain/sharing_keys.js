/**
 * Shares in whole milliwatt-hours [mWh] (protocol, section 8). Products are exact: numbers where they hold them,
 * bigints where not.
 *
 * @typedef {import("./bytes.js").Whole} Whole
 */
import { toWhole } from "./bytes.js";

export const DYNAMIC = 1;
export const STATIC = 2;

const PARTS_PER_MILLION = 1_000_000;

/**
 * Divide a product, exactly.
 *
 * @param {Whole} left
 * @param {Whole} right
 * @param {Whole} divisor Above zero.
 * @returns {[quotient: Whole, remainder: Whole]} The quotient is floored.
 */
export function multiplyDivide(left, right, divisor) {
  if (typeof left === "number" && typeof right === "number" && typeof divisor === "number") {
    const product = left * right;
    if (product <= Number.MAX_SAFE_INTEGER) {
      const remainder = product % divisor;
      return [(product - remainder) / divisor, remainder];
    }
  }
  const product = BigInt(left) * BigInt(right);
  return [toWhole(product / BigInt(divisor)), toWhole(product % BigInt(divisor))];
}

/**
 * @param {Whole} feedIn P of the interval.
 * @param {Whole} consumption C of the interval.
 * @param {Whole} own The slot's consumption.
 * @returns {Whole} What `dynamic` gives it.
 */
export function allocateDynamic(feedIn, consumption, own) {
  return feedIn >= consumption ? own : multiplyDivide(feedIn, own, consumption)[0];
}

/**
 * @param {Whole} feedIn P of the interval.
 * @param {number} coefficientPpm
 * @param {Whole} own The slot's consumption.
 * @returns {Whole} What `static` gives it.
 */
export function allocateStatic(feedIn, coefficientPpm, own) {
  const part = multiplyDivide(feedIn, coefficientPpm, PARTS_PER_MILLION)[0];
  return part < own ? part : own;
}

/**
 * @param {number} slot
 * @param {number} t Index of the interval in its day.
 * @param {number} slots Highest slot of the period plus one.
 * @returns {number} Where the slot stands in the interval's order of odd milliwatt-hours.
 */
function turnOf(slot, t, slots) {
  return (slot + t) % slots;
}

/**
 * @param {Whole} allocated A of the interval.
 * @param {Whole} feedIn P of the interval.
 * @param {Whole} own The slot's feed-in.
 * @param {number} slot
 * @param {number} t Index of the interval in its day.
 * @param {number} slots Highest slot of the period plus one.
 * @param {number} tau From the header.
 * @returns {Whole} The part of the slot's feed-in that was shared.
 */
export function shareOfProducer(allocated, feedIn, own, slot, t, slots, tau) {
  if (feedIn == 0) return 0;
  const [part, remainder] = multiplyDivide(allocated, own, feedIn);
  if (remainder == 0 || turnOf(slot, t, slots) >= tau) return part;
  return typeof part === "number" && part < Number.MAX_SAFE_INTEGER ? part + 1 : toWhole(BigInt(part) + 1n);
}

/**
 * Choose the tau with which the producers' parts sum to A.
 *
 * @param {Whole} allocated A of the interval.
 * @param {readonly (readonly [slot: number, feedIn: Whole])[]} producers Feed-in slots.
 * @param {number} t Index of the interval in its day.
 * @param {number} slots Highest slot of the period plus one.
 * @returns {number}
 */
export function chooseTau(allocated, producers, t, slots) {
  const feedIn = toWhole(producers.reduce((sum, [, own]) => sum + BigInt(own), 0n));
  if (feedIn == 0) return 0;
  let rest = BigInt(allocated);
  const turns = [];
  for (const [slot, own] of producers) {
    const [part, remainder] = multiplyDivide(allocated, own, feedIn);
    rest -= BigInt(part);
    if (remainder != 0) turns.push(turnOf(slot, t, slots));
  }
  turns.sort((a, b) => a - b);
  return rest === 0n ? 0 : (turns[Number(rest) - 1] ?? 0) + 1;
}
