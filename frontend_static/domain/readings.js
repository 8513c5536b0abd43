/**
 * Meter data as its page tells it: findings by rule and point, the curve around one, what a file would change, quality.
 *
 * @typedef {{number: number, treatment: string, reason: string, decided_by: string, decided_utc: number}} Decision
 *
 * @typedef {object} StoredFinding
 * @property {string} rule
 * @property {string} severity
 * @property {string} message
 * @property {string} metering_point
 * @property {number | null} start_utc [s since 1970]
 * @property {number | null} end_utc
 * @property {string} value
 * @property {string} [limit]
 * @property {Readonly<Record<string, number | string>>} [facts]
 * @property {Decision | null} [decision]
 *
 * @typedef {{point: string, findings: StoredFinding[]}} PointFindings
 * @typedef {{rule: string, severity: string, open: number, points: PointFindings[]}} RuleFindings
 *
 * @typedef {object} Curve
 * @property {string} metering_point
 * @property {string} direction
 * @property {number} start_utc
 * @property {number} resolution_minutes
 * @property {(number | null)[]} energy_milliwatt_hours
 * @property {(number | null)[]} estimate_milliwatt_hours
 * @property {string[]} quality
 * @property {string[]} source_quality
 * @property {string[]} treatment
 * @property {import("./meter_sums.js").RegisterSpan[]} registers
 *
 * @typedef {{row: number, column: number}} Cell
 *
 * @typedef {{format: string, time_zone: string, resolution: number | null, metering_point: string, direction: string, mapping: string}} HowToRead
 *   What a file does not say of itself; `resolution` in minutes.
 * @typedef {"readings" | "allocation"} Part What a file may hold.
 */

/** What can be said about a file. */
export const HOW_TO_READ = /** @type {const} */ (["metering_point", "direction", "time_zone", "resolution", "format", "mapping"]);

export const CURVE_DAYS_MAX = 40;
const DAY_SECONDS = 86_400;
const YEAR_DAYS = 365;
const GRAVEST = ["refused", "fault", "warning", "note"];
const PPM = 1_000_000;

/** @param {string} severity */
function rank(severity) {
  const place = GRAVEST.indexOf(severity);
  return place < 0 ? GRAVEST.length : place;
}

/**
 * @param {readonly StoredFinding[]} findings
 * @returns {RuleFindings[]} By rule, the gravest and fullest first; within a rule by metering point, then by time.
 */
export function rulesOf(findings) {
  /** @type {Map<string, Map<string, StoredFinding[]>>} */
  const rules = new Map();
  for (const finding of findings) {
    const points = rules.get(finding.rule) ?? new Map();
    rules.set(finding.rule, points);
    points.set(finding.metering_point, [...(points.get(finding.metering_point) ?? []), finding]);
  }
  const told = [...rules].map(([rule, points]) => {
    const all = [...points.values()].flat();
    return {
      rule,
      severity: all.map(({ severity }) => severity).sort((one, other) => rank(one) - rank(other))[0] ?? "note",
      open: all.filter(({ decision }) => !decision).length,
      points: [...points]
        .map(([point, own]) => ({ point, findings: [...own].sort((one, other) => (one.start_utc ?? 0) - (other.start_utc ?? 0)) }))
        .sort((one, other) => (one.point < other.point ? -1 : 1)),
    };
  });
  return told.sort((one, other) => rank(one.severity) - rank(other.severity) || other.open - one.open || (one.rule < other.rule ? -1 : 1));
}

/**
 * @param {string} zone IANA name.
 * @returns {(seconds: number) => string} The civil day of an instant, `2017-06-03`.
 */
export function dayIn(zone) {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return (seconds) => format.format(new Date(seconds * 1000));
}

/**
 * The days to show a finding in: its own and some on each side, from its beginning on where they are too many.
 *
 * @param {{start_utc: number | null, end_utc: number | null}} finding
 * @param {string} zone
 * @param {{aside: number, most: number}} [shown] Days on each side, and at most.
 * @returns {{from: string, to: string} | null} Null where it is about no time.
 */
export function daysAround({ start_utc: start, end_utc: end }, zone, { aside, most } = { aside: 1, most: CURVE_DAYS_MAX }) {
  if (start === null) return null;
  const until = Math.max(end ?? start + 1, start + 1);
  const day = dayIn(zone);
  const last = Math.min(until - 1 + aside * DAY_SECONDS, start + (most - aside - 2) * DAY_SECONDS);
  return { from: day(start - aside * DAY_SECONDS), to: day(last) };
}

/**
 * @param {Curve} curve
 * @param {{start_utc: number | null, end_utc: number | null} | null} span
 * @returns {{first: number, until: number} | null} Its intervals within the curve; null where none is.
 */
export function placesOf(curve, span) {
  if (!span || span.start_utc === null) return null;
  const step = curve.resolution_minutes * 60;
  const count = curve.energy_milliwatt_hours.length;
  const first = Math.max(0, Math.floor((span.start_utc - curve.start_utc) / step));
  const until = Math.min(count, Math.ceil(((span.end_utc ?? span.start_utc + step) - curve.start_utc) / step));
  return first < until ? { first, until } : null;
}

/**
 * Runs of intervals that have an energy, as steps of a drawn line.
 *
 * @param {readonly (number | null)[]} values [mWh]
 * @returns {{first: number, values: number[]}[]}
 */
export function runsOf(values) {
  /** @type {{first: number, values: number[]}[]} */
  const runs = [];
  values.forEach((value, place) => {
    if (value === null) return;
    const last = runs.at(-1);
    if (last && last.first + last.values.length === place) last.values.push(value);
    else runs.push({ first: place, values: [value] });
  });
  return runs;
}

/**
 * @param {readonly {first: number, values: number[]}[]} runs
 * @param {{width: number, height: number, count: number, most: number}} frame
 * @returns {string} An SVG path of steps.
 */
export function stepsPath(runs, { width, height, count, most }) {
  const x = (/** @type {number} */ place) => ((place * width) / Math.max(1, count)).toFixed(2);
  const y = (/** @type {number} */ value) => (height - (value * height) / Math.max(1, most)).toFixed(2);
  return runs
    .map(({ first, values }) => {
      const steps = values.map((value, index) => `${index ? "L" : "M"}${x(first + index)} ${y(value)}H${x(first + index + 1)}`);
      return steps.join("");
    })
    .join("");
}

/**
 * What a cell of the overview is: how much of what is due is missing or estimated.
 *
 * @param {readonly number[] | null} cell Measured, estimated, missing [ppm]; null where nothing is due.
 * @returns {{kind: "none" | "whole" | "estimated" | "missing", step: number}} The step is 0 to 5, larger the more is wrong.
 */
export function gradeOf(cell) {
  if (!cell) return { kind: "none", step: 0 };
  const [, estimated = 0, missing = 0] = cell;
  const wrong = estimated + missing;
  if (wrong <= 0) return { kind: "whole", step: 0 };
  return { kind: missing >= estimated ? "missing" : "estimated", step: Math.min(5, Math.floor((wrong * 5) / PPM) + 1) };
}

/**
 * @param {Cell} cell
 * @param {string} key Of the keyboard.
 * @param {{rows: number, columns: number}} size
 * @returns {Cell | null} Where it leads, within the grid; null for a key that leads nowhere.
 */
export function moveInGrid({ row, column }, key, { rows, columns }) {
  const moves = /** @type {Readonly<Record<string, readonly [number, number]>>} */ ({
    ...{ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] },
    ...{ Home: [0, -columns], End: [0, columns], PageUp: [-10, 0], PageDown: [10, 0] },
  });
  const move = moves[key];
  if (!move) return null;
  const within = (/** @type {number} */ value, /** @type {number} */ end) => Math.min(Math.max(value, 0), Math.max(0, end - 1));
  return { row: within(row + move[0], rows), column: within(column + move[1], columns) };
}

/**
 * @param {number} bytes
 * @returns {{size: string, unit: "kB" | "MB"}} To one decimal, a tenth of a kilobyte at least.
 */
export function sizeOf(bytes) {
  return bytes < 1e6 ? { size: Math.max(0.1, bytes / 1e3).toFixed(1), unit: "kB" } : { size: (bytes / 1e6).toFixed(1), unit: "MB" };
}

/**
 * @param {number | null} hours
 * @returns {{words: string, count: number}} Which words say it: in hours, in days, in years.
 */
export function latenessOf(hours) {
  if (hours === null) return { words: "readings.late.none", count: 0 };
  const days = Math.floor(hours / 24);
  if (days >= 2 * YEAR_DAYS) return { words: "readings.late.years", count: Math.floor(days / YEAR_DAYS) };
  return hours < 72 ? { words: "readings.late.hours", count: hours } : { words: "readings.late.days", count: days };
}

/**
 * What the shares come to in a sentence, for somebody who does not read shares.
 *
 * @param {{estimated_ppm: number, missing_ppm: number}} shares
 * @returns {"whole" | "good" | "some" | "poor"} Nothing estimated or missing; up to one in a hundred; up to one in twenty; more.
 */
export function verdictOn({ estimated_ppm: estimated, missing_ppm: missing }) {
  const wrong = estimated + missing;
  if (wrong === 0) return "whole";
  if (wrong <= PPM / 100) return "good";
  return wrong <= PPM / 20 ? "some" : "poor";
}

/**
 * @template {{estimated_ppm: number, missing_ppm: number}} Item
 * @param {readonly Item[]} points
 * @param {number} most
 * @returns {Item[]} Those that lack most, the worst first; none that lacks nothing.
 */
export function worstOf(points, most) {
  const wrong = (/** @type {Item} */ one) => one.estimated_ppm + one.missing_ppm;
  return points.filter((one) => wrong(one) > 0).toSorted((one, other) => wrong(other) - wrong(one)).slice(0, most);
}

/**
 * What may be decided about a curve's point.
 *
 * @param {string} direction
 * @returns {("accepted" | "estimated" | "returned")[]} Feed-in is never estimated.
 */
export function choicesOf(direction) {
  return direction === "feed_in" ? ["accepted", "returned"] : ["accepted", "estimated", "returned"];
}

/**
 * @param {Readonly<Record<string, string>>} said By field, as typed.
 * @returns {HowToRead}
 */
export function howToRead(said) {
  const word = (/** @type {string} */ name) => (said[name] ?? "").trim();
  return {
    format: word("format") || "auto",
    time_zone: word("time_zone"),
    resolution: Number(word("resolution")) || null,
    metering_point: word("metering_point"),
    direction: word("direction"),
    mapping: word("mapping"),
  };
}

/**
 * @param {{accepted: boolean, allocation: {accepted: boolean} | null}} look
 * @param {ReadonlySet<Part>} [loaded] Parts that were loaded before.
 * @returns {Part[]} What of a file can be loaded still.
 */
export function partsOf({ accepted, allocation }, loaded = new Set()) {
  /** @type {Part[]} */
  const parts = [];
  if (accepted) parts.push("readings");
  if (allocation?.accepted) parts.push("allocation");
  return parts.filter((part) => !loaded.has(part));
}
