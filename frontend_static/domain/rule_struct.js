/**
 * Whether the rule that is about to be signed is the one that the form says. Slots are the service's to know, so parts and
 * prices by member are compared as the amounts that there are, everything else value by value.
 */
import { parseDecimal } from "./decimals.js";
import { GAPS, PRICE_DIGITS, PRICINGS } from "./rule_draft.js";
import { METHOD_NAMES } from "./signing.js";

const PRICES = {
  ...{ shared_price: "sharedPrice", surplus_price: "surplusPrice", network_price: "networkPrice", network_shared_price: "networkSharedPrice" },
  ...{ excise_price: "excisePrice", excise_shared_price: "exciseSharedPrice" },
  ...{ premium_consumption_price: "premiumConsumption", premium_feed_in_price: "premiumFeedIn" },
};

/** @param {Iterable<number>} values @returns {string} Those above zero, in order of their size. */
function amounts(values) {
  return [...values].filter((value) => value > 0).sort((a, b) => a - b).join();
}

/** @param {string | undefined} text */
function price(text) {
  return parseDecimal(text ?? "0", PRICE_DIGITS);
}

/** @param {any} tariff Of the struct. @returns {string} Start and price of each window. */
function daysOf({ windows, residualPrice }) {
  return windows.map((/** @type {number} */ packed) => `${packed >> 8} ${residualPrice[packed % 256]}`).join();
}

/** @param {any} residual Of the table. */
function daysSaid(residual) {
  if (!Array.isArray(residual)) return `0 ${price(residual)}`;
  return residual.map(({ from, price: one }) => `${Number(from.slice(0, 2)) * 60 + Number(from.slice(3))} ${price(one)}`).join();
}

/**
 * @param {any} rule The struct of the document.
 * @param {Record<string, any>} tables What the form says, whole.
 * @returns {string} What differs, by the struct's name; empty where nothing does.
 */
export function findDifference(rule, tables) {
  const { sharing_key: said, tariff, conformity, settlement, allocation } = tables;
  const { key, limits } = rule;
  const parts = said.pairs_ppm ? Object.values(said.pairs_ppm).flatMap((of) => Object.values(/** @type {any} */ (of))) : Object.values(said.coefficients_ppm ?? {});
  const checks = /** @type {[string, unknown, unknown][]} */ ([
    ["method", METHOD_NAMES[key.method], said.method],
    ["surplusOwner", key.surplusOwner, said.surplus_owner === "consumer" ? 1 : 0],
    ["schedule", ["", "ahead", "after"][key.schedule], said.schedule ?? ""],
    ["coefficientsPpm", amounts(key.coefficientsPpm), amounts(parts)],
    ["tierMethods", key.tierMethods.map((/** @type {number} */ one) => METHOD_NAMES[one]).join(), (said.tiers ?? []).map((/** @type {any} */ tier) => tier.method).join()],
    ["producerPpm", amounts(key.producerPpm), amounts(Object.values(said.producer_coefficients_ppm ?? {}))],
    ["maxEstimatedPpm", limits.maxEstimatedPpm, conformity.max_estimated_ppm],
    ["maxMissingPpm", limits.maxMissingPpm, conformity.max_missing_ppm],
    ["gaps", GAPS[limits.gaps], conformity.gaps],
    ["contestWindowSeconds", rule.contestWindowSeconds, settlement ? settlement.contest_window_hours * 3600 : rule.contestWindowSeconds],
    ["source", rule.source, allocation.source === "operator" ? 1 : 0],
    ["windows", daysOf(rule.tariff), daysSaid(tariff.residual_price)],
    ["pricing", PRICINGS[rule.tariff.pricing], tariff.pricing ?? "uniform"],
    ["seller", rule.tariff.seller, tariff.billed_by.shared === "producer" ? 1 : 0],
    ["monthlyFee", rule.tariff.monthlyFee, parseDecimal(tariff.monthly_fee, 2)],
    ["vatPpm", rule.tariff.vatPpm, tariff.vat_ppm],
    ["producerPrice", amounts(rule.tariff.producerPrice), amounts(Object.values(tariff.producer_prices ?? {}).map((text) => price(/** @type {string} */ (text)) ?? 0))],
    ...Object.entries(PRICES).map(([table, field]) => [field, rule.tariff[field], price(tariff[table])]),
  ]);
  return checks.find(([, found, due]) => found !== due)?.[0] ?? "";
}
