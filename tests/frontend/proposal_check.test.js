import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { decodeArguments, structOf } from "../../frontend_static/data/abi.js";
import { encodeMatter, hashAction, KINDS, proposalId, readDescription, TARGETS } from "../../frontend_static/domain/calls.js";
import { actionOf } from "../../frontend_static/domain/matters.js";
import { checkProposal } from "../../frontend_static/domain/proposal_check.js";
import { hashWords } from "../../frontend_static/domain/proposals.js";
import { changeLinks, changesOf, hashLinks, isOfLinks } from "../../frontend_static/domain/rule_changes.js";
import { actionFacts } from "../../frontend_static/domain/signing.js";
import { hashTerms, isOfTerms, leadsTo, tableOfTerms, termsOf } from "../../frontend_static/domain/terms.js";

const { community, target, paper, matters, rules } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "..", "vectors", "proposals.json"), "utf8"));
const SALT = `0x${"07".repeat(16)}`;
const WORDS = "Pour nous tous.";
const NO_HASH = `0x${"00".repeat(32)}`;
const CONTRACTS = { registry: target, rule_book: target };
const AROUND = { community, contracts: CONTRACTS, seats: [{ seat: 1, participant: "anna", holder: null }, { seat: 3, participant: "bob", holder: null }, { seat: 4, participant: "cleo", holder: null }], participant: "anna", links: null, terms: null };

/** @param {any} change @returns {string} */
function lineOf({ field, place, before, after }) {
  return JSON.stringify([field, place, before ?? null, after ?? null]);
}

/** @param {any} one Of the vectors' rules. */
function placesOf(one) {
  return one.points.map((/** @type {string} */ id, /** @type {number} */ slot) => ({ id, slot, participant: slot === 1 ? "anna" : `other-${slot}` }));
}

test("a call is encoded, hashed and numbered as the governor does it", () => {
  for (const { kind, matter, data, action, description, id } of matters) {
    assert.equal(encodeMatter(community, kind, matter), data, kind);
    assert.equal(hashAction(data), action);
    assert.equal(proposalId({ target, value: "0x0", data, description }), id, kind);
    assert.notEqual(proposalId({ target, value: "0x1", data, description }), id);
    assert.deepEqual(readDescription(description), paper);
  }
  assert.equal(readDescription("0x00"), null);
});

test("a change of a rule is told from the chain as the service tells it, whatever field it is of", () => {
  assert.ok(rules.length > 25);
  for (const one of rules) {
    const found = changesOf(one.before, one.after, (slot) => one.points[slot] ?? "");
    const due = one.differences.filter((/** @type {any} */ difference) => !isOfLinks(difference) && !isOfTerms(difference));
    assert.deepEqual(found.map(lineOf).sort(), due.map(lineOf).sort(), one.name);
  }
});

test("link terms that differences say in full hash to what the chain holds", () => {
  for (const one of rules.filter((/** @type {any} */ { after }) => after.key.linkTerms !== NO_HASH)) {
    const links = changeLinks(one.links_before, one.differences);
    const slots = new Map(one.points.map((/** @type {string} */ id, /** @type {number} */ slot) => [id, slot]));
    assert.equal(hashLinks(links, (point) => slots.get(point) ?? -1), one.after.key.linkTerms, one.name);
  }
});

/** @param {any} one Of the rules. @param {Record<string, any>} [more] */
function toldOf(one, more = {}) {
  const description = `0x${[hashWords(SALT, WORDS), NO_HASH, paper.nonce].map((word) => word.slice(2)).join("")}${"0".repeat(24)}${paper.proposer.slice(2)}`;
  const call = { target, value: "0x0", data: "0x12345678", description };
  return {
    told: { block: 5, held: true, pauseBook: target, guardians: [], seat: 1, before: one.before, asked: { community, rule: one.after }, call, paper: { kind: 1, text: hashWords(SALT, WORDS), rehearsal: NO_HASH, member: paper.proposer }, ...more },
    shown: { id: proposalId(call), kind: "rule", member: paper.proposer, differences: one.differences, effective_from: one.after.effectiveFrom, text: WORDS, salt: SALT, rehearsal_hash: NO_HASH, state: "active" },
    around: { ...AROUND, points: placesOf(one), links: one.links_before, terms: one.terms_before },
  };
}

test("a proposal that is shown as it is agrees with the chain", () => {
  for (const one of rules) {
    const { told, shown, around } = toldOf(one);
    assert.deepEqual(checkProposal(shown, told, around), { differing: [], links: false, terms: false }, one.name);
  }
});

test("whatever the service alters of a rule is found", () => {
  for (const one of rules) {
    const { told, shown, around } = toldOf(one);
    const fails = (/** @type {any} */ change) => checkProposal({ ...shown, ...change }, told, around);
    const [first, ...rest] = one.differences;
    if (!isOfLinks(first)) {
      assert.deepEqual(fails({ differences: rest }).differing, ["proposal.chain.change"], one.name);
      assert.deepEqual(fails({ differences: [{ ...first, after: 42 }, ...rest] }).differing, ["proposal.chain.change"], one.name);
    } else assert.equal(fails({ differences: [{ ...first, after: null }, ...rest] }).links, true, one.name);
    assert.deepEqual(fails({ differences: [...one.differences, { field: "tariff.vat_ppm", place: [], before: 1, after: 2 }] }).differing, ["proposal.chain.change"], one.name);
  }
});

test("other words, another day, member, rehearsal, number or call are found, each by its name", () => {
  const { told, shown, around } = toldOf(rules[0]);
  const differing = (/** @type {any} */ change, /** @type {any} */ chain = {}) => checkProposal({ ...shown, ...change }, { ...told, ...chain }, around).differing;
  assert.deepEqual(differing({ text: "For us all." }), ["proposal.chain.text"]);
  assert.deepEqual(differing({ effective_from: 1 }), ["proposal.chain.change"]);
  assert.deepEqual(differing({ member: target }), ["proposal.chain.member"]);
  assert.deepEqual(differing({ rehearsal_hash: `0x${"01".repeat(32)}` }), ["proposal.chain.rehearsal"]);
  assert.deepEqual(differing({ id: "1" }), ["proposal.chain.id"]);
  assert.deepEqual(differing({ kind: "steward" }), ["proposal.chain.call"]);
  assert.deepEqual(differing({}, { asked: { ...told.asked, community: NO_HASH } }), ["proposal.chain.call"]);
  assert.deepEqual(differing({}, { asked: null }), ["proposal.chain.call"]);
  assert.deepEqual(differing({}, { before: null }), ["proposal.chain.change"]);
  assert.deepEqual(differing({}, { held: false }), ["proposal.chain.contracts"]);
  assert.deepEqual(differing({}, { seat: 2 }), ["proposal.chain.places"]);
  assert.deepEqual(differing({}, { paper: null }), ["proposal.chain.missing"]);
  const { call } = told;
  assert.deepEqual(differing({}, { call: { ...call, data: "0x12345679" } }), ["proposal.chain.id"]);
  assert.deepEqual(differing({}, { call: { ...call, target: paper.proposer } }), ["proposal.chain.id", "proposal.chain.call"]);
});

/** Rules whose terms of conformity differ. */
const TERMED = rules.filter((/** @type {any} */ { before, after }) => before.limits.terms !== after.limits.terms);
const hashesOf = (/** @type {any} */ one) => ({ was: one.before.limits.terms, will: one.after.limits.terms });

test("terms of conformity hash to what the chain holds, and their differences lead from one hash to the other", () => {
  assert.ok(TERMED.length >= 4);
  for (const one of TERMED) {
    assert.equal(hashTerms(one.terms_before), one.before.limits.terms, one.name);
    assert.deepEqual(tableOfTerms(termsOf(one.terms_before)), one.terms_before);
    const said = one.differences.filter(isOfTerms);
    assert.equal(leadsTo(said, hashesOf(one), one.terms_before), true, one.name);
    for (const [i, difference] of said.entries()) {
      const altered = (/** @type {any} */ change) => said.map((/** @type {any} */ other, /** @type {number} */ place) => (place === i ? { ...other, ...change } : other));
      assert.equal(leadsTo(said.toSpliced(i, 1), hashesOf(one), one.terms_before), false, one.name);
      assert.equal(leadsTo(altered({ after: difference.before }), hashesOf(one), one.terms_before), false, one.name);
      assert.equal(leadsTo(altered({ before: difference.after }), hashesOf(one), one.terms_before), false, one.name);
      assert.equal(leadsTo(altered({ field: "conformity.rules.zero_run.minutes" }), hashesOf(one), one.terms_before), false, one.name);
    }
  }
});

test("terms whose former ones are not known here are said to be unchecked, and terms that stay have no difference", () => {
  const voted = TERMED.find((/** @type {any} */ one) => one.before.limits.terms !== NO_HASH);
  const { told, shown, around } = toldOf(voted);
  for (const terms of [null, { zero_run: { hours: 25 } }]) {
    assert.deepEqual(checkProposal(shown, told, { ...around, terms }), { differing: [], links: false, terms: true });
  }
  const { before: same } = hashesOf(voted).was === NO_HASH ? rules[0] : voted;
  const stays = { was: same.limits.terms, will: same.limits.terms };
  assert.equal(leadsTo([], stays, null), true);
  assert.equal(leadsTo(voted.differences.filter(isOfTerms), stays, null), false);
});

const SHOWN = {
  weights: [["bob", 2], ["anna", 65_535]].map(([name, after]) => ({ field: "governance.weight", place: [name], before: 1, after })),
  revocation: [{ field: "governance.seat", place: ["cleo"], before: target, after: null }],
  guardians: [1, 2].map((place) => ({ field: "governance.guardian", place: [String(place)], before: target, after: `0x${String(place).repeat(40)}` })),
  steward: [{ field: "governance.steward", place: [], before: target, after: `0x${"1".repeat(40)}` }],
  appeal: [{ field: "arbitration.outcome", place: ["9"], before: null, after: "nobody" }],
};
const ASKED = {
  weights: "bytes32 community; uint32[] seats; uint16[] weights",
  revocation: "bytes32 community; uint32 seat",
  guardians: "bytes32 community; address[3] guardians",
  steward: "bytes32 community; address steward",
  appeal: "uint256 caseId; uint8 party",
};
const LIES = /** @type {Record<string, any>} */ ({
  weights: { ...SHOWN.weights[0], after: 1 },
  revocation: { ...SHOWN.revocation[0], place: ["bob"] },
  guardians: { ...SHOWN.guardians[0], after: target },
  steward: { ...SHOWN.steward[0], after: target },
  appeal: { ...SHOWN.appeal[0], after: "consumer" },
});

test("a proposal that is no rule is held against the arguments of its call", () => {
  for (const { kind, data, description, id } of matters) {
    const differences = /** @type {any} */ (SHOWN)[kind];
    const asked = decodeArguments(structOf(/** @type {any} */ (ASKED)[kind]), `0x${data.slice(10)}`);
    const told = { block: 5, held: true, pauseBook: target, guardians: [`0x${"3".repeat(40)}`], seat: 1, before: null, asked, call: { target, value: "0x0", data, description }, paper: { kind: KINDS.indexOf(kind), text: paper.text, rehearsal: paper.rehearsal, member: paper.proposer } };
    const shown = { id, kind, member: paper.proposer, differences, effective_from: null, text: "", salt: null, rehearsal_hash: paper.rehearsal, state: "active" };
    const around = { ...AROUND, points: [] };
    assert.deepEqual(checkProposal(shown, told, around), { differing: [], links: false, terms: false }, kind);
    const lied = { ...shown, differences: [LIES[kind], ...differences.slice(1)] };
    assert.deepEqual(checkProposal(lied, told, around).differing, ["proposal.chain.change"], kind);
    if (kind === "guardians") assert.deepEqual(checkProposal(shown, { ...told, guardians: [] }, around).differing, ["proposal.chain.change"]);
  }
});

test("what is signed for is in words, and a document of another action is not signed", () => {
  const around = { locale: /** @type {const} */ ("en"), zone: "UTC", say: (/** @type {string} */ key) => key, name: (/** @type {string} */ address) => address };
  for (const { kind, matter, action } of matters) {
    const document = /** @type {any} */ ({ message: { action } });
    const facts = actionFacts(document, community, { kind, matter, names: ["anna", "bob"].slice(0, kind === "weights" ? 2 : 1) }, around);
    assert.ok(facts.length > 0 && facts.every(([label, value]) => label && value), kind);
    assert.throws(() => actionFacts(/** @type {any} */ ({ message: { action: NO_HASH } }), community, { kind, matter, names: [] }, around), /action/);
  }
  const held = [{ participant: "bob", seat: 3 }, { participant: "anna", seat: 1 }];
  const found = actionOf("weights", { weights: { bob: 2, anna: 5 } }, held, (one) => one.toUpperCase());
  assert.deepEqual(found, { kind: "weights", matter: { seats: [1, 3], weights: [5, 2] }, names: ["ANNA", "BOB"] });
  assert.deepEqual(actionOf("revocation", { participant: "bob" }, held, String).matter, { seat: 3 });
  assert.equal(Object.keys(TARGETS).length, KINDS.length - 1);
});
