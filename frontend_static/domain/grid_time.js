/**
 * Days and weeks that a network has series for, in the community's civil time, and how a day is played.
 *
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {{monday: string, days: string[]}} Week Its days that have series.
 */
import { instantOf } from "./civil_time.js";

const DAY_MILLISECONDS = 86_400_000;
const THURSDAY = 3; // days after Monday

/** @param {string} day ISO 8601 civil date. @param {number} days */
export function dayAfter(day, days = 1) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MILLISECONDS).toISOString().slice(0, 10);
}

/**
 * @param {number} instant [s since 1970, UTC]
 * @param {string} zone IANA name.
 * @returns {string} The civil date there.
 */
export function dayOf(instant, zone) {
  return new Intl.DateTimeFormat("sv", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(instant * 1000);
}

/**
 * @param {string} day
 * @param {string} zone
 * @returns {{from: number, to: number}} Half-open [s since 1970, UTC]: 23, 24 or 25 hours.
 */
export function spanOfDay(day, zone) {
  return { from: instantOf(`${day}T00:00`, zone) ?? 0, to: instantOf(`${dayAfter(day)}T00:00`, zone) ?? 0 };
}

/**
 * @param {{from: number, to: number}} span Half-open [s since 1970, UTC].
 * @param {string} zone
 * @returns {{first: string, last: string} | null} The civil days that it touches; null where it is empty.
 */
export function daysOfSpan({ from, to }, zone) {
  return to > from ? { first: dayOf(from, zone), last: dayOf(to - 1, zone) } : null;
}

/** @param {string} day @returns {string} The Monday of its week. */
export function mondayOf(day) {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return dayAfter(day, -weekday);
}

/**
 * @param {string} first Civil date.
 * @param {string} last Inclusive.
 * @returns {Week[]} From Monday on.
 */
export function weeksOf(first, last) {
  /** @type {Week[]} */
  const weeks = [];
  for (let day = first; day <= last; day = dayAfter(day)) {
    const monday = mondayOf(day);
    const week = weeks.at(-1);
    if (week?.monday === monday) week.days.push(day);
    else weeks.push({ monday, days: [day] });
  }
  return weeks;
}

/** @param {string} monday @returns {number} By ISO 8601: the week that has the year's first Thursday is the first. */
export function weekNumber(monday) {
  const thursday = dayAfter(monday, THURSDAY);
  const first = Date.parse(`${thursday.slice(0, 4)}-01-01T00:00:00Z`);
  return 1 + Math.floor((Date.parse(`${thursday}T00:00:00Z`) - first) / (7 * DAY_MILLISECONDS));
}

/**
 * @param {string} day
 * @param {{first: string, last: string}} span
 * @returns {string} The same, or the nearest that has series.
 */
export function dayWithin(day, { first, last }) {
  return day < first ? first : day > last ? last : day;
}

/**
 * @param {string} zone
 * @returns {(instant: number) => string} Local time of an instant, such as `18:15`.
 */
export function clocksOf(zone) {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (instant) => clock.format(instant * 1000);
}

/**
 * How far playing has come: whole intervals, however late a frame is.
 *
 * @param {{at: number, count: number, since: number}} state `since` is the time that is not played yet [ms].
 * @param {{elapsed: number, perInterval: number}} pace [ms]
 * @returns {{at: number, since: number, ended: boolean}} `ended` where the day is over.
 */
export function playOn({ at, count, since }, { elapsed, perInterval }) {
  const played = Math.floor((since + elapsed) / perInterval);
  const target = at + played;
  return target >= count ? { at: Math.max(0, count - 1), since: 0, ended: true } : { at: target, since: since + elapsed - played * perInterval, ended: false };
}
