/**
 * What forecasts are called, and what is said about how they were made, in the reader's language.
 *
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {(key: string, values?: Record<string, string | number>) => string} Say
 */
import { stampsOf } from "./civil_time.js";

/** Best to know first. */
const TARGETS = ["load", "net", "solar", "wind", "shareable", "price", "carbon"];
const KINDS = ["home", "network", "feeder", "community", "point"];

/**
 * Subjects in the order in which they are offered: one's home, then all, then single points; of each, use before sun.
 *
 * @template {{kind: string, label: string, target: string}} T
 * @param {readonly T[]} subjects
 * @returns {T[]}
 */
export function orderSubjects(subjects) {
  const place = (/** @type {readonly string[]} */ list, /** @type {string} */ name) => (list.includes(name) ? list.indexOf(name) : list.length);
  return subjects.toSorted(
    (one, other) =>
      place(KINDS, one.kind) - place(KINDS, other.kind) || one.label.localeCompare(other.label, "en", { numeric: true }) || place(TARGETS, one.target) - place(TARGETS, other.target),
  );
}

/**
 * @param {{kind: string, label: string, target: string}} subject
 * @param {Say} say
 * @param {string} [own] The reader's own participant, whose home is theirs.
 * @returns {string} Such as `My home: use`.
 */
export function nameSubject({ kind, label, target }, say, own = "") {
  const who = kind === "community" ? say("forecast.who.community") : kind === "home" && label === own ? say("forecast.who.own") : say(`forecast.who.${kind}`, { label });
  return say("forecast.named", { who, what: say(`forecast.target.${target}`) });
}

/**
 * When and from what a forecast was made, in sentences.
 *
 * @param {Pick<import("./forecasts.js").Forecast, "made" | "known" | "isHindcast" | "weather" | "zone" | "fallback">} forecast
 * @param {Say} say
 * @param {Locale} locale
 * @returns {string[]}
 */
export function tellMaking({ made, known, isHindcast, weather, zone, fallback }, say, locale) {
  const stamp = stampsOf(zone, locale);
  const told = [say(isHindcast ? "forecast.made.after" : "forecast.made", { made: stamp(made), known: stamp(known) }), tellWeather(weather, say)];
  if (fallback) told.push(say("forecast.fallback", { reason: fallback }));
  return told;
}

/**
 * @param {string} name Of a model, as the service calls it.
 * @param {Say} say
 * @param {(key: string) => boolean} hasWords
 * @returns {string} In plain words where there are any; the name stays beside them.
 */
export function nameModel(name, say, hasWords) {
  const key = `forecast.kind.${name.replaceAll("+", "_")}`;
  return hasWords(key) ? `${say(key)} (${name})` : name;
}

/** @param {import("./forecasts.js").Weather} weather @param {Say} say */
export function tellWeather({ source, isExPost, words }, say) {
  const kind = say(`forecast.weather.${isExPost ? "observed" : source}`);
  return words ? say("forecast.weather.named", { kind, words }) : kind;
}
