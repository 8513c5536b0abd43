/**
 * A proposal as the chain has it, without the service's word: what was called for, and what the community's rule was then.
 *
 * @typedef {import("../domain/proposal_check.js").OnChain} OnChain
 */
import { CONTRACTS } from "../domain/bundle.js";
import { KINDS, TARGETS, selectorOf, topicOf } from "../domain/calls.js";
import { decodeArguments, decodeReturn, encodeCall, nameOf, structOf, typeOf } from "./abi.js";
import { ChainError, RULE, createCall, readContracts, readFunction } from "./chain.js";
import { NODE } from "./prover.js";

const NOBODY = `0x${"00".repeat(20)}`;
const PAPER = "ProposalPaper(uint256,uint8,bytes32,bytes32,address)";
const CREATED = "ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)";
const SCHEDULED = "RuleScheduled(bytes32,uint32,uint32)";
const PAPER_DATA = structOf("bytes32 text; bytes32 rehearsal");
const CREATED_DATA = structOf(
  "uint256 proposalId; address proposer; address[] targets; uint256[] values; string[] signatures; bytes[] calldatas;" +
    " uint256 voteStart; uint256 voteEnd; string description",
);
/** Arguments of the call that each kind makes. */
const ASKED = {
  rule: structOf("bytes32 community; Rule rule", { Rule: RULE }),
  weights: structOf("bytes32 community; uint32[] seats; uint16[] weights"),
  revocation: structOf("bytes32 community; uint32 seat"),
  guardians: structOf("bytes32 community; address[3] guardians"),
  steward: structOf("bytes32 community; address steward"),
  appeal: structOf("uint256 caseId; uint8 party"),
};

/** @param {bigint | number | string} value @returns {string} A topic. */
function wordOf(value) {
  return `0x${BigInt(value).toString(16).padStart(64, "0")}`;
}

/**
 * @param {ReturnType<typeof createCall>} call
 * @param {string} address
 * @param {readonly string[]} topics
 * @param {readonly [string, string]} blocks First and last.
 * @returns {Promise<{topics: string[], data: string, blockNumber: string}[]>}
 */
async function readLogs(call, address, topics, [fromBlock, toBlock]) {
  const logs = await call("eth_getLogs", [{ address, topics, fromBlock, toBlock }]);
  if (!Array.isArray(logs)) throw new ChainError("the node gives no list of events");
  return logs;
}

/** @param {string} kind @param {string} data @returns {any} The arguments; null where the call is another. */
function readCall(kind, data) {
  const known = Object.hasOwn(TARGETS, kind) ? /** @type {keyof typeof TARGETS} */ (kind) : null;
  if (!known) return null;
  const [, written] = TARGETS[known];
  const signature = known === "rule" ? `${written}(bytes32,${nameOf(RULE)})` : written;
  if (!data.startsWith(selectorOf(signature))) return null;
  try {
    return decodeArguments(ASKED[known], `0x${data.slice(10)}`);
  } catch {
    return null; // no such arguments: the page cannot tell what it is
  }
}

/**
 * @param {import("./public_chain.js").Deployment} deployment
 * @param {{anchor: string, governor: string, id: string, account: string}} about
 * @param {AbortSignal} signal
 * @returns {Promise<OnChain>}
 * @throws {ChainError} If the node does not answer as one.
 */
export async function readProposal({ contracts, chain_id: chainId }, { anchor, governor, id, account }, signal) {
  const call = createCall(NODE, { signal });
  const named = /** @type {typeof contracts} */ (Object.fromEntries(CONTRACTS.map((name) => [name, contracts[name]])));
  const block = Number(await call("eth_blockNumber", []));
  const last = /** @type {const} */ (["0x0", `0x${block.toString(16)}`]);
  const read = (/** @type {string} */ name, /** @type {(number | string)[]} */ ...values) => readFunction(call, contracts, block, name, values);
  const [found, appointed, seated, papers] = await Promise.all([
    readContracts(call, named, chainId, last[1]),
    read("governorOf", anchor),
    account ? read("seatOfHolder", anchor, wordOf(account)) : null,
    readLogs(call, governor, [topicOf(PAPER), wordOf(id)], last),
  ]);
  const held = found.present.every(([, address]) => address !== null) && appointed === governor.toLowerCase();
  const whole = { block, held, guardians: [], pauseBook: found.addresses["pause_book"] ?? "", seat: seated?.seated === 1 ? seated.seat : null };
  const [log] = papers;
  if (!log || papers.length > 1) return { ...whole, paper: null, call: null, asked: null, before: null };
  const kind = Number(log.topics[2]);
  const member = `0x${String(log.topics[3]).slice(26)}`;
  const paper = { kind, member, ...decodeArguments(PAPER_DATA, log.data) };
  const readLastRule = async () => {
    const scheduled = await readLogs(call, contracts.rule_book, [topicOf(SCHEDULED), anchor], [last[0], log.blockNumber]);
    return scheduled.length > 0 ? read("rule", anchor, scheduled.length) : null;
  };
  const readGuardians = async () => {
    const asking = { from: NOBODY, to: whole.pauseBook, data: encodeCall("guardiansOf(bytes32)", [anchor]) };
    return /** @type {any} */ (decodeReturn(typeOf("address[3]"), String(await call("eth_call", [asking, last[1]]))));
  };
  const at = /** @type {const} */ ([log.blockNumber, log.blockNumber]);
  const created = (await readLogs(call, governor, [topicOf(CREATED)], at)).map(({ data }) => decodeArguments(CREATED_DATA, data));
  const made = created.find(({ proposalId }) => BigInt(proposalId) === BigInt(id));
  if (made?.targets.length !== 1 || made.calldatas.length !== 1) return { ...whole, paper, call: null, asked: null, before: null };
  const [target, value, data] = [made.targets[0], made.values[0], made.calldatas[0]];
  const asked = readCall(KINDS[kind] ?? "", data);
  const before = kind === KINDS.indexOf("rule") ? await readLastRule() : null;
  const guardians = kind === KINDS.indexOf("guardians") ? await readGuardians() : [];
  return { ...whole, paper, call: { target, value, data, description: made.description }, asked, before, guardians };
}
