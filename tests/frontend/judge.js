/**
 * What the page says of bundles, for tests in another language: a line of standard input holds a bundle's text and what the
 * chain holds, a line of standard output what fails, or why the bundle cannot be read.
 */
import readline from "node:readline";

import { parseBundleText } from "../../frontend_static/domain/bundle_fields.js";
import { verifyBundle } from "../../frontend_static/domain/verify_bundle.js";

/** @param {string} line */
async function judge(line) {
  const { bundle, chain } = JSON.parse(line);
  try {
    const verdict = await verifyBundle(parseBundleText(bundle), chain);
    const failures = verdict.checks.filter((check) => !check.ok);
    return { ok: verdict.ok, failures, unchecked: verdict.unchecked.map(({ key }) => key), refused: null };
  } catch (error) {
    if (!(error instanceof Error) || !["BundleError", "SyntaxError"].includes(error.name)) throw error;
    return { ok: false, failures: [], unchecked: [], refused: error.message };
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await judge(line))}\n`);
}
