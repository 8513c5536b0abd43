import assert from "node:assert/strict";
import { test } from "node:test";

import { cents, computeBill } from "../../frontend_static/domain/bill.js";
import { fromHex, toHex } from "../../frontend_static/domain/bytes.js";
import { keccak256 } from "../../frontend_static/domain/keccak.js";
import * as leaves from "../../frontend_static/domain/leaves.js";
import { PADDING, climb, pathOf, rootOf, shapeOf } from "../../frontend_static/domain/merkle.js";
import * as salts from "../../frontend_static/domain/salts.js";
import { multiplyDivide } from "../../frontend_static/domain/sharing_keys/exact.js";
import { divideValue, valueInProportion, valueOfInterval } from "../../frontend_static/domain/sharing_keys/value.js";
import { COMMUNITIES, readVectors, whole } from "./vectors.js";

test("Keccak gives the hashes of the vectors", () => {
  for (const { input, hash } of readVectors("keccak").cases) assert.equal(toHex(keccak256(fromHex(input))), hash);
});

test("terms, runs, batches, tags and sources are named as in the vectors", () => {
  /** @type {Record<string, (entry: any) => Uint8Array>} */
  const name = {
    terms: (entry) => salts.termsId(fromHex(entry.community), entry.period),
    run: (entry) => salts.runId(fromHex(entry.community), entry.period, entry.version),
    batch: (entry) => salts.batchId(fromHex(entry.community), entry.period, entry.version, fromHex(entry.signer)),
    schedule: (entry) => salts.scheduleId(fromHex(entry.community), entry.period, entry.version),
    tag: (entry) => salts.tagOf(fromHex(entry.nonce), entry.number),
    source: (entry) =>
      salts.sourceHash(
        fromHex(entry.salt),
        entry.files.map((/** @type {string} */ file) => keccak256(fromHex(file))),
      ),
  };
  const { cases } = readVectors("identifiers");
  for (const entry of cases) {
    assert.equal(toHex(keccak256(fromHex(entry.bytes))), entry.id);
    assert.equal(toHex(/** @type {any} */ (name[entry.kind])(entry)), entry.id, JSON.stringify(entry));
  }
  assert.deepEqual(new Set(cases.map((/** @type {any} */ entry) => entry.kind)), new Set(Object.keys(name)));
});

test("salts are those of the vectors", () => {
  for (const entry of readVectors("salts").cases) {
    const saltAt = salts.saltsOf(fromHex(entry.key), fromHex(entry.community), fromHex(entry.id), entry.kind, entry.slot);
    assert.equal(toHex(saltAt(entry.day, entry.t)), entry.salt);
  }
});

test("every kind of leaf has the bytes and the hash of the vectors", () => {
  const { cases } = readVectors("leaves");
  const seen = new Set();
  for (const { kind, name, fields, bytes, hash } of cases) {
    const written = writeLeaf(kind, fields);
    assert.equal(toHex(written), bytes, name);
    assert.equal(toHex(keccak256(written)), hash, name);
    seen.add(kind);
  }
  assert.equal(seen.size, 15);
});

/** @param {number} kind @param {any} fields @returns {Uint8Array} */
function writeLeaf(kind, fields) {
  const salt = fields.salt ? fromHex(fields.salt) : PADDING;
  /** @param {...string} names */
  const all = (...names) => names.map((name) => whole(fields[name]));
  const running = () => [...fields.bands.flat().map(whole), ...all("value", "credited")];
  const links = () =>
    fields.links.map((/** @type {string[]} */ [slot, energy, value, vatClass]) => {
      return { slot: Number(slot), energy: whole(energy ?? ""), value: whole(value ?? ""), vatClass: Number(vatClass) };
    });
  const rounds = () => fields.rounds.map((/** @type {string[]} */ round) => round.map(whole));
  switch (kind) {
    case 1:
      return leaves.headerBytes(all("P", "C", "A", "V"), fields.tau, fields.band, rounds());
    case 2:
      return leaves.stairBytes(salt, all("P", "C", "A", "S"), rounds());
    case 3:
      return leaves.rowBytes(salt, whole(fields.energy), whole(fields.allocated), fields.quality, running(), fields.detail ? fromHex(fields.detail) : undefined);
    case 4:
      return leaves.periodBytes(salt, running(), fromHex(fields.links));
    case 5:
      return leaves.periodStairBytes(salt, all("P", "C", "A", "S"));
    case 6:
      return leaves.billBytes(salt, [
        ...fields.lines.map(whole),
        ...all("vat_debit", "vat_credit", "debit", "credit"),
      ]);
    case 7:
      return leaves.billStairBytes(salt, all("debits", "credits", "fees", "vat_debits", "vat_credits"));
    case 8:
      return leaves.readingBytes(salt, whole(fields.energy), fields.quality, fields.source);
    case 9:
      return leaves.readingStairBytes(salt, all("measured", "estimated", "missing"));
    case 11:
      return leaves.coefficientBytes(salt, fields.coefficient_ppm ?? fields.coefficient);
    case 12:
      return leaves.linksBytes(salt, links());
    case 13:
      return leaves.detailBytes(
        salt,
        BigInt(fields.potential),
        fields.links.map((/** @type {string[]} */ [slot, energy]) => [Number(slot), whole(energy ?? "")]),
      );
    case 14:
      return leaves.costBytes({ salt, weight: BigInt(fields.weight), cap: whole(fields.cap) });
    case 15: {
      const [shared = 0, consumerStep = 0, producerStep = 0] = all("shared", "consumer_step", "producer_step");
      return leaves.scaleBytes({ salt, shared, consumerStep, producerStep, steps: fields.steps });
    }
    default:
      return leaves.classBytes(salt, fields.vat_class, fields.network_class);
  }
}

test("depths are those of the vectors", () => {
  for (const entry of readVectors("shapes").cases) {
    assert.deepEqual(shapeOf(entry.slots, entry.intervals), {
      slotDepth: entry.slot_depth,
      dayDepth: entry.day_depth,
      intervalDepth: entry.interval_depth,
      stairDepth: entry.stair_depth,
    });
  }
});

test("trees have the roots, paths and subtrees of the vectors", () => {
  for (const { depth, leaves: listed, root, paths, subtrees } of readVectors("trees").cases) {
    const nodes = listed.map((/** @type {string | null} */ leaf) => (leaf ? fromHex(leaf) : PADDING));
    assert.equal(toHex(rootOf(nodes, depth)), root);
    for (const { index, leaf, path } of paths) {
      assert.deepEqual(pathOf(nodes, depth, index).map(toHex), path);
      assert.equal(toHex(climb(leaf ? fromHex(leaf) : PADDING, index, path.map(fromHex))), root);
    }
    for (const { level, index, root: subtree, path } of subtrees) {
      const part = nodes.slice(index * 2 ** level, (index + 1) * 2 ** level);
      assert.equal(toHex(rootOf(part, level)), subtree);
      assert.equal(toHex(climb(fromHex(subtree), index, path.map(fromHex))), root);
    }
  }
});

test("an anchored leaf of each kind climbs to its root", () => {
  for (const name of COMMUNITIES) {
    for (const { what, leaf, index, path, root } of readVectors(`communities/${name}`).expected.proofs) {
      const climbed = climb(keccak256(fromHex(leaf)), index, path.map(fromHex));
      assert.equal(toHex(climbed), root, `${name}, ${what}`);
    }
  }
});

test("intervals are worth what the vectors say, and each row its part", () => {
  const { intervals, links } = readVectors("values");
  const pricings = new Set();
  for (const { tariff, band, P, C, A, V, given, shared, rows } of intervals) {
    pricings.add(tariff.pricing);
    const allocated = whole(A);
    const value = valueOfInterval(tariff, { feedIn: whole(P), consumption: whole(C), allocated, band });
    if (value !== null) assert.equal(value, whole(V));
    const worth = new Map(rows);
    for (const [slot, energy] of tariff.pricing === 3 ? given : [...given, ...shared]) {
      assert.equal(valueInProportion(whole(V), allocated, whole(energy)), whole(worth.get(slot)));
    }
  }
  assert.deepEqual(pricings, new Set([0, 1, 2, 3]));
  for (const { tariff, value, links: listed } of links) {
    const priced = listed.map(([slot, energy]) => BigInt(energy) * BigInt(tariff.pricing === 3 ? (tariff.producerPrice[slot] ?? 0) : 1));
    const weights = priced.some((/** @type {bigint} */ weight) => weight > 0n) ? priced : listed.map(([, energy]) => BigInt(energy));
    if (listed.length === 0) continue;
    const parts = divideValue(whole(value), weights.map((/** @type {bigint} */ weight) => whole(String(weight))));
    assert.deepEqual(parts, listed.map((/** @type {string[]} */ link) => whole(link[2] ?? "")));
  }
});

test("quotients are exact on both sides of 2^53", () => {
  let seed = 1n;
  const next = (/** @type {bigint} */ end) => {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return (seed >> 11n) % end;
  };
  for (let i = 0; i < 20_000; i += 1) {
    const [left, right] = [next(2n ** next(53n)), next(2n ** next(53n))];
    const divisor = next(2n ** next(52n)) + 1n;
    const expected = [(left * right) / divisor, (left * right) % divisor].map((value) => whole(String(value)));
    assert.deepEqual(multiplyDivide(Number(left), Number(right), Number(divisor)), expected);
  }
});

test("bills are those of the vectors, to the cent", () => {
  const { cents: prices, bills } = readVectors("bills");
  for (const entry of prices) assert.equal(cents(whole(entry.energy), entry.price), whole(entry.cents));
  const seen = { methods: new Set(), sellers: new Set() };
  for (const entry of bills) {
    seen.methods.add(entry.method);
    seen.sellers.add(entry.tariff.seller);
    const points = entry.points.map((/** @type {any} */ { direction, bands, value, credited, links }) => ({
      feedsIn: direction === "feed_in",
      bands: bands.map((/** @type {string[]} */ band) => band.map(whole)),
      value: whole(value),
      credited: whole(credited),
      links: links.map((/** @type {[number, string, number]} */ [slot, worth, vatClass]) => ({ slot, energy: 1, value: whole(worth), vatClass })),
    }));
    // Links of these cases name the other end's seat: each is its own slot here.
    const terms = { key: { method: entry.method, surplusOwner: entry.surplus_owner }, tariff: entry.tariff, seat: entry.seat, seats: [] };
    assert.deepEqual(computeBill(points, terms, entry.participant_vat_class), {
      lines: entry.lines.map(whole),
      vatDebit: whole(entry.vat_debit),
      vatCredit: whole(entry.vat_credit),
      debit: whole(entry.debit),
      credit: whole(entry.credit),
    });
  }
  assert.ok(seen.methods.has(10) && seen.sellers.has(1));
});
