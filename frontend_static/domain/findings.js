/**
 * What a finding says, in the reader's language: its rule's words with the facts in them.
 *
 * A fact's name ends in its unit, which says how it is written: `usual_milliwatt_hours` is `{usual}` in the words, `at_utc` is `{at}`,
 * `days` is `{days}`. A `kind` chooses among several sentences of one rule. What has no words, such as a finding about a file, keeps the
 * sentence that came with it.
 *
 * @typedef {object} Told
 * @property {string} rule
 * @property {string} message In English.
 * @property {string} metering_point
 * @property {number | null} start_utc [s since 1970]
 * @property {number | null} [end_utc]
 * @property {Readonly<Record<string, number | string>>} [facts]
 *
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {{locale: Locale, zone: string, say: (key: string, values?: Record<string, string | number>) => string, hasWords: (key: string) => boolean}} Reader
 */
import { stampsOf } from "./civil_time.js";
import { formatCount, formatEnergy, formatFactor, formatPower, formatRate } from "./figures.js";

const COUNTED = ["days", "hours", "intervals", "minutes", "points", "readings", "stretches"];
const WATT_HOUR = 1000; // mWh
const TENTH_OF_A_PERCENT = 1000; // ppm

/** @type {Map<string, (seconds: number) => string>} */
const stamps = new Map();

/** @param {string} zone @param {Locale} locale Making a clock takes longer than reading it a hundred times. */
function clockOf(zone, locale) {
  const key = `${zone} ${locale}`;
  const kept = stamps.get(key) ?? stampsOf(zone, locale);
  stamps.set(key, kept);
  return kept;
}

/**
 * @param {number} value [mWh]
 * @param {Locale} locale
 */
function writeEnergy(value, locale) {
  return formatEnergy(value, locale, value % WATT_HOUR === 0 || Math.abs(value) >= 1000 * WATT_HOUR ? 3 : 6);
}

/**
 * @param {string} name Of a fact.
 * @param {number | string} value
 * @param {Reader} reader
 * @returns {[string, string]} Its place in the words, and what is put there.
 */
function writeFact(name, value, { locale, zone, say }) {
  if (typeof value === "string") return [name, value];
  /** @type {readonly (readonly [string, (value: number) => string])[]} */
  const units = [
    ["milliwatt_hours", (energy) => writeEnergy(energy, locale)],
    ["times_ppm", (factor) => formatFactor(factor, locale)],
    ["ppm", (share) => formatRate(Math.round(share / TENTH_OF_A_PERCENT) * TENTH_OF_A_PERCENT, locale)],
    ["watts", (power) => formatPower(power, locale)],
    ["utc", (instant) => clockOf(zone, locale)(instant)],
    ...COUNTED.map((unit) => /** @type {const} */ ([unit, (/** @type {number} */ count) => say(`finding.count.${unit}${count === 1 ? ".one" : ""}`, { count: formatCount(count, locale) })])),
  ];
  for (const [unit, write] of units) {
    if (name === unit) return [unit === "times_ppm" ? "times" : unit, write(value)];
    if (name.endsWith(`_${unit}`)) return [name.slice(0, -unit.length - 1), write(value)];
  }
  return [name, formatCount(value, locale)];
}

/**
 * @param {Told} finding
 * @param {Reader} reader
 * @returns {{sentence: string, limit: string}} `limit` is what is allowed there, empty where the sentence says all.
 */
export function tellFinding(finding, reader) {
  const { rule, facts = {}, metering_point: point, start_utc: start, end_utc: end } = finding;
  const key = [`finding.${rule}.${facts["kind"] ?? ""}`, `finding.${rule}`].find((one) => reader.hasWords(one));
  if (key === undefined || Object.keys(facts).length === 0) return { sentence: finding.message, limit: "" };
  const stamp = clockOf(reader.zone, reader.locale);
  const written = Object.fromEntries(Object.entries(facts).map(([name, value]) => writeFact(name, value, reader)));
  const values = { ...written, point, start: start === null ? "" : stamp(start), end: typeof end === "number" ? stamp(end) : "" };
  const sign = "limit_times_ppm" in facts ? "×" : "";
  return { sentence: reader.say(key, values), limit: written["limit"] ? written["limit"] + sign : "" };
}
