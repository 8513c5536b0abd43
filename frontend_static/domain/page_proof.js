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
import { BILLED_BY_COMMUNITY, LINES, cents, computeBill } from "./bill.js";
import { toHex } from "./bytes.js";
import { unpackBands } from "./chain_facts.js";
import { addBands, countQualities } from "./point_totals.js";
import { joinWindows, windowsOf } from "./price_windows.js";
import { runId } from "./salts.js";
import { Findings, placeOf, stateName } from "./verdict.js";

const DAY_MILLISECONDS = 86_400_000;
const [ESTIMATED, EDITED, MISSING] = [1, 2, 3];
const VAT_CLASSES = ["private", "exempt", "liable"];

/** Who bills what the community does not. */
const OTHERS = /** @type {const} */ ({
  ...{ residual: "supplier", network: "supplier", surplus: "offtaker", bought: "producer", sold: "consumer" },
});
const METHODS = /** @type {Record<number, string>} */ ({ 1: "dynamic", 2: "static" });
const BILLED_AS = /** @type {const} */ ({
  residual: "residual",
  bought: "shared",
  network: "network",
  sold: "shared",
  surplus: "surplus",
});

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
    this.totals = new Map(bundle.points.map((point) => [point.slot, addBands(point, bands, chain.intervals)]));
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
      ["rule.method", METHODS[this.chain.rule.method] ?? "unknown", rule.method],
      ["sharing_key", METHODS[this.chain.rule.method] ?? "unknown", this.bill.sharing_key],
      ["rule.tariff.shared_price", tariff.sharedPrice, shown.shared_price_micro_eur_per_kwh],
      ["rule.tariff.surplus_price", tariff.surplusPrice, shown.surplus_price_micro_eur_per_kwh],
      ["rule.tariff.network_price", tariff.networkPrice, shown.network_price_micro_eur_per_kwh],
      ["rule.tariff.monthly_fee", tariff.monthlyFee, shown.monthly_fee_cents],
      ["rule.tariff.vat_ppm", tariff.vatPpm, shown.vat_ppm],
      ["rule.tariff.vat_status", VAT_CLASSES[tariff.communityVatClass] ?? "unknown", shown.vat_status],
      ["rule.tariff.billed_by_community", namesIn(tariff.billedBy), [...shown.billed_by_community].sort().join(", ")],
    ]);
    for (const [field, expected, found] of pairs) this.hold("page.rule", "page rule", field, expected, found);
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
      hold("amount", this.tariff.monthlyFee, line.amount);
      hold("biller", "community", line.biller);
      return;
    }
    const { quantity, price, place } = this.priceOf(line);
    hold("line", place, line.line);
    hold("quantity", quantity, line.quantity);
    hold("unit_price", price, line.unit_price);
    hold("amount", cents(quantity, price), line.amount);
    const billed = (this.tariff.billedBy & BILLED_BY_COMMUNITY[BILLED_AS[line.kind]]) !== 0;
    hold("biller", billed ? "community" : OTHERS[line.kind], line.biller);
    if (line.kind === "residual") this.compareWindows(line.windows, line.band, `lines[${i}]`);
  }

  /**
   * @param {BillLine} line Any but the fee.
   * @returns {{quantity: number, price: number, place: number}} As bundle and rule have it.
   */
  priceOf(line) {
    const bands = this.totals.get(line.slot)?.bands ?? [];
    const energy = bands.reduce((sum, [value]) => sum + Number(value), 0);
    const allocated = bands.reduce((sum, [, value]) => sum + Number(value), 0);
    const { tariff } = this;
    switch (line.kind) {
      case "residual": {
        const [used, given] = bands[line.band] ?? [0, 0];
        const quantity = Number(used) - Number(given);
        return { quantity, price: tariff.residualPrice[line.band] ?? 0, place: line.band };
      }
      case "bought":
        return { quantity: allocated, price: tariff.sharedPrice, place: 4 };
      case "network":
        return { quantity: energy, price: tariff.networkPrice, place: 5 };
      case "sold":
        return { quantity: allocated, price: tariff.sharedPrice, place: 7 };
      default:
        return { quantity: energy - allocated, price: tariff.surplusPrice, place: 8 };
    }
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
      ["own", own ?? Math.min(energy.own, covered, shared), energy.own],
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

  /** @returns {number | null} What came back from one's own feed-in [mWh]; null where the headers are withheld. */
  ownUse() {
    const { days, points } = this.bundle;
    if (!points.some((point) => point.feedsIn) || !points.some((point) => !point.feedsIn)) return 0;
    let own = 0n;
    for (const [d, day] of days.entries()) {
      if (!day.headers) return null;
      for (const [t, header] of day.headers.entries()) {
        if (header.allocated === 0) continue;
        let [received, given] = [0n, 0n];
        for (const point of points) {
          const value = BigInt(point.allocated[d]?.[t] ?? 0);
          if (point.feedsIn) given += value;
          else received += value;
        }
        own += (received * given) / BigInt(header.allocated);
      }
    }
    return Number(own);
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
      return { feedsIn, bands: bands.map(([energy]) => /** @type {const} */ ([energy, 0])) };
    });
    const without = computeBill(alone, this.tariff, 0).lines.map(Number);
    /** @param {readonly number[]} of @param {number} from @param {number} until */
    const sum = (of, from, until) => of.slice(from, until).reduce((total, amount) => total + amount, 0);
    const [costWithout, earnedWithout] = [sum(without, 0, 6), sum(without, 8, 9)];
    const [costWith, earnedWith] = [sum(lines, 0, 7), sum(lines, 7, 9)];
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

  compareDocuments() {
    const { bill } = this.bundle;
    const sides = /** @type {const} */ ([
      ["invoice", bill.debit, bill.vatDebit, this.tariff.communityVatClass],
      ["self_billed", bill.credit, bill.vatCredit, this.bundle.points[0]?.vatClass ?? 0],
    ]);
    for (const [kind, gross, vat, vatClass] of sides) {
      const document = this.bill.documents.find((candidate) => candidate.kind === kind);
      const rate = vatClass === 2 ? this.tariff.vatPpm : 0;
      const pairs = /** @type {[string, number, number][]} */ ([
        ["sum_of_lines", gross - vat, document?.sum_of_lines ?? 0],
        ["total_without_vat", gross - vat, document?.total_without_vat ?? 0],
        ["total_vat", vat, document?.total_vat ?? 0],
        ["total_with_vat", gross, document?.total_with_vat ?? 0],
        ["amount_due", gross, document?.amount_due ?? 0],
        ["vat.basis", gross - vat, addUp(document?.vat.map((group) => group.basis))],
        ["vat.tax", vat, addUp(document?.vat.map((group) => group.tax))],
        ...(document?.vat ?? []).map((group) => /** @type {const} */ (["vat.rate_ppm", rate, group.rate_ppm])),
      ]);
      for (const [name, expected, found] of pairs) {
        this.hold("page.document", `page ${kind}`, `documents.${kind}.${name}`, expected, found);
      }
    }
  }
}

/** @param {number} mask Who bills what @returns {string} What the community bills, in the order of the alphabet. */
function namesIn(mask) {
  const billed = Object.entries(BILLED_BY_COMMUNITY).filter(([, bit]) => (mask & bit) !== 0);
  return billed.map(([name]) => name).sort().join(", ");
}

/** @param {readonly number[] | undefined} amounts */
function addUp(amounts) {
  return amounts?.reduce((sum, amount) => sum + amount, 0) ?? 0;
}

/**
 * @param {number} day Days since 1970-01-01.
 */
function isoDay(day) {
  return new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10);
}
