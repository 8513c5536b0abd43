/**
 * What the service keeps of a person: passkeys, accounts on chain, consents, and what is held and erased.
 *
 * @typedef {import("../domain/typed_data.js").TypedDocument} TypedDocument
 * @typedef {{id: string, name: string, created_at: string, used_at: string | null}} Passkey
 * @typedef {{address: string, kind: "browser" | "wallet", linked_at: string, until: string | null}} Account
 * @typedef {{number: number | null, holder: string | null, waits_for: "account" | "period" | "another_account" | null,
 *   recovery: {to: string, possible_from: string} | null}} Seat
 * @typedef {{accounts: Account[], seat: Seat | null}} Book
 * @typedef {{address: string, kind: "role" | "member" | "account", label: string, seat: number | null}} Grantee
 * @typedef {{grantee: Grantee, scope: "bills" | "curves" | "flexibility", begins_at: string, ends_at: string, holds: boolean}} Consent
 * @typedef {{draft: string, signer: string, typed_data: TypedDocument}} Paper
 * @typedef {{by: string, what: string, at: string}} Look
 * @typedef {{asked_at: string | null, parts: {what: string, due_at: string | null, waits_for: string | null, source: string}[]}} Erasure
 */
import { ask, askAll, session } from "./api.js";

/** @param {AbortSignal} [signal] @returns {Promise<Passkey[]>} */
export const askPasskeys = (signal) => askAll("/me/passkeys", signal);

/** @param {AbortSignal} [signal] @returns {Promise<Book>} */
export const askAccounts = (signal) => ask("/me/accounts", { signal });

/** @param {AbortSignal} [signal] @returns {Promise<Consent[]>} */
export const askConsents = (signal) => askAll("/me/consents", signal);

/** @param {AbortSignal} [signal] @returns {Promise<Grantee[]>} */
export const askGrantees = (signal) => askAll("/consents/grantees", signal);

/**
 * @param {AbortSignal} signal
 * @param {string} [cursor]
 * @returns {Promise<{items: Look[], next_cursor: string | null}>} Who looked at the caller's data, the newest first.
 */
export const askAccesses = (signal, cursor = "") => ask(cursor ? `/me/accesses?cursor=${encodeURIComponent(cursor)}` : "/me/accesses", { signal });

/** @param {AbortSignal} [signal] @returns {Promise<Erasure>} */
export const askErasure = (signal) => ask("/me/erasure", { signal });

/**
 * @param {(options: any) => Promise<object>} make
 * @param {string} name
 */
export async function addPasskey(make, name) {
  const { publicKey } = await ask("/me/passkeys/options", { method: "POST" });
  return ask("/me/passkeys", { method: "POST", body: { name, credential: await make(publicKey) } });
}

/** @param {string} id */
export const removePasskey = (id) => ask(`/me/passkeys/${encodeURIComponent(id)}`, { method: "DELETE" });

/**
 * A session stands from the answer on, even where the form has left the page meanwhile: `session` tells of it, not the form.
 *
 * @param {string} path
 * @param {object} body
 */
async function signIn(path, body) {
  const answer = await ask(path, { method: "POST", body });
  session.dispatchEvent(new Event("signed-in"));
  return answer;
}

/** @param {string} login @param {string} password */
export const signInByPassword = (login, password) => signIn("/session", { login, password });

/** @param {(options: any) => Promise<object>} use */
export async function signInByPasskey(use) {
  const { publicKey } = await ask("/session/passkey/options", { method: "POST" });
  return signIn("/session/passkey", { credential: await use(publicKey) });
}

/** @param {string} address @returns {Promise<{message: string}>} */
export const askSignIn = (address) => ask(`/session/ethereum/nonce?address=${encodeURIComponent(address)}`);

/** @param {string} message @param {string} signature */
export const signInByEthereum = (message, signature) => signIn("/session/ethereum", { message, signature });

/**
 * @param {string} address
 * @param {"browser" | "wallet"} kind
 * @returns {Promise<{message: string}>}
 */
export const askChallenge = (address, kind) => ask("/me/accounts/challenge", { method: "POST", body: { address, kind } });

/** @param {{address: string, message: string, signature: string, kind: "browser" | "wallet"}} link @returns {Promise<Book>} */
export const linkAccount = (link) => ask("/me/accounts", { method: "POST", body: link });

/** @param {string} address */
export const unlinkAccount = (address) => ask(`/me/accounts/${address}`, { method: "DELETE" });

/** @returns {Promise<Book>} The steward tries to seat the caller again. */
export const takeSeat = () => ask("/me/accounts/seat", { method: "POST" });

/** @param {string} sealed The text of a sealed key. */
export const keepBackup = (sealed) => ask("/me/accounts/backup", { method: "PUT", body: { sealed } });

/** @param {AbortSignal} [signal] @returns {Promise<{sealed: string | null, kept_at: string | null}>} */
export const askBackup = (signal) => ask("/me/accounts/backup", { signal });

/** @param {string} to @returns {Promise<Paper>} */
export const draftReplacement = (to) => ask("/me/accounts/replacement/draft", { method: "POST", body: { to } });

/** @param {string} draft @param {string} signature */
export const replaceKey = (draft, signature) => ask("/me/accounts/replacement", { method: "POST", body: { draft, signature } });

/** @param {string} to */
export const askRecovery = (to) => ask("/me/accounts/recovery", { method: "POST", body: { to } });

export const completeRecovery = () => ask("/me/accounts/recovery/completion", { method: "POST" });

/** @returns {Promise<Paper>} */
export const draftObjection = () => ask("/me/accounts/recovery/objection/draft", { method: "POST" });

/** @param {string} draft @param {string} signature */
export const objectToRecovery = (draft, signature) => ask("/me/accounts/recovery/objection", { method: "POST", body: { draft, signature } });

/**
 * @param {{grantee: string, scope: string, from_utc?: number, until_utc?: number, withdraw?: boolean}} wish
 * @returns {Promise<Paper>}
 */
export const draftConsent = (wish) => ask("/me/consents/draft", { method: "POST", body: wish });

/** @param {string} draft @param {string} signature */
export const handInConsent = (draft, signature) => ask("/me/consents", { method: "POST", body: { draft, signature } });

/** @returns {Promise<Erasure>} */
export const askToErase = () => ask("/me/erasure", { method: "POST", body: { confirm: "erase me" } });
