/** The operator's allocation beside ours, as pages tell it: days, words, and what a case is about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAUSES, claimOf, curveOfCourse, differingDays, orderByCause, orderPoints, readClaim, reconciliationPath, tellEvidence, worstDay, writeClaim } from "../../frontend_static/domain/reconciliation.js";
import { parseRoute, writeRoute } from "../../frontend_static/domain/routes.js";
import { en } from "../../frontend_static/i18n/en.js";
import { fr } from "../../frontend_static/i18n/fr.js";
import { say, setLocale } from "../../frontend_static/i18n/words.js";

const HOUR = 3600;
const BEGIN = Date.parse("2024-03-30T22:00:00Z") / 1000; // an hour before midnight in Paris, the night before the clocks go on

/** @param {number[]} operator @param {number[]} computed @returns {import("../../frontend_static/domain/reconciliation.js").Course} */
const courseOf = (operator, computed) => ({
  metering_point: "home-load",
  slot: 4,
  period: 19783,
  direction: "consumption",
  time_zone: "Europe/Paris",
  resolution_minutes: 60,
  series: { start: operator.map((_, i) => BEGIN + i * HOUR), energy: operator.map(() => 900), operator, computed },
  compared: operator.map(() => true),
  causes: operator.map((value, i) => (value === computed[i] ? "" : "unexplained")),
});

test("days are those of the community's clock, and only those on which something differs", () => {
  const [operator, computed] = [Array(26).fill(10), Array(26).fill(10)];
  operator[0] = 4;
  operator[25] = 99;
  const days = differingDays(courseOf(operator, computed));
  assert.deepEqual(
    days.map(({ date, from, until, differing, energy }) => [date, from, until, differing, energy]),
    [
      ["2024-03-30", 0, 1, 1, 6],
      ["2024-04-01", 24, 26, 1, 89],
    ],
  );
  assert.equal(worstDay(days), "2024-04-01");
  assert.equal(worstDay(differingDays(courseOf(computed, computed))), "");
});

test("a claim goes into an address and comes back whole", () => {
  const claim = /** @type {const} */ ({ label: "2017-06", point: "home-01.load", start: 1497207600, end: 1497211200, cause: "missing-reading", operator: 5, computed: 0 });
  const route = parseRoute(writeRoute("disputes", "new", writeClaim(claim)));
  assert.deepEqual(readClaim(route.item ?? ""), { label: "2017-06", claim });
});

test("an address that holds no whole claim leaves its period, and fills nothing in", () => {
  assert.deepEqual(readClaim("2017-06"), { label: "2017-06", claim: null });
  for (const text of ["", "2017-06@p@1@2", "2017-06@p@1@2@weather@3@4", "2017-06@p@x@2@rounding@3@4", "2017-06@p@1@2@rounding@3@-4", "2017-06@p@1@2@rounding@3@4@5"]) {
    assert.equal(readClaim(text).claim, null, text);
  }
});

test("a point without a grave difference makes no case", () => {
  const sums = { rows: 1, more_milliwatt_hours: 0, less_milliwatt_hours: 1, difference_milliwatt_hours: -1, cost_cents: 0 };
  const point = { ...sums, metering_point: "p", participant: "q", direction: /** @type {const} */ ("consumption"), operator_milliwatt_hours: 1, computed_milliwatt_hours: 2, causes: [], dispute: null };
  assert.equal(claimOf("2017-06", point), null);
  const dispute = { cause: /** @type {const} */ ("unexplained"), start: "2017-06-11T19:00:00Z", end: "2017-06-11T20:00:00Z", operator_milliwatt_hours: 1, computed_milliwatt_hours: 2 };
  assert.deepEqual(claimOf("2017-06", { ...point, dispute }), { label: "2017-06", point: "p", start: 1497207600, end: 1497211200, cause: "unexplained", operator: 1, computed: 2 });
});

test("every cause and every kind of evidence has words in both languages, without a gap left open", () => {
  const evidence = {
    message: "in English",
    method: "static",
    version: 2,
    received_at: "2024-04-02T08:00:00Z",
    rows: 52,
    seen: 59,
    coefficients: [
      { metering_point: "a", found_ppm: 300_000, in_force_ppm: 250_000 },
      { metering_point: "b", found_ppm: 100_000, in_force_ppm: 100_000 },
      { metering_point: "c", found_ppm: 5, in_force_ppm: null },
    ],
    moved: [{ metering_point: "d", ours: ["2024-03-01", "2024-03-31"], theirs: null }],
    reading: { metering_point: "e", ours_milliwatt_hours: 1_234_567, theirs_milliwatt_hours: null, quality: "estimated" },
    unit_milliwatt_hours: 1000,
    bound_milliwatt_hours: 1001,
  };
  const kinds = Object.keys(en).filter((key) => key.startsWith("reconcile.kind."));
  assert.equal(kinds.length, 14);
  for (const locale of /** @type {const} */ (["en", "fr"])) {
    setLocale(locale);
    const words = locale === "en" ? en : fr;
    for (const cause of CAUSES) assert.ok(words[/** @type {keyof typeof en} */ (`reconcile.cause.${cause}`)], cause);
    for (const key of kinds) {
      const told = tellEvidence({ ...evidence, kind: key.replace("reconcile.kind.", "") }, { locale, zone: "Europe/Paris", say });
      assert.equal(told.length, 5, `${key}: kind, two coefficients that differ, a member, a reading`);
      for (const sentence of told) assert.doesNotMatch(sentence, /[{}]|reconcile\.|undefined|NaN/, sentence);
    }
  }
  setLocale("en");
  const told = tellEvidence({ ...evidence, kind: "fitted" }, { locale: "en", zone: "Europe/Paris", say });
  assert.deepEqual(told, [
    "52 of 59 rows fit other coefficients (fixed parts).",
    "a: 30% instead of 25%.",
    "c: 0.0005%.",
    "d: a member on no day by the operator, from 1 March 2024 to 31 March 2024 here.",
    "e: ours is 1.234567\u00a0kWh (estimated), the operator's no reading.",
  ]);
});

test("evidence of a kind that the page does not know is told as the service tells it", () => {
  const reader = { locale: /** @type {const} */ ("fr"), zone: "UTC", say };
  assert.deepEqual(tellEvidence({ kind: "weather", message: "It rained." }, reader), ["It rained."]);
});

test("another member's reading is told without its name", () => {
  const reading = { metering_point: "", ours_milliwatt_hours: null, theirs_milliwatt_hours: null, quality: "" };
  const [, told] = tellEvidence({ kind: "reading-lacks", message: "", reading }, { locale: "en", zone: "UTC", say });
  assert.equal(told, "It is that of another member's metering point.");
});

test("paths are asked for as the service has them, whatever a point is called", () => {
  assert.equal(reconciliationPath("toits", "2017-06"), "/communities/toits/periods/2017-06/reconciliation");
  assert.equal(reconciliationPath("toits", "2017-06", "points/a?b"), "/communities/toits/periods/2017-06/reconciliation/points/a%3Fb");
  assert.equal(reconciliationPath("toits", "2017-06", "rows", { limit: 3, from: "2017-06-01T00:00:00Z" }), "/communities/toits/periods/2017-06/reconciliation/rows?limit=3&from=2017-06-01T00%3A00%3A00Z");
});

test("a course is a curve of one point, on its own side", () => {
  const curve = curveOfCourse(courseOf([1, 2], [1, 1]), "2024-03");
  assert.deepEqual(curve.points, [{ id: "home-load", direction: "consumption", slot: 4 }]);
  assert.deepEqual([curve.series.used, curve.series.produced, curve.period, curve.label], [[900, 900], [0, 0], 19783, "2024-03"]);
});

test("the gravest cause comes first, and of one cause the point that differs most", () => {
  const sums = { rows: 1, difference_milliwatt_hours: 0, cost_cents: 0 };
  /** @param {string} id @param {number} more @param {import("../../frontend_static/domain/reconciliation.js").Cause[]} causes */
  const point = (id, more, ...causes) => ({
    ...sums, more_milliwatt_hours: more, less_milliwatt_hours: 1, metering_point: id, participant: "", direction: /** @type {const} */ ("consumption"),
    operator_milliwatt_hours: 0, computed_milliwatt_hours: 0, dispute: null, causes: causes.map((cause) => ({ ...sums, more_milliwatt_hours: 0, less_milliwatt_hours: 0, cause })),
  });
  const points = [point("agrees", 0), point("round", 9, "rounding"), point("late", 5, "late-correction", "rounding"), point("later", 7, "late-correction"), point("grave", 1, "unexplained")];
  assert.deepEqual(orderPoints(points).map(({ metering_point: id }) => id), ["grave", "later", "late", "round", "agrees"]);
  const rows = [{ cause: /** @type {const} */ ("rounding"), at: 1 }, { cause: /** @type {const} */ ("unexplained"), at: 2 }, { cause: /** @type {const} */ ("unexplained"), at: 3 }];
  assert.deepEqual(orderByCause(rows).map(({ at }) => at), [2, 3, 1]);
});
