/** A whole month of one household, made up and consistent: for measuring, where the vectors are too short. */
import { computeBill } from "../../frontend_static/domain/bill.js";
import { toHex } from "../../frontend_static/domain/bytes.js";
import { CONTRACTS } from "../../frontend_static/domain/bundle.js";
import { keccak256 } from "../../frontend_static/domain/keccak.js";
import * as leaves from "../../frontend_static/domain/leaves.js";
import { joinNodes, pathOf, rootOf, shapeOf } from "../../frontend_static/domain/merkle.js";
import * as salts from "../../frontend_static/domain/salts.js";
import { allocateDynamic } from "../../frontend_static/domain/sharing_keys/consumers.js";
import { chooseTau, shareInProportion } from "../../frontend_static/domain/sharing_keys/producers.js";
import { DYNAMIC, FLOW } from "../../frontend_static/domain/sharing_keys/rounds.js";

const PERIOD = 17_318;
const LINK_COST = 5; // as much as a unit shared is worth, so that any flow is the best

/** @param {string} name */
const drawHash = (name) => keccak256(new TextEncoder().encode(name));

/**
 * A community of one household: slot 0 feeds in, the others consume.
 *
 * @param {number} slots
 * @param {number[]} intervals Per day.
 * @param {number} [method] `dynamic`, or `flow` with the same energies as links: all of them are within the household, and free.
 * @returns {{bundle: any, chain: any}}
 */
export function makeMonth(slots, intervals, method = DYNAMIC) {
  const flows = method === FLOW;
  const shape = shapeOf(slots, intervals);
  const community = drawHash("community");
  const signer = drawHash("signer").subarray(0, 20);
  const run = salts.runId(community, PERIOD, 1);
  const batch = salts.batchId(community, PERIOD, 1, signer);
  const tariff = {
    ...{ residualPrice: [160_000, 250_000, 0, 0], sharedPrice: 120_000, surplusPrice: 60_000, networkPrice: 45_000 },
    ...{ networkSharedPrice: 45_000, excisePrice: 0, exciseSharedPrice: 0, premiumConsumption: 0, premiumFeedIn: 0 },
    ...{ monthlyFee: 200, vatPpm: 200_000, communityVatClass: 2, billedBy: 1, windows: [0], pricing: 0, seller: 0, producerPrice: [] },
  };
  const list = Array.from({ length: slots }, (_, slot) => slot);
  /** @param {number} slot @param {number} d @param {number} t */
  const energyAt = (slot, d, t) => ((slot + 1) * 7_919_113 + d * 104_729 + t * 1_299_709) % 900_000;
  const headers = intervals.map((count, d) =>
    Array.from({ length: count }, (_, t) => {
      const feedIn = energyAt(0, d, t);
      const used = list.slice(1).map((slot) => energyAt(slot, d, t));
      const consumption = used.reduce((sum, own) => sum + own, 0);
      const shared = used.reduce((sum, own) => sum + Number(allocateDynamic(feedIn, consumption, own)), 0);
      if (flows) return [feedIn, consumption, shared, 0, 0, 0, 2 ** 52, shared];
      return [feedIn, consumption, shared, shared * tariff.sharedPrice, chooseTau(shared, [[0, feedIn]], t, slots), 0];
    }),
  );
  /** What came from the roof, or went to each consumer. @param {number} slot @param {number} d @param {number} t @returns {[number, number][]} */
  const linksAt = (slot, d, t) => {
    const [feedIn = 0, consumption = 0] = (headers[d]?.[t] ?? []).map(Number);
    const ends = slot > 0 ? [slot] : list.slice(1);
    const given = ends.map((end) => Number(allocateDynamic(feedIn, consumption, energyAt(end, d, t))));
    return ends.flatMap((end, i) => (given[i] ? [/** @type {[number, number]} */ ([slot > 0 ? 0 : end, given[i] ?? 0])] : []));
  };
  const points = list.map((slot) => {
    const key = drawHash(`key ${slot}`);
    const rowSalt = salts.saltsOf(key, community, run, 0x03, slot);
    const readingSalt = salts.saltsOf(key, community, batch, 0x08, slot);
    const detailSalt = salts.saltsOf(key, community, run, 0x0d, slot);
    const running = new Array(10).fill(0);
    const [value, details] = [/** @type {number[][]} */ ([]), /** @type {any[][]} */ ([])];
    const [energy, allocated] = [/** @type {number[][]} */ ([]), /** @type {number[][]} */ ([])];
    const [rows, readings] = [/** @type {Uint8Array[]} */ ([]), /** @type {Uint8Array[]} */ ([])];
    headers.forEach((day, d) => {
      energy.push(day.map((_, t) => energyAt(slot, d, t)));
      allocated.push(
        day.map(([feedIn = 0, consumption = 0, shared = 0, , tau = 0], t) => {
          const own = energyAt(slot, d, t);
          if (slot > 0) return Number(allocateDynamic(Number(feedIn), Number(consumption), own));
          return Number(shareInProportion(Number(shared), Number(feedIn), own, slot, { t, slots, tau: Number(tau) }));
        }),
      );
      value.push((allocated[d] ?? []).map((given) => (flows ? 0 : given * tariff.sharedPrice)));
      details.push(day.map((_, t) => [slot > 0 ? LINK_COST : 0, linksAt(slot, d, t)]));
      const rowLeaves = day.map((_, t) => {
        const [own, given] = [energyAt(slot, d, t), allocated[d]?.[t] ?? 0];
        running[0] += own;
        running[1] += given;
        running[8] += value[d]?.[t] ?? 0;
        if (!flows) return keccak256(leaves.rowBytes(rowSalt(d, t), own, given, 0, running));
        const [potential, links] = details[d]?.[t];
        const detail = keccak256(leaves.detailBytes(detailSalt(d, t), potential, links));
        return keccak256(leaves.rowBytes(rowSalt(d, t), own, given, 0, running, detail));
      });
      const readingLeaves = day.map((_, t) => keccak256(leaves.readingBytes(readingSalt(d, t), energyAt(slot, d, t), 0, 0)));
      rows.push(rootOf(rowLeaves, shape.intervalDepth));
      readings.push(rootOf(readingLeaves, shape.intervalDepth));
    });
    const salt = salts.saltsOf(key, community, run, 0x04, slot)();
    const linksSalt = salts.saltsOf(key, community, run, 0x0c, slot)();
    /** @type {Map<number, number>} */
    const sums = new Map();
    headers.forEach((day, d) => day.forEach((_, t) => linksAt(slot, d, t).forEach(([end, given]) => sums.set(end, (sums.get(end) ?? 0) + given))));
    const links = [...sums].map(([end, given]) => ({ slot: end, energy: given, value: flows ? 0 : given * tariff.sharedPrice, vatClass: 0 }));
    const classSalt = salts.saltsOf(key, community, salts.termsId(community, PERIOD), 0x0a, slot)();
    return {
      ...{ slot, key, energy, allocated, value, details, rows, links, bands: [running.slice(0, 2), [0, 0], [0, 0], [0, 0]] },
      worth: running[8],
      readings: rootOf(readings, shape.dayDepth, shape.intervalDepth),
      period: keccak256(leaves.periodBytes(salt, running, keccak256(leaves.linksBytes(linksSalt, links)))),
      class: keccak256(leaves.classBytes(classSalt, 0, 0)),
    };
  });
  const voted = {
    ...{ method, surplusOwner: 0, schedule: 0, coefficientsPpm: [], producers: [], tierMethods: [], tiers: [] },
    ...{ producerPpm: [], linkTerms: toHex(drawHash("terms of links")) },
  };
  return assemble({ key: voted, shape, slots, intervals, community, signer, run, batch, tariff, headers, points });
}

/**
 * What the links from slot 0 cost, and how that is weighed.
 *
 * @param {any} shape
 * @param {number} slots
 */
function costsOf(shape, slots) {
  const salt = drawHash("costs").subarray(0, 16);
  const scale = { salt, shared: LINK_COST, consumerStep: 0, producerStep: 0, steps: 1 };
  const nodes = Array.from({ length: slots }, (_, slot) =>
    slot === 0 ? new Uint8Array(32) : keccak256(leaves.costBytes({ salt, weight: LINK_COST, cap: null })),
  );
  const root = rootOf(nodes, 2 * shape.slotDepth);
  const told = { weight: LINK_COST, cap: null, salt: toHex(salt) };
  return {
    scale: { numbers: [LINK_COST, 0, 0, 1], salt: toHex(salt), costs_root: toHex(root) },
    basis: toHex(joinNodes(keccak256(leaves.scaleBytes(scale)), root)),
    /** @param {number} slot */
    of: (slot) => (slot === 0 ? null : [{ producer: 0, ...told, path: pathOf(nodes, 2 * shape.slotDepth, slot).map(toHex) }]),
  };
}

/** @param {any} made @returns {{bundle: any, chain: any}} */
function assemble({ key, shape, slots, intervals, community, signer, run, batch, tariff, headers, points }) {
  const stairs = drawHash("stairs");
  /** @param {string} what */
  const all = (what) => points.map((/** @type {any} */ point) => point[what]);
  /** @param {Uint8Array[]} nodes @param {number} slot */
  const path = (nodes, slot) => pathOf(nodes, shape.slotDepth, slot).map(toHex);
  const headerRoots = headers.map((/** @type {any[]} */ day) =>
    rootOf(
      day.map(([p, c, a, v, tau, band, ...round]) => keccak256(leaves.headerBytes([p, c, a, v], tau, band, round.length > 0 ? [round] : []))),
      shape.intervalDepth,
    ),
  );
  const rowsOf = (/** @type {number} */ d) => points.map((/** @type {any} */ point) => point.rows[d]);
  const days = headerRoots.map((/** @type {Uint8Array} */ root, /** @type {number} */ d) =>
    joinNodes(joinNodes(root, stairs), rootOf(rowsOf(d), shape.slotDepth)),
  );
  const sums = [0, 1, 2].map((i) => headers.flat().reduce((/** @type {number} */ sum, /** @type {number[]} */ header) => sum + (header[i] ?? 0), 0));
  const bill = computeBill(
    points.map((/** @type {any} */ { slot, bands, worth, links }) => ({ feedsIn: slot === 0, bands, value: worth, credited: 0, links })),
    { key, tariff, seat: 0, seats: points.map(() => 0) },
    0,
  );
  const amounts = [...bill.lines, bill.vatDebit, bill.vatCredit, bill.debit, bill.credit];
  const billSalt = salts.saltsOf(points[0].key, community, run, 0x06, 0)();
  const bills = [keccak256(leaves.billBytes(billSalt, amounts))];
  const hash = toHex(stairs);
  const readingCount = slots * intervals.reduce((/** @type {number} */ sum, /** @type {number} */ count) => sum + count, 0);
  const contracts = Object.fromEntries(CONTRACTS.map((name) => [name, toHex(drawHash(name).subarray(0, 20))]));
  const followed = { contestableUntil: 0, state: 2, community: toHex(community) };
  const costs = key.method === FLOW ? costsOf(shape, slots) : null;
  const balance = Number(bill.debit) - Number(bill.credit) - tariff.monthlyFee - Number(bill.vatDebit);
  return {
    bundle: {
      ...{ format: "partage-bundle", version: 2, chain: { chain_id: 1, genesis_hash: hash, contracts } },
      ...{ community: toHex(community), period: PERIOD, run_version: 1, batch_id: toHex(batch), seat: 0 },
      points: points.map((/** @type {any} */ point) => ({
        ...{ slot: point.slot, direction: point.slot === 0 ? "feed_in" : "consumption", number: `point ${point.slot}` },
        ...{ nonce: hash, key: toHex(point.key), factor_ppm: 1_000_000, from_day: 0, until_day: intervals.length },
        ...{ vat_class: 0, network_class: 0, class_path: path(all("class"), point.slot) },
        ...{ energy: point.energy, allocated: point.allocated, value: point.value, credited: null },
        links: point.links.map((/** @type {any} */ { slot, energy, value, vatClass }) => [slot, energy, value, vatClass]),
        ...{ coefficients: null, coefficient_path: null, details: costs ? point.details : null },
        costs: costs ? costs.of(point.slot) : null,
        quality: point.energy.map((/** @type {number[]} */ day) => day.map(() => 0)),
        source: point.energy.map((/** @type {number[]} */ day) => day.map(() => 0)),
        row_paths: days.map((/** @type {Uint8Array} */ _, /** @type {number} */ d) => path(rowsOf(d), point.slot)),
        reading_path: path(all("readings"), point.slot),
        period_path: path(all("period"), point.slot),
      })),
      reading_stairs_root: hash,
      scale: costs ? costs.scale : null,
      days: headers.map((/** @type {any} */ day, /** @type {number} */ d) => ({
        ...{ headers: day, headers_root: toHex(headerRoots[d]), stairs_root: hash },
      })),
      period_stairs_root: hash,
      bill: {
        ...{ lines: bill.lines, vat_debit: bill.vatDebit, vat_credit: bill.vatCredit, debit: bill.debit },
        ...{ credit: bill.credit, path: path(bills, 0) },
      },
      bill_stairs_root: hash,
    },
    chain: {
      ...{ chain_id: 1, genesis_hash: hash, contracts, intervals, seats: points.map(() => 0) },
      bands: Array.from({ length: Math.ceil(readingCount / 128) }, () => toHex(new Uint8Array(32))),
      terms: {
        ...{ ruleVersion: 1, slots, dayCount: intervals.length, maxIntervals: Math.max(...intervals), openedAt: 1 },
        ...{ resolutionMinutes: 1440 / Math.max(...intervals), startUtc: PERIOD * 86_400, expectedReadings: readingCount },
        classesRoot: toHex(rootOf(all("class"), shape.slotDepth)),
      },
      points: points.map((/** @type {any} */ { slot }) => ({
        ...{ direction: slot === 0 ? 1 : 0, factorPpm: 1_000_000, fromDay: 0, untilDay: intervals.length },
        tag: toHex(salts.tagOf(stairs, `point ${slot}`)),
      })),
      ...{ rule: { source: 0, limits: { terms: `0x${"00".repeat(32)}` }, key, tariff }, schedule: null },
      batch: {
        ...{ ...followed, period: PERIOD, version: 1, label: 0, signer: toHex(signer), measured: readingCount },
        ...{ estimated: 0, missing: 0, submittedAt: 1, source: hash },
        root: toHex(joinNodes(rootOf(all("readings"), shape.slotDepth), stairs)),
      },
      run: {
        ...{ ...followed, period: PERIOD, version: 1, ruleVersion: 1, batchId: toHex(batch), basis: costs ? costs.basis : `0x${"00".repeat(32)}` },
        ...{ feedIn: sums[0], consumption: sums[1], allocated: sums[2], shared: sums[2] },
        root: toHex(joinNodes(rootOf(days, shape.dayDepth), joinNodes(rootOf(all("period"), shape.slotDepth), stairs))),
      },
      bills: {
        ...{ ...followed, runId: toHex(run), debits: bill.debit, credits: bill.credit, fees: tariff.monthlyFee },
        ...{ vatDebits: bill.vatDebit, vatCredits: bill.vatCredit, passThrough: 0, rounding: balance },
        root: toHex(joinNodes(rootOf(bills, shape.slotDepth), stairs)),
      },
    },
  };
}
