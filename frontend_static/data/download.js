/**
 * Files: fetched whole with what has arrived so far, and handed to the browser to keep.
 *
 * @typedef {object} Fetch
 * @property {AbortSignal} signal
 * @property {(bytes: number) => void} onProgress Told what has arrived [bytes].
 */
import { Problem, askFile } from "./api.js";

const REVOKE_AFTER = 10_000; // ms: the browser has begun to read by then

/**
 * @param {string} path Below the API's base.
 * @param {string} type Media type to ask for.
 * @param {Fetch} fetch
 * @returns {Promise<Blob>}
 * @throws {import("./api.js").Problem} If the API refuses, does not answer, or breaks off.
 */
export async function fetchFile(path, type, { signal, onProgress }) {
  const response = await askFile(path, type, signal);
  const chunks = [];
  let bytes = 0;
  for await (const chunk of readChunks(response, signal)) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    onProgress(bytes);
  }
  return new Blob(chunks, { type });
}

/**
 * @param {Response} response
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>}
 */
async function* readChunks(response, signal) {
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read().catch((error) => {
      throw signal.aborted ? error : new Problem(0, String(error)); // it broke off under way
    });
    if (done) return;
    yield value;
  }
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_AFTER);
}
