/**
 * What a metering point of a bundle adds up to.
 *
 * @typedef {import("./bundle.js").Point} Point
 * @typedef {import("./bill.js").PointTotals} PointTotals
 * @typedef {import("./bytes.js").Whole} Whole
 */
import { PRODUCERS_SELL } from "./bill.js";
import { add, sumOf } from "./sharing_keys/exact.js";

/**
 * @param {Point} point
 * @param {readonly number[]} bands Of each interval of the period.
 * @param {readonly number[]} intervals Per day; a curve is empty on days on which the point is not active.
 * @param {{readonly seller: number}} tariff Where producers sell, what a producer gave is worth what its links are.
 * @returns {PointTotals}
 */
export function addBands(point, bands, intervals, tariff) {
  const sums = Array.from({ length: 4 }, () => /** @type {[Whole, Whole]} */ ([0, 0]));
  let first = 0;
  point.energy.forEach((energies, d) => {
    energies.forEach((energy, t) => {
      const sum = sums[bands[first + t] ?? 0];
      if (!sum) return;
      sum[0] = add(sum[0], energy);
      sum[1] = add(sum[1], point.allocated[d]?.[t] ?? 0);
    });
    first += intervals[d] ?? 0;
  });
  const sells = point.feedsIn && tariff.seller === PRODUCERS_SELL;
  return {
    feedsIn: point.feedsIn,
    bands: sums,
    value: sells ? sumOf(point.links.map(({ value }) => value)) : sumOf(point.value.flat()),
    credited: sumOf((point.credited ?? []).flat()),
    links: point.links,
  };
}

/** @param {Point} point @returns {number[]} Readings by quality. */
export function countQualities(point) {
  const counts = [0, 0, 0, 0];
  for (const day of point.quality) for (const quality of day) counts[quality] = (counts[quality] ?? 0) + 1;
  return counts;
}
