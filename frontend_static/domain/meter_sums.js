/**
 * Meters that sum, beside the intervals: a feeder's by day, a register's from read to read.
 *
 * @typedef {object} FeederDay Energies are null where a reading of the feeder or of a point is missing. [mWh]
 * @property {string} day
 * @property {number | null} drawn_milliwatt_hours
 * @property {number | null} given_milliwatt_hours
 * @property {number | null} consumption_milliwatt_hours
 * @property {number | null} feed_in_milliwatt_hours
 * @property {number | null} losses_milliwatt_hours At most.
 * @property {number | null} tolerance_milliwatt_hours
 * @property {number | null} apart_milliwatt_hours What losses leave over.
 *
 * @typedef {{feeder: string, number: string, metering_points: string[], days: FeederDay[]}} FeederSums
 *
 * @typedef {object} FeederSum A day of a picture: what went down less what came up, what the points took less what they fed in, and
 *   between which two values the former may lie. [mWh]
 * @property {string} day
 * @property {number | null} flow
 * @property {number | null} took
 * @property {number | null} low
 * @property {number | null} high
 * @property {boolean} apart
 *
 * @typedef {{start_utc: number, end_utc: number, register_milliwatt_hours: number, intervals_milliwatt_hours: number,
 *   apart_milliwatt_hours: number, limit_milliwatt_hours: number, missing: number}} RegisterSpan
 *
 * @typedef {import("./readings.js").StoredFinding} StoredFinding
 * @typedef {{width: number, height: number, count: number, least: number, most: number}} Frame
 */
import { runsOf } from "./readings.js";

export const FEEDER_DAYS_MAX = 92;

/**
 * @param {readonly FeederDay[]} days
 * @returns {FeederSum[]}
 */
export function sumsOf(days) {
  return days.map((one) => {
    const { drawn_milliwatt_hours: drawn, given_milliwatt_hours: given, consumption_milliwatt_hours: used, feed_in_milliwatt_hours: fed } = one;
    if (drawn === null || given === null || used === null || fed === null) return { day: one.day, flow: null, took: null, low: null, high: null, apart: false };
    const [losses, tolerance] = [one.losses_milliwatt_hours ?? 0, one.tolerance_milliwatt_hours ?? 0];
    const took = used - fed;
    return { day: one.day, flow: drawn - given, took, low: took - tolerance, high: took + losses + tolerance, apart: (one.apart_milliwatt_hours ?? 0) > tolerance };
  });
}

/**
 * @param {readonly FeederSum[]} sums
 * @returns {{least: number, most: number}} What a picture of them spans, with nothing in it always; a little room above.
 */
export function spanOf(sums) {
  const values = sums.flatMap(({ flow, low, high }) => [flow ?? 0, low ?? 0, high ?? 0]);
  return { least: Math.min(0, ...values), most: Math.max(1, ...values) * 1.05 };
}

/** @param {Frame} frame @returns {(value: number) => number} How far down a value is. [px] */
export function depthIn({ height, least, most }) {
  return (value) => ((most - value) * height) / Math.max(1, most - least);
}

/**
 * @param {readonly (number | null)[]} values
 * @param {Frame} frame
 * @returns {string} An SVG path of steps, broken where there is no value.
 */
export function lineOf(values, frame) {
  const [x, y] = placesIn(frame);
  return runsOf(values)
    .map((run) => run.values.map((value, index) => `${index ? "L" : "M"}${x(run.first + index)} ${y(value)}H${x(run.first + index + 1)}`).join(""))
    .join("");
}

/**
 * @param {readonly FeederSum[]} sums
 * @param {Frame} frame
 * @returns {string} An SVG path around what is allowed each day.
 */
export function bandOf(sums, frame) {
  const [x, y] = placesIn(frame);
  return sums.map(({ low, high }, place) => (low === null || high === null ? "" : `M${x(place)} ${y(high)}H${x(place + 1)}V${y(low)}H${x(place)}Z`)).join("");
}

/** @param {Frame} frame @returns {[(place: number) => string, (value: number) => string]} */
function placesIn(frame) {
  const depth = depthIn(frame);
  return [(place) => ((place * frame.width) / Math.max(1, frame.count)).toFixed(2), (value) => depth(value).toFixed(2)];
}

/**
 * @param {readonly string[]} points Behind a feeder.
 * @param {readonly StoredFinding[]} findings
 * @returns {{found: {point: string, findings: StoredFinding[]}[], others: string[]}} Points that something was found at, fullest first; and
 *   the others.
 */
export function behindOf(points, findings) {
  const told = points.map((point) => ({ point, findings: findings.filter((one) => one.metering_point === point && one.start_utc !== null) }));
  const found = told.filter((one) => one.findings.length > 0).toSorted((one, other) => other.findings.length - one.findings.length);
  return { found, others: told.filter((one) => one.findings.length === 0).map(({ point }) => point) };
}

/**
 * @param {RegisterSpan} span
 * @returns {"apart" | "missing" | "agree"} Apart beyond what is allowed; else not to be told, as intervals are missing; else in agreement.
 */
export function verdictOnSpan({ apart_milliwatt_hours: apart, missing }) {
  if (apart > 0) return "apart";
  return missing > 0 ? "missing" : "agree";
}

/**
 * @param {readonly RegisterSpan[]} spans
 * @param {number} most
 * @returns {RegisterSpan[]} As many as are shown, in order of time: those that are apart before the others.
 */
export function spansShown(spans, most) {
  const kept = spans.toSorted((one, other) => other.apart_milliwatt_hours - one.apart_milliwatt_hours).slice(0, most);
  return spans.filter((one) => kept.includes(one));
}
