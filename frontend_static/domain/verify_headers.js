/**
 * The totals of each interval: what they must be, beside one's own rows too, and when they may be withheld.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Header} Header
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./verdict.js").Place} Place
 */
import { DYNAMIC } from "./sharing_keys.js";
import { placeOf } from "./verdict.js";

const [CONSUMPTION, FEED_IN] = [0, 1];
const PARTICIPANTS_MIN = 5; // of a direction; below, the totals of an interval would tell about single members

/**
 * Refuse totals that are withheld on some days only, or where no rule of privacy asks for it. Without the totals nobody
 * can hold a row against the sharing key, so who sends the bundle must not choose the days.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 */
export function checkWithheld(bundle, chain, findings) {
  const withheld = bundle.days.filter((day) => day.headers === null).length;
  const place = placeOf("headers", "days");
  const some = `${withheld} of ${bundle.days.length} days withheld`;
  const whole = withheld === 0 || withheld === bundle.days.length;
  if (!findings.hold("header.withheld", place, whole, "all days or none withheld", some)) return;
  const [consumers = 0, producers = 0] = [CONSUMPTION, FEED_IN].map((direction) => {
    /** @param {number} slot */
    const takesPart = (slot) => {
      const point = chain.points[slot];
      return point !== undefined && point.direction === direction && point.fromDay < point.untilDay;
    };
    return new Set(chain.seats.filter((_, slot) => takesPart(slot))).size;
  });
  const isPrivate = [consumers, producers].some((count) => count > 0 && count < PARTICIPANTS_MIN);
  const expected = `headers shown, with ${consumers} consumers and ${producers} producers`;
  findings.hold("header.withheld", place, isPrivate || withheld === 0, expected, some);
}

/**
 * @param {Header} header
 * @param {PeriodFacts} chain
 * @param {number} day
 * @returns {[number, number]} Least and most that consumers can have been given in all [mWh].
 */
function boundsOf(header, chain, day) {
  const most = Math.min(header.feedIn, header.consumption);
  if (chain.rule.method !== DYNAMIC) return [0, most];
  if (header.feedIn >= header.consumption) return [most, most];
  const consumes = chain.points.filter(
    ({ direction, fromDay, untilDay }) => direction === CONSUMPTION && fromDay <= day && day < untilDay,
  );
  // Each part is floored, so each but one can lose almost a milliwatt-hour.
  return [Math.max(most - Math.max(consumes.length - 1, 0), 0), most];
}

/**
 * Check one interval's totals.
 *
 * @param {Bundle} bundle Whose own rows count among them.
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 * @param {Place} place
 * @param {Header} header
 * @param {readonly [day: number, t: number]} at
 */
export function checkTotals(bundle, chain, findings, place, header, [day, t]) {
  const { allocated } = header;
  const [least, most] = boundsOf(header, chain, day);
  const within = least <= allocated && allocated <= most;
  findings.hold("header.allocated", place, within, `from ${least} to ${most}`, allocated);
  const mostTau = header.feedIn > 0 ? chain.terms.slots : 0;
  findings.hold("header.tau", place, header.tau <= mostTau, `at most ${mostTau}`, header.tau);
  for (const feedsIn of [true, false]) {
    let [energy, given] = [0, 0];
    for (const point of bundle.points) {
      if (point.feedsIn !== feedsIn) continue;
      energy += point.energy[day]?.[t] ?? 0;
      given += point.allocated[day]?.[t] ?? 0;
    }
    const total = feedsIn ? header.feedIn : header.consumption;
    if (!findings.hold("header.own", place, energy <= total, `at least ${energy}, one's own`, total)) continue;
    // What is left belongs to the neighbours: they have no less than nothing, and share no more than they have.
    const rest = allocated - given;
    const expected = `from ${given}, one's own, to ${given + total - energy}`;
    findings.hold("header.rest", place, rest >= 0 && rest <= total - energy, expected, allocated);
  }
}
