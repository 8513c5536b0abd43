/**
 * Whether the rule that is about to be signed is the one that the form says, value by value and member by member.
 *
 * @typedef {ReadonlyMap<string, number>} Slots By metering point.
 */
import { parseDecimal } from "./decimals.js";
import { hashLinks } from "./rule_changes.js";
import { GAPS, PRICE_DIGITS, PRICINGS } from "./rule_draft.js";
import { METHOD_NAMES } from "./signing.js";
import { hashTerms } from "./terms.js";

const NO_HASH = `0x${"00".repeat(32)}`;
const BILLED = ["shared", "residual", "network", "surplus"];
const PRICES = {
  ...{ shared_price: "sharedPrice", surplus_price: "surplusPrice", network_price: "networkPrice", network_shared_price: "networkSharedPrice" },
  ...{ excise_price: "excisePrice", excise_shared_price: "exciseSharedPrice" },
  ...{ premium_consumption_price: "premiumConsumption", premium_feed_in_price: "premiumFeedIn" },
};

/** @param {readonly number[]} values By slot. @returns {string} Those above zero, each with its slot. */
function partsOf(values) {
  return [...values.entries()].filter(([, value]) => value > 0).map((entry) => entry.join(":")).join();
}

/** @param {Readonly<Record<string, number>>} said By metering point. @param {Slots} slots @returns {string} As `partsOf`. */
function partsSaid(said, slots) {
  const placed = Object.entries(said).map(([point, value]) => /** @type {const} */ ([slots.get(point) ?? -1, value]));
  return placed.filter(([, value]) => value > 0).sort(([a], [b]) => a - b).map((entry) => entry.join(":")).join();
}

/** @param {any} key Of the struct. @returns {string} A line per producer. */
function pairsOf({ producers, coefficientsPpm }) {
  return producers.map((/** @type {number} */ slot, /** @type {number} */ place) => {
    const column = coefficientsPpm.filter((/** @type {number} */ _, /** @type {number} */ i) => i % producers.length === place);
    return `${slot} ${partsOf(column)}`;
  }).join("; ");
}

/** @param {Readonly<Record<string, Record<string, number>>>} said @param {Slots} slots */
function pairsSaid(said, slots) {
  const placed = Object.entries(said).map(([producer, parts]) => /** @type {const} */ ([slots.get(producer) ?? -1, partsSaid(parts, slots)]));
  return placed.sort(([a], [b]) => a - b).map((entry) => entry.join(" ")).join("; ");
}

/** @param {any} key Of the struct. @param {Slots} slots @returns {string} A line per tier but the last, which takes everyone else. */
function tiersOf({ tierMethods, tiers }, slots) {
  const known = new Set(slots.values());
  const members = (/** @type {number} */ tier) => [...tiers.keys()].filter((slot) => tiers[slot] === tier && known.has(slot));
  return tierMethods.map((/** @type {number} */ method, /** @type {number} */ i) => `${METHOD_NAMES[method]} ${i < tierMethods.length - 1 ? members(i) : ""}`).join("; ");
}

/** @param {readonly {method: string, points?: string[]}[]} said @param {Slots} slots */
function tiersSaid(said, slots) {
  const members = (/** @type {string[]} */ points) => points.map((point) => slots.get(point) ?? -1).sort((a, b) => a - b);
  return said.map(({ method, points = [] }) => `${method} ${members(points)}`).join("; ");
}

/** @param {string | undefined} text */
function price(text) {
  return parseDecimal(text ?? "0", PRICE_DIGITS);
}

/** @param {any} tariff Of the struct. @returns {string} Start and price of each window. */
function daysOf({ windows, residualPrice }) {
  return windows.map((/** @type {number} */ packed) => `${packed >> 8} ${residualPrice[packed % 256]}`).join();
}

/** @param {Readonly<Record<string, string>>} said @returns {number} A bit for each that the community bills; shared energy always. */
function billedSaid(said) {
  return BILLED.reduce((mask, what, bit) => mask | (said[what] === "community" || what === "shared" ? 1 << bit : 0), 0);
}

/** @param {any} residual Of the table. */
function daysSaid(residual) {
  if (!Array.isArray(residual)) return `0 ${price(residual)}`;
  return residual.map(({ from, price: one }) => `${Number(from.slice(0, 2)) * 60 + Number(from.slice(3))} ${price(one)}`).join();
}

/**
 * @param {any} rule The struct of the document.
 * @param {Record<string, any>} tables What the form says, whole.
 * @param {readonly {id: string, slot: number}[]} points
 * @returns {string} What differs, by the struct's name; empty where nothing does.
 */
export function findDifference(rule, tables, points) {
  const { sharing_key: said, tariff, conformity, settlement, allocation } = tables;
  const { key, limits } = rule;
  const slots = new Map(points.map(({ id, slot }) => [id, slot]));
  const prices = Object.entries(tariff.producer_prices ?? {}).map(([point, text]) => [point, price(/** @type {string} */ (text)) ?? 0]);
  const checks = /** @type {[string, unknown, unknown][]} */ ([
    ["method", METHOD_NAMES[key.method], said.method],
    ["surplusOwner", key.surplusOwner, said.surplus_owner === "consumer" ? 1 : 0],
    ["schedule", ["", "ahead", "after"][key.schedule], said.schedule ?? ""],
    ["coefficientsPpm", key.producers.length > 0 ? "" : partsOf(key.coefficientsPpm), partsSaid(said.coefficients_ppm ?? {}, slots)],
    ["producers", pairsOf(key), pairsSaid(said.pairs_ppm ?? {}, slots)],
    ["tiers", tiersOf(key, slots), tiersSaid(said.tiers ?? [], slots)],
    ["producerPpm", partsOf(key.producerPpm), partsSaid(said.producer_coefficients_ppm ?? {}, slots)],
    ["linkTerms", key.linkTerms, said.links ? hashLinks(said.links, (point) => slots.get(point) ?? -1) : NO_HASH],
    ["maxEstimatedPpm", limits.maxEstimatedPpm, conformity.max_estimated_ppm],
    ["maxMissingPpm", limits.maxMissingPpm, conformity.max_missing_ppm],
    ["gaps", GAPS[limits.gaps], conformity.gaps],
    ["terms", limits.terms, hashTerms(conformity.rules ?? {})],
    ["contestWindowSeconds", rule.contestWindowSeconds, settlement ? settlement.contest_window_hours * 3600 : rule.contestWindowSeconds],
    ["source", rule.source, allocation.source === "operator" ? 1 : 0],
    ["windows", daysOf(rule.tariff), daysSaid(tariff.residual_price)],
    ["pricing", PRICINGS[rule.tariff.pricing], tariff.pricing ?? "uniform"],
    ["seller", rule.tariff.seller, tariff.billed_by.shared === "producer" ? 1 : 0],
    ["monthlyFee", rule.tariff.monthlyFee, parseDecimal(tariff.monthly_fee, 2)],
    ["vatPpm", rule.tariff.vatPpm, tariff.vat_ppm],
    ["producerPrice", partsOf(rule.tariff.producerPrice), partsSaid(Object.fromEntries(prices), slots)],
    ["billedBy", rule.tariff.billedBy, billedSaid(tariff.billed_by)],
    ...Object.entries(PRICES).map(([table, field]) => [field, rule.tariff[field], price(tariff[table])]),
  ]);
  return checks.find(([, found, due]) => found !== due)?.[0] ?? "";
}
