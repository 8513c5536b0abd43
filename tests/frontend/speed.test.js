import assert from "node:assert/strict";
import { test } from "node:test";

import { verifyBundle } from "../../frontend_static/domain/verify_bundle.js";
import { makeMonth } from "./month.js";

const HOURS = Array.from({ length: 30 }, () => 24);
const QUARTER_HOURS = Array.from({ length: 31 }, () => 96);

for (const [what, slots, intervals] of /** @type {const} */ ([
  ["720 hours of three points", 3, HOURS],
  ["2,976 quarter-hours of one point", 1, QUARTER_HOURS],
])) {
  test(`a month is verified within a second: ${what}`, async (context) => {
    const { bundle, chain } = makeMonth(slots, [...intervals]);
    const started = performance.now();
    const verdict = await verifyBundle(JSON.parse(JSON.stringify(bundle)), chain);
    const seconds = (performance.now() - started) / 1000;
    assert.deepEqual(verdict.checks.filter((check) => !check.ok), []);
    context.diagnostic(`${seconds.toFixed(3)} s`);
    assert.ok(seconds < 1, `${seconds} s`);
  });
}
