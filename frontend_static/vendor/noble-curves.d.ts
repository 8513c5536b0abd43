// Types of noble-curves.js, by scripts/vendor.
export { secp256k1 } from "@noble/curves/secp256k1.js";
