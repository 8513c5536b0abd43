/**
 * The terms by which readings are checked: as a form holds them, as the table of a community file, and as the hash of them that
 * the chain holds. Only what is not the software's own is in a table; the hash is of everything.
 *
 * @typedef {Readonly<Record<string, any>>} Table Parameters by table, `left_out`, `treatments`.
 * @typedef {object} Term One change in a form.
 * @property {string} subject A rule, `habit`, of which `high` and `low` have their parameters, or `estimation` of what is missing.
 * @property {string} what A parameter, a choice, `left_out` or `treatment`.
 * @property {string} value As typed, a ratio in percent; of a treatment or a choice its name.
 *
 * @typedef {import("./rule_changes.js").Change} Change
 * @typedef {import("./rule_faults.js").Fault} Fault
 */
import { toHex } from "./bytes.js";
import { CHOICES, OWN_TREATMENTS, PARAMETERS, TREATMENTS } from "./conformity_terms.js";
import { parseDecimal, writeShort } from "./decimals.js";
import { keccak256 } from "./keccak.js";
import { canonicalJson } from "./rehearsals.js";

const NO_HASH = `0x${"00".repeat(32)}`;
const TERMS = "conformity.rules.";
const PPM_DIGITS = 4;
const UNITS = /** @type {const} */ ({ ppm: "ppm", watt_hours: "Wh", hours: "h", days: "d", minutes: "min", watts: "W", degrees: "degrees" });

/** @param {string} table @returns {string} */
function subjectOf(table) {
  return table.replaceAll("_", "-");
}

/** @param {string} subject @returns {string} Name of its table, whether it has one or not. */
function tableOf(subject) {
  return subject.replaceAll("-", "_");
}

/** What can be changed, in the order of the rules. */
export const SUBJECTS = [
  ...Object.keys(OWN_TREATMENTS),
  ...[...Object.keys(PARAMETERS), ...Object.keys(CHOICES)].map(subjectOf).filter((one) => !Object.hasOwn(OWN_TREATMENTS, one)),
];

/** @param {string} subject @returns {string[]} What of it can be changed. */
export function optionsOf(subject) {
  const parameters = Object.keys(PARAMETERS[tableOf(subject)] ?? CHOICES[tableOf(subject)] ?? {});
  return Object.hasOwn(OWN_TREATMENTS, subject) ? [...parameters, "left_out", "treatment"] : parameters;
}

/** @param {string} subject @param {string} what @returns {readonly string[] | null} The words it is one of; null of what is typed. */
export function choicesOf(subject, what) {
  return what === "treatment" ? TREATMENTS : (CHOICES[tableOf(subject)]?.[what] ?? null);
}

/** @param {string} parameter @returns {string} Its unit, as differences name it; `count` where it has none. */
export function unitOfParameter(parameter) {
  return Object.entries(UNITS).find(([end]) => `_${parameter}`.endsWith(`_${end}`))?.[1] ?? "count";
}

/** @param {string} parameter @returns {number} Decimal digits of its whole number. */
function digitsOf(parameter) {
  return unitOfParameter(parameter) === "ppm" ? PPM_DIGITS : 0;
}

/** @param {string} subject @param {string} parameter @returns {{own: string, least: string, most: string}} As they are typed. */
export function boundsOf(subject, parameter) {
  const bounds = PARAMETERS[tableOf(subject)]?.[parameter] ?? [0, 0, 0];
  const [own, least, most] = bounds.map((one) => writeShort(one, digitsOf(parameter)));
  return { own: own ?? "", least: least ?? "", most: most ?? "" };
}

/** @param {string} subject @param {string} what @returns {string} What it is before it is changed. */
export function ownValue(subject, what) {
  if (what === "left_out") return "";
  if (what === "treatment") return OWN_TREATMENTS[subject] ?? "";
  return choicesOf(subject, what)?.[0] ?? boundsOf(subject, what).own;
}

/** @param {Table} [table] @returns {Term[]} */
export function termsOf(table = {}) {
  const { left_out: leftOut = [], treatments = {}, ...tables } = table;
  return [
    ...Object.entries(tables).flatMap(([name, parameters]) =>
      Object.entries(parameters).map(([what, value]) => ({ subject: subjectOf(name), what, value: typed(what, value) })),
    ),
    ...leftOut.map((/** @type {string} */ subject) => ({ subject, what: "left_out", value: "" })),
    ...Object.entries(treatments).map(([subject, value]) => ({ subject, what: "treatment", value: String(value) })),
  ];
}

/** @param {readonly Term[]} terms Without faults. @returns {Table} What of it is not the software's own, in one order. */
export function tableOfTerms(terms) {
  const said = new Map(terms.map(({ subject, what, value }) => [`${subject} ${what}`, value]));
  /** @type {Record<string, any>} */
  const table = {};
  for (const [name, parameters] of Object.entries(PARAMETERS)) {
    const changed = Object.entries(parameters).flatMap(([what, [own]]) => {
      const value = parseDecimal(said.get(`${subjectOf(name)} ${what}`) ?? "", digitsOf(what)) ?? own;
      return value === own ? [] : [[what, value]];
    });
    if (changed.length > 0) table[name] = Object.fromEntries(changed);
  }
  for (const [name, options] of Object.entries(CHOICES)) {
    const changed = Object.entries(options).flatMap(([what, [own]]) => {
      const value = said.get(`${subjectOf(name)} ${what}`) ?? own;
      return value === own ? [] : [[what, value]];
    });
    if (changed.length > 0) table[name] = Object.fromEntries(changed);
  }
  const rules = Object.keys(OWN_TREATMENTS).sort();
  const leftOut = rules.filter((rule) => said.has(`${rule} left_out`));
  const treatments = rules.flatMap((rule) => {
    const value = said.get(`${rule} treatment`) ?? OWN_TREATMENTS[rule];
    return value === OWN_TREATMENTS[rule] ? [] : [[rule, value]];
  });
  if (leftOut.length > 0) table["left_out"] = leftOut;
  if (treatments.length > 0) table["treatments"] = Object.fromEntries(treatments);
  return table;
}

/** @param {readonly Term[]} terms @returns {Fault[]} At `terms.` and their place. */
export function termFaults(terms) {
  const named = terms.map(({ subject, what }) => `${subject} ${what}`);
  return terms.flatMap(({ subject, what, value }, i) => {
    const at = `terms.${i}`;
    if (named.indexOf(`${subject} ${what}`) < i) return [{ at, words: "fault.terms.twice" }];
    if (what === "left_out" || choicesOf(subject, what)) return [];
    const [, least, most] = PARAMETERS[tableOf(subject)]?.[what] ?? [0, 0, 0];
    const found = parseDecimal(value, digitsOf(what));
    if (found !== null && found >= least && found <= most) return [];
    const { least: low, most: high } = boundsOf(subject, what);
    return [{ at, words: digitsOf(what) > 0 ? "fault.terms.percent" : "fault.count", values: { low, high } }];
  });
}

/**
 * Of parameters all are stated, of choices those that are not the software's own.
 *
 * @param {Table} table
 * @returns {string} What the chain holds of it, 0x-hex; zero where all is the software's own.
 */
export function hashTerms(table) {
  const { left_out: leftOut = [], treatments = {}, ...tables } = tableOfTerms(termsOf(table));
  if (leftOut.length === 0 && Object.keys(treatments).length + Object.keys(tables).length === 0) return NO_HASH;
  const whole = Object.entries(PARAMETERS).map(([name, parameters]) => {
    const own = Object.entries(parameters).map(([what, [value]]) => [what, value]);
    return [name, { ...Object.fromEntries(own), ...tables[name] }];
  });
  const content = { ...tables, ...Object.fromEntries(whole), left_out: leftOut, treatments };
  return toHex(keccak256(new TextEncoder().encode(canonicalJson(content))));
}

/** @param {{field: string}} difference */
export function isOfTerms({ field }) {
  return field.startsWith(TERMS);
}

/** @param {Change} change @returns {{subject: string, what: string}} */
function placeOf({ field, place }) {
  const [name = "", parameter] = field.slice(TERMS.length).split(".");
  if (parameter !== undefined) return { subject: subjectOf(name), what: parameter };
  return { subject: place[0] ?? "", what: name === "left_out" ? "left_out" : "treatment" };
}

/** @param {string} what @param {any} value Of a difference or a table. @returns {string} As typed. */
function typed(what, value) {
  if (what === "left_out") return "";
  return typeof value === "number" ? writeShort(value, digitsOf(what)) : String(value);
}

/**
 * Whether differences lead from the terms of one hash to those of another.
 *
 * @param {readonly Change[]} differences Those of terms.
 * @param {{was: string, will: string}} hashes What the chain holds.
 * @param {Table | null} today The table of today's terms, as far as the page knows.
 * @returns {boolean | null} Null where today's terms are not known here.
 */
export function leadsTo(differences, { was, will }, today) {
  if (was === will) return differences.length === 0;
  const known = was === NO_HASH ? {} : today;
  if (known === null || hashTerms(known) !== was) return null;
  const terms = new Map(termsOf(known).map((term) => [`${term.subject} ${term.what}`, term]));
  for (const change of differences) {
    const { subject, what } = placeOf(change);
    if (!optionsOf(subject).includes(what)) return false;
    const at = `${subject} ${what}`;
    const before = what === "left_out" ? terms.has(at) === change.before : (terms.get(at)?.value ?? ownValue(subject, what)) === typed(what, change.before);
    if (!before) return false;
    if (what === "left_out" && change.after !== true) terms.delete(at);
    else terms.set(at, { subject, what, value: typed(what, change.after) });
  }
  return hashTerms(tableOfTerms([...terms.values()])) === will;
}
