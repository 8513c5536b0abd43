import assert from "node:assert/strict";
import { test } from "node:test";

import { cents, computeBill } from "../../frontend_static/domain/bill.js";
import { fromHex, toHex } from "../../frontend_static/domain/bytes.js";
import { keccak256 } from "../../frontend_static/domain/keccak.js";
import * as leaves from "../../frontend_static/domain/leaves.js";
import { PADDING, climb, pathOf, rootOf, shapeOf } from "../../frontend_static/domain/merkle.js";
import * as salts from "../../frontend_static/domain/salts.js";
import * as keys from "../../frontend_static/domain/sharing_keys.js";
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
  assert.equal(seen.size, 10);
});

/** @param {number} kind @param {any} fields @returns {Uint8Array} */
function writeLeaf(kind, fields) {
  const salt = fields.salt ? fromHex(fields.salt) : PADDING;
  /** @param {...string} names */
  const all = (...names) => names.map((name) => whole(fields[name]));
  const running = () => fields.bands.flat().map(whole);
  const rounds = () => fields.rounds.map((/** @type {string[]} */ round) => round.map(whole));
  switch (kind) {
    case 1:
      return leaves.headerBytes(whole(fields.P), whole(fields.C), whole(fields.A), fields.tau, fields.band, rounds());
    case 2:
      return leaves.stairBytes(salt, all("P", "C", "A", "S"), rounds());
    case 3:
      return leaves.rowBytes(salt, whole(fields.energy), whole(fields.allocated), fields.quality, running());
    case 4:
      return leaves.periodBytes(salt, running());
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

test("consumers get what the keys of the vectors give them", () => {
  const { dynamic, static: fixed } = readVectors("shares");
  for (const { feed_in: feedIn, consumption, allocated } of dynamic) {
    const all = whole(String(consumption.reduce((/** @type {bigint} */ sum, /** @type {string} */ own) => sum + BigInt(own), 0n)));
    const given = consumption.map((/** @type {string} */ own) => keys.allocateDynamic(whole(feedIn), all, whole(own)));
    assert.deepEqual(given, allocated.map(whole));
  }
  for (const { feed_in: feedIn, consumption, coefficients_ppm: coefficients, allocated } of fixed) {
    const given = consumption.map((/** @type {string} */ own, /** @type {number} */ i) =>
      keys.allocateStatic(whole(feedIn), coefficients[i], whole(own)),
    );
    assert.deepEqual(given, allocated.map(whole));
  }
});

test("producers' parts sum to what was shared, as in the vectors", () => {
  for (const { slots, t, feed_in: written, allocated, tau, shared } of readVectors("shares").producers) {
    const producers = written.map((/** @type {[number, string]} */ [slot, own]) => [slot, whole(own)]);
    const feedIn = whole(String(written.reduce((/** @type {bigint} */ sum, /** @type {any} */ [, own]) => sum + BigInt(own), 0n)));
    assert.equal(keys.chooseTau(whole(allocated), producers, t, slots), tau);
    const parts = producers.map((/** @type {any} */ [slot, own]) =>
      keys.shareOfProducer(whole(allocated), feedIn, own, slot, t, slots, tau),
    );
    assert.deepEqual(parts, shared.map(whole));
  }
});

test("whole intervals are shared as in the vectors", () => {
  const methods = new Set();
  for (const entry of readVectors("allocation").cases) {
    methods.add(entry.method);
    if (entry.method !== "dynamic" && entry.method !== "static") continue;
    const [feedIn, consumption, shared] = [whole(entry.P), whole(entry.C), whole(entry.A)];
    const parts = entry.energy.map((/** @type {string} */ own, /** @type {number} */ i) => {
      const slot = entry.slot[i];
      if (entry.direction[i] === 1) {
        return keys.shareOfProducer(shared, feedIn, whole(own), slot, entry.t, entry.slots, entry.tau);
      }
      if (entry.method === "dynamic") return keys.allocateDynamic(feedIn, consumption, whole(own));
      return keys.allocateStatic(feedIn, entry.coefficients_ppm[i] ?? 0, whole(own));
    });
    assert.deepEqual(parts, entry.allocated.map(whole), entry.name);
  }
  assert.ok(methods.has("dynamic") && methods.has("static"));
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
    assert.deepEqual(keys.multiplyDivide(Number(left), Number(right), Number(divisor)), expected);
  }
});

test("bills are those of the vectors, to the cent", () => {
  const { cents: prices, bills } = readVectors("bills");
  for (const entry of prices) assert.equal(cents(whole(entry.energy), entry.price), whole(entry.cents));
  for (const entry of bills) {
    const points = entry.points.map((/** @type {any} */ { direction, bands }) => ({
      feedsIn: direction === "feed_in",
      bands: bands.map((/** @type {string[]} */ band) => band.map(whole)),
    }));
    assert.deepEqual(computeBill(points, entry.tariff, entry.participant_vat_class), {
      lines: entry.lines.map(whole),
      vatDebit: whole(entry.vat_debit),
      vatCredit: whole(entry.vat_credit),
      debit: whole(entry.debit),
      credit: whole(entry.credit),
    });
  }
});
