/**
 * The bill that a participant's period totals and the voted rule give (protocol, section 9).
 *
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./leaves.js").Link} Link
 *
 * @typedef {object} Tariff Prices [micro-euro per kWh], fee [cents], VAT, who bills what; Solidity's names.
 * @property {readonly number[]} residualPrice Per band.
 * @property {number} sharedPrice
 * @property {number} surplusPrice
 * @property {number} networkPrice
 * @property {number} networkSharedPrice
 * @property {number} excisePrice
 * @property {number} exciseSharedPrice
 * @property {number} premiumConsumption
 * @property {number} premiumFeedIn
 * @property {number} pricing 0 uniform, 1 mid-market, 2 supply and demand, 3 per producer.
 * @property {number} seller 0 the community, 1 each producer.
 * @property {number} monthlyFee
 * @property {number} vatPpm
 * @property {number} communityVatClass
 * @property {number} billedBy Mask: 1 shared, 2 residual, 4 network, 8 surplus; set where the community bills it.
 * @property {readonly number[]} windows First local minute (upper 16 bits) and band (lower 8) of each, ascending.
 * @property {readonly number[]} producerPrice Per slot.
 *
 * @typedef {object} PointTotals A metering point's period.
 * @property {boolean} feedsIn
 * @property {readonly (readonly [energy: Whole, allocated: Whole])[]} bands Per band [mWh].
 * @property {Whole} value [pico-euro]
 * @property {Whole} credited [mWh]
 * @property {readonly Link[]} links
 *
 * @typedef {object} Terms What a bill follows.
 * @property {{readonly method: number, readonly surplusOwner: number}} key
 * @property {Tariff} tariff
 * @property {number} seat Of the participant.
 * @property {readonly number[]} seats Per slot.
 *
 * @typedef {object} Amounts A bill's amounts [cents].
 * @property {Whole[]} lines Thirteen, in the order of `LINES`.
 * @property {Whole} vatDebit
 * @property {Whole} vatCredit
 * @property {Whole} debit
 * @property {Whole} credit
 */
import { toWhole } from "./bytes.js";
import { CONSUMER_OWNS_SURPLUS, INCENTIVE } from "./sharing_keys/rounds.js";

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
  "network_shared",
  "excise",
  "excise_shared",
  "incentive",
]);

export const BILLED_BY_COMMUNITY = /** @type {const} */ ({ shared: 1, residual: 2, network: 4, surplus: 8 });
export const PRODUCERS_SELL = 1;
export const LIABLE = 2;

const PER_CENT = 10n ** 10n; // pico-euro in a cent
const PARTS_PER_MILLION = 1_000_000n;
const [BOUGHT, NETWORK, FEE, SOLD, SURPLUS, NETWORK_SHARED, EXCISE, EXCISE_SHARED, INCENTIVES] = [4, 5, 6, 7, 8, 9, 10, 11, 12];

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
 * @param {Whole} value [pico-euro]
 * @returns {Whole} Cents, half away from zero.
 */
export function centsOfValue(value) {
  return toWhole(divideHalfAway(BigInt(value), PER_CENT));
}

/**
 * @param {PointTotals} point
 * @param {Terms} terms
 * @returns {Map<number, bigint>} What other seats sold to the point, or bought from it: cents by seat.
 */
function tradeBySeat(point, { seat, seats }) {
  /** @type {Map<number, bigint>} */
  const trade = new Map();
  for (const { slot, value } of point.links) {
    const other = seats[slot] ?? slot;
    if (other !== seat) trade.set(other, (trade.get(other) ?? 0n) + divideHalfAway(BigInt(value), PER_CENT));
  }
  return trade;
}

/**
 * The lines of one metering point, each rounded.
 *
 * @param {PointTotals} point
 * @param {Terms} terms
 * @returns {bigint[]} Thirteen; the fee is no point's.
 */
function linesOf(point, terms) {
  const { key, tariff } = terms;
  const lines = new Array(LINES.length).fill(0n);
  const energy = point.bands.reduce((sum, [value]) => sum + BigInt(value), 0n);
  const allocated = point.bands.reduce((sum, [, value]) => sum + BigInt(value), 0n);
  const [credited, rest] = [BigInt(point.credited), energy - allocated];
  const ownsSurplus = key.surplusOwner === CONSUMER_OWNS_SURPLUS;
  let traded = divideHalfAway(BigInt(point.value), PER_CENT);
  if (tariff.seller === PRODUCERS_SELL) traded = [...tradeBySeat(point, terms).values()].reduce((sum, part) => sum + part, 0n);
  if (key.method === INCENTIVE) {
    lines[INCENTIVES] = priceEnergy(credited, point.feedsIn ? tariff.premiumFeedIn : tariff.premiumConsumption);
  }
  if (point.feedsIn) {
    lines[SOLD] = traded;
    lines[SURPLUS] = ownsSurplus ? 0n : priceEnergy(rest, tariff.surplusPrice);
    return lines;
  }
  const apart = tariff.networkSharedPrice !== tariff.networkPrice;
  point.bands.forEach(([used, given], band) => {
    lines[band] = priceEnergy(BigInt(used) - BigInt(given), tariff.residualPrice[band] ?? 0);
  });
  lines[BOUGHT] = traded;
  lines[NETWORK] = priceEnergy(apart ? rest : energy, tariff.networkPrice);
  lines[SURPLUS] = ownsSurplus ? priceEnergy(credited, tariff.surplusPrice) : 0n;
  lines[NETWORK_SHARED] = apart ? priceEnergy(allocated, tariff.networkSharedPrice) : 0n;
  lines[EXCISE] = priceEnergy(rest, tariff.excisePrice);
  lines[EXCISE_SHARED] = priceEnergy(allocated, tariff.exciseSharedPrice);
  return lines;
}

/**
 * @param {bigint} net [cents]
 * @param {number} vatPpm
 * @returns {bigint} VAT on it.
 */
function vatOn(net, vatPpm) {
  return divideHalfAway(net * BigInt(vatPpm), PARTS_PER_MILLION);
}

/**
 * VAT on what was traded with other seats, rounded per seat, where the seller is liable.
 *
 * @param {readonly PointTotals[]} points
 * @param {boolean} feedsIn Whether what was sold counts, or what was bought.
 * @param {Terms} terms
 * @returns {bigint} Cents; nothing where the community sells, or others bill.
 */
export function vatOnTrade(points, feedsIn, terms) {
  const { tariff } = terms;
  if (tariff.seller !== PRODUCERS_SELL || (tariff.billedBy & BILLED_BY_COMMUNITY.shared) === 0) return 0n;
  /** @type {Map<number, bigint>} */
  const trade = new Map();
  for (const point of points) {
    if (point.feedsIn !== feedsIn) continue;
    const taxed = { ...point, links: point.links.filter(({ vatClass }) => vatClass === LIABLE) };
    for (const [seat, amount] of tradeBySeat(taxed, terms)) trade.set(seat, (trade.get(seat) ?? 0n) + amount);
  }
  return [...trade.values()].reduce((sum, amount) => sum + vatOn(amount, tariff.vatPpm), 0n);
}

/**
 * Compute a participant's bill.
 *
 * @param {readonly PointTotals[]} points The participant's points.
 * @param {Terms} terms In force for the period.
 * @param {number} vatClass VAT class of the participant's seat.
 * @returns {Amounts}
 */
export function computeBill(points, terms, vatClass) {
  const { tariff } = terms;
  /** @type {bigint[]} */
  const lines = new Array(LINES.length).fill(0n);
  for (const point of points) linesOf(point, terms).forEach((amount, line) => (lines[line] = (lines[line] ?? 0n) + amount));
  lines[FEE] = BigInt(tariff.monthlyFee);
  /** @param {...number} numbers */
  const sum = (...numbers) => numbers.reduce((total, line) => total + (lines[line] ?? 0n), 0n);
  /** @param {keyof typeof BILLED_BY_COMMUNITY} what @param {...number} numbers */
  const billed = (what, ...numbers) => ((tariff.billedBy & BILLED_BY_COMMUNITY[what]) === 0 ? 0n : sum(...numbers));
  /** @param {bigint} net */
  const vat = (net) => vatOn(net, tariff.vatPpm);

  const bought = billed("shared", BOUGHT);
  const debit =
    sum(FEE) + bought + billed("shared", EXCISE_SHARED) + billed("residual", 0, 1, 2, 3, EXCISE) + billed("network", NETWORK, NETWORK_SHARED);
  const surplus = billed("surplus", SURPLUS);
  const credit = billed("shared", SOLD) + surplus + sum(INCENTIVES);
  const liable = { community: tariff.communityVatClass === LIABLE, participant: vatClass === LIABLE };
  let [vatDebit, vatCredit] = [liable.community ? vat(debit) : 0n, liable.participant ? vat(credit - sum(INCENTIVES)) : 0n];
  if (tariff.seller === PRODUCERS_SELL) {
    vatDebit = (liable.community ? vat(debit - bought) : 0n) + vatOnTrade(points, false, terms);
    vatCredit = liable.participant ? vat(surplus) + vatOnTrade(points, true, terms) : 0n;
  }
  return {
    lines: lines.map(toWhole),
    vatDebit: toWhole(vatDebit),
    vatCredit: toWhole(vatCredit),
    debit: toWhole(debit + vatDebit),
    credit: toWhole(credit + vatCredit),
  };
}
