/**
 * The chain, read with JSON-RPC at one block. Only reads: the wallet writes.
 *
 * @typedef {import("./abi.js").Type} Type
 * @typedef {import("./abi.js").Decoded} Decoded
 * @typedef {import("../domain/bundle.js").ContractName} ContractName
 * @typedef {import("../domain/chain_facts.js").ChainFacts} ChainFacts
 * @typedef {import("../domain/chain_facts.js").Block} Block
 *
 * @typedef {object} Options
 * @property {typeof globalThis.fetch} [fetch] What asks the node.
 * @property {AbortSignal} [signal] Stops the reading.
 *
 * @typedef {(method: string, params: readonly unknown[]) => Promise<unknown>} Call A JSON-RPC request.
 */
import { CONTRACTS, parseBundle } from "../domain/bundle.js";
import { toHex } from "../domain/bytes.js";
import { findReferences, isPublished } from "../domain/contract_code.js";
import { runId } from "../domain/salts.js";
import { isScheduled } from "../domain/verify_schedule.js";
import { decodeReturn, encodeCall, structOf, typeOf } from "./abi.js";

const FOLLOWED = "address proposer; uint64 proposedAt; uint64 contestableUntil; uint8 state";
const TARIFF = structOf(
  "uint32[4] residualPrice; uint32 sharedPrice; uint32 surplusPrice; uint32 networkPrice; uint32 networkSharedPrice;" +
    " uint32 excisePrice; uint32 exciseSharedPrice; uint32 premiumConsumption; uint32 premiumFeedIn; uint8 pricing;" +
    " uint8 seller; uint32 monthlyFee; uint32 vatPpm; uint8 communityVatClass; uint8 billedBy; uint24[] windows;" +
    " uint32[] producerPrice",
);
const KEY = structOf(
  "uint8 method; uint8 surplusOwner; uint8 schedule; uint32[] coefficientsPpm; uint32[] producers; uint8[] tierMethods;" +
    " uint8[] tiers; uint32[] producerPpm; bytes32 linkTerms",
);
const POINT = structOf("uint8 direction; uint32 factorPpm; uint16 fromDay; uint16 untilDay; bytes32 tag");
const NO_POINT = { direction: 0, factorPpm: 0, fromDay: 0, untilDay: 0, tag: `0x${"00".repeat(32)}` };
const LIMITS = structOf("uint32 maxEstimatedPpm; uint32 maxMissingPpm; uint8 gaps; bytes32 terms");
/** A rule as the rule book takes and gives it. */
export const RULE = structOf(
  "uint32 effectiveFrom; uint32 contestWindowSeconds; uint8 source; Limits limits; SharingKey key; Tariff tariff",
  { Limits: LIMITS, SharingKey: KEY, Tariff: TARIFF },
);

/**
 * The functions that are read: contract, signature, type of what they return.
 *
 * @type {Readonly<Record<string, readonly [ContractName, string, Type]>>}
 */
export const FUNCTIONS = {
  allPoints: ["registry", "allPoints(bytes32,uint32)", typeOf("Point[]", { Point: POINT })],
  governorOf: ["registry", "governorOf(bytes32)", "address"],
  seatOfHolder: ["registry", "seatOfHolder(bytes32,address)", structOf("bool seated; uint32 seat")],
  rule: ["rule_book", "rule(bytes32,uint32)", RULE],
  terms: [
    "period_book",
    "terms(bytes32,uint32)",
    structOf(
      "uint32 ruleVersion; uint32 slots; uint16 dayCount; uint16 maxIntervals; uint16 resolutionMinutes;" +
        " uint64 startUtc; uint64 expectedReadings; uint64 openedAt; bytes32 classesRoot",
    ),
  ],
  allIntervals: ["period_book", "allIntervals(bytes32,uint32)", typeOf("uint16[]")],
  allBands: ["period_book", "allBands(bytes32,uint32)", typeOf("uint256[]")],
  allSeats: ["period_book", "allSeats(bytes32,uint32)", typeOf("uint32[]")],
  batch: [
    "meter_data_ledger",
    "batch(bytes32)",
    structOf(
      "bytes32 community; uint32 period; uint32 version; uint8 label; address signer; uint64 measured;" +
        " uint64 estimated; uint64 missing; uint64 submittedAt; bytes32 root; bytes32 source",
    ),
  ],
  schedule: [
    "schedule_book",
    "schedule(bytes32)",
    structOf(
      "bytes32 community; uint32 period; uint32 version; bytes32 root; uint32 slots; uint16 dayCount;" +
        " uint16 maxIntervals; uint64 handedInAt",
    ),
  ],
  run: [
    "settlement_ledger",
    "run(bytes32)",
    structOf(
      "bytes32 community; uint32 period; uint32 version; uint32 ruleVersion; bytes32 batchId; bytes32 basis;" +
        ` bytes32 root; uint64 feedIn; uint64 consumption; uint64 allocated; uint64 shared; ${FOLLOWED};` +
        " address attestedBy; address voidedBy",
    ),
  ],
  bills: [
    "billing_ledger",
    "bills(bytes32)",
    structOf(
      "bytes32 community; bytes32 runId; bytes32 root; uint64 debits; uint64 credits; uint64 fees; uint64 vatDebits;" +
        ` uint64 vatCredits; int64 passThrough; int64 rounding; ${FOLLOWED}; address voidedBy`,
    ),
  ],
  documentsOf: ["billing_ledger", "documentsOf(bytes32)", typeOf("bytes32[]")],
};

/** The chain does not answer, or not as a node does. */
export class ChainError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "ChainError";
  }
}

/**
 * @param {string} url The node's address.
 * @param {Options} [options]
 * @returns {Call}
 */
export function createCall(url, options = {}) {
  const ask = options.fetch ?? globalThis.fetch;
  let number = 0;
  return async (method, params) => {
    number += 1;
    const id = number;
    /** @type {RequestInit} */
    const request = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
    };
    if (options.signal) request.signal = options.signal;
    /** @type {any} */
    let answer;
    try {
      answer = await (await ask(url, request)).json();
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ChainError(`${url} does not answer ${method}: ${error instanceof Error ? error.message : error}`);
    }
    if (answer?.id !== id || !("result" in answer)) {
      throw new ChainError(`${url} refuses ${method}: ${answer?.error?.message ?? "its answer is not JSON-RPC"}`);
    }
    return answer.result;
  };
}

/**
 * @param {unknown} answer
 * @param {string} what
 * @returns {number}
 */
function readQuantity(answer, what) {
  const number = typeof answer === "string" && /^0x[0-9a-fA-F]+$/.test(answer) ? Number(answer) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new ChainError(`the node gives ${answer} as ${what}: expected a 0x-hex number`);
  return number;
}

/**
 * @param {Call} call
 * @param {string} tag A number in hex, or `latest`.
 * @returns {Promise<Block>}
 */
async function readBlock(call, tag) {
  const block = /** @type {any} */ (await call("eth_getBlockByNumber", [tag, false]));
  if (!/^0x[0-9a-fA-F]{64}$/.test(block?.hash)) throw new ChainError(`the node has no block ${tag}`);
  const number = readQuantity(block.number, "a block's number");
  return { number, hash: block.hash.toLowerCase(), timestamp: readQuantity(block.timestamp, "a block's time") };
}

/**
 * Call one of `FUNCTIONS` at a block.
 *
 * @param {Call} call
 * @param {Readonly<Record<ContractName, string>>} contracts Addresses.
 * @param {number} block
 * @param {string} name
 * @param {readonly (number | string)[]} values
 * @returns {Promise<any>} Records by their Solidity names; hashes, addresses and 256-bit words in 0x-hex.
 */
export async function readFunction(call, contracts, block, name, values) {
  const entry = FUNCTIONS[name];
  if (!entry) throw new RangeError(`no function ${name} is read here`);
  const [contract, signature, type] = entry;
  const transaction = { from: `0x${"0".repeat(40)}`, to: contracts[contract], data: encodeCall(signature, values) };
  const answer = await call("eth_call", [transaction, `0x${block.toString(16)}`]);
  try {
    return decodeReturn(type, String(answer));
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new ChainError(`${name}: the node's answer cannot be read (${reason}); is this the contract of the bundle?`);
  }
}

/**
 * Read all that a bundle is held against, at the newest block.
 *
 * @param {unknown} value The bundle, decoded from JSON.
 * @param {string} url The node's address.
 * @param {Options} [options]
 * @returns {Promise<ChainFacts>} For `verifyBundle`.
 * @throws {ChainError} If the node does not answer as one, or its chain changed while it was read.
 * @throws {import("../domain/bundle.js").BundleError} If the bundle cannot be read as one.
 */
export async function readChain(value, url, options = {}) {
  const bundle = parseBundle(value);
  const call = createCall(url, options);
  const [id, genesis, block] = await Promise.all([
    call("eth_chainId", []),
    readBlock(call, "0x0"),
    readBlock(call, "latest"),
  ]);
  const { contracts } = bundle.chain;
  const at = `0x${block.number.toString(16)}`;
  const chainId = readQuantity(id, "eth_chainId");
  const { present } = await readContracts(call, contracts, chainId, at);
  const identity = {
    chain_id: chainId,
    genesis_hash: genesis.hash,
    contracts: Object.fromEntries(present),
    block,
  };
  const meant = identity.chain_id === bundle.chain.chainId && genesis.hash === bundle.chain.genesisHash;
  if (!meant || present.some(([, address]) => address === null)) return { ...identity, terms: null };
  /**
   * @param {string} name
   * @param {...(number | string)} values
   */
  const read = (name, ...values) => readFunction(call, contracts, block.number, name, values);
  const records = await readPeriod(bundle, read);
  if ((await readBlock(call, at)).hash !== block.hash) {
    throw new ChainError(`block ${block.number} was replaced while it was read; verify again`);
  }
  return { ...identity, ...records };
}

/**
 * Whether contracts are the published ones, and those that they were told of.
 *
 * @param {Call} call
 * @param {Readonly<Record<ContractName, string>>} contracts The bundle's.
 * @param {number} chainId
 * @param {string} at The block, in hex.
 * @returns {Promise<{present: (readonly [ContractName, string | null])[], addresses: Record<string, string>}>} Null where the
 *   code is not the published one; `addresses` of all, as the code has them.
 */
export async function readContracts(call, contracts, chainId, at) {
  /** @param {string} address */
  const readCode = async (address) => {
    const code = await call("eth_getCode", [address, at]);
    if (typeof code !== "string" || !/^0x(?:[0-9a-fA-F]{2})*$/.test(code)) throw new ChainError(`the node gives no code at ${address}`);
    return code;
  };
  /** @type {Record<string, string>} */
  let addresses = { ...contracts };
  /** @type {Record<string, string>} */
  const codes = {};
  // Contracts that a bundle does not name may void a run, or hold it: which they are stands in the code of those that it names.
  for (let unread = Object.keys(addresses); unread.length > 0; unread = Object.keys(addresses).filter((name) => !(name in codes))) {
    const read = await Promise.all(unread.map((name) => readCode(addresses[name] ?? "")));
    unread.forEach((name, i) => {
      codes[name] = read[i] ?? "0x";
      addresses = { ...findReferences(name, codes[name]), ...addresses };
    });
  }
  const isHeld = (/** @type {string} */ name) => isPublished(name, codes[name] ?? "0x", addresses, chainId);
  const judged = Object.keys(addresses).every((name) => name in contracts || isHeld(name));
  const present = CONTRACTS.map((name) => /** @type {const} */ ([name, isHeld(name) && (judged || name !== "settlement_ledger") ? contracts[name] : null]));
  return { present, addresses };
}

/**
 * @param {import("../domain/bundle.js").Bundle} bundle
 * @param {(name: string, ...values: (number | string)[]) => Promise<any>} read
 * @returns {Promise<import("../domain/chain_facts.js").Records | {terms: null}>} No terms where the period is not open.
 */
async function readPeriod(bundle, read) {
  const community = toHex(bundle.community);
  const run = toHex(runId(bundle.community, bundle.period, bundle.runVersion));
  const terms = await read("terms", community, bundle.period);
  if (terms.openedAt === 0) return { terms: null };
  const [confirmed, intervals, bands, seats, rule, batch, runRecord, bills] = await Promise.all([
    read("allPoints", community, bundle.period),
    read("allIntervals", community, bundle.period),
    read("allBands", community, bundle.period),
    read("allSeats", community, bundle.period),
    read("rule", community, terms.ruleVersion),
    read("batch", toHex(bundle.batchId)),
    read("run", run),
    read("bills", run),
  ]);
  const basis = isScheduled({ rule }) ? await read("schedule", runRecord.basis) : null;
  const schedule = basis && basis.handedInAt > 0 ? basis : null;
  // The registry's list ends with the highest confirmed slot.
  const points = [...confirmed, ...new Array(Math.max(0, seats.length - confirmed.length)).fill(NO_POINT)];
  return { terms, points, intervals, bands, seats, rule, schedule, batch, run: runRecord, bills };
}
