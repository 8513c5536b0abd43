/**
 * The bytes of every leaf (protocol, section 6). Energies are milliwatt-hours [mWh], amounts cents.
 *
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {readonly (readonly [Whole, Whole])[]} Rounds Final level of a key in rounds: (pool, weight) each.
 * @typedef {object} Link What one producer's slot gave one consumer's over the period.
 * @property {number} slot The other's.
 * @property {Whole} energy [mWh]
 * @property {Whole} value [pico-euro]
 * @property {number} vatClass Of the producer's seat.
 * @typedef {{salt: Uint8Array, weight: number | bigint, cap: Whole | null}} CostFields What a link costs; `cap` [mWh], null without bound.
 * @typedef {{salt: Uint8Array, shared: Whole, consumerStep: Whole, producerStep: Whole, steps: number}} ScaleFields
 */
import { ByteWriter } from "./bytes.js";

const NOTHING = new Uint8Array(0);
const TWO_POWER_64 = 2n ** 64n;

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
 * @param {readonly Whole[]} totals P, C, A [mWh] and V [pico-euro].
 * @param {number} tau Rounds the producers' parts.
 * @param {number} band
 * @param {Rounds} [rounds]
 */
export function headerBytes(totals, tau, band, rounds = []) {
  const writer = new ByteWriter(38 + 16 * rounds.length).u8(0x01);
  for (const total of totals) writer.u64(total);
  return writeAll(writer.u32(tau).u8(band), rounds.flat());
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
 * @param {readonly Whole[]} running Since the period's start: (energy, allocated) per band, value, credited: ten values.
 * @param {Uint8Array} [detail] Hash of the row's detail leaf, for `flow` alone.
 */
export function rowBytes(salt, energy, allocated, quality, running, detail = NOTHING) {
  const writer = startLeaf(0x03, 97 + detail.length, salt).u64(energy).u64(allocated).u8(quality);
  for (const value of running) writer.u64(value);
  return writer.raw(detail).done();
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Whole[]} running The last running totals of the slot: ten values.
 * @param {Uint8Array} links Hash of the slot's links leaf.
 */
export function periodBytes(salt, running, links) {
  const writer = startLeaf(0x04, 112, salt);
  for (const value of running) writer.u64(value);
  return writer.raw(links).done();
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
 * @param {readonly Whole[]} amounts Thirteen lines, VAT debit, VAT credit, debit, credit.
 */
export function billBytes(salt, amounts) {
  return writeAll(startLeaf(0x06, 136, salt), amounts);
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

/**
 * @param {Uint8Array} salt
 * @param {number} coefficientPpm
 */
export function coefficientBytes(salt, coefficientPpm) {
  return startLeaf(0x0b, 4, salt).u32(coefficientPpm).done();
}

/**
 * @param {Uint8Array} salt
 * @param {readonly Link[]} links Ascending by slot.
 */
export function linksBytes(salt, links) {
  const writer = startLeaf(0x0c, 21 * links.length, salt);
  for (const { slot, energy, value, vatClass } of links) writer.u32(slot).u64(energy).u64(value).u8(vatClass);
  return writer.done();
}

/**
 * @param {Uint8Array} salt
 * @param {number | bigint} potential Signed.
 * @param {readonly (readonly [slot: number, energy: Whole])[]} links Of the row's interval, ascending by slot.
 */
export function detailBytes(salt, potential, links) {
  const signed = BigInt(potential);
  const writer = startLeaf(0x0d, 8 + 12 * links.length, salt).u64(signed < 0n ? signed + TWO_POWER_64 : signed);
  for (const [slot, energy] of links) writer.u32(slot).u64(energy);
  return writer.done();
}

/** @param {CostFields} cost */
export function costBytes({ salt, weight, cap }) {
  const signed = BigInt(weight);
  return startLeaf(0x0e, 16, salt).u64(signed < 0n ? signed + TWO_POWER_64 : signed).u64(cap ?? TWO_POWER_64 - 1n).done();
}

/** @param {ScaleFields} scale */
export function scaleBytes({ salt, shared, consumerStep, producerStep, steps }) {
  return startLeaf(0x0f, 28, salt).u64(shared).u64(consumerStep).u64(producerStep).u32(steps).done();
}
