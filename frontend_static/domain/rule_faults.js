/**
 * What a form's rule lacks before the service is asked, told at the field it belongs to. The service and the contract check
 * again; this is so that nobody waits for a refusal.
 *
 * @typedef {import("./rule_draft.js").Draft} Draft
 * @typedef {import("./rule_draft.js").Point} Point
 * @typedef {{at: string, words: string, values?: Record<string, string | number>}} Fault `at` is the field's id, `words` a key.
 */
import { parseDecimal, writeShort } from "./decimals.js";
import { PPM_DIGITS, PRICE_DIGITS, pricesOf, usesCoefficients, usesProducerKey } from "./rule_draft.js";
import { termFaults } from "./terms.js";

const WHOLE = 1_000_000; // ppm
const BANDS_MAX = 4;
const TIERS_MAX = 8;
const PRODUCERS_MAX = 16;
const STEPS_MAX = 64;
const HOURS_MAX = 8_784;
const WATTS_MAX = 10 ** 9;
const PRICE_MAX = 4_294_967_295; // µEUR, what the contract holds

/**
 * @param {string} at
 * @param {string} text
 * @param {number} [most] [ppm]
 * @returns {Fault[]}
 */
function percentFaults(at, text, most = WHOLE) {
  const ppm = parseDecimal(text, PPM_DIGITS);
  if (ppm === null) return [{ at, words: "fault.percent" }];
  return ppm > most ? [{ at, words: "fault.percent.most" }] : [];
}

/** @param {string} at @param {string} text @returns {Fault[]} */
function priceFaults(at, text) {
  const price = parseDecimal(text, PRICE_DIGITS);
  return price === null || price > PRICE_MAX ? [{ at, words: "fault.price" }] : [];
}

/**
 * @param {string} at
 * @param {string} text
 * @param {number} low
 * @param {number} high
 * @returns {Fault[]}
 */
function countFaults(at, text, low, high) {
  const count = parseDecimal(text, 0);
  return count === null || count < low || count > high ? [{ at, words: "fault.count", values: { low, high } }] : [];
}

/**
 * @param {string} at
 * @param {Readonly<Record<string, string>>} texts
 * @param {readonly Point[]} points That may have a part.
 * @returns {Fault[]}
 */
function partFaults(at, texts, points) {
  const faults = points.flatMap(({ id }) => percentFaults(`${at}.${id}`, texts[id] || "0"));
  if (faults.length > 0) return faults;
  const sum = points.reduce((total, { id }) => total + (parseDecimal(texts[id] || "0", PPM_DIGITS) ?? 0), 0);
  if (sum > WHOLE) return [{ at, words: "fault.parts.sum", values: { excess: writeShort(sum - WHOLE, PPM_DIGITS) } }];
  return sum === 0 ? [{ at, words: "fault.parts.none" }] : [];
}

/** @param {Draft} draft @returns {Fault[]} */
function tierFaults({ tiers }) {
  if (tiers.length === 0) return [{ at: "tiers", words: "fault.tiers.none" }];
  if (tiers.length > TIERS_MAX) return [{ at: "tiers", words: "fault.tiers.most", values: { most: TIERS_MAX } }];
  const empty = tiers.slice(0, -1).findIndex(({ points }) => points.length === 0);
  if (empty >= 0) return [{ at: `tiers.${empty}`, words: "fault.tier.empty", values: { number: empty + 1 } }];
  const seen = new Set();
  for (const [i, tier] of tiers.slice(0, -1).entries()) {
    for (const point of tier.points) {
      if (seen.has(point)) return [{ at: `tiers.${i}`, words: "fault.tier.twice", values: { point } }];
      seen.add(point);
    }
  }
  return [];
}

/** @param {Draft} draft @returns {Fault[]} */
function linkFaults({ fairnessSteps, caps, preferences, donations }) {
  const faults = countFaults("fairness_steps", fairnessSteps, 1, STEPS_MAX);
  caps.forEach(({ watts }, i) => faults.push(...countFaults(`caps.${i}`, watts, 0, WATTS_MAX)));
  const lists = { preferences, donations, caps: caps.map(({ producer, consumer }) => [producer, consumer]) };
  for (const [at, pairs] of Object.entries(lists)) {
    const told = pairs.map((pair) => pair.join(" "));
    const twice = told.findIndex((pair, i) => told.indexOf(pair) < i);
    if (twice >= 0) faults.push({ at: `${at}.${twice}`, words: "fault.pair.twice" });
    const open = pairs.findIndex((pair) => pair.some((end) => !end));
    if (open >= 0) faults.push({ at: `${at}.${open}`, words: "fault.pair.open" });
  }
  return faults;
}

/**
 * @param {Draft} draft
 * @param {readonly Point[]} points
 * @param {number} minutes Per interval, of the community.
 * @returns {Fault[]}
 */
function keyFaults(draft, points, minutes) {
  const consumers = points.filter(({ direction }) => direction === "consumption");
  const producers = points.filter(({ direction }) => direction === "feed_in");
  /** @type {Fault[]} */
  const faults = [];
  if (draft.method === "incentive" && minutes !== 60) faults.push({ at: "method", words: "fault.incentive", values: { minutes } });
  if (usesCoefficients(draft)) faults.push(...partFaults("coefficients", draft.coefficients, consumers));
  if (draft.producerKey && usesProducerKey(draft.method)) faults.push(...partFaults("producer_parts", draft.producerParts, producers));
  if (draft.method === "pairwise") {
    const named = producers.filter(({ id }) => Object.values(draft.pairs[id] ?? {}).some((text) => parseDecimal(text || "0", PPM_DIGITS) !== 0));
    if (named.length === 0) faults.push({ at: "pairs", words: "fault.parts.none" });
    if (named.length > PRODUCERS_MAX) faults.push({ at: "pairs", words: "fault.pairs.most", values: { most: PRODUCERS_MAX } });
    for (const { id } of named) faults.push(...partFaults(`pairs.${id}`, draft.pairs[id] ?? {}, consumers));
  }
  if (draft.method === "priority") faults.push(...tierFaults(draft));
  if (draft.method === "flow") faults.push(...linkFaults(draft));
  return faults;
}

/** @param {string} text Such as `06:00`. @returns {number | null} Minutes after midnight. */
function minuteOf(text) {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const minute = match ? Number(match[1]) * 60 + Number(match[2]) : null;
  return minute !== null && minute <= 1440 ? minute : null;
}

/** @param {Draft} draft @returns {Fault[]} */
function windowFaults({ windows }) {
  const faults = windows.flatMap(({ price }, i) => priceFaults(`windows.${i}.price`, price));
  let expected = 0;
  for (const [i, { from, to }] of windows.entries()) {
    const [start, end] = [minuteOf(from), minuteOf(to)];
    if (start === null || end === null) return [...faults, { at: `windows.${i}`, words: "fault.window.time" }];
    if (start !== expected || end <= start) return [...faults, { at: `windows.${i}`, words: "fault.window.order" }];
    expected = end;
  }
  if (expected !== 1440) faults.push({ at: `windows.${windows.length - 1}`, words: "fault.window.end" });
  const bands = new Set(windows.map(({ price }) => parseDecimal(price, PRICE_DIGITS)));
  if (bands.size > BANDS_MAX) faults.push({ at: "windows", words: "fault.window.bands", values: { most: BANDS_MAX } });
  return faults;
}

/**
 * @param {Draft} draft
 * @param {readonly Point[]} points
 * @returns {Fault[]}
 */
function tariffFaults(draft, points) {
  const faults = pricesOf(draft).flatMap((name) => priceFaults(name, draft.prices[name] ?? ""));
  if (draft.pricing === "producer") {
    for (const { id, direction } of points) {
      if (direction === "feed_in") faults.push(...priceFaults(`producer_prices.${id}`, draft.producerPrices[id] ?? ""));
    }
  }
  faults.push(...windowFaults(draft), ...percentFaults("vat", draft.vat));
  if (parseDecimal(draft.monthlyFee, 2) === null) faults.push({ at: "monthly_fee", words: "fault.money" });
  if (draft.method === "incentive" && draft.pricing !== "uniform") faults.push({ at: "pricing", words: "fault.pricing.incentive" });
  if (draft.pricing === "supply_demand") {
    if (draft.method === "flow") faults.push({ at: "pricing", words: "fault.pricing.flow" });
    const surplus = parseDecimal(draft.prices["surplus_price"] ?? "", PRICE_DIGITS) ?? 0;
    const below = draft.windows.findIndex(({ price }) => (parseDecimal(price, PRICE_DIGITS) ?? surplus) < surplus);
    if (below >= 0) faults.push({ at: `windows.${below}.price`, words: "fault.pricing.below" });
  }
  return faults;
}

/**
 * @param {Draft} draft
 * @param {readonly Point[]} points Of the community.
 * @param {number} minutes Per interval.
 * @returns {Fault[]} In the order of the form; empty where it can be rehearsed.
 */
export function findFaults(draft, points, minutes) {
  return [
    ...keyFaults(draft, points, minutes),
    ...tariffFaults(draft, points),
    ...percentFaults("max_estimated", draft.maxEstimated),
    ...percentFaults("max_missing", draft.maxMissing),
    ...termFaults(draft.terms),
    ...(draft.contestHours.trim() ? countFaults("contest_hours", draft.contestHours, 0, HOURS_MAX) : []),
  ];
}
