/** What a party to a case signs, formed here from what the party said: words, evidence, readings (protocol, section 15). */
import { ByteWriter, fromHex, joinBytes, toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { readingBytes } from "./leaves.js";
import { depthFor, rootOf } from "./merkle.js";
import { saltsOf } from "./salts.js";

const READING = 0x08;
const [EVIDENCE, WORDS] = [0x27, 0x28];
/** Claimed readings are no measured ones: edited, by the operator's batch that will carry them. */
const [EDITED, OPERATOR] = [2, 1];
const utf8 = new TextEncoder();

/**
 * @param {string} salt 0x-hex, 32 bytes.
 * @param {string} text What a party or an arbiter says.
 * @returns {string} What the chain holds of it, 0x-hex.
 */
export function hashCaseWords(salt, text) {
  return toHex(keccak256(joinBytes(new Uint8Array([WORDS]), fromHex(salt), utf8.encode(text))));
}

/**
 * @param {string} salt 0x-hex, 32 bytes.
 * @param {Uint8Array} file
 * @returns {string} What the chain holds of evidence, 0x-hex.
 */
export function hashEvidence(salt, file) {
  return toHex(keccak256(joinBytes(new Uint8Array([EVIDENCE]), fromHex(salt), keccak256(file))));
}

/**
 * @param {{community: string, number: number, slot: number, key: string, energy: readonly number[]}} claim `community` and `key` 0x-hex,
 *   32 bytes; energy of each interval in question [mWh].
 * @returns {string} Root of the claim's readings, 0x-hex.
 */
export function claimRoot({ community, number, slot, key, energy }) {
  const id = new ByteWriter(32).raw(new Uint8Array(24)).u64(number).done();
  const saltAt = saltsOf(fromHex(key), fromHex(community), id, READING, slot);
  const leaves = energy.map((value, i) => keccak256(readingBytes(saltAt(0, i), value, EDITED, OPERATOR)));
  return toHex(rootOf(leaves, depthFor(energy.length)));
}
