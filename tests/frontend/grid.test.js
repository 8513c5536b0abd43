import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameShelf } from "../../frontend_static/data/grid.js";
import { formatChange, formatQuantity } from "../../frontend_static/domain/grid_figures.js";
import { developFrames, valueAt, worstAt, worstInterval } from "../../frontend_static/domain/grid_frames.js";
import { distanceSquared, fitView, hasPlaces, layOutNetwork, zoomView } from "../../frontend_static/domain/grid_layout.js";
import { connectionsBehind, countPhases, gapOf, marksOf } from "../../frontend_static/domain/grid_plans.js";
import { linesOfPhases, nameOfRank, neutralLine } from "../../frontend_static/domain/grid_ranks.js";
import { UNKNOWN, gradeOf, isWorse, roundUp, scaleOf } from "../../frontend_static/domain/grid_scale.js";
import { dayAfter, dayWithin, daysOfSpan, mondayOf, playOn, spanOfDay, weekNumber, weeksOf } from "../../frontend_static/domain/grid_time.js";
import { branchAfter, branchesOf, busesBehind, farBus, onePerRow, rowsOf, walkNetwork } from "../../frontend_static/domain/grid_tree.js";
import { readFields } from "../../frontend_static/domain/grid_work.js";
import { parseRoute, writeRoute } from "../../frontend_static/domain/routes.js";

/** @typedef {import("../../frontend_static/domain/grid_tree.js").Structure} Structure */

/**
 * A feeder that forks: 0 - 1 - 2 - 3, with 4 and 5 below 2, a tie from 5 to 3, and an island of 6 and 7.
 *
 * @param {(i: number) => [number | null, number | null]} [placeOf]
 * @returns {Structure}
 */
function network(placeOf = () => [null, null]) {
  const bus = (/** @type {number} */ i) => ({ id: `b${i}`, x: placeOf(i)[0], y: placeOf(i)[1], nominal_volts: 400, phases: "L123", substation: "" });
  const segment = (/** @type {string} */ id, /** @type {string} */ from, /** @type {string} */ to) => ({ id, from, to, phases: "L123", length_metres: 10, rated_amperes: 100, feeder: "s1" });
  const connection = { phases: "L1", metering_points: [], is_critical: false, can_rotate: false, switch_cost: 1, rated_watts: 0, feeder: "s1" };
  return {
    ...{ name: "net", is_geographic: false, frequency: 50, notes: {}, sources: [{ id: "source", bus: "b0" }] },
    buses: [0, 1, 2, 3, 4, 5, 6, 7].map(bus),
    segments: [segment("s1", "b1", "b2"), segment("s2", "b3", "b2"), segment("s3", "b2", "b4"), segment("s4", "b2", "b5"), segment("s5", "b6", "b7")],
    switches: [{ id: "tie", from: "b5", to: "b3", phases: "L123", is_closed: false, is_normally_open: true, feeder: "" }],
    transformers: [{ id: "t", from: "b0", to: "b1", rated_volt_amperes: 1e5, meter: "" }],
    connections: [3, 4, 5].map((i) => ({ ...connection, id: `c${i}`, bus: `b${i}` })),
  };
}

test("a network is walked from its source, over what is closed, and its islands after that", () => {
  const tree = walkNetwork(network());
  assert.deepEqual(tree.order, [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual([...tree.parent], [-1, 0, 1, 2, 2, 2, -1, 6]);
  assert.deepEqual([...tree.isFed], [1, 1, 1, 1, 1, 1, 0, 0]);
  assert.deepEqual(tree.roots, [0, 6]);
  assert.deepEqual(busesBehind(tree, 2), [2, 3, 4, 5]);
  const named = (/** @type {string} */ id) => tree.branches.findIndex((one) => one.id === id);
  assert.equal(farBus(tree, named("s2")), 3, "whichever way its ends are named");
  assert.equal(farBus(tree, named("tie")), -1);
});

test("a branch whose end is no bus is left out rather than drawn somewhere", () => {
  const broken = network();
  broken.segments.push({ ...broken.segments[0], id: "lost", to: "nowhere" });
  assert.deepEqual(branchesOf(broken).map(({ id }) => id), ["s1", "s2", "s3", "s4", "s5", "tie", "t"]);
});

test("arrow keys lead along the lines: up, down, and round a fork", () => {
  const tree = walkNetwork(network());
  const named = (/** @type {string} */ id) => tree.branches.findIndex((one) => one.id === id);
  /** @param {string} from @param {"up" | "down" | "left" | "right"} way */
  const to = (from, way) => tree.branches[branchAfter(tree, named(from), way)]?.id;
  assert.equal(tree.branches[branchAfter(tree, -1, "down")]?.id, "t", "it begins at the source");
  assert.equal(to("t", "down"), "s1");
  assert.equal(to("t", "up"), "t");
  assert.equal(to("s1", "down"), "s2");
  assert.deepEqual([to("s2", "right"), to("s3", "right"), to("s4", "right"), to("s2", "left")], ["s3", "s4", "s2", "s4"]);
  assert.equal(to("s3", "up"), "s1");
  assert.equal(to("s3", "down"), "s3");
});

test("segments in a row with nobody between them are ranked once, by the worst of them", () => {
  const drawn = network();
  drawn.buses.push(...[8, 9].map((i) => ({ ...(drawn.buses[0] ?? /** @type {any} */ ({})), id: `b${i}` })));
  const like = /** @type {any} */ (drawn.segments[0]);
  drawn.segments.push({ ...like, id: "s6", from: "b4", to: "b8" }, { ...like, id: "s7", from: "b8", to: "b9" });
  const rows = rowsOf(drawn, walkNetwork(drawn));
  assert.equal(rows.get("s7"), rows.get("s6"), "nothing leaves between them");
  assert.notEqual(rows.get("s6"), rows.get("s3"), "somebody is joined between them");
  assert.notEqual(rows.get("s2"), rows.get("s1"), "the line forks between them");
  assert.notEqual(rows.get("s1"), rows.get("t"), "a transformer is told of by itself");
  assert.equal(rows.get("bus b9"), rows.get("bus b8"));
  const ranked = ["s6", "s7", "s3", "stranger", "other"];
  assert.deepEqual(onePerRow(ranked, (id) => rows.get(id)), ["s6", "s3", "stranger", "other"]);
});

test("coordinates make a map with north up, degrees as wide as they are there", () => {
  const degrees = { ...network((i) => [4 + i * 0.001, 60 + i * 0.001]), is_geographic: true };
  const { kind, xs, ys } = layOutNetwork(degrees, walkNetwork(degrees));
  assert.equal(kind, "map");
  assert.ok((ys[1] ?? 0) < (ys[0] ?? 0), "farther north is farther up");
  const ratio = ((xs[1] ?? 0) - (xs[0] ?? 0)) / ((ys[0] ?? 0) - (ys[1] ?? 0));
  assert.ok(Math.abs(ratio - 0.5) < 0.001, `at 60 degrees a degree is half as wide as high: ${ratio}`);
  const metres = network((i) => [i * 10, i * 20]);
  const drawn = layOutNetwork(metres, walkNetwork(metres));
  assert.deepEqual([drawn.xs[3], drawn.ys[3]], [30, -60]);
  assert.equal(layOutNetwork(metres, walkNetwork(metres), "scheme").kind, "scheme", "unless a scheme is asked for");
});

test("a bus without coordinates stands with its neighbour, and too few of them make no map", () => {
  const some = network((i) => (i === 0 || i > 5 ? [null, null] : [i * 10, 5]));
  const { kind, xs } = layOutNetwork(some, walkNetwork(some));
  assert.equal(kind, "map");
  assert.equal(xs[0], 10, "the source stands with what it feeds");
  assert.ok(xs.every((x) => Number.isFinite(x)));
  assert.equal(hasPlaces(network((i) => (i < 1 ? [i, i] : [null, null]))), false);
  assert.equal(hasPlaces(network((i) => (i < 2 ? [i, i] : [null, null]))), true, "low voltage stands where it is fed from");
  assert.equal(hasPlaces(network(() => [7, 7])), false, "all in one place");
});

test("a scheme gives every leaf a line of its own and each fork the middle of its branches", () => {
  const drawn = network();
  const { kind, xs, ys, bounds } = layOutNetwork(drawn, walkNetwork(drawn));
  assert.equal(kind, "scheme");
  const leaves = [3, 4, 5, 7].map((bus) => ys[bus] ?? NaN);
  assert.equal(new Set(leaves).size, 4);
  assert.equal(ys[2], (Math.min(...leaves.slice(0, 3)) + Math.max(...leaves.slice(0, 3))) / 2);
  for (const [above, below] of [[0, 1], [1, 2], [2, 3], [2, 4], [6, 7]]) assert.ok((xs[below ?? 0] ?? 0) > (xs[above ?? 0] ?? 0), "away from the source is to the right");
  assert.ok(Math.min(ys[6] ?? 0, ys[7] ?? 0) > Math.max(...leaves.slice(0, 3)), "an island stands by itself");
  assert.ok(bounds.width > 0 && bounds.height > 0);
});

test("no scheme of a long feeder overflows the stack or puts two leaves on one line", () => {
  const base = network();
  const count = 20_000;
  const long = {
    ...base,
    buses: Array.from({ length: count }, (_, i) => ({ ...base.buses[0], id: `b${i}` })),
    segments: Array.from({ length: count - 1 }, (_, i) => ({ ...base.segments[0], id: `s${i}`, from: `b${i % 7 === 0 ? Math.max(0, i - 3) : i}`, to: `b${i + 1}` })),
    ...{ switches: [], transformers: [], connections: [] },
  };
  const tree = walkNetwork(/** @type {any} */ (long));
  const { ys } = layOutNetwork(/** @type {any} */ (long), tree);
  const leaves = tree.order.filter((bus) => tree.children[bus]?.length === 0).map((bus) => ys[bus]);
  assert.ok(leaves.length > 1000);
  assert.equal(new Set(leaves).size, leaves.length);
});

test("a network that is shown fits its picture, and what is under the pointer stays there while it is enlarged", () => {
  const metres = network((i) => [i * 10, i % 2 ? 30 : 0]);
  const layout = layOutNetwork(metres, walkNetwork(metres));
  const view = fitView(layout, { width: 300, height: 200 }, 20);
  for (let i = 0; i < 8; i += 1) {
    const [x, y] = [(layout.xs[i] ?? 0) * view.scale * view.stretch + view.x, (layout.ys[i] ?? 0) * view.scale + view.y];
    assert.ok(x >= 19.9 && x <= 280.1 && y >= 19.9 && y <= 180.1, `${x}, ${y}`);
  }
  const at = { x: 90, y: 120 };
  const under = (/** @type {typeof view} */ { scale, x, y }) => [(at.x - x) / scale, (at.y - y) / scale];
  const nearer = zoomView(view, 3, at, { least: 0, most: Infinity });
  under(view).forEach((value, i) => assert.ok(Math.abs(value - (under(nearer)[i] ?? 0)) < 1e-9));
  assert.equal(zoomView(view, 1e9, at, { least: 0, most: 10 }).scale, 10);
});

test("how far a point is from a line is measured to its nearest place, ends included", () => {
  const line = { x0: 0, y0: 0, x1: 10, y1: 0 };
  assert.deepEqual([{ x: 5, y: 3 }, { x: 13, y: 4 }, { x: -3, y: 0 }].map((point) => distanceSquared(point, line)), [9, 25, 9]);
  assert.equal(distanceSquared({ x: 3, y: 4 }, { x0: 0, y0: 0, x1: 0, y1: 0 }), 25);
});

test("grades follow the bounds, each bound belonging to the grade above it", () => {
  const loading = scaleOf("loading", 0);
  assert.deepEqual([0, 39.9, 40, 80, 99.99, 100, 250].map((value) => gradeOf(loading, value)), [0, 0, 1, 3, 3, 4, 4]);
  assert.equal(gradeOf(loading, null), UNKNOWN);
  assert.equal(gradeOf(loading, NaN), UNKNOWN);
  const vuf = scaleOf("vuf", 0);
  assert.deepEqual([1.99, 2].map((value) => vuf.grades[gradeOf(vuf, value)]?.words), ["high", "beyond"]);
});

test("voltages are worse the further they are from nominal, to either side", () => {
  const scale = scaleOf("voltage", 0);
  assert.deepEqual([0.89, 0.9, 0.94, 1, 1.05, 1.09, 1.1].map((value) => scale.grades[gradeOf(scale, value)]?.words), ["too_low", "low", "low", "good", "raised", "raised", "too_high"]);
  assert.ok(isWorse(scale, 0.92, 1.05));
  assert.ok(!isWorse(scale, 1.01, 0.98));
  assert.ok(isWorse(scaleOf("deviation", 8), 5, 4));
});

test("a measure without a limit is graded by shares of a round figure that nothing exceeds", () => {
  assert.deepEqual([0.03, 1, 1.2, 3, 7.9, 9, 81, 0].map(roundUp), [0.04, 1, 2, 4, 8, 10, 100, 1]);
  const scale = scaleOf("deviation", 9.76);
  assert.deepEqual(scale.grades.map(({ from }) => from), [null, 1, 2.5, 5, 7.5]);
  for (const measure of /** @type {const} */ (["deviation", "neutral", "loading", "nema", "vuf"])) {
    const widths = scaleOf(measure, 5).grades.map(({ width }) => width);
    assert.deepEqual(widths, [...new Set(widths)].sort((one, other) => one - other), "colour is not the only carrier");
  }
});

const FRAMES = { start: 0, step_seconds: 900, measure: /** @type {const} */ ("deviation"), unit: "kW", kind: /** @type {const} */ ("branch"), elements: ["a", "b", "c"], values: [[1, 2, null], [0, 4, 0.5], [null, null, null]] };

test("a film knows each value, its worst moment, and the worst elements then", () => {
  const film = developFrames(FRAMES);
  assert.equal(film.count, 3);
  assert.deepEqual([...film.grades.slice(0, 3)], [gradeOf(film.scale, 1), gradeOf(film.scale, 2), UNKNOWN]);
  assert.equal(valueAt(film, "b", 1), 4);
  assert.equal(valueAt(film, "c", 1), null);
  assert.equal(valueAt(film, "z", 1), null);
  assert.equal(worstInterval(film), 1);
  assert.deepEqual(worstAt(film, 1, 5), [{ element: "b", value: 4 }, { element: "a", value: 2 }]);
  assert.deepEqual(worstAt(film, 1, 1), [{ element: "b", value: 4 }]);
  assert.deepEqual(worstAt(film, 1, 5, Int32Array.of(7, 7, 7)), [{ element: "b", value: 4 }], "one of each row");
  assert.deepEqual(worstAt(film, 0, 5, Int32Array.of(-1, -1, 3)).map(({ element }) => element), ["a", "b"]);
  const many = { ...FRAMES, elements: Array.from({ length: 200 }, (_, i) => `e${i}`), values: Array.from({ length: 200 }, (_, i) => [(i * 7919) % 211]) };
  const sorted = many.values.map(([value], i) => ({ element: `e${i}`, value: value ?? 0 })).sort((one, other) => other.value - one.value);
  assert.deepEqual(worstAt(developFrames(many), 0, 9), sorted.slice(0, 9));
  const low = developFrames({ ...FRAMES, measure: "voltage", unit: "pu", values: [[1.02, 0.99, 1], [0.93, 1.04, 1], [null, null, null]] });
  assert.equal(worstInterval(low), 0);
  assert.equal(worstAt(low, 0, 1)[0]?.element, "b");
});

test("days of a network are civil ones, and those of a change of clocks are shorter or longer", () => {
  const hours = (/** @type {string} */ day) => (spanOfDay(day, "Europe/Paris").to - spanOfDay(day, "Europe/Paris").from) / 3600;
  assert.deepEqual(["2024-03-31", "2024-06-01", "2024-10-27"].map(hours), [23, 24, 25]);
  const from = Date.parse("2016-12-31T23:00:00Z") / 1000;
  assert.deepEqual(daysOfSpan({ from, to: from + 86_400 }, "Europe/Paris"), { first: "2017-01-01", last: "2017-01-01" });
  assert.equal(daysOfSpan({ from, to: from }, "Europe/Paris"), null);
  assert.equal(dayAfter("2024-02-28"), "2024-02-29");
  assert.equal(dayWithin("2030-01-01", { first: "2024-01-01", last: "2024-12-31" }), "2024-12-31");
});

test("weeks begin on Monday and are numbered as ISO 8601 does", () => {
  assert.equal(mondayOf("2024-12-31"), "2024-12-30");
  assert.equal(mondayOf("2023-01-01"), "2022-12-26");
  assert.deepEqual(["2024-12-30", "2020-12-28", "2022-12-26", "2023-01-02", "2017-06-05"].map(weekNumber), [1, 53, 52, 1, 23]);
  const weeks = weeksOf("2024-12-28", "2025-01-07");
  assert.deepEqual(weeks.map(({ monday, days }) => [monday, days.length]), [["2024-12-23", 2], ["2024-12-30", 7], ["2025-01-06", 2]]);
});

test("playing moves by whole intervals, keeps the time that is left over, and ends with the day", () => {
  assert.deepEqual(playOn({ at: 3, count: 96, since: 0 }, { elapsed: 50, perInterval: 120 }), { at: 3, since: 50, ended: false });
  assert.deepEqual(playOn({ at: 3, count: 96, since: 50 }, { elapsed: 100, perInterval: 120 }), { at: 4, since: 30, ended: false });
  assert.deepEqual(playOn({ at: 94, count: 96, since: 0 }, { elapsed: 500, perInterval: 120 }), { at: 95, since: 0, ended: true });
});

test("figures are written as each language writes them, to as many digits as they are worth", () => {
  assert.deepEqual([12.345, 1.2345, 0.0123, 123.4, 1234.5, 0, -3.2].map((value) => formatQuantity(value, "kW", "en")), [
    ...["12.3\u00a0kW", "1.23\u00a0kW", "0.01\u00a0kW", "123\u00a0kW", "1,235\u00a0kW", "0\u00a0kW", "−3.20\u00a0kW"],
  ]);
  assert.equal(formatQuantity(0.98765, "pu", "fr"), "0,988\u00a0pu");
  assert.equal(formatQuantity(2.5, "%", "en"), "2.50%");
  assert.equal(formatQuantity(null, "A", "en"), "–");
  assert.equal(formatQuantity(-0.001, "kW", "en", 1), "0.0\u00a0kW");
  assert.deepEqual([formatChange(39.8, 10.8, "en"), formatChange(1, 1.5, "fr"), formatChange(0, 3, "en")], ["−73%", "+50\u00a0%", "–"]);
});

test("ranks are named by hour, weekday and season, elements by themselves", () => {
  assert.equal(nameOfRank("hour", "23", "en").text, "23:00–00:00");
  assert.equal(nameOfRank("weekday", "mon", "fr").text, "lundi");
  assert.equal(nameOfRank("weekday", "sun", "en").text, "Sunday");
  assert.equal(nameOfRank("season", "winter", "en").words, "grid.rank.winter");
  assert.deepEqual(nameOfRank("element", "12", "en"), { words: "", text: "12" });
});

test("a phase without values has no line, and no two lines look alike", () => {
  const lines = [...linesOfPhases([[1, 2], [null, null], [3, null]]), ...neutralLine([0, 1], "N")];
  assert.deepEqual(lines.map(({ label }) => label), ["L1", "L3", "N"]);
  const all = [...linesOfPhases([[1], [1], [1]]), ...neutralLine([1], "N")];
  assert.equal(new Set(all.map(({ dash }) => JSON.stringify(dash ?? []))).size, 4, "their dashes differ, not only their colours");
  assert.deepEqual(linesOfPhases(null), []);
});

test("an address of the grid names network, look and element, whatever is in their names", () => {
  const address = writeRoute("grid", "european-lv", "imbalance", "LINE 1/2");
  assert.deepEqual(parseRoute(address), { page: "grid", label: "european-lv", day: "", item: "imbalance", element: "LINE 1/2" });
});

/** @type {import("../../frontend_static/domain/grid_plans.js").PhaseSwitch[]} */
const SWITCHES = [
  { connection: "c3", from: "L1", to: "L2", gain_kw: 0.4 },
  { connection: "c5", from: "L1", to: "L3", gain_kw: 0.2 },
];

test("connections behind an element are those that it feeds, and of a source all", () => {
  const drawn = network();
  const tree = walkNetwork(drawn);
  assert.deepEqual(connectionsBehind(drawn, tree, "s3").map(({ id }) => id), ["c4"]);
  assert.deepEqual(connectionsBehind(drawn, tree, "t").map(({ id }) => id), ["c3", "c4", "c5"]);
  assert.deepEqual(connectionsBehind(drawn, tree, "tie"), [], "what is open feeds nobody");
  assert.equal(connectionsBehind(drawn, tree, "source").length, 3);
});

test("phases are counted before and after a plan, three-phase connections aside", () => {
  const connections = [...network().connections, { ...network().connections[0], id: "c9", phases: "L123" }].map((one) => ({ id: one.id ?? "", phases: one.phases ?? "" }));
  assert.deepEqual(countPhases(connections, SWITCHES), [
    { phase: "L1", before: 3, after: 1 },
    { phase: "L2", before: 0, after: 1 },
    { phase: "L3", before: 0, after: 1 },
  ]);
  assert.deepEqual([...marksOf(SWITCHES)], [["c3", "1: L1→L2"], ["c5", "2: L1→L3"]]);
});

test("a plan's gap is of what it leaves, and none where it is proven", () => {
  const plan = { imbalance_before_kw: 4, imbalance_after_kw: 2, bound_kw: 1.5, proven: false };
  assert.equal(gapOf(plan), 0.25);
  assert.equal(gapOf({ ...plan, proven: true }), 0);
  assert.equal(gapOf({ ...plan, imbalance_after_kw: 0 }), 0);
});

test("what is filled in at a step is told by its kind, and what is missing by its title", () => {
  const field = (/** @type {string} */ id, /** @type {string} */ kind, required = false) => ({ id, title: id.toUpperCase(), kind, is_required: required });
  const fields = [field("crew", "text", true), field("volts", "number"), field("ok", "flag"), field("day", "date", true), field("note", "text")];
  const values = new Map([["crew", " A "], ["volts", "231,5"], ["ok", "on"], ["day", ""], ["note", ""]]);
  assert.deepEqual(readFields(fields, (name) => values.get(name)), { fields: { crew: "A", volts: 231.5, ok: true }, missing: ["DAY"] });
  values.set("volts", "many");
  assert.deepEqual(readFields(fields, (name) => values.get(name)).missing, ["VOLTS", "DAY"]);
});

test("days are fetched once, kept while they are near, and asked for again where they failed", async () => {
  /** @type {string[]} */
  const asked = [];
  let fails = true;
  const shelf = new FrameShelf(async (day) => {
    asked.push(day);
    if (day === "bad" && fails) throw new Error("no");
    return day;
  }, 2);
  assert.equal(await shelf.take("one"), "one");
  await shelf.take("one");
  assert.deepEqual(asked, ["one"]);
  await shelf.take("two");
  await shelf.take("three");
  await shelf.take("one");
  assert.deepEqual(asked, ["one", "two", "three", "one"], "the oldest was let go");
  await assert.rejects(shelf.take("bad"));
  fails = false;
  assert.equal(await shelf.take("bad"), "bad");
});
