/** The day ahead of a transformer: as bands, after the day that was measured. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bandOf } from "../../frontend_static/domain/forecasts.js";
import { bandsOf, dayBefore } from "../../frontend_static/domain/grid_ahead.js";

const START = 1_700_006_400;
const ahead = { start: START, step_seconds: 3600, mean_pct: [40, 50], levels: [0.1, 0.25, 0.5, 0.75, 0.9], quantiles_pct: [[30, 41], [35, 45], [39, 49], [46, 55], [52, 61]] };

test("the quantiles of a transformer's courses are the edges of its bands", () => {
  const band = bandOf(/** @type {any} */ (bandsOf(ahead, "UTC")));
  assert.deepEqual([band.low, band.quarter, band.median, band.threeQuarters, band.high], ahead.quantiles_pct);
  assert.deepEqual([band.starts, band.measured], [[START, START + 3600], [null, null]]);
});

test("the day before stands before the forecast only where it ends at its beginning, in its step", () => {
  const values = Array.from({ length: 30 }, (_, i) => i);
  const measured = { start: START - 30 * 3600, step: 3600, values };
  assert.deepEqual(dayBefore(ahead, measured), { start: START - 86_400, values: values.slice(6) });
  assert.deepEqual(dayBefore(ahead, { ...measured, start: START - 3600, values: [7] }), { start: START - 3600, values: [7] });
  assert.equal(dayBefore(ahead, { ...measured, start: measured.start - 3600 }), null);
  assert.equal(dayBefore(ahead, { ...measured, step: 1800 }), null);
  assert.equal(dayBefore(ahead, { start: START, step: 3600, values: [] }), null);
});
