/**
 * How a community decides: its settings and seats, proposals, votes, drafts and rehearsals.
 *
 * @typedef {import("../domain/typed_data.js").TypedDocument} TypedDocument
 * @typedef {import("../domain/differences.js").Difference} Difference
 * @typedef {{seat: number, participant: string, holder: string | null, weight: number}} Seat
 *
 * @typedef {object} Governance
 * @property {string} community
 * @property {string} anchor The community on the chain, 0x-hex.
 * @property {boolean} open Whether members rule.
 * @property {number} chain_id
 * @property {string | null} governor
 * @property {string | null} timelock
 * @property {{voting_delay_seconds: number, voting_period_seconds: number, late_quorum_seconds: number, quorum_ppm: number,
 *   timelock_seconds: number}} settings
 * @property {string[]} guardians
 * @property {string | null} paused_until
 * @property {number} total_weight
 * @property {Seat[]} seats
 * @property {{seat: number | null, account: string | null, weight: number, accounts: string[]}} me
 *
 * @typedef {object} Proposal
 * @property {string} id
 * @property {string} kind
 * @property {string} member
 * @property {number} seat
 * @property {string | null} participant
 * @property {boolean} is_mine
 * @property {Difference[]} differences
 * @property {number | null} effective_from Days since 1970-01-01.
 * @property {string} text
 * @property {string | null} salt
 * @property {string} text_hash
 * @property {boolean | null} text_holds
 * @property {string | null} rehearsal
 * @property {string} rehearsal_hash
 * @property {string} proposed
 * @property {string} state
 * @property {import("../domain/proposals.js").Tally} tally
 * @property {number} waiting Votes that are signed and not yet on the chain.
 * @property {number} quorum
 * @property {number} total
 * @property {string} opens
 * @property {string} closes
 * @property {string | null} eta
 * @property {"queue" | "execute" | null} due
 * @property {{support: string | null, sent: boolean} | null} my_vote
 * @property {Record<string, TypedDocument>} [vote_documents]
 * @property {TypedDocument | null} [withdrawal_document]
 *
 * @typedef {{draft: string, kind: string, member: string, differences: Difference[], effective_from: number | null, text: string,
 *   salt: string, text_hash: string, rehearsal: string | null, rehearsal_hash: string, typed_data: TypedDocument}} Draft
 * @typedef {{id: string, state: "waiting" | "running" | "done" | "failed" | "cancelled", progress: number, problem: string | null,
 *   public: import("../domain/rehearsals.js").Result | null, mine: import("../domain/rehearsals.js").OwnLine | null,
 *   result_hash: string | null}} Rehearsal
 * @typedef {{rules: Record<string, any>, points: import("../domain/rule_draft.js").Point[]}} RuleForm
 */
import { ask, askAll } from "./api.js";

/** @param {string} community */
function base(community) {
  return `/governance/communities/${encodeURIComponent(community)}`;
}

/** @param {string} community @param {AbortSignal} [signal] @returns {Promise<Governance>} */
export const askGovernance = (community, signal) => ask(base(community), { signal });

/** @param {string} community @param {AbortSignal} [signal] @returns {Promise<Proposal[]>} */
export const askProposals = (community, signal) => askAll(`${base(community)}/proposals`, signal);

/** @param {string} community @param {string} id @param {AbortSignal} [signal] @returns {Promise<Proposal>} */
export const askProposal = (community, id, signal) => ask(`${base(community)}/proposals/${encodeURIComponent(id)}`, { signal });

/**
 * @param {string} community
 * @param {AbortSignal} [signal]
 * @returns {Promise<RuleForm>} Points are called after their participant.
 */
export async function askRuleForm(community, signal) {
  const form = await ask(`${base(community)}/rule-form`, { signal });
  return { ...form, points: form.points.map((/** @type {any} */ point) => ({ ...point, name: point.name ?? point.participant })) };
}

/** @param {string} community @param {Record<string, any>} rules @param {number} months @returns {Promise<{id: string}>} */
export const beginRehearsal = (community, rules, months) => ask(`${base(community)}/rehearsals`, { method: "POST", body: { rules, months } });

/** @param {string} community @param {string} id @param {AbortSignal} [signal] @returns {Promise<Rehearsal>} */
export const askRehearsal = (community, id, signal) => ask(`${base(community)}/rehearsals/${encodeURIComponent(id)}`, { signal });

/** @param {string} community @param {string} id */
export const cancelRehearsal = (community, id) => ask(`${base(community)}/rehearsals/${encodeURIComponent(id)}`, { method: "DELETE" });

/** @param {string} community @param {Record<string, any>} draft @returns {Promise<Draft>} */
export const writeDraft = (community, draft) => ask(`${base(community)}/drafts`, { method: "POST", body: draft });

/** @param {string} community @param {{draft: string, account: string, signature: string}} signed @returns {Promise<Proposal>} */
export const propose = (community, signed) => ask(`${base(community)}/proposals`, { method: "POST", body: signed });

/**
 * @param {string} community
 * @param {string} id
 * @param {{support: string, account: string, signature: string}} vote
 */
export const vote = (community, id, vote) => ask(`${base(community)}/proposals/${encodeURIComponent(id)}/votes`, { method: "POST", body: vote });

/** @param {string} community @param {string} id Queue or carry out, whichever is due. */
export const advance = (community, id) => ask(`${base(community)}/proposals/${encodeURIComponent(id)}/advance`, { method: "POST" });

/** @param {string} community @param {string} id @param {{signature: string}} signed */
export const withdraw = (community, id, signed) => ask(`${base(community)}/proposals/${encodeURIComponent(id)}/withdrawal`, { method: "POST", body: signed });
