/**
 * A community's runs read from the chain by this browser, without a log-in.
 *
 * @typedef {import("../domain/public_record.js").PeriodCard} PeriodCard
 *
 * @typedef {object} Deployment
 * @property {number} chain_id
 * @property {string} genesis_hash
 * @property {Record<import("../domain/bundle.js").ContractName, string>} contracts
 *
 * @typedef {object} Live
 * @property {number} block
 * @property {Map<string, string[]>} differing By run id the names of what differs.
 *
 * @typedef {import("../domain/model_anchor.js").Anchor} Anchor
 */
import { leadsToRoot } from "../domain/model_anchor.js";
import { compareRun } from "../domain/public_record.js";
import { createCall, readFunction } from "./chain.js";
import { NODE } from "./prover.js";

/**
 * Whether a model's hash leads to a root that the chain holds, by this browser's own reckoning and reading.
 *
 * @param {Deployment} deployment
 * @param {string} model Its id, 0x-hex.
 * @param {Anchor} anchor
 * @param {AbortSignal} [signal]
 * @returns {Promise<"held" | "other root" | "not on chain">}
 * @throws {import("./chain.js").ChainError} If the node does not answer.
 */
export async function checkAnchor(deployment, model, anchor, signal) {
  if (!leadsToRoot(model, anchor)) return "other root";
  const call = createCall(NODE, signal ? { signal } : {});
  const block = Number(await call("eth_blockNumber", []));
  /** @type {string[]} */
  const held = await readFunction(call, deployment.contracts, block, "documentsOf", [anchor.run]);
  return held.some((root) => root.toLowerCase() === anchor.root.toLowerCase()) ? "held" : "not on chain";
}

/**
 * @param {Deployment} deployment
 * @param {readonly PeriodCard[]} periods
 * @param {AbortSignal} signal
 * @returns {Promise<Live>}
 * @throws {import("./chain.js").ChainError} If the node does not answer.
 */
export async function readRuns(deployment, periods, signal) {
  const call = createCall(NODE, { signal });
  const block = Number(await call("eth_blockNumber", []));
  /** @type {Map<string, string[]>} */
  const differing = new Map();
  for (const card of periods.flatMap((period) => period.runs)) {
    const [run, bills] = await Promise.all([
      readFunction(call, deployment.contracts, block, "run", [card.run_id]),
      readFunction(call, deployment.contracts, block, "bills", [card.run_id]),
    ]);
    const batch = await readFunction(call, deployment.contracts, block, "batch", [run.batchId]);
    differing.set(card.run_id, compareRun(card, run, bills, batch));
  }
  return { block, differing };
}
