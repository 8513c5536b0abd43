/**
 * Cases on a measure, as the service keeps them for their parties and the arbiter.
 *
 * @typedef {import("../domain/cases.js").Case} Case
 * @typedef {import("../domain/cases.js").PartyName} PartyName
 * @typedef {import("../domain/typed_data.js").TypedDocument} TypedDocument
 * @typedef {{draft: string, salt: string, signer: string, signed_here: boolean, typed_data: TypedDocument}} Paper `salt`: of the words, or of
 *   the evidence; `signed_here`: the service signs for a role.
 * @typedef {{start: string, resolution_minutes: number, settled: number[] | null, claims: {party: PartyName, energy: number[]}[]}} Figures [mWh]
 */
import { ask, askAll } from "./api.js";

/** @param {string} id */
const base = (id) => `/cases/${encodeURIComponent(id)}`;

/** @param {AbortSignal} [signal] @returns {Promise<Case[]>} Those that one is a party of, or the arbiter. */
export const askCases = (signal) => askAll("/me/cases", signal);

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Case>} */
export const askCase = (id, signal) => ask(base(id), { signal });

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Figures>} */
export const askFigures = (id, signal) => ask(`${base(id)}/figures`, { signal });

/** @param {{metering_point: string, start: string, end: string, text: string}} wish @returns {Promise<Paper>} */
export const draftCase = (wish) => ask("/me/cases/drafts", { method: "POST", body: wish });

/** @param {{draft: string, signature: string | null}} signed @returns {Promise<Case>} */
export const openCase = (signed) => ask("/me/cases", { method: "POST", body: signed });

/** @param {string} id @param {File} file @returns {Promise<{evidence: string}>} */
export const handInEvidence = (id, file) => ask(`${base(id)}/evidence?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });

/** @param {string} id @param {File} file @returns {Promise<{readings: string, energy: number[]}>} */
export const handInReadings = (id, file) => ask(`${base(id)}/readings`, { method: "POST", body: file });

/**
 * @param {string} id
 * @param {{evidence: string, readings?: string, energy?: number[]}} wish
 * @returns {Promise<Paper & {energy: number[], claim_key: string}>}
 */
export const draftClaim = (id, wish) => ask(`${base(id)}/claims/drafts`, { method: "POST", body: wish });

/** @param {string} id @param {{draft: string, signature: string | null}} signed @returns {Promise<Case>} */
export const fileClaim = (id, signed) => ask(`${base(id)}/claims`, { method: "POST", body: signed });

/** @param {string} id @param {{party: PartyName | "nobody", reasons: string}} ruling @returns {Promise<Case>} */
export const ruleCase = (id, ruling) => ask(`${base(id)}/ruling`, { method: "POST", body: ruling });

/** @param {string} id @returns {Promise<Case>} Let time do its work. */
export const closeCase = (id) => ask(`${base(id)}/close`, { method: "POST" });

/** @param {string} id @returns {Promise<Case>} Have the outcome carried out. */
export const fulfilCase = (id) => ask(`${base(id)}/fulfilment`, { method: "POST" });

/** @param {string} id @param {PartyName} party @returns {string} Where the party's evidence is fetched from. */
export const evidencePath = (id, party) => `${base(id)}/claims/${party}/evidence`;

/** @param {string} id @param {"json" | "pdf"} ending @param {"en" | "fr"} locale Of what is printed. @returns {string} Where the dossier is fetched from. */
export const dossierPath = (id, ending, locale) => `${base(id)}/dossier.${ending}${ending === "pdf" ? `?locale=${locale}` : ""}`;
