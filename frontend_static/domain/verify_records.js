/**
 * What the anchored records must be: the right chain, period, run, batch and bills, sums that balance, and the
 * participant's points as they were registered.
 *
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./verdict.js").Findings} Findings
 * @typedef {import("./chain_facts.js").ChainFacts} ChainFacts
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 */
import { fromHex, toHex } from "./bytes.js";
import { CONTRACTS } from "./bundle.js";
import { classBytes } from "./leaves.js";
import { keccak256 } from "./keccak.js";
import { climb, depthFor } from "./merkle.js";
import { batchId, runId, saltsOf, tagOf, termsId } from "./salts.js";
import { isCrediting } from "./sharing_keys/consumers.js";
import { subtract, sumOf } from "./sharing_keys/exact.js";
import { FLOW, HYBRID, METHODS, OPERATOR_ALLOCATES, PAIRWISE, PRIORITY } from "./sharing_keys/rounds.js";
import { placeOf, stateName } from "./verdict.js";
import { checkBasis } from "./verify_schedule.js";

const WORST_VAT_CLASS = 2;
const [MOST_SOURCE, MOST_PRICING, MOST_SELLER] = [1, 3, 1];
const U64_END = 2n ** 64n;
const PAYABLE = new Set(["contestable", "final"]);

/**
 * Hold the chain against the one that the bundle means; nothing else counts where it is another.
 *
 * @param {Bundle} bundle
 * @param {ChainFacts} chain
 * @param {Findings} findings
 * @returns {PeriodFacts | null} What the contracts hold, where this is the chain and the period is open.
 */
export function checkIdentity(bundle, chain, findings) {
  let ok = findings.compare("chain.id", placeOf("chain", "chain.chain_id"), chain.chain_id, bundle.chain.chainId);
  const place = placeOf("chain", "chain.genesis_hash");
  ok = findings.compare("chain.genesis", place, chain.genesis_hash.toLowerCase(), bundle.chain.genesisHash) && ok;
  for (const name of CONTRACTS) {
    const there = chain.contracts[name]?.toLowerCase() === bundle.chain.contracts[name];
    const at = placeOf("contract", `chain.contracts.${name}`);
    const found = there ? "the published code" : "other code, or none";
    ok = findings.hold("chain.code", at, there, "the published code, referring to the bundle's contracts", found) && ok;
  }
  if (!ok) return null;
  const { terms } = chain;
  const open = terms !== null && terms.openedAt > 0;
  findings.compare("terms.open", placeOf("period", "period"), "open", open ? "open" : "not open");
  return open ? /** @type {PeriodFacts} */ (chain) : null;
}

/**
 * Hold the bundle's lists against the frozen days and intervals; where they differ no tree can be built.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 * @returns {boolean}
 */
export function checkShape(bundle, chain, findings) {
  const { terms, intervals } = chain;
  const book = placeOf("period book");
  const bands = intervals.reduce((sum, count) => sum + count, 0);
  const held = [
    findings.compare("period.days", placeOf("days", "days"), terms.dayCount, bundle.days.length),
    findings.compare("period.book", book, terms.dayCount, intervals.length),
    findings.compare("period.book", book, terms.slots, chain.seats.length),
    findings.compare("period.book", book, terms.slots, chain.points.length),
    findings.compare("period.book", book, terms.maxIntervals, Math.max(0, ...intervals)),
    findings.hold("period.book", book, chain.bands.length * 128 >= bands, `${bands} bands`, `${chain.bands.length} words`),
  ];
  if (held.includes(false)) return false;
  bundle.days.forEach((day, d) => {
    if (!day.headers) return;
    const place = placeOf("headers", `days[${d}].headers`);
    held.push(findings.compare("period.intervals", place, intervals[d] ?? 0, day.headers.length));
  });
  bundle.points.forEach((point, i) => held.push(checkPointShape(i, point, chain, findings)));
  return !held.includes(false);
}

/**
 * @param {number} i
 * @param {Point} point
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 */
function checkPointShape(i, point, chain, findings) {
  const { terms, intervals } = chain;
  const { slot } = point;
  const at = placeOf("metering point", `points[${i}].slot`, slot);
  const paths = placeOf("paths", `points[${i}].row_paths`, slot);
  const held = [
    findings.hold("point.slot", at, slot < terms.slots, `below ${terms.slots}`, slot),
    findings.compare("period.days", paths, terms.dayCount, point.rowPaths.length),
  ];
  const { key, source } = chain.rule;
  const linked = key.method === FLOW && source !== OPERATOR_ALLOCATES;
  const due = /** @type {const} */ ([["credited", isCrediting(chain.rule)], ["details", linked]]);
  for (const [what, expected] of due) {
    const place = placeOf(what, `points[${i}].${what}`, slot);
    held.push(findings.compare("point.curves", place, expected ? "a curve" : "null", point[what] ? "a curve" : "null"));
  }
  const curves = /** @type {const} */ (["energy", "allocated", "quality", "source", "value", "credited", "details"]);
  for (const what of curves) {
    const curve = point[what];
    if (curve === null) continue;
    const place = placeOf(what, `points[${i}].${what}`, slot);
    held.push(findings.compare("period.days", place, terms.dayCount, curve.length));
    if (what === "value") {
      const sums = [sumOf(point.value.flat()), sumOf(point.links.map(({ value }) => value))];
      for (const sum of sums) held.push(findings.hold("point.total", place, BigInt(sum) < U64_END, "below 2^64, as a leaf holds it", sum));
    }
    const [exact, days] = [what !== "value" && what !== "details", /** @type {readonly (readonly unknown[])[]} */ (curve)];
    let total = 0;
    days.forEach((values, d) => {
      const active = point.fromDay <= d && d < point.untilDay;
      const day = placeOf(what, `points[${i}].${what}[${d}]`, slot);
      held.push(findings.compare("period.intervals", day, active ? (intervals[d] ?? 0) : 0, values.length));
      if (exact) for (const value of values) total += Number(value);
    });
    held.push(findings.hold("point.total", place, Number.isSafeInteger(total), "below 2^53", total));
  }
  return !held.includes(false);
}

/**
 * Check the anchored run, batch and bills against the bundle, the terms and each other.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 */
export function checkRecords(bundle, chain, findings) {
  const community = toHex(bundle.community);
  checkRun(bundle, chain, community, findings);
  checkBatch(bundle, chain, community, findings);
  checkBills(bundle, chain, community, findings);
}

/**
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {string} community
 * @param {Findings} findings
 */
function checkRun(bundle, chain, community, findings) {
  const { run, terms } = chain;
  const place = placeOf("run", "run_version");
  const anchored = run.state > 0;
  if (!findings.hold("run.found", place, anchored, `run ${bundle.runVersion}, anchored`, stateName(run.state))) return;
  const meant = `${community}, ${bundle.period}, ${bundle.runVersion}`;
  findings.compare("run.of", place, meant, `${run.community.toLowerCase()}, ${run.period}, ${run.version}`);
  findings.compare("run.rule", place, terms.ruleVersion, run.ruleVersion);
  findings.compare("run.batch", placeOf("run", "batch_id"), run.batchId.toLowerCase(), toHex(bundle.batchId));
  checkBasis(bundle, chain, findings);
  const state = stateName(run.state);
  findings.hold("run.state", place, PAYABLE.has(state), "contestable or final", state);
  const { feedIn, consumption, allocated, shared } = run;
  const conserved = shared === allocated && allocated <= consumption && allocated <= feedIn;
  const found = `P ${feedIn}, C ${consumption}, A ${allocated}, S ${shared}`;
  findings.hold("run.conserves", place, conserved, "S = A, at most P and C", found);
  for (const feedsIn of [true, false]) {
    const own = bundle.points.filter((point) => point.feedsIn === feedsIn);
    const [energy, given] = [sumOf(own.flatMap((point) => point.energy.flat())), sumOf(own.flatMap((point) => point.allocated.flat()))];
    const [total, rest] = [feedsIn ? feedIn : consumption, subtract(allocated, given)];
    // As in each interval: neighbours have no less than nothing, and share no more than they have.
    const fits = energy <= total && 0 <= rest && rest <= subtract(total, energy);
    findings.hold("run.own", place, fits, "totals in which one's own fit", `${energy} of ${total} mWh, ${given} of ${allocated} shared`);
  }
}

/**
 * Check that the rule is one that this page can read; nothing can be held against another.
 *
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 * @returns {boolean}
 */
export function checkRule({ rule }, findings) {
  const { key, source, tariff } = rule;
  const place = placeOf("rule");
  const { method, producers, tierMethods, tiers } = key;
  const tiered = tierMethods.every((tier) => tier > 0 && tier <= HYBRID) && tiers.every((tier) => tier < tierMethods.length);
  const ascending = producers.every((slot, r) => r === 0 || (producers[r - 1] ?? 0) < slot);
  const forms = source <= MOST_SOURCE && tariff.pricing <= MOST_PRICING && tariff.seller <= MOST_SELLER;
  const held = [
    findings.hold("rule.method", place, method > 0 && method < METHODS.length, "a method that this page knows (1 to 10)", method),
    findings.hold("rule.form", place, tiered && tierMethods.length > 0 === (method === PRIORITY), "tiers of methods 1 to 5", tierMethods.join()),
    findings.hold("rule.form", place, ascending && producers.length > 0 === (method === PAIRWISE), "ascending slots, of pairwise", producers.join()),
    findings.hold("rule.form", place, forms, "source, pricing, seller up to 1, 3, 1", `${source}, ${tariff.pricing}, ${tariff.seller}`),
  ];
  return !held.includes(false);
}

/**
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {string} community
 * @param {Findings} findings
 */
function checkBatch(bundle, chain, community, findings) {
  const { batch, terms } = chain;
  const place = placeOf("batch", "batch_id");
  if (!findings.hold("batch.found", place, batch.submittedAt > 0, "a batch, anchored", "none")) return;
  const of = `${batch.community.toLowerCase()}, ${batch.period}`;
  findings.compare("batch.of", place, `${community}, ${bundle.period}`, of);
  const named = batchId(bundle.community, bundle.period, batch.version, fromHex(batch.signer));
  findings.compareBytes("batch.id", place, named, bundle.batchId);
  const counted = batch.measured + batch.estimated + batch.missing;
  findings.compare("batch.complete", place, terms.expectedReadings, counted);
}

/**
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {string} community
 * @param {Findings} findings
 */
function checkBills(bundle, chain, community, findings) {
  const { bills } = chain;
  const place = placeOf("bills", "run_version");
  if (!findings.hold("bills.found", place, bills.state > 0, "bills of the run, anchored", "none")) return;
  const run = toHex(runId(bundle.community, bundle.period, bundle.runVersion));
  const of = `${bills.community.toLowerCase()}, ${bills.runId.toLowerCase()}`;
  findings.compare("bills.of", place, `${community}, ${run}`, of);
  const state = stateName(bills.state);
  findings.hold("bills.state", place, PAYABLE.has(state), "contestable or final", state);
  const owed = bills.credits + bills.fees + bills.vatDebits - bills.vatCredits + bills.passThrough + bills.rounding;
  findings.compare("bills.balance", place, owed, bills.debits);
  const seats = new Set(chain.seats.filter((_, slot) => (chain.points[slot]?.fromDay ?? 0) < (chain.points[slot]?.untilDay ?? 0)));
  findings.compare("bills.fees", place, seats.size * chain.rule.tariff.monthlyFee, bills.fees);
  const { debit, credit, vatDebit, vatCredit } = bundle.bill;
  const sums = /** @type {const} */ ([
    ["debit", debit, bills.debits],
    ["credit", credit, bills.credits],
    ["vat_debit", vatDebit, bills.vatDebits],
    ["vat_credit", vatCredit, bills.vatCredits],
  ]);
  for (const [name, own, total] of sums) {
    findings.hold("bills.own", placeOf("bill", `bill.${name}`), own <= total, `at most ${total}, of all bills`, own);
  }
}

/**
 * Check that the bundle has each point of the participant, as the registry and the class tree have it.
 *
 * @param {Bundle} bundle
 * @param {PeriodFacts} chain
 * @param {Findings} findings
 */
export function checkRegistration(bundle, chain, findings) {
  /** @type {number[]} */
  const expected = [];
  chain.seats.forEach((seat, slot) => {
    const record = chain.points[slot];
    if (seat === bundle.seat && record && record.fromDay < record.untilDay) expected.push(slot);
  });
  const slots = bundle.points.map((point) => point.slot);
  findings.compare("seat.points", placeOf("participant", "points"), `slots ${expected}`, `slots ${slots}`);
  findings.compare("seat.first", placeOf("participant", "seat"), slots[0] ?? -1, bundle.seat);
  checkMeters(bundle, findings);
  const terms = termsId(bundle.community, bundle.period);
  const depth = depthFor(chain.terms.slots);
  bundle.points.forEach((point, i) => {
    const record = chain.points[point.slot];
    /** @param {string} field */
    const at = (field) => placeOf("metering point", `points[${i}].${field}`, point.slot);
    findings.compare("point.direction", at("direction"), record?.direction ?? -1, point.feedsIn ? 1 : 0);
    findings.compare("point.factor_ppm", at("factor_ppm"), record?.factorPpm ?? -1, point.factorPpm);
    findings.compare("point.from_day", at("from_day"), record?.fromDay ?? -1, point.fromDay);
    findings.compare("point.until_day", at("until_day"), record?.untilDay ?? -1, point.untilDay);
    const tag = tagOf(point.nonce, point.number);
    findings.compare("point.tag", at("number"), record?.tag.toLowerCase() ?? "none", toHex(tag));
    const { vatClass, networkClass } = point;
    const known = vatClass <= WORST_VAT_CLASS && networkClass === 0;
    findings.hold("class.known", at("vat_class"), known, "VAT class 0 to 2, network class 0", `${vatClass}, ${networkClass}`);
    const path = placeOf("class", `points[${i}].class_path`, point.slot);
    if (!findings.compare("path.length", path, depth, point.classPath.length)) return;
    const salt = saltsOf(point.key, bundle.community, terms, 0x0a, point.slot)();
    const leaf = keccak256(classBytes(salt, point.vatClass, point.networkClass));
    const root = climb(leaf, point.slot, point.classPath);
    const place = placeOf("class", `points[${i}].vat_class`, point.slot);
    findings.compareBytes("class.root", place, fromHex(chain.terms.classesRoot), root);
  });
}

/**
 * @param {string} number
 * @returns {string} Without what writing it otherwise changes: separators, case, width of its characters.
 */
function plainNumber(number) {
  return number.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Refuse a meter that was confirmed twice: nonces differ, so only who knows its number can see it.
 *
 * @param {Bundle} bundle
 * @param {Findings} findings
 */
function checkMeters(bundle, findings) {
  bundle.points.forEach((point, i) => {
    const twin = bundle.points.slice(0, i).find(
      ({ number, feedsIn, fromDay, untilDay }) =>
        plainNumber(number) === plainNumber(point.number) &&
        feedsIn === point.feedsIn &&
        Math.max(fromDay, point.fromDay) < Math.min(untilDay, point.untilDay),
    );
    const place = placeOf("metering point", `points[${i}].number`, point.slot);
    const found = twin ? `slot ${twin.slot} has it on the same days` : "one slot";
    findings.hold("point.once", place, twin === undefined, "one slot for a meter and direction", found);
  });
}
