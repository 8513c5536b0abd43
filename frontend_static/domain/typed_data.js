/**
 * EIP-712: what a wallet hashes before it signs a typed document.
 *
 * @typedef {{name: string, type: string}} Field
 * @typedef {Readonly<Record<string, readonly Field[]>>} Types
 *
 * @typedef {object} TypedDocument As `eth_signTypedData_v4` takes it.
 * @property {Types} types With `EIP712Domain`.
 * @property {string} primaryType
 * @property {Readonly<Record<string, unknown>>} domain
 * @property {Readonly<Record<string, unknown>>} message Numbers as JSON numbers, decimal strings or 0x-hex.
 */
import { fromHex, joinBytes, toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";

const WORD = 32; // bytes
const ARRAY = /^(.*)\[(\d*)\]$/;
const DOMAIN = "EIP712Domain";
const utf8 = new TextEncoder();

/** A document that cannot be hashed, and hence not signed. */
export class TypedDataError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "TypedDataError";
  }
}

/**
 * @param {string} type Such as `uint32[4][]`.
 * @returns {string} Such as `uint32`.
 */
function baseOf(type) {
  const match = ARRAY.exec(type);
  return match ? baseOf(match[1] ?? "") : type;
}

/**
 * @param {string} type
 * @param {Types} types
 * @param {Set<string>} [found]
 * @returns {Set<string>} The struct and those within it.
 */
function structsOf(type, types, found = new Set()) {
  const base = baseOf(type);
  if (found.has(base) || !Object.hasOwn(types, base)) return found;
  found.add(base);
  for (const field of types[base] ?? []) structsOf(field.type, types, found);
  return found;
}

/**
 * @param {string} primary
 * @param {Types} types
 * @returns {string} Such as `Vote(bytes32 community,uint256 proposalId,uint8 support)`; structs within follow in alphabetical order.
 */
export function encodeType(primary, types) {
  const found = structsOf(primary, types);
  if (found.size === 0) throw new TypedDataError(`there is no type ${primary}`);
  const others = [...found].filter((name) => name !== primary).sort();
  return [primary, ...others].map((name) => `${name}(${(types[name] ?? []).map(({ name: field, type }) => `${type} ${field}`).join(",")})`).join("");
}

/**
 * @param {unknown} value
 * @param {string} where
 * @returns {bigint} The whole number that the value states, exactly.
 */
function wholeOf(value, where) {
  const exact = typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
  if (exact) return BigInt(/** @type {number | bigint} */ (value));
  if (typeof value === "string" && /^(-?\d+|0x[0-9a-fA-F]+)$/.test(value)) return BigInt(value);
  throw new TypedDataError(`${where} is ${JSON.stringify(value) ?? "missing"}, no exact whole number`);
}

/**
 * @param {string} type
 * @param {unknown} value
 * @param {string} where
 * @returns {Uint8Array} One word.
 */
function encodeNumber(type, value, where) {
  const signed = type.startsWith("int");
  const bits = Number(type.slice(signed ? 3 : 4) || 256);
  if (bits % 8 !== 0 || bits < 8 || bits > 256) throw new TypedDataError(`${where} has no type ${type}`);
  const number = wholeOf(value, where);
  const [low, high] = signed ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1)] : [0n, 2n ** BigInt(bits)];
  if (number < low || number >= high) throw new TypedDataError(`${where} is ${number}, which ${type} cannot hold`);
  return fromHex(`0x${BigInt.asUintN(256, number).toString(16).padStart(2 * WORD, "0")}`);
}

/**
 * @param {unknown} value
 * @param {string} where
 * @param {number} [length] Bytes that there must be.
 * @returns {Uint8Array}
 */
function bytesOf(value, where, length) {
  let bytes = null;
  try {
    bytes = fromHex(String(value));
  } catch {
    // Told below.
  }
  if (bytes === null || (length !== undefined && bytes.length !== length)) {
    throw new TypedDataError(`${where} is ${JSON.stringify(value) ?? "missing"}, not 0x-hex${length === undefined ? "" : ` of ${length} bytes`}`);
  }
  return bytes;
}

/**
 * @param {string} type
 * @param {unknown} value
 * @param {Types} types
 * @param {string} where Its name, for refusals.
 * @returns {Uint8Array} One word.
 */
function encodeValue(type, value, types, where) {
  const array = ARRAY.exec(type);
  if (array) {
    const [, inner = "", size = ""] = array;
    if (!Array.isArray(value)) throw new TypedDataError(`${where} is no list`);
    if (size && value.length !== Number(size)) throw new TypedDataError(`${where} has ${value.length} items, ${type} has ${size}`);
    return keccak256(joinBytes(...value.map((item, i) => encodeValue(inner, item, types, `${where}[${i}]`))));
  }
  if (Object.hasOwn(types, type)) {
    if (typeof value !== "object" || value === null) throw new TypedDataError(`${where} is no ${type}`);
    return hashStruct(type, /** @type {Record<string, unknown>} */ (value), types, where);
  }
  if (type === "string") {
    if (typeof value !== "string") throw new TypedDataError(`${where} is no text`);
    return keccak256(utf8.encode(value));
  }
  if (type === "bytes") return keccak256(bytesOf(value, where));
  if (type === "bool") {
    if (typeof value !== "boolean") throw new TypedDataError(`${where} is neither true nor false`);
    return encodeNumber("uint8", value ? 1 : 0, where);
  }
  if (type === "address") return joinBytes(new Uint8Array(12), bytesOf(value, where, 20));
  if (/^u?int\d*$/.test(type)) return encodeNumber(type, value, where);
  const length = Number(/^bytes(\d+)$/.exec(type)?.[1] ?? 0);
  if (length < 1 || length > WORD) throw new TypedDataError(`${where} has no type ${type}`);
  return joinBytes(bytesOf(value, where, length), new Uint8Array(WORD - length));
}

/**
 * @param {string} type
 * @param {Readonly<Record<string, unknown>>} value
 * @param {Types} types
 * @param {string} [where]
 * @returns {Uint8Array}
 * @throws {TypedDataError} If a field is missing, unknown or does not fit its type.
 */
export function hashStruct(type, value, types, where = type) {
  const fields = types[type] ?? [];
  const strange = Object.keys(value).find((name) => !fields.some((field) => field.name === name));
  if (strange !== undefined) throw new TypedDataError(`${where} has ${strange}, which ${type} does not name`);
  const words = fields.map((field) => encodeValue(field.type, value[field.name], types, `${where}.${field.name}`));
  return keccak256(joinBytes(keccak256(utf8.encode(encodeType(type, types))), ...words));
}

/**
 * @param {TypedDocument} document
 * @returns {Uint8Array} The 32 bytes that are signed.
 * @throws {TypedDataError} If the document does not say exactly what its types name: nothing is signed unseen.
 */
export function hashDocument({ types, primaryType, domain, message }) {
  return keccak256(joinBytes(Uint8Array.of(0x19, 0x01), hashStruct(DOMAIN, domain, types), hashStruct(primaryType, message, types)));
}

/**
 * @param {string} text
 * @returns {Uint8Array} The 32 bytes that are signed for a text, by EIP-191 (`personal_sign`).
 */
export function hashText(text) {
  const bytes = utf8.encode(text);
  return keccak256(joinBytes(utf8.encode(`\u0019Ethereum Signed Message:\n${bytes.length}`), bytes));
}

/**
 * @param {Uint8Array} publicKey 65 bytes, uncompressed.
 * @returns {string} The account's address, with the capitals of EIP-55.
 */
export function addressOf(publicKey) {
  return capitalise(toHex(keccak256(publicKey.subarray(1)).subarray(12)));
}

/**
 * @param {string} address 0x-hex of 20 bytes.
 * @returns {string} The same with the capitals of EIP-55, which tell a typing error.
 */
export function capitalise(address) {
  const digits = address.slice(2).toLowerCase();
  const hash = toHex(keccak256(utf8.encode(digits))).slice(2);
  return `0x${[...digits].map((digit, i) => (Number.parseInt(hash[i] ?? "0", 16) >= 8 ? digit.toUpperCase() : digit)).join("")}`;
}

/**
 * @param {string} text
 * @returns {boolean} Whether it is an address; where it mixes capitals, whether they are right.
 */
export function isAddress(text) {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return false;
  const digits = text.slice(2);
  return digits === digits.toLowerCase() || digits === digits.toUpperCase() || text === capitalise(text);
}
