import assert from "node:assert/strict";
import { test } from "node:test";

import { filterPoints, operatorPath, orderFindings, sumPoints } from "../../frontend_static/domain/allocations.js";
import { boundsOf, instantOf, stampsOf } from "../../frontend_static/domain/civil_time.js";
import { fileName, writeCell, writeCsv, writeDecimal } from "../../frontend_static/domain/csv.js";
import * as portfolio from "../../frontend_static/domain/portfolio.js";
import { pagesOf, parseRoute, writeRoute } from "../../frontend_static/domain/routes.js";

const PARIS = "Europe/Paris";

/** @param {string} id @param {Partial<import("../../frontend_static/domain/allocations.js").PointTotal>} [values] */
function point(id, values = {}) {
  return {
    ...{ metering_point: id, number: "", participant: id.split("-")[0] ?? "", direction: /** @type {const} */ ("consumption"), intervals: 1 },
    ...{ estimated_readings: 0, edited_readings: 0, missing_readings: 0, energy_milliwatt_hours: 0, allocated_milliwatt_hours: 0 },
    ...values,
  };
}

/** @param {string} participant @param {Partial<import("../../frontend_static/domain/portfolio.js").Holding>} [values] */
function holding(participant, values = {}) {
  return {
    ...{ participant, name: "", metering_points: [`${participant}-load`], used_milliwatt_hours: 0, residual_milliwatt_hours: 0 },
    ...{ surplus_milliwatt_hours: 0, residual_by_hour_milliwatt_hours: new Array(24).fill(0) },
    ...values,
  };
}

/** @param {string} participant @param {string} biller @param {string} kind @param {number} quantity @param {number} amount */
function line(participant, biller, kind, quantity, amount) {
  return {
    ...{ participant, metering_point: `${participant}-load`, biller, kind, band: 0, windows: kind === "residual" ? ["00:00-06:00"] : [] },
    ...{ quantity_milliwatt_hours: quantity, unit_price_micro_eur_per_kilowatt_hour: 160_000, amount_cents: amount },
  };
}

test("a cell that a spreadsheet would run is led by an apostrophe, and figures are not", () => {
  for (const text of ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1+1", "-", "-1e5"]) {
    assert.match(writeCell(text), /^"?'/, JSON.stringify(text));
  }
  for (const figure of ["-3.20", "12.345678", -7, 9_007_199_254_740_993n]) assert.equal(writeCell(figure), String(figure));
  assert.equal(writeCell("home-01"), "home-01");
});

test("commas, quotes and line breaks stay within their cell", () => {
  assert.equal(writeCsv([["a", "b"], ['say "hi"', "x,y"], ["two\nlines", 3]]), 'a,b\r\n"say ""hi""","x,y"\r\n"two\nlines",3\r\n');
  assert.equal(writeCell('=HYPERLINK("http://x","y")'), `"'=HYPERLINK(""http://x"",""y"")"`);
});

test("decimals are exact whatever their size and sign", () => {
  assert.deepEqual([934_016_841, 5, -5, 0, 9_007_199_254_740_993n].map((value) => writeDecimal(value, 6)), [
    ...["934.016841", "0.000005", "-0.000005", "0.000000", "9007199254.740993"],
  ]);
  assert.equal(writeDecimal(-120, 2), "-1.20");
});

test("a file is named after what is in it, and no name leaves its folder", () => {
  assert.equal(fileName(["toits", "2017-06", "", "allocations"], "csv"), "toits-2017-06-allocations.csv");
  assert.equal(fileName(["toits", "2017-06-01..2017-06-15"], "csv"), "toits-2017-06-01..2017-06-15.csv");
  assert.equal(fileName(["../../etc", "a b/c"], "csv"), "etc-a-b-c.csv");
});

test("a period's bounds are its first day and the one after its last", () => {
  assert.deepEqual(boundsOf("2017-06"), { first: "2017-06-01", until: "2017-07-01" });
  assert.deepEqual(boundsOf("2023-12"), { first: "2023-12-01", until: "2024-01-01" });
  assert.deepEqual(boundsOf("2024-02-20..2024-02-28"), { first: "2024-02-20", until: "2024-02-29" });
});

test("a local time is the instant at which the community's clock shows it", () => {
  const utc = (/** @type {string} */ text) => Date.parse(text) / 1000;
  assert.equal(instantOf("2017-06-03T10:00", PARIS), utc("2017-06-03T08:00:00Z"));
  assert.equal(instantOf("2017-01-03T10:00", "America/Los_Angeles"), utc("2017-01-03T18:00:00Z"));
  assert.equal(instantOf("2017-06-03T10:00", "Asia/Kathmandu"), utc("2017-06-03T04:15:00Z"));
  assert.equal(instantOf("2024-10-27T02:30", PARIS), utc("2024-10-27T00:30:00Z"), "the first of two");
  assert.equal(instantOf("2024-03-31T02:30", PARIS), utc("2024-03-31T01:30:00Z"), "after the gap");
  for (const day of ["2024-03-31", "2024-04-01", "2024-10-27", "2024-10-28"]) {
    const midnight = instantOf(`${day}T00:00`, PARIS);
    assert.equal(new Intl.DateTimeFormat("sv", { timeZone: PARIS, dateStyle: "short", timeStyle: "short" }).format((midnight ?? 0) * 1000), `${day} 00:00`);
  }
  for (const text of ["", "2024-03-31", "yesterday", "2024-13-01T00:00"]) assert.equal(instantOf(text, PARIS), null, text);
});

test("an hour that the clock shows twice is told with its offset, and no other is", () => {
  const stamp = stampsOf(PARIS, "en");
  const first = Date.parse("2024-10-27T00:00:00Z") / 1000;
  assert.deepEqual([-1800, 0, 1800, 3600, 5400, 7200].map((step) => stamp(first + step)), [
    ...["27 Oct 2024, 01:30", "27 Oct 2024, 02:00 (UTC+02:00)", "27 Oct 2024, 02:30 (UTC+02:00)"],
    ...["27 Oct 2024, 02:00 (UTC+01:00)", "27 Oct 2024, 02:30 (UTC+01:00)", "27 Oct 2024, 03:00"],
  ]);
  const spring = Date.parse("2024-03-31T00:00:00Z") / 1000;
  assert.deepEqual([0, 3600].map((step) => stamp(spring + step)), ["31 Mar 2024, 01:00", "31 Mar 2024, 03:00"]);
  assert.equal(stampsOf("America/Los_Angeles", "fr")(Date.parse("2017-06-03T17:00:00Z") / 1000), "3 juin 2017, 10:00");
});

test("points are found by parts of id, number or participant, all of them", () => {
  const points = [point("home-01-load", { number: "14512345678901" }), point("home-02-load"), point("roof-solar", { participant: "Coop" })];
  const ids = (/** @type {string} */ text) => filterPoints(points, text).map((one) => one.metering_point);
  assert.deepEqual(ids(""), ["home-01-load", "home-02-load", "roof-solar"]);
  assert.deepEqual(ids("LOAD home-02"), ["home-02-load"]);
  assert.deepEqual(ids(" 1451 "), ["home-01-load"]);
  assert.deepEqual(ids("coop"), ["roof-solar"]);
  assert.deepEqual(ids("load nothing"), []);
});

test("sums keep use and feed-in apart, and are exact beyond what a number holds", () => {
  const most = Number.MAX_SAFE_INTEGER;
  const sums = sumPoints([
    ...[1, 2, 3].map((i) => point(`home-${i}`, { energy_milliwatt_hours: most, allocated_milliwatt_hours: i, estimated_readings: i, intervals: 10 })),
    point("roof", { direction: "feed_in", energy_milliwatt_hours: 9, allocated_milliwatt_hours: 6, missing_readings: 2, intervals: 5 }),
  ]);
  assert.deepEqual(sums.consumption, { energy: 27_021_597_764_222_973n, allocated: 6n, points: 3 });
  assert.deepEqual(sums.feed_in, { energy: 9n, allocated: 6n, points: 1 });
  assert.equal(sums.intervals, 35);
  assert.deepEqual(sums.doubtful, { estimated: 6, edited: 0, missing: 2 });
});

test("what is asked of the API is in the path, and nothing else", () => {
  assert.equal(operatorPath("points", "toits", "2017-06"), "/operator/communities/toits/points/2017-06");
  assert.equal(
    operatorPath("allocations", "toits", "2017-06", { point: "a&b", from: 1_496_300_400, to: null, limit: 96, cursor: "c=" }),
    "/operator/communities/toits/allocations/2017-06?metering_point=a%26b&from=2017-06-01T07%3A00%3A00Z&limit=96&cursor=c%3D",
  );
  assert.match(operatorPath("points", "toits", "2017-06", { from: 0 }), /from=1970-01-01T00%3A00%3A00Z$/);
});

test("the gravest findings stand first, else in the order of the check", () => {
  const findings = ["note", "warning", "strange", "fault", "note", "fault"].map((severity, i) => ({ severity, i }));
  assert.deepEqual(orderFindings(findings).map(({ i }) => i), [3, 5, 1, 0, 4, 2]);
});

test("customers are sorted by a column either way, numbers in names by their size", () => {
  const rows = [holding("home-10", { residual_milliwatt_hours: 5 }), holding("home-2", { residual_milliwatt_hours: 7 }), holding("x", { name: "Ada", residual_milliwatt_hours: 5 })];
  const ids = (/** @type {import("../../frontend_static/domain/portfolio.js").Column} */ column, /** @type {boolean} */ descending) =>
    portfolio.sortHoldings(rows, column, descending).map(({ participant }) => participant);
  assert.deepEqual(ids("name", false), ["x", "home-2", "home-10"]);
  assert.deepEqual(ids("name", true), ["home-10", "home-2", "x"]);
  assert.deepEqual(ids("residual", true), ["home-2", "x", "home-10"]);
  assert.deepEqual(rows.map(({ participant }) => participant), ["home-10", "home-2", "x"], "the list itself stays");
});

test("a portfolio adds up, hour by hour too", () => {
  const hours = (/** @type {number} */ at) => Array.from({ length: 24 }, (_, hour) => (hour === at ? 3 : 1));
  const sums = portfolio.sumHoldings([
    holding("a", { used_milliwatt_hours: 40, residual_milliwatt_hours: 26, residual_by_hour_milliwatt_hours: hours(7) }),
    holding("b", { surplus_milliwatt_hours: 9, residual_milliwatt_hours: 26, residual_by_hour_milliwatt_hours: hours(8) }),
  ]);
  assert.deepEqual([sums.used, sums.residual, sums.surplus], [40n, 52n, 9n]);
  assert.deepEqual(sums.byHour.slice(6, 10), [2, 4, 4, 2]);
  assert.equal(sums.byHour.reduce((total, value) => total + value, 0), 52);
  assert.equal(portfolio.sumHoldings([]).byHour.length, 24);
});

test("customers are found by name, id or metering point", () => {
  const rows = [holding("home-1", { name: "Ada Lovelace" }), holding("home-2", { metering_points: ["pv-77"] })];
  const ids = (/** @type {string} */ text) => portfolio.filterHoldings(rows, text).map(({ participant }) => participant);
  assert.deepEqual([ids("lovelace ada"), ids("pv-77"), ids("HOME"), ids("nobody")], [["home-1"], ["home-2"], ["home-1", "home-2"], []]);
});

test("lines add up by kind and by who bills them, the supplier's first", () => {
  const lines = [
    ...[line("a", "offtaker", "surplus", 9, 1), line("a", "supplier", "network", 20, 4), line("b", "supplier", "residual", 7, 2)],
    ...[line("b", "supplier", "residual", 8, 3), line("b", "supplier", "unheard", 1, 1), line("c", "supplier", "surplus", 2, 1)],
  ];
  const told = portfolio.totalsByKind(lines).map(({ biller, kind, lines: count, quantity, amount }) => [biller, kind, count, quantity, amount]);
  assert.deepEqual(told, [
    ...[["supplier", "residual", 2, 15n, 5n], ["supplier", "network", 1, 20n, 4n]],
    ...[["supplier", "surplus", 1, 2n, 1n], ["supplier", "unheard", 1, 1n, 1n], ["offtaker", "surplus", 1, 9n, 1n]],
  ]);
  const drafts = portfolio.draftsOf(lines, "b");
  assert.deepEqual(drafts.map(({ biller, amount, lines: own }) => [biller, amount, own.length]), [["supplier", 6n, 3]]);
  assert.deepEqual(portfolio.draftsOf(lines, "a").map(({ biller }) => biller), ["supplier", "offtaker"]);
  assert.deepEqual(portfolio.draftsOf(lines, "nobody"), []);
});

test("saved tables hold what is shown, to the last unit", () => {
  const row = holding("home-1", { name: "=cmd", used_milliwatt_hours: 1_000_001, residual_milliwatt_hours: 24, residual_by_hour_milliwatt_hours: new Array(24).fill(1) });
  const [head, body] = writeCsv(portfolio.portfolioTable([row])).split("\r\n");
  assert.equal(head?.split(",").length, 30);
  assert.equal(body?.slice(0, 60), "home-1,'=cmd,home-1-load,1.000001,0.000024,0.000000,0.000001");
  assert.equal(body?.split(",").length, 30);
  const [, billed] = writeCsv(portfolio.linesTable([line("home-1", "supplier", "residual", 12_500_000, 200)])).split("\r\n");
  assert.equal(billed, "home-1,home-1-load,supplier,residual,00:00-06:00,12.500000,0.160000,2.00");
});

test("pages are those that somebody has use for", () => {
  const me = (/** @type {string[]} */ roles, /** @type {string | null} */ participant = null) => pagesOf({ roles, participant });
  assert.deepEqual(pagesOf(null), ["community", "verify"]);
  assert.deepEqual(me(["member"], "home-01"), ["bill", "energy", "forecasts", "governance", "disputes", "community", "verify"]);
  assert.deepEqual(me(["operator"]), ["operator", "grid", "forecasts", "readings", "disputes", "community", "verify"]);
  assert.deepEqual(me(["arbiter"]), ["disputes", "community", "verify"]);
  assert.deepEqual(me(["provider", "operator", "member"], "x"), ["bill", "energy", "forecasts", "operator", "provider", "grid", "readings", "governance", "disputes", "community", "verify"]);
  assert.deepEqual(me(["auditor", "admin"]), ["governance", "community", "verify"]);
});

test("the address of a role's page names period and item", () => {
  const route = { page: "operator", label: "2017-06", day: "", item: "home-01-load" };
  assert.deepEqual(parseRoute(writeRoute("operator", "2017-06", "home-01-load")), route);
  assert.deepEqual(parseRoute("#/provider/2017-06"), { page: "provider", label: "2017-06", day: "", item: "" });
  assert.equal(parseRoute("#/operator/2017-06/%E0%A4%A").item, "");
});
