import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { fromHex } from "../../frontend_static/domain/bytes.js";
import * as cases from "../../frontend_static/domain/cases.js";
import { claimRoot, hashCaseWords, hashEvidence } from "../../frontend_static/domain/claim_papers.js";
import * as contests from "../../frontend_static/domain/contests.js";
import { parseRoute, writeRoute } from "../../frontend_static/domain/routes.js";
import { factsOf } from "../../frontend_static/domain/signing.js";
import { WORDS, say } from "../../frontend_static/i18n/words.js";

const VECTORS = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "..", "vectors", "case_papers.json"), "utf8"));

/** @param {Partial<cases.Case>} values @returns {cases.Case} */
function caseOf(values) {
  return {
    ...{ id: "a", number: 1, label: "2017-06", metering_point: "home-01-load", slot: 3, participant: "home-01", intervals: 6, text: "Why?" },
    ...{ start: "2017-06-20T17:00:00Z", end: "2017-06-20T23:00:00Z", opened_at: "2017-07-01T00:00:00Z", opened_by: "consumer" },
    ...{ state: "claims", you: "consumer", may: [], claims: [], ruling: null, proposal: null, batch: null },
    ...{ claims_until: "2017-07-15T00:00:00Z", ruling_until: "2017-07-29T00:00:00Z", appeal_until: null },
    ...values,
  };
}

/** @param {Partial<contests.Look>} values @returns {contests.Look} */
function lookOf(values) {
  const words = { reason: "r", shown: ["s"], outcome: "o", warning: "w" };
  return {
    ...{ id: "a", label: "2017-06", version: 1, metering_point: "home-01-load", start: "", looked_at: "", contest: "row", shows_others: false },
    ...{ words: { en: words, fr: words }, words_hash: "", question: null, asked_at: null, advice: null, answer: null, answered_at: null },
    ...{ consented_at: null, sent_at: null },
    ...values,
  };
}

test("what parties sign is formed as the service forms it, and from anything else it is another", () => {
  for (const claim of VECTORS.claims) {
    assert.equal(claimRoot(claim), claim.root);
    assert.notEqual(claimRoot({ ...claim, energy: [...claim.energy.slice(1), claim.energy[0] + 1] }), claim.root);
    assert.notEqual(claimRoot({ ...claim, number: claim.number + 1 }), claim.root);
  }
  for (const { salt, text, hash } of VECTORS.words) {
    assert.equal(hashCaseWords(salt, text), hash);
    assert.notEqual(hashCaseWords(salt, `${text} `), hash);
  }
  for (const { salt, file, hash } of VECTORS.evidence) assert.equal(hashEvidence(salt, fromHex(file)), hash);
});

test("papers of a case have words where they are signed", () => {
  const around = { locale: /** @type {const} */ ("fr"), zone: "UTC", say: (/** @type {any} */ key, /** @type {any} */ values) => say(key, values, "fr"), name: String };
  const paper = (/** @type {string} */ primaryType, /** @type {any} */ message) => factsOf({ types: {}, primaryType, domain: {}, message }, around);
  assert.deepEqual(paper("OpenCase", { first: 10, until: 16, paper: "0x1" }), [["Intervalles", "6"], ["Empreinte du texte", "0x1"]]);
  assert.deepEqual(paper("Claim", { caseId: 4, readings: "0x2", evidence: "0x3" })[0], ["Litige", "4"]);
});

test("a curve that is scaled has the sum that was claimed, to the milliwatt-hour, in proportion", () => {
  assert.deepEqual(cases.scaleTo([1, 1, 1], 10), [4, 3, 3]);
  assert.deepEqual(cases.scaleTo([0, 3, 1], 8), [0, 6, 2]);
  assert.deepEqual(cases.scaleTo([0, 0, 0], 4), [2, 1, 1]);
  assert.deepEqual(cases.scaleTo([5, 7], 0), [0, 0]);
  const values = Array.from({ length: 97 }, (_, i) => (i * i * 7919) % 1_000_003);
  for (const total of [1, 96, 98, 9_007_199_254_740_991]) {
    assert.equal(cases.scaleTo(values, total).reduce((sum, value) => sum + BigInt(value), 0n), BigInt(total));
  }
});

test("the course of a case says what was, what is under way and what comes", () => {
  const tenses = (/** @type {cases.CaseState} */ state) => cases.courseOf(caseOf({ state })).map(({ tense }) => tense);
  assert.deepEqual(tenses("claims"), ["past", "now", "later", "later", "later"]);
  assert.deepEqual(tenses("hearing"), ["past", "past", "now", "later", "later"]);
  assert.deepEqual(tenses("appealed"), tenses("ruled"));
  assert.deepEqual(tenses("final"), ["past", "past", "past", "past", "now"]);
  for (const state of /** @type {const} */ (["dismissed", "fulfilled"])) assert.ok(tenses(state).every((tense) => tense === "past"), state);
});

test("the case that is due soonest stands first, those that have ended last", () => {
  const due = (/** @type {number} */ number, /** @type {string} */ until) => caseOf({ number, claims_until: until });
  const all = [caseOf({ number: 5, state: "fulfilled" }), due(1, "2017-07-20T00:00:00Z"), caseOf({ number: 3, state: "appealed" }), due(2, "2017-07-10T00:00:00Z"), caseOf({ number: 6, state: "dismissed" })];
  const { open, past } = cases.sortCases(all);
  assert.deepEqual([open, past].map((list) => list.map(({ number }) => number)), [[2, 1, 3], [6, 5]]);
  assert.equal(cases.deadlineOf(caseOf({ state: "appealed" })), null);
});

test("every state, party and step has words in both languages", () => {
  const states = ["claims", "hearing", "ruled", "appealed", "final", "dismissed", "fulfilled"].map((state) => `case.state.${state}`);
  const outcomes = [...cases.PARTIES, "nobody"].map((party) => `case.outcome.${party}`);
  const looks = ["nothing", "found", "others", "asked", "advised", "sent"].map((state) => `contest.state.${state}`);
  for (const key of [...states, ...outcomes, ...looks]) for (const words of [WORDS.en, WORDS.fr]) assert.ok(words[key], key);
});

test("evidence is saved under a name of ours, and never as what a computer would run", () => {
  assert.equal(cases.evidenceFile(4, "provider", "../Photo.JPEG"), "case-4-provider.jpeg");
  for (const name of ["page.html", "a.pdf.exe", "", "x.svg"]) assert.equal(cases.evidenceFile(4, "consumer", name), "case-4-consumer.bin");
});

test("a look goes from found over the arbiter to sent, and another's figures are not one's own to send", () => {
  const states = [lookOf({ contest: null }), lookOf({}), lookOf({ shows_others: true }), lookOf({ asked_at: "x" }), lookOf({ asked_at: "x", advice: "leave" }), lookOf({ sent_at: "x" })];
  assert.deepEqual(states.map(contests.stateOfLook), ["nothing", "found", "others", "asked", "advised", "sent"]);
  assert.deepEqual(states.map(contests.maySend), [false, true, false, true, true, false]);
});

test("what one agrees to is hashed in all languages", () => {
  const { words } = lookOf({});
  const hash = contests.hashLookWords(words);
  assert.match(hash, /^0x[0-9a-f]{64}$/);
  assert.notEqual(contests.hashLookWords({ ...words, fr: { ...words.fr, shown: [] } }), hash);
});

test("a doubt is read back from its address, and what is none begins with nothing chosen", () => {
  const doubt = { label: "2017-06", start: 1_497_207_600, slot: 3 };
  assert.deepEqual(contests.parseDoubt(contests.writeDoubt(doubt)), doubt);
  assert.deepEqual(contests.parseDoubt("2017-06"), { label: "2017-06", start: null, slot: null });
  assert.deepEqual(contests.parseDoubt("2017-06@x@-1"), { label: "2017-06", start: null, slot: null });
  assert.equal(parseRoute(writeRoute("disputes", "doubt", contests.writeDoubt(doubt))).item, "2017-06@1497207600@3");
});

test("only places with an interval can be looked at, each once", () => {
  const check = (/** @type {string} */ id, /** @type {string | null} */ start, /** @type {number | null} */ slot) => ({ id, ok: false, place: { what: "row", field: "", slot, start }, expected: "", found: "", count: 1 });
  const at = "2017-06-11T12:00-07:00";
  const found = contests.doubtsOf([check("row.allocation", at, 3), check("row.value", at, 3), check("run.root", null, null), check("header.own", at, null)]);
  assert.deepEqual(found, [{ start: 1_497_207_600, slot: 3, id: "row.allocation" }, { start: 1_497_207_600, slot: null, id: "header.own" }]);
});

test("the newest result that stands can be doubted, a void one cannot", () => {
  const run = (/** @type {number} */ version, /** @type {string} */ state, root = "") => ({ version, state, bill_root: root });
  const periods = [{ label: "c", runs: [run(1, "voided")] }, { label: "b", runs: [run(1, "final", "0x1"), run(2, "contestable")] }, { label: "a", runs: [run(2, "voided"), run(1, "final", "0x1")] }];
  assert.deepEqual(contests.standingRuns(periods), [{ label: "b", version: 2, billed: false }, { label: "a", version: 1, billed: true }]);
});
