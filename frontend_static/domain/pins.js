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
 * Whatever the run, the service's contracts and the ids of its communities stay the same too: else it could settle one
 * month with contracts, or in a community, of its own.
 *
 * @typedef {object} Deployment
 * @property {string} genesis Hash of the chain's first block.
 * @property {string} contracts Their addresses, in order.
 * @property {Record<string, string>} communities Id on chain by the name that the service gives.
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
 * @param {Deployment | null} known
 * @param {PeriodFacts} chain
 * @param {string} name Of the community, as the service calls it; empty where it is not known.
 * @returns {Deployment} What is known, and what was not, as it is now: the first sight counts.
 */
export function deploymentOf(known, chain, name) {
  const { genesis, contracts, communities } = known ?? { ...placesOf(chain), communities: {} };
  const seen = name && !Object.hasOwn(communities, name) ? { [name]: chain.run.community } : {};
  return { genesis, contracts, communities: { ...communities, ...seen } };
}

/**
 * @param {Deployment} known
 * @param {PeriodFacts} chain
 * @param {string} name Of the community, as the service calls it; empty where it is not known.
 * @returns {Check[]} Failures first.
 */
export function compareDeployment(known, chain, name) {
  const findings = new Findings();
  const now = placesOf(chain);
  findings.compare("pin.contracts", placeOf("chain", "genesis"), known.genesis, now.genesis);
  findings.compare("pin.contracts", placeOf("contract", "contracts"), known.contracts, now.contracts);
  const id = Object.hasOwn(known.communities, name) ? known.communities[name] : undefined;
  if (id) findings.compare("pin.community", placeOf("community", "community"), id, chain.run.community);
  return findings.checks();
}

/** @param {PeriodFacts} chain */
function placesOf(chain) {
  const contracts = CONTRACTS.map((name) => chain.contracts[name] ?? "").join(" ");
  return { genesis: chain.genesis_hash, contracts };
}

/**
 * @param {string} text What the browser kept.
 * @returns {Deployment | null} Null where there is none, or it cannot be read.
 */
export function readDeployment(text) {
  try {
    const { genesis, contracts, communities } = JSON.parse(text);
    const whole = typeof genesis === "string" && typeof contracts === "string" && typeof communities === "object";
    return whole && communities !== null ? { genesis, contracts, communities } : null;
  } catch {
    return null;
  }
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
