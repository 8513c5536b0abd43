/**
 * The fields of a bundle, each read with its width; whoever breaks one is told which.
 *
 * @typedef {import("./bytes.js").Whole} Whole
 */
import { fromHex } from "./bytes.js";

const LONGEST_NUMBER = 128; // characters; the longest number in use, EDA's, has 33
const DEEPEST_PATH = 32; // a slot is a u32
const MOST_ENTRIES = 65_535;

/** A bundle that cannot be read as one. */
export class BundleError extends Error {
  /**
   * @param {string} field The field at fault, such as `points[0].slot`.
   * @param {string} reason
   */
  constructor(field, reason) {
    super(`bundle field ${field || "(whole)"} ${reason}`);
    this.name = "BundleError";
    this.field = field;
  }
}

/**
 * @param {string} field
 * @param {unknown} found
 * @param {string} expected
 */
export function refuse(field, found, expected) {
  const shown = JSON.stringify(found) ?? String(found);
  return new BundleError(field, `is ${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown}: expected ${expected}`);
}

/**
 * @template {string} N
 * @param {unknown} value
 * @param {string} field
 * @param {readonly N[]} names
 * @returns {Record<N, unknown>} The object, which has exactly these fields.
 */
export function readObject(value, field, names) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse(field, value, "an object");
  const prefix = field ? `${field}.` : "";
  for (const name of names) if (!Object.hasOwn(value, name)) throw new BundleError(prefix + name, "is missing");
  /** @type {readonly string[]} */
  const known = names;
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw new BundleError(prefix + name, "is unknown: a bundle holds nothing unchecked");
  }
  return /** @type {Record<N, unknown>} */ (value);
}

/**
 * @template T
 * @param {unknown} value
 * @param {string} field
 * @param {(value: unknown, field: string) => T} read
 * @param {number} [most]
 * @returns {T[]}
 */
export function readList(value, field, read, most = MOST_ENTRIES) {
  if (!Array.isArray(value)) throw refuse(field, value, "a list");
  if (value.length > most) throw new BundleError(field, `has ${value.length} entries: expected at most ${most}`);
  return value.map((entry, i) => read(entry, `${field}[${i}]`));
}

/** @param {number} end One more than the largest number, at most 2^53. */
function wholeBelow(end) {
  /**
   * @param {unknown} value
   * @param {string} field
   */
  return (value, field) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value >= end || Object.is(value, -0)) {
      throw refuse(field, value, `a whole number from 0 to ${end - 1}`);
    }
    return value;
  };
}

export const readU8 = wholeBelow(2 ** 8);
export const readU16 = wholeBelow(2 ** 16);
export const readU32 = wholeBelow(2 ** 32);
export const readU53 = wholeBelow(2 ** 53);

/**
 * A figure that may pass 2^53: `parseBundleText` hands those over as text.
 *
 * @param {unknown} value
 * @param {string} field
 * @returns {Whole} A number where it is a safe integer, else a bigint.
 */
export function readU64(value, field) {
  if (typeof value === "number") return readU53(value, field);
  const wide = typeof value === "string" && /^[1-9]\d{15,19}$/.test(value) ? BigInt(value) : 0n;
  if (wide > BigInt(Number.MAX_SAFE_INTEGER) && wide < 2n ** 64n) return wide;
  throw refuse(field, value, `a whole number from 0 to ${2n ** 64n - 1n}`);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {number} A whole number that may be below zero.
 */
export function readSigned(value, field) {
  if (typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
  throw refuse(field, value, "a whole number");
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Decode a bundle's JSON without losing a digit: integers of sixteen and more digits become text, which `readU64` takes.
 *
 * @param {string} text
 * @returns {unknown}
 * @throws {SyntaxError} If it is not JSON, names a field twice in one object, or writes a number with a fraction or exponent:
 *   programs would differ in what such a text says.
 */
export function parseBundleText(text) {
  /** @type {Set<string>[]} */
  const open = [];
  const exact = text.replace(TOKEN, (token, string, colon) => {
    if (token === "{") open.push(new Set());
    if (token === "}") open.pop();
    if (colon) requireOnce(open.at(-1), JSON.parse(string));
    if (string || token === "{" || token === "}") return token;
    if (!/^-?\d+$/.test(token)) throw new SyntaxError(`the bundle holds ${token}: expected whole numbers only`);
    return /^\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
  return JSON.parse(exact);
}

/**
 * @param {Set<string> | undefined} names Of the object so far.
 * @param {string} name
 */
function requireOnce(names, name) {
  if (names?.has(name)) throw new SyntaxError(`bundle field ${name} stands twice in one object`);
  names?.add(name);
}

/**
 * @param {unknown} value
 * @param {string} field
 */
export function readHash(value, field) {
  if (typeof value !== "string" || !/^0x[0-9a-f]{64}$/.test(value)) {
    throw refuse(field, value, "0x and 64 lower-case hex digits");
  }
  return fromHex(value);
}

/**
 * @param {unknown} value
 * @param {string} field
 */
export function readSalt(value, field) {
  if (typeof value !== "string" || !/^0x[0-9a-f]{32}$/.test(value)) throw refuse(field, value, "0x and 32 lower-case hex digits");
  return fromHex(value);
}

/**
 * @param {unknown} value
 * @param {string} field
 */
export function readPath(value, field) {
  return readList(value, field, readHash, DEEPEST_PATH);
}

/**
 * @template T
 * @param {unknown} value
 * @param {string} field
 * @param {(value: unknown, field: string) => T} read
 */
export function readCurve(value, field, read) {
  return readList(value, field, (day, at) => readList(day, at, read));
}

/**
 * @param {unknown} value
 * @param {string} field
 */
export function readAddress(value, field) {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(value)) throw refuse(field, value, "0x and 40 hex digits");
  return value.toLowerCase();
}

/**
 * @param {unknown} value
 * @param {string} field
 */
export function readNumber(value, field) {
  // Nothing that turns the writing or is invisible: a number must show what it is. Half a surrogate pair counts as such.
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
  if (typeof value !== "string" || !value || [...value].length > LONGEST_NUMBER || unseen.test(value)) {
    throw refuse(field, value, `text of 1 to ${LONGEST_NUMBER} characters, none of them invisible`);
  }
  return value;
}
