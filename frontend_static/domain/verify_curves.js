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
 */
import { checkBands } from "./bands.js";
import { fromHex } from "./bytes.js";
import { unpackBands } from "./chain_facts.js";
import { keccak256 } from "./keccak.js";
import { headerBytes, periodBytes, readingBytes, rowBytes } from "./leaves.js";
import { climb, joinNodes, rootOf, shapeOf } from "./merkle.js";
import { runId, saltsOf } from "./salts.js";
import { DYNAMIC, STATIC, allocateDynamic, allocateStatic, shareOfProducer } from "./sharing_keys.js";
import { placeOf } from "./verdict.js";
import { checkTotals, checkWithheld } from "./verify_headers.js";

const BANDS = 4;
const MISSING = 3;
const WORST_SOURCE = 4;
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
    /** @type {number[]} The first interval of each day. */
    this.first = chain.intervals.map((count) => (first += count) - count);
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
      const leaves = day.headers.map((header, t) => {
        this.checkHeader(header, d, t);
        sums.feedIn += header.feedIn;
        sums.consumption += header.consumption;
        sums.allocated += header.allocated;
        const { feedIn, consumption, allocated, tau, band } = header;
        return keccak256(headerBytes(feedIn, consumption, allocated, tau, band));
      });
      const place = placeOf("headers", `days[${d}].headers_root`, null, this.startOf(d, 0));
      findings.compareBytes("header.root", place, rootOf(leaves, this.shape.intervalDepth), day.headersRoot);
    });
    if (withheld > 0) {
      findings.unchecked.push(
        `the sharing key's formula on ${withheld} of ${bundle.days.length} days: the privacy rule withholds their headers`,
      );
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
    checkTotals(this.bundle, this.chain, findings, place, header, [d, t]);
  }

  /**
   * Check a point's rows and readings, and climb to the batch's and the run's root.
   *
   * @param {number} i Which point.
   * @param {Point} point
   * @returns {PointTotals}
   */
  checkPoint(i, point) {
    point.energy.forEach((energies, d) => energies.forEach((_, t) => this.checkRow(i, point, d, t)));
    this.checkReadings(i, point);
    return this.checkRows(i, point);
  }

  /**
   * Check what a row says by itself, and that its allocation is what the key gives.
   *
   * @param {number} i
   * @param {Point} point
   * @param {number} d
   * @param {number} t
   */
  checkRow(i, point, d, t) {
    const { findings } = this;
    const start = this.startOf(d, t);
    const [energy, allocated] = [point.energy[d]?.[t] ?? 0, point.allocated[d]?.[t] ?? 0];
    const [quality, source] = [point.quality[d]?.[t] ?? 0, point.source[d]?.[t] ?? 0];
    const row = placeOf("row", `points[${i}].allocated[${d}][${t}]`, point.slot, start);
    findings.hold("row.bound", row, allocated <= energy, `at most ${energy}`, allocated);
    const header = this.bundle.days[d]?.headers?.[t];
    const given = header ? this.giveShare(header, point, energy, t) : null;
    if (given !== null) findings.compare("row.allocation", row, given, allocated);
    /** @param {string} what */
    const at = (what) => placeOf("reading", `points[${i}].${what}[${d}][${t}]`, point.slot, start);
    findings.hold("reading.quality", at("quality"), quality <= MISSING, "0 to 3", quality);
    findings.hold("reading.source", at("source"), source <= WORST_SOURCE, "0 to 4", source);
    if (quality === MISSING) findings.compare("reading.missing", at("energy"), 0, energy);
  }

  /**
   * @param {Header} header
   * @param {Point} point
   * @param {number} energy
   * @param {number} t
   * @returns {import("./bytes.js").Whole | null} What the key in force gives the row; null for a key that is not known here.
   */
  giveShare(header, point, energy, t) {
    const { rule, terms } = this.chain;
    const { slot } = point;
    if (rule.method !== DYNAMIC && rule.method !== STATIC) return null;
    if (point.feedsIn) {
      return shareOfProducer(header.allocated, header.feedIn, energy, slot, t, terms.slots, header.tau);
    }
    if (rule.method === DYNAMIC) return allocateDynamic(header.feedIn, header.consumption, energy);
    return allocateStatic(header.feedIn, rule.coefficientsPpm[slot] ?? 0, energy);
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
   * @returns {PointTotals} As the rows add up.
   */
  checkRows(i, point) {
    const { bundle, findings, shape, rowRoots } = this;
    const saltAt = saltsOf(point.key, bundle.community, this.run, 0x03, point.slot);
    const running = new Array(2 * BANDS).fill(0);
    let complete = true;
    const roots = point.energy.map((energies, d) => {
      const leaves = energies.map((energy, t) => {
        const [allocated, quality] = [point.allocated[d]?.[t] ?? 0, point.quality[d]?.[t] ?? 0];
        const band = this.bandOf(d, t);
        running[2 * band] += energy;
        running[2 * band + 1] += allocated;
        return keccak256(rowBytes(saltAt(d, t), energy, allocated, quality, running));
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
      this.checkRunRoot(i, point, roots, running);
    }
    const bands = [0, 1, 2, 3].map((band) => /** @type {const} */ ([running[2 * band], running[2 * band + 1]]));
    return { feedsIn: point.feedsIn, bands };
  }

  /**
   * @param {number} i
   * @param {Point} point
   * @param {Uint8Array[]} rows Per day the root of all rows.
   * @param {number[]} running The last running totals.
   */
  checkRunRoot(i, point, rows, running) {
    const { bundle, findings } = this;
    const nodes = rows.map((root, d) => joinNodes(this.dayNodes[d] ?? root, root));
    const salt = saltsOf(point.key, bundle.community, this.run, 0x04, point.slot)();
    const periods = climb(keccak256(periodBytes(salt, running)), point.slot, point.periodPath);
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
