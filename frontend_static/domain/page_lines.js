/**
 * A line of the page *My bill* as bundle and rule have it: how much, at which price, worth what.
 *
 * @typedef {import("./bill_view.js").BillLine} BillLine
 * @typedef {import("./bill.js").PointTotals} PointTotals
 * @typedef {import("./bill.js").Terms} Terms
 * @typedef {import("./bytes.js").Whole} Whole
 *
 * @typedef {object} Told
 * @property {number} place Among the thirteen lines.
 * @property {number} quantity [mWh]
 * @property {number} price Of energy whose price changes: the mean [micro-euro per kWh].
 * @property {Whole} value [pico-euro]
 * @property {Whole} amount [cents]
 */
import { BILLED_BY_COMMUNITY, LINES, PRODUCERS_SELL, centsOfValue } from "./bill.js";
import { multiply, sumOf } from "./sharing_keys/exact.js";
import { FLOW } from "./sharing_keys/rounds.js";

/** Who bills what the community does not. */
export const OTHERS = /** @type {Readonly<Record<string, string>>} */ ({
  ...{ residual: "supplier", excise: "supplier", network: "supplier", network_shared: "supplier" },
  ...{ surplus: "offtaker", bought: "producer", excise_shared: "producer", sold: "consumer" },
});

const BITS = /** @type {Readonly<Record<string, keyof typeof BILLED_BY_COMMUNITY>>} */ ({
  ...{ residual: "residual", excise: "residual", network: "network", network_shared: "network" },
  ...{ surplus: "surplus", bought: "shared", sold: "shared", excise_shared: "shared" },
});

/**
 * @param {string} kind Of a line.
 * @returns {number} The bit of `billedBy` that says whether the community bills it; 0 where it always does.
 */
export function billedAs(kind) {
  const name = BITS[kind];
  return name ? BILLED_BY_COMMUNITY[name] : 0;
}

/**
 * @param {Whole} value [pico-euro]
 * @param {number} quantity [mWh]
 * @returns {number} The mean price, half away from zero.
 */
function meanPrice(value, quantity) {
  return Number((2n * BigInt(value) + BigInt(quantity)) / (2n * BigInt(quantity)));
}

/** @param {PointTotals["links"]} links @returns {Whole} What was not free of charge: under `flow` only that is bought. */
function paidOf(links) {
  return sumOf(links.filter(({ value }) => value > 0).map(({ energy }) => energy));
}

/**
 * @param {BillLine} line Of shared energy that was bought or sold.
 * @param {number} n Which of its kind and point.
 * @param {PointTotals} totals
 * @param {Terms} terms
 * @returns {{quantity: number, value: Whole}}
 */
function tradeOf(line, n, totals, { key, tariff, seat, seats }) {
  if (tariff.seller === PRODUCERS_SELL) {
    const link = totals.links.filter(({ slot }) => (seats[slot] ?? slot) !== seat)[n];
    return { quantity: Number(link?.energy ?? 0), value: link?.value ?? 0 };
  }
  const { links, bands, value } = totals;
  const given = key.method === FLOW ? paidOf(links) : sumOf(bands.map(([, allocated]) => allocated));
  return { quantity: Number(given), value };
}

/**
 * @param {BillLine} line Any but the fee.
 * @param {number} n Which of its kind and point, from 0.
 * @param {PointTotals} totals Of its point.
 * @param {Terms} terms
 * @returns {Told | null} Null where the bill can have no such line.
 */
export function describeLine(line, n, totals, terms) {
  const { tariff } = terms;
  if (line.kind === "bought" || line.kind === "sold") {
    const { quantity, value } = tradeOf(line, n, totals, terms);
    const price = quantity > 0 ? meanPrice(value, quantity) : tariff.sharedPrice;
    return { place: LINES.indexOf(line.kind), quantity, price, value, amount: centsOfValue(value) };
  }
  const energy = totals.bands.reduce((sum, [used]) => sum + Number(used), 0);
  const allocated = totals.bands.reduce((sum, [, given]) => sum + Number(given), 0);
  const [used, given] = totals.bands[line.band] ?? [0, 0];
  const apart = tariff.networkSharedPrice !== tariff.networkPrice;
  const rest = energy - allocated;
  const plain = /** @type {Readonly<Record<string, readonly [quantity: number, price: number]>>} */ ({
    residual: [Number(used) - Number(given), tariff.residualPrice[line.band] ?? 0],
    network: [apart ? rest : energy, tariff.networkPrice],
    network_shared: [allocated, tariff.networkSharedPrice],
    excise: [rest, tariff.excisePrice],
    excise_shared: [allocated, tariff.exciseSharedPrice],
    surplus: [totals.feedsIn ? rest : Number(totals.credited), tariff.surplusPrice],
    incentive: [Number(totals.credited), totals.feedsIn ? tariff.premiumFeedIn : tariff.premiumConsumption],
  })[line.kind];
  if (!plain) return null;
  const [quantity, price] = plain;
  const value = multiply(quantity, price);
  const place = line.kind === "residual" ? line.band : LINES.findIndex((name) => name === line.kind);
  return { place, quantity, price, value, amount: centsOfValue(value) };
}
