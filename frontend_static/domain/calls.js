/**
 * The one call that a proposal makes, as call data: what a member's signature and a proposal's id are bound to.
 *
 * @typedef {"weights" | "revocation" | "guardians" | "steward" | "appeal"} MatterKind Proposals that are no rule.
 * @typedef {{target: string, value: string, data: string, description: string}} Call Target and data 0x-hex, value 0x-hex [wei].
 */
import { fromHex, joinBytes, toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";

const WORD = 32;
const utf8 = new TextEncoder();

/** Numbers of the kinds on chain, from 1. */
export const KINDS = ["", "rule", "weights", "revocation", "guardians", "steward", "appeal"];
export const PARTIES = ["consumer", "provider", "operator", "nobody"];

/** Which contract a kind calls, and how. */
export const TARGETS = /** @type {const} */ ({
  rule: ["rule_book", "scheduleRule"],
  weights: ["registry", "setWeights(bytes32,uint32[],uint16[])"],
  revocation: ["registry", "revokeSeat(bytes32,uint32)"],
  guardians: ["pause_book", "nameGuardians(bytes32,address[3])"],
  steward: ["registry", "replaceSteward(bytes32,address)"],
  appeal: ["arbitration", "overturn(uint256,uint8)"],
});

/** @param {number | bigint | string} value A whole number at least zero, or 0x-hex. @returns {Uint8Array} */
function wordOf(value) {
  return fromHex(`0x${BigInt(value).toString(16).padStart(2 * WORD, "0")}`);
}

/** @param {readonly (number | string)[]} values @returns {Uint8Array} Length and items. */
function listOf(values) {
  return joinBytes(wordOf(values.length), ...values.map(wordOf));
}

/** @param {Uint8Array} bytes @returns {Uint8Array} Length and bytes, in whole words. */
function bytesOf(bytes) {
  return joinBytes(wordOf(bytes.length), bytes, new Uint8Array((WORD - (bytes.length % WORD)) % WORD));
}

/** @param {string} signature Of an event. @returns {string} Its first topic, 0x-hex. */
export function topicOf(signature) {
  return toHex(keccak256(utf8.encode(signature)));
}

/** @param {string} signature Of a function. @returns {string} 0x-hex of 4 bytes. */
export function selectorOf(signature) {
  return topicOf(signature).slice(0, 10);
}

/**
 * The call of a proposal that is no rule.
 *
 * @param {string} community Its anchor, 0x-hex.
 * @param {MatterKind} kind
 * @param {any} matter `{seats, weights}`, `{seat}`, `{guardians}`, `{steward}` or `{case, party}`.
 * @returns {string} Call data, 0x-hex.
 */
export function encodeMatter(community, kind, matter) {
  const parts = {
    weights: () => {
      const [seats, weights] = [listOf(matter.seats), listOf(matter.weights)];
      return [wordOf(community), wordOf(3 * WORD), wordOf(3 * WORD + seats.length), seats, weights];
    },
    revocation: () => [wordOf(community), wordOf(matter.seat)],
    guardians: () => [wordOf(community), ...matter.guardians.map(wordOf)],
    steward: () => [wordOf(community), wordOf(matter.steward)],
    appeal: () => [wordOf(matter.case), wordOf(PARTIES.indexOf(matter.party))],
  };
  return toHex(joinBytes(fromHex(selectorOf(TARGETS[kind][1])), ...parts[kind]()));
}

/** @param {string} data Call data, 0x-hex. @returns {string} `action` of what is signed. */
export function hashAction(data) {
  return toHex(keccak256(fromHex(data)));
}

/**
 * @param {Call} call
 * @returns {string} The proposal's id, decimal: it is bound to the call and to the description.
 */
export function proposalId({ target, value, data, description }) {
  const lists = [listOf([target]), listOf([value]), joinBytes(wordOf(1), wordOf(WORD), bytesOf(fromHex(data)))];
  let place = 4 * WORD;
  const heads = lists.map((list) => {
    const head = wordOf(place);
    place += list.length;
    return head;
  });
  const hash = keccak256(joinBytes(...heads, keccak256(utf8.encode(description)), ...lists));
  return BigInt(toHex(hash)).toString();
}

/**
 * @param {string} description As the chain holds it.
 * @returns {{text: string, rehearsal: string, nonce: string, proposer: string} | null} 0x-hex; null where it is no such text.
 */
export function readDescription(description) {
  const match = /^0x([0-9a-f]{64})([0-9a-f]{64})([0-9a-f]{64})0{24}([0-9a-f]{40})$/.exec(description);
  if (!match) return null;
  const [text = "", rehearsal = "", nonce = "", proposer = ""] = match.slice(1).map((digits) => `0x${digits}`);
  return { text, rehearsal, nonce, proposer };
}
