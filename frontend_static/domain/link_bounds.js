/**
 * What a link can hold of energy and of value, without the rows of who is not in the bundle (protocol, section 11). Each cell of
 * the period's matrix is within a few milliwatt-hours of `w / 2^32` (section 8), of which much is known: all of it where both
 * ends are one's own, nothing but zero on days on which the other end is not there, all that is left where there is nobody else.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./totals_bounds.js").Bounds} Bounds
 * @typedef {import("./verify_headers.js").TotalsChecker} TotalsChecker
 */
import { add, floorOf, least, multiply, subtract, sumOf } from "./sharing_keys/exact.js";
import { FLOW, OPERATOR_ALLOCATES, PAIRWISE } from "./sharing_keys/rounds.js";
import { PER_PRODUCER, UNIFORM, pricesOfBand } from "./sharing_keys/value.js";

const FRACTION = 2 ** 32;

/** Bounds of the links of one bundle and one chain. */
export class LinkBounds {
  /**
   * @param {Bundle} bundle
   * @param {PeriodFacts} chain
   * @param {TotalsChecker} totals
   * @param {readonly (readonly number[])[]} bands By day and interval.
   */
  constructor(bundle, chain, totals, bands) {
    this.bundle = bundle;
    this.chain = chain;
    this.totals = totals;
    this.bands = bands.map((day) => new Set(day));
    const { key, source } = chain.rule;
    /** Whether links come from the matrix of the period: the key speaks of a pool, not of pairs or links. */
    this.pooled = source === OPERATOR_ALLOCATES || (key.method !== PAIRWISE && key.method !== FLOW);
    const prices = totals.producers.map((slot) => chain.rule.tariff.producerPrice[slot] ?? 0);
    this.dearest = Math.max(0, ...prices);
  }

  /**
   * @param {Point} point
   * @returns {number[]} Slots of the other direction that may be linked: those that are lacking among the links count too.
   */
  othersOf(point) {
    if (!this.pooled) return [];
    return [...new Set(this.totals.active.flatMap(({ consumers, producers }) => (point.feedsIn ? consumers : producers)))];
  }

  /**
   * @param {Point} point
   * @param {number} other Slot at the other end.
   * @returns {Bounds} Of the link's energy, of a key that speaks of a pool [mWh].
   */
  energyOf(point, other) {
    const twin = this.bundle.points.find(({ slot, feedsIn }) => slot === other && feedsIn !== point.feedsIn);
    const consumer = point.feedsIn ? twin : point;
    // A cell exceeds its floor by no more than its column lacks: a milliwatt-hour per producer, and what fractions of 2^32 lose.
    const column = consumer ? sumOf(consumer.allocated.flat()) : this.chain.run.allocated;
    const slack = multiply(this.totals.producers.length, add(2, floorOf(column, 1, FRACTION)));
    if (twin) {
      const [producer, taker] = point.feedsIn ? [point, twin] : [twin, point];
      const weight = this.weightOf(producer, taker);
      const shown = this.bundle.days.every(({ headers }) => headers !== null);
      return [shown ? weight : 0, add(weight, slack)];
    }
    /** @type {[from: Whole, until: Whole]} */
    let [from, until] = [0, 0];
    point.allocated.forEach((day, d) => {
      const active = this.totals.active[d];
      const there = (point.feedsIn ? active?.consumers : active?.producers) ?? [];
      if (!there.includes(other)) return;
      const given = sumOf(day);
      until = add(until, given);
      if (there.length === 1) from = add(from, given);
    });
    const atLeast = subtract(from, slack);
    return [atLeast < 0 ? 0 : atLeast, add(until, slack)];
  }

  /**
   * @param {Point} producer
   * @param {Point} consumer
   * @returns {Whole} `floor(w / 2^32)` of two own points; where totals are withheld, the most that it can be.
   */
  weightOf(producer, consumer) {
    let weight = 0n;
    producer.allocated.forEach((day, d) => {
      const headers = this.bundle.days[d]?.headers;
      day.forEach((shared, t) => {
        const given = consumer.allocated[d]?.[t];
        if (given === undefined) return;
        const total = headers ? (headers[t]?.allocated ?? 0) : null;
        if (total === null) weight += BigInt(least(shared, given)) * BigInt(FRACTION);
        else if (total > 0) weight += ((BigInt(shared) * BigInt(FRACTION)) / BigInt(total)) * BigInt(given);
      });
    });
    return floorOf(weight, 1, FRACTION);
  }

  /**
   * @param {Point} point
   * @param {number} other Slot at the other end.
   * @returns {number} What a pairwise key gives the pair [ppm].
   */
  pairOf(point, other) {
    const { key } = this.chain.rule;
    const [producer, consumer] = point.feedsIn ? [point.slot, other] : [other, point.slot];
    const r = key.producers.indexOf(producer);
    return r < 0 ? 0 : (key.coefficientsPpm[consumer * key.producers.length + r] ?? 0);
  }

  /**
   * Where each producer names its price, a consumer's value is divided by what links cost, so that each is worth its energy at
   * its price but for what rounding moved between producers.
   *
   * @param {Point} point
   * @param {number} other Slot at the other end.
   * @param {Whole} energy
   * @returns {Bounds} Of the link's value [pico-euro].
   */
  valueOf(point, other, energy) {
    const { tariff } = this.chain.rule;
    if (tariff.pricing === PER_PRODUCER) {
      const exact = multiply(energy, tariff.producerPrice[point.feedsIn ? point.slot : other] ?? 0);
      const slack = this.pooled ? this.priceSlack() : 0;
      const from = subtract(exact, slack);
      return [from < 0 ? 0 : from, add(exact, slack)];
    }
    const record = this.chain.points[point.feedsIn ? other : point.slot];
    /** @type {[Whole, Whole][]} */
    const prices = [];
    this.bands.forEach((bands, d) => {
      if (record && record.fromDay <= d && d < record.untilDay) for (const band of bands) prices.push(pricesOfBand(tariff, band));
    });
    const [low, high] = [prices.map(([price]) => Number(price)), prices.map(([, price]) => Number(price))];
    const odd = tariff.pricing === UNIFORM ? 0 : 1;
    const [from, until] = prices.length > 0 ? [Math.min(...low), Math.max(...high)] : [0, 0];
    return [multiply(energy, from), add(multiply(energy, until), odd)];
  }

  priceSlack() {
    const count = this.totals.producers.length;
    const intervals = this.chain.intervals.reduce((sum, day) => sum + day, 0);
    const moved = multiply(2 * count, add(2, floorOf(this.chain.run.allocated, 1, FRACTION)));
    return add(multiply(moved, this.dearest), intervals + count + 1);
  }
}
