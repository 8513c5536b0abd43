/**
 * The HTTP API. The tokens are in cookies that scripts cannot read; an expired one is renewed once, by one tab.
 *
 * @typedef {object} Ask
 * @property {"GET" | "POST" | "PUT" | "DELETE"} [method]
 * @property {unknown} [body] Sent as JSON; a file as it is.
 * @property {string} [type] Media type of a file; bytes where it is not named.
 * @property {AbortSignal | undefined} [signal]
 * @property {string} [accept] Media type; JSON where it is not named.
 */

const BASE = "/api/v1";
const LOCK = "partage-session";

/** An answer that is not what was asked for, as RFC 9457 tells it. */
export class Problem extends Error {
  /**
   * @param {number} status HTTP status; 0 where nobody answered.
   * @param {string} detail
   */
  constructor(status, detail) {
    super(detail);
    this.name = "Problem";
    this.status = status;
  }
}

/**
 * @param {string} path Below the API's base.
 * @param {Ask} ask
 * @returns {Promise<Response>}
 */
async function send(path, { method = "GET", body, type = "application/octet-stream", signal, accept = "application/json" }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: accept };
  if (method !== "GET") {
    headers["X-Partage-Request"] = "1";
    headers["Idempotency-Key"] = crypto.getRandomValues(new Uint32Array(4)).join("-");
  }
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isFile ? type : "application/json";
  /** @type {RequestInit} */
  const request = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) request.body = isFile ? body : JSON.stringify(body);
  if (signal) request.signal = signal;
  try {
    return await fetch(BASE + path, request);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
async function readAnswer(response) {
  return response.status === 204 ? null : parseAnswer(response, await response.text());
}

/**
 * @param {Response} response
 * @param {string} text Its body.
 * @returns {any}
 */
function parseAnswer(response, text) {
  /** @type {any} */
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Problem(response.ok ? 502 : response.status, response.statusText);
  }
  if (!response.ok) throw new Problem(response.status, String(answer?.detail ?? answer?.title ?? ""));
  return answer;
}

/**
 * Renew the session, one tab at a time: a refresh token is good for one use, and a second use ends all sessions.
 *
 * @returns {Promise<boolean>} Whether there is a session now.
 */
async function renew() {
  const work = async () => {
    if ((await send("/me", {})).ok) return true; // another tab was faster
    return (await send("/session/refresh", { method: "POST" })).ok;
  };
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

/** @type {Promise<boolean> | null} */
let renewing = null;

/** Tells `signed-in` when somebody has signed in, whatever page is open by then, and `signed-out` when the session has ended. */
export const session = new EventTarget();

/**
 * Ask the API.
 *
 * @param {string} path Such as `/me/bills`.
 * @param {Ask} [ask]
 * @returns {Promise<any>} What it answers; null where there is no content.
 * @throws {Problem} If it refuses, or does not answer.
 */
export async function ask(path, ask = {}) {
  return readAnswer(await sendSignedIn(path, ask));
}

/**
 * Ask for JSON as it was written: a proof's widest figures are more than a number holds.
 *
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 * @throws {Problem} If the API refuses, or does not answer.
 */
export async function askText(path, signal) {
  const response = await sendSignedIn(path, { signal });
  const text = await response.text();
  if (!response.ok) parseAnswer(response, text);
  return text;
}

/**
 * Ask for a file, to be read as it arrives.
 *
 * @param {string} path
 * @param {string} accept Media type.
 * @param {AbortSignal} signal
 * @returns {Promise<Response>}
 * @throws {Problem} If the API refuses, or does not answer.
 */
export async function askFile(path, accept, signal) {
  const response = await sendSignedIn(path, { accept, signal });
  if (!response.ok) parseAnswer(response, await response.text());
  return response;
}

/**
 * @param {string} path
 * @param {Ask} ask
 * @returns {Promise<Response>}
 */
async function sendSignedIn(path, ask) {
  const response = await send(path, ask);
  if (response.status !== 401 || path.startsWith("/session")) return response;
  renewing ??= renew().finally(() => (renewing = null));
  if (await renewing) return send(path, ask);
  session.dispatchEvent(new Event("signed-out"));
  return response;
}

/**
 * All pages of a list.
 *
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any[]>}
 */
export async function askAll(path, signal) {
  const items = [];
  for (let cursor = ""; ; ) {
    const page = await ask(cursor ? `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : path, { signal });
    items.push(...page.items);
    if (!page.next_cursor) return items;
    cursor = page.next_cursor;
  }
}
