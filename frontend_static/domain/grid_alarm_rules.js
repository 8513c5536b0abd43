/**
 * Alarm rules and routes of messages as forms hold them, and as the API takes them: figures as people type them, times of the day,
 * durations with their unit; what has its default is left out.
 *
 * @typedef {{unit: string, kinds: readonly string[]}} AlarmMeasure
 *
 * @typedef {object} RuleDraft
 * @property {string} id
 * @property {string} measure
 * @property {string} kind Of elements.
 * @property {string} elements Ids, one to a line; empty for all of the kind.
 * @property {string} limit
 * @property {string} severity
 * @property {"duration" | "week"} how After how long it alarms, or by which part of a week.
 * @property {string} minutes
 * @property {string} hysteresis
 * @property {string} tolerated [%]
 * @property {string[]} weekdays
 * @property {string} from
 * @property {string} to
 * @property {boolean} enabled
 * @property {string} text
 *
 * @typedef {object} RouteDraft
 * @property {string} id
 * @property {string} channel
 * @property {string} url
 * @property {string} addresses One to a line.
 * @property {string} least
 * @property {string[]} kinds
 * @property {boolean} tells_end
 * @property {string} quiet_from Empty for no quiet hours.
 * @property {string} quiet_to
 * @property {string} breaks_quiet
 * @property {string} gather Minutes.
 * @property {string} per_hour
 * @property {boolean} enabled
 *
 * @typedef {{at: string, text: string}} Fault Where in the form, such as `0.limit`; and the key of words, or words.
 */

const LINES = ["transformer", "segment", "switch", "source"];
/** What alarms watch, in the API's words. @type {Readonly<Record<string, AlarmMeasure>>} */
export const ALARM_MEASURES = {
  loading: { unit: "%", kinds: LINES },
  hot_spot: { unit: "°C", kinds: ["transformer"] },
  deviation: { unit: "kW", kinds: LINES },
  neutral: { unit: "A", kinds: LINES },
  nema: { unit: "%", kinds: ["bus"] },
  vuf: { unit: "%", kinds: ["bus"] },
  voltage_high: { unit: "pu", kinds: ["bus"] },
  voltage_low: { unit: "pu", kinds: ["bus"] },
  residual: { unit: "kW", kinds: ["transformer"] },
  readings_late: { unit: "h", kinds: ["connection", "network"] },
  readings_missing: { unit: "%", kinds: ["connection"] },
  messages_lost: { unit: "", kinds: ["network"] },
};
export const SEVERITIES = ["info", "warning", "critical"];
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
export const MESSAGE_KINDS = ["alarm", "readings", "work_order", "plan", "phase_record", "network", "rules"];
const [DAY_BEGIN, DAY_END] = ["00:00", "24:00"];
const SECONDS = 60; // of a minute

/** @param {string} text As people type it. @returns {number} NaN for what is none. */
export function readNumber(text) {
  const told = text.trim().replace(",", ".").replace("−", "-");
  return /^-?\d+(\.\d+)?$/.test(told) ? Number(told) : NaN;
}

/** A duration in its largest whole unit. @param {number} minutes @returns {{count: number, unit: "minutes" | "hours" | "days"}} */
export function spanOf(minutes) {
  if (minutes > 0 && minutes % 1440 === 0) return { count: minutes / 1440, unit: "days" };
  return minutes > 0 && minutes % 60 === 0 ? { count: minutes / 60, unit: "hours" } : { count: minutes, unit: "minutes" };
}

/** @param {string} text @returns {string[]} */
export function readLines(text) {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
}

/** A name for what has none yet: of a title, unlike all others. @param {string} title @param {readonly string[]} taken @param {string} bare Where the title has no letter. */
export function idOf(title, taken, bare) {
  const plain = title
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 50);
  const base = plain || bare;
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** @param {any} table @returns {RuleDraft} */
export function draftRule(table) {
  return {
    id: table.id,
    measure: table.measure,
    kind: table.kind,
    elements: (table.elements ?? []).join("\n"),
    limit: String(table.limit),
    severity: table.severity ?? "warning",
    how: typeof table.tolerated_percent === "number" ? "week" : "duration",
    minutes: String((table.for_seconds ?? 0) / SECONDS),
    hysteresis: String(table.hysteresis ?? 0),
    tolerated: String(table.tolerated_percent ?? 5),
    weekdays: table.weekdays ?? [...WEEKDAYS],
    from: table.from ?? DAY_BEGIN,
    to: table.to ?? DAY_END,
    enabled: table.enabled ?? true,
    text: table.text ?? "",
  };
}

/** @param {readonly string[]} taken @returns {RuleDraft} A rule to begin with. */
export function beginRule(taken) {
  return draftRule({ id: idOf("", taken, "rule"), measure: "loading", kind: "transformer", limit: 90, for_seconds: 3600, hysteresis: 5 });
}

/** Another measure has other elements and another unit: what does not fit it is let go. @param {RuleDraft} draft @param {string} measure @returns {RuleDraft} */
export function measureRule(draft, measure) {
  const { kinds, unit } = ALARM_MEASURES[measure] ?? { kinds: [], unit: "" };
  const kind = kinds.includes(draft.kind) ? draft.kind : (kinds[0] ?? "");
  const isSame = ALARM_MEASURES[draft.measure]?.unit === unit;
  return { ...draft, measure, kind, elements: kind === draft.kind ? draft.elements : "", limit: isSame ? draft.limit : "", hysteresis: isSame ? draft.hysteresis : "0" };
}

/**
 * @param {RuleDraft} draft
 * @param {string} at Its place in the form.
 * @returns {{table: Record<string, unknown>, faults: Fault[]}}
 */
export function writeRule(draft, at) {
  /** @type {Fault[]} */
  const faults = [];
  const number = (/** @type {string} */ name, /** @type {string} */ text) => {
    const value = readNumber(text);
    if (Number.isNaN(value)) faults.push({ at: `${at}.${name}`, text: "grid.set.fault.number" });
    return value;
  };
  /** @type {Record<string, unknown>} */
  const table = { id: draft.id.trim(), measure: draft.measure, kind: draft.kind, limit: number("limit", draft.limit), severity: draft.severity };
  const elements = readLines(draft.elements);
  if (elements.length > 0) table["elements"] = elements;
  if (draft.how === "week") table["tolerated_percent"] = number("tolerated", draft.tolerated);
  else {
    table["for_seconds"] = Math.round(number("minutes", draft.minutes) * SECONDS);
    table["hysteresis"] = number("hysteresis", draft.hysteresis);
  }
  if (draft.weekdays.length === 0) faults.push({ at: `${at}.weekdays`, text: "grid.set.fault.weekdays" });
  else if (draft.weekdays.length < WEEKDAYS.length) table["weekdays"] = WEEKDAYS.filter((day) => draft.weekdays.includes(day));
  const to = draft.to === DAY_BEGIN ? DAY_END : draft.to; // what ends at midnight ends the day, as a field of a browser has it
  if (draft.from !== DAY_BEGIN) table["from"] = draft.from;
  if (to !== DAY_END) table["to"] = to;
  if (!draft.enabled) table["enabled"] = false;
  if (draft.text.trim()) table["text"] = draft.text.trim();
  return { table, faults };
}

/** @param {any} table @returns {RouteDraft} */
export function draftRoute(table) {
  return {
    id: table.id,
    channel: table.channel,
    url: table.url ?? "",
    addresses: (table.addresses ?? []).join("\n"),
    least: table.least ?? "warning",
    kinds: table.kinds ?? ["alarm"],
    tells_end: table.tells_end ?? true,
    quiet_from: table.quiet_from ?? "",
    quiet_to: table.quiet_to ?? "",
    breaks_quiet: table.breaks_quiet ?? "critical",
    gather: String((table.gather_seconds ?? SECONDS) / SECONDS),
    per_hour: String(table.per_hour ?? 12),
    enabled: table.enabled ?? true,
  };
}

/** @param {readonly string[]} taken @returns {RouteDraft} A route to begin with. */
export function beginRoute(taken) {
  return draftRoute({ id: idOf("", taken, "route"), channel: "email" });
}

/**
 * @param {RouteDraft} draft
 * @param {string} at Its place in the form.
 * @returns {{table: Record<string, unknown>, faults: Fault[]}}
 */
export function writeRoute(draft, at) {
  /** @type {Fault[]} */
  const faults = [];
  const number = (/** @type {string} */ name, /** @type {string} */ text) => {
    const value = readNumber(text);
    if (Number.isNaN(value)) faults.push({ at: `${at}.${name}`, text: "grid.set.fault.number" });
    return value;
  };
  /** @type {Record<string, unknown>} */
  const table = { id: draft.id.trim(), channel: draft.channel, least: draft.least, kinds: MESSAGE_KINDS.filter((kind) => draft.kinds.includes(kind)), tells_end: draft.tells_end };
  if (draft.channel === "webhook") table["url"] = draft.url.trim();
  else table["addresses"] = readLines(draft.addresses);
  if (draft.kinds.length === 0) faults.push({ at: `${at}.kinds`, text: "grid.set.fault.kinds" });
  if (draft.quiet_from) table["quiet_from"] = draft.quiet_from;
  if (draft.quiet_to) table["quiet_to"] = draft.quiet_to;
  if (Boolean(draft.quiet_from) !== Boolean(draft.quiet_to)) faults.push({ at: `${at}.${draft.quiet_from ? "quiet_to" : "quiet_from"}`, text: "grid.set.fault.both" });
  table["breaks_quiet"] = draft.breaks_quiet;
  table["gather_seconds"] = Math.round(number("gather", draft.gather) * SECONDS);
  table["per_hour"] = number("per_hour", draft.per_hour);
  if (!draft.enabled) table["enabled"] = false;
  return { table, faults };
}
