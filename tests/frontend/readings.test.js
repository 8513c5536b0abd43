/** Meter data as its page tells it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { choicesOf, dayIn, daysAround, gradeOf, HOW_TO_READ, howToRead, latenessOf, moveInGrid, partsOf, placesOf, rulesOf, runsOf, sizeOf, stepsPath, verdictOn, worstOf } from "../../frontend_static/domain/readings.js";
import { WORDS } from "../../frontend_static/i18n/words.js";

const at = (/** @type {string} */ text) => Date.parse(text) / 1000;

/** @param {string} rule @param {string} point @param {Record<string, unknown>} [more] @returns {any} */
const finding = (rule, point, more = {}) => ({ rule, severity: "warning", message: "", metering_point: point, start_utc: 0, end_utc: 900, value: "", decision: null, ...more });

/** @param {Record<string, unknown>} [more] @returns {any} */
const curve = (more = {}) => ({ metering_point: "a", direction: "consumption", start_utc: 3600, resolution_minutes: 15, energy_milliwatt_hours: [1, 2, 3, 4], ...more });

test("findings are grouped by rule and point, the gravest first, and those that were decided count as done", () => {
  const told = rulesOf([
    finding("gap", "b", { start_utc: 900 }),
    finding("gap", "a", { decision: { treatment: "accepted" } }),
    finding("gap", "b", { start_utc: 0 }),
    finding("swapped", "c", { severity: "fault" }),
  ]);
  assert.deepEqual(told.map(({ rule, open }) => [rule, open]), [["swapped", 1], ["gap", 2]]);
  assert.deepEqual(told[1]?.points.map(({ point, findings }) => [point, findings.map(({ start_utc: start }) => start)]), [["a", [0]], ["b", [0, 900]]]);
  assert.deepEqual(rulesOf([]), []);
});

test("a finding is shown with a day on each side, in the community's days, and not beyond what a curve may have", () => {
  assert.equal(dayIn("Europe/Paris")(at("2024-03-14T23:30:00Z")), "2024-03-15");
  const short = { start_utc: at("2024-03-14T23:30:00Z"), end_utc: at("2024-03-15T00:30:00Z") };
  assert.deepEqual(daysAround(short, "Europe/Paris"), { from: "2024-03-14", to: "2024-03-16" });
  const long = { start_utc: at("2024-01-01T12:00:00Z"), end_utc: at("2024-12-31T12:00:00Z") };
  const { from = "", to = "" } = daysAround(long, "UTC") ?? {};
  assert.equal((Date.parse(to) - Date.parse(from)) / 86_400_000 + 1, 39);
  assert.equal(daysAround({ start_utc: null, end_utc: null }, "UTC"), null);
});

test("a span's intervals are those within the curve", () => {
  assert.deepEqual(placesOf(curve(), { start_utc: 3600 + 900, end_utc: 3600 + 2700 }), { first: 1, until: 3 });
  assert.deepEqual(placesOf(curve(), { start_utc: 0, end_utc: 1e9 }), { first: 0, until: 4 });
  assert.deepEqual(placesOf(curve(), { start_utc: 3600, end_utc: null }), { first: 0, until: 1 });
  assert.equal(placesOf(curve(), { start_utc: 1e6, end_utc: 1e7 }), null);
  assert.equal(placesOf(curve(), null), null);
});

test("a line is broken where nothing was measured", () => {
  const runs = runsOf([1, null, 2, 3, null]);
  assert.deepEqual(runs, [{ first: 0, values: [1] }, { first: 2, values: [2, 3] }]);
  assert.equal(stepsPath(runs, { width: 50, height: 30, count: 5, most: 3 }), "M0.00 20.00H10.00M20.00 10.00H30.00L30.00 0.00H40.00");
  assert.equal(stepsPath([], { width: 0, height: 0, count: 0, most: 0 }), "");
});

test("a cell is graded by what is wrong in it", () => {
  assert.deepEqual(gradeOf(null), { kind: "none", step: 0 });
  assert.deepEqual(gradeOf([1_000_000, 0, 0]), { kind: "whole", step: 0 });
  assert.deepEqual(gradeOf([999_999, 1, 0]), { kind: "estimated", step: 1 });
  assert.deepEqual(gradeOf([0, 0, 1_000_000]), { kind: "missing", step: 5 });
  assert.deepEqual(gradeOf([500_000, 250_000, 250_000]), { kind: "missing", step: 3 });
});

test("keys move within the grid", () => {
  const size = { rows: 3, columns: 4 };
  assert.deepEqual(moveInGrid({ row: 0, column: 0 }, "ArrowLeft", size), { row: 0, column: 0 });
  assert.deepEqual(moveInGrid({ row: 0, column: 0 }, "End", size), { row: 0, column: 3 });
  assert.deepEqual(moveInGrid({ row: 1, column: 3 }, "PageDown", size), { row: 2, column: 3 });
  assert.equal(moveInGrid({ row: 1, column: 3 }, "x", size), null);
});

test("sizes and lateness are told in the unit that fits", () => {
  assert.deepEqual(sizeOf(12), { size: "0.1", unit: "kB" });
  assert.deepEqual(sizeOf(2_340_000), { size: "2.3", unit: "MB" });
  assert.deepEqual([null, 0, 71, 72, 250, 17_519, 17_520].map((hours) => latenessOf(hours)), [
    { words: "readings.late.none", count: 0 },
    { words: "readings.late.hours", count: 0 },
    { words: "readings.late.hours", count: 71 },
    { words: "readings.late.days", count: 3 },
    { words: "readings.late.days", count: 10 },
    { words: "readings.late.days", count: 729 },
    { words: "readings.late.years", count: 2 },
  ]);
});

test("feed-in is never offered to be estimated, and every choice has words", () => {
  assert.deepEqual(choicesOf("feed_in"), ["accepted", "returned"]);
  for (const choice of choicesOf("consumption")) for (const words of [WORDS.en, WORDS.fr]) assert.ok(words[`readings.decide.${choice}`] && words[`readings.treatment.${choice}`]);
});

test("what is said about a file is trimmed, and what is left empty is not said", () => {
  assert.deepEqual(howToRead({}), { format: "auto", time_zone: "", resolution: null, metering_point: "", direction: "", mapping: "" });
  const said = howToRead({ format: "csv", resolution: "15", metering_point: " home-01-load ", direction: "feed-in", mapping: "[columns]\n" });
  assert.deepEqual(said, { format: "csv", time_zone: "", resolution: 15, metering_point: "home-01-load", direction: "feed-in", mapping: "[columns]" });
  assert.deepEqual(Object.keys(said).sort(), [...HOW_TO_READ].sort());
  for (const name of HOW_TO_READ) for (const words of [WORDS.en, WORDS.fr]) assert.ok(words[`readings.otherwise.${name}`], name);
});

test("a file with readings and an allocation waits until both are loaded", () => {
  const both = { accepted: true, allocation: { accepted: true } };
  assert.deepEqual(partsOf(both), ["readings", "allocation"]);
  assert.deepEqual(partsOf(both, new Set(/** @type {const} */ (["readings"]))), ["allocation"]);
  assert.deepEqual(partsOf(both, new Set(/** @type {const} */ (["readings", "allocation"]))), []);
  assert.deepEqual(partsOf({ accepted: false, allocation: { accepted: true } }), ["allocation"]);
  assert.deepEqual(partsOf({ accepted: true, allocation: { accepted: false } }), ["readings"]);
  assert.deepEqual(partsOf({ accepted: false, allocation: null }), []);
});

test("quality is told in a word, and the points that lack most are named", () => {
  const of = (/** @type {number} */ estimated, /** @type {number} */ missing) => ({ estimated_ppm: estimated, missing_ppm: missing });
  assert.deepEqual([of(0, 0), of(1, 0), of(5_000, 5_000), of(5_000, 5_001), of(0, 50_000), of(1, 50_000)].map(verdictOn), ["whole", "good", "good", "some", "some", "poor"]);
  for (const verdict of ["whole", "good", "some", "poor"]) for (const words of [WORDS.en, WORDS.fr]) assert.ok(words[`readings.quality.verdict.${verdict}`], verdict);
  const points = [of(0, 0), of(3, 4), of(9, 0), of(1, 1)];
  assert.deepEqual(worstOf(points, 2), [points[2], points[1]]);
  assert.deepEqual(worstOf([of(0, 0)], 2), []);
});
