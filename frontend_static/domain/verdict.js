/**
 * What was checked, what came out, and where it fails.
 *
 * @typedef {object} Place
 * @property {string} what In words: `row`, `header`, `readings`, `bill`.
 * @property {string} field The field of the bundle, such as `points[0].allocated[2][40]`; empty where it concerns the chain only.
 * @property {number | null} slot The metering point's slot.
 * @property {string | null} start Start of the interval, ISO 8601 in the offset that held at the day's midnight.
 *
 * @typedef {object} Check
 * @property {string} id Stable name, such as `row.allocation`.
 * @property {boolean} ok
 * @property {Place} place Where; for a check that holds everywhere, the first place looked at.
 * @property {string} expected What follows from the chain, the rule or the rest of the bundle.
 * @property {string} found What stands at the place.
 * @property {number} count How many values were compared; 1 for a failure.
 *
 * @typedef {{key: string, values: Record<string, string | number>}} Unchecked What was left unchecked: the key of its words.
 */
import { toHex } from "./bytes.js";

/** States of runs and bills, by their number on chain. */
export const STATES = /** @type {const} */ (["none", "contestable", "final", "superseded", "voided"]);

const MOST_FAILURES = 8; // of one check; the first are what a person acts on

/**
 * @param {string} what
 * @param {string} [field]
 * @param {number | null} [slot]
 * @param {string | null} [start]
 * @returns {Place}
 */
export function placeOf(what, field = "", slot = null, start = null) {
  return { what, field, slot, start };
}

/**
 * @param {number} state The number on chain.
 * @returns {string}
 */
export function stateName(state) {
  return STATES[state] ?? `unknown (${state})`;
}

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
function equalBytes(left, right) {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

/** Collects checks: one entry per check that holds, the first failures of each that does not. */
export class Findings {
  constructor() {
    /** @type {Map<string, Check>} */
    this.passed = new Map();
    /** @type {Map<string, Check[]>} */
    this.failed = new Map();
    /** @type {Unchecked[]} What was left unchecked and why; not a fault. */
    this.unchecked = [];
  }

  /**
   * Say that something cannot be checked here, once.
   *
   * @param {string} key Of the words, below `unchecked`.
   * @param {Record<string, string | number>} [values]
   */
  leave(key, values = {}) {
    if (!this.unchecked.some((earlier) => earlier.key === key)) this.unchecked.push({ key, values });
  }

  get ok() {
    return this.failed.size === 0;
  }

  /**
   * Note whether two values are equal, and say so.
   *
   * @param {string} id
   * @param {Place} place
   * @param {string | number | bigint} expected
   * @param {string | number | bigint} found
   */
  compare(id, place, expected, found) {
    return this.hold(id, place, expected === found, expected, found);
  }

  /**
   * Note whether two hashes are equal, and say so.
   *
   * @param {string} id
   * @param {Place} place
   * @param {Uint8Array} expected
   * @param {Uint8Array} found
   */
  compareBytes(id, place, expected, found) {
    return this.hold(id, place, equalBytes(expected, found), toHex(expected), toHex(found));
  }

  /**
   * Note whether a condition holds; `expected` and `found` are for the reader.
   *
   * @param {string} id
   * @param {Place} place
   * @param {boolean} ok
   * @param {string | number | bigint} expected
   * @param {string | number | bigint} found
   */
  hold(id, place, ok, expected, found) {
    const earlier = this.passed.get(id);
    if (ok && earlier) {
      earlier.count += 1;
      return true;
    }
    const check = { id, ok, place, expected: String(expected), found: String(found), count: 1 };
    if (ok) {
      this.passed.set(id, check);
      return true;
    }
    const failures = this.failed.get(id) ?? [];
    if (failures.length < MOST_FAILURES) failures.push(check);
    this.failed.set(id, failures);
    return false;
  }

  /** @returns {Check[]} Failures first, in the order of discovery, then the checks that hold everywhere. */
  checks() {
    const holding = [...this.passed.values()].filter((check) => !this.failed.has(check.id));
    return [...[...this.failed.values()].flat(), ...holding];
  }
}
