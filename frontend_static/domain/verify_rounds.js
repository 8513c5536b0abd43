/**
 * One's own rows beside the rounds of a header: they contribute no more than all rows do, and what is left is no more than
 * neighbours have.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./sharing_keys/contributions.js").Row} Row
 * @typedef {import("./sharing_keys/rounds.js").Levels} Levels
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./verify_headers.js").TotalsChecker} TotalsChecker
 *
 * @typedef {object} Sums Of one's own rows in an interval.
 * @property {[given: Whole, weight: Whole][]} rounds
 * @property {Whole} fed [mWh]
 * @property {Whole} consumed [mWh]
 */
import { contributionsOf, contributionsOfAll, entitledOthers, mostOfOthers } from "./sharing_keys/contributions.js";
import { add, subtract } from "./sharing_keys/exact.js";
import { placeOf } from "./verdict.js";
import { NOBODY } from "./verify_headers.js";

/** Adds up what one's own rows contribute; made for one bundle and one chain. */
export class RoundChecker {
  /**
   * @param {Bundle} bundle
   * @param {PeriodFacts} chain
   * @param {Findings} findings
   * @param {TotalsChecker} totals
   * @param {readonly number[]} named Slots in the order of rounds that name producers.
   */
  constructor(bundle, chain, findings, totals, named) {
    this.bundle = bundle;
    this.chain = chain;
    this.findings = findings;
    this.totals = totals;
    this.named = named;
    this.own = new Set(bundle.points.map(({ slot }) => slot));
    /** @type {Sums[][]} By day and interval. */
    this.sums = [];
  }

  /**
   * @param {number} d
   * @param {number} t
   * @param {Levels} levels
   * @param {Row} row
   */
  add(d, t, levels, row) {
    const header = this.bundle.days[d]?.headers?.[t];
    if (!header) return;
    const day = (this.sums[d] ??= []);
    const sums = (day[t] ??= { rounds: header.rounds.map(() => [0, 0]), fed: 0, consumed: 0 });
    if (row.feedsIn) sums.fed = add(sums.fed, row.energy);
    else sums.consumed = add(sums.consumed, row.energy);
    contributionsOf(this.chain.rule.key, levels, header, row, this.named).forEach(([given, weight], r) => {
      const sum = sums.rounds[r];
      if (sum) [sum[0], sum[1]] = [add(sum[0], given), add(sum[1], weight)];
    });
  }

  /**
   * @param {readonly (readonly (Levels | null)[])[]} levels By day and interval.
   * @param {(day: number, t: number) => string} startOf
   */
  check(levels, startOf) {
    this.sums.forEach((day, d) =>
      day.forEach((sums, t) => {
        const level = levels[d]?.[t];
        if (level) this.checkInterval(d, t, level, sums, startOf(d, t));
      }),
    );
  }

  /**
   * @param {number} d
   * @param {number} t
   * @param {Levels} levels
   * @param {Sums} sums
   * @param {string} start
   */
  checkInterval(d, t, levels, sums, start) {
    const { findings } = this;
    const { key } = this.chain.rule;
    const header = this.bundle.days[d]?.headers?.[t];
    if (!header) return;
    const active = this.totals.active[d] ?? NOBODY;
    const others = {
      consumers: active.consumers.filter((slot) => !this.own.has(slot)),
      producers: active.producers.filter((slot) => !this.own.has(slot)),
      fed: subtract(header.feedIn, sums.fed),
      consumed: subtract(header.consumption, sums.consumed),
    };
    const place = placeOf("header", `days[${d}].headers[${t}]`, null, start);
    const most = mostOfOthers(key, levels, header, others);
    contributionsOfAll(key, levels, header).forEach((whole, r) => {
      for (const side of /** @type {const} */ ([0, 1])) {
        const own = sums.rounds[r]?.[side] ?? 0;
        const bound = add(own, most[r]?.[side] ?? 0);
        const fits = own <= whole[side] && whole[side] <= bound;
        findings.hold("header.rounds", place, fits, `from ${own}, one's own, to ${bound} in a round`, whole[side]);
      }
    });
    const limit = entitledOthers(key, header, others.consumers, active.consumers.length);
    if (limit === null) return;
    const own = this.bundle.points.filter(({ feedsIn }) => !feedsIn);
    const given = own.reduce((sum, point) => add(sum, point.allocated[d]?.[t] ?? 0), /** @type {Whole} */ (0));
    const rest = subtract(header.allocated, given);
    findings.hold("header.rest", place, rest <= limit, `at most ${limit} of others`, rest);
  }
}
