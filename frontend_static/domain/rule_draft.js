/**
 * A rule as a form holds it, in the words that people type, and as the tables of a community file.
 *
 * @typedef {{id: string, participant: string, name: string, direction: "consumption" | "feed_in", slot: number}} Point `name` of
 *   its participant, `slot` its place in the rule on chain.
 * @typedef {Record<string, any>} Tables `sharing_key`, `tariff`, `conformity`, `settlement`, `allocation`.
 * @typedef {{method: string, points: string[]}} Tier
 * @typedef {{from: string, to: string, price: string}} Window
 * @typedef {{producer: string, consumer: string, watts: string}} Cap
 *
 * @typedef {object} Draft Texts are as typed: parts and rates in percent, prices in euro per kWh.
 * @property {string} method
 * @property {"producer" | "consumer"} surplusOwner
 * @property {"ahead" | "after"} schedule
 * @property {Record<string, string>} coefficients By consumption point.
 * @property {Record<string, Record<string, string>>} pairs By feed-in point, then by consumption point.
 * @property {Tier[]} tiers
 * @property {boolean} producerKey Whether roofs have parts of their own.
 * @property {Record<string, string>} producerParts By feed-in point.
 * @property {boolean} ownFirst
 * @property {[string, string][]} preferences Consumer, producer.
 * @property {[string, string][]} donations Producer, consumer.
 * @property {Cap[]} caps
 * @property {string} fairnessSteps
 * @property {string[]} costs
 * @property {string} pricing
 * @property {Record<string, string>} prices By name of the tariff's table.
 * @property {Record<string, string>} producerPrices By feed-in point.
 * @property {Window[]} windows
 * @property {string} monthlyFee Euro.
 * @property {string} vat Percent.
 * @property {Record<string, string>} billedBy
 * @property {string} maxEstimated Percent.
 * @property {string} maxMissing Percent.
 * @property {string} gaps
 * @property {import("./terms.js").Term[]} terms Those changed from the software's own.
 * @property {string} contestHours
 * @property {string} source
 */
import { parseDecimal, writeShort } from "./decimals.js";
import { tableOfTerms, termsOf } from "./terms.js";

export const METHODS = ["dynamic", "static", "equal", "static_cascade", "hybrid", "scheduled", "pairwise", "priority", "flow", "incentive"];
export const TIER_METHODS = ["dynamic", "static", "equal", "static_cascade", "hybrid"];
export const COSTS = ["distance", "phase", "feeder"];
export const PRICINGS = ["uniform", "mid_market", "supply_demand", "producer"];
export const GAPS = ["estimate", "residual", "return"];
export const BILLERS = { shared: ["community", "producer"], residual: ["supplier", "community"], network: ["supplier", "grid_operator", "community"], surplus: ["offtaker", "community"] };
const BY_COEFFICIENT = ["static", "static_cascade", "hybrid"];
const ENTITLING = ["static", "equal", "scheduled"];
const PRICES = /** @type {const} */ (["shared_price", "surplus_price", "network_price", "network_shared_price", "excise_price", "excise_shared_price"]);
const PREMIUMS = /** @type {const} */ (["premium_consumption_price", "premium_feed_in_price"]);
export const PPM_DIGITS = 4; // decimal digits of a percent that ppm hold
export const PRICE_DIGITS = 6;

/** @param {Draft} draft @returns {boolean} */
export function usesCoefficients({ method, tiers }) {
  return BY_COEFFICIENT.includes(method) || (method === "priority" && tiers.some((tier) => BY_COEFFICIENT.includes(tier.method)));
}

/** @param {string} method */
export function usesProducerKey(method) {
  return !["pairwise", "flow", "incentive"].includes(method);
}

/** @param {string} method Whether what a member does not use can be their own. */
export function usesSurplusOwner(method) {
  return ENTITLING.includes(method);
}

/** @param {Draft} draft @returns {string[]} Names of the tariff's prices that have a use. */
export function pricesOf({ method, pricing }) {
  const priced = pricing === "uniform" && method !== "incentive";
  const plain = PRICES.filter((name) => name !== "shared_price" || priced);
  return [...plain, ...(method === "incentive" ? PREMIUMS : [])];
}

/** @param {Record<string, number>} [parts] */
function percents(parts = {}) {
  return Object.fromEntries(Object.entries(parts).map(([point, ppm]) => [point, writeShort(ppm, PPM_DIGITS)]));
}

/** @param {any} price @returns {Window[]} */
function windowsOf(price) {
  if (Array.isArray(price)) return price.map(({ from, to, price: one }) => ({ from, to, price: one }));
  return [{ from: "00:00", to: "24:00", price: price ?? "" }];
}

/**
 * @param {Tables} tables Of today's rule, whole.
 * @returns {Draft} That says the same.
 */
export function draftOf(tables) {
  const key = tables["sharing_key"] ?? {};
  const tariff = tables["tariff"] ?? {};
  const links = key.links ?? {};
  const limits = tables["conformity"] ?? {};
  return {
    method: key.method ?? "dynamic",
    surplusOwner: key.surplus_owner ?? "producer",
    schedule: key.schedule || "ahead",
    coefficients: percents(key.coefficients_ppm),
    pairs: Object.fromEntries(Object.entries(key.pairs_ppm ?? {}).map(([producer, parts]) => [producer, percents(/** @type {any} */ (parts))])),
    tiers: (key.tiers ?? []).map((/** @type {any} */ tier) => ({ method: tier.method, points: [...(tier.points ?? [])] })),
    producerKey: key.producer_coefficients_ppm !== undefined,
    producerParts: percents(key.producer_coefficients_ppm),
    ownFirst: links.own_first ?? true,
    preferences: (links.preferences ?? []).map((/** @type {any} */ pair) => [...pair]),
    donations: (links.donations ?? []).map((/** @type {any} */ pair) => [...pair]),
    caps: (links.caps ?? []).map((/** @type {any} */ cap) => ({ producer: cap.producer, consumer: cap.consumer, watts: String(cap.max_power_watts) })),
    fairnessSteps: String(links.fairness_steps ?? 8),
    costs: [...(links.costs ?? ["distance"])],
    pricing: tariff.pricing ?? "uniform",
    prices: Object.fromEntries([...PRICES, ...PREMIUMS].map((name) => [name, tariff[name] ?? (name === "network_shared_price" ? (tariff.network_price ?? "") : "0")])),
    producerPrices: { ...(tariff.producer_prices ?? {}) },
    windows: windowsOf(tariff.residual_price),
    monthlyFee: tariff.monthly_fee ?? "0",
    vat: writeShort(tariff.vat_ppm ?? 0, PPM_DIGITS),
    billedBy: { shared: "community", residual: "supplier", network: "supplier", surplus: "offtaker", ...(tariff.billed_by ?? {}) },
    maxEstimated: writeShort(limits.max_estimated_ppm ?? 50_000, PPM_DIGITS),
    maxMissing: writeShort(limits.max_missing_ppm ?? 200_000, PPM_DIGITS),
    gaps: limits.gaps ?? "estimate",
    terms: termsOf(limits.rules),
    contestHours: String(tables["settlement"]?.contest_window_hours ?? ""),
    source: tables["allocation"]?.source ?? "computed",
  };
}

/** @param {string} text @returns {string} With a point and no blanks, as the tables have it. */
function plain(text) {
  return text.trim().replace(",", ".");
}

/** @param {Record<string, string>} texts @param {readonly string[]} points @returns {Record<string, number>} Those above zero. */
function partsOf(texts, points) {
  const parts = points.map((point) => /** @type {const} */ ([point, parseDecimal(texts[point] || "0", PPM_DIGITS) ?? 0]));
  return Object.fromEntries(parts.filter(([, ppm]) => ppm > 0));
}

/**
 * @param {Draft} draft
 * @param {readonly string[]} consumers Points.
 * @param {readonly string[]} producers Points.
 */
function keyTable(draft, consumers, producers) {
  /** @type {Record<string, any>} */
  const key = { method: draft.method };
  if (usesCoefficients(draft)) key["coefficients_ppm"] = partsOf(draft.coefficients, consumers);
  if (draft.method === "pairwise") {
    const pairs = producers.map((producer) => /** @type {const} */ ([producer, partsOf(draft.pairs[producer] ?? {}, consumers)]));
    key["pairs_ppm"] = Object.fromEntries(pairs.filter(([, parts]) => Object.keys(parts).length > 0));
  }
  if (draft.method === "priority") {
    key["tiers"] = draft.tiers.map(({ method, points }, i) => (i < draft.tiers.length - 1 ? { method, points } : { method }));
  }
  if (draft.producerKey && usesProducerKey(draft.method)) key["producer_coefficients_ppm"] = partsOf(draft.producerParts, producers);
  if (draft.method === "scheduled") key["schedule"] = draft.schedule;
  if (draft.method === "flow") {
    key["links"] = {
      own_first: draft.ownFirst,
      preferences: [...draft.preferences].sort(([one], [other]) => (one < other ? -1 : Number(one > other))),
      donations: draft.donations,
      caps: draft.caps.map(({ producer, consumer, watts }) => ({ producer, consumer, max_power_watts: Number(watts) })),
      fairness_steps: Number(draft.fairnessSteps),
      costs: draft.costs,
    };
  }
  key["surplus_owner"] = usesSurplusOwner(draft.method) ? draft.surplusOwner : "producer";
  return key;
}

/** @param {Draft} draft @param {readonly string[]} producers */
function tariffTable(draft, producers) {
  /** @type {Record<string, any>} */
  const tariff = {};
  for (const name of pricesOf(draft)) tariff[name] = plain(draft.prices[name] ?? "");
  const [only] = draft.windows;
  const windows = draft.windows.map(({ from, to, price }) => ({ from, to, price: plain(price) }));
  tariff["residual_price"] = draft.windows.length === 1 && only ? plain(only.price) : windows;
  if (draft.pricing !== "uniform") tariff["pricing"] = draft.pricing;
  if (draft.pricing === "producer") {
    tariff["producer_prices"] = Object.fromEntries(producers.map((point) => [point, plain(draft.producerPrices[point] ?? "")]));
  }
  tariff["monthly_fee"] = plain(draft.monthlyFee);
  tariff["vat_ppm"] = parseDecimal(draft.vat, PPM_DIGITS) ?? 0;
  tariff["billed_by"] = draft.billedBy;
  return tariff;
}

/**
 * @param {Draft} draft Without faults.
 * @param {readonly Point[]} points Of the community.
 * @returns {Tables} All of them.
 */
export function tablesOf(draft, points) {
  const [consumers, producers] = /** @type {const} */ (["consumption", "feed_in"]).map((direction) =>
    points.filter((point) => point.direction === direction).map(({ id }) => id),
  );
  const hours = draft.contestHours.trim();
  return {
    ...(hours ? { settlement: { contest_window_hours: Number(hours) } } : {}),
    allocation: { source: draft.source },
    sharing_key: keyTable(draft, consumers ?? [], producers ?? []),
    conformity: {
      max_estimated_ppm: parseDecimal(draft.maxEstimated, PPM_DIGITS) ?? 0,
      max_missing_ppm: parseDecimal(draft.maxMissing, PPM_DIGITS) ?? 0,
      gaps: draft.gaps,
      rules: tableOfTerms(draft.terms),
    },
    tariff: tariffTable(draft, producers ?? []),
  };
}

/**
 * @param {Draft} now
 * @param {Draft} today
 * @param {readonly Point[]} points
 * @returns {Tables} The tables that differ: what is absent keeps today's.
 */
export function changedTables(now, today, points) {
  const [after, before] = [tablesOf(now, points), tablesOf(today, points)];
  return Object.fromEntries(Object.entries(after).filter(([name, table]) => JSON.stringify(table) !== JSON.stringify(before[name])));
}
