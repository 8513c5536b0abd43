/**
 * A look at a run, on the way to a contest: what it would show, whether one agreed to it, what became of it.
 *
 * @typedef {{reason: string, shown: string[], outcome: string, warning: string}} LookWords
 *
 * @typedef {object} Look
 * @property {string} id
 * @property {string} label Of the period.
 * @property {number} version Of the run.
 * @property {string} metering_point
 * @property {string} start
 * @property {string} looked_at
 * @property {string | null} contest Null where nothing is wrong.
 * @property {boolean} shows_others
 * @property {Record<"en" | "fr", LookWords>} words
 * @property {string} words_hash
 * @property {string | null} question
 * @property {string | null} asked_at
 * @property {"contest" | "leave" | null} advice
 * @property {string | null} answer
 * @property {string | null} answered_at
 * @property {string | null} consented_at
 * @property {string | null} sent_at
 *
 * @typedef {Look & {participant: string}} Question
 * @typedef {{label: string, version: number, run_id: string, event: string, by: string, voids: "run" | "bills", transaction: string, block: number}} Told
 *
 * @typedef {"nothing" | "found" | "others" | "asked" | "advised" | "sent"} LookState
 */
import { toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { canonicalJson } from "./rehearsals.js";

const utf8 = new TextEncoder();

/** @param {Record<string, LookWords>} words In all languages. @returns {string} What one agrees to by their hash, 0x-hex. */
export function hashLookWords(words) {
  return toHex(keccak256(utf8.encode(canonicalJson(words))));
}

/** @param {Look} look @returns {LookState} How far it has come. */
export function stateOfLook({ contest, shows_others: others, asked_at: asked, advice, sent_at: sent }) {
  if (sent) return "sent";
  if (advice) return "advised";
  if (asked) return "asked";
  if (!contest) return "nothing";
  return others ? "others" : "found";
}

/** @param {Look} look @returns {boolean} Whether it is the member's to send, if they agree. */
export function maySend({ contest, shows_others: others, sent_at: sent }) {
  return contest !== null && !others && !sent;
}

/**
 * What is doubted, as the page's address names it.
 *
 * @param {string} item Such as `2017-06` or `2017-06@1497207600@3`.
 * @returns {{label: string, start: number | null, slot: number | null}} `start` in seconds since 1970, UTC.
 */
export function parseDoubt(item) {
  const [label = "", start, slot] = item.split("@");
  const whole = (/** @type {string | undefined} */ text) => (text && /^\d{1,12}$/.test(text) ? Number(text) : null);
  return { label, start: whole(start), slot: whole(slot) };
}

/** @param {{label: string, start?: number | null, slot?: number | null}} doubt @returns {string} */
export function writeDoubt({ label, start = null, slot = null }) {
  return [label, ...(start === null ? [] : [start, ...(slot === null ? [] : [slot])])].join("@");
}

/**
 * The places of a run that a proof found false, each once, in the order of use.
 *
 * @param {readonly import("./verdict.js").Check[]} failures
 * @returns {{start: number, slot: number | null, id: string}[]}
 */
export function doubtsOf(failures) {
  const seen = new Set();
  return failures.flatMap(({ id, place }) => {
    const start = place.start ? Date.parse(place.start) / 1000 : NaN;
    const key = `${start} ${place.slot}`;
    if (Number.isNaN(start) || seen.has(key)) return [];
    seen.add(key);
    return [{ start, slot: place.slot, id }];
  });
}

/**
 * The newest result of each period that stands, billed or not yet: what can be doubted.
 *
 * @param {readonly {label: string, runs: readonly {version: number, state: string, bill_root: string}[]}[]} periods The newest first.
 * @returns {{label: string, version: number, billed: boolean}[]}
 */
export function standingRuns(periods) {
  return periods.flatMap(({ label, runs }) => {
    const standing = runs.filter(({ state }) => state === "contestable" || state === "final").sort((a, b) => b.version - a.version);
    return standing.slice(0, 1).map(({ version, bill_root: root }) => ({ label, version, billed: root !== "" }));
  });
}
