/**
 * The coefficients of a scheduled key: those of the schedule that the run names, handed in in time.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./verdict.js").Findings} Findings
 */
import { fromHex, toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { coefficientBytes } from "./leaves.js";
import { climb, depthFor, rootOf } from "./merkle.js";
import { saltsOf, scheduleId } from "./salts.js";
import { OPERATOR_ALLOCATES, SCHEDULED } from "./sharing_keys/rounds.js";
import { placeOf } from "./verdict.js";
import { isFlow } from "./verify_costs.js";

const AHEAD = 1;
const PARTS_PER_MILLION = 1_000_000;
const NONE = `0x${"00".repeat(32)}`;

/**
 * @param {Pick<PeriodFacts, "rule">} chain
 * @returns {boolean} Whether a schedule gives the coefficients.
 */
export function isScheduled({ rule }) {
  return rule.key.method === SCHEDULED && rule.source !== OPERATOR_ALLOCATES;
}

/**
 * Check what the run rests on beside the readings.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 */
export function checkBasis(bundle, chain, findings) {
  const { rule, run, schedule, terms } = chain;
  const place = placeOf("schedule", "run_version");
  if (rule.source === OPERATOR_ALLOCATES) {
    findings.hold("run.basis", place, run.basis.toLowerCase() !== NONE, "the hash of the operator's files", run.basis);
    findings.leave("operator");
    return;
  }
  if (isFlow(chain)) {
    findings.hold("run.basis", place, run.basis.toLowerCase() !== NONE, "the root over what links cost", run.basis);
    return;
  }
  if (!isScheduled(chain)) {
    findings.compare("run.basis", place, NONE, run.basis.toLowerCase());
    return;
  }
  const there = schedule !== null && schedule.handedInAt > 0;
  if (!findings.hold("schedule.found", place, there, "a schedule, handed in", "none") || !schedule) return;
  const of = `${schedule.community.toLowerCase()}, ${schedule.period}`;
  findings.compare("schedule.of", place, `${toHex(bundle.community)}, ${bundle.period}`, of);
  const named = scheduleId(bundle.community, bundle.period, schedule.version);
  findings.compareBytes("schedule.id", place, named, fromHex(run.basis));
  if (rule.key.schedule !== AHEAD) return;
  const early = schedule.handedInAt < terms.startUtc;
  findings.hold("schedule.ahead", place, early, `handed in before ${terms.startUtc}`, schedule.handedInAt);
}

/**
 * Check that one's own coefficients of an interval are no more than the whole, or more than all is entitled.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 */
export function checkWhole(bundle, chain, findings) {
  if (!isScheduled(chain)) return;
  chain.intervals.forEach((count, d) => {
    for (let t = 0; t < count; t += 1) {
      const own = bundle.points.reduce((sum, point) => sum + (point.coefficients?.[d]?.[t] ?? 0), 0);
      const place = placeOf("coefficients", `days[${d}]`);
      findings.hold("schedule.whole", place, own <= PARTS_PER_MILLION, `at most ${PARTS_PER_MILLION}, the whole`, own);
    }
  });
}

/**
 * Climb from a consumption slot's coefficients to the root of the schedule.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 * @param {number} i
 * @param {Point} point
 */
export function checkCoefficients(bundle, chain, findings, i, point) {
  const { run, schedule } = chain;
  const { coefficients, coefficientPath, slot } = point;
  const place = placeOf("coefficients", `points[${i}].coefficients`, slot);
  const due = isScheduled(chain) && !point.feedsIn;
  const given = coefficients !== null && coefficientPath !== null;
  const empty = coefficients === null && coefficientPath === null;
  findings.hold("coefficient.due", place, due ? given : empty, due ? "coefficients and their path" : "none", given ? "some" : "none");
  if (!due || !coefficients || !coefficientPath || !schedule || schedule.handedInAt === 0) return;
  const [below, { dayCount, maxIntervals }] = [slot < schedule.slots, schedule];
  const path = placeOf("coefficients", `points[${i}].coefficient_path`, slot);
  const depth = below ? depthFor(schedule.slots) : 0;
  if (!findings.compare("path.length", path, depth, coefficientPath.length)) return;
  // What was not handed in is zero and has no leaf.
  const handedIn = coefficients.slice(0, dayCount).map((day) => day.slice(0, maxIntervals));
  const beyond = coefficients.flatMap((day, d) => (below && d < dayCount ? day.slice(maxIntervals) : day)).filter(Boolean);
  if (!findings.compare("coefficient.handed_in", place, 0, beyond[0] ?? 0) || !below) return;
  const saltAt = saltsOf(point.key, bundle.community, fromHex(run.basis), 0x0b, slot);
  const intervalDepth = depthFor(maxIntervals);
  const days = handedIn.map((day, d) => {
    const leaves = day.map((coefficient, t) => keccak256(coefficientBytes(saltAt(d, t), coefficient)));
    return rootOf(leaves, intervalDepth);
  });
  const subtree = rootOf(days, depthFor(dayCount), intervalDepth);
  findings.compareBytes("schedule.root", place, fromHex(schedule.root), climb(subtree, slot, coefficientPath));
}
