/**
 * Whether contracts are the published ones: their code byte by byte, and that they refer to each other. A bundle may name
 * any address, but it cannot make other rules stand behind it.
 *
 * @typedef {import("./published_code.js").Published} Published
 */
import { fromHex, joinBytes, toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { PUBLISHED } from "./published_code.js";

const WORD = 32;
const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const [NAME, VERSION] = ["Partage", "1"];

/** @param {string} text */
function bytesOf(text) {
  return new TextEncoder().encode(text);
}

/**
 * @param {Uint8Array} bytes At most 32.
 * @returns {Uint8Array} A word that ends with them.
 */
function wordEnding(bytes) {
  return joinBytes(new Uint8Array(WORD - bytes.length), bytes);
}

/**
 * @param {string} text Up to 31 bytes.
 * @returns {Uint8Array} The text in one word, its length in the last byte.
 */
function shortText(text) {
  const bytes = bytesOf(text);
  return joinBytes(bytes, new Uint8Array(WORD - 1 - bytes.length), Uint8Array.of(bytes.length));
}

/**
 * What each immutable must hold: the domain that signatures are made for, or another contract's address.
 *
 * @param {string} own The contract's address, 0x-hex.
 * @param {Readonly<Record<string, string>>} addresses Of all contracts by name, 0x-hex.
 * @param {number} chainId
 * @returns {Record<string, Uint8Array>} Words by the immutables' names.
 */
function immutablesOf(own, addresses, chainId) {
  const chain = wordEnding(fromHex(`0x${BigInt(chainId).toString(16).padStart(2 * WORD, "0")}`));
  const domain = [keccak256(bytesOf(DOMAIN)), keccak256(bytesOf(NAME)), keccak256(bytesOf(VERSION)), chain];
  const camel = (/** @type {string} */ name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  const others = Object.entries(addresses).map(([name, address]) => [camel(name), wordEnding(fromHex(address))]);
  const [, hashedName = chain, hashedVersion = chain] = domain;
  return {
    ...Object.fromEntries(others),
    _hashedName: hashedName,
    _hashedVersion: hashedVersion,
    _cachedChainId: chain,
    _cachedThis: wordEnding(fromHex(own)),
    _cachedDomainSeparator: keccak256(joinBytes(...domain, wordEnding(fromHex(own)))),
    _name: shortText(NAME),
    _version: shortText(VERSION),
  };
}

/**
 * @param {string} name Such as `rule_book`.
 * @param {string} code What stands at its address, 0x-hex.
 * @param {Readonly<Record<string, string>>} addresses Of all contracts by name, 0x-hex.
 * @param {number} chainId
 * @returns {boolean} Whether it is the published code, made for these contracts and this chain.
 */
export function isPublished(name, code, addresses, chainId) {
  const known = PUBLISHED[name];
  const own = addresses[name];
  const bytes = fromHex(code);
  if (!known || !own || bytes.length !== known.length) return false;
  const values = immutablesOf(own, addresses, chainId);
  for (const [immutable, places] of Object.entries(known.immutables)) {
    const expected = values[immutable];
    for (const start of places) {
      const held = bytes.subarray(start, start + WORD);
      if (!expected || toHex(held) !== toHex(expected)) return false;
      held.fill(0);
    }
  }
  return toHex(keccak256(bytes)) === known.hash;
}

/**
 * @param {string} name Such as `settlement_ledger`.
 * @param {string} code What stands at its address, 0x-hex; what is read out of it is worth as much as the code.
 * @returns {Record<string, string>} The contracts that it was told of, by name; those that are no address are left out.
 */
export function findReferences(name, code) {
  const bytes = fromHex(code);
  /** @type {Record<string, string>} */
  const found = {};
  for (const [immutable, [start = 0]] of Object.entries(PUBLISHED[name]?.immutables ?? {})) {
    const word = bytes.subarray(start, start + WORD);
    const other = immutable.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (/^[a-z]/.test(immutable) && word.length === WORD && word.subarray(0, 12).every((byte) => byte === 0)) found[other] = toHex(word.subarray(12));
  }
  return found;
}
