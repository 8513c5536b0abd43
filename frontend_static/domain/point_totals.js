/**
 * What a metering point of a bundle adds up to.
 *
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./bill.js").PointTotals} PointTotals
 */

/**
 * @param {Point} point
 * @param {readonly number[]} bands Of each interval of the period.
 * @param {readonly number[]} intervals Per day; a curve is empty on days on which the point is not active.
 * @returns {PointTotals}
 */
export function addBands(point, bands, intervals) {
  const sums = Array.from({ length: 4 }, () => /** @type {[number, number]} */ ([0, 0]));
  let first = 0;
  point.energy.forEach((energies, d) => {
    energies.forEach((energy, t) => {
      const sum = sums[bands[first + t] ?? 0];
      if (!sum) return;
      sum[0] += energy;
      sum[1] += point.allocated[d]?.[t] ?? 0;
    });
    first += intervals[d] ?? 0;
  });
  return { feedsIn: point.feedsIn, bands: sums };
}

/** @param {Point} point @returns {number[]} Readings by quality. */
export function countQualities(point) {
  const counts = [0, 0, 0, 0];
  for (const day of point.quality) for (const quality of day) counts[quality] = (counts[quality] ?? 0) + 1;
  return counts;
}
