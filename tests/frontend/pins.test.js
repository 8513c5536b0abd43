import assert from "node:assert/strict";
import { test } from "node:test";

import { compareDeployment, deploymentOf, readDeployment } from "../../frontend_static/domain/pins.js";
import { readVectors } from "./vectors.js";

/** @param {any} chain @param {any} known @param {string} name */
const failed = (chain, known, name) => compareDeployment(known, chain, name).filter((check) => !check.ok).map(({ id }) => id);

test("contracts or a community that were exchanged since the first sight are refused, whatever the run", () => {
  const { chain } = readVectors("communities/single");
  const known = deploymentOf(null, chain, "roof");
  assert.deepEqual(failed(chain, known, "roof"), []);
  const moved = { ...chain, contracts: { ...chain.contracts, registry: `0x${"11".repeat(20)}` } };
  assert.deepEqual(failed(moved, known, "roof"), ["pin.contracts"]);
  assert.deepEqual(failed({ ...chain, genesis_hash: "0x1" }, known, "roof"), ["pin.contracts"]);
  const shadow = { ...chain, run: { ...chain.run, community: `0x${"22".repeat(32)}` } };
  assert.deepEqual(failed(shadow, known, "roof"), ["pin.community"]);
});

test("the first sight of each community counts", () => {
  const { chain } = readVectors("communities/single");
  const other = { ...chain, run: { ...chain.run, community: `0x${"22".repeat(32)}` } };
  const both = deploymentOf(deploymentOf(null, chain, "roof"), other, "street");
  assert.deepEqual(both.communities, { roof: chain.run.community, street: other.run.community });
  assert.deepEqual(deploymentOf(both, other, "roof"), both);
  assert.deepEqual(failed(other, both, "street"), []);
  assert.deepEqual(deploymentOf(both, other, ""), both, "a proof from a file names no community");
  assert.deepEqual(failed(other, both, "constructor"), []);
});

test("what was kept is read again, and nonsense is none", () => {
  const known = { genesis: "0x1", contracts: "0xa", communities: { roof: "0x2" } };
  assert.deepEqual(readDeployment(JSON.stringify(known)), known);
  for (const text of ["", "null", "[]", "{}", '{"genesis": "0x1", "contracts": "0xa", "communities": null}']) assert.equal(readDeployment(text), null);
});
