/**
 * The forecast room over the API: what is forecast, how good it was, what to do tomorrow, and the models behind it.
 *
 * @typedef {import("../domain/forecasts.js").Forecast} Forecast
 * @typedef {import("../domain/forecast_scores.js").Score} Score
 * @typedef {import("../domain/forecast_advice.js").Outlook} Outlook
 *
 * @typedef {object} Subject What has a forecast.
 * @property {string} subject
 * @property {"home" | "point" | "feeder" | "community" | "network"} kind
 * @property {string} label
 * @property {string} target
 * @property {boolean} isScored
 *
 * @typedef {object} Accuracy
 * @property {string} unit
 * @property {number} from [s since 1970, UTC]
 * @property {number} until
 * @property {number} origins How many forecasts.
 * @property {import("../domain/forecasts.js").Weather} weather
 * @property {Score} overall
 * @property {(Score & {from: number, to: number})[]} leads By how far ahead [h].
 * @property {(Score & {group: string})[]} groups
 * @property {import("../domain/forecast_scores.js").Reliability} reliability
 * @property {import("../domain/forecast_scores.js").DayScore[]} course By day, ascending.
 * @property {number} hindcasts How many of them were made after their hours had passed.
 * @property {number} fallbacks In how many a simpler model stood in.
 * @property {{isAlarm: boolean, since: string | null, ratio: number | null, days: number, isDue: boolean}} drift `ratio`: losses now by those that the model was judged by.
 * @property {string} modelId
 *
 * @typedef {object} ModelCard
 * @property {string} id
 * @property {string} subject
 * @property {string} target
 * @property {string} name
 * @property {number} until It learned from nothing after [s since 1970, UTC].
 * @property {number} trained [s since 1970, UTC]
 * @property {string} dataHash
 * @property {string} codeHash
 * @property {number} seed
 * @property {Record<string, unknown>} card
 * @property {import("../domain/model_anchor.js").Anchor | null} anchor Null where it is not anchored.
 *
 * @typedef {object} Found What is not as it should be, of a span.
 * @property {import("../domain/anomalies.js").Anomaly[]} items
 * @property {string} zone
 * @property {number} from [s since 1970, UTC]
 * @property {number} until
 * @property {{meters: number, feeders: number, unjudged: import("../domain/forecast_words.js").Reason[]}} looked At what; and what could not be judged.
 * @property {number} budget False alarms that are accepted [per meter and year].
 */
import { ask, askAll } from "./api.js";

/** @param {Readonly<Record<string, string | number | null | undefined>>} asked */
function query(asked) {
  const told = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return `?${new URLSearchParams(told.map(([name, value]) => [name, String(value)]))}`;
}

/** @param {unknown} text ISO 8601. @returns {number} [s since 1970, UTC] */
function secondsOf(text) {
  return Math.floor(Date.parse(String(text)) / 1000);
}

/** @param {number} seconds */
function instantText(seconds) {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}

/** @param {any} told @returns {import("../domain/forecasts.js").Weather} */
function readWeather(told) {
  return { source: told.source, isExPost: Boolean(told.ex_post), words: String(told.words ?? "") };
}

/** @param {any} told As `GET /forecasts` answers. @returns {Forecast} */
export function readForecast(told) {
  return {
    ...{ subject: told.subject, target: told.target, label: told.label, unit: told.unit, zone: told.time_zone },
    ...{ origin: secondsOf(told.origin), step: told.step_seconds, levels: told.levels, quantiles: told.quantiles, mean: told.mean },
    measured: told.actual,
    ...{ made: secondsOf(told.made), known: secondsOf(told.readings_until), isHindcast: told.hindcast },
    weather: readWeather(told.weather),
    model: { id: told.model.id, name: told.model.name, until: secondsOf(told.model.trained_until ?? told.origin), isAnchored: told.model.anchored },
    reasons: told.reasons,
    limit: told.limit,
    days: told.days.map((/** @type {any} */ one) => ({ day: one.day, start: secondsOf(one.start), middle: one.p50, high: one.p90, above: one.above })),
    origins: told.origins.map(secondsOf),
  };
}

/** @param {any} told @returns {Score} */
function readScore(told) {
  return {
    ...{ mae: told.mae, pinball: told.pinball, mape: told.mape_pct ?? null, naiveMae: told.naive_mae ?? null, naivePinball: told.naive_pinball ?? null },
    ...{ skill: told.skill ?? null, coverage: told.coverage_80 ?? null, intervals: told.intervals },
  };
}

/** @param {any} told As `GET /forecasts/accuracy` answers. @returns {Accuracy} */
export function readAccuracy(told) {
  const { reliability, drift } = told;
  return {
    ...{ unit: told.unit, from: secondsOf(told.from), until: secondsOf(told.until), origins: told.origins, weather: readWeather(told.weather) },
    ...{ hindcasts: told.hindcasts ?? 0, fallbacks: told.fallbacks ?? 0 },
    overall: readScore(told.overall),
    leads: told.leads.map((/** @type {any} */ lead) => ({ ...readScore(lead), from: lead.from_hours, to: lead.to_hours })),
    groups: told.groups.map((/** @type {any} */ group) => ({ ...readScore(group), group: group.group })),
    reliability: { levels: reliability.levels, observed: reliability.observed, low: reliability.expected_low, high: reliability.expected_high, draws: reliability.effective },
    course: told.course.map((/** @type {any} */ day) => ({ day: day.day, mae: day.mae, naiveMae: day.naive_mae ?? null, coverage: day.coverage_80 ?? null })),
    drift: { isAlarm: drift.alarm, since: drift.since, ratio: drift.ratio, days: drift.days, isDue: drift.retrain_due },
    modelId: told.model?.id ?? "",
  };
}

/** @param {any} told As `GET /forecasts/advice` answers. @returns {Outlook} */
export function readOutlook(told) {
  return {
    ...{ participant: told.participant, zone: told.time_zone, day: told.day, origin: secondsOf(told.origin), made: secondsOf(told.made) },
    hours: told.hours.map((/** @type {any} */ hour) => ({ start: secondsOf(hour.start), price: hour.price_cents_per_kwh, shared: hour.shared_likely, spare: hour.spare_kwh })),
    advice: told.advice.map((/** @type {any} */ one) => ({
      ...{ what: one.what, hours: one.duration_hours, energy: one.energy_kwh, start: secondsOf(one.start), end: secondsOf(one.end) },
      ...{ cost: one.cost_cents, usual: one.usual_cost_cents, saving: one.saving_cents, savingLow: one.saving_p10_cents, savingHigh: one.saving_p90_cents },
      probability: one.probability,
    })),
    greenest: told.greenest ? { start: secondsOf(told.greenest.start), end: secondsOf(told.greenest.end), grams: told.greenest.grams_per_kwh, dayGrams: told.greenest.day_grams_per_kwh } : null,
    weather: told.rests_on?.weather ? readWeather(told.rests_on.weather) : null,
    models: told.rests_on?.model_ids ?? [],
  };
}

/** @param {any} told As `GET /forecasts/models/ID` answers. @returns {ModelCard} */
export function readModel(told) {
  const { anchor } = told;
  return {
    ...{ id: told.id, subject: told.subject, target: told.target, name: told.name, until: secondsOf(told.trained_until), trained: secondsOf(told.trained) },
    ...{ dataHash: told.data_hash, codeHash: told.code_hash, seed: told.seed, card: told.card ?? {} },
    anchor: anchor ? { run: anchor.run, root: anchor.root, place: anchor.place, path: anchor.path, anchored: secondsOf(anchor.anchored_utc) } : null,
  };
}

/** @param {any} told As `GET /me/anomalies` answers. @returns {Found} */
export function readFound(told) {
  return {
    ...{ zone: told.time_zone, from: secondsOf(told.from), until: secondsOf(told.to), budget: told.budget },
    looked: { meters: told.looked_at?.meters ?? 0, feeders: told.looked_at?.feeders ?? 0, unjudged: told.looked_at?.reasons ?? [] },
    items: told.items.map((/** @type {any} */ one) => ({
      ...{ kind: one.kind, element: one.element, start: secondsOf(one.start), end: secondsOf(one.end), rarity: one.p_value },
      ...{ reason: one.reason, cause: one.cause ?? "", figures: one.figures ?? {}, isClear: Boolean(one.discovered) },
    })),
  };
}

/** Forecasts of a community, as far as the log-in may see them. */
export class Forecasts {
  /** @param {string} community */
  constructor(community) {
    this.community = community;
  }

  /**
   * @param {AbortSignal} [signal]
   * @param {readonly string[]} [points] Metering points, of which a forecast is made when it is asked for.
   * @returns {Promise<Subject[]>} Those that have a forecast, and what can be forecast of the points.
   */
  async subjects(signal, points = []) {
    const named = points.map((point) => `&${new URLSearchParams({ point })}`).join("");
    const items = await askAll(`/forecasts/subjects${query({ community: this.community })}${named}`, signal);
    return items.map(({ subject, kind, label, target, has_accuracy: isScored }) => ({ subject, kind, label, target, isScored }));
  }

  /**
   * @param {string} subject
   * @param {string} target
   * @param {{origin?: number | null, hours?: number, signal?: AbortSignal}} [asked] Without an origin the newest.
   */
  async forecast(subject, target, { origin = null, hours, signal } = {}) {
    const from = origin === null ? null : instantText(origin);
    return readForecast(await ask(`/forecasts${query({ community: this.community, subject, target, origin: from, hours })}`, { signal }));
  }

  /** @param {string} subject @param {string} target @param {AbortSignal} [signal] */
  async accuracy(subject, target, signal) {
    return readAccuracy(await ask(`/forecasts/accuracy${query({ community: this.community, subject, target })}`, { signal }));
  }

  /** Tomorrow of one's own home. @param {AbortSignal} [signal] */
  async outlook(signal) {
    return readOutlook(await ask(`/forecasts/advice${query({ community: this.community })}`, { signal }));
  }

  /** What is not as it should be, for the operator. @param {AbortSignal} [signal] */
  async anomalies(signal) {
    return readFound(await ask(`/operator/communities/${encodeURIComponent(this.community)}/anomalies`, { signal }));
  }

  /** The same of one's own meters. @param {AbortSignal} [signal] */
  async ownAnomalies(signal) {
    return readFound(await ask("/me/anomalies", { signal }));
  }

  /** @param {string} id @param {AbortSignal} [signal] */
  async model(id, signal) {
    return readModel(await ask(`/forecasts/models/${encodeURIComponent(id)}${query({ community: this.community })}`, { signal }));
  }
}

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T | null>} Null where there is nothing of it; other problems stay.
 */
export async function orNothing(asked) {
  try {
    return await asked;
  } catch (error) {
    if (/** @type {any} */ (error)?.status === 404) return null;
    throw error;
  }
}
