/** What names and blinds the leaves: identifiers and salts (protocol, sections 4 and 5). */
import { ByteWriter, joinBytes } from "./bytes.js";
import { keccak256 } from "./keccak.js";

const PROTOCOL = 2;

/**
 * @param {Uint8Array} community 32 bytes.
 * @param {number} period Days from 1970-01-01.
 */
export function termsId(community, period) {
  return keccak256(new ByteWriter(38).u8(0x23).u8(PROTOCOL).raw(community).u32(period).done());
}

/**
 * @param {Uint8Array} community 32 bytes.
 * @param {number} period Days from 1970-01-01.
 * @param {number} version From 1.
 */
export function runId(community, period, version) {
  return keccak256(new ByteWriter(42).u8(0x21).u8(PROTOCOL).raw(community).u32(period).u32(version).done());
}

/**
 * @param {Uint8Array} community 32 bytes.
 * @param {number} period Days from 1970-01-01.
 * @param {number} version From 1.
 * @param {Uint8Array} signer Address, 20 bytes.
 */
export function batchId(community, period, version, signer) {
  const writer = new ByteWriter(62).u8(0x22).u8(PROTOCOL).raw(community).u32(period).u32(version).raw(signer);
  return keccak256(writer.done());
}

/**
 * @param {Uint8Array} community 32 bytes.
 * @param {number} period Days from 1970-01-01.
 * @param {number} version From 1.
 */
export function scheduleId(community, period, version) {
  return keccak256(new ByteWriter(42).u8(0x25).u8(PROTOCOL).raw(community).u32(period).u32(version).done());
}

/**
 * @param {Uint8Array} nonce 32 bytes.
 * @param {string} number The metering point's number.
 */
export function tagOf(nonce, number) {
  return keccak256(joinBytes(nonce, new TextEncoder().encode(number)));
}

/**
 * @param {Uint8Array} salt 32 bytes.
 * @param {readonly Uint8Array[]} fileHashes Keccak-256 of each file, in load order.
 */
export function sourceHash(salt, fileHashes) {
  const [only] = fileHashes;
  const files = only && fileHashes.length === 1 ? only : keccak256(joinBytes(...fileHashes));
  return keccak256(joinBytes(new Uint8Array([0x24]), salt, files));
}

/**
 * Give the salts of one slot's leaves of one kind.
 *
 * @param {Uint8Array} key The slot's key K, or the auditors' key X.
 * @param {Uint8Array} community 32 bytes.
 * @param {Uint8Array} id Run, batch, terms or schedule id, as the kind asks for.
 * @param {number} kind The leaf's first byte.
 * @param {number} slot Slot, seat, or index of the stair.
 * @returns {(day?: number, t?: number) => Uint8Array} 16 bytes per day and interval.
 */
export function saltsOf(key, community, id, kind, slot) {
  const bytes = new ByteWriter(106).u8(0x20).raw(key).raw(community).raw(id).u8(kind).u32(slot).u16(0).u16(0).done();
  const view = new DataView(bytes.buffer);
  return (day = 0, t = 0) => {
    view.setUint16(102, day);
    view.setUint16(104, t);
    return keccak256(bytes).subarray(0, 16);
  };
}
