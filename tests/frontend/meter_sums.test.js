/** Meters that sum, beside the intervals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bandOf, behindOf, depthIn, lineOf, spanOf, spansShown, sumsOf, verdictOnSpan } from "../../frontend_static/domain/meter_sums.js";
import { daysAround } from "../../frontend_static/domain/readings.js";

/** @param {string} day @param {(number | null)[]} energies Drawn, given, consumption, feed-in, losses, tolerance, apart. @returns {any} */
const feederDay = (day, [drawn, given, used, fed, losses, tolerance, apart]) => ({
  day,
  ...{ drawn_milliwatt_hours: drawn, given_milliwatt_hours: given, consumption_milliwatt_hours: used, feed_in_milliwatt_hours: fed },
  ...{ losses_milliwatt_hours: losses, tolerance_milliwatt_hours: tolerance, apart_milliwatt_hours: apart },
});

const SUMS = sumsOf([feederDay("2024-03-01", [105, 5, 120, 22, 6, 1, 0]), feederDay("2024-03-02", [null, null, null, null, null, null, null]), feederDay("2024-03-03", [0, 40, 10, 30, 2, 1, 20])]);
const FRAME = { width: 30, height: 100, count: 3, least: -50, most: 50 };

/** @param {number} apart @param {number} [missing] @returns {any} */
const span = (apart, missing = 0) => ({ apart_milliwatt_hours: apart, missing });

test("a day's flow is what went down less what came up, and may lie from the points' sum to its losses, with tolerance on both sides", () => {
  assert.deepEqual(SUMS[0], { day: "2024-03-01", flow: 100, took: 98, low: 97, high: 105, apart: false });
  assert.deepEqual(SUMS[2], { day: "2024-03-03", flow: -40, took: -20, low: -21, high: -17, apart: true });
});

test("a day with a missing reading has no figure and is not called apart", () => {
  assert.deepEqual(SUMS[1], { day: "2024-03-02", flow: null, took: null, low: null, high: null, apart: false });
});

test("what lies at the tolerance is within it", () => {
  const [at, beyond] = sumsOf([feederDay("a", [11, 0, 10, 0, 0, 1, 1]), feederDay("b", [12, 0, 10, 0, 0, 1, 2])]);
  assert.deepEqual([at?.apart, beyond?.apart], [false, true]);
});

test("a picture spans zero and all that is drawn, also below zero", () => {
  const { least, most } = spanOf(SUMS);
  assert.equal(least, -40);
  assert.ok(most > 105 && most < 111);
  assert.equal(spanOf([]).least, 0);
  assert.deepEqual([50, 0, -50].map(depthIn(FRAME)), [0, 50, 100]);
});

test("line and band are broken where a day has no figure", () => {
  assert.equal(lineOf([50, null, -50], FRAME), "M0.00 0.00H10.00M20.00 100.00H30.00");
  assert.equal(lineOf([0, 50], FRAME), "M0.00 50.00H10.00L10.00 0.00H20.00");
  const band = [{ day: "", flow: 1, took: 1, low: 0, high: 50, apart: false }, { day: "", flow: null, took: null, low: null, high: null, apart: false }];
  assert.equal(bandOf(band, FRAME), "M0.00 0.00H10.00V50.00H0.00Z");
});

test("points behind a feeder come with what is found at them, fullest first, and nobody else's", () => {
  const at = (/** @type {string} */ point, /** @type {number | null} */ start = 0) => /** @type {any} */ ({ metering_point: point, start_utc: start });
  const { found, others } = behindOf(["a", "b", "c", "d"], [at("b"), at("c"), at("c"), at("z"), at("d", null)]);
  assert.deepEqual(found.map(({ point, findings }) => [point, findings.length]), [["c", 2], ["b", 1]]);
  assert.deepEqual(others, ["a", "d"]);
});

test("a register's span is apart, in agreement, or open where intervals are missing", () => {
  assert.deepEqual([span(1), span(1, 3), span(0), span(0, 3)].map(verdictOnSpan), ["apart", "apart", "agree", "missing"]);
});

test("of many spans those that are apart are shown, in order of time", () => {
  const spans = [span(0), span(5), span(0), span(9)];
  assert.deepEqual(spansShown(spans, 2), [spans[1], spans[3]]);
  assert.deepEqual(spansShown(spans, 9), spans);
});

test("a feeder's finding is shown with a week on each side, and within what is told of a feeder", () => {
  const at = (/** @type {string} */ text) => Date.parse(text) / 1000;
  const shown = { aside: 7, most: 92 };
  assert.deepEqual(daysAround({ start_utc: at("2024-03-20T00:00:00Z"), end_utc: at("2024-03-21T00:00:00Z") }, "UTC", shown), { from: "2024-03-13", to: "2024-03-27" });
  const { from = "", to = "" } = daysAround({ start_utc: at("2024-01-01T00:00:00Z"), end_utc: at("2025-01-01T00:00:00Z") }, "UTC", shown) ?? {};
  assert.equal((Date.parse(to) - Date.parse(from)) / 86_400_000 + 1, 91);
});
