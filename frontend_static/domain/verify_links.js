/**
 * Who served whom over the period: the links of a slot add up to what it was given, and both ends say the same.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./leaves.js").Link} Link
 * @typedef {import("./sharing_keys/rounds.js").Levels} Levels
 * @typedef {import("./verdict.js").Findings} Findings
 *
 * @typedef {object} Sums Of a slot's period.
 * @property {Whole} allocated [mWh]
 * @property {Whole} value [pico-euro]
 */
import { allocatePairs } from "./sharing_keys/consumers.js";
import { add, multiply, sumOf } from "./sharing_keys/exact.js";
import { FLOW, OPERATOR_ALLOCATES, PAIRWISE } from "./sharing_keys/rounds.js";
import { PER_PRODUCER, divideValue } from "./sharing_keys/value.js";
import { LinkBounds } from "./link_bounds.js";
import { placeOf } from "./verdict.js";

const WORST_VAT_CLASS = 2;

/** Checks links; made for one bundle and one chain. */
export class LinkChecker {
  /**
   * @param {Bundle} bundle
   * @param {PeriodFacts} chain
   * @param {Findings} findings
   * @param {import("./verify_rows.js").RowChecker} rows
   * @param {LinkBounds} bounds
   */
  constructor(bundle, chain, findings, rows, bounds) {
    this.bundle = bundle;
    this.chain = chain;
    this.findings = findings;
    this.rows = rows;
    this.bounds = bounds;
    this.vatClass = bundle.points.find((point) => point.slot === bundle.seat)?.vatClass ?? 0;
    const { key, source } = chain.rule;
    this.method = source === OPERATOR_ALLOCATES ? 0 : key.method;
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {Sums} sums As the rows add up.
   * @param {(day: number, t: number) => number} bandOf
   * @param {readonly (readonly (Levels | null)[])[]} levels By day and interval.
   */
  check(i, point, sums, bandOf, levels) {
    const { chain, findings } = this;
    const place = placeOf("links", `points[${i}].links`, point.slot);
    findings.compare("links.energy", place, sums.allocated, sumOf(point.links.map(({ energy }) => energy)));
    if (!point.feedsIn) findings.compare("links.value", place, sums.value, sumOf(point.links.map(({ value }) => value)));
    point.links.forEach((link, n) => this.checkLink(i, point, link, n));
    if (this.method === FLOW) this.checkDetails(i, point, bandOf);
    else if (!point.feedsIn) this.checkDivision(i, point, sums.value);
    if (this.method !== FLOW) this.checkBounds(i, point);
    if (this.method === PAIRWISE && !point.feedsIn) this.checkPairs(i, point, levels);
    const others = point.links.some(({ slot }) => (chain.seats[slot] ?? slot) !== this.bundle.seat);
    if (others && (this.method !== FLOW && this.method !== PAIRWISE)) findings.leave("links");
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {Link} link
   * @param {number} n
   */
  checkLink(i, point, link, n) {
    const { bundle, chain, findings } = this;
    const place = placeOf("links", `points[${i}].links[${n}]`, point.slot);
    findings.hold("links.positive", place, link.energy > 0, "energy", link.energy);
    const other = chain.points[link.slot];
    const opposite = other !== undefined && (other.direction === 1) !== point.feedsIn;
    const met = opposite && Math.max(other.fromDay, point.fromDay) < Math.min(other.untilDay, point.untilDay);
    findings.hold("links.other", place, met, "an active metering point of the other direction", `slot ${link.slot}`);
    const seat = chain.seats[link.slot] ?? link.slot;
    // The class is that of who produced: one's own, or of a neighbour, the same on all links with that neighbour.
    const own = point.feedsIn || seat === bundle.seat;
    const twin = bundle.points.flatMap(({ feedsIn, links }) => (feedsIn ? [] : links)).find(({ slot }) => (chain.seats[slot] ?? slot) === seat);
    findings.compare("links.vat_class", place, own ? this.vatClass : (twin?.vatClass ?? link.vatClass), link.vatClass);
    findings.hold("links.vat_class", place, link.vatClass <= WORST_VAT_CLASS, `at most ${WORST_VAT_CLASS}`, link.vatClass);
    const end = bundle.points.find(({ slot }) => slot === link.slot)?.links.find(({ slot }) => slot === point.slot);
    if (seat !== bundle.seat) return;
    findings.compare("links.ends", place, `${end?.energy ?? 0} mWh, ${end?.value ?? 0}`, `${link.energy} mWh, ${link.value}`);
  }

  /**
   * Of any key but `flow`, which says its links interval by interval.
   *
   * @param {number} i
   * @param {Point} point
   */
  checkBounds(i, point) {
    const { bounds, findings } = this;
    const place = placeOf("links", `points[${i}].links`, point.slot);
    const held = new Map(point.links.map((link) => [link.slot, link]));
    for (const slot of new Set([...held.keys(), ...bounds.othersOf(point)])) {
      const link = held.get(slot);
      const energy = link?.energy ?? 0;
      if (bounds.pooled) {
        const [from, until] = bounds.energyOf(point, slot);
        findings.hold("links.served", place, from <= energy && energy <= until, `from ${from} to ${until} of slot ${slot}`, energy);
      } else if (link) {
        findings.hold("links.served", place, bounds.pairOf(point, slot) > 0, "a pair of the rule", `slot ${slot}`);
      }
      if (!link) continue;
      const [from, until] = bounds.valueOf(point, slot, energy);
      findings.hold("links.price", place, from <= link.value && link.value <= until, `from ${from} to ${until}`, link.value);
    }
  }

  /**
   * A consumer's value is divided over its links in proportion to energy, or to what the energy costs.
   *
   * @param {number} i
   * @param {Point} point
   * @param {Whole} value
   */
  checkDivision(i, point, value) {
    if (point.links.length === 0) return;
    const { tariff } = this.chain.rule;
    const energies = point.links.map(({ energy }) => energy);
    const priced = point.links.map(({ slot, energy }) => multiply(energy, tariff.producerPrice[slot] ?? 0));
    const weights = tariff.pricing === PER_PRODUCER && priced.some((weight) => weight > 0) ? priced : energies;
    if (weights.every((weight) => weight == 0)) return; // refused already
    divideValue(value, weights).forEach((part, n) => {
      const place = placeOf("links", `points[${i}].links[${n}]`, point.slot);
      this.findings.compare("links.share", place, part, point.links[n]?.value ?? 0);
    });
  }

  /**
   * Under `flow` a link is the sum of its intervals, at its price or given.
   *
   * @param {number} i
   * @param {Point} point
   * @param {(day: number, t: number) => number} bandOf
   */
  checkDetails(i, point, bandOf) {
    /** @type {Map<number, [energy: Whole, worth: Whole]>} */
    const sums = new Map();
    point.details?.forEach((day, d) =>
      day.forEach(({ links }, t) => {
        for (const [slot, energy] of links) {
          const [all, worth] = sums.get(slot) ?? [0, 0];
          sums.set(slot, [add(all, energy), add(worth, this.rows.worthOfLink(point, slot, energy, bandOf(d, t)))]);
        }
      }),
    );
    const expected = [...sums].filter(([, [energy]]) => energy > 0).sort(([a], [b]) => a - b);
    const place = placeOf("links", `points[${i}].links`, point.slot);
    const written = (/** @type {[number, Whole][]} */ pairs) => pairs.map(([slot, energy]) => `${slot}: ${energy}`).join("; ");
    const held = point.links.map(({ slot, energy }) => /** @type {[number, Whole]} */ ([slot, energy]));
    this.findings.compare("links.details", place, written(expected.map(([slot, [energy]]) => [slot, energy])), written(held));
    point.links.forEach(({ slot, value }, n) => {
      const [, worth] = sums.get(slot) ?? [0, 0];
      const at = placeOf("links", `points[${i}].links[${n}]`, point.slot);
      this.findings.hold("links.share", at, value == worth || value == 0, `${worth}, or 0 where it is given`, value);
    });
  }

  /**
   * Under `pairwise` a consumer's links are what its coefficients give of each producer.
   *
   * @param {number} i
   * @param {Point} point
   * @param {readonly (readonly (Levels | null)[])[]} levels
   */
  checkPairs(i, point, levels) {
    const { key } = this.chain.rule;
    /** @type {Whole[]} */
    const sums = key.producers.map(() => 0);
    for (const [d, day] of point.energy.entries()) {
      for (const [t, energy] of day.entries()) {
        const known = levels[d]?.[t];
        if (!known) return;
        allocatePairs(key, known.producers, point.slot, energy).forEach((part, r) => (sums[r] = add(sums[r] ?? 0, part)));
      }
    }
    key.producers.forEach((slot, r) => {
      const place = placeOf("links", `points[${i}].links`, point.slot);
      const found = point.links.find((link) => link.slot === slot)?.energy ?? 0;
      this.findings.compare("links.pairs", place, sums[r] ?? 0, found);
    });
  }
}
