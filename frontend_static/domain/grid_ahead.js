/**
 * The day ahead of a transformer, as bands are drawn.
 *
 * @typedef {{start: number, step_seconds: number, mean_pct: readonly number[], levels: readonly number[], quantiles_pct: readonly (readonly number[])[]}} Ahead
 */
const DAY = 86_400; // s

/**
 * @param {Ahead} ahead
 * @param {string} zone IANA name.
 */
export function bandsOf({ start, step_seconds: step, mean_pct: mean, levels, quantiles_pct: quantiles }, zone) {
  return { ...{ target: "net", unit: "%", zone, origin: start, step, levels, quantiles, mean }, measured: mean.map(() => null) };
}

/**
 * What was measured in the day before, where it ends where the forecast begins, in its step.
 *
 * @param {Pick<Ahead, "start" | "step_seconds">} ahead
 * @param {{start: number, step: number, values: readonly (number | null)[]}} measured
 * @returns {{start: number, values: readonly (number | null)[]} | null}
 */
export function dayBefore({ start, step_seconds }, { start: begin, step, values }) {
  if (step !== step_seconds || begin + step * values.length !== start) return null;
  const count = Math.min(values.length, Math.floor(DAY / step));
  return count > 0 ? { start: start - count * step, values: values.slice(-count) } : null;
}
