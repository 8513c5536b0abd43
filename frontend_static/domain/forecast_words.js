/**
 * What forecasts are called, and what is said about how they were made, in the reader's language.
 *
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {(key: string, values?: Record<string, string | number>) => string} Say
 * @typedef {{code: string, words: string, figures: Readonly<Record<string, number | string>>}} Reason Why something was not done as usual; `words` in English.
 */
import { stampsOf } from "./civil_time.js";
import { formatQuantity } from "./grid_figures.js";

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
 * What a page begins with: one's own home; without one, what is nobody's, for looks at a person's forecasts are logged.
 *
 * @template {{kind: string, isScored: boolean}} T
 * @param {readonly T[]} subjects In order.
 * @param {string} own The reader's own participant, empty where there is none.
 * @returns {T | undefined} The first that was held against what came, if any was.
 */
export function firstSubject(subjects, own) {
  const offered = own ? subjects : [...subjects.filter(({ kind }) => kind !== "home" && kind !== "point"), ...subjects];
  return offered.find(({ isScored }) => isScored) ?? offered[0];
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
 * @param {Pick<import("./forecasts.js").Forecast, "made" | "known" | "isHindcast" | "weather" | "zone" | "reasons">} forecast
 * @param {Say} say
 * @param {Locale} locale
 * @param {(key: string) => boolean} hasWords
 * @returns {string[]}
 */
export function tellMaking({ made, known, isHindcast, weather, zone, reasons }, say, locale, hasWords) {
  const stamp = stampsOf(zone, locale);
  const told = [say(isHindcast ? "forecast.made.after" : "forecast.made", { made: stamp(made), known: stamp(known) }), tellWeather(weather, say)];
  if (reasons.length > 0) told.push(say("forecast.fallback", { reason: tellReasons(reasons, say, locale, hasWords).join(" ") }));
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

/**
 * @param {readonly Reason[]} reasons
 * @param {Say} say
 * @param {Locale} locale
 * @param {(key: string) => boolean} hasWords
 * @returns {string[]} Sentences; one that has no words here, or lacks a figure, as it came.
 */
export function tellReasons(reasons, say, locale, hasWords) {
  return reasons.map(({ code, words, figures }) => {
    const key = `forecast.reason.${code}`;
    if (!hasWords(key)) return words;
    const sentence = say(key, Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, tellFigure(name, value, say, locale, hasWords)])));
    return /\{\w+\}/.test(sentence) ? words : sentence;
  });
}

/** @param {string} name @param {number | string} value @param {Say} say @param {Locale} locale @param {(key: string) => boolean} hasWords */
function tellFigure(name, value, say, locale, hasWords) {
  if (typeof value === "number") return formatQuantity(value, "", locale, Number.isInteger(value) ? 0 : 1);
  if (name === "rule" || name === "model") return nameModel(value, say, hasWords);
  if (name !== "input" && name !== "inputs") return value;
  return value.split(", ").map((one) => (hasWords(`forecast.input.${one}`) ? say(`forecast.input.${one}`) : one)).join(", ");
}

/** @param {import("./forecasts.js").Weather} weather @param {Say} say */
export function tellWeather({ source, isExPost, words }, say) {
  const kind = say(`forecast.weather.${isExPost ? "observed" : source}`);
  return words ? say("forecast.weather.named", { kind, words }) : kind;
}
