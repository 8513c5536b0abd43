/** The one hash of the protocol: Keccak-256 as the EVM has it. */
import { keccak_256 } from "../vendor/noble-hashes.js";

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array} 32 bytes.
 */
export function keccak256(bytes) {
  return keccak_256(bytes);
}
