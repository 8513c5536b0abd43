/**
 * A rehearsal's result: its hash, one's own line in it, and its figures for charts (docs/protocol.md section 13.1).
 *
 * @typedef {{from_cents: number | null, until_cents: number | null, members: number}} GainClass
 * @typedef {{members: number, before_cents: number | null, same_after_cents: number | null, after_cents: number | null}} WorstOff
 * @typedef {Record<string, any> & {community: Record<string, any>, distribution: Record<string, any>, law: Law,
 *   periods: {period: string}[], lines_root: string, lines_depth: number, result_hash: string}} Result What all members may see.
 * @typedef {{severity: string, article: string, message: string}} Finding
 * @typedef {{country: string, on: string, allowed: boolean, before: Finding[], after: Finding[]}} Law
 * @typedef {{line: Record<string, any>, place: number, salt: string, path: string[]}} OwnLine
 */
import { fromHex, joinBytes, toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { climb } from "./merkle.js";

const NOT_HASHED = ["law", "members", "result_hash"];
const LINE_KIND = 0x10;
const utf8 = new TextEncoder();

/** @param {string} a @param {string} b By code points, not by UTF-16 units. */
function byCodePoint(a, b) {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((letter, i) => letter !== right[i]);
  if (at < 0) return left.length - right.length;
  return at >= right.length ? 1 : (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
}

/**
 * @param {unknown} value Whole numbers, texts, null, true, false, lists, objects.
 * @returns {string} JSON without blanks, keys in order of their code points.
 */
export function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no exact whole number`);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => byCodePoint(a, b));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
}

/**
 * @param {Readonly<Record<string, unknown>>} result
 * @returns {string} Its hash, of all of it but what depends on the day.
 */
export function hashResult(result) {
  const hashed = Object.fromEntries(Object.entries(result).filter(([name]) => !NOT_HASHED.includes(name)));
  return toHex(keccak256(utf8.encode(canonicalJson(hashed))));
}

/**
 * @param {Result} result
 * @param {OwnLine} own
 * @returns {boolean} Whether the line is in the result.
 */
export function holdsLine(result, { line, place, salt, path }) {
  if (path.length !== result.lines_depth || place < 0 || place >= 2 ** path.length) return false;
  const leaf = keccak256(joinBytes(Uint8Array.of(LINE_KIND), fromHex(salt), utf8.encode(canonicalJson(line))));
  return toHex(climb(leaf, place, path.map(fromHex))) === result.lines_root;
}

/**
 * The classes from the first that has members to the last, for a histogram.
 *
 * @param {readonly GainClass[] | null} classes Null where too few members stand behind them.
 * @returns {GainClass[]}
 */
export function shownClasses(classes) {
  const filled = (classes ?? []).map(({ members }) => members > 0);
  const first = filled.indexOf(true);
  return first < 0 ? [] : (classes ?? []).slice(first, filled.lastIndexOf(true) + 1);
}

/** @param {GainClass} gained @returns {"loses" | "same" | "gains" | "mixed"} Those of a class; `mixed` where it spans zero. */
export function senseOf({ from_cents: from, until_cents: until }) {
  if (until !== null && until <= 0) return "loses";
  if (from !== null && from > 0) return "gains";
  return from === 0 && until === 1 ? "same" : "mixed";
}

/**
 * @param {string} kilowattHours Exact decimal, six digits.
 * @returns {bigint} [mWh]
 */
export function parseEnergy(kilowattHours) {
  const [whole = "0", fraction = ""] = kilowattHours.split(".");
  const size = BigInt(whole.replace("-", "") + fraction.padEnd(6, "0").slice(0, 6));
  return kilowattHours.startsWith("-") ? -size : size;
}

/**
 * @param {string} euros Exact decimal, two digits.
 * @returns {number} [cents]
 */
export function parseEuros(euros) {
  const [whole = "0", fraction = ""] = euros.split(".");
  const size = Number(whole.replace("-", "") + fraction.padEnd(2, "0").slice(0, 2));
  return euros.startsWith("-") ? -size : size;
}
