/** How keys are encrypted at rest: AES-256-GCM under a passphrase (PBKDF2) or a passkey's own secret (HKDF). */
import { fromHex, toHex } from "../domain/bytes.js";
import { ROUNDS } from "../domain/sealed_key.js";
import { addressOf } from "../domain/typed_data.js";
import { secp256k1 } from "../vendor/noble-curves.js";

/** @typedef {import("../domain/sealed_key.js").SealedKey} SealedKey */

const utf8 = new TextEncoder();
const AES = { name: "AES-GCM", length: 256 };

/** The passphrase is wrong, or the sealed key was changed: AES-GCM does not tell which. */
export class WrongLock extends Error {}

/** @param {Uint8Array} bytes @returns {Uint8Array<ArrayBuffer>} */
function own(bytes) {
  return /** @type {Uint8Array<ArrayBuffer>} */ (bytes);
}

/**
 * @param {string} passphrase Written in one Unicode form, so that another keyboard opens it too.
 * @param {Uint8Array} salt
 * @param {number} rounds
 */
async function keyOfPassphrase(passphrase, salt, rounds) {
  const raw = await crypto.subtle.importKey("raw", utf8.encode(passphrase.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: own(salt), iterations: rounds };
  return crypto.subtle.deriveKey(how, raw, AES, false, ["encrypt", "decrypt"]);
}

/**
 * @param {Uint8Array} secret What the passkey's PRF gave, 32 bytes.
 * @param {Uint8Array} salt
 */
async function keyOfPasskey(secret, salt) {
  const raw = await crypto.subtle.importKey("raw", own(secret), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: own(salt), info: utf8.encode("Partage browser key 1") };
  return crypto.subtle.deriveKey(how, raw, AES, false, ["encrypt", "decrypt"]);
}

/**
 * @param {Uint8Array} secret The private key.
 * @param {{passphrase: string} | {credential: string, salt: Uint8Array, prf: Uint8Array}} by
 * @returns {Promise<SealedKey>}
 */
export async function seal(secret, by) {
  const address = addressOf(secp256k1.getPublicKey(secret, false));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const passphrase = "passphrase" in by;
  const salt = passphrase ? crypto.getRandomValues(new Uint8Array(16)) : by.salt;
  const key = passphrase ? await keyOfPassphrase(by.passphrase, salt, ROUNDS) : await keyOfPasskey(by.prf, salt);
  const text = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: own(fromHex(address)) }, key, own(secret));
  return {
    partage_key: 1,
    address,
    made: new Date().toISOString(),
    lock: passphrase ? { by: "passphrase", rounds: ROUNDS, salt: toHex(salt) } : { by: "passkey", credential: by.credential, salt: toHex(salt) },
    iv: toHex(iv),
    text: toHex(new Uint8Array(text)),
  };
}

/**
 * @param {SealedKey} sealed
 * @param {{passphrase: string} | {prf: Uint8Array}} by
 * @returns {Promise<Uint8Array>} The private key; the caller fills it with zeros after use.
 * @throws {WrongLock} If it does not open, or what comes out is not the key of its address.
 */
export async function unseal(sealed, by) {
  const salt = fromHex(sealed.lock.salt);
  let key = null;
  if (sealed.lock.by === "passphrase" && "passphrase" in by) key = await keyOfPassphrase(by.passphrase, salt, sealed.lock.rounds);
  if (sealed.lock.by === "passkey" && "prf" in by) key = await keyOfPasskey(by.prf, salt);
  if (key === null) throw new WrongLock();
  const how = { name: "AES-GCM", iv: own(fromHex(sealed.iv)), additionalData: own(fromHex(sealed.address)) };
  let secret;
  try {
    secret = new Uint8Array(await crypto.subtle.decrypt(how, key, own(fromHex(sealed.text))));
  } catch {
    throw new WrongLock();
  }
  if (addressOf(secp256k1.getPublicKey(secret, false)).toLowerCase() !== sealed.address.toLowerCase()) {
    secret.fill(0);
    throw new WrongLock();
  }
  return secret;
}
