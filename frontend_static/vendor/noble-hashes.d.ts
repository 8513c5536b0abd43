// Types of noble-hashes.js, by scripts/vendor.
export { keccak_256 } from "@noble/hashes/sha3.js";
