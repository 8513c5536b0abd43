/**
 * Does what the page's worker does, for a test in another language: takes a bill and its proof on the first line of
 * standard input, asks for the chain in lines of JSON-RPC, and tells at last what does not hold.
 */
import readline from "node:readline";

import { readChain } from "../../frontend_static/data/chain.js";
import { parseBundle } from "../../frontend_static/domain/bundle.js";
import { parseBundleText } from "../../frontend_static/domain/bundle_fields.js";
import { comparePage } from "../../frontend_static/domain/page_proof.js";
import { verifyBundle } from "../../frontend_static/domain/verify_bundle.js";

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** @param {unknown} message */
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function readLine() {
  return String((await lines.next()).value);
}

/** @type {Promise<unknown>} */
let turn = Promise.resolve();

/** @type {any} */
const fetch = (/** @type {string} */ _, /** @type {{body: string}} */ { body }) => {
  const { id, method, params } = JSON.parse(body);
  const answer = turn.then(async () => {
    tell({ method, params });
    return { jsonrpc: "2.0", id, result: JSON.parse(await readLine()) };
  });
  turn = answer;
  return Promise.resolve({ json: () => answer });
};

const { bundle: text, bill } = JSON.parse(await readLine());
const value = parseBundleText(text);
const chain = await readChain(value, "stdin", { fetch });
const verdict = await verifyBundle(value, chain);
const page = chain.terms === null ? [] : comparePage(bill, parseBundle(value), chain);
const failures = [...verdict.checks, ...page].filter((check) => !check.ok);
tell({ ok: verdict.ok && failures.length === 0, failures, unchecked: verdict.unchecked.map(({ key }) => key) });
process.exit(0);
