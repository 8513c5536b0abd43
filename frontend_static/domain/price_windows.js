/** The times of day of a tariff band, as voted and as shown, in one form. */

const DAY_MINUTES = 1440;

/**
 * @param {readonly number[]} windows As voted: first local minute and band, in 24 bits each.
 * @param {number} band
 * @returns {string[]} Minutes `from-until` of the band, those that touch joined.
 */
export function windowsOf(windows, band) {
  /** @type {[number, number][]} */
  const spans = [];
  windows.forEach((window, i) => {
    if ((window & 0xff) !== band) return;
    const next = windows[i + 1];
    spans.push([window >> 8, next === undefined ? DAY_MINUTES : next >> 8]);
  });
  return joinSpans(spans);
}

/**
 * @param {readonly string[]} windows Such as `00:00-06:00`.
 * @returns {string[]} Minutes `from-until`, those that touch joined.
 */
export function joinWindows(windows) {
  return joinSpans(
    windows.map((window) => {
      const [from = 0, until = 0] = window.split("-").map((clock) => {
        const [hour = 0, minute = 0] = clock.split(":").map(Number);
        return hour * 60 + minute;
      });
      return [from, until];
    }),
  );
}

/**
 * @param {[number, number][]} spans
 * @returns {string[]}
 */
function joinSpans(spans) {
  /** @type {[number, number][]} */
  const joined = [];
  for (const [from, until] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && last[1] === from) last[1] = until;
    else joined.push([from, until]);
  }
  return joined.map(([from, until]) => `${from}-${until}`);
}
