/**
 * How good forecasts were: skill beside the plain way, reliability beside what chance would make of it, and its course over weeks.
 *
 * @typedef {object} Score Over the intervals of a lead, a group or all; in the forecasts' unit where nothing else is said.
 * @property {number} mae
 * @property {number} pinball
 * @property {number | null} mape [%]
 * @property {number | null} naiveMae Of the same intervals, forecast as the same time a week before.
 * @property {number | null} naivePinball
 * @property {number | null} skill What is spared of the plain way's error: 1 is perfect, 0 no better, below 0 worse.
 * @property {number | null} coverage Share within the 80 % band.
 * @property {number} intervals
 *
 * @typedef {object} Reliability
 * @property {readonly number[]} levels What was said: that this share is at or below.
 * @property {readonly number[]} observed The share that was.
 * @property {readonly number[]} low Nine times of ten, a right forecast is above that.
 * @property {readonly number[]} high
 * @property {number} draws Independent ones: hours of a day belong together.
 *
 * @typedef {{level: number, observed: number, low: number, high: number, isExpected: boolean}} JudgedPoint
 *
 * @typedef {{day: string, mae: number, naiveMae: number | null, coverage: number | null}} DayScore
 * @typedef {{monday: string, mae: number, naiveMae: number | null, coverage: number | null, days: number}} WeekScore
 */
import { mondayOf } from "./grid_time.js";

const NEAR = 1e-9; // between shares that are the same

/**
 * Days by week: a day says little.
 *
 * @param {readonly DayScore[]} course By day, ascending.
 * @returns {WeekScore[]} Means over the days of each week that were scored, from Monday on.
 */
export function weeksOfScores(course) {
  /** @type {Map<string, DayScore[]>} */
  const weeks = new Map();
  for (const day of course) {
    const monday = mondayOf(day.day);
    weeks.set(monday, [...(weeks.get(monday) ?? []), day]);
  }
  return [...weeks].map(([monday, days]) => ({
    monday,
    mae: meanOf(days.map(({ mae }) => mae)) ?? 0,
    naiveMae: meanOf(days.map(({ naiveMae }) => naiveMae)),
    coverage: meanOf(days.map(({ coverage }) => coverage)),
    days: days.length,
  }));
}

/** @param {readonly (number | null)[]} values @returns {number | null} Of those that are known. */
function meanOf(values) {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/**
 * @param {Reliability} reliability
 * @returns {JudgedPoint[]} Whether chance alone explains how far each level is off.
 */
export function judgeReliability({ levels, observed, low, high }) {
  return levels.map((level, i) => {
    const point = { level, observed: observed[i] ?? level, low: low[i] ?? 0, high: high[i] ?? 1 };
    return { ...point, isExpected: point.observed >= point.low - NEAR && point.observed <= point.high + NEAR };
  });
}

/**
 * What a reliability diagram says in a word.
 *
 * @param {readonly JudgedPoint[]} points
 * @returns {"unknown" | "honest" | "low" | "high" | "narrow" | "wide"} `low`: more came than was said; `narrow`: bands too thin.
 */
export function verdictOf(points) {
  if (points.length === 0) return "unknown";
  const off = points.filter(({ isExpected }) => !isExpected);
  if (off.length === 0) return "honest";
  const excess = (/** @type {JudgedPoint} */ { level, observed }) => observed - level;
  const lower = off.filter(({ level }) => level < 0.5).reduce((sum, point) => sum + excess(point), 0);
  const upper = off.filter(({ level }) => level > 0.5).reduce((sum, point) => sum + excess(point), 0);
  const middle = off.filter(({ level }) => level === 0.5).reduce((sum, point) => sum + excess(point), 0);
  if (lower > 0 && upper < 0) return "narrow";
  if (lower < 0 && upper > 0) return "wide";
  return lower + upper + middle < 0 ? "low" : "high";
}

/**
 * A polyline of an SVG through known points; it breaks where one is not known.
 *
 * @param {readonly (readonly [number, number | null])[]} points
 * @returns {string} A path.
 */
export function brokenLine(points) {
  let isDown = false;
  return points
    .map(([x, y]) => {
      if (y === null || !Number.isFinite(y)) {
        isDown = false;
        return "";
      }
      const step = `${isDown ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`;
      isDown = true;
      return step;
    })
    .join("");
}

/**
 * Round steps for an axis.
 *
 * @param {number} least
 * @param {number} most At least `least`.
 * @param {number} [wanted] About how many.
 * @returns {number[]} Ascending; they reach over both ends.
 */
export function ticksOf(least, most, wanted = 4) {
  const span = most - least || Math.abs(most) || 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = [1, 2, 2.5, 5, 10].map((part) => part * power).find((part) => span / part <= wanted) ?? 10 * power;
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
