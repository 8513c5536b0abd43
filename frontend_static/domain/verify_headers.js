/**
 * The totals of each interval: what they must be, beside one's own rows too, and when they may be withheld.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Header} Header
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./verdict.js").Place} Place
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./sharing_keys/rounds.js").Levels} Levels
 */
import { activeSlots } from "./chain_facts.js";
import { add, multiply, subtract, sumOf } from "./sharing_keys/exact.js";
import { FLOW, INCENTIVE, OPERATOR_ALLOCATES, PAIRWISE, PRIORITY, countRounds, sortRounds, tierOf } from "./sharing_keys/rounds.js";
import { valueOfInterval } from "./sharing_keys/value.js";
import { boundsOfAllocated, faultOfRounds } from "./totals_bounds.js";
import { placeOf } from "./verdict.js";

const PARTICIPANTS_MIN = 5; // behind a figure; below, it would tell about single members

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
  const counts = groupsOf(chain).map((slots) => new Set(slots.map((slot) => chain.seats[slot])).size);
  const isPrivate = counts.some((count) => count > 0 && count < PARTICIPANTS_MIN);
  const expected = `headers shown, with ${counts.join(", ")} participants behind their figures`;
  findings.hold("header.withheld", place, isPrivate || withheld === 0, expected, some);
}

/**
 * @param {PeriodFacts} chain
 * @returns {number[][]} Whose energy the figures of headers sum up: slots of each direction, of a tier, or a single producer's.
 */
function groupsOf(chain) {
  const { key, source } = chain.rule;
  const [consumers, producers] = [activeSlots(chain, false), activeSlots(chain, true)];
  const groups = [consumers, producers];
  if (source === OPERATOR_ALLOCATES) return groups;
  if (key.method === PRIORITY) {
    return [...groups, ...key.tierMethods.map((_, tier) => consumers.filter((slot) => tierOf(key, slot) === tier))];
  }
  const named = key.method === FLOW ? producers : producers.filter((slot) => key.producers.includes(slot));
  return [...groups, ...named.map((slot) => [slot])];
}

/** @type {import("./totals_bounds.js").Active} */
export const NOBODY = { consumers: [], producers: [], allProducers: [] };

/** Checks the totals of intervals, beside one's own rows; made for one bundle and one chain. */
export class TotalsChecker {
  /**
   * @param {Bundle} bundle Whose own rows count among the totals.
   * @param {PeriodFacts} chain
   * @param {Findings} findings
   */
  constructor(bundle, chain, findings) {
    this.bundle = bundle;
    this.chain = chain;
    this.findings = findings;
    /** @type {readonly number[]} The period's feed-in slots, as rounds of `flow` name them. */
    this.producers = activeSlots(chain, true);
    this.active = chain.intervals.map((_, day) => ({
      consumers: activeSlots(chain, false, day),
      producers: activeSlots(chain, true, day),
      allProducers: this.producers,
    }));
    const { key, source } = chain.rule;
    /** Whether the key's formula binds. */
    this.computed = source !== OPERATOR_ALLOCATES;
    this.rounds = this.computed ? countRounds(key, this.producers.length) : 0;
    this.turns = this.computed && key.method !== PAIRWISE && key.method !== FLOW && key.method !== INCENTIVE;
  }

  /**
   * @param {Place} place
   * @param {Header} header
   * @param {readonly [day: number, t: number]} at
   * @returns {Levels | null} What the rounds say; null where they say nothing, or the key does not bind.
   */
  check(place, header, at) {
    const levels = this.checkRounds(place, header, at[0]);
    this.checkAllocated(place, header, levels, at);
    this.checkValue(place, header, levels, at);
    return levels;
  }

  /**
   * @param {Place} place
   * @param {Header} header
   * @param {number} day
   * @returns {Levels | null}
   */
  checkRounds(place, header, day) {
    const { findings, rounds } = this;
    const { key } = this.chain.rule;
    const found = header.rounds.length;
    if (!findings.hold("header.rounds", place, found === rounds, `${rounds} rounds`, `${found} rounds`)) return null;
    if (!this.computed) return null;
    const levels = sortRounds(key, header.rounds);
    if (rounds === 0) return levels;
    const fault = faultOfRounds(key, header, levels, this.active[day] ?? NOBODY);
    findings.hold("header.rounds", place, fault === "", fault || "the key's rounds", header.rounds.join("; "));
    return levels;
  }

  /**
   * @param {Place} place
   * @param {Header} header
   * @param {Levels | null} levels
   * @param {readonly [day: number, t: number]} at
   */
  checkAllocated(place, header, levels, [day, t]) {
    const { bundle, chain, findings } = this;
    const { allocated, feedIn, consumption, tau } = header;
    const active = this.active[day] ?? NOBODY;
    /** @type {import("./totals_bounds.js").Bounds} */
    let bounds = [0, Math.min(feedIn, consumption)];
    if (levels) bounds = boundsOfAllocated(chain.rule.key, header, levels, active);
    const [least, most] = bounds;
    findings.hold("header.allocated", place, least <= allocated && allocated <= most, `from ${least} to ${most}`, allocated);
    // Where nothing or all is shared, no part leaves a remainder.
    const mostTau = allocated > 0 && allocated < feedIn && this.turns ? chain.terms.slots : 0;
    findings.hold("header.tau", place, tau <= mostTau, `at most ${mostTau}`, tau);
    for (const feedsIn of [true, false]) {
      const own = bundle.points.filter((point) => point.feedsIn === feedsIn);
      const energy = own.reduce((sum, point) => sum + (point.energy[day]?.[t] ?? 0), 0);
      const given = own.reduce((sum, point) => sum + (point.allocated[day]?.[t] ?? 0), 0);
      const total = feedsIn ? feedIn : consumption;
      if (!findings.hold("header.own", place, energy <= total, `at least ${energy}, one's own`, total)) continue;
      // What is left belongs to the neighbours: they have no less than nothing, and share no more than they have.
      const rest = allocated - given;
      const expected = `from ${given}, one's own, to ${given + total - energy}`;
      findings.hold("header.rest", place, rest >= 0 && rest <= total - energy, expected, allocated);
    }
  }

  /**
   * @param {Place} place
   * @param {Header} header
   * @param {Levels | null} levels
   * @param {readonly [day: number, t: number]} at
   */
  checkValue(place, header, levels, at) {
    const { findings } = this;
    const { key, tariff } = this.chain.rule;
    const voted = valueOfInterval(tariff, header);
    const linked = this.computed && key.method === FLOW;
    if (voted !== null && !linked) {
      findings.compare("header.value", place, voted, header.value);
      return;
    }
    const [least, most] = this.boundsOfValue(header, levels, at, voted);
    const within = least <= header.value && header.value <= most;
    findings.hold("header.value", place, within, least === most ? least : `from ${least} to ${most}`, header.value);
  }

  /**
   * What the interval can be worth where producers name their prices, or where a link may be free of charge.
   *
   * @param {Header} header
   * @param {Levels | null} levels
   * @param {readonly [day: number, t: number]} at
   * @param {Whole | null} voted What it is worth at the voted price, where there is one.
   * @returns {import("./totals_bounds.js").Bounds}
   */
  boundsOfValue(header, levels, [day, t], voted) {
    const { key, tariff } = this.chain.rule;
    /** @param {number} slot */
    const priceOf = (slot) => tariff.producerPrice[slot] ?? 0;
    if (levels && (key.method === FLOW || key.method === PAIRWISE)) {
      const named = key.method === FLOW ? this.producers : key.producers;
      const full = voted ?? sumOf(levels.producers.map(([, given], r) => multiply(given, priceOf(named[r] ?? -1))));
      return [key.method === FLOW ? 0 : full, full];
    }
    const own = this.bundle.points.filter((point) => point.feedsIn && (point.energy[day]?.length ?? 0) > 0);
    const known = sumOf(own.map((point) => multiply(point.allocated[day]?.[t] ?? 0, priceOf(point.slot))));
    const given = own.reduce((sum, point) => sum + (point.allocated[day]?.[t] ?? 0), 0);
    const slots = new Set(own.map((point) => point.slot));
    const prices = (this.active[day]?.producers ?? []).filter((slot) => !slots.has(slot)).map(priceOf);
    const rest = Math.max(0, Number(subtract(header.allocated, given)));
    const [low, high] = prices.length > 0 ? [Math.min(...prices), Math.max(...prices)] : [0, 0];
    return [add(known, multiply(rest, low)), add(known, multiply(rest, high))];
  }
}
