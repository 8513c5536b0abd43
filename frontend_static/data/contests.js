/**
 * Contests: a look at what could be proved, the arbiter asked in confidence, the agreement, and what succeeded.
 *
 * @typedef {import("../domain/contests.js").Look} Look
 * @typedef {import("../domain/contests.js").Question} Question
 * @typedef {import("../domain/contests.js").Told} Told
 */
import { stateName } from "../domain/verdict.js";
import { ask, askAll } from "./api.js";
import { createCall, readFunction } from "./chain.js";
import { NODE } from "./prover.js";

/** @param {string} community */
const base = (community) => `/communities/${encodeURIComponent(community)}/contests`;

/** @param {AbortSignal} [signal] @returns {Promise<Look[]>} One's own, the latest first. */
export const askLooks = (signal) => askAll("/me/contests", signal);

/** @param {{label: string, metering_point: string, start: string}} wish @returns {Promise<Look>} Nothing is sent. */
export const lookAt = (wish) => ask("/me/contests/look", { method: "POST", body: wish });

/** @param {string} id @param {string} text @returns {Promise<Look>} */
export const askArbiter = (id, text) => ask(`/me/contests/${encodeURIComponent(id)}/ask`, { method: "POST", body: { text } });

/** @param {Look} look What was shown, and is agreed to. @returns {Promise<Look>} */
export const sendContest = ({ id, words_hash: hash }) => ask("/me/contests", { method: "POST", body: { look: id, consent: true, words_hash: hash } });

/** @param {string} community @param {AbortSignal} [signal] @returns {Promise<Told[]>} */
export const askContests = (community, signal) => askAll(base(community), signal);

/** @param {string} community @param {AbortSignal} [signal] @returns {Promise<Question[]>} What members asked, for the arbiter. */
export const askQuestions = (community, signal) => askAll(`${base(community)}/questions`, signal);

/** @param {string} community @param {string} id @param {{advice: "contest" | "leave", text: string}} advice @returns {Promise<Question>} */
export const answerQuestion = (community, id, advice) => ask(`${base(community)}/questions/${encodeURIComponent(id)}/answer`, { method: "POST", body: advice });

/**
 * @param {Record<import("../domain/bundle.js").ContractName, string>} contracts
 * @param {string} runId 0x-hex.
 * @returns {Promise<{run: string, bills: string, block: number}>} States of a run and its bills, as the chain has them now.
 * @throws {import("./chain.js").ChainError} If the node does not answer.
 */
export async function readOutcome(contracts, runId) {
  const call = createCall(NODE);
  const block = Number(await call("eth_blockNumber", []));
  const [run, bills] = await Promise.all([readFunction(call, contracts, block, "run", [runId]), readFunction(call, contracts, block, "bills", [runId])]);
  return { run: stateName(run.state), bills: stateName(bills.state), block };
}
