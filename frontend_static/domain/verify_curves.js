/**
 * The intervals: headers, readings and rows of a bundle, and the roots that they must lead to.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Header} Header
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./bill.js").PointTotals} PointTotals
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./verdict.js").Place} Place
 * @typedef {import("./bytes.js").Whole} Whole
 */
import { checkBands } from "./bands.js";
import { fromHex } from "./bytes.js";
import { LinkBounds } from "./link_bounds.js";
import { unpackBands } from "./chain_facts.js";
import { keccak256 } from "./keccak.js";
import { detailBytes, headerBytes, linksBytes, periodBytes, readingBytes, rowBytes } from "./leaves.js";
import { climb, joinNodes, rootOf, shapeOf } from "./merkle.js";
import { addBands } from "./point_totals.js";
import { runId, saltsOf } from "./salts.js";
import { add } from "./sharing_keys/exact.js";
import { placeOf } from "./verdict.js";
import { TotalsChecker, checkWithheld } from "./verify_headers.js";
import { FlowChecker } from "./verify_flow.js";
import { LinkChecker } from "./verify_links.js";
import { RoundChecker } from "./verify_rounds.js";
import { RowChecker } from "./verify_rows.js";
import { checkCoefficients, checkWhole } from "./verify_schedule.js";

const BANDS = 4;
const [VALUE, CREDITED] = [2 * BANDS, 2 * BANDS + 1]; // places among the totals of a row
const SECONDS_PER_DAY = 86_400;
const MOST_OFFSET_SECONDS = 14 * 3600;

/** Checks a bundle's curves; made for one bundle and one chain. */
export class CurveChecker {
  /**
   * @param {Bundle} bundle
   * @param {PeriodFacts} chain
   * @param {Findings} findings
   */
  constructor(bundle, chain, findings) {
    this.bundle = bundle;
    this.chain = chain;
    this.findings = findings;
    this.shape = shapeOf(chain.terms.slots, chain.intervals);
    this.bands = unpackBands(chain.bands);
    this.run = runId(bundle.community, bundle.period, bundle.runVersion);
    let first = 0;
    this.totals = new TotalsChecker(bundle, chain, findings);
    this.rows = new RowChecker(bundle, chain, findings, this.totals.producers);
    this.flow = new FlowChecker(bundle, findings, this.totals, this.rows);
    this.rounds = new RoundChecker(bundle, chain, findings, this.totals, this.rows.named);
    /** @type {(import("./sharing_keys/rounds.js").Levels | null)[][]} Per day and interval, where headers are shown. */
    this.levels = [];
    /** @type {number[]} The first interval of each day. */
    this.first = chain.intervals.map((count) => (first += count) - count);
    const bands = chain.intervals.map((count, day) => this.bands.slice(this.first[day], (this.first[day] ?? 0) + count));
    this.links = new LinkChecker(bundle, chain, findings, this.rows, new LinkBounds(bundle, chain, this.totals, bands));
    /** @type {Uint8Array[]} Per day the node over headers and stairs. */
    this.dayNodes = [];
    /** @type {Uint8Array[] | null} Per day the root of all rows, as the first point gives it. */
    this.rowRoots = null;
  }

  /**
   * @param {number} day
   * @param {number} t
   * @returns {string} An interval's start in the offset that held at its day's midnight.
   */
  startOf(day, t) {
    const { startUtc, resolutionMinutes } = this.chain.terms;
    const seconds = resolutionMinutes * 60;
    const midnight = startUtc + (this.first[day] ?? 0) * seconds;
    let offset = (this.bundle.period + day) * SECONDS_PER_DAY - midnight;
    if (Math.abs(offset) > MOST_OFFSET_SECONDS || offset % 60 !== 0) offset = 0;
    const date = new Date((midnight + t * seconds + offset) * 1000);
    if (Number.isNaN(date.getTime())) return `interval ${t} of day ${day}`;
    const minutes = Math.abs(offset) / 60;
    const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
    return `${date.toISOString().slice(0, 16)}${offset < 0 ? "-" : "+"}${hour}:${minute}`;
  }

  /**
   * @param {number} day
   * @param {number} t
   */
  bandOf(day, t) {
    return this.bands[(this.first[day] ?? 0) + t] ?? 0;
  }

  /** Check the bands, and the headers that are shown, against each other, one's own rows and the run's totals. */
  checkHeaders() {
    const { bundle, findings } = this;
    checkBands(this.chain, findings, (day, t) => this.startOf(day, t));
    checkWithheld(bundle, this.chain, findings);
    const sums = { feedIn: 0, consumption: 0, allocated: 0 };
    let withheld = 0;
    bundle.days.forEach((day, d) => {
      this.dayNodes.push(joinNodes(day.headersRoot, day.stairsRoot));
      if (!day.headers) {
        withheld += 1;
        return;
      }
      this.levels[d] = [];
      const leaves = day.headers.map((header, t) => {
        this.checkHeader(header, d, t);
        sums.feedIn += header.feedIn;
        sums.consumption += header.consumption;
        sums.allocated += header.allocated;
        const { feedIn, consumption, allocated, value, tau, band, rounds } = header;
        return keccak256(headerBytes([feedIn, consumption, allocated, value], tau, band, rounds));
      });
      const place = placeOf("headers", `days[${d}].headers_root`, null, this.startOf(d, 0));
      findings.compareBytes("header.root", place, rootOf(leaves, this.shape.intervalDepth), day.headersRoot);
    });
    if (withheld > 0) {
      findings.leave("headers", { count: withheld, of: bundle.days.length });
      return;
    }
    const { run } = this.chain;
    findings.compare("total.feed_in", placeOf("total feed_in", "days"), run.feedIn, sums.feedIn);
    findings.compare("total.consumption", placeOf("total consumption", "days"), run.consumption, sums.consumption);
    findings.compare("total.allocated", placeOf("total allocated", "days"), run.allocated, sums.allocated);
  }

  /**
   * @param {Header} header
   * @param {number} d
   * @param {number} t
   */
  checkHeader(header, d, t) {
    const { findings } = this;
    const place = placeOf("header", `days[${d}].headers[${t}]`, null, this.startOf(d, t));
    findings.compare("header.band", place, this.bandOf(d, t), header.band);
    this.levels[d]?.push(this.totals.check(place, header, [d, t]));
  }

  /**
   * Check a point's rows and readings, and climb to the batch's and the run's root.
   *
   * @param {number} i Which point.
   * @param {Point} point
   * @returns {PointTotals}
   */
  checkPoint(i, point) {
    point.energy.forEach((energies, d) =>
      energies.forEach((_, t) => {
        const header = this.bundle.days[d]?.headers?.[t] ?? null;
        const levels = this.levels[d]?.[t] ?? null;
        const interval = { d, t, band: this.bandOf(d, t), start: this.startOf(d, t), header, levels };
        this.rows.check(i, point, interval);
        if (levels) this.rounds.add(d, t, levels, this.rows.rowOf(point, interval));
      }),
    );
    if (this.rows.linked) this.flow.check(i, point, this.levels, (d, t) => this.startOf(d, t), (d, t) => this.bandOf(d, t));
    checkCoefficients(this.bundle, this.chain, this.findings, i, point);
    this.checkReadings(i, point);
    const totals = addBands(point, this.bands, this.chain.intervals, this.chain.rule.tariff);
    const running = this.checkRows(i, point, totals);
    const allocated = totals.bands.reduce((sum, [, given]) => add(sum, given), /** @type {Whole} */ (0));
    const sums = { allocated, value: running[VALUE] ?? 0 };
    this.links.check(i, point, sums, (d, t) => this.bandOf(d, t), this.levels);
    return totals;
  }

  /** Check one's own rows together beside the rounds of the headers. */
  checkRounds() {
    checkWhole(this.bundle, this.chain, this.findings);
    this.rounds.check(this.levels, (day, t) => this.startOf(day, t));
  }

  /**
   * Climb from the slot's readings to the root of the batch.
   *
   * @param {number} i
   * @param {Point} point
   */
  checkReadings(i, point) {
    const { bundle, findings, shape } = this;
    const saltAt = saltsOf(point.key, bundle.community, bundle.batchId, 0x08, point.slot);
    const days = point.energy.map((energies, d) => {
      const leaves = energies.map((energy, t) => {
        const [quality, source] = [point.quality[d]?.[t] ?? 0, point.source[d]?.[t] ?? 0];
        return keccak256(readingBytes(saltAt(d, t), energy, quality, source));
      });
      return rootOf(leaves, shape.intervalDepth);
    });
    if (!this.checkLength("readings", `points[${i}].reading_path`, point.slot, point.readingPath)) return;
    const subtree = rootOf(days, shape.dayDepth, shape.intervalDepth);
    const root = joinNodes(climb(subtree, point.slot, point.readingPath), bundle.readingStairsRoot);
    const place = placeOf("readings", `points[${i}].energy`, point.slot);
    findings.compareBytes("batch.root", place, fromHex(this.chain.batch.root), root);
  }

  /**
   * Climb from the slot's rows and its period leaf to the root of the run.
   *
   * @param {number} i
   * @param {Point} point
   * @param {PointTotals} totals
   * @returns {Whole[]} The last running totals, as the rows add up.
   */
  checkRows(i, point, totals) {
    const { bundle, findings, shape, rowRoots } = this;
    const saltAt = saltsOf(point.key, bundle.community, this.run, 0x03, point.slot);
    const detailSalt = saltsOf(point.key, bundle.community, this.run, 0x0d, point.slot);
    /** @type {Whole[]} */
    const running = new Array(2 * BANDS + 2).fill(0);
    let complete = true;
    const roots = point.energy.map((energies, d) => {
      const leaves = energies.map((energy, t) => {
        const [allocated, quality] = [point.allocated[d]?.[t] ?? 0, point.quality[d]?.[t] ?? 0];
        const band = this.bandOf(d, t);
        running[2 * band] = add(running[2 * band] ?? 0, energy);
        running[2 * band + 1] = add(running[2 * band + 1] ?? 0, allocated);
        running[VALUE] = add(running[VALUE] ?? 0, point.value[d]?.[t] ?? 0);
        running[CREDITED] = add(running[CREDITED] ?? 0, point.credited?.[d]?.[t] ?? 0);
        const detail = point.details?.[d]?.[t];
        if (!detail) return keccak256(rowBytes(saltAt(d, t), energy, allocated, quality, running));
        const hash = keccak256(detailBytes(detailSalt(d, t), detail.potential, detail.links));
        return keccak256(rowBytes(saltAt(d, t), energy, allocated, quality, running, hash));
      });
      const [path, field] = [point.rowPaths[d] ?? [], `points[${i}].row_paths[${d}]`];
      complete = this.checkLength("rows", field, point.slot, path) && complete;
      const root = climb(rootOf(leaves, shape.intervalDepth), point.slot, path);
      const neighbour = rowRoots?.[d];
      const place = placeOf("rows", field, point.slot, this.startOf(d, 0));
      if (neighbour) findings.compareBytes("row.neighbour", place, neighbour, root);
      return root;
    });
    if (this.checkLength("rows", `points[${i}].period_path`, point.slot, point.periodPath) && complete) {
      this.rowRoots = roots;
      this.checkRunRoot(i, point, roots, [...running.slice(0, VALUE), totals.value, totals.credited]);
    }
    return running;
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {Uint8Array[]} rows Per day the root of all rows.
   * @param {Whole[]} running The totals of the period leaf.
   */
  checkRunRoot(i, point, rows, running) {
    const { bundle, findings } = this;
    const nodes = rows.map((root, d) => joinNodes(this.dayNodes[d] ?? root, root));
    const salt = saltsOf(point.key, bundle.community, this.run, 0x04, point.slot)();
    const linksSalt = saltsOf(point.key, bundle.community, this.run, 0x0c, point.slot)();
    const links = keccak256(linksBytes(linksSalt, point.links));
    const periods = climb(keccak256(periodBytes(salt, running, links)), point.slot, point.periodPath);
    const days = rootOf(nodes, this.shape.dayDepth);
    const root = joinNodes(days, joinNodes(periods, bundle.periodStairsRoot));
    const place = placeOf("rows", `points[${i}].allocated`, point.slot);
    findings.compareBytes("run.root", place, fromHex(this.chain.run.root), root);
  }

  /**
   * @param {string} what
   * @param {string} field
   * @param {number} slot
   * @param {Uint8Array[]} path
   */
  checkLength(what, field, slot, path) {
    return this.findings.compare("path.length", placeOf(what, field, slot), this.shape.slotDepth, path.length);
  }
}
