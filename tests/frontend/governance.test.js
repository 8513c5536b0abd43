import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { CHOICES, TREATMENTS } from "../../frontend_static/domain/conformity_terms.js";
import { nameParameter, nameRule, tellDifference } from "../../frontend_static/domain/differences.js";
import { parseDecimal, writeShort } from "../../frontend_static/domain/decimals.js";
import { hashWords, leftOf, sortProposals, standingOf } from "../../frontend_static/domain/proposals.js";
import * as rehearsals from "../../frontend_static/domain/rehearsals.js";
import { changedTables, draftOf, tablesOf } from "../../frontend_static/domain/rule_draft.js";
import { findFaults } from "../../frontend_static/domain/rule_faults.js";
import { findDifference } from "../../frontend_static/domain/rule_struct.js";
import { SUBJECTS, hashTerms, optionsOf, ownValue } from "../../frontend_static/domain/terms.js";
import { WORDS, say } from "../../frontend_static/i18n/words.js";

const VECTORS = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "..", "vectors", "rehearsal.json"), "utf8"));

/** @type {import("../../frontend_static/domain/rule_draft.js").Point[]} */
const POINTS = [
  { id: "home-01-load", participant: "home-01", name: "Home 1", direction: "consumption" },
  { id: "home-02-load", participant: "home-02", name: "Home 2", direction: "consumption" },
  { id: "roof", participant: "coop", name: "Coop", direction: "feed_in" },
];
const TARIFF = {
  ...{ shared_price: "0.12", residual_price: [{ from: "00:00", to: "06:00", price: "0.16" }, { from: "06:00", to: "24:00", price: "0.25" }] },
  ...{ surplus_price: "0.06", network_price: "0.045", network_shared_price: "0.045", excise_price: "0", excise_shared_price: "0", monthly_fee: "2.00" },
  ...{ vat_ppm: 200_000, billed_by: { shared: "community", residual: "supplier", network: "supplier", surplus: "offtaker" } },
};
const TODAY = {
  settlement: { contest_window_hours: 168 },
  allocation: { source: "computed" },
  sharing_key: { method: "static", coefficients_ppm: { "home-01-load": 600_000, "home-02-load": 399_999 }, surplus_owner: "producer" },
  conformity: { max_estimated_ppm: 50_000, max_missing_ppm: 200_000, gaps: "estimate", rules: {} },
  tariff: TARIFF,
};

test("a result hashes as the service hashes it, and any other figure is another hash", () => {
  const { result } = VECTORS;
  assert.equal(rehearsals.hashResult(result), result.result_hash);
  assert.equal(rehearsals.canonicalJson(result.distribution), VECTORS.canonical);
  assert.equal(rehearsals.hashResult({ ...result, law: null }), result.result_hash, "what the law says depends on the day");
  assert.notEqual(rehearsals.hashResult({ ...result, distribution: { ...result.distribution, losing: 3 } }), result.result_hash);
  assert.throws(() => rehearsals.canonicalJson({ cents: 0.5 }), RangeError);
});

test("one's own line is found in the result, and a line that was altered is not", () => {
  for (const own of VECTORS.own) {
    assert.ok(rehearsals.holdsLine(VECTORS.result, own));
    assert.equal(rehearsals.holdsLine(VECTORS.result, { ...own, line: { ...own.line, gain_cents: 1 } }), false);
    assert.equal(rehearsals.holdsLine(VECTORS.result, { ...own, place: own.place ^ 1 }), false);
    assert.equal(rehearsals.holdsLine(VECTORS.result, { ...own, path: own.path.slice(1) }), false);
  }
});

test("classes of gains are shown from the first to the last that has members, with their sense", () => {
  const classes = [[null, -500, 0], [-500, 0, 6], [0, 1, 0], [1, 501, 7], [501, null, 0]].map(([from, until, members]) => ({ from_cents: from ?? null, until_cents: until ?? null, members: members ?? 0 }));
  assert.deepEqual(rehearsals.shownClasses(classes).map(rehearsals.senseOf), ["loses", "same", "gains"]);
  assert.deepEqual(rehearsals.shownClasses(null), []);
  assert.equal(rehearsals.senseOf({ from_cents: -500, until_cents: 501, members: 5 }), "mixed");
});

test("decimals are read as people type them, exactly", () => {
  assert.equal(parseDecimal(" 0,12 ", 6), 120_000);
  assert.equal(parseDecimal("12.5", 4), 125_000);
  assert.equal(parseDecimal("0.1200000", 6), 120_000);
  for (const text of ["", "-1", "1e3", "0.0000001", "1.2.3", ".5", "٣", "12 5"]) assert.equal(parseDecimal(text, 6), null, text);
  assert.deepEqual([[125_000, 4], [0, 4], [1_000_000, 4], [7, 0], [1, 6]].map(([value = 0, digits = 0]) => writeShort(value, digits)), ["12.5", "0", "100", "7", "0.000001"]);
});

test("a rule that is opened in the form and left as it is says the same", () => {
  assert.deepEqual(tablesOf(draftOf(TODAY), POINTS), TODAY);
  assert.deepEqual(changedTables(draftOf(TODAY), draftOf(TODAY), POINTS), {});
  assert.deepEqual(findFaults(draftOf(TODAY), POINTS, 15), []);
});

test("only the tables that were changed are proposed", () => {
  const today = draftOf(TODAY);
  const draft = { ...today, prices: { ...today.prices, shared_price: "0,11" } };
  assert.deepEqual(changedTables(draft, today, POINTS), { tariff: { ...TARIFF, shared_price: "0.11" } });
});

test("terms of conformity are typed, told apart from the software's own, and written as a file has them", () => {
  const today = draftOf(TODAY);
  const terms = [
    { subject: "zero-run", what: "hours", value: " 24 " },
    { subject: "habit", what: "high_ppm", value: "250,5" },
    { subject: "stuck", what: "intervals", value: "12" },
    { subject: "spike", what: "left_out", value: "" },
    { subject: "clear-sky", what: "left_out", value: "" },
    { subject: "gap", what: "treatment", value: "useless" },
    { subject: "stuck", what: "treatment", value: "useless" },
    { subject: "estimation", what: "method", value: "profiled" },
  ];
  const draft = { ...today, terms };
  assert.deepEqual(findFaults(draft, POINTS, 15), []);
  const { conformity } = changedTables(draft, today, POINTS);
  const rules = { zero_run: { hours: 24 }, habit: { high_ppm: 2_505_000 }, estimation: { method: "profiled" }, left_out: ["clear-sky", "spike"], treatments: { gap: "useless" } };
  assert.deepEqual(conformity.rules, rules, "what is the software's own is not proposed");
  assert.deepEqual(tablesOf(draftOf({ ...TODAY, conformity }), POINTS)["conformity"], conformity);
  assert.deepEqual(changedTables({ ...today, terms: terms.slice(2, 3) }, today, POINTS), {});
  assert.equal(hashTerms({}), `0x${"00".repeat(32)}`);
  assert.equal(hashTerms({ zero_run: { hours: 12 } }), hashTerms({}));
  assert.equal(hashTerms({ estimation: { method: "similar-days" } }), hashTerms({}));
});

test("terms out of bounds, of no figure, or given twice are told at their line", () => {
  const today = draftOf(TODAY);
  const faults = (/** @type {import("../../frontend_static/domain/terms.js").Term[]} */ ...terms) => findFaults({ ...today, terms }, POINTS, 15);
  const hours = { subject: "zero-run", what: "hours", value: "24" };
  for (const value of ["0", "1001", "", "24.5", "many"]) {
    assert.deepEqual(faults({ ...hours, value }), [{ at: "terms.0", words: "fault.count", values: { low: "1", high: "1000" } }], value);
  }
  const ratio = { subject: "spike", what: "day_ppm", value: "109" };
  assert.deepEqual(faults(hours, ratio), [{ at: "terms.1", words: "fault.terms.percent", values: { low: "110", high: "10000" } }]);
  assert.deepEqual(faults(hours, { ...hours, value: "30" }), [{ at: "terms.1", words: "fault.terms.twice" }]);
});

test("everything that can be changed of a rule has a name in both languages, and starts as it is", () => {
  for (const subject of SUBJECTS) {
    for (const what of optionsOf(subject)) {
      for (const locale of /** @type {const} */ (["en", "fr"])) {
        const speak = (/** @type {string} */ key, /** @type {any} */ values) => say(key, values, locale);
        const named = [nameRule(subject, speak), what === "left_out" || what === "treatment" ? speak(`compose.terms.${what}`, {}) : nameParameter(subject, what, speak)];
        for (const words of named) assert.ok(!/^(conformity|readings|compose)\./.test(words), words);
      }
      const value = ownValue(subject, what);
      assert.deepEqual(findFaults({ ...draftOf(TODAY), terms: [{ subject, what, value }] }, POINTS, 15), [], `${subject} ${what}`);
    }
  }
  for (const one of CHOICES["estimation"]?.["method"] ?? []) assert.ok(WORDS.fr[`choice.conformity.rules.estimation.method.${one}`], one);
  for (const one of TREATMENTS) assert.ok(WORDS.fr[`choice.conformity.rules.treatments.${one}`], one);
});

test("a change of conformity is told with rule, parameter and unit", () => {
  const told = (/** @type {any} */ difference, /** @type {"en" | "fr"} */ locale = "en") => {
    const { what, before, after } = tellDifference({ place: [], words: {}, ...difference }, locale, (key, values) => say(key, values, locale));
    return `${what}: ${before} -> ${after}`;
  };
  assert.equal(told({ field: "conformity.rules.zero_run.hours", before: 12, after: 24, unit: "h" }), "Zero for too long: length, at least: 12 h -> 24 h");
  assert.equal(told({ field: "conformity.rules.register.factor_ppm", before: 10_000, after: 20_000, unit: "ppm" }), "Not what the register says: deviation of a factor, at most: 1% -> 2%");
  assert.equal(told({ field: "conformity.rules.habit.days", before: 20, after: 30, unit: "d" }, "fr"), "Jours hors de l’historique : jours d’historique, au moins: 20 jours -> 30 jours");
  assert.equal(told({ field: "conformity.rules.left_out", place: ["spike"], before: false, after: true, unit: "flag" }), "Readings are checked without “A spike”: no -> yes");
  assert.equal(told({ field: "conformity.rules.treatments", place: ["gap"], before: "estimable", after: "useless", unit: "choice" }), "What is found by “Missing readings”: counts as missing and is estimated -> counts as missing");
});

test("each method takes from the form what it has a use for, and nothing else", () => {
  const draft = { ...draftOf(TODAY), producerKey: true, producerParts: { roof: "100" }, tiers: [{ method: "equal", points: ["home-01-load"] }, { method: "dynamic", points: [] }] };
  const keys = (/** @type {string} */ method) => Object.keys(tablesOf({ ...draft, method }, POINTS)["sharing_key"]).sort();
  assert.deepEqual(keys("dynamic"), ["method", "producer_coefficients_ppm", "surplus_owner"]);
  assert.deepEqual(keys("static"), ["coefficients_ppm", "method", "producer_coefficients_ppm", "surplus_owner"]);
  assert.deepEqual(keys("scheduled"), ["method", "producer_coefficients_ppm", "schedule", "surplus_owner"]);
  assert.deepEqual(keys("pairwise"), ["method", "pairs_ppm", "surplus_owner"]);
  assert.deepEqual(keys("priority"), ["method", "producer_coefficients_ppm", "surplus_owner", "tiers"]);
  assert.deepEqual(keys("flow"), ["links", "method", "surplus_owner"]);
  assert.deepEqual(keys("incentive"), ["method", "surplus_owner"]);
});

test("what a rule lacks is told at its field", () => {
  const today = draftOf(TODAY);
  const at = (/** @type {Partial<import("../../frontend_static/domain/rule_draft.js").Draft>} */ change, minutes = 15) =>
    findFaults({ ...today, ...change }, POINTS, minutes).map((fault) => `${fault.at} ${fault.words}`);
  assert.deepEqual(at({ coefficients: { "home-01-load": "60", "home-02-load": "40.0001" } }), ["coefficients fault.parts.sum"]);
  assert.deepEqual(at({ coefficients: {} }), ["coefficients fault.parts.none"]);
  assert.deepEqual(at({ coefficients: { "home-01-load": "x" } }), ["coefficients.home-01-load fault.percent"]);
  assert.deepEqual(at({ method: "incentive" }), ["method fault.incentive"]);
  assert.deepEqual(at({ method: "incentive" }, 60), []);
  assert.deepEqual(at({ method: "pairwise" }), ["pairs fault.parts.none"]);
  assert.deepEqual(at({ method: "priority" }), ["tiers fault.tiers.none"]);
  const windows = (/** @type {[string, string, string][]} */ ...rows) => at({ windows: rows.map(([from, to, price]) => ({ from, to, price })) });
  assert.deepEqual(windows(["00:00", "06:00", "0.1"], ["07:00", "24:00", "0.2"]), ["windows.1 fault.window.order"]);
  assert.deepEqual(windows(["00:00", "23:00", "0.1"]), ["windows.0 fault.window.end"]);
  assert.deepEqual(windows(["00:00", "25:00", "0.1"]), ["windows.0 fault.window.time"]);
  assert.deepEqual(windows(["00:00", "24:00", "free"]), ["windows.0.price fault.price"]);
  assert.deepEqual(at({ pricing: "supply_demand", prices: { ...today.prices, surplus_price: "0.2" } }), ["windows.0.price fault.pricing.below"]);
  assert.deepEqual(at({ contestHours: "1.5" }), ["contest_hours fault.count"]);
  assert.deepEqual(at({ maxEstimated: "101" }), ["max_estimated fault.percent.most"]);
  for (const words of ["fault.parts.sum", "fault.parts.none", "fault.percent", "fault.incentive", "fault.tiers.none", "fault.window.order", "fault.price", "fault.count"]) {
    for (const locale of /** @type {const} */ (["en", "fr"])) assert.ok(WORDS[locale][words], `${locale} ${words}`);
  }
});

test("a difference is told before and after with its unit, in both languages", () => {
  const words = { en: "", fr: "" };
  const told = (/** @type {any} */ difference, /** @type {"en" | "fr"} */ locale) =>
    tellDifference({ place: [], words, ...difference }, locale, (key, values) => say(key, values, locale), (point) => `<${point}>`);
  const price = { field: "tariff.shared_price", before: 120_000, after: 110_000, unit: "micro_eur_per_kwh" };
  assert.deepEqual(told(price, "en"), { what: "Price of shared energy", before: "€0.12/kWh", after: "€0.11/kWh", sense: "down" });
  assert.deepEqual(told(price, "fr").after, "0,11\u00a0€/kWh");
  assert.equal(told({ field: "sharing_key.coefficients_ppm", place: ["home-01-load"], before: null, after: 600_000, unit: "ppm" }, "en").what, "Part of <home-01-load>");
  assert.equal(told({ field: "sharing_key.coefficients_ppm", place: ["home-01-load"], before: null, after: 600_000, unit: "ppm" }, "en").before, null);
  assert.equal(told({ field: "settlement.contest_window", before: 604_800, after: 3600, unit: "s" }, "en").before, "7 days");
  assert.equal(told({ field: "tariff.pricing", before: "uniform", after: "producer", unit: "choice" }, "en").after, "each roof sets its own");
  assert.equal(told({ field: "tariff.billed_by", place: ["network"], before: false, after: true, unit: "flag" }, "en").what, "The community bills the network");
  assert.equal(told({ field: "unheard.of", before: 1, after: 2, unit: "count", words: { en: "Unheard of: from 1 to 2.", fr: "" } }, "en").what, "Unheard of: from 1 to 2.");
});

test("yes and abstentions make the quorum, yes and no the result", () => {
  const standing = standingOf({ for: 3, abstain: 2, against: 4 }, 20, 5);
  assert.deepEqual(standing, { cast: 9, counted: 5, missing: 0, reached: true, ahead: false });
  assert.equal(standingOf({ for: 3, abstain: 0, against: 0 }, 20, 5).missing, 2);
});

test("what is left is told in the largest unit that fits", () => {
  assert.deepEqual(leftOf(2 * 86_400 + 3 * 3600 + 59), { unit: "days", count: 2, rest: 3 });
  assert.deepEqual(leftOf(3599), { unit: "minutes", count: 59, rest: 59 });
  assert.deepEqual(leftOf(-5), { unit: "seconds", count: 0, rest: 0 });
});

test("the proposal that closes soonest stands first, past ones follow the newest first", () => {
  const one = (/** @type {string} */ id, /** @type {string} */ state, /** @type {number} */ day) => ({ id, state, opens: `2026-11-0${day}T00:00:00Z`, closes: `2026-11-1${day}T00:00:00Z` });
  const { open, past } = sortProposals([one("a", "executed", 1), one("b", "active", 5), one("c", "queued", 2), one("d", "defeated", 3)]);
  assert.deepEqual([open.map(({ id }) => id), past.map(({ id }) => id)], [["c", "b"], ["d", "a"]]);
});

test("words that were altered hash to something else", () => {
  const salt = `0x${"07".repeat(16)}`;
  assert.match(hashWords(salt, "Pour nous tous."), /^0x[0-9a-f]{64}$/);
  assert.notEqual(hashWords(salt, "Pour nous tous."), hashWords(salt, "Pour nous tous!"));
});

test("parts of pairs, groups and prices of roofs are held member by member", () => {
  const { rules } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "..", "vectors", "proposals.json"), "utf8"));
  const ruleOf = (/** @type {string} */ name) => rules.find((/** @type {any} */ one) => one.name === name);
  const { after: pairs, points } = ruleOf("parts to pairs");
  const places = points.map((/** @type {string} */ id, /** @type {number} */ slot) => ({ id, slot }));
  const { producers, coefficientsPpm: parts } = pairs.key;
  const named = Object.fromEntries(producers.map((/** @type {number} */ producer, /** @type {number} */ place) => [points[producer], Object.fromEntries(points.map((/** @type {string} */ point, /** @type {number} */ slot) => [point, parts[slot * producers.length + place] ?? 0]))]));
  const said = { ...TODAY, sharing_key: { method: "pairwise", pairs_ppm: named, surplus_owner: "producer" } };
  assert.notEqual(findDifference(pairs, said, places), "producers");
  const swapped = { ...pairs, key: { ...pairs.key, coefficientsPpm: [...parts].reverse() } };
  assert.equal(findDifference(swapped, said, places), "producers");
  const { after: tiers } = ruleOf("pairs to tiers");
  const methods = ["", "dynamic", "static", "equal", "static_cascade", "hybrid"];
  const groups = tiers.key.tierMethods.map((/** @type {number} */ method, /** @type {number} */ i) => ({ method: methods[method], points: points.filter((/** @type {string} */ _, /** @type {number} */ slot) => tiers.key.tiers[slot] === i && i < tiers.key.tierMethods.length - 1) }));
  const coefficients = Object.fromEntries(tiers.key.coefficientsPpm.map((/** @type {number} */ ppm, /** @type {number} */ slot) => [points[slot], ppm]));
  const grouped = { ...TODAY, sharing_key: { method: "priority", coefficients_ppm: coefficients, tiers: groups, surplus_owner: "producer" } };
  assert.notEqual(findDifference(tiers, grouped, places), "tiers");
  const others = { ...tiers, key: { ...tiers.key, tiers: tiers.key.tiers.map((/** @type {number} */ tier) => 1 - tier) } };
  assert.equal(findDifference(others, grouped, places), "tiers");
});

test("a rule to be signed that is not what the form says is found out, whatever differs", () => {
  const { documents } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "..", "vectors", "typed_data.json"), "utf8"));
  const { rule } = documents.find((/** @type {any} */ one) => one.name === "propose a rule").document.message;
  const said = { ...TODAY, sharing_key: { ...TODAY.sharing_key, coefficients_ppm: { a: 600_000, b: 400_000 } }, conformity: { ...TODAY.conformity, gaps: "residual" } };
  const places = [{ id: "a", slot: 0 }, { id: "b", slot: 1 }, { id: "c", slot: 2 }];
  const differs = (/** @type {any} */ one) => findDifference(one, said, places);
  assert.equal(differs(rule), "");
  const altered = (/** @type {string} */ part, /** @type {Record<string, unknown>} */ change) => ({ ...rule, [part]: { ...rule[part], ...change } });
  for (const name of ["sharedPrice", "surplusPrice", "networkPrice", "networkSharedPrice", "excisePrice", "exciseSharedPrice", "premiumConsumption", "premiumFeedIn", "monthlyFee", "vatPpm", "pricing", "seller"]) {
    assert.equal(differs(altered("tariff", { [name]: 1 })), name);
  }
  assert.equal(differs(altered("tariff", { windows: [0, (420 << 8) | 1] })), "windows");
  assert.equal(differs(altered("tariff", { residualPrice: [160_000, 250_001, 0, 0] })), "windows");
  assert.equal(differs(altered("key", { coefficientsPpm: [700_000, 300_000] })), "coefficientsPpm");
  assert.equal(differs(altered("key", { coefficientsPpm: [400_000, 600_000] })), "coefficientsPpm", "the same parts for other members");
  assert.equal(differs(altered("key", { method: 1 })), "method");
  assert.equal(differs(altered("key", { linkTerms: `0x${"01".repeat(32)}` })), "linkTerms");
  assert.equal(differs(altered("tariff", { billedBy: 15 })), "billedBy");
  assert.equal(differs(altered("limits", { gaps: 0 })), "gaps");
  assert.equal(differs(altered("limits", { terms: `0x${"01".repeat(32)}` })), "terms");
  const stricter = { ...said, conformity: { ...said.conformity, rules: { zero_run: { hours: 24 } } } };
  assert.equal(findDifference(rule, stricter, places), "terms");
  assert.equal(findDifference(altered("limits", { terms: hashTerms({ zero_run: { hours: 24 } }) }), stricter, places), "");
  assert.equal(differs({ ...rule, contestWindowSeconds: 0 }), "contestWindowSeconds");
  assert.equal(differs({ ...rule, source: 1 }), "source");
});
