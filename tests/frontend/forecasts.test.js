import assert from "node:assert/strict";
import { test } from "node:test";

import { orderAnomalies, tellAnomaly, tellRarity } from "../../frontend_static/domain/anomalies.js";
import { gradeHours, joinGrades, sureness, worthwhile } from "../../frontend_static/domain/forecast_advice.js";
import { brokenLine, judgeReliability, ticksOf, verdictOf, weeksOfScores } from "../../frontend_static/domain/forecast_scores.js";
import { firstSubject, nameSubject, orderSubjects, tellMaking, tellReasons } from "../../frontend_static/domain/forecast_words.js";
import { keccak256 } from "../../frontend_static/domain/keccak.js";
import { rootOf, pathOf } from "../../frontend_static/domain/merkle.js";
import { leadsToRoot } from "../../frontend_static/domain/model_anchor.js";
import { toHex } from "../../frontend_static/domain/bytes.js";
import { bandOf, dayAhead, endSteps, expectedEnergy, insideOf, joinPast, peakOf, quantileAt, riskOf, shownUnit, sliceForecast } from "../../frontend_static/domain/forecasts.js";
import { pagesOf, parseRoute, writeRoute } from "../../frontend_static/domain/routes.js";
import { hasWords, say } from "../../frontend_static/i18n/words.js";

const LEVELS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
const HOUR = 3600;
const ORIGIN = Date.parse("2017-07-31T20:00:00Z") / 1000; // 22:00 in Paris

/** @param {Partial<import("../../frontend_static/domain/forecasts.js").Forecast>} [given] @returns {import("../../frontend_static/domain/forecasts.js").Forecast} */
function forecastOf(given = {}) {
  const mean = given.mean ?? Array.from({ length: 48 }, (_, i) => 100 + i);
  return {
    ...{ subject: "home:home-01", target: "load", label: "home-01", unit: "W", zone: "Europe/Paris", origin: ORIGIN, step: HOUR, levels: LEVELS, mean },
    ...{ quantiles: LEVELS.map((level) => mean.map((value) => value + 100 * (level - 0.5))), measured: mean.map(() => null), made: ORIGIN + 60, known: ORIGIN },
    ...{ isHindcast: false, weather: { source: "none", isExPost: false, words: "" }, model: { id: "0xab", name: "ridge+boosting", until: ORIGIN, isAnchored: false } },
    ...{ reasons: [], limit: null, days: [], origins: [ORIGIN], ...given },
  };
}

test("a quantile between the levels that are kept is the one that the service computes", () => {
  // From backend.forecasting.Forecast.at, of quantiles 100 + 10 i² and 50 + i at the levels i.
  const kept = { levels: LEVELS, quantiles: LEVELS.map((_, i) => [100 + 10 * i * i, 50 + i]) };
  /** @type {[number, [number, number]][]} */
  const told = [
    [0.01, [100, 50]],
    [0.05, [100, 50]],
    [0.1, [110, 51]],
    [0.25, [165, 52.5]],
    [0.5, [350, 55]],
    [0.75, [665, 57.5]],
    [0.9, [910, 59]],
    [0.99, [1100, 60]],
  ];
  for (const [level, expected] of told) quantileAt(kept, level).forEach((value, i) => assert.ok(Math.abs(value - (expected[i] ?? NaN)) < 1e-9, `${level}: ${value}`));
});

test("bands lie within each other, about the median", () => {
  const { low, quarter, median, threeQuarters, high, starts } = bandOf(forecastOf());
  assert.equal(starts[1], ORIGIN + HOUR);
  median.forEach((middle, i) => {
    const row = [low[i], quarter[i], middle, threeQuarters[i], high[i]].map((value) => value ?? NaN);
    assert.deepEqual(row, row.toSorted((one, other) => one - other));
    assert.ok((row[4] ?? 0) - (row[0] ?? 0) > (row[3] ?? 0) - (row[1] ?? 0));
  });
});

test("the day ahead is the first civil day that is covered whole, through summer time too", () => {
  const { day, forecast, whole } = dayAhead(forecastOf());
  assert.deepEqual([day, whole, forecast.mean.length, forecast.origin - ORIGIN], ["2017-08-01", true, 24, 2 * HOUR]);
  assert.equal(forecast.mean[0], 102);
  assert.equal(forecast.known, ORIGIN);
  const longest = dayAhead(forecastOf({ origin: Date.parse("2017-10-28T10:00:00Z") / 1000 }));
  assert.deepEqual([longest.day, longest.forecast.mean.length], ["2017-10-29", 25]);
  const short = dayAhead(forecastOf({ mean: [1, 2, 3, 4, 5, 6] }));
  assert.deepEqual([short.day, short.whole, short.forecast.mean], ["2017-08-01", false, [3, 4, 5, 6]]);
});

test("a slice keeps what belongs to its intervals, and only that", () => {
  const limit = { value: 9, exceedance: Array.from({ length: 48 }, (_, i) => i / 100) };
  const slice = sliceForecast(forecastOf({ limit, measured: Array.from({ length: 48 }, (_, i) => i) }), { from: ORIGIN + 5 * HOUR, to: ORIGIN + 7 * HOUR });
  assert.deepEqual([slice.mean, slice.measured, slice.limit?.exceedance], [[105, 106], [5, 6], [0.05, 0.06]]);
  assert.deepEqual(slice.quantiles.map((values) => values.length), LEVELS.map(() => 2));
  assert.deepEqual(sliceForecast(forecastOf(), { from: 0, to: 9 }).mean, []);
});

test("what came is counted within the wide band only where it is known", () => {
  assert.equal(insideOf(forecastOf()), null);
  const measured = [100, 141, 102, null, 104 - 41];
  assert.deepEqual(insideOf(forecastOf({ mean: [100, 101, 102, 103, 104], measured })), { inside: 3, known: 4 });
  assert.deepEqual(insideOf(forecastOf({ mean: [100], measured: [140.0001] })), { inside: 0, known: 1 });
});

test("energies add up by their means, whatever the unit; prices do not", () => {
  assert.equal(expectedEnergy(forecastOf({ mean: [1000, 500], step: 900 })), 375);
  assert.equal(expectedEnergy(forecastOf({ mean: [2_000_000], unit: "mWh" })), 2000);
  assert.equal(expectedEnergy(forecastOf({ mean: [40], unit: "EUR/MWh" })), null);
});

test("figures are told in a unit that leaves few digits", () => {
  assert.deepEqual(shownUnit("W", 900), { unit: "W", factor: 1 });
  assert.deepEqual(shownUnit("W", -2500), { unit: "kW", factor: 1e-3 });
  assert.deepEqual(shownUnit("W", 2e7), { unit: "MW", factor: 1e-6 });
  assert.deepEqual(shownUnit("mWh", 3e6), { unit: "kWh", factor: 1e-6 });
  assert.deepEqual(shownUnit("mWh", 3e5), { unit: "Wh", factor: 1e-3 });
  assert.deepEqual(shownUnit("EUR/MWh", 3e5), { unit: "EUR/MWh", factor: 1 });
});

/** @param {Partial<import("../../frontend_static/domain/forecasts.js").Highest>} given */
const highestOf = (given) => ({ day: "2017-08-01", start: ORIGIN + 9 * HOUR, middle: 140, high: 190, above: null, ...given });

test("the peak is that of the day ahead, as the service tells it", () => {
  const days = [highestOf({ day: "2017-07-31", middle: 1 }), highestOf({})];
  const { forecast } = dayAhead(forecastOf({ days }));
  assert.deepEqual(peakOf(forecast), { start: ORIGIN + 9 * HOUR, end: ORIGIN + 10 * HOUR, middle: 140, high: 190 });
  assert.equal(peakOf(dayAhead(forecastOf()).forecast), null);
  assert.equal(peakOf(sliceForecast(forecast, { from: 0, to: ORIGIN })), null);
});

test("the risk is that of any interval of the day, at least that of the worst one", () => {
  assert.equal(riskOf(forecastOf()), null);
  const limit = { value: 9, exceedance: [0.01, 0.3, 0.1, 0.099] };
  const worst = { start: ORIGIN + HOUR, end: ORIGIN + 2 * HOUR, intervals: 2 };
  assert.deepEqual(riskOf(forecastOf({ limit })), { ...worst, probability: 0.3 });
  assert.deepEqual(riskOf(forecastOf({ limit, highest: highestOf({ above: 0.45 }) })), { ...worst, probability: 0.45 });
});

test("past and coming values stand in one row of time, and gaps stay gaps", () => {
  const { start, past } = joinPast({ start: ORIGIN - 3 * HOUR, values: [1, null, 3, 99] }, forecastOf());
  assert.deepEqual([start, past], [ORIGIN - 3 * HOUR, [1, null, 3]]);
  assert.deepEqual(joinPast({ start: ORIGIN, values: [] }, forecastOf()).past, []);
  assert.deepEqual(endSteps([1, 2, null, null, 5, null, 6, null]), [1, 2, 2, null, 5, null, 6, 6]);
});

test("hours are graded between the cheapest and the dearest, and a flat day has no best hour", () => {
  const grades = gradeHours([10, 11, 16, 20, 25, 25].map((price) => ({ price })));
  assert.deepEqual(grades, ["best", "best", "good", "usual", "dear", "dear"]);
  assert.deepEqual(joinGrades(grades).map(({ grade, from, until }) => [grade, from, until]), [["best", 0, 2], ["good", 2, 3], ["usual", 3, 4], ["dear", 4, 6]]);
  assert.deepEqual(gradeHours([25, 25.04].map((price) => ({ price }))), ["usual", "usual"]);
  assert.deepEqual(gradeHours([]), []);
});

test("advice that saves less than a cent is not given, and the best comes first", () => {
  const one = { what: "wash", hours: 2, energy: 1, start: 0, end: 7200, cost: 12, usual: 25, savingLow: 0, savingHigh: 1, probability: 0.8 };
  assert.deepEqual(worthwhile([{ ...one, saving: 0.4 }, { ...one, saving: 3 }, { ...one, what: "charge", saving: 80 }]).map(({ saving }) => saving), [80, 3]);
  assert.deepEqual([0.95, 0.9, 0.7, 0.5].map(sureness), ["sure", "sure", "likely", "open"]);
});

test("a reliability diagram is judged against chance, level by level", () => {
  const levels = [0.1, 0.5, 0.9];
  const judge = (/** @type {number[]} */ observed) => judgeReliability({ levels, observed, low: [0.05, 0.4, 0.82], high: [0.18, 0.6, 0.97], draws: 50 });
  assert.deepEqual(judge([0.05, 0.61, 0.9]).map(({ isExpected }) => isExpected), [true, false, true]);
  assert.equal(verdictOf(judge([0.06, 0.5, 0.9])), "honest");
  assert.equal(verdictOf(judge([0.3, 0.5, 0.7])), "narrow");
  assert.equal(verdictOf(judge([0.01, 0.5, 0.99])), "wide");
  assert.equal(verdictOf(judge([0.01, 0.3, 0.7])), "low");
  assert.equal(verdictOf(judge([0.3, 0.7, 0.99])), "high");
  assert.equal(verdictOf([]), "unknown");
});

test("days are gathered into weeks from Monday on, unknown ones left out", () => {
  const day = (/** @type {string} */ date, /** @type {number} */ mae, /** @type {number | null} */ naiveMae) => ({ day: date, mae, naiveMae, coverage: 0.8 });
  const weeks = weeksOfScores([day("2017-07-02", 1, 2), day("2017-07-03", 2, null), day("2017-07-09", 4, 6)]);
  assert.deepEqual(weeks.map(({ monday, mae, naiveMae, days }) => [monday, mae, naiveMae, days]), [["2017-06-26", 1, 2, 1], ["2017-07-03", 3, 6, 2]]);
});

test("lines break where nothing is known, and axes reach over what they show", () => {
  assert.equal(brokenLine([[0, 1], [1, null], [2, 3], [3, 4]]), "M0.00 1.00M2.00 3.00L3.00 4.00");
  assert.deepEqual(ticksOf(0, 4.27, 3), [0, 2, 4, 6]);
  assert.deepEqual(ticksOf(0, 0.9, 3), [0, 0.5, 1]);
  for (const most of [1e-6, 3, 47, 1.2e7]) {
    const ticks = ticksOf(0, most);
    assert.ok(ticks[0] === 0 && (ticks.at(-1) ?? 0) >= most && ticks.length <= 6, String(most));
  }
});

test("subjects are offered one's home first, and named in plain words", () => {
  const subjects = [
    { kind: "point", label: "home-01-load", target: "load" },
    { kind: "community", label: "Roof", target: "shareable" },
    { kind: "home", label: "home-10", target: "load" },
    { kind: "home", label: "home-2", target: "solar" },
    { kind: "home", label: "home-2", target: "load" },
  ];
  assert.deepEqual(orderSubjects(subjects).map(({ label, target }) => `${label} ${target}`), ["home-2 load", "home-2 solar", "home-10 load", "Roof shareable", "home-01-load load"]);
  assert.equal(nameSubject({ kind: "home", label: "home-2", target: "solar" }, say, "home-2"), "My home: sun");
  assert.equal(nameSubject({ kind: "home", label: "home-2", target: "solar" }, say), "Home home-2: sun");
});

test("a page of forecasts begins with one's own home, and for others with nobody's", () => {
  const home = { kind: "home", isScored: true };
  const all = { kind: "community", isScored: true };
  const feeder = { kind: "feeder", isScored: false };
  assert.equal(firstSubject([home, all, feeder], "home-01"), home);
  assert.equal(firstSubject([home, all, feeder], ""), all);
  assert.equal(firstSubject([home, feeder], ""), home);
  assert.equal(firstSubject([{ ...home, isScored: false }, feeder], ""), feeder);
  assert.equal(firstSubject([], ""), undefined);
});

test("how a forecast was made names its readings and its weather, and what nobody could know", () => {
  const told = tellMaking(forecastOf(), say, "en", hasWords).join(" ");
  assert.equal(told, "Made at 31 Jul 2017, 22:01, from readings until 31 Jul 2017, 22:00. Weather: none used.");
  const after = tellMaking(forecastOf({ isHindcast: true, weather: { source: "observed", isExPost: true, words: "Fontana" }, reasons: [{ code: "other", words: "The moon was full.", figures: {} }] }), say, "en", hasWords).join(" ");
  assert.match(after, /^Made afterwards.* alone\. Weather: measured afterwards \(ex post\)\. \(Fontana\) A simpler model stands in\. The moon was full\.$/);
});

test("why a simpler model stands in is told in the reader's language, and as it came where words or figures lack", () => {
  const unknown = { code: "input_unknown", words: "As it came.", figures: { input: "temperature", missing: 12, length: 48 } };
  const closer = { code: "rule_closer", words: "Closer.", figures: { rule: "similar-days", rule_error: 210.5, unit: "W", model: "ridge+boosting", model_error: 225 } };
  assert.deepEqual(tellReasons([unknown, closer], say, "en", hasWords), [
    "It learned with the air's temperature, which is unknown in 12 of the 48 intervals ahead.",
    "In the last weeks, similar days of the past weeks (similar-days) came closer: off by 210.5 W on average, the model by 225 W.",
  ]);
  const french = (/** @type {string} */ key, /** @type {any} */ values) => say(key, values, "fr");
  assert.match(tellReasons([closer], french, "fr", hasWords)[0] ?? "", /^Ces dernières semaines.*210,5 W d'écart/);
  assert.deepEqual(tellReasons([{ ...unknown, figures: {} }, { ...unknown, code: "new" }], say, "en", hasWords), ["As it came.", "As it came."]);
});

test("anomalies are told in the reader's language, and as they came where words lack", () => {
  const figures = { worst_day_utc: ORIGIN, base_actual_watts: 350, base_expected_watts: 1200 };
  const one = { kind: "unusual_day", element: "p-1", start: ORIGIN, end: ORIGIN + 86_400, rarity: 0.002, reason: "As it came.", cause: "lower_base", figures, isClear: false };
  const reader = (/** @type {"en" | "fr"} */ locale) => ({ locale, zone: "Europe/Paris", say: (/** @type {string} */ key, /** @type {any} */ values) => say(key, values, locale), hasWords });
  assert.match(tellAnomaly(one, reader("en")), /^On 31 July 2017 the base load was 350\u00a0W instead of 1.20\u00a0kW/);
  assert.match(tellAnomaly({ ...one, figures: { ...figures, nearest_day_utc: ORIGIN } }, reader("fr")), /350\u00a0W .* Le jour habituel le plus proche était le 31 juillet 2017\.$/);
  const excess = { excess_watts: 400, excess_kilowatt_hours: 96.4, confidence: 0.83, coefficient: 1, first_hour: 17 };
  const bypass = { ...one, kind: "bypass", cause: "lacking", figures: excess };
  assert.match(tellAnomaly(bypass, reader("en")), /^Since 31 July 2017 the feeder shows 400\u00a0W more .*\(96\.4\u00a0kWh until 1 August 2017\), most from 17:00 on\. .* \(confidence 83%\)\.$/);
  const roof = { ...one, kind: "plant", cause: "plant_string", figures: { lost_share: 0.237, days: 57, confidence: 1 } };
  assert.match(tellAnomaly(roof, reader("en")), /^Since 31 July 2017 it has given 24% less, /);
  assert.match(tellAnomaly(roof, reader("fr")), /^Depuis le 31 juillet 2017, il donne 24\u00a0% de moins, /);
  assert.equal(tellAnomaly({ ...one, figures: {} }, reader("en")), "As it came.");
  assert.equal(tellAnomaly({ ...one, cause: "new" }, reader("fr")), "As it came.");
  assert.equal(tellRarity(0.002, say, "en"), "As unusual as 1 in 500 usual ones.");
  assert.equal(tellRarity(0, say, "en"), "No usual one was as unusual.");
  assert.deepEqual(orderAnomalies([{ ...one, rarity: 0.001 }, { ...one, isClear: true }, one]).map(({ isClear, rarity }) => [isClear, rarity]), [[true, 0.002], [false, 0.001], [false, 0.002]]);
});

test("a model leads to the root that it was anchored by, and no other model or place does", () => {
  const leaves = [1, 2, 3].map((i) => keccak256(new Uint8Array([i])));
  const [model = "", other = ""] = leaves.map(toHex);
  const anchor = { run: "0x01", root: toHex(rootOf(leaves, 2)), place: 0, path: pathOf(leaves, 2, 0).map(toHex), anchored: ORIGIN };
  assert.ok(leadsToRoot(model, anchor));
  assert.ok(leadsToRoot(model, { ...anchor, root: anchor.root.toUpperCase().replace("0X", "0x") }));
  assert.ok(!leadsToRoot(other, anchor));
  assert.ok(!leadsToRoot(model, { ...anchor, place: 1 }));
  assert.ok(!leadsToRoot(model, { ...anchor, place: 4 }), "4 has the low bits of 0");
  assert.ok(!leadsToRoot("0xzz", anchor));
});

test("the page of forecasts has an address of its own, for members and operators", () => {
  const route = parseRoute(writeRoute("forecasts", "network:roof/T 1", "load"));
  assert.deepEqual([route.page, route.label, route.item], ["forecasts", "network:roof/T 1", "load"]);
  assert.ok(pagesOf({ roles: ["member"], participant: "home-01" }).includes("forecasts"));
  assert.equal(pagesOf({ roles: ["member", "operator"], participant: "home-01" }).filter((page) => page === "forecasts").length, 1);
  assert.ok(pagesOf({ roles: ["operator"], participant: null }).includes("forecasts"));
  assert.ok(!pagesOf({ roles: ["auditor"], participant: null }).includes("forecasts"));
});
