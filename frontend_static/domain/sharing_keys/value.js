/**
 * What the shared energy of an interval is worth, in whole pico-euro (protocol, section 8): a milliwatt-hour at one
 * micro-euro per kilowatt-hour is worth one.
 *
 * @typedef {import("../bytes.js").Whole} Whole
 * @typedef {import("../bill.js").Tariff} Tariff
 */
import { add, floorOf, multiply, subtract, sumOf } from "./exact.js";

export const [UNIFORM, MID_MARKET, SUPPLY_DEMAND, PER_PRODUCER] = /** @type {const} */ ([0, 1, 2, 3]);

/**
 * @param {Tariff} tariff
 * @param {{feedIn: Whole, consumption: Whole, allocated: Whole, band: number}} interval
 * @returns {Whole | null} V; null where it depends on who produced.
 */
export function valueOfInterval(tariff, { feedIn, consumption, allocated, band }) {
  const [residual, surplus] = [tariff.residualPrice[band] ?? 0, tariff.surplusPrice];
  if (tariff.pricing === PER_PRODUCER) return allocated == 0 ? 0 : null;
  if (tariff.pricing === UNIFORM) return multiply(allocated, tariff.sharedPrice);
  if (tariff.pricing === MID_MARKET) return multiply(allocated, Math.floor((residual + surplus) / 2));
  if (feedIn >= consumption || surplus === 0) return multiply(allocated, surplus);
  const divisor = add(multiply(residual - surplus, feedIn), multiply(surplus, consumption));
  return floorOf(multiply(allocated, surplus), multiply(residual, consumption), divisor);
}

/**
 * @param {Tariff} tariff Where one price holds for all producers.
 * @param {number} band
 * @returns {[low: number, high: number]} What shared energy can cost in a band, whatever the totals [micro-euro per kWh].
 */
export function pricesOfBand(tariff, band) {
  const [residual, surplus] = [tariff.residualPrice[band] ?? 0, tariff.surplusPrice];
  if (tariff.pricing === UNIFORM) return [tariff.sharedPrice, tariff.sharedPrice];
  if (tariff.pricing !== SUPPLY_DEMAND) return [Math.floor((residual + surplus) / 2), Math.floor((residual + surplus) / 2)];
  return surplus === 0 ? [0, 0] : [surplus, Math.max(surplus, residual)];
}

/**
 * @param {Whole} value V of the interval.
 * @param {Whole} allocated A of the interval.
 * @param {Whole} own What the row was given, or what was shared of it.
 * @returns {Whole} The row's part of V.
 */
export function valueInProportion(value, allocated, own) {
  return allocated == 0 ? 0 : floorOf(value, own, allocated);
}

/**
 * Divide a value by weights: floors, and one more for the first until the parts sum to it.
 *
 * @param {Whole} value
 * @param {readonly Whole[]} weights At least one above zero.
 * @returns {Whole[]}
 */
export function divideValue(value, weights) {
  const all = sumOf(weights);
  const parts = weights.map((weight) => floorOf(value, weight, all));
  let rest = Number(subtract(value, sumOf(parts)));
  return parts.map((part) => (rest-- > 0 ? add(part, 1) : part));
}
