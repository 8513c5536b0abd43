/**
 * Holds every figure of the page *My bill* against the proven bundle and the chain: a page that shows another cent than
 * the proven one does not pass. Names, dates of payment, the invoice number and the carbon estimate are not anchored and
 * are not held here.
 *
 * @typedef {import("./bill_view.js").BillContent} BillContent
 * @typedef {import("./bill_view.js").BillLine} BillLine
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./chain_facts.js").PeriodFacts} PeriodFacts
 * @typedef {import("./bill.js").PointTotals} PointTotals
 * @typedef {import("./bill.js").Tariff & {windows: readonly number[]}} VotedTariff
 */
import { BILLED_BY_COMMUNITY, LIABLE, LINES, PRODUCERS_SELL, computeBill, vatOnTrade } from "./bill.js";
import { toHex } from "./bytes.js";
import { unpackBands } from "./chain_facts.js";
import { OTHERS, billedAs, describeLine } from "./page_lines.js";
import { addBands, countQualities } from "./point_totals.js";
import { joinWindows, windowsOf } from "./price_windows.js";
import { runId } from "./salts.js";
import { METHODS } from "./sharing_keys/rounds.js";
import { Findings, placeOf, stateName } from "./verdict.js";

const DAY_MILLISECONDS = 86_400_000;
const [ESTIMATED, EDITED, MISSING] = [1, 2, 3];
const VAT_CLASSES = ["private", "exempt", "liable"];

const PRICINGS = ["uniform", "mid_market", "supply_demand", "producer"];
const OWNERS = ["producer", "consumer"];
const EARNED = new Set(["sold", "surplus", "incentive"]);
const SOURCES = ["computed", "operator"];
const SCHEDULES = ["", "ahead", "after"];
const SELLERS = ["community", "producer"];

/**
 * @param {BillContent} bill What the page shows.
 * @param {Bundle} bundle Proven by `verifyBundle`.
 * @param {PeriodFacts} chain
 * @returns {import("./verdict.js").Check[]} Failures first.
 */
export function comparePage(bill, bundle, chain) {
  const page = new PageComparison(bill, bundle, chain);
  page.comparePeriod();
  page.compareRule();
  page.compareAmounts();
  bill.lines.forEach((line, i) => page.compareLine(line, i));
  page.compareEnergy();
  page.compareNeighbours();
  page.comparePoints();
  page.compareSaving();
  page.compareDocuments();
  return page.findings.checks();
}

/** One comparison, with what the bundle adds up to. */
class PageComparison {
  /**
   * @param {BillContent} bill
   * @param {Bundle} bundle
   * @param {PeriodFacts} chain
   */
  constructor(bill, bundle, chain) {
    this.bill = bill;
    this.bundle = bundle;
    this.chain = chain;
    this.tariff = /** @type {VotedTariff} */ (chain.rule.tariff);
    this.findings = new Findings();
    const bands = unpackBands(chain.bands);
    /** @type {Map<number, PointTotals>} By slot. */
    this.totals = new Map(bundle.points.map((point) => [point.slot, addBands(point, bands, chain.intervals, this.tariff)]));
    const { key, tariff } = chain.rule;
    /** @type {import("./bill.js").Terms} */
    this.terms = { key, tariff, seat: bundle.seat, seats: chain.seats };
    this.vatClass = bundle.points.find(({ slot }) => slot === bundle.seat)?.vatClass ?? 0;
  }

  /**
   * @param {string} id
   * @param {string} what
   * @param {string} field
   * @param {string | number | bigint} expected
   * @param {string | number | bigint} found
   * @param {number | null} [slot]
   */
  hold(id, what, field, expected, found, slot = null) {
    this.findings.compare(id, placeOf(what, field, slot), String(expected), String(found));
  }

  comparePeriod() {
    const { bill, bundle, chain } = this;
    const last = bundle.period + chain.terms.dayCount - 1;
    const { period, run } = bill;
    this.hold("page.period", "page period", "period.first", isoDay(bundle.period), period.first);
    this.hold("page.period", "page period", "period.last", isoDay(last), period.last);
    const intervals = chain.intervals.reduce((sum, count) => sum + count, 0);
    this.hold("page.period", "page period", "period.intervals", intervals, period.intervals);
    const minutes = chain.terms.resolutionMinutes;
    this.hold("page.period", "page period", "period.resolution_minutes", minutes, period.resolution_minutes);
    this.hold("page.seat", "page participant", "seat", bundle.seat, bill.seat);
    const id = toHex(runId(bundle.community, bundle.period, bundle.runVersion));
    this.hold("page.run", "page run", "run.id", id, run.id);
    this.hold("page.run", "page run", "run.version", bundle.runVersion, run.version);
    this.hold("page.run", "page run", "run.root", chain.run.root, run.root);
    this.hold("page.run", "page run", "bill_root", chain.bills.root, bill.bill_root);
    this.holdState("state", stateName(chain.run.state), bill.state);
    this.holdState("bill_state", stateName(chain.bills.state), bill.bill_state);
  }

  /**
   * A page may lag behind the chain, where anyone may finalise; it may not run ahead of it.
   *
   * @param {string} field
   * @param {string} there On chain.
   * @param {string} shown
   */
  holdState(field, there, shown) {
    const lags = shown === "contestable" && there === "final";
    this.hold("page.state", "page run", field, there, lags ? there : shown);
  }

  compareRule() {
    const { tariff } = this;
    const { rule } = this.bill;
    const shown = rule.tariff;
    const pairs = /** @type {[string, string | number, string | number][]} */ ([
      ["rule.version", this.chain.terms.ruleVersion, rule.version],
      ["rule_version", this.chain.terms.ruleVersion, this.bill.rule_version],
      ["rule.method", METHODS[this.terms.key.method] ?? "unknown", rule.method],
      ["sharing_key", METHODS[this.terms.key.method] ?? "unknown", this.bill.sharing_key],
      ["rule.surplus_owner", OWNERS[this.terms.key.surplusOwner] ?? "unknown", rule.surplus_owner],
      ["surplus_owner", OWNERS[this.terms.key.surplusOwner] ?? "unknown", this.bill.surplus_owner],
      ["pricing", PRICINGS[tariff.pricing] ?? "unknown", this.bill.pricing],
      ["sold_by", SELLERS[tariff.seller] ?? "unknown", this.bill.sold_by],
      ["rule.tariff.shared_price", tariff.sharedPrice, shown.shared_price_micro_eur_per_kwh],
      ["rule.tariff.surplus_price", tariff.surplusPrice, shown.surplus_price_micro_eur_per_kwh],
      ["rule.tariff.network_price", tariff.networkPrice, shown.network_price_micro_eur_per_kwh],
      ["rule.tariff.monthly_fee", tariff.monthlyFee, shown.monthly_fee_cents],
      ["rule.tariff.vat_ppm", tariff.vatPpm, shown.vat_ppm],
      ["rule.tariff.vat_status", VAT_CLASSES[tariff.communityVatClass] ?? "unknown", shown.vat_status],
      ["rule.tariff.billed_by_community", namesIn(tariff.billedBy), [...shown.billed_by_community].sort().join(", ")],
    ]);
    for (const [field, expected, found] of pairs) this.hold("page.rule", "page rule", field, expected, found);
    const { key, source } = this.chain.rule;
    const others = /** @type {[string, string | number, unknown][]} */ ([
      ["source", SOURCES[source] ?? "unknown", rule.source],
      ["schedule", SCHEDULES[key.schedule] ?? "unknown", rule.schedule],
      ["tariff.pricing", PRICINGS[tariff.pricing] ?? "unknown", shown.pricing],
      ["tariff.seller", SELLERS[tariff.seller] ?? "unknown", shown.seller],
      ["tariff.network_shared_price", tariff.networkSharedPrice, shown.network_shared_price_micro_eur_per_kwh],
      ["tariff.excise_price", tariff.excisePrice, shown.excise_price_micro_eur_per_kwh],
      ["tariff.excise_shared_price", tariff.exciseSharedPrice, shown.excise_shared_price_micro_eur_per_kwh],
      ["tariff.premium_consumption_price", tariff.premiumConsumption, shown.premium_consumption_price_micro_eur_per_kwh],
      ["tariff.premium_feed_in_price", tariff.premiumFeedIn, shown.premium_feed_in_price_micro_eur_per_kwh],
    ]);
    for (const [field, expected, found] of others) this.hold("page.rule", "page rule", `rule.${field}`, expected, String(found));
    for (const { band, price_micro_eur_per_kwh: price, windows } of shown.residual_prices) {
      const field = `rule.tariff.residual_prices[${band}]`;
      this.hold("page.rule", "page rule", field, tariff.residualPrice[band] ?? 0, price);
      this.compareWindows(windows, band, field);
    }
  }

  /**
   * @param {readonly string[]} windows Such as `00:00-06:00`.
   * @param {number} band
   * @param {string} field
   */
  compareWindows(windows, band, field) {
    const voted = windowsOf(this.tariff.windows, band);
    this.hold("page.rule", "page rule", `${field}.windows`, voted.join(", "), joinWindows(windows).join(", "));
  }

  compareAmounts() {
    const { amounts, lines } = this.bill;
    const proven = this.bundle.bill;
    LINES.forEach((name, i) => {
      const what = `bill line, ${name}`;
      this.hold("page.line", what, `amounts.lines[${i}]`, proven.lines[i] ?? 0, amounts.lines[i] ?? 0);
      const sum = lines.reduce((total, line) => total + (line.line === i ? line.amount : 0), 0);
      this.hold("page.line", what, "lines", proven.lines[i] ?? 0, sum);
    });
    const pairs = /** @type {[string, number, number][]} */ ([
      ["vat_debit", proven.vatDebit, amounts.vat_debit],
      ["vat_credit", proven.vatCredit, amounts.vat_credit],
      ["debit", proven.debit, amounts.debit],
      ["credit", proven.credit, amounts.credit],
      ["debit_net", proven.debit - proven.vatDebit, amounts.debit_net],
      ["credit_net", proven.credit - proven.vatCredit, amounts.credit_net],
      ["payable", proven.debit - proven.credit, amounts.payable],
      ["vat_bought", Number(vatOnTrade([...this.totals.values()], false, this.terms)), amounts.vat_bought],
      ["vat_sold", this.vatClass === LIABLE ? Number(vatOnTrade([...this.totals.values()], true, this.terms)) : 0, amounts.vat_sold],
    ]);
    for (const [name, expected, found] of pairs) {
      this.hold("page.amount", `bill, ${name.replace("_", " ")}`, `amounts.${name}`, expected, found);
    }
  }

  /**
   * @param {BillLine} line
   * @param {number} i
   */
  compareLine(line, i) {
    const what = `bill line, ${LINES[line.line] ?? line.kind}`;
    /** @param {string} name @param {string | number | bigint} expected @param {string | number | bigint} found */
    const hold = (name, expected, found) =>
      this.hold("page.line", what, `lines[${i}].${name}`, expected, found, line.slot < 0 ? null : line.slot);
    if (line.kind !== "residual") hold("band", -1, line.band);
    if (line.kind === "fee") {
      hold("line", 6, line.line);
      hold("slot", -1, line.slot);
      hold("quantity", 1, line.quantity);
      hold("unit_price", this.tariff.monthlyFee, line.unit_price);
      hold("value", this.tariff.monthlyFee, line.value);
      hold("amount", this.tariff.monthlyFee, line.amount);
      hold("biller", "community", line.biller);
      hold("counterpart", "nobody", line.counterpart ? "a neighbour" : "nobody");
      return;
    }
    const totals = this.totals.get(line.slot);
    const told = totals ? describeLine(line, this.nthOf(line, i), totals, this.terms) : null;
    hold("line", told?.place ?? -1, line.line);
    hold("quantity", told?.quantity ?? 0, line.quantity);
    hold("unit_price", told?.price ?? 0, line.unit_price);
    hold("value", Number(told?.value ?? 0), line.value);
    hold("amount", told?.amount ?? 0, line.amount);
    const bit = billedAs(line.kind);
    const billed = bit === 0 || (this.tariff.billedBy & bit) !== 0;
    hold("biller", billed ? "community" : (OTHERS[line.kind] ?? "unknown"), line.biller);
    const traded = this.tariff.seller === PRODUCERS_SELL && (line.kind === "bought" || line.kind === "sold");
    hold("counterpart", traded ? "a neighbour" : "nobody", line.counterpart ? "a neighbour" : "nobody");
    if (line.kind === "residual") this.compareWindows(line.windows, line.band, `lines[${i}]`);
  }

  /**
   * @param {BillLine} line
   * @param {number} i
   * @returns {number} Which line of its kind and point it is, from 0.
   */
  nthOf(line, i) {
    return this.bill.lines.slice(0, i).filter(({ kind, slot }) => kind === line.kind && slot === line.slot).length;
  }

  compareEnergy() {
    const { energy } = this.bill;
    const [used, covered] = this.sumUp(false);
    const [produced, shared] = this.sumUp(true);
    const own = this.ownUse();
    const pairs = /** @type {[string, number, number][]} */ ([
      ["used", used, energy.used],
      ["own + from_neighbours", covered, energy.own + energy.from_neighbours],
      ["from_grid", used - covered, energy.from_grid],
      ["produced", produced, energy.produced],
      ["shared", shared, energy.shared],
      ["surplus", produced - shared, energy.surplus],
      ["origins", covered, energy.origins.reduce((sum, origin) => sum + origin.energy, 0)],
      ["own", own, energy.own],
    ]);
    for (const [name, expected, found] of pairs) {
      this.hold("page.energy", `page energy, ${name}`, `energy.${name}`, expected, found);
    }
  }

  /**
   * @param {boolean} feedsIn
   * @returns {[energy: number, allocated: number]} Over the points of that direction [mWh].
   */
  sumUp(feedsIn) {
    let [energy, allocated] = [0, 0];
    for (const totals of this.totals.values()) {
      if (totals.feedsIn !== feedsIn) continue;
      for (const [used, given] of totals.bands) {
        energy += Number(used);
        allocated += Number(given);
      }
    }
    return [energy, allocated];
  }

  /** @returns {number} What came from one's own feed-in [mWh]. */
  ownUse() {
    const { points, seat } = this.bundle;
    const links = points.flatMap((point) => (point.feedsIn ? [] : point.links));
    return links.filter(({ slot }) => this.chain.seats[slot] === seat).reduce((sum, { energy }) => sum + Number(energy), 0);
  }

  /** Who served the participant, and whom it served, are the proven links; names are not anchored. */
  compareNeighbours() {
    /** @type {Map<string, [energy: number, value: bigint]>} */
    const proven = new Map();
    for (const { feedsIn, links } of this.bundle.points) {
      for (const { slot, energy, value } of links) {
        const seat = this.chain.seats[slot] ?? slot;
        if (seat === this.bundle.seat) continue;
        const key = `${feedsIn ? "to" : "from"} ${seat}`;
        const [sum, worth] = proven.get(key) ?? [0, 0n];
        proven.set(key, [sum + Number(energy), worth + BigInt(value)]);
      }
    }
    const { neighbours } = this.bill;
    this.hold("page.neighbour", "page neighbours", "neighbours", proven.size, neighbours.length);
    for (const [i, { side, seat, energy, value }] of neighbours.entries()) {
      const [sum, worth] = proven.get(`${side} ${seat}`) ?? [0, 0n];
      this.hold("page.neighbour", "page neighbours", `neighbours[${i}].energy`, sum, energy);
      this.hold("page.neighbour", "page neighbours", `neighbours[${i}].value`, Number(worth), value);
    }
  }

  comparePoints() {
    const { bill, bundle } = this;
    this.hold("page.point", "page point", "points", bundle.points.length, bill.points.length);
    const counted = [0, 0, 0, 0];
    for (const point of bundle.points) {
      const shown = bill.points.find((summary) => summary.slot === point.slot);
      const bands = this.totals.get(point.slot)?.bands ?? [];
      const counts = countQualities(point);
      counts.forEach((count, quality) => (counted[quality] = (counted[quality] ?? 0) + count));
      const pairs = /** @type {[string, string | number, string | number][]} */ ([
        ["number", point.number, shown?.number ?? ""],
        ["direction", point.feedsIn ? "feed_in" : "consumption", shown?.direction ?? ""],
        ["band_energy", bands.map(([energy]) => energy).join(", "), shown?.band_energy.join(", ") ?? ""],
        ["band_allocated", bands.map(([, given]) => given).join(", "), shown?.band_allocated.join(", ") ?? ""],
        ["energy", bands.reduce((sum, [energy]) => sum + Number(energy), 0), shown?.energy ?? -1],
        ["allocated", bands.reduce((sum, [, given]) => sum + Number(given), 0), shown?.allocated ?? -1],
        ["value", Number(this.totals.get(point.slot)?.value ?? 0), shown?.value ?? -1],
        ["credited", Number(this.totals.get(point.slot)?.credited ?? 0), shown?.credited ?? -1],
        ["readings", counts.reduce((sum, count) => sum + count, 0), shown?.readings ?? -1],
        ["estimated", counts[ESTIMATED] ?? 0, shown?.estimated ?? -1],
        ["missing", counts[MISSING] ?? 0, shown?.missing ?? -1],
      ]);
      for (const [name, expected, found] of pairs) {
        this.hold("page.point", "page point", `points.${name}`, expected, found, point.slot);
      }
    }
    const { quality } = bill;
    const all = counted.reduce((sum, count) => sum + count, 0);
    this.hold("page.quality", "page readings", "quality.readings", all, quality.readings);
    this.hold("page.quality", "page readings", "quality.estimated", counted[ESTIMATED] ?? 0, quality.estimated);
    this.hold("page.quality", "page readings", "quality.edited", counted[EDITED] ?? 0, quality.edited);
    this.hold("page.quality", "page readings", "quality.missing", counted[MISSING] ?? 0, quality.missing);
  }

  compareSaving() {
    const { saving } = this.bill;
    const { lines } = this.bundle.bill;
    /** @type {PointTotals[]} */
    const alone = [...this.totals.values()].map(({ feedsIn, bands }) => {
      return { feedsIn, bands: bands.map(([energy]) => /** @type {const} */ ([energy, 0])), value: 0, credited: 0, links: [] };
    });
    // Without sharing what is fed in is its producer's surplus, and there is neither fee nor incentive.
    const unshared = { ...this.terms, key: { method: 1, surplusOwner: 0 } };
    const without = computeBill(alone, unshared, 0).lines.map(Number);
    /** @param {readonly number[]} of @param {readonly number[]} places */
    const sum = (of, places) => places.reduce((total, place) => total + (of[place] ?? 0), 0);
    const everything = LINES.map((_, place) => place);
    const earned = LINES.flatMap((name, place) => (EARNED.has(name) ? [place] : []));
    const fee = LINES.indexOf("fee");
    const [earnedWithout, earnedWith] = [sum(without, earned), sum(lines, earned)];
    const costWithout = sum(without, everything) - earnedWithout - (without[fee] ?? 0);
    const costWith = sum(lines, everything) - earnedWith;
    const pairs = /** @type {[string, number, number][]} */ ([
      ["cost_without", costWithout, saving.cost_without],
      ["earned_without", earnedWithout, saving.earned_without],
      ["cost_with", costWith, saving.cost_with],
      ["earned_with", earnedWith, saving.earned_with],
      ["saving", costWithout - earnedWithout - (costWith - earnedWith), saving.saving],
    ]);
    for (const [name, expected, found] of pairs) {
      this.hold("page.saving", "page saving", `saving.${name}`, expected, found);
    }
  }

  /** The documents of each side come to the proven amounts; an incentive is paid on, and stands on none. */
  compareDocuments() {
    const { bill } = this.bundle;
    const incentive = bill.lines[LINES.indexOf("incentive")] ?? 0;
    const sides = /** @type {const} */ ([
      [["invoice", "purchase"], bill.debit, bill.vatDebit],
      [["self_billed", "sale"], bill.credit - incentive, bill.vatCredit],
    ]);
    for (const [kinds, gross, vat] of sides) {
      const documents = this.bill.documents.filter(({ kind }) => kinds.some((known) => known === kind));
      const groups = documents.flatMap((document) => document.vat);
      const pairs = /** @type {[string, number, number][]} */ ([
        ["sum_of_lines", gross - vat, addUp(documents.map((document) => document.sum_of_lines))],
        ["total_without_vat", gross - vat, addUp(documents.map((document) => document.total_without_vat))],
        ["total_vat", vat, addUp(documents.map((document) => document.total_vat))],
        ["total_with_vat", gross, addUp(documents.map((document) => document.total_with_vat))],
        ["amount_due", gross, addUp(documents.map((document) => document.amount_due))],
        ["vat.basis", gross - vat, addUp(groups.map((group) => group.basis))],
        ["vat.tax", vat, addUp(groups.map((group) => group.tax))],
      ]);
      for (const [name, expected, found] of pairs) {
        this.hold("page.document", `page ${kinds[0]}`, `documents.${kinds[0]}.${name}`, expected, found);
      }
      documents.forEach((document) => this.compareDocument(document));
    }
  }

  /** @param {import("./bill_view.js").BillDocument} document */
  compareDocument(document) {
    const { kind, vat, lines, sum_of_lines: net } = document;
    const own = { invoice: this.tariff.communityVatClass, self_billed: this.vatClass, sale: this.vatClass, purchase: null }[kind];
    const what = kind === "purchase" ? "page invoice" : kind === "sale" ? "page self_billed" : `page ${kind}`;
    const listed = addUp(lines.map((place) => this.bill.lines[place]?.amount ?? 0));
    this.hold("page.document", what, `documents.${kind}.lines`, net, listed);
    const me = this.bill.participant.id;
    const other = this.bill.lines[lines[0] ?? -1]?.counterpart ?? "";
    const [seller, buyer] = { invoice: ["", me], self_billed: [me, ""], purchase: [other, me], sale: [me, other] }[kind];
    this.hold("page.document", what, `documents.${kind}.seller`, seller ?? "", document.seller);
    this.hold("page.document", what, `documents.${kind}.buyer`, buyer ?? "", document.buyer);
    for (const group of own === null ? [] : vat) {
      this.hold("page.document", what, `documents.${kind}.vat.rate_ppm`, own === LIABLE ? this.tariff.vatPpm : 0, group.rate_ppm);
    }
  }
}

/** @param {number} mask Who bills what @returns {string} What the community bills, in the order of the alphabet. */
function namesIn(mask) {
  const billed = Object.entries(BILLED_BY_COMMUNITY).filter(([, bit]) => (mask & bit) !== 0);
  return billed.map(([name]) => name).sort().join(", ");
}

/** @param {readonly number[]} amounts */
function addUp(amounts) {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

/**
 * @param {number} day Days since 1970-01-01.
 */
function isoDay(day) {
  return new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10);
}
