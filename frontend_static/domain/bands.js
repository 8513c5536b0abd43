/**
 * The tariff bands of a period against the voted windows: whoever opens a period must not choose the prices.
 *
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./verdict.js").Findings} Findings
 */
import { unpackBands } from "./chain_facts.js";
import { placeOf } from "./verdict.js";

const MINUTES_PER_DAY = 1440;
const CLOCK_TURNS = [30, 60]; // minutes by which a civil day is shorter or longer
const DAYS_BETWEEN_TURNS = 20; // the nearest in use are those around Ramadan, a month apart

/**
 * @param {readonly number[]} windows First local minute and band of each, ascending.
 * @param {number} minute
 * @returns {number | null} The band of a local minute; null where the day does not have it, or no window holds.
 */
function bandAt(windows, minute) {
  if (minute >= MINUTES_PER_DAY) return null;
  const window = windows.findLast((entry) => entry >> 8 <= minute);
  return window === undefined ? null : window & 0xff;
}

/**
 * Check that each interval has the band of its local minute. A day that is shorter or longer than 24 hours turns its clock
 * once, at an interval that the chain does not name: its bands must fit one such turn.
 *
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 * @param {(day: number, t: number) => string} startOf Gives an interval's local start.
 */
export function checkBands(chain, findings, startOf) {
  const { resolutionMinutes } = chain.terms;
  const { windows } = chain.rule.tariff;
  const bands = unpackBands(chain.bands);
  let [first, turned] = [0, -DAYS_BETWEEN_TURNS];
  chain.intervals.forEach((count, day) => {
    if (CLOCK_TURNS.includes(Math.abs(MINUTES_PER_DAY - count * resolutionMinutes))) {
      if (day - turned < DAYS_BETWEEN_TURNS) findings.leave("clock", { days: DAYS_BETWEEN_TURNS });
      turned = day;
    }
    const given = bands.slice(first, first + count);
    const turn = MINUTES_PER_DAY - count * resolutionMinutes;
    let same = 0;
    while (same < count && given[same] === bandAt(windows, same * resolutionMinutes)) same += 1;
    let rest = count;
    while (rest > 0 && given[rest - 1] === bandAt(windows, (rest - 1) * resolutionMinutes + turn)) rest -= 1;
    const found = rest <= same ? "the same" : `band ${given[rest - 1]}`;
    const place = placeOf("tariff bands", "", null, startOf(day, rest <= same ? 0 : rest - 1));
    findings.hold("band.window", place, rest <= same, "the bands of the tariff's windows", found);
    first += count;
  });
}
