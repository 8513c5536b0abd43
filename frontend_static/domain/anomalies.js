/**
 * What is not as it should be, in the reader's language: the words of its cause with its figures in them.
 *
 * @typedef {object} Anomaly A suspicion, never a proof.
 * @property {string} kind
 * @property {string} element Metering point, feeder or transformer.
 * @property {number} start [s since 1970, UTC]
 * @property {number} end Exclusive.
 * @property {number} rarity Share of what was usual that looked at least as unusual [1].
 * @property {string} reason In English.
 * @property {string} cause What stands out most; empty where nothing does by itself.
 * @property {Readonly<Record<string, number>>} figures Names end in their unit.
 * @property {boolean} isClear Whether it stands out among all that was looked at, with a tenth of such false at most.
 *
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {(key: string, values?: Record<string, string | number>) => string} Say
 * @typedef {{locale: Locale, zone: string, say: Say, hasWords: (key: string) => boolean}} Reader
 */
import { formatDay } from "./figures.js";
import { formatQuantity } from "./grid_figures.js";
import { dayOf } from "./grid_time.js";

const RARE_MAX = 100_000; // beyond that a figure says no more

/**
 * @param {string} name Of a figure; it ends in its unit.
 * @param {number} value
 * @param {Reader} reader
 * @returns {[string, string]} Its place in the words, and what is put there.
 */
function writeFigure(name, value, { locale, zone }) {
  /** @type {readonly (readonly [string, (value: number) => string])[]} */
  const units = [
    ["_celsius", (warmth) => formatQuantity(warmth, "°C", locale, 1)],
    ["_kelvin", (warmth) => formatQuantity(warmth, "K", locale, 1)],
    ["_kilowatt_hours", (energy) => formatQuantity(energy, "kWh", locale, 1)],
    ["_watts", (power) => (Math.abs(power) >= 1000 ? formatQuantity(power / 1000, "kW", locale, 2) : formatQuantity(power, "W", locale, 0))],
    ["_utc", (instant) => formatDay(dayOf(instant, zone), locale)],
    ["_share", (share) => formatQuantity(share * 100, "%", locale, 0)],
    ["_hour", (hour) => `${String(Math.round(hour)).padStart(2, "0")}:00`],
  ];
  const known = units.find(([unit]) => name.endsWith(unit));
  if (name === "confidence") return [name, formatQuantity(value * 100, "%", locale, 0)];
  if (!known) return [name, formatQuantity(value, "", locale, Number.isInteger(value) ? 0 : 1)];
  const place = name.slice(0, -known[0].length);
  return [known[0] === "_kilowatt_hours" ? `${place}_energy` : place, known[1](value)];
}

/**
 * @param {Anomaly} anomaly
 * @param {Reader} reader
 * @returns {string} A sentence; the reason as it came where its cause has no words, or the words lack a figure.
 */
export function tellAnomaly(anomaly, reader) {
  const key = `anomaly.cause.${anomaly.cause}`;
  if (!anomaly.cause || !reader.hasWords(key)) return anomaly.reason;
  const told = Object.fromEntries(Object.entries(anomaly.figures).map(([name, value]) => writeFigure(name, value, reader)));
  const sentence = reader.say(key, { since: formatDay(dayOf(anomaly.start, reader.zone), reader.locale), until: formatDay(dayOf(anomaly.end - 1, reader.zone), reader.locale), ...told });
  if (/\{\w+\}/.test(sentence)) return anomaly.reason;
  return told["nearest_day"] ? `${sentence} ${reader.say("anomaly.nearest", told)}` : sentence;
}

/**
 * How rare something as unusual is, in a phrase.
 *
 * @param {number} rarity
 * @param {Say} say
 * @param {Locale} locale
 */
export function tellRarity(rarity, say, locale) {
  const one = rarity > 0 ? Math.min(RARE_MAX, Math.round(1 / rarity)) : RARE_MAX;
  return say(one >= RARE_MAX ? "anomaly.rarity.beyond" : "anomaly.rarity", { one: formatQuantity(one, "", locale, 0) });
}

/**
 * The clearest first; then the rarest, then the newest.
 *
 * @param {readonly Anomaly[]} anomalies
 */
export function orderAnomalies(anomalies) {
  return anomalies.toSorted((one, other) => Number(other.isClear) - Number(one.isClear) || one.rarity - other.rarity || other.start - one.start);
}
