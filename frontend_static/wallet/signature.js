/** Signatures of the one curve: deterministic, with the low of the two values of s, as the contracts want them. */
import { toHex } from "../domain/bytes.js";
import { secp256k1 } from "../vendor/noble-curves.js";

/**
 * @param {Uint8Array} digest 32 bytes.
 * @param {Uint8Array} secret 32 bytes.
 * @returns {string} 0x-hex of r, s and v (27 or 28).
 */
export function signDigest(digest, secret) {
  const signed = secp256k1.sign(digest, secret, { prehash: false, format: "recovered" });
  return toHex(signed.subarray(1)) + (27 + (signed[0] ?? 0)).toString(16);
}
