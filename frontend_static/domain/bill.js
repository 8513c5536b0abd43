/**
 * The bill that a participant's period totals and the voted tariff give (protocol, section 9).
 *
 * @typedef {import("./bytes.js").Whole} Whole
 *
 * @typedef {object} Tariff Prices [micro-euro per kWh], fee [cents], VAT, who bills what; Solidity's names.
 * @property {readonly number[]} residualPrice Per band.
 * @property {number} sharedPrice
 * @property {number} surplusPrice
 * @property {number} networkPrice
 * @property {number} monthlyFee
 * @property {number} vatPpm
 * @property {number} communityVatClass
 * @property {readonly number[]} windows First local minute (upper 16 bits) and band (lower 8) of each, ascending.
 * @property {number} billedBy Mask: 1 shared, 2 residual, 4 network, 8 surplus; set where the community bills it.
 *
 * @typedef {object} PointTotals A metering point's period.
 * @property {boolean} feedsIn
 * @property {readonly (readonly [energy: Whole, allocated: Whole])[]} bands Per band [mWh].
 *
 * @typedef {object} Amounts A bill's amounts [cents].
 * @property {Whole[]} lines Nine, in the order of `LINES`.
 * @property {Whole} vatDebit
 * @property {Whole} vatCredit
 * @property {Whole} debit
 * @property {Whole} credit
 */
import { toWhole } from "./bytes.js";

/** Stable names of the lines, in their order. */
export const LINES = /** @type {const} */ ([
  "residual_0",
  "residual_1",
  "residual_2",
  "residual_3",
  "bought",
  "network",
  "fee",
  "sold",
  "surplus",
]);

export const BILLED_BY_COMMUNITY = /** @type {const} */ ({ shared: 1, residual: 2, network: 4, surplus: 8 });

const LIABLE = 2;
const PER_CENT = 10n ** 10n; // micro-euro per kWh times mWh in a cent
const PARTS_PER_MILLION = 1_000_000n;

/**
 * @param {bigint} value
 * @param {bigint} divisor Above zero.
 * @returns {bigint} The quotient, half away from zero.
 */
function divideHalfAway(value, divisor) {
  const size = ((value < 0n ? -value : value) + divisor / 2n) / divisor;
  return value < 0n ? -size : size;
}

/**
 * @param {bigint} energy [mWh]
 * @param {number} price [micro-euro per kWh]
 * @returns {bigint} Cents.
 */
function priceEnergy(energy, price) {
  return divideHalfAway(energy * BigInt(price), PER_CENT);
}

/**
 * @param {Whole} energy [mWh]
 * @param {number} price [micro-euro per kWh]
 * @returns {Whole} Cents, half away from zero.
 */
export function cents(energy, price) {
  return toWhole(priceEnergy(BigInt(energy), price));
}

/**
 * @param {readonly PointTotals[]} points
 * @param {Tariff} tariff
 * @returns {bigint[]} The nine lines: rounded per slot, then added.
 */
function addLines(points, tariff) {
  /** @type {bigint[]} */
  const residual = [0n, 0n, 0n, 0n];
  let [bought, network, sold, surplus] = [0n, 0n, 0n, 0n];
  for (const point of points) {
    const energy = point.bands.reduce((sum, [value]) => sum + BigInt(value), 0n);
    const allocated = point.bands.reduce((sum, [, value]) => sum + BigInt(value), 0n);
    if (point.feedsIn) {
      sold += priceEnergy(allocated, tariff.sharedPrice);
      surplus += priceEnergy(energy - allocated, tariff.surplusPrice);
      continue;
    }
    point.bands.forEach(([used, given], band) => {
      const price = tariff.residualPrice[band] ?? 0;
      residual[band] = (residual[band] ?? 0n) + priceEnergy(BigInt(used) - BigInt(given), price);
    });
    bought += priceEnergy(allocated, tariff.sharedPrice);
    network += priceEnergy(energy, tariff.networkPrice);
  }
  return [...residual, bought, network, BigInt(tariff.monthlyFee), sold, surplus];
}

/**
 * Compute a participant's bill.
 *
 * @param {readonly PointTotals[]} points The participant's points.
 * @param {Tariff} tariff In force for the period.
 * @param {number} vatClass VAT class of the participant's seat.
 * @returns {Amounts}
 */
export function computeBill(points, tariff, vatClass) {
  const lines = addLines(points, tariff);
  /** @param {...number} numbers */
  const sum = (...numbers) => numbers.reduce((total, line) => total + (lines[line] ?? 0n), 0n);
  /** @param {keyof typeof BILLED_BY_COMMUNITY} what */
  const isBilled = (what) => (tariff.billedBy & BILLED_BY_COMMUNITY[what]) !== 0;

  let debit = sum(6);
  if (isBilled("shared")) debit += sum(4);
  if (isBilled("residual")) debit += sum(0, 1, 2, 3);
  if (isBilled("network")) debit += sum(5);
  let credit = 0n;
  if (isBilled("shared")) credit += sum(7);
  if (isBilled("surplus")) credit += sum(8);

  /** @param {bigint} net */
  const vat = (net) => divideHalfAway(net * BigInt(tariff.vatPpm), PARTS_PER_MILLION);
  const vatDebit = tariff.communityVatClass === LIABLE ? vat(debit) : 0n;
  const vatCredit = vatClass === LIABLE ? vat(credit) : 0n;
  return {
    lines: lines.map(toWhole),
    vatDebit: toWhole(vatDebit),
    vatCredit: toWhole(vatCredit),
    debit: toWhole(debit + vatDebit),
    credit: toWhole(credit + vatCredit),
  };
}
