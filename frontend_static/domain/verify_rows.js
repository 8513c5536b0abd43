/**
 * What each row must say: what the key gives it, what that is worth and what its owner is credited.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Header} Header
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./sharing_keys/rounds.js").Levels} Levels
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./verdict.js").Place} Place
 *
 * @typedef {object} Interval Where a row stands, and what is known of its interval.
 * @property {number} d
 * @property {number} t
 * @property {number} band
 * @property {string} start
 * @property {Header | null} header
 * @property {Levels | null} levels
 */
import { activeSlots } from "./chain_facts.js";
import { allocatePairs, allocateRow, creditRow, isCrediting } from "./sharing_keys/consumers.js";
import { multiply, sumOf } from "./sharing_keys/exact.js";
import { shareOfProducer } from "./sharing_keys/producers.js";
import { FLOW, INCENTIVE, OPERATOR_ALLOCATES, PAIRWISE, SCHEDULED } from "./sharing_keys/rounds.js";
import { MID_MARKET, PER_PRODUCER, UNIFORM, pricesOfBand, valueInProportion, valueOfInterval } from "./sharing_keys/value.js";
import { placeOf } from "./verdict.js";

const MISSING = 3;
const PROFILED = 5;
const OWN_TERMS = `0x${"00".repeat(32)}`;
/** @type {readonly (readonly number[])[]} By quality: an estimate is no measurement. */
const SOURCES = [[0], [1, 2, 3], [0, 1], [4]];
/** Where terms that were voted may say so, of consumption. @type {readonly (readonly number[])[]} */
const PROFILED_SOURCES = [[0], [1, 2, 3, PROFILED], [0, 1], [4]];

/** Checks rows; made for one bundle and one chain. */
export class RowChecker {
  /**
   * @param {Bundle} bundle
   * @param {PeriodFacts} chain
   * @param {Findings} findings
   * @param {readonly number[]} producers The period's feed-in slots.
   */
  constructor(bundle, chain, findings, producers) {
    this.chain = chain;
    this.findings = findings;
    this.seat = bundle.seat;
    /** @type {readonly number[]} Slots in the order of the rounds that name producers. */
    this.named = chain.rule.key.method === PAIRWISE ? chain.rule.key.producers : producers;
    this.crediting = isCrediting(chain.rule);
    this.computed = chain.rule.source !== OPERATOR_ALLOCATES;
    /** Whether rows are sums of links. */
    this.linked = this.computed && chain.rule.key.method === FLOW;
    this.profiling = chain.rule.limits.terms !== OWN_TERMS;
  }

  /**
   * @param {number} i Which point.
   * @param {Point} point
   * @param {Interval} interval
   */
  check(i, point, interval) {
    const { d, t, start } = interval;
    const row = placeOf("row", `points[${i}].allocated[${d}][${t}]`, point.slot, start);
    const [energy, allocated] = [point.energy[d]?.[t] ?? 0, point.allocated[d]?.[t] ?? 0];
    this.findings.hold("row.bound", row, allocated <= energy, `at most ${energy}`, allocated);
    this.checkReading(i, point, interval);
    const given = this.computed ? this.giveShare(point, interval, energy) : null;
    if (given !== null) this.findings.compare("row.allocation", row, given, allocated);
    const pool = this.poolOf(point, interval);
    if (pool !== null) this.findings.compare("row.pool", row, pool, energy);
    this.checkValue(i, point, interval, allocated);
    this.checkCredit(i, point, interval, energy, allocated);
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {Interval} interval
   */
  checkReading(i, point, { d, t, start }) {
    const { findings } = this;
    const [quality, source] = [point.quality[d]?.[t] ?? 0, point.source[d]?.[t] ?? 0];
    /** @param {string} what */
    const at = (what) => placeOf("reading", `points[${i}].${what}[${d}][${t}]`, point.slot, start);
    findings.hold("reading.quality", at("quality"), quality <= MISSING, "0 to 3", quality);
    findings.hold("reading.source", at("source"), source <= PROFILED, "0 to 5", source);
    if (quality === MISSING) findings.compare("reading.missing", at("energy"), 0, point.energy[d]?.[t] ?? 0);
    const sources = this.profiling && !point.feedsIn ? PROFILED_SOURCES : SOURCES;
    const known = sources[quality]?.includes(source) ?? true;
    findings.hold("reading.method", at("source"), known, `one of ${sources[quality]}, as its quality and the rule ask`, source);
  }

  /**
   * @param {Point} point
   * @param {Interval} interval
   * @returns {Whole | null} What the rounds of a pairwise key say that the point fed in; null where they say nothing of it.
   */
  poolOf(point, { levels }) {
    if (!this.computed || this.chain.rule.key.method !== PAIRWISE || !point.feedsIn) return null;
    return levels?.producers[this.named.indexOf(point.slot)]?.[0] ?? null;
  }

  /**
   * @param {Point} point
   * @param {Interval} interval
   * @param {number} energy
   * @returns {Whole | null} What the key in force gives the row; null where this cannot be told here.
   */
  giveShare(point, { d, t, header, levels }, energy) {
    const { rule, terms } = this.chain;
    if (rule.key.method === INCENTIVE) return 0;
    if (!header || !levels) return null;
    const { feedIn, consumption, allocated, tau } = header;
    const { slot } = point;
    if (!point.feedsIn) {
      const pool = { feedIn, consumption, levels };
      return allocateRow(rule.key, pool, slot, energy, this.coefficientOf(point, d, t));
    }
    const turn = { t, slots: terms.slots, tau };
    return shareOfProducer(rule.key, levels, allocated, feedIn, energy, slot, turn, this.named.indexOf(slot));
  }

  /**
   * @param {Point} point
   * @param {Interval} interval
   * @returns {import("./sharing_keys/contributions.js").Row}
   */
  rowOf(point, { d, t }) {
    return {
      slot: point.slot,
      feedsIn: point.feedsIn,
      energy: point.energy[d]?.[t] ?? 0,
      allocated: point.allocated[d]?.[t] ?? 0,
      coefficientPpm: this.coefficientOf(point, d, t),
      links: point.details?.[d]?.[t]?.links ?? [],
    };
  }

  /**
   * @param {Point} point
   * @param {number} d
   * @param {number} t
   * @returns {number} Of this slot and interval [ppm].
   */
  coefficientOf(point, d, t) {
    const { key } = this.chain.rule;
    if (key.method === SCHEDULED) return point.coefficients?.[d]?.[t] ?? 0;
    return key.coefficientsPpm[point.slot] ?? 0;
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {Interval} interval
   * @param {number} allocated
   */
  checkValue(i, point, interval, allocated) {
    const { d, t, start } = interval;
    const value = point.value[d]?.[t] ?? 0;
    const place = placeOf("row value", `points[${i}].value[${d}][${t}]`, point.slot, start);
    if (this.linked) return; // what its links are worth
    const worth = this.valueOf(point, interval, allocated);
    if (worth !== null) {
      this.findings.compare("row.value", place, worth, value);
      return;
    }
    const [low, high] = this.pricesOn(interval).map((price) => multiply(price, allocated));
    const within = (low ?? 0) <= value && value <= (high ?? 0);
    this.findings.hold("row.value", place, within, `from ${low} to ${high}`, value);
  }

  /**
   * @param {Interval} interval
   * @returns {[low: number, high: number]} Between which the price of shared energy lies, whatever the totals that are withheld.
   */
  pricesOn({ d, band }) {
    const { tariff } = this.chain.rule;
    if (tariff.pricing !== PER_PRODUCER) return pricesOfBand(tariff, band);
    const prices = activeSlots(this.chain, true, d).map((slot) => this.priceOf(slot));
    return prices.length > 0 ? [Math.min(...prices), Math.max(...prices)] : [0, 0];
  }

  /**
   * @param {Point} point
   * @param {Interval} interval
   * @param {number} allocated
   * @returns {Whole | null} What the row is worth; null where this cannot be told without the totals.
   */
  valueOf(point, { d, t, band, header, levels }, allocated) {
    const { key, tariff } = this.chain.rule;
    const { pricing } = tariff;
    if (allocated === 0) return 0;
    if (pricing === UNIFORM || pricing === MID_MARKET) {
      // At one price for all, V divides exactly, with or without the header.
      return valueOfInterval(tariff, { feedIn: 0, consumption: 0, allocated, band });
    }
    if (pricing === PER_PRODUCER && point.feedsIn) return multiply(allocated, this.priceOf(point.slot));
    if (pricing === PER_PRODUCER && key.method === PAIRWISE && this.computed) {
      if (!levels) return null;
      const parts = allocatePairs(key, levels.producers, point.slot, point.energy[d]?.[t] ?? 0);
      return sumOf(parts.map((part, r) => multiply(part, this.priceOf(this.named[r] ?? -1))));
    }
    return header ? valueInProportion(header.value, header.allocated, allocated) : null;
  }

  /**
   * @param {Point} point
   * @param {number} other Slot at the other end.
   * @param {Whole} energy
   * @param {number} band
   * @returns {Whole} What a link of `flow` is worth where it is no gift.
   */
  worthOfLink(point, other, energy, band) {
    if ((this.chain.seats[other] ?? other) === this.seat) return 0;
    const worth = valueOfInterval(this.chain.rule.tariff, { feedIn: 0, consumption: 0, allocated: energy, band });
    return worth ?? multiply(energy, this.priceOf(point.feedsIn ? point.slot : other));
  }

  /** @param {number} slot A producer's @returns {number} Its price. */
  priceOf(slot) {
    return this.chain.rule.tariff.producerPrice[slot] ?? 0;
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {Interval} interval
   * @param {number} energy
   * @param {number} allocated
   */
  checkCredit(i, point, { d, t, start, header, levels }, energy, allocated) {
    if (!this.crediting || !this.computed) return;
    const place = placeOf("row credit", `points[${i}].credited[${d}][${t}]`, point.slot, start);
    const given = point.credited?.[d]?.[t] ?? 0;
    if (!header || !levels) {
      // Without the totals: nobody is credited more than their energy as an incentive, nor an entitlement that they did not use up.
      const { method } = this.chain.rule.key;
      const most = method === INCENTIVE ? energy : point.feedsIn || allocated < energy ? 0 : Number.MAX_SAFE_INTEGER;
      this.findings.hold("row.credited", place, given <= most, `at most ${most}`, given);
      return;
    }
    const pool = { feedIn: header.feedIn, consumption: header.consumption, levels };
    const credit = creditRow(this.chain.rule.key, pool, point.feedsIn, energy, allocated, this.coefficientOf(point, d, t));
    this.findings.compare("row.credited", place, credit, given);
  }
}
