/**
 * How a measure of a network is coloured: classes with words, bounds and a width, so that colour never stands alone.
 *
 * @typedef {"deviation" | "neutral" | "nema" | "vuf" | "loading" | "voltage"} Measure
 * @typedef {{words: string, from: number | null, to: number | null, tone: string, width: number}} Grade
 *   Values from `from` (included) to `to` (left out); null for no bound. The tone is a colour token without its dashes; the width is in px.
 * @typedef {{measure: Measure, unit: string, grades: Grade[], limit: string}} Scale `limit` is the key of the words on where the bounds are from.
 */

/** @type {readonly Measure[]} */
export const MEASURES = ["deviation", "neutral", "loading", "nema", "vuf", "voltage"];
/** @type {Readonly<Record<Measure, string>>} */
export const UNITS = { deviation: "kW", neutral: "A", nema: "%", vuf: "%", loading: "%", voltage: "pu" };
/** Those of buses, as voltages are; the others are of branches. @type {readonly Measure[]} */
export const OF_BUSES = ["nema", "vuf", "voltage"];
/** What is drawn where nothing is known. */
export const UNKNOWN = 255;

const TONES = ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4"];
const WIDTHS = [1.25, 2, 3, 4.25, 5.75];
const ABSOLUTE_WORDS = ["calm", "slight", "noticeable", "high", "beyond"];
const RELATIVE_WORDS = ["least", "little", "middling", "much", "most"];
/** @type {Readonly<Partial<Record<Measure, readonly number[]>>>} Bounds that a standard or a rating gives. */
const BOUNDS = { loading: [40, 60, 80, 100], nema: [0.5, 1, 2, 3], vuf: [0.5, 1, 1.5, 2] };
const SHARES = [0.1, 0.25, 0.5, 0.75]; // of the highest, for measures without a limit of their own

/** Bands of EN 50160, and half of them. @type {readonly Grade[]} */
const VOLTAGE = [
  { words: "too_low", from: null, to: 0.9, tone: "low-2", width: 5.75 },
  { words: "low", from: 0.9, to: 0.95, tone: "low-1", width: 3 },
  { words: "good", from: 0.95, to: 1.05, tone: "heat-0", width: 1.25 },
  { words: "raised", from: 1.05, to: 1.1, tone: "heat-2", width: 3 },
  { words: "too_high", from: 1.1, to: null, tone: "heat-4", width: 5.75 },
];

/**
 * @param {Measure} measure
 * @param {number} highest Of what is shown; only for measures without a limit of their own.
 * @returns {Scale}
 */
export function scaleOf(measure, highest) {
  const unit = UNITS[measure];
  if (measure === "voltage") return { measure, unit, grades: [...VOLTAGE], limit: "voltage" };
  const bounds = BOUNDS[measure] ?? SHARES.map((share) => share * roundUp(highest));
  const words = BOUNDS[measure] ? ABSOLUTE_WORDS : RELATIVE_WORDS;
  const grades = words.map((word, i) => ({
    words: word,
    from: i === 0 ? null : (bounds[i - 1] ?? null),
    to: bounds[i] ?? null,
    tone: TONES[i] ?? "heat-4",
    width: WIDTHS[i] ?? 6,
  }));
  return { measure, unit, grades, limit: BOUNDS[measure] ? measure : "relative" };
}

/**
 * @param {number} value Zero or more.
 * @returns {number} The next of 1, 2, 4, 8 times a power of ten: its quarters are short figures. One for zero.
 */
export function roundUp(value) {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 8, 10].find((one) => value <= one * power * (1 + 1e-12)) ?? 10;
  return Number((factor * power).toPrecision(6));
}

/**
 * @param {Scale} scale
 * @param {number | null | undefined} value
 * @returns {number} Place of its grade; `UNKNOWN` for none.
 */
export function gradeOf({ grades }, value) {
  if (value === null || value === undefined || Number.isNaN(value)) return UNKNOWN;
  for (let i = grades.length - 1; i > 0; i -= 1) {
    const { from } = /** @type {Grade} */ (grades[i]);
    if (from !== null && value >= from) return i;
  }
  return 0;
}

/**
 * @param {Scale} scale
 * @param {number} one
 * @param {number} other
 * @returns {boolean} Is the one worse than the other? Of voltages, the one that is further from nominal.
 */
export function isWorse({ measure }, one, other) {
  return measure === "voltage" ? Math.abs(one - 1) > Math.abs(other - 1) : one > other;
}
