import assert from "node:assert/strict";
import { test } from "node:test";

import { allocateDynamic, allocateRow, allocateStatic, creditRow } from "../../frontend_static/domain/sharing_keys/consumers.js";
import { chooseTau, shareInProportion, shareOfProducer } from "../../frontend_static/domain/sharing_keys/producers.js";
import { METHODS, countRounds, sortRounds } from "../../frontend_static/domain/sharing_keys/rounds.js";
import { boundsOfAllocated, faultOfRounds } from "../../frontend_static/domain/totals_bounds.js";
import { readVectors, whole } from "./vectors.js";

/** @param {any} entry A case of the vectors. @returns {import("../../frontend_static/domain/sharing_keys/rounds.js").Key} */
function keyOf(entry) {
  const pairs = entry.method === "pairwise";
  return {
    ...{ method: entry.code, surplusOwner: entry.surplus_owner, schedule: 0, linkTerms: "0x" },
    coefficientsPpm: pairs ? entry.pairs_ppm : entry.method === "scheduled" ? [] : entry.coefficients_ppm,
    ...{ producers: entry.producers, tierMethods: entry.tier_methods, tiers: entry.tiers, producerPpm: entry.producer_ppm },
  };
}

/** @param {any} entry @returns {any} The header of a case. */
function headerOf(entry) {
  return { feedIn: whole(entry.P), consumption: whole(entry.C), allocated: whole(entry.A), tau: entry.tau, value: 0, band: 0, rounds: entry.rounds.map((/** @type {string[]} */ round) => round.map(whole)) };
}

/** @param {any} entry */
function activeOf(entry) {
  const of = (/** @type {number} */ direction) => entry.slot.filter((/** @type {number} */ _, /** @type {number} */ i) => entry.direction[i] === direction);
  return { consumers: of(0), producers: of(1) };
}

const { cases } = readVectors("allocation");

test("whole intervals are shared and credited as in the vectors, by every key", () => {
  const methods = new Set();
  let keyed = 0;
  for (const entry of cases) {
    const key = keyOf(entry);
    const header = headerOf(entry);
    const { feedIn, consumption, allocated, tau } = header;
    const levels = sortRounds(key, header.rounds);
    const active = activeOf(entry);
    assert.equal(header.rounds.length, countRounds(key, active.producers.length), entry.name);
    entry.energy.forEach((/** @type {string} */ written, /** @type {number} */ i) => {
      const [own, slot, feedsIn] = [whole(written), entry.slot[i], entry.direction[i] === 1];
      const coefficient = entry.coefficients_ppm[slot] ?? 0;
      const pool = { feedIn, consumption, levels };
      const turn = { t: entry.t, slots: entry.slots, tau };
      const given = feedsIn
        ? shareOfProducer(key, levels, allocated, feedIn, own, slot, turn, key.producers.indexOf(slot))
        : allocateRow(key, pool, slot, own, coefficient);
      assert.equal(given, whole(entry.allocated[i]), `${entry.name}, slot ${slot}`);
      assert.equal(creditRow(key, pool, feedsIn, own, given ?? 0, coefficient), whole(entry.credited[i]), `${entry.name}, slot ${slot}`);
    });
    methods.add(entry.method);
    keyed += key.producerPpm.length > 0 ? 1 : 0;
  }
  assert.deepEqual(methods, new Set(METHODS.filter((name) => name && name !== "flow")));
  assert.ok(keyed > 20, String(keyed));
});

test("the totals of every case lie within the bounds of its key, and a milliwatt-hour beyond them does not", () => {
  let refused = 0;
  for (const entry of cases) {
    if (whole(entry.P) > Number.MAX_SAFE_INTEGER || whole(entry.C) > Number.MAX_SAFE_INTEGER) continue;
    const key = keyOf(entry);
    const header = headerOf(entry);
    const levels = sortRounds(key, header.rounds);
    const active = activeOf(entry);
    const [least, most] = boundsOfAllocated(key, header, levels, active);
    assert.ok(least <= header.allocated && header.allocated <= most, `${entry.name}: ${least} to ${most}, ${header.allocated}`);
    if (entry.method !== "scheduled") assert.equal(faultOfRounds(key, header, levels, active), "", entry.name);
    refused += header.allocated - active.consumers.length < least ? 1 : 0;
  }
  assert.ok(refused > 100, String(refused));
});

test("where a pool is shared to the end, less than a milliwatt-hour is lost for each but one", () => {
  const key = { method: 1, surplusOwner: 0, schedule: 0, coefficientsPpm: [500_000, 300_000, 200_000], producers: [], tierMethods: [], tiers: [], producerPpm: [], linkTerms: "0x" };
  const header = { feedIn: 100, consumption: 150, allocated: 100, tau: 0, value: 0, band: 0, rounds: [] };
  const active = { consumers: [0, 1, 2], producers: [3] };
  for (const [method, rounds, bounds] of /** @type {[number, [number, number][], [number, number]][]} */ ([
    [1, [], [98, 100]],
    [2, [], [0, 100]],
    [3, [[100, 3]], [0, 99]],
    [4, [[60, 500_000]], [98, 100]],
    [4, [[7, 0]], [93, 93]],
    [5, [[40, 90]], [98, 100]],
    [5, [[40, 10]], [70, 70]],
    [10, [], [0, 0]],
  ])) {
    const changed = { ...key, method };
    assert.deepEqual(boundsOfAllocated(changed, header, sortRounds(changed, rounds), active), bounds, `${method}: ${rounds}`);
  }
});

test("rounds that no community could have are refused", () => {
  const key = { method: 0, surplusOwner: 0, schedule: 0, coefficientsPpm: [500_000, 500_000], producers: [2], tierMethods: [2, 1], tiers: [0, 1], producerPpm: [], linkTerms: "0x" };
  const header = { feedIn: 100, consumption: 150, allocated: 100, tau: 0, value: 0, band: 0 };
  const active = { consumers: [0, 1], producers: [2] };
  for (const [method, rounds] of /** @type {[number, [number, number][]][]} */ ([
    [3, [[100, 3]]],
    [3, [[99, 2]]],
    [4, [[101, 500_000]]],
    [4, [[50, 1_000_001]]],
    [5, [[40, 91]]],
    [7, [[99, 99]]],
    [7, [[100, 101]]],
    [8, [[99, 500_000], [50, 90]]],
    [8, [[100, 400_000], [50, 90]]],
    [8, [[100, 500_000], [49, 90]]],
    [8, [[100, 500_000], [60, 151]]],
  ])) {
    const changed = { ...key, method };
    assert.notEqual(faultOfRounds(changed, { ...header, rounds }, sortRounds(changed, rounds), active), "", `${method}: ${rounds}`);
  }
  for (const [method, rounds] of /** @type {[number, [number, number][]][]} */ ([
    [3, [[100, 2]]],
    [4, [[50, 500_000]]],
    [5, [[40, 90]]],
    [7, [[100, 100]]],
    [8, [[100, 500_000], [60, 90]]],
  ])) {
    const changed = { ...key, method };
    assert.equal(faultOfRounds(changed, { ...header, rounds }, sortRounds(changed, rounds), active), "", `${method}: ${rounds}`);
  }
  const keyed = { ...key, method: 1, producerPpm: [0, 0, 700_000] };
  for (const [rounds, fault] of /** @type {[[number, number][], boolean][]} */ ([[[[0, 0]], false], [[[50, 700_000]], true]])) {
    assert.equal(faultOfRounds(keyed, { ...header, rounds }, sortRounds(keyed, rounds), active) !== "", fault);
  }
});

test("consumers get what the shares of the vectors give them", () => {
  const { dynamic, static: fixed } = readVectors("shares");
  for (const { feed_in: feedIn, consumption, allocated } of dynamic) {
    const all = whole(String(consumption.reduce((/** @type {bigint} */ sum, /** @type {string} */ own) => sum + BigInt(own), 0n)));
    const given = consumption.map((/** @type {string} */ own) => allocateDynamic(whole(feedIn), all, whole(own)));
    assert.deepEqual(given, allocated.map(whole));
  }
  for (const { feed_in: feedIn, consumption, coefficients_ppm: coefficients, allocated } of fixed) {
    const given = consumption.map((/** @type {string} */ own, /** @type {number} */ i) => allocateStatic(whole(feedIn), coefficients[i], whole(own)));
    assert.deepEqual(given, allocated.map(whole));
  }
});

test("producers' parts sum to what was shared, as in the vectors", () => {
  for (const { slots, t, feed_in: written, allocated, tau, shared } of readVectors("shares").producers) {
    const producers = written.map((/** @type {[number, string]} */ [slot, own]) => [slot, whole(own)]);
    const feedIn = whole(String(written.reduce((/** @type {bigint} */ sum, /** @type {any} */ [, own]) => sum + BigInt(own), 0n)));
    assert.equal(chooseTau(whole(allocated), producers, t, slots), tau);
    const parts = producers.map((/** @type {any} */ [slot, own]) => shareInProportion(whole(allocated), feedIn, own, slot, { t, slots, tau }));
    assert.deepEqual(parts, shared.map(whole));
  }
});
