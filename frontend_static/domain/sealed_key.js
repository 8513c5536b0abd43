/**
 * A key that is encrypted at rest: what it looks like in this browser's store, in a file, and in the service's backup.
 * Whoever holds it needs the passphrase, or the passkey, to use it.
 *
 * @typedef {{by: "passphrase", rounds: number, salt: string}} PassphraseLock `salt` 16 bytes.
 * @typedef {{by: "passkey", credential: string, salt: string}} PasskeyLock `credential` base64url, `salt` 32 bytes.
 *
 * @typedef {object} SealedKey
 * @property {1} partage_key Version of the form.
 * @property {string} address The account's; it is also bound to the ciphertext.
 * @property {string} made ISO 8601.
 * @property {PassphraseLock | PasskeyLock} lock What opens it.
 * @property {string} iv 12 bytes.
 * @property {string} text Ciphertext and tag of AES-256-GCM, 48 bytes.
 */
import { isAddress } from "./typed_data.js";

/** Of PBKDF2 with SHA-256; what OWASP advises at least. */
export const ROUNDS = 600_000;
const ROUNDS_MAX = 20_000_000; // beyond, opening would seem to hang
export const PASSPHRASE_MIN = 10; // characters
const FILE_MAX = 8_192; // characters

/** @param {unknown} value @param {number} bytes */
function isHex(value, bytes) {
  return typeof value === "string" && new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`).test(value);
}

/** @param {any} lock */
function isLock(lock) {
  if (lock?.by === "passkey") return typeof lock.credential === "string" && /^[\w-]{8,1400}$/.test(lock.credential) && isHex(lock.salt, 32);
  if (lock?.by !== "passphrase" || !isHex(lock.salt, 16)) return false;
  return Number.isInteger(lock.rounds) && lock.rounds >= ROUNDS && lock.rounds <= ROUNDS_MAX;
}

/**
 * @param {unknown} value
 * @returns {value is SealedKey} Whether it has the form; only opening it shows that it holds what it says.
 */
export function isSealedKey(value) {
  const key = /** @type {any} */ (value);
  if (typeof key !== "object" || key === null || key.partage_key !== 1) return false;
  const dated = typeof key.made === "string" && !Number.isNaN(Date.parse(key.made));
  return dated && typeof key.address === "string" && isAddress(key.address) && isLock(key.lock) && isHex(key.iv, 12) && isHex(key.text, 48);
}

/**
 * @param {string} text Of a file.
 * @returns {SealedKey | null} Null for what is no key of ours.
 */
export function readKeyFile(text) {
  if (text.length > FILE_MAX) return null;
  try {
    const value = JSON.parse(text);
    return isSealedKey(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * @param {SealedKey} key
 * @returns {string} The text of its file.
 */
export function writeKeyFile({ partage_key, address, made, lock, iv, text }) {
  return `${JSON.stringify({ partage_key, address, made, lock, iv, text }, null, 2)}\n`;
}

/**
 * @param {string} passphrase
 * @param {string} again
 * @returns {"key.passphrase.short" | "key.passphrase.plain" | "key.passphrase.differs" | ""} What is wrong, as a key of words.
 */
export function checkPassphrase(passphrase, again) {
  if ([...passphrase].length < PASSPHRASE_MIN) return "key.passphrase.short";
  if (new Set(passphrase).size < 5) return "key.passphrase.plain";
  return passphrase === again ? "" : "key.passphrase.differs";
}
