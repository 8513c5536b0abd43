/**
 * The bytes of every leaf (protocol, section 6). Energies are milliwatt-hours [mWh], amounts cents.
 *
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {readonly (readonly [Whole, Whole])[]} Rounds Final level of a key in rounds: (pool, weight) each.
 */
import { ByteWriter } from "./bytes.js";

/**
 * @param {number} kind
 * @param {number} length Bytes after kind and salt.
 * @param {Uint8Array} salt 16 bytes.
 */
function startLeaf(kind, length, salt) {
  return new ByteWriter(17 + length).u8(kind).raw(salt);
}

/**
 * @param {ByteWriter} writer
 * @param {readonly Whole[]} values
 */
function writeAll(writer, values) {
  for (const value of values) writer.u64(value);
  return writer.done();
}

/**
 * @param {Whole} feedIn P.
 * @param {Whole} consumption C.
 * @param {Whole} allocated A.
 * @param {number} tau Rounds the producers' parts.
 * @param {number} band
 * @param {Rounds} [rounds]
 */
export function headerBytes(feedIn, consumption, allocated, tau, band, rounds = []) {
  const writer = new ByteWriter(30 + 16 * rounds.length).u8(0x01);
  return writeAll(writer.u64(feedIn).u64(consumption).u64(allocated).u32(tau).u8(band), rounds.flat());
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Whole[]} sums P, C, A, S.
 * @param {Rounds} [rounds]
 */
export function stairBytes(salt, sums, rounds = []) {
  return writeAll(startLeaf(0x02, 32 + 16 * rounds.length, salt), [...sums, ...rounds.flat()]);
}

/**
 * @param {Uint8Array} salt
 * @param {Whole} energy
 * @param {Whole} allocated
 * @param {number} quality
 * @param {readonly Whole[]} running (energy, allocated) per band since the period's start: eight values.
 */
export function rowBytes(salt, energy, allocated, quality, running) {
  return writeAll(startLeaf(0x03, 81, salt).u64(energy).u64(allocated).u8(quality), running);
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Whole[]} running The last running totals of the slot: eight values.
 */
export function periodBytes(salt, running) {
  return writeAll(startLeaf(0x04, 64, salt), running);
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Whole[]} sums P, C, A, S.
 */
export function periodStairBytes(salt, sums) {
  return writeAll(startLeaf(0x05, 32, salt), sums);
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Whole[]} amounts Nine lines, VAT debit, VAT credit, debit, credit.
 */
export function billBytes(salt, amounts) {
  return writeAll(startLeaf(0x06, 104, salt), amounts);
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Whole[]} sums Debits, credits, fees, VAT debits, VAT credits.
 */
export function billStairBytes(salt, sums) {
  return writeAll(startLeaf(0x07, 40, salt), sums);
}

/**
 * @param {Uint8Array} salt
 * @param {Whole} energy
 * @param {number} quality
 * @param {number} source
 */
export function readingBytes(salt, energy, quality, source) {
  return startLeaf(0x08, 10, salt).u64(energy).u8(quality).u8(source).done();
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Whole[]} counts Measured, estimated, missing.
 */
export function readingStairBytes(salt, counts) {
  return writeAll(startLeaf(0x09, 24, salt), counts);
}

/**
 * @param {Uint8Array} salt
 * @param {number} vatClass
 * @param {number} networkClass
 */
export function classBytes(salt, vatClass, networkClass) {
  return startLeaf(0x0a, 2, salt).u8(vatClass).u8(networkClass).done();
}
