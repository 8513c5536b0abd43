/**
 * A worker that reads the chain and verifies a bundle, so that the page stays quick.
 *
 * @typedef {import("../domain/verdict.js").Check} Check
 * @typedef {import("../domain/pins.js").Pin} Pin
 * @typedef {import("../domain/pins.js").Deployment} Deployment
 *
 * @typedef {object} Task
 * @property {unknown} bundle Decoded from JSON.
 * @property {string} node The chain's address.
 * @property {import("../domain/bill_view.js").BillContent | null} bill What the page shows; null where it shows none.
 * @property {Pin | null} remembered What this browser saw of the run before.
 * @property {Deployment | null} known What this browser saw of the service's contracts and communities before.
 *
 * @typedef {object} Proof
 * @property {boolean} ok
 * @property {Check[]} checks Failures first.
 * @property {import("../domain/verify_bundle.js").Verdict} verdict Of the bundle alone.
 * @property {Pin | null} pin To remember; null where there is nothing.
 * @property {Deployment | null} deployment To remember; null where there is nothing.
 * @property {number} milliseconds What the work took, without asking for the bundle.
 *
 * @typedef {{kind: "progress", done: number, total: number}
 *   | {kind: "proof", proof: Proof}
 *   | {kind: "error", name: string, message: string}} Answer
 */
import { parseBundle } from "../domain/bundle.js";
import { comparePage } from "../domain/page_proof.js";
import { compareDeployment, comparePins, deploymentOf, pinOf } from "../domain/pins.js";
import { verifyBundle } from "../domain/verify_bundle.js";
import { createCall, readChain } from "./chain.js";

/** @param {Answer} answer */
function tell(answer) {
  self.postMessage(answer);
}

/**
 * @param {string} node
 * @param {number} number
 * @returns {Promise<string>} The block's hash; empty where there is none.
 */
async function readBlockHash(node, number) {
  const block = /** @type {any} */ (await createCall(node)("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]));
  return String(block?.hash ?? "").toLowerCase();
}

/**
 * @param {Task} task
 * @returns {Promise<Proof>}
 */
async function prove({ bundle: value, node, bill, remembered, known }) {
  const begun = performance.now();
  const bundle = parseBundle(value);
  const facts = await readChain(value, node);
  tell({ kind: "progress", done: 1, total: 4 });
  const verdict = await verifyBundle(value, facts, {
    onProgress: ({ done, total }) => tell({ kind: "progress", done: 1 + (2 * done) / total, total: 4 }),
  });
  const period = facts.terms === null ? null : facts;
  const page = bill && period ? comparePage(bill, bundle, period) : [];
  const pin = period ? pinOf(period) : null;
  const again = remembered && pin ? comparePins(remembered, pin, await readBlockHash(node, remembered.block)) : [];
  const name = bill?.community.id ?? "";
  const deployed = known && period ? compareDeployment(known, period, name) : [];
  const checks = [...verdict.checks, ...page, ...again, ...deployed];
  checks.sort((a, b) => Number(a.ok) - Number(b.ok));
  tell({ kind: "progress", done: 4, total: 4 });
  const ok = verdict.ok && checks.every((check) => check.ok);
  const deployment = period ? deploymentOf(known, period, name) : null;
  return { ok, checks, verdict, pin, deployment, milliseconds: performance.now() - begun };
}

self.addEventListener("message", async (event) => {
  try {
    tell({ kind: "proof", proof: await prove(/** @type {MessageEvent<Task>} */ (event).data) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    tell({ kind: "error", name, message });
  }
});
