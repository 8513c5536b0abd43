/**
 * Names of what a network's imbalance is ranked by, and the lines of an element's course.
 *
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {import("../data/grid.js").RankedBy} RankedBy
 * @typedef {import("../components/phase_chart.js").Line} Line
 *
 * @typedef {object} PhaseSeries By phase L1, L2, L3; null for what is not measured there.
 * @property {(number | null)[][] | null} [currents_a]
 * @property {(number | null)[][] | null} [powers_kw]
 * @property {(number | null)[] | null} [neutral_a]
 * @property {(number | null)[][] | null} [voltages_pu]
 * @property {(number | null)[] | null} [deviation_kw]
 * @property {(number | null)[] | null} [loading_pct]
 */

const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MILLISECONDS = 86_400_000;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const PHASES = ["L1", "L2", "L3"];
/** @type {readonly (number[] | undefined)[]} */
const DASHES = [undefined, [8, 3], [2, 3]];
const NEUTRAL_DASH = [10, 3, 2, 3];

/**
 * @param {RankedBy} by
 * @param {string} key As the API tells it: an element's id, an hour 0 to 23, a weekday `mon` to `sun`, or 0 to 6, a season.
 * @param {Locale} locale
 * @returns {{words: string, text: string}} The key of its words, or its text where it needs none.
 */
export function nameOfRank(by, key, locale) {
  if (by === "hour" && /^\d{1,2}$/.test(key)) {
    const hour = Number(key);
    return { words: "", text: `${String(hour).padStart(2, "0")}:00–${String((hour + 1) % 24).padStart(2, "0")}:00` };
  }
  const weekday = /^[0-6]$/.test(key) ? Number(key) : WEEKDAYS.indexOf(key);
  if (by === "weekday" && weekday >= 0) {
    const day = new Date(MONDAY + weekday * DAY_MILLISECONDS);
    return { words: "", text: new Intl.DateTimeFormat(locale === "fr" ? "fr-FR" : "en-GB", { weekday: "long", timeZone: "UTC" }).format(day) };
  }
  if (by === "season") return { words: `grid.rank.${key}`, text: key };
  return { words: "", text: key };
}

/**
 * @param {(number | null)[][] | null | undefined} phases
 * @returns {Line[]} A line for each phase that has values.
 */
export function linesOfPhases(phases) {
  return PHASES.flatMap((label, i) => {
    const values = phases?.[i];
    if (!values || values.every((value) => value === null)) return [];
    const dash = DASHES[i];
    return [{ label, token: `phase-${i + 1}`, values, ...(dash ? { dash } : {}) }];
  });
}

/**
 * @param {(number | null)[] | null | undefined} values
 * @param {string} label
 * @returns {Line[]}
 */
export function neutralLine(values, label) {
  return values && values.some((value) => value !== null) ? [{ label, token: "phase-neutral", values, dash: NEUTRAL_DASH }] : [];
}
