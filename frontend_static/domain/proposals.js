/**
 * A proposal as pages show it: what state it is in, how the votes stand, and what comes next when.
 *
 * @typedef {"pending" | "active" | "succeeded" | "queued" | "executed" | "defeated" | "canceled" | "expired"} State
 * @typedef {{against: number, for: number, abstain: number}} Tally Weights of votes.
 */
import { keccak256 } from "./keccak.js";
import { fromHex, joinBytes, toHex } from "./bytes.js";

const OPEN = ["pending", "active", "succeeded", "queued"];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const utf8 = new TextEncoder();

/** @param {string} state @returns {boolean} Whether something can still come of it. */
export function isOpenState(state) {
  return OPEN.includes(state);
}

/**
 * How the votes stand, in parts of all weight that may vote.
 *
 * @param {Tally} tally
 * @param {number} total All weight at the snapshot.
 * @param {number} quorum Weight of yes and abstentions that is needed.
 * @returns {{cast: number, counted: number, missing: number, reached: boolean, ahead: boolean}} `counted` is what the quorum
 *   counts, `missing` what it still lacks.
 */
export function standingOf(tally, total, quorum) {
  const counted = tally.for + tally.abstain;
  const cast = Math.min(counted + tally.against, total);
  return { cast, counted, missing: Math.max(0, quorum - counted), reached: counted >= quorum, ahead: tally.for > tally.against };
}

/**
 * @param {number} seconds From now; negative counts as none.
 * @returns {{unit: "days" | "hours" | "minutes" | "seconds", count: number, rest: number}} The largest unit that fits, and in
 *   `rest` what remains in the next smaller one, rounded down.
 */
export function leftOf(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  if (left >= DAY) return { unit: "days", count: Math.floor(left / DAY), rest: Math.floor((left % DAY) / HOUR) };
  if (left >= HOUR) return { unit: "hours", count: Math.floor(left / HOUR), rest: Math.floor((left % HOUR) / MINUTE) };
  if (left >= MINUTE) return { unit: "minutes", count: Math.floor(left / MINUTE), rest: left % MINUTE };
  return { unit: "seconds", count: left, rest: 0 };
}

/**
 * Open ones first, the one that closes soonest first among them; then the rest, the newest first.
 *
 * @template {{state: string, closes: string, opens: string}} Listed
 * @param {readonly Listed[]} proposals
 * @returns {{open: Listed[], past: Listed[]}}
 */
export function sortProposals(proposals) {
  const at = (/** @type {string} */ instant) => Date.parse(instant) || 0;
  const open = proposals.filter(({ state }) => isOpenState(state)).sort((a, b) => at(a.closes) - at(b.closes));
  const past = proposals.filter(({ state }) => !isOpenState(state)).sort((a, b) => at(b.opens) - at(a.opens));
  return { open, past };
}

/**
 * @param {string} salt 0x-hex, 16 bytes.
 * @param {string} text The proposer's words.
 * @returns {string} What the chain holds of them.
 */
export function hashWords(salt, text) {
  return toHex(keccak256(joinBytes(utf8.encode("partage text\0"), fromHex(salt), utf8.encode(text))));
}
