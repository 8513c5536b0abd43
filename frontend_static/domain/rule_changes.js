/**
 * What differs between two rules as the chain holds them, in the words of the service's differences: by it a page knows
 * without the service what a proposal would change.
 *
 * @typedef {{field: string, place: string[], before: any, after: any}} Change Null where there is no value.
 * @typedef {(slot: number) => string} Named A metering point by its slot.
 */
import { toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { GAPS, PRICINGS } from "./rule_draft.js";
import { METHOD_NAMES } from "./signing.js";

const SOURCES = ["computed", "operator"];
const OWNERS = ["producer", "consumer"];
const SELLERS = ["community", "producer"];
const VAT = ["private", "exempt", "liable"];
const BILLED = ["shared", "residual", "network", "surplus"];
const DAY = 1440; // minutes
const LINKS = "sharing_key.links.";

/** @param {number} minute */
function timeOf(minute) {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** @param {string} field @param {(readonly number[])[]} sides @param {Named} name @param {string[]} [place] @returns {Change[]} */
function bySlot(field, [before = [], after = []], name, place = []) {
  return Array.from({ length: Math.max(before.length, after.length) }, (_, slot) => ({
    field,
    place: [...place, name(slot)],
    before: before[slot] || null,
    after: after[slot] || null,
  }));
}

/** @param {any} key @param {number} producer Slot. @returns {number[]} Its column, by slot. */
function columnOf({ producers, coefficientsPpm }, producer) {
  const place = producers.indexOf(producer);
  return place < 0 ? [] : coefficientsPpm.filter((/** @type {number} */ _, /** @type {number} */ i) => i % producers.length === place);
}

/** @param {any} key @param {Named} name */
function tiersOf({ tierMethods, tiers }, name) {
  if (tierMethods.length === 0) return null;
  return tierMethods.map((/** @type {number} */ method, /** @type {number} */ i) => {
    const slots = [...tiers.keys()].filter((slot) => tiers[slot] === i);
    const points = slots.map(name).filter((point) => point !== "");
    return { method: METHOD_NAMES[method], points: i < tierMethods.length - 1 ? points : [] };
  });
}

/** @param {any} was @param {any} will @param {Named} name @returns {Change[]} */
function ofKeys(was, will, name) {
  const one = (/** @type {string} */ field, /** @type {(key: any) => any} */ read) => ({ field: `sharing_key.${field}`, place: [], before: read(was), after: read(will) });
  const plain = [was, will].map((key) => (key.producers.length > 0 ? [] : key.coefficientsPpm));
  const producers = [...new Set([...was.producers, ...will.producers])];
  return [
    one("method", ({ method }) => METHOD_NAMES[method]),
    one("surplus_owner", ({ surplusOwner }) => OWNERS[surplusOwner]),
    one("schedule", ({ schedule }) => [null, "ahead", "after"][schedule]),
    ...bySlot("sharing_key.coefficients_ppm", plain, name),
    ...producers.flatMap((slot) => bySlot("sharing_key.pairs_ppm", [columnOf(was, slot), columnOf(will, slot)], name, [name(slot)])),
    one("tiers", (key) => tiersOf(key, name)),
    ...bySlot("sharing_key.producer_coefficients_ppm", [was.producerPpm, will.producerPpm], name),
  ];
}

/** @param {any} tariff @param {number} minute */
function residualAt({ windows, residualPrice }, minute) {
  const packed = windows.filter((/** @type {number} */ one) => one >> 8 <= minute).at(-1) ?? 0;
  return residualPrice[packed & 0xff];
}

/** @param {any} was @param {any} will @returns {Change[]} Neighbouring times with the same change as one. */
function ofDays(was, will) {
  const starts = [...new Set([...was.windows, ...will.windows].map((packed) => packed >> 8))].sort((a, b) => a - b);
  /** @type {{start: number, end: number, before: number, after: number}[]} */
  const stretches = [];
  starts.forEach((start, i) => {
    const [before, after, end] = [residualAt(was, start), residualAt(will, start), starts[i + 1] ?? DAY];
    const last = stretches.at(-1);
    if (last && last.before === before && last.after === after) last.end = end;
    else stretches.push({ start, end, before, after });
  });
  return stretches.map(({ start, end, before, after }) => ({ field: "tariff.residual_price", place: [`${timeOf(start)}-${timeOf(end)}`], before, after }));
}

/** @param {any} was @param {any} will @param {Named} name @returns {Change[]} */
function ofTariffs(was, will, name) {
  const one = (/** @type {string} */ field, /** @type {(tariff: any) => any} */ read) => ({ field, place: [], before: read(was), after: read(will) });
  const parts = [was, will].some(({ networkPrice, networkSharedPrice }) => networkPrice !== networkSharedPrice);
  return [
    one("tariff.pricing", ({ pricing }) => PRICINGS[pricing]),
    one("tariff.shared_price", ({ sharedPrice }) => sharedPrice),
    ...bySlot("tariff.producer_prices", [was.producerPrice, will.producerPrice], name),
    ...ofDays(was, will),
    one("tariff.surplus_price", ({ surplusPrice }) => surplusPrice),
    one("tariff.network_price", ({ networkPrice }) => networkPrice),
    ...(parts ? [one("tariff.network_shared_price", ({ networkSharedPrice }) => networkSharedPrice)] : []),
    one("tariff.excise_price", ({ excisePrice }) => excisePrice),
    one("tariff.excise_shared_price", ({ exciseSharedPrice }) => exciseSharedPrice),
    one("tariff.premium_consumption_price", ({ premiumConsumption }) => premiumConsumption),
    one("tariff.premium_feed_in_price", ({ premiumFeedIn }) => premiumFeedIn),
    one("tariff.monthly_fee", ({ monthlyFee }) => monthlyFee),
    one("tariff.vat_ppm", ({ vatPpm }) => vatPpm),
    one("community.vat_status", ({ communityVatClass }) => VAT[communityVatClass]),
    one("tariff.seller", ({ seller }) => SELLERS[seller]),
    ...BILLED.map((biller, bit) => ({ ...one("tariff.billed_by", ({ billedBy }) => ((billedBy >> bit) & 1) === 1), place: [biller] })),
  ];
}

/**
 * All but the link terms and the terms of conformity, of which the chain holds a hash alone.
 *
 * @param {any} before A rule as the chain has it.
 * @param {any} after Likewise.
 * @param {Named} name
 * @returns {Change[]} Empty where both say the same.
 */
export function changesOf(before, after, name) {
  const one = (/** @type {string} */ field, /** @type {(rule: any) => any} */ read) => ({ field, place: [], before: read(before), after: read(after) });
  const all = [
    one("settlement.contest_window", ({ contestWindowSeconds }) => contestWindowSeconds),
    one("allocation.source", ({ source }) => SOURCES[source]),
    ...ofKeys(before.key, after.key, name),
    one("conformity.max_estimated_ppm", ({ limits }) => limits.maxEstimatedPpm),
    one("conformity.max_missing_ppm", ({ limits }) => limits.maxMissingPpm),
    one("conformity.gaps", ({ limits }) => GAPS[limits.gaps]),
    ...ofTariffs(before.tariff, after.tariff, name),
  ];
  return all.filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

/** @param {{field: string}} difference */
export function isOfLinks({ field }) {
  return field.startsWith(LINKS);
}

/**
 * @param {{own_first: boolean, preferences: string[][], donations: string[][], caps: {producer: string, consumer: string,
 *   max_power_watts: number}[], fairness_steps: number, costs: string[]}} links The table of a community file.
 * @param {(point: string) => number} slotOf
 * @returns {string} What the chain holds of them, 0x-hex.
 */
export function hashLinks(links, slotOf) {
  const inOrder = (/** @type {number[][]} */ rows) => rows.sort((a, b) => a.reduce((sign, value, i) => sign || value - (b[i] ?? 0), 0));
  const content = {
    caps: inOrder(links.caps.map(({ producer, consumer, max_power_watts: watts }) => [slotOf(producer), slotOf(consumer), watts])),
    costs: links.costs,
    donations: inOrder(links.donations.map((pair) => pair.map(slotOf))),
    fairness_steps: links.fairness_steps,
    own_first: links.own_first,
    preferences: links.preferences.map((pair) => pair.map(slotOf)),
  };
  return toHex(keccak256(new TextEncoder().encode(JSON.stringify(content))));
}

/**
 * The link terms after a change, as far as differences say them; the order of wishes of different members among each other
 * is not told by differences, nor does it matter.
 *
 * @param {any} before Table of today; null where there is none.
 * @param {readonly Change[]} differences
 */
export function changeLinks(before, differences) {
  const links = structuredClone(before ?? { own_first: true, preferences: [], donations: [], caps: [], fairness_steps: 8, costs: [] });
  for (const { field, place, after } of differences.filter(isOfLinks)) {
    const [first, second] = place;
    const name = field.slice(LINKS.length);
    if (name === "preferences") {
      const others = links.preferences.filter((/** @type {string[]} */ [consumer]) => consumer !== first);
      links.preferences = [...others, ...(after ?? []).map((/** @type {string} */ producer) => [first, producer])];
    } else if (name === "donations") {
      links.donations = links.donations.filter((/** @type {string[]} */ pair) => pair.join() !== place.join());
      if (after) links.donations.push([first, second]);
    } else if (name === "caps") {
      links.caps = links.caps.filter((/** @type {any} */ cap) => cap.producer !== first || cap.consumer !== second);
      if (after !== null) links.caps.push({ producer: first, consumer: second, max_power_watts: after });
    } else links[name] = after;
  }
  return links;
}
