import assert from "node:assert/strict";
import { test } from "node:test";

import { FLOW } from "../../frontend_static/domain/sharing_keys/rounds.js";
import { verifyBundle } from "../../frontend_static/domain/verify_bundle.js";
import { makeMonth } from "./month.js";

test("a period of the key that links producers and consumers is verified, and a link that is altered is not", async () => {
  const { bundle, chain } = makeMonth(3, [24, 24], FLOW);
  const verdict = await verifyBundle(bundle, chain);
  assert.deepEqual(verdict.checks.filter((check) => !check.ok), []);
  assert.deepEqual(verdict.unchecked.map(({ key }) => key), ["flow"]);
  /** @param {(changed: any) => void} change */
  const refusedAs = async (change) => {
    const changed = structuredClone(bundle);
    change(changed);
    return new Set((await verifyBundle(changed, chain)).checks.filter((check) => !check.ok).map(({ id }) => id));
  };
  const t = bundle.points[1].details[0].findIndex((/** @type {any} */ [, links]) => links.length > 0);
  const moved = await refusedAs(({ points }) => (points[1].details[0][t][1][0][1] -= 1));
  for (const id of ["row.links", "links.details", "run.root"]) assert.ok(moved.has(id), id);
  const dearer = await refusedAs(({ points }) => (points[1].details[0][t][0] += 1));
  assert.deepEqual([...dearer].sort(), ["row.cost", "row.neighbour", "row.step", "run.root"]);
  assert.ok((await refusedAs(({ points }) => (points[0].details[0][t][0] += 1))).has("row.potential"));
  assert.ok((await refusedAs(({ points }) => (points[1].value[0][t] = 1))).has("row.value"), "a link within the household is free");
  assert.ok((await refusedAs(({ points }) => (points[1].links[0][2] = 1))).has("links.share"));
  assert.ok((await refusedAs(({ points }) => (points[1].details = null))).has("point.curves"));
  assert.ok((await refusedAs(({ points }) => (points[1].costs = null))).has("cost.given"));
  assert.ok((await refusedAs(({ points }) => (points[1].costs = []))).has("cost.links"));
  assert.ok((await refusedAs(({ points }) => (points[1].costs[0].weight -= 1))).has("cost.root"));
  assert.ok((await refusedAs(({ points }) => (points[1].costs[0].cap = 0))).has("row.cap"));
  assert.ok((await refusedAs((changed) => (changed.scale = null))).has("cost.given"));
  assert.ok((await refusedAs((changed) => (changed.scale.numbers[0] += 1))).has("cost.root"));
});
