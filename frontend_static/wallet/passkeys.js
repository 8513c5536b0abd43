/** Passkeys: WebAuthn between the service's JSON and the browser's buffers, and the secret that a passkey keeps for a key. */
import { fromBase64Url, toBase64Url } from "../domain/base64url.js";

/** The person closed the browser's question, or let it run out. */
export class Declined extends Error {}

/** @returns {boolean} */
export function hasPasskeys() {
  return typeof PublicKeyCredential === "function" && typeof navigator.credentials?.create === "function";
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function orDeclined(work) {
  try {
    return await work();
  } catch (error) {
    const name = /** @type {any} */ (error)?.name;
    if (name === "NotAllowedError" || name === "AbortError") throw new Declined();
    throw error;
  }
}

/** @param {any} listed A credential as the service lists it. */
function credentialOf(listed) {
  return { ...listed, id: fromBase64Url(listed.id) };
}

/**
 * @param {any} options `PublicKeyCredentialCreationOptionsJSON`.
 * @returns {Promise<object>} `RegistrationResponseJSON`.
 * @throws {Declined}
 */
export async function registerPasskey(options) {
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge),
    user: { ...options.user, id: fromBase64Url(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(credentialOf),
  };
  const made = /** @type {any} */ (await orDeclined(() => navigator.credentials.create({ publicKey })));
  const { response } = made;
  return {
    id: made.id,
    rawId: toBase64Url(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64Url(response.clientDataJSON),
      attestationObject: toBase64Url(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/**
 * @param {any} options `PublicKeyCredentialRequestOptionsJSON`.
 * @returns {Promise<object>} `AuthenticationResponseJSON`.
 * @throws {Declined}
 */
export async function usePasskey(options) {
  const publicKey = {
    ...options,
    challenge: fromBase64Url(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(credentialOf),
  };
  const found = /** @type {any} */ (await orDeclined(() => navigator.credentials.get({ publicKey })));
  const { response } = found;
  return {
    id: found.id,
    rawId: toBase64Url(found.rawId),
    type: found.type,
    authenticatorAttachment: found.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64Url(response.clientDataJSON),
      authenticatorData: toBase64Url(response.authenticatorData),
      signature: toBase64Url(response.signature),
      userHandle: response.userHandle ? toBase64Url(response.userHandle) : undefined,
    },
  };
}

/**
 * Make a passkey whose secret will open a key; the service never hears of it.
 *
 * @param {string} name Shown by the browser.
 * @returns {Promise<{credential: string, salt: Uint8Array<ArrayBuffer>, prf: Uint8Array<ArrayBuffer>} | null>} Null where this
 *   browser's passkeys keep no secret.
 * @throws {Declined}
 */
export async function makeSecret(name) {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const made = /** @type {any} */ (
    await orDeclined(() =>
      navigator.credentials.create({
        publicKey: {
          rp: { name: "Partage" },
          user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
          challenge: crypto.getRandomValues(new Uint8Array(32)),
          pubKeyCredParams: [-7, -257].map((alg) => ({ type: "public-key", alg })),
          authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
          extensions: { prf: { eval: { first: salt } } },
        },
      }),
    )
  );
  const prf = made.getClientExtensionResults().prf;
  if (!prf?.enabled && !prf?.results) return null;
  const credential = toBase64Url(made.rawId);
  const secret = prf.results?.first ? new Uint8Array(prf.results.first) : await openSecret(credential, salt);
  return { credential, salt, prf: secret };
}

/**
 * @param {string} credential base64url.
 * @param {Uint8Array} salt
 * @returns {Promise<Uint8Array<ArrayBuffer>>} 32 bytes, the same each time.
 * @throws {Declined}
 */
export async function openSecret(credential, salt) {
  const found = /** @type {any} */ (
    await orDeclined(() =>
      navigator.credentials.get({
        publicKey: {
          challenge: crypto.getRandomValues(new Uint8Array(32)),
          allowCredentials: [{ type: "public-key", id: fromBase64Url(credential) }],
          userVerification: "required",
          extensions: { prf: { eval: { first: /** @type {Uint8Array<ArrayBuffer>} */ (salt) } } },
        },
      }),
    )
  );
  const secret = found.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw new Declined();
  return new Uint8Array(secret);
}
