/** The shared vectors of the proof protocol, and changes to their bundles. */
import fs from "node:fs";

import { parseBundleText } from "../../frontend_static/domain/bundle_fields.js";

const ROOT = new URL("../../", import.meta.url);

/** @param {string} file Path in the repository. @returns {any} */
export function readJson(file) {
  return parseBundleText(fs.readFileSync(new URL(file, ROOT), "utf8"));
}

/** @param {string} name @returns {any} */
export function readVectors(name) {
  return readJson(`tests/vectors/${name}.json`);
}

/** Every community of the vectors. */
export const COMMUNITIES = fs
  .readdirSync(new URL("tests/vectors/communities/", ROOT))
  .map((name) => name.replace(".json", ""))
  .sort();

/** @param {string} text A u64 in decimal. @returns {number | bigint} */
export function whole(text) {
  const value = BigInt(text);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** @param {(string | number)[]} path @returns {string} As a check names it. */
export function fieldOf(path) {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : i ? `.${step}` : step)).join("");
}

/**
 * @param {any} value
 * @param {(string | number)[]} path
 * @returns {Generator<{path: (string | number)[], value: unknown}>} Every value of a bundle that is no object or list.
 */
export function* walk(value, path = []) {
  if (typeof value !== "object" || value === null) {
    yield { path, value };
    return;
  }
  for (const [key, entry] of Object.entries(value)) {
    yield* walk(entry, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

/**
 * @param {any} value
 * @param {(string | number)[]} path
 * @returns {Generator<(string | number)[]>} Every list of a bundle.
 */
export function* walkLists(value, path = []) {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) yield path;
  for (const [key, entry] of Object.entries(value)) {
    yield* walkLists(entry, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

/**
 * Change one value in place, run something, and put it back.
 *
 * @param {any} bundle
 * @param {(string | number)[]} path
 * @param {unknown} value
 * @param {() => Promise<void>} run
 */
export async function withChange(bundle, path, value, run) {
  const parent = path.slice(0, -1).reduce((entry, step) => entry[step], bundle);
  const last = /** @type {string | number} */ (path.at(-1));
  const before = parent[last];
  parent[last] = value;
  try {
    await run();
  } finally {
    parent[last] = before;
  }
}

/** @param {unknown} value @returns {unknown[]} Well-formed values that it is not. */
export function alter(value) {
  if (typeof value === "number") return [value + 1];
  if (typeof value === "string" && /^-?\d{16,}$/.test(value)) return [String(BigInt(value) + 1n)];
  if (value === "consumption") return ["feed_in"];
  if (value === "feed_in") return ["consumption"];
  if (typeof value === "string" && value.startsWith("0x")) {
    const flip = (/** @type {string} */ digit) => (Number.parseInt(digit, 16) ^ 1).toString(16);
    return [value.slice(0, -1) + flip(value.slice(-1))];
  }
  return typeof value === "string" ? [`${value}0`] : [];
}
