/**
 * Rows of `flow`: sums of links that headers agree with, the best by what links cost (protocol, section 8).
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Detail} Detail
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./sharing_keys/rounds.js").Levels} Levels
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./verdict.js").Place} Place
 * @typedef {import("./verify_headers.js").TotalsChecker} TotalsChecker
 * @typedef {import("./verify_rows.js").RowChecker} RowChecker
 */
import { subtract, sumOf } from "./sharing_keys/exact.js";
import { placeOf } from "./verdict.js";
import { checkBest } from "./verify_costs.js";

const POTENTIAL_ZERO = 2 ** 52; // as headers carry potentials, which may be below zero

/** Checks the details of rows; made for one bundle and one chain. */
export class FlowChecker {
  /**
   * @param {Bundle} bundle
   * @param {Findings} findings
   * @param {TotalsChecker} totals
   * @param {RowChecker} rows
   */
  constructor(bundle, findings, totals, rows) {
    this.bundle = bundle;
    this.findings = findings;
    this.totals = totals;
    this.rows = rows;
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {readonly (readonly (Levels | null)[])[]} levels By day and interval.
   * @param {(day: number, t: number) => string} startOf
   * @param {(day: number, t: number) => number} bandOf
   */
  check(i, point, levels, startOf, bandOf) {
    if (!point.details) return;
    this.findings.leave("flow");
    const paid = new Set(point.links.filter(({ value }) => value != 0).map(({ slot }) => slot));
    point.details.forEach((day, d) =>
      day.forEach((detail, t) => {
        const place = placeOf("row", `points[${i}].details[${d}][${t}]`, point.slot, startOf(d, t));
        this.checkLinks(point, detail, d, t, place);
        this.checkWorth(point, detail, paid, d, t, bandOf(d, t), place);
        const known = levels[d]?.[t];
        if (!known) return;
        this.checkRounds(point, detail, d, t, known, place);
        const { active, producers } = this.totals;
        const now = { rounds: known.producers, producers, active: active[d]?.producers ?? [] };
        checkBest(this.bundle, this.findings, point, { day: d, t, place }, now);
      }),
    );
  }

  /**
   * @param {Point} point
   * @param {Detail} detail
   * @param {number} d
   * @param {number} t
   * @param {Place} place
   */
  checkLinks(point, { potential, links }, d, t, place) {
    const { findings } = this;
    findings.compare("row.links", place, point.allocated[d]?.[t] ?? 0, sumOf(links.map(([, energy]) => energy)));
    const bounded = potential > -POTENTIAL_ZERO && potential < POTENTIAL_ZERO;
    findings.hold("row.potential", place, bounded, `within ${POTENTIAL_ZERO}`, potential);
    const active = this.totals.active[d];
    const others = new Set(point.feedsIn ? active?.consumers : active?.producers);
    const known = links.every(([slot, energy]) => others.has(slot) && energy > 0);
    findings.hold("row.others", place, known, "active slots of the other direction, with energy", links.join("; "));
    for (const twin of this.bundle.points.filter(({ feedsIn }) => feedsIn !== point.feedsIn)) {
      const there = twin.details?.[d]?.[t]?.links.find(([slot]) => slot === point.slot)?.[1] ?? 0;
      findings.compare("row.ends", place, there, links.find(([slot]) => slot === twin.slot)?.[1] ?? 0);
    }
  }

  /**
   * A link is paid in all intervals, or given in all.
   *
   * @param {Point} point
   * @param {Detail} detail
   * @param {ReadonlySet<number>} paid Slots whose link is paid.
   * @param {number} d
   * @param {number} t
   * @param {number} band
   * @param {Place} place
   */
  checkWorth(point, { links }, paid, d, t, band, place) {
    const sold = links.filter(([slot]) => paid.has(slot));
    const worth = sumOf(sold.map(([slot, energy]) => this.rows.worthOfLink(point, slot, energy, band)));
    this.findings.compare("row.value", place, worth, point.value[d]?.[t] ?? 0);
  }

  /**
   * @param {Point} point
   * @param {Detail} detail
   * @param {number} d
   * @param {number} t
   * @param {Levels} levels
   * @param {Place} place
   */
  checkRounds(point, { potential, links }, d, t, { producers }, place) {
    const { findings } = this;
    const header = this.bundle.days[d]?.headers?.[t];
    if (header?.feedIn === 0 || header?.consumption === 0) findings.compare("row.potential", place, 0, potential);
    const named = this.totals.producers;
    if (point.feedsIn) {
      const [shown = 0, shared = 0] = producers[named.indexOf(point.slot)] ?? [];
      findings.compare("row.potential", place, subtract(shown, POTENTIAL_ZERO), potential);
      findings.compare("row.allocation", place, shared, point.allocated[d]?.[t] ?? 0);
      return;
    }
    for (const [slot, energy] of links) {
      const most = producers[named.indexOf(slot)]?.[1] ?? 0;
      findings.hold("row.others", place, energy <= most, `at most ${most} of slot ${slot}`, energy);
    }
  }
}
