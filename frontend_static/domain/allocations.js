/**
 * What a grid operator sees: sums by metering point, which of them are meant, and where their rows are asked for.
 *
 * @typedef {object} PointTotal Over a period or a part of it; energies [mWh].
 * @property {string} metering_point
 * @property {string} number The operator's; empty where it is not known.
 * @property {string} participant
 * @property {"consumption" | "feed_in"} direction
 * @property {number} intervals
 * @property {number} estimated_readings
 * @property {number} edited_readings
 * @property {number} missing_readings
 * @property {number} energy_milliwatt_hours
 * @property {number} allocated_milliwatt_hours Given to a consumer, or shared of a feed-in.
 *
 * @typedef {object} AllocationRow
 * @property {string} metering_point
 * @property {string} start ISO 8601, UTC.
 * @property {string} quality
 * @property {number} energy_milliwatt_hours
 * @property {number} allocated_milliwatt_hours
 *
 * @typedef {{rule: string, severity: string, message: string, metering_point: string, start_utc: number | null,
 *   end_utc?: number | null, facts?: Readonly<Record<string, number | string>>}} Finding
 *
 * @typedef {object} Sums
 * @property {bigint} energy [mWh]
 * @property {bigint} allocated [mWh]
 * @property {number} points
 *
 * @typedef {{consumption: Sums, feed_in: Sums, intervals: number, doubtful: {estimated: number, edited: number, missing: number}}} Totals
 */

const SEVERITIES = /** @type {const} */ (["refused", "fault", "warning", "note"]);

/**
 * @param {readonly PointTotal[]} points
 * @param {string} text Words, each of which must be in the id, the number or the participant.
 * @returns {PointTotal[]}
 */
export function filterPoints(points, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return points.filter(({ metering_point: point, number, participant }) => {
    const told = `${point} ${number} ${participant}`.toLowerCase();
    return words.every((word) => told.includes(word));
  });
}

/**
 * @param {readonly PointTotal[]} points
 * @returns {Totals}
 */
export function sumPoints(points) {
  /** @param {PointTotal["direction"]} direction @returns {Sums} */
  const side = (direction) => {
    const own = points.filter((point) => point.direction === direction);
    return {
      energy: own.reduce((sum, point) => sum + BigInt(point.energy_milliwatt_hours), 0n),
      allocated: own.reduce((sum, point) => sum + BigInt(point.allocated_milliwatt_hours), 0n),
      points: own.length,
    };
  };
  /** @param {(point: PointTotal) => number} countOf */
  const count = (countOf) => points.reduce((sum, point) => sum + countOf(point), 0);
  return {
    consumption: side("consumption"),
    feed_in: side("feed_in"),
    intervals: count((point) => point.intervals),
    doubtful: {
      estimated: count((point) => point.estimated_readings),
      edited: count((point) => point.edited_readings),
      missing: count((point) => point.missing_readings),
    },
  };
}

/**
 * @param {number | null} seconds Since 1970, UTC.
 * @returns {string} ISO 8601; empty for none.
 */
function writeInstant(seconds) {
  return seconds === null ? "" : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/**
 * @param {Readonly<Record<string, string | number>>} values Empty ones are left out.
 * @returns {string} With `?`; empty where nothing is asked.
 */
function writeQuery(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== "") query.set(name, String(value));
  return query.size > 0 ? `?${query}` : "";
}

/**
 * @param {"points" | "allocations" | "findings"} what
 * @param {string} community
 * @param {string} label Of the period.
 * @param {{point?: string, from?: number | null, to?: number | null, limit?: number, cursor?: string}} [asked]
 * @returns {string} Path below the API's base.
 */
export function operatorPath(what, community, label, { point = "", from = null, to = null, limit, cursor = "" } = {}) {
  const query = writeQuery({ metering_point: point, from: writeInstant(from), to: writeInstant(to), limit: limit ?? "", cursor });
  return `/operator/communities/${encodeURIComponent(community)}/${what}/${encodeURIComponent(label)}${query}`;
}

/**
 * @template {{severity: string}} T
 * @param {readonly T[]} findings
 * @returns {T[]} The worst first, else in the order given.
 */
export function orderFindings(findings) {
  /** @param {T} finding */
  const rank = ({ severity }) => SEVERITIES.indexOf(/** @type {any} */ (severity)) >>> 0; // what is not known stands last
  return [...findings].sort((a, b) => rank(a) - rank(b));
}
