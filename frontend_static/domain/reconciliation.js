/**
 * A grid operator's allocation beside ours: where it is asked for, what its evidence says, and what a case would be about.
 *
 * @typedef {"rounding" | "missing-reading" | "late-correction" | "participation" | "other-coefficients" | "unexplained"} Cause
 *
 * @typedef {object} Evidence `kind` says which of the others there are.
 * @property {string} kind
 * @property {string} message In English, for where there are no other words.
 * @property {string | null} [method]
 * @property {number | null} [version]
 * @property {string | null} [received_at] ISO 8601.
 * @property {number | null} [rows]
 * @property {number | null} [seen]
 * @property {number | null} [differing_rows]
 * @property {{metering_point: string, found_ppm: number, in_force_ppm: number | null}[] | null} [coefficients]
 * @property {{metering_point: string, ours: string[] | null, theirs: string[] | null}[] | null} [moved] First and last date.
 * @property {{metering_point: string, ours_milliwatt_hours: number | null, theirs_milliwatt_hours: number | null, quality: string} | null} [reading]
 * @property {number | null} [unit_milliwatt_hours]
 * @property {number | null} [bound_milliwatt_hours]
 *
 * @typedef {{rows: number, more_milliwatt_hours: number, less_milliwatt_hours: number, difference_milliwatt_hours: number, cost_cents: number}} Sums
 * @typedef {Sums & {cause: Cause, points: number, intervals: number, evidence: Evidence[]}} CauseSums
 * @typedef {{cause: Cause, start: string, end: string, operator_milliwatt_hours: number, computed_milliwatt_hours: number}} Dispute
 * @typedef {Sums & {metering_point: string, participant: string, direction: "consumption" | "feed_in", operator_milliwatt_hours: number,
 *   computed_milliwatt_hours: number, causes: (Sums & {cause: Cause})[], dispute: Dispute | null}} PointDifference
 *
 * @typedef {object} Reconciled
 * @property {string} label
 * @property {number | null} run
 * @property {boolean} binding
 * @property {{name: string, received_at: string}[]} files
 * @property {number} intervals
 * @property {number} compared_intervals
 * @property {string[]} untold Points of which the operator says nothing.
 * @property {Sums} total
 * @property {CauseSums[]} causes
 * @property {PointDifference[]} points
 *
 * @typedef {object} Course
 * @property {string} metering_point
 * @property {number} slot
 * @property {number} period
 * @property {"consumption" | "feed_in"} direction
 * @property {string} time_zone
 * @property {number} resolution_minutes
 * @property {{start: number[], energy: number[], operator: number[], computed: number[]}} series `start` in s since 1970; energies [mWh].
 * @property {boolean[]} compared
 * @property {("" | Cause)[]} causes Empty where both agree.
 *
 * @typedef {{label: string, point: string, start: number, end: number, cause: Cause, operator: number, computed: number}} Claim Instants in s
 *   since 1970, energies [mWh].
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {(key: string, values?: Record<string, string | number>) => string} Say
 */
import { stampsOf } from "./civil_time.js";
import { formatCount, formatDay, formatEnergy, formatRate } from "./figures.js";

/** The gravest first. @type {readonly Cause[]} */
export const CAUSES = ["unexplained", "other-coefficients", "participation", "late-correction", "missing-reading", "rounding"];
const EXACT = 6; // decimals of a kWh that show a milliwatt-hour
const KINDS = [
  "rounding",
  "reading-lacks",
  "own-reading",
  "anothers-reading",
  "earlier-readings",
  "later-readings",
  "other-reading",
  "other-readings",
  "members",
  "fitted",
  "rule-version",
  "schedule-version",
  "other-method",
  "unexplained",
];

/**
 * @param {string} community
 * @param {string} label
 * @param {string} [part] Such as `rows`, or `points/<id>`.
 * @param {Readonly<Record<string, string | number>>} [asked]
 * @returns {string}
 */
export function reconciliationPath(community, label, part = "", asked = {}) {
  const query = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)])).toString();
  const base = `/communities/${encodeURIComponent(community)}/periods/${encodeURIComponent(label)}/reconciliation`;
  return base + part.split("/").filter(Boolean).map((one) => `/${encodeURIComponent(one)}`).join("") + (query ? `?${query}` : "");
}

/**
 * Civil days of a course on which both sides differ, in order; with what differs in them.
 *
 * @param {Course} course
 * @returns {{date: string, from: number, until: number, differing: number, energy: number}[]} `energy`: sum of what differs, whichever way [mWh].
 */
export function differingDays({ series, causes, time_zone: zone }) {
  const civil = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  /** @type {{date: string, from: number, until: number, differing: number, energy: number}[]} */
  const days = [];
  series.start.forEach((start, i) => {
    const date = civil.format(new Date(start * 1000));
    let day = days.at(-1);
    if (day?.date !== date) {
      day = { date, from: i, until: i, differing: 0, energy: 0 };
      days.push(day);
    }
    day.until = i + 1;
    if (!causes[i]) return;
    day.differing += 1;
    day.energy += Math.abs((series.operator[i] ?? 0) - (series.computed[i] ?? 0));
  });
  return days.filter(({ differing }) => differing > 0);
}

/**
 * @param {readonly {date: string, energy: number}[]} days
 * @returns {string} The date on which most differs; empty where none does.
 */
export function worstDay(days) {
  return days.reduce((best, day) => (day.energy > best.energy ? day : best), { date: "", energy: -1 }).date;
}

/**
 * @template {{cause: Cause}} Item
 * @param {readonly Item[]} items
 * @returns {Item[]} The gravest cause first, else as they were.
 */
export function orderByCause(items) {
  return items.toSorted((one, other) => CAUSES.indexOf(one.cause) - CAUSES.indexOf(other.cause));
}

/**
 * @param {readonly PointDifference[]} points
 * @returns {PointDifference[]} The gravest cause first; of one cause, the point that differs most.
 */
export function orderPoints(points) {
  const rank = (/** @type {PointDifference} */ { causes }) => Math.min(CAUSES.length, ...causes.map(({ cause }) => CAUSES.indexOf(cause)));
  const apart = (/** @type {PointDifference} */ { more_milliwatt_hours: more, less_milliwatt_hours: less }) => more + less;
  return points.toSorted((one, other) => rank(one) - rank(other) || apart(other) - apart(one));
}

/**
 * What evidence says, in the reader's words.
 *
 * @param {Evidence} evidence
 * @param {{locale: Locale, zone: string, say: Say}} reader
 * @returns {string[]} A sentence each.
 */
export function tellEvidence(evidence, { locale, zone, say }) {
  const { kind } = evidence;
  if (!KINDS.includes(kind)) return [evidence.message];
  const energy = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? say("reconcile.no_reading") : formatEnergy(value, locale, EXACT));
  const stamp = stampsOf(zone, locale);
  const values = {
    unit: energy(evidence.unit_milliwatt_hours ?? 1),
    bound: energy(evidence.bound_milliwatt_hours ?? 1),
    method: say(`choice.${evidence.method ?? ""}`),
    version: evidence.version ?? 0,
    rows: formatCount(evidence.rows ?? 0, locale),
    seen: formatCount(evidence.seen ?? 0, locale),
    received: evidence.received_at ? stamp(Date.parse(evidence.received_at) / 1000) : "",
  };
  const told = [say(`reconcile.kind.${kind}`, values)];
  for (const { metering_point: point, found_ppm: found, in_force_ppm: inForce } of evidence.coefficients ?? []) {
    if (found === inForce) continue;
    const rates = { point, found: formatRate(found, locale), in_force: inForce === null ? "" : formatRate(inForce, locale) };
    told.push(say(inForce === null ? "reconcile.coefficient.alone" : "reconcile.coefficient", rates));
  }
  const span = (/** @type {string[] | null} */ dates) =>
    dates ? say("reconcile.from_to", { from: formatDay(dates[0] ?? "", locale), until: formatDay(dates[1] ?? "", locale) }) : say("reconcile.never");
  for (const { metering_point: point, ours, theirs } of evidence.moved ?? []) told.push(say("reconcile.moved", { point, ours: span(ours), theirs: span(theirs) }));
  const { reading } = evidence;
  if (reading?.metering_point) {
    const quality = reading.ours_milliwatt_hours === null ? "" : ` (${say(`operator.quality.${reading.quality}`)})`;
    told.push(say("reconcile.reading", { point: reading.metering_point, ours: energy(reading.ours_milliwatt_hours) + quality, theirs: energy(reading.theirs_milliwatt_hours) }));
  } else if (reading) told.push(say("reconcile.anothers"));
  return told;
}

/** @param {Claim} claim @returns {string} As an address carries it. */
export function writeClaim({ label, point, start, end, cause, operator, computed }) {
  return [label, point, start, end, cause, operator, computed].join("@");
}

/**
 * @param {string} text What an address carries: a period alone, or a claim.
 * @returns {{label: string, claim: Claim | null}} Without claim where it is none, or not whole.
 */
export function readClaim(text) {
  const [label = "", point = "", ...rest] = text.split("@");
  const [start, end, operator, computed] = [rest[0], rest[1], rest[3], rest[4]].map((part) => (/^\d{1,16}$/.test(part ?? "") ? Number(part) : NaN));
  const cause = CAUSES.find((known) => known === rest[2]);
  const numbers = [start, end, operator, computed];
  if (!point || !cause || rest.length !== 5 || numbers.some((number) => number === undefined || Number.isNaN(number))) return { label, claim: null };
  return { label, claim: { label, point, cause, start: start ?? 0, end: end ?? 0, operator: operator ?? 0, computed: computed ?? 0 } };
}

/**
 * @param {string} label Of the period.
 * @param {PointDifference} difference
 * @returns {Claim | null} Null where nothing but rounding differs.
 */
export function claimOf(label, { metering_point: point, dispute }) {
  if (!dispute) return null;
  const [start = 0, end = 0] = [dispute.start, dispute.end].map((instant) => Date.parse(instant) / 1000);
  return { label, point, start, end, cause: dispute.cause, operator: dispute.operator_milliwatt_hours, computed: dispute.computed_milliwatt_hours };
}

/**
 * A course in the form of a participant's own curve, for the page on which a case is opened.
 *
 * @param {Course} course
 * @param {string} label
 * @returns {import("./curves.js").Curve}
 */
export function curveOfCourse({ metering_point: id, slot, period, direction, time_zone, resolution_minutes, series }, label) {
  const nothing = series.start.map(() => 0);
  const own = direction === "consumption";
  return {
    period,
    label,
    version: 0,
    time_zone,
    resolution_minutes,
    points: [{ id, direction, slot }],
    series: {
      start: series.start,
      used: own ? series.energy : nothing,
      produced: own ? nothing : series.energy,
      from_neighbours: own ? series.computed : nothing,
      from_grid: nothing,
      sold_to_neighbours: own ? nothing : series.computed,
      surplus: nothing,
    },
    estimated: [],
    missing: [],
  };
}
