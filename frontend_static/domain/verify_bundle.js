/**
 * The whole verification, in this browser: from a bundle and what the chain holds to a verdict.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bill.js").PointTotals} PointTotals
 * @typedef {import("./chain_facts.js").ChainFacts} ChainFacts
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./verdict.js").Check} Check
 *
 * @typedef {object} Verdict
 * @property {boolean} ok Whether every check holds, with a run and bills that are contestable or final.
 * @property {Check[]} checks Failures first, then each check that holds, once.
 * @property {{run: string, bills: string}} state Words of `STATES`.
 * @property {number} contestableUntil When the later of the two windows closes [UTC seconds]; 0 where nothing is anchored.
 * @property {"measured" | "imported" | "unknown"} readingsLabel Signed by the grid operator, or by an importer.
 * @property {string} runId The run, 0x-hex.
 * @property {string} runRoot Its root on chain, 0x-hex; empty where there is none.
 * @property {import("./chain_facts.js").Block | null} block The block at which the chain was read.
 * @property {import("./verdict.js").Unchecked[]} unchecked What was left unchecked and why; not a fault.
 *
 * @typedef {object} Options
 * @property {(progress: {done: number, total: number}) => (void | Promise<void>)} [onProgress] Told after each step, and
 *   waited for, so that a page can draw in between.
 */
import { LINES, computeBill } from "./bill.js";
import { parseBundle } from "./bundle.js";
import { fromHex, toHex } from "./bytes.js";
import { keccak256 } from "./keccak.js";
import { billBytes } from "./leaves.js";
import { climb, depthFor, joinNodes } from "./merkle.js";
import { runId, saltsOf } from "./salts.js";
import { Findings, placeOf, stateName } from "./verdict.js";
import { checkCosts } from "./verify_costs.js";
import { CurveChecker } from "./verify_curves.js";
import { checkIdentity, checkRecords, checkRegistration, checkRule, checkShape } from "./verify_records.js";

const LABELS = /** @type {const} */ (["measured", "imported"]);

/**
 * Verify a bundle against what the chain holds. Nothing is fetched here.
 *
 * @param {unknown} value The bundle, decoded from JSON.
 * @param {ChainFacts} chain What `data/chain.js` read for it.
 * @param {Options} [options]
 * @returns {Promise<Verdict>} A bundle that is well formed but false gets a verdict too.
 * @throws {import("./bundle.js").BundleError} If the bundle cannot be read as one; the error names the field.
 */
export async function verifyBundle(value, chain, options = {}) {
  const bundle = parseBundle(value);
  const findings = new Findings();
  const period = checkIdentity(bundle, chain, findings);
  if (period === null) {
    findings.leave("chain");
  } else {
    await verifyPeriod(bundle, period, findings, options);
  }
  return {
    ok: findings.ok,
    checks: findings.checks(),
    state: { run: stateName(period?.run.state ?? 0), bills: stateName(period?.bills.state ?? 0) },
    contestableUntil: period ? Math.max(period.run.contestableUntil, period.bills.contestableUntil) : 0,
    readingsLabel: (period && LABELS[period.batch.label]) ?? "unknown",
    runId: toHex(runId(bundle.community, bundle.period, bundle.runVersion)),
    runRoot: period?.run.root ?? "",
    block: chain.block ?? null,
    unchecked: findings.unchecked,
  };
}

/**
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 * @param {Options} options
 */
async function verifyPeriod(bundle, chain, findings, options) {
  const total = bundle.points.length + 2;
  checkRecords(bundle, chain, findings);
  if (!checkRule(chain, findings) || !checkShape(bundle, chain, findings)) {
    findings.leave("shape");
    return;
  }
  checkRegistration(bundle, chain, findings);
  const curves = new CurveChecker(bundle, chain, findings);
  curves.checkHeaders();
  checkCosts(bundle, chain, findings, curves.totals.producers);
  await options.onProgress?.({ done: 1, total });
  /** @type {PointTotals[]} */
  const totals = [];
  for (const [i, point] of bundle.points.entries()) {
    totals.push(curves.checkPoint(i, point));
    await options.onProgress?.({ done: i + 2, total });
  }
  curves.checkRounds();
  checkBill(bundle, chain, totals, findings);
  await options.onProgress?.({ done: total, total });
}

/**
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {PointTotals[]} totals
 * @param {Findings} findings
 */
function checkBill(bundle, chain, totals, findings) {
  const { bill, seat } = bundle;
  const holder = bundle.points.find((point) => point.slot === seat) ?? bundle.points[0];
  if (!holder) return;
  const { key, tariff } = chain.rule;
  const computed = computeBill(totals, { key, tariff, seat, seats: chain.seats }, holder.vatClass);
  LINES.forEach((name, i) => {
    const place = placeOf(`bill line, ${name}`, `bill.lines[${i}]`);
    findings.compare("bill.line", place, computed.lines[i] ?? 0, bill.lines[i] ?? 0);
  });
  const amounts = /** @type {const} */ ([
    ["vat_debit", computed.vatDebit, bill.vatDebit],
    ["vat_credit", computed.vatCredit, bill.vatCredit],
    ["debit", computed.debit, bill.debit],
    ["credit", computed.credit, bill.credit],
  ]);
  for (const [name, expected, found] of amounts) {
    findings.compare(`bill.${name}`, placeOf(`bill, ${name.replace("_", " ")}`, `bill.${name}`), expected, found);
  }
  const depth = depthFor(chain.terms.slots);
  if (!findings.compare("path.length", placeOf("bill", "bill.path"), depth, bill.path.length)) return;
  const run = runId(bundle.community, bundle.period, bundle.runVersion);
  // Where the seat has no point in the bundle, `seat.first` has failed already.
  const salt = saltsOf(holder.key, bundle.community, run, 0x06, seat)();
  const leaf = keccak256(billBytes(salt, [...bill.lines, ...amounts.map(([, , found]) => found)]));
  const root = joinNodes(climb(leaf, seat, bill.path), bundle.billStairsRoot);
  findings.compareBytes("bill.root", placeOf("bill", "bill"), fromHex(chain.bills.root), root);
}
