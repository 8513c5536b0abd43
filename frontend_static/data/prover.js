/**
 * Proves bundles in a worker, and remembers what it saw of each run.
 *
 * @typedef {import("./proof_worker.js").Proof} Proof
 * @typedef {import("./proof_worker.js").Answer} Answer
 */
import { readDeployment, readPins } from "../domain/pins.js";
import { keepPreference, readPreference } from "./preferences.js";

/** Where this service answers for the chain, in the browser's own words. */
export const NODE = "/rpc";

/** The proof could not be made: the node does not answer, or the bundle cannot be read. */
export class ProofError extends Error {
  /**
   * @param {string} name Of the error in the worker: `ChainError`, `BundleError`.
   * @param {string} message
   */
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/**
 * @param {any} bundle
 * @returns {string} What a run is remembered by.
 */
function keyOf(bundle) {
  return [bundle?.community, bundle?.period, bundle?.run_version].join(":");
}

/**
 * @param {string} key
 * @param {import("../domain/pins.js").Pin} pin
 */
function remember(key, pin) {
  const pins = readPins(readPreference("pins"));
  if (Object.hasOwn(pins, key)) return; // the first sight counts
  keepPreference("pins", JSON.stringify({ ...pins, [key]: pin }));
}

/** Forget what was seen: for a service that began anew, as a demonstration does. */
export function forgetPins() {
  keepPreference("pins", "");
  keepPreference("deployment", "");
}

/**
 * @param {unknown} bundle Decoded from JSON.
 * @param {import("../domain/bill_view.js").BillContent | null} bill What the page shows.
 * @param {(progress: number) => void} onProgress From 0 to 1.
 * @param {AbortSignal} signal Ends the worker.
 * @returns {Promise<Proof>}
 * @throws {ProofError} If there can be no verdict.
 */
export function proveBundle(bundle, bill, onProgress, signal) {
  const key = keyOf(bundle);
  const remembered = readPins(readPreference("pins"))[key] ?? null;
  const known = readDeployment(readPreference("deployment"));
  const worker = new Worker(new URL("./proof_worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    const finish = () => worker.terminate();
    signal.addEventListener("abort", () => {
      finish();
      reject(new ProofError("AbortError", "stopped"));
    });
    worker.addEventListener("error", (event) => {
      finish();
      reject(new ProofError("WorkerError", event.message || "the worker could not be loaded"));
    });
    worker.addEventListener("message", (/** @type {MessageEvent<Answer>} */ { data }) => {
      if (data.kind === "progress") {
        onProgress(data.done / data.total);
        return;
      }
      finish();
      if (data.kind === "error") {
        reject(new ProofError(data.name, data.message));
        return;
      }
      if (data.proof.ok && data.proof.pin) remember(key, data.proof.pin);
      if (data.proof.ok && data.proof.deployment) keepPreference("deployment", JSON.stringify(data.proof.deployment));
      resolve(data.proof);
    });
    worker.postMessage({ bundle, bill, remembered, known, node: NODE });
  });
}
