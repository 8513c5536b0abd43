/**
 * What a browser remembers of a run, so that a chain that is exchanged or rewritten does not pass unseen: the first time
 * it keeps the deployment, the run's roots and a block; from then on they must be the same.
 *
 * @typedef {object} Pin
 * @property {string} genesis Hash of the chain's first block.
 * @property {string} contracts Their addresses, in order.
 * @property {string} root Of the run.
 * @property {string} billRoot
 * @property {number} block Number of the block at which the run was first seen.
 * @property {string} blockHash
 *
 * @typedef {import("./verdict.js").Check} Check
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 */
import { CONTRACTS } from "./bundle.js";
import { Findings, placeOf } from "./verdict.js";

/**
 * @param {PeriodFacts} chain
 * @returns {Pin | null} Null where there is no block to remember.
 */
export function pinOf(chain) {
  if (!chain.block) return null;
  return {
    genesis: chain.genesis_hash,
    contracts: CONTRACTS.map((name) => chain.contracts[name] ?? "").join(" "),
    root: chain.run.root,
    billRoot: chain.bills.root,
    block: chain.block.number,
    blockHash: chain.block.hash,
  };
}

/**
 * @param {Pin} remembered
 * @param {Pin} now
 * @param {string} blockHash Hash that the remembered block has now; empty where the chain has none of that number.
 * @returns {Check[]} Failures first.
 */
export function comparePins(remembered, now, blockHash) {
  const findings = new Findings();
  findings.compare("pin.deployment", placeOf("chain", "genesis"), remembered.genesis, now.genesis);
  findings.compare("pin.deployment", placeOf("contract", "contracts"), remembered.contracts, now.contracts);
  findings.compare("pin.root", placeOf("run", "root"), remembered.root, now.root);
  findings.compare("pin.root", placeOf("bills", "bill_root"), remembered.billRoot, now.billRoot);
  findings.compare("pin.block", placeOf("block", String(remembered.block)), remembered.blockHash, blockHash || "none");
  return findings.checks();
}

/**
 * @param {string} text What the browser kept.
 * @returns {Record<string, Pin>} By run; empty where it cannot be read.
 */
export function readPins(text) {
  try {
    const pins = JSON.parse(text);
    return typeof pins === "object" && pins !== null && !Array.isArray(pins) ? pins : {};
  } catch {
    return {};
  }
}
