/**
 * Keys that are made in this page: encrypted at rest, open only while they are used.
 *
 * An open key's bytes are zeroed when it is locked: on leaving, on signing out, and after ten minutes without use. Copies that
 * the engine makes while it computes with them cannot be reached; that is what a hardware wallet is for.
 */
import { fromHex } from "../domain/bytes.js";
import { hashDocument, hashText } from "../domain/typed_data.js";
import { secp256k1 } from "../vendor/noble-curves.js";
import { keepKey } from "./key_store.js";
import { makeSecret, openSecret } from "./passkeys.js";
import { seal, unseal } from "./sealing.js";
import { signDigest } from "./signature.js";

/** @typedef {import("../domain/sealed_key.js").SealedKey} SealedKey */
/** @typedef {import("./key_store.js").KeptKey} KeptKey */

const IDLE_MILLISECONDS = 600_000;

/** This browser's passkeys keep no secret; a passphrase does. */
export class NoSecret extends Error {}

/** @type {Map<string, Uint8Array>} By address in lower case. */
const open = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let idle;

/** Tells `change` when a key was opened or locked. */
export const keyring = new EventTarget();

/** Forget all open keys. */
export function lockKeys() {
  clearTimeout(idle);
  for (const secret of open.values()) secret.fill(0);
  open.clear();
  keyring.dispatchEvent(new Event("change"));
}

/** @param {string} address @param {Uint8Array} secret */
function hold(address, secret) {
  open.set(address.toLowerCase(), secret);
  if (typeof window !== "undefined") window.addEventListener("pagehide", lockKeys, { once: true });
  touch();
  keyring.dispatchEvent(new Event("change"));
}

function touch() {
  clearTimeout(idle);
  idle = setTimeout(lockKeys, IDLE_MILLISECONDS);
}

/** @param {string} address */
export function isOpen(address) {
  return open.has(address.toLowerCase());
}

/**
 * Make a key and keep it.
 *
 * @param {string} owner Log-in.
 * @param {{passphrase: string} | {passkey: string}} by `passkey`: a name for it.
 * @returns {Promise<SealedKey>} It is open now.
 * @throws {NoSecret} If the passkey cannot keep a secret.
 */
export async function makeKey(owner, by) {
  const lock = "passphrase" in by ? by : await makeSecret(by.passkey);
  if (lock === null) throw new NoSecret();
  const secret = secp256k1.utils.randomSecretKey();
  const sealed = await seal(secret, lock);
  if ("prf" in lock) lock.prf.fill(0);
  await keepKey({ ...sealed, owner });
  hold(sealed.address, secret);
  return sealed;
}

/**
 * @param {SealedKey} sealed
 * @param {string} [passphrase] Where a passphrase opens it; the browser itself asks for a passkey.
 * @throws {import("./sealing.js").WrongLock}
 * @throws {import("./passkeys.js").Declined}
 */
export async function openKey(sealed, passphrase = "") {
  if (isOpen(sealed.address)) return;
  if (sealed.lock.by === "passphrase") {
    hold(sealed.address, await unseal(sealed, { passphrase }));
    return;
  }
  const prf = await openSecret(sealed.lock.credential, fromHex(sealed.lock.salt));
  try {
    hold(sealed.address, await unseal(sealed, { prf }));
  } finally {
    prf.fill(0);
  }
}

/** @param {string} address @returns {Uint8Array} */
function secretOf(address) {
  const secret = open.get(address.toLowerCase());
  if (!secret) throw new Error("the key is locked");
  touch();
  return secret;
}

/**
 * @param {string} address Of an open key.
 * @param {import("../domain/typed_data.js").TypedDocument} document
 */
export function signDocument(address, document) {
  return signDigest(hashDocument(document), secretOf(address));
}

/**
 * @param {string} address Of an open key.
 * @param {string} text
 */
export function signText(address, text) {
  return signDigest(hashText(text), secretOf(address));
}

/**
 * @param {string} address Of an open key.
 * @param {string} passphrase For the copy.
 * @returns {Promise<SealedKey>} To be saved as a file or handed to the service, which cannot open it.
 */
export function sealCopy(address, passphrase) {
  return seal(secretOf(address), { passphrase });
}
