/**
 * Forecasts: what is expected of the intervals from an origin on, how wide it is, and what came.
 *
 * @typedef {"none" | "clear-sky" | "forecast" | "observed"} WeatherSource `observed` is ex post: nobody had it at the origin.
 *
 * @typedef {{source: WeatherSource, isExPost: boolean, words: string}} Weather
 *
 * @typedef {object} Forecast
 * @property {string} subject Such as `home:home-01`, `community`, `network:roof/tr-1`.
 * @property {string} target Such as `load`, `solar`, `shareable`.
 * @property {string} label Whose or what: an id, or the community's name.
 * @property {string} unit Such as `W`, `mWh` (milliwatt-hours), `EUR/MWh`.
 * @property {string} zone IANA name.
 * @property {number} origin What ended by then was known; the first interval begins here [s since 1970, UTC].
 * @property {number} step [s]
 * @property {readonly number[]} levels Ascending, 0 to 1.
 * @property {readonly (readonly number[])[]} quantiles By level, then by interval.
 * @property {readonly number[]} mean
 * @property {readonly (number | null)[]} measured What came; null where it is not known.
 * @property {number} made When it was made [s since 1970, UTC].
 * @property {number} known Readings until then were known [s since 1970, UTC].
 * @property {boolean} isHindcast Made after its hours had passed, from readings before the origin alone.
 * @property {Weather} weather
 * @property {{id: string, name: string, until: number, isAnchored: boolean}} model
 * @property {import("./forecast_words.js").Reason[]} reasons Why a simpler model took over; none where none did.
 * @property {{value: number, exceedance: readonly number[]} | null} limit What it may reach, and how probably it is above.
 * @property {readonly Highest[]} days Of each local day that it covers.
 * @property {Highest | null} [highest] Of the day that it was cut to by `dayAhead`.
 * @property {readonly number[]} origins Of the forecasts that are kept, newest first [s since 1970, UTC].
 *
 * @typedef {object} Highest The highest interval of a day, by courses whose hours go together as past errors did.
 * @property {string} day
 * @property {number} start Of the interval that is most probably the highest [s since 1970, UTC].
 * @property {number} middle Its height: as often above as below.
 * @property {number} high One in ten is above.
 * @property {number | null} above Probability that any interval is above the limit; null without one.
 *
 * @typedef {object} Band What is drawn of a forecast: two shares of what may come, and the middle.
 * @property {number[]} starts Of each interval [s since 1970, UTC].
 * @property {number[]} low One in ten is below.
 * @property {number[]} quarter One in four is below.
 * @property {number[]} median
 * @property {number[]} threeQuarters One in four is above.
 * @property {number[]} high One in ten is above.
 * @property {(number | null)[]} measured
 */
import { dayAfter, dayOf, spanOfDay } from "./grid_time.js";

export const WIDE = /** @type {const} */ ([0.1, 0.9]);
export const NARROW = /** @type {const} */ ([0.25, 0.75]);
const HOUR = 3600; // s
const NEAR = 1e-9; // between levels that are the same

/**
 * @param {Pick<Forecast, "levels" | "quantiles">} forecast
 * @param {number} level 0 to 1.
 * @returns {number[]} The quantile of each interval, linear between levels that are kept; beyond them the outermost.
 */
export function quantileAt({ levels, quantiles }, level) {
  const above = levels.findIndex((kept) => kept >= level - NEAR);
  const high = quantiles[above === -1 ? levels.length - 1 : above] ?? [];
  if (above <= 0) return [...high];
  const [below, until] = [levels[above - 1] ?? 0, levels[above] ?? 1];
  const share = Math.min(1, (level - below) / (until - below));
  const low = quantiles[above - 1] ?? [];
  return high.map((value, i) => (1 - share) * (low[i] ?? value) + share * value);
}

/** @param {Forecast} forecast @returns {Band} */
export function bandOf(forecast) {
  const [low, quarter, median, threeQuarters, high] = [WIDE[0], NARROW[0], 0.5, NARROW[1], WIDE[1]].map((level) => quantileAt(forecast, level));
  return {
    starts: forecast.mean.map((_, i) => forecast.origin + i * forecast.step),
    low: low ?? [],
    quarter: quarter ?? [],
    median: median ?? [],
    threeQuarters: threeQuarters ?? [],
    high: high ?? [],
    measured: forecast.mean.map((_, i) => forecast.measured[i] ?? null),
  };
}

/**
 * @param {Forecast} forecast
 * @param {{from: number, to: number}} span Half-open [s since 1970, UTC].
 * @returns {Forecast} Its intervals that begin within; the time that it was made and what was known stay.
 */
export function sliceForecast(forecast, { from, to }) {
  const first = Math.min(forecast.mean.length, Math.max(0, Math.ceil((from - forecast.origin) / forecast.step)));
  const last = Math.max(first, Math.min(forecast.mean.length, Math.ceil((to - forecast.origin) / forecast.step)));
  return {
    ...forecast,
    origin: forecast.origin + first * forecast.step,
    mean: forecast.mean.slice(first, last),
    quantiles: forecast.quantiles.map((values) => values.slice(first, last)),
    measured: forecast.measured.slice(first, last),
    highest: null,
    limit: forecast.limit && { ...forecast.limit, exceedance: forecast.limit.exceedance.slice(first, last) },
  };
}

/**
 * The day that a forecast is about: the first civil day that it covers whole, else the one that it covers most of.
 *
 * @param {Forecast} forecast
 * @returns {{day: string, forecast: Forecast, whole: boolean}}
 */
export function dayAhead(forecast) {
  const { origin, step, zone } = forecast;
  const end = origin + step * forecast.mean.length;
  const first = dayOf(origin, zone);
  let [day, most] = [first, -1];
  for (let tried = first; spanOfDay(tried, zone).from < end; tried = dayAfter(tried)) {
    const { from, to } = spanOfDay(tried, zone);
    const covered = (Math.min(to, end) - Math.max(from, origin)) / (to - from);
    if (covered > most + NEAR) [day, most] = [tried, covered];
    if (covered >= 1) break;
  }
  const highest = forecast.days.find((one) => one.day === day) ?? null;
  return { day, forecast: { ...sliceForecast(forecast, spanOfDay(day, zone)), highest }, whole: most >= 1 };
}

/**
 * @param {Forecast} forecast
 * @returns {{inside: number, known: number} | null} Of the intervals whose measure is known, how many lie in the 80 % band; null where none is.
 */
export function insideOf(forecast) {
  const [low, high] = WIDE.map((level) => quantileAt(forecast, level));
  let [inside, known] = [0, 0];
  forecast.measured.forEach((value, i) => {
    if (value === null || value === undefined) return;
    known += 1;
    if (value >= (low?.[i] ?? Infinity) && value <= (high?.[i] ?? -Infinity)) inside += 1;
  });
  return known > 0 ? { inside, known } : null;
}

/**
 * What is expected over all intervals: the mean adds up, quantiles do not.
 *
 * @param {Forecast} forecast Of a power or an energy.
 * @returns {number | null} [Wh]; null for what has no sum, such as a price.
 */
export function expectedEnergy({ mean, unit, step }) {
  const factor = perIntervalInWattHours(unit, step);
  return factor === null ? null : mean.reduce((sum, value) => sum + value, 0) * factor;
}

/** @param {string} unit @param {number} step [s] @returns {number | null} Watt-hours that one interval of one unit holds. */
export function perIntervalInWattHours(unit, step) {
  const power = /** @type {Readonly<Record<string, number>>} */ ({ W: 1, kW: 1000, MW: 1e6 })[unit];
  if (power !== undefined) return (power * step) / HOUR;
  return /** @type {Readonly<Record<string, number>>} */ ({ mWh: 1e-3, Wh: 1, kWh: 1000, MWh: 1e6 })[unit] ?? null;
}

/**
 * When a day is highest, and how high.
 *
 * @param {Forecast} day As `dayAhead` cuts it.
 * @returns {{start: number, end: number, middle: number, high: number} | null} Null where the service told none.
 */
export function peakOf({ highest, step }) {
  return highest ? { start: highest.start, end: highest.start + step, middle: highest.middle, high: highest.high } : null;
}

/**
 * The unit that figures are told in, so that they have few digits: watts as kilowatts or megawatts.
 *
 * @param {string} unit
 * @param {number} most The largest figure.
 * @returns {{unit: string, factor: number}} By which figures are multiplied.
 */
export function shownUnit(unit, most) {
  const size = Math.abs(most);
  if (unit === "mWh") return size >= 1e6 ? { unit: "kWh", factor: 1e-6 } : { unit: "Wh", factor: 1e-3 };
  if (unit === "W" || unit === "Wh") {
    const hours = unit.slice(1);
    if (size >= 1e7) return { unit: `MW${hours}`, factor: 1e-6 };
    if (size >= 1000) return { unit: `kW${hours}`, factor: 1e-3 };
  }
  return { unit, factor: 1 };
}

/**
 * How probably a day passes its limit at any time, and when most probably.
 *
 * @param {Forecast} day As `dayAhead` cuts it.
 * @returns {{start: number, end: number, probability: number, intervals: number} | null} `intervals`: those with a chance of one in ten at least; null
 *   where there is no limit.
 */
export function riskOf({ limit, origin, step, highest }) {
  if (!limit || limit.exceedance.length === 0) return null;
  const most = Math.max(...limit.exceedance);
  const start = origin + limit.exceedance.indexOf(most) * step;
  const probability = Math.max(highest?.above ?? 0, most); // of any hour, at least that of one
  return { start, end: start + step, probability, intervals: limit.exceedance.filter((chance) => chance >= 0.1).length };
}

/**
 * A step needs an end: where nothing follows, its value is repeated once. A gap of one interval stays a gap.
 *
 * @param {readonly (number | null)[]} values By start of interval, and the end of the last.
 * @returns {(number | null)[]}
 */
export function endSteps(values) {
  return values.map((value, i) => (value === null && (values[i + 1] ?? null) === null ? (values[i - 1] ?? null) : value));
}

/**
 * Past and coming values in one row of time, so that one chart shows both.
 *
 * @param {{start: number, values: readonly (number | null)[]}} past Same step and unit as the forecast.
 * @param {Forecast} forecast
 * @returns {{start: number, past: (number | null)[], band: Band}} The past from the first to the origin; the band is the forecast's.
 */
export function joinPast({ start, values }, forecast) {
  const count = Math.max(0, Math.round((forecast.origin - start) / forecast.step));
  return { start: forecast.origin - count * forecast.step, past: Array.from({ length: count }, (_, i) => values[i] ?? null), band: bandOf(forecast) };
}
