/**
 * A case on a measure as pages show it: its course, what is due when, and figures that are claimed.
 *
 * @typedef {"consumer" | "provider" | "operator"} PartyName
 * @typedef {"claims" | "hearing" | "ruled" | "appealed" | "final" | "dismissed" | "fulfilled"} CaseState
 * @typedef {"claim" | "rule" | "close" | "appeal" | "fulfil"} Step What somebody may do now.
 *
 * @typedef {object} Claim
 * @property {PartyName} party
 * @property {string} filed_at
 * @property {string} evidence_name
 * @property {number} energy [mWh]
 *
 * @typedef {object} Ruling
 * @property {PartyName | "nobody"} prevailing
 * @property {"arbiter" | "precedence" | "vote"} by
 * @property {string} at
 * @property {string | null} reasons
 *
 * @typedef {object} Case
 * @property {string} id
 * @property {number} number
 * @property {string} label Of the period.
 * @property {string} metering_point
 * @property {number} slot
 * @property {string} participant
 * @property {string} start
 * @property {string} end
 * @property {number} intervals
 * @property {string} text
 * @property {string} opened_at
 * @property {PartyName} opened_by
 * @property {CaseState} state
 * @property {PartyName | null} you Null for the arbiter.
 * @property {Step[]} may
 * @property {string} claims_until
 * @property {string} ruling_until
 * @property {string | null} appeal_until
 * @property {Claim[]} claims
 * @property {Ruling | null} ruling
 * @property {string | null} proposal
 * @property {string | null} batch
 *
 * @typedef {"past" | "now" | "later"} Tense
 * @typedef {{name: "opened" | "claims" | "ruling" | "appeal" | "end", tense: Tense, at: string | null}} CourseStep `at`: when it was, or until when
 *   it is; null where that is not known yet.
 */

export const PARTIES = /** @type {const} */ (["consumer", "provider", "operator"]);

const ENDED = ["dismissed", "fulfilled"];
/** How far a case in this state has come along its course. */
const REACHED = /** @type {const} */ ({ claims: 1, hearing: 2, ruled: 3, appealed: 3, final: 4, dismissed: 5, fulfilled: 5 });
const STEPS = /** @type {const} */ (["opened", "claims", "ruling", "appeal", "end"]);

/** @param {{state: string}} found @returns {boolean} Whether nothing more comes of it. */
export function isEnded({ state }) {
  return ENDED.includes(state);
}

/** @param {Case} found @returns {string | null} Until when what is under way may be done; null where no time runs. */
export function deadlineOf({ state, claims_until: claims, ruling_until: ruling, appeal_until: appeal }) {
  if (state === "claims") return claims;
  if (state === "hearing") return ruling;
  return state === "ruled" ? appeal : null;
}

/**
 * Those under way first, the one with the nearest deadline first among them; then the rest, the newest first.
 *
 * @param {readonly Case[]} cases
 * @returns {{open: Case[], past: Case[]}}
 */
export function sortCases(cases) {
  const due = (/** @type {Case} */ found) => Date.parse(deadlineOf(found) ?? "") || Infinity;
  const open = cases.filter((found) => !isEnded(found)).sort((a, b) => Number(due(a) > due(b)) - Number(due(a) < due(b)));
  return { open, past: cases.filter(isEnded).sort((a, b) => b.number - a.number) };
}

/** @param {Case} found @returns {CourseStep[]} From opening to end. */
export function courseOf(found) {
  const reached = REACHED[found.state];
  const times = [found.opened_at, found.claims_until, found.ruling?.at ?? found.ruling_until, found.appeal_until, null];
  return STEPS.map((name, i) => ({ name, tense: i < reached ? "past" : i === reached ? "now" : "later", at: times[i] ?? null }));
}

/**
 * What a curve would be if its sum were another: each value in proportion, whole, and exact in sum.
 *
 * @param {readonly number[]} values [mWh]
 * @param {number} total [mWh]
 * @returns {number[]} Spread evenly where nothing was measured; what flooring leaves goes to the greatest remainders, the first of equals.
 */
export function scaleTo(values, total) {
  const weights = values.some((value) => value > 0) ? values.map(BigInt) : values.map(() => 1n);
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  const parts = weights.map((weight, i) => ({ i, floor: (BigInt(total) * weight) / whole, rest: (BigInt(total) * weight) % whole }));
  const left = Number(BigInt(total) - parts.reduce((sum, { floor }) => sum + floor, 0n));
  const raised = new Set([...parts].sort((a, b) => Number(b.rest > a.rest) - Number(b.rest < a.rest) || a.i - b.i).slice(0, left).map(({ i }) => i));
  return parts.map(({ i, floor }) => Number(floor) + Number(raised.has(i)));
}

/** @param {readonly number[]} values */
export function sumOf(values) {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * The intervals that somebody chose, within a period.
 *
 * @param {readonly {from: number, until: number}[]} days
 * @param {{first: number, until: number}} chosen
 * @returns {{firstDay: number, lastDay: number}} Places of the days that they begin and end in.
 */
export function daysOf(days, { first, until }) {
  const dayAt = (/** @type {number} */ place) => Math.max(0, days.findIndex((day) => day.from <= place && place < day.until));
  return { firstDay: dayAt(first), lastDay: dayAt(until - 1) };
}

/**
 * What evidence is saved as: the name is ours, and its ending one that a computer shows and does not run.
 *
 * @param {number} number Of the case.
 * @param {PartyName} party
 * @param {string} name As its party called it.
 */
export function evidenceFile(number, party, name) {
  const [, ending = "bin"] = /\.(png|jpe?g|pdf|csv|txt)$/i.exec(name) ?? [];
  return `case-${number}-${party}.${ending.toLowerCase()}`;
}
