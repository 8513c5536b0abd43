import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { divideBar, productionSegments, useSegments } from "../../frontend_static/domain/bill_view.js";
import { chooseDay, splitDays } from "../../frontend_static/domain/curves.js";
import * as figures from "../../frontend_static/domain/figures.js";
import { comparePins, readPins } from "../../frontend_static/domain/pins.js";
import { groupChecks, kindOfValue, orderFailures, placeKey } from "../../frontend_static/domain/proof_view.js";
import { parseRoute, writeRoute } from "../../frontend_static/domain/routes.js";
import { WORDS, chooseLocale, say } from "../../frontend_static/i18n/words.js";

const PAGES = path.join(import.meta.dirname, "..", "..", "frontend_static");

/** @param {string} folder @returns {string[]} */
function sources(folder) {
  const place = path.join(PAGES, folder);
  return fs.readdirSync(place).filter((name) => name.endsWith(".js")).map((name) => fs.readFileSync(path.join(place, name), "utf8"));
}

test("figures are written as on the printed bill, in both languages", () => {
  assert.equal(figures.formatMoney(123450, "en"), "€1,234.50");
  assert.equal(figures.formatMoney(-7, "en"), "−€0.07");
  assert.equal(figures.formatMoney(123450, "fr"), "1\u202f234,50\u00a0€");
  assert.equal(figures.formatEnergy(934_016_841, "en"), "934.0\u00a0kWh");
  assert.equal(figures.formatEnergy(934_016_841, "fr", 3), "934,017\u00a0kWh");
  assert.equal(figures.formatEnergy(9_007_199_254_740_993n, "en", 6), "9,007,199,254.740993\u00a0kWh");
  assert.equal(figures.formatPrice(45_000, "en"), "€0.045/kWh");
  assert.equal(figures.formatPrice(120_000, "fr"), "0,12\u00a0€/kWh");
  assert.equal(figures.formatPercent(1, 1000, "en"), "<1%");
  assert.equal(figures.formatPercent(0, 0, "fr"), "0\u00a0%");
  assert.equal(figures.formatRate(55_000, "en"), "5.5%");
  assert.equal(figures.formatKilograms(91_897, "fr"), "91,9\u00a0kg");
});

test("rounding is half away from zero", () => {
  assert.equal(figures.formatEnergy(50_000, "en"), "0.1\u00a0kWh");
  assert.equal(figures.formatEnergy(49_999, "en"), "0.0\u00a0kWh");
});

test("dates and periods are written by language", () => {
  assert.equal(figures.formatDay("2017-06-01", "fr"), "1er juin 2017");
  assert.equal(figures.formatDay("2017-06-03", "en", true), "Saturday 3 June 2017");
  assert.equal(figures.formatPeriod("2017-06-01", "2017-06-30", "en"), "June 2017");
  assert.equal(figures.formatPeriod("2017-06-01", "2017-06-15", "en"), "1 June 2017 – 15 June 2017");
  assert.equal(figures.formatLabel("2017-06", "fr"), "juin 2017");
  assert.equal(figures.formatLabel("2017-06-01..2017-06-15", "en"), "1 June 2017 – 15 June 2017");
  assert.equal(figures.formatLocalStart("2017-06-03T10:00-08:00", "en"), "3 June 2017, 10:00");
  assert.equal(figures.shortHash(`0x${"ab".repeat(32)}`), "0xababab…abab");
});

test("a bar's parts fill it exactly, and a part that is there can be seen", () => {
  for (const amounts of [[1, 999_999], [1, 1, 1], [5], [1, 2, 3_000_000]]) {
    const widths = divideBar(amounts);
    assert.equal(widths.reduce((sum, width) => sum + width, 0), 1000);
    assert.ok(widths.every((width) => width >= 6), String(widths));
  }
});

test("bars leave out what is not there", () => {
  const energy = { used: 10, own: 0, from_neighbours: 4, from_grid: 6, produced: 0, shared: 0, surplus: 0, origins: [] };
  assert.deepEqual(useSegments(energy).map(({ name }) => name), ["from_neighbours", "from_grid"]);
  assert.deepEqual(productionSegments(energy), []);
});

test("addresses are read back as they were written, and others lead nowhere", () => {
  assert.deepEqual(parseRoute(writeRoute("energy", "2017-06", "2017-06-03")), { page: "energy", label: "2017-06", day: "2017-06-03" });
  assert.deepEqual(parseRoute("#/bill/2017-06-01..2017-06-15"), { page: "bill", label: "2017-06-01..2017-06-15", day: "" });
  for (const hash of ["", "#/", "#/unknown/x", "#/__proto__"]) assert.equal(parseRoute(hash).page, "", hash);
  assert.equal(parseRoute("#/bill/%E0%A4%A").label, "");
});

test("a day of summer time has 23 or 25 hours, each interval in one day", () => {
  for (const [midnight, hours] of [["2024-03-31T00:00:00+01:00", 23], ["2024-10-27T00:00:00+02:00", 25]]) {
    const start = Array.from({ length: 72 }, (_, i) => Date.parse(String(midnight)) / 1000 + i * 3600);
    const ones = start.map(() => 1);
    const series = { start, used: ones, from_neighbours: ones, from_grid: ones, produced: ones, sold_to_neighbours: ones, surplus: ones };
    const days = splitDays(/** @type {any} */ ({ time_zone: "Europe/Paris", series }));
    assert.equal(days[0]?.sums.used, hours);
    assert.equal(days.reduce((sum, day) => sum + day.until - day.from, 0), 72);
    assert.equal(chooseDay(days, days[1]?.date ?? "")?.date, days[1]?.date);
  }
});

test("French has the words that English has, with the same values in them", () => {
  assert.deepEqual(Object.keys(WORDS.fr).sort(), Object.keys(WORDS.en).sort());
  for (const [key, words] of Object.entries(WORDS.en)) {
    const names = (/** @type {string} */ text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    assert.deepEqual(names(WORDS.fr[key] ?? ""), names(words), key);
    assert.notEqual(WORDS.fr[key], "", key);
  }
});

test("every word that the pages say is there", () => {
  const said = [...sources("components"), ...sources("pages")].flatMap((text) => [
    ...[...text.matchAll(/say\(\s*"([^"]+)"/g)].map((match) => match[1]),
    ...[...text.matchAll(/"((?:bill|seal|energy|community|saving|how|error|sign_in)\.[a-z_.0-9]+)"/g)].map((match) => match[1]),
  ]);
  assert.ok(said.length > 150, String(said.length));
  assert.deepEqual([...new Set(said)].filter((key) => key && !(key in WORDS.en)), []);
});

test("every check that a proof makes, and every place that it names, has words", () => {
  const text = sources("domain").join("\n");
  const ids = [...text.matchAll(/(?:compare|compareBytes|hold)\(\s*"([a-z]+\.[a-z_]+)"/g)].map((match) => match[1]);
  assert.ok(ids.length > 60, String(ids.length));
  assert.deepEqual([...new Set(ids)].filter((id) => !(`check.${id}` in WORDS.en)), []);
  for (const name of ["vat_debit", "vat_credit", "debit", "credit"]) assert.ok(`check.bill.${name}` in WORDS.en);
  const places = [...text.matchAll(/placeOf\("([^"]+)"/g), ...text.matchAll(/this\.hold\("page\.[a-z]+", "([^"]+)"/g)].map((match) => match[1] ?? "");
  assert.ok(places.length > 20, String(places.length));
  assert.deepEqual(places.filter((place) => !(placeKey(place).key in WORDS.en)), []);
});

test("what nobody says is not kept as words", () => {
  const text = [...sources("components"), ...sources("pages"), ...sources("domain")].join("\n");
  const governed = /^(difference|choice|left|ballot|law|method|role|proposal\.(state|kind|step|due|do)|seat\.waits|consent\.(scope|sees)|privacy\.(part|waits)|compose\.(kind|biller|part)|governance\.(step|guardian)|accesses\.what|disputes\.step|case\.(state|left|over|party|due|step|outcome|ruled|claim\.way|dossier)|conformity\.(rule|parameter)|compose\.terms|contest\.(advice|answer|event|state))\./;
  const built = /^(check|finding|place|group|state|segment|source|line|biller|vat|quality|carbon|how|contract|settings\.theme|nav|readings\.(?:by|otherwise|loads\.part|rule|treatment|quality|quality\.key|quality\.verdict|days|decide)|reconcile\.(?:cause|kind)|grid\.(?:view|measure|layout|kind|grade|limit|rank|clock\.pace|element|switch|plan|pareto|orders|pick|outage|phases|severity|event|events|order|tr|host|relief|set|rule|route|flow|cost|day|alarm)|anomaly\.(?:kind|todo|cause)|forecast\.(?:who|target|weather|expected|grade|group|reliability|skill|sure|use|check|kind|reason|input)|seal\.readings|seal\.unchecked|energy\.series|neighbours|bill\.neighbours|community\.price)\.|^energy\.(estimated|missing|measured)$/;
  const idle = Object.keys(WORDS.en).filter((key) => !built.test(key) && !governed.test(key) && !text.includes(`"${key}"`));
  assert.deepEqual(idle, []);
});

test("a language is chosen by what was kept, then by the browser, then English", () => {
  assert.equal(chooseLocale("fr", ["en-GB"]), "fr");
  assert.equal(chooseLocale("", ["de-DE", "fr-CA"]), "fr");
  assert.equal(chooseLocale("xx", ["de"]), "en");
  assert.equal(say("bill.number", { number: "A-1" }, "fr"), "Facture A-1");
});

test("failures are told with the interval first and roots last", () => {
  const place = { what: "row", field: "", slot: 0, start: null };
  const check = (/** @type {string} */ id, /** @type {string | null} */ start) => ({ id, ok: false, place: { ...place, start }, expected: "", found: "", count: 1 });
  const ordered = orderFailures([check("run.root", null), check("page.line", null), check("bill.debit", null), check("row.allocation", "2017-06-03T10:00-08:00")]);
  assert.deepEqual(ordered.map(({ id }) => id), ["row.allocation", "bill.debit", "page.line", "run.root"]);
  assert.deepEqual(groupChecks(ordered).map(({ name, ok }) => [name, ok]), [["allocation", false], ["bill", false], ["page", false]]);
});

test("what differs is told with its unit", () => {
  const check = (/** @type {string} */ id, /** @type {string} */ what, /** @type {string} */ field) =>
    kindOfValue({ id, ok: false, place: { what, field, slot: null, start: null }, expected: "1", found: "2", count: 1 });
  assert.equal(check("row.allocation", "row", "points[0].allocated[2][40]"), "energy");
  assert.equal(check("bill.line", "bill line, bought", "bill.lines[4]"), "money");
  assert.equal(check("page.line", "bill line, bought", "amounts.lines[4]"), "money");
  assert.equal(check("page.line", "bill line, bought", "lines[2].amount"), "money");
  assert.equal(check("page.line", "bill line, bought", "lines[2].quantity"), "energy");
  assert.equal(check("page.line", "bill line, bought", "lines[2].unit_price"), "price");
  assert.equal(check("run.rule", "run", "run_version"), "plain");
});

test("a chain, root or block that changed since the first sight is refused", () => {
  const seen = { genesis: "0x1", contracts: "0xa 0xb", root: "0x2", billRoot: "0x3", block: 4, blockHash: "0x5" };
  assert.ok(comparePins(seen, { ...seen, block: 9, blockHash: "0x9" }, "0x5").every((check) => check.ok));
  for (const name of /** @type {const} */ (["genesis", "contracts", "root", "billRoot"])) {
    assert.equal(comparePins(seen, { ...seen, [name]: "0xff" }, "0x5")[0]?.ok, false, name);
  }
  for (const hash of ["0x6", ""]) assert.equal(comparePins(seen, seen, hash)[0]?.id, "pin.block");
  for (const text of ["", "[]", "null", "{", "3"]) assert.deepEqual(readPins(text), {});
});
