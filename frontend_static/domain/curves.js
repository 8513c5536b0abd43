/**
 * Curves by civil day, in the community's time zone.
 *
 * @typedef {object} Curve What the API tells of a participant's period; energies per interval [mWh].
 * @property {number} period Days since 1970-01-01.
 * @property {string} label
 * @property {number} version Of the run.
 * @property {string} time_zone
 * @property {number} resolution_minutes
 * @property {{id: string, direction: "consumption" | "feed_in", slot: number}[]} points
 * @property {Record<SeriesName | "start", number[]>} series `start` in seconds since 1970, UTC.
 * @property {boolean[]} estimated
 * @property {boolean[]} missing
 *
 * @typedef {"used" | "from_neighbours" | "from_grid" | "produced" | "sold_to_neighbours" | "surplus"} SeriesName
 *
 * @typedef {object} Day
 * @property {string} date ISO 8601 civil date.
 * @property {number} from First interval.
 * @property {number} until One past the last interval.
 * @property {Record<SeriesName, number>} sums [mWh]
 */

/** @type {readonly SeriesName[]} */
export const SERIES = ["used", "from_neighbours", "from_grid", "produced", "sold_to_neighbours", "surplus"];

/**
 * Split a curve into civil days.
 *
 * @param {Curve} curve
 * @returns {Day[]} In order; each interval is in exactly one of them.
 */
export function splitDays(curve) {
  const civil = new Intl.DateTimeFormat("en-CA", { timeZone: curve.time_zone, year: "numeric", month: "2-digit", day: "2-digit" });
  /** @type {Day[]} */
  const days = [];
  curve.series.start.forEach((start, i) => {
    const date = civil.format(new Date(start * 1000));
    let day = days.at(-1);
    if (day?.date !== date) {
      day = { date, from: i, until: i, sums: /** @type {Day["sums"]} */ (Object.fromEntries(SERIES.map((name) => [name, 0]))) };
      days.push(day);
    }
    day.until = i + 1;
    for (const name of SERIES) day.sums[name] += curve.series[name][i] ?? 0;
  });
  return days;
}

/**
 * @param {Curve} curve
 * @returns {(start: number) => string} Local time of day of an instant [s since 1970], such as `10:00`.
 */
export function clockOf(curve) {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: curve.time_zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (start) => clock.format(new Date(start * 1000));
}

/**
 * @param {readonly Day[]} days
 * @param {string} date Asked for; empty for none.
 * @returns {Day | undefined} That day, else the one with most energy flowing.
 */
export function chooseDay(days, date) {
  const asked = days.find((day) => day.date === date);
  if (asked) return asked;
  /** @param {Day} day */
  const flow = ({ sums }) => sums.from_neighbours + sums.sold_to_neighbours;
  return days.reduce((/** @type {Day | undefined} */ best, day) => (best && flow(best) >= flow(day) ? best : day), undefined);
}
