/** What a check found, as each language says it. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { formatFactor, formatPower, formatShare } from "../../frontend_static/domain/figures.js";
import { tellFinding } from "../../frontend_static/domain/findings.js";
import { WORDS, hasWords, say } from "../../frontend_static/i18n/words.js";

/** @type {any[]} */
const { cases } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "..", "vectors", "findings.json"), "utf8"));
const LOCALES = /** @type {const} */ (["en", "fr"]);

/** @param {"en" | "fr"} locale */
const reader = (locale) => ({ locale, zone: "Europe/Paris", say: (/** @type {string} */ key, /** @type {any} */ values) => say(key, values, locale), hasWords });

/** @param {string} rule @param {Record<string, number | string>} facts */
const finding = (rule, facts) => ({ rule, facts, message: "In English.", metering_point: "home-01-load", start_utc: Date.UTC(2017, 5, 3, 10) / 1000, end_utc: Date.UTC(2017, 5, 3, 12) / 1000 });

const RULED = ["stands", "outranked"].map((kind) => finding("ruled-reading", { kind, case: "7", readings: 4 }));

test("every rule and kind has its sentence in each language, and all that is named in it", () => {
  assert.ok(cases.length >= 23);
  for (const told of [...cases, ...RULED]) {
    for (const locale of LOCALES) {
      const { sentence } = tellFinding(told, reader(locale));
      const name = `${locale} ${told.rule} ${told.facts.kind ?? ""}`;
      assert.doesNotMatch(sentence, /[{}]|finding\.|NaN|undefined/, name);
      assert.notEqual(sentence, told.message, name);
      if (told.rule !== "swapped") assert.ok(sentence.includes(told.metering_point), name);
    }
    assert.notEqual(tellFinding(told, reader("en")).sentence, tellFinding(told, reader("fr")).sentence, told.rule);
  }
});

test("no sentence is kept that nothing found is told by", () => {
  const used = new Set([...cases, ...RULED].flatMap(({ rule, facts: { kind } }) => [`finding.${rule}.${kind}`, `finding.${rule}`]));
  const idle = Object.keys(WORDS.en).filter((key) => key.startsWith("finding.") && !key.startsWith("finding.count.") && !used.has(key));
  assert.deepEqual(idle, []);
});

test("facts are written in the reader's language, with their unit and one or many", () => {
  const one = { kind: "factor", from_utc: Date.UTC(2017, 5, 3) / 1000, until_utc: Date.UTC(2017, 5, 4) / 1000, counted_milliwatt_hours: 2_500_000, register_milliwatt_hours: 1_250_000, times_ppm: 2_000_000, limit_milliwatt_hours: 1_000_000 };
  const { sentence, limit } = tellFinding(finding("register", one), reader("fr"));
  assert.match(sentence, /^Les pas de home-01-load du 3 juin 2017, 02:00 au 4 juin 2017, 02:00 totalisent 2,500\u00a0kWh, son index a compté 1,250\u00a0kWh : 2 fois/);
  assert.equal(limit, "1,000\u00a0kWh");
  assert.match(tellFinding(finding("gap", { intervals: 1 }), reader("en")).sentence, /for 1 interval from 3 Jun 2017, 12:00\./);
  assert.match(tellFinding(finding("gap", { intervals: 1200 }), reader("en")).sentence, /for 1,200 intervals from/);
  assert.match(tellFinding(finding("negative", { readings: 2, least_milliwatt_hours: -5 }), reader("en")).sentence, /2 readings of home-01-load, the lowest −0\.000005\u00a0kWh/);
  assert.equal(tellFinding(finding("high", { times_ppm: 2_345_678, hours: 8, limit_times_ppm: 2_000_000 }), reader("en")).limit, "2×");
});

test("what has no words, or no facts, keeps its own sentence", () => {
  assert.deepEqual(tellFinding(finding("unknown-column", { readings: 1 }), reader("fr")), { sentence: "In English.", limit: "" });
  assert.equal(tellFinding(finding("gap", {}), reader("fr")).sentence, "In English.");
});

test("factors have two significant digits, powers are exact", () => {
  assert.deepEqual([1_028_626_598, 9_870_000, 2_000_000, 819_571, 140_308, 1013, 0].map((ppm) => formatFactor(ppm, "en")), ["1,029", "9.9", "2", "0.82", "0.14", "0.001", "0"]);
  assert.equal(formatPower(6900, "fr"), "6,9\u00a0kW");
  assert.equal(formatPower(36_000, "en"), "36\u00a0kW");
});

test("a little is not called nothing, and nearly all not all", () => {
  assert.deepEqual([0, 1, 499, 500, 1344, 41_666, 998_655, 999_999, 1_000_000].map((ppm) => formatShare(ppm, "en")), ["0%", "<0.1%", "<0.1%", "0.1%", "0.1%", "4.2%", "99.9%", ">99.9%", "100%"]);
  assert.equal(formatShare(998_655, "fr"), "99,9\u00a0%");
});
