import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeReturn, encodeCall, structOf, typeOf } from "../../frontend_static/data/abi.js";
import { ChainError, FUNCTIONS, createCall, readChain } from "../../frontend_static/data/chain.js";
import { fromHex, toHex } from "../../frontend_static/domain/bytes.js";
import { keccak256 } from "../../frontend_static/domain/keccak.js";
import { PUBLISHED } from "../../frontend_static/domain/published_code.js";
import { verifyBundle } from "../../frontend_static/domain/verify_bundle.js";
import { CONTESTS, SOLIDITY, publishedCodes } from "./published.js";
import { COMMUNITIES, readJson, readVectors } from "./vectors.js";

const WORD = 64;

/** @param {bigint | number | string} value @returns {string} A word, without 0x. */
function wordOf(value) {
  if (typeof value === "string" && value.length === 66) return value.slice(2);
  return BigInt.asUintN(256, BigInt(value)).toString(16).padStart(WORD, "0");
}

/** @param {any} type @returns {boolean} */
function isDynamic(type) {
  if (typeof type === "string") return false;
  if ("item" in type) return type.length === null || isDynamic(type.item);
  return type.fields.some((/** @type {any} */ [, field]) => isDynamic(field));
}

/** @param {any} type @param {any} value @returns {string} ABI encoding without 0x; what an honest node would answer. */
function encode(type, value) {
  if (typeof type === "string") return wordOf(value);
  const types = "item" in type ? value.map(() => type.item) : type.fields.map((/** @type {any} */ [, field]) => field);
  const values = "item" in type ? value : type.fields.map((/** @type {any} */ [name]) => value[name]);
  const parts = values.map((/** @type {any} */ entry, /** @type {number} */ i) => encode(types[i], entry));
  let tail = parts.reduce((/** @type {number} */ size, /** @type {string} */ part, /** @type {number} */ i) => size + (isDynamic(types[i]) ? 32 : part.length / 2), 0);
  let [heads, tails] = ["", ""];
  parts.forEach((/** @type {string} */ part, /** @type {number} */ i) => {
    if (!isDynamic(types[i])) {
      heads += part;
      return;
    }
    heads += wordOf(tail);
    tails += part;
    tail += part.length / 2;
  });
  return ("item" in type && type.length === null ? wordOf(value.length) : "") + heads + tails;
}

/** @param {any} type @param {any} value @returns {string} */
function encodeAnswer(type, value) {
  return `0x${isDynamic(type) ? wordOf(32) : ""}${encode(type, value)}`;
}

/** @param {any} chain The chain of the vectors. @param {any} run The expected ids. */
function createNode(chain, run) {
  const block = { number: "0x2a", hash: `0x${"ab".repeat(32)}`, timestamp: "0x65000000" };
  const codes = publishedCodes(chain.contracts, chain.chain_id);
  const node = { block, codes, requests: 0 };
  /** @param {string} name @param {string[]} words */
  const recordOf = (name, words) => {
    if (name === "run" || name === "bills") assert.equal(`0x${words[0]}`, run.run_id);
    if (name === "batch") assert.equal(`0x${words[0]}`, run.batch_id);
    const listed = { allIntervals: chain.intervals, allBands: chain.bands, allSeats: chain.seats, allPoints: chain.points };
    return /** @type {any} */ (listed)[name] ?? chain[name];
  };
  /** @param {string} method @param {any[]} params */
  const answer = (method, [first]) => {
    if (method === "eth_chainId") return `0x${chain.chain_id.toString(16)}`;
    if (method === "eth_getCode") return codes[first] ?? "0x";
    if (method === "eth_getBlockByNumber") return first === "0x0" ? { ...block, number: "0x0", hash: chain.genesis_hash } : node.block;
    for (const [name, [contract, signature, type]] of Object.entries(FUNCTIONS)) {
      const count = signature.split(",").length;
      const selector = encodeCall(signature, []);
      if (first.to !== chain.contracts[contract] || !first.data.startsWith(selector)) continue;
      const words = Array.from({ length: count }, (_, i) => first.data.slice(10 + WORD * i, 10 + WORD * (i + 1)));
      return encodeAnswer(type, recordOf(name, words));
    }
    throw new Error(`unexpected ${method}`);
  };
  /** @param {any} _url @param {any} init */
  const fetch = async (_url, init) => {
    node.requests += 1;
    const { id, method, params } = JSON.parse(init.body);
    return /** @type {any} */ ({ json: async () => ({ jsonrpc: "2.0", id, result: answer(method, params) }) });
  };
  return { node, fetch: /** @type {typeof globalThis.fetch} */ (fetch) };
}

test("what is read from a node is what the vectors hold, and bundles verify against it", async () => {
  for (const community of COMMUNITIES) {
    const { bundles, chain, expected } = readVectors(`communities/${community}`);
    const { node, fetch } = createNode(chain, expected);
    for (const bundle of bundles) {
      const facts = await readChain(bundle, "http://node", { fetch });
      for (const name of ["terms", "intervals", "bands", "seats", "rule", "batch", "run", "bills"]) {
        assert.deepEqual(/** @type {any} */ (facts)[name], chain[name], name);
      }
      const verdict = await verifyBundle(bundle, facts);
      assert.equal(verdict.ok, true);
      assert.deepEqual(verdict.block, { number: 42, hash: node.block.hash, timestamp: 0x65000000 });
    }
  }
});

test("another chain, an absent contract or a period that is not open is read as such", async () => {
  const { bundles, chain, expected } = readVectors("communities/single");
  for (const other of [
    { ...chain, chain_id: 7 },
    { ...chain, contracts: { ...chain.contracts, billing_ledger: `0x${"1".repeat(40)}` } }, // answers at another address
    { ...chain, terms: { ...chain.terms, openedAt: 0 } },
  ]) {
    const facts = await readChain(bundles[0], "http://node", { fetch: createNode(other, expected).fetch });
    assert.equal(facts.terms, null);
    assert.equal((await verifyBundle(bundles[0], facts)).ok, false);
  }
});

test("a contract whose code is not the published one, made for these contracts and this chain, is refused", async () => {
  const { bundles, chain, expected } = readVectors("communities/single");
  const { registry, settlement_ledger: ledger, meter_data_ledger: meters } = chain.contracts;
  const elsewhere = publishedCodes({ ...chain.contracts, registry: `0x${"ee".repeat(20)}` }, chain.chain_id);
  const other = publishedCodes(chain.contracts, chain.chain_id + 1);
  for (const [address, code, name] of [
    [registry, "0x6001", "registry"],
    [ledger, elsewhere[ledger], "settlement_ledger"],
    [meters, other[meters], "meter_data_ledger"],
    [CONTESTS, "0x", "settlement_ledger"],
    [CONTESTS, elsewhere[CONTESTS], "settlement_ledger"],
  ]) {
    const { node, fetch } = createNode(chain, expected);
    node.codes[address] = code;
    const facts = await readChain(bundles[0], "http://node", { fetch });
    const { checks } = await verifyBundle(bundles[0], facts);
    const failures = checks.filter((check) => !check.ok).map(({ id, place }) => [id, place.field]);
    assert.deepEqual(failures, [["chain.code", `chain.contracts.${name}`]]);
  }
});

test("the published code that the browser knows is that of the artifacts", () => {
  assert.deepEqual(Object.keys(PUBLISHED), Object.keys(SOLIDITY));
  for (const [name, { length, hash, immutables }] of Object.entries(PUBLISHED)) {
    const { object, immutables: places } = readJson(`contracts/artifacts/${SOLIDITY[name]}.json`).deployedBytecode;
    assert.equal(length, object.length / 2 - 1);
    assert.equal(hash, toHex(keccak256(fromHex(object))), `${name}: run scripts/make_published_code.py`);
    const starts = Object.entries(places).map(([key, list]) => [key, /** @type {any[]} */ (list).map(({ start }) => start)]);
    assert.deepEqual(immutables, Object.fromEntries(starts));
  }
});

test("a block that is replaced while it is read is refused", async () => {
  const { bundles, chain, expected } = readVectors("communities/single");
  const { node, fetch } = createNode(chain, expected);
  /** @type {typeof globalThis.fetch} */
  const changing = async (url, init) => {
    const answer = await fetch(url, init);
    if (node.requests > 12) node.block = { ...node.block, hash: `0x${"cd".repeat(32)}` };
    return answer;
  };
  await assert.rejects(readChain(bundles[0], "http://node", { fetch: changing }), /block 42 was replaced/);
});

test("a node that is silent, refuses or answers nonsense is named", async () => {
  /** @param {any} answer @returns {any} */
  const answering = (answer) => async () => ({ json: async () => answer });
  const silent = /** @type {any} */ (async () => {
    throw new TypeError("fetch failed");
  });
  await assert.rejects(createCall("http://node", { fetch: silent })("eth_chainId", []), /http:\/\/node does not answer eth_chainId: fetch failed/);
  const refusing = answering({ id: 1, error: { code: 3, message: "execution reverted" } });
  await assert.rejects(createCall("http://node", { fetch: refusing })("eth_call", []), /refuses eth_call: execution reverted/);
  await assert.rejects(createCall("http://node", { fetch: answering("hello") })("eth_call", []), ChainError);
});

test("every function is read as the contract declares it", () => {
  /** @param {any} entry @returns {any} */
  const declared = (entry) => {
    const array = /^(.*)\[(\d*)\]$/.exec(entry.type);
    if (array) return { item: declared({ ...entry, type: array[1] }), length: array[2] ? Number(array[2]) : null };
    if (entry.type !== "tuple") return entry.type;
    return { fields: entry.components.map((/** @type {any} */ field) => [field.name, declared(field)]) };
  };
  for (const [name, [contract, signature, type]] of Object.entries(FUNCTIONS)) {
    const { abi } = readJson(`contracts/artifacts/${SOLIDITY[contract]}.json`);
    const entry = abi.find((/** @type {any} */ item) => item.type === "function" && item.name === name);
    assert.equal(`${name}(${entry.inputs.map((/** @type {any} */ input) => input.type)})`, signature);
    const many = entry.outputs.length > 1;
    assert.deepEqual(many ? declared({ type: "tuple", components: entry.outputs }) : declared(entry.outputs[0]), type, name);
  }
});

test("answers that are cut, too wide or signed are decoded strictly", () => {
  const pair = structOf("uint8 a; int64 b");
  assert.deepEqual(decodeReturn(pair, `0x${wordOf(255)}${wordOf(-3)}`), { a: 255, b: -3 });
  assert.throws(() => decodeReturn(pair, `0x${wordOf(256)}${wordOf(0)}`), /256 is no uint8/);
  assert.throws(() => decodeReturn(pair, `0x${wordOf(1)}`), /32 bytes end before the word at 32/);
  assert.throws(() => decodeReturn("uint64", `0x${wordOf(2n ** 53n)}`), /passes 2\^53/);
  assert.throws(() => decodeReturn("address", `0x${wordOf(2n ** 160n)}`), /is no address/);
  assert.throws(() => decodeReturn(typeOf("uint16[]"), `0x${wordOf(32)}${wordOf(2n ** 200n)}`), /is no offset or length/);
  assert.throws(() => decodeReturn(typeOf("uint16[]"), "0x"), /end before the word/);
});
