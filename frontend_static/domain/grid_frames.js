/**
 * A day of a measure, element by element and interval by interval, made ready to be drawn many times a second.
 *
 * @typedef {import("./grid_scale.js").Measure} Measure
 * @typedef {import("./grid_scale.js").Scale} Scale
 * @typedef {{start: number, step_seconds: number, measure: Measure, unit: string, kind: "branch" | "bus", elements: string[], values: (number | null)[][]}} Frames
 *
 * @typedef {object} Film
 * @property {Frames} frames
 * @property {number} count Of intervals.
 * @property {Map<string, number>} rows Place of each element.
 * @property {Scale} scale
 * @property {number} highest What the scale reaches to.
 * @property {Uint8Array} grades Of each element in each interval: row by row.
 */
import { gradeOf, isWorse, scaleOf } from "./grid_scale.js";

/** @param {Frames} frames */
export function highestOf({ values }) {
  let highest = 0;
  for (const row of values) for (const value of row) if (value !== null && value > highest) highest = value;
  return highest;
}

/**
 * @param {Frames} frames
 * @param {number} [highest] What the scale reaches to; the day's own where it is not given.
 * @returns {Film}
 */
export function developFrames(frames, highest = highestOf(frames)) {
  const scale = scaleOf(frames.measure, highest);
  const count = frames.values[0]?.length ?? 0;
  const grades = new Uint8Array(frames.elements.length * count);
  frames.values.forEach((row, i) => row.forEach((value, t) => (grades[i * count + t] = gradeOf(scale, value))));
  return { frames, count, scale, highest, grades, rows: new Map(frames.elements.map((id, i) => [id, i])) };
}

/**
 * @param {Film} film
 * @param {string} element
 * @param {number} at Interval.
 * @returns {number | null} Null where it is not known.
 */
export function valueAt({ frames, rows }, element, at) {
  const row = rows.get(element);
  return row === undefined ? null : (frames.values[row]?.[at] ?? null);
}

/**
 * @param {Film} film
 * @returns {number} The interval in which the worst value stands; 0 where nothing is known.
 */
export function worstInterval({ frames, scale }) {
  let [at, worst] = [0, NaN];
  for (const row of frames.values) {
    row.forEach((value, t) => {
      if (value !== null && (Number.isNaN(worst) || isWorse(scale, value, worst))) [at, worst] = [t, value];
    });
  }
  return at;
}

/**
 * @param {Film} film
 * @param {number} at Interval.
 * @param {number} most How many.
 * @param {Int32Array} [rowOf] By element, the row that it lies in, of which the worst alone is told; -1 for none. Done many times a second:
 *   nothing is sorted.
 * @returns {{element: string, value: number}[]} The worst elements then, the worst first.
 */
export function worstAt({ frames, scale }, at, most, rowOf) {
  /** @type {{row: number, place: number, value: number}[]} */
  const found = [];
  frames.values.forEach((values, place) => {
    const value = values[at];
    if (value === null || value === undefined) return;
    const last = found[found.length - 1];
    if (last && found.length >= most && !isWorse(scale, value, last.value)) return;
    const row = rowOf?.[place] ?? -1;
    const same = row < 0 ? -1 : found.findIndex((one) => one.row === row);
    if (same >= 0) {
      if (!isWorse(scale, value, found[same]?.value ?? value)) return;
      found.splice(same, 1);
    }
    const before = found.findIndex((one) => isWorse(scale, value, one.value));
    found.splice(before < 0 ? found.length : before, 0, { row, place, value });
    if (found.length > most) found.pop();
  });
  return found.map(({ place, value }) => ({ element: frames.elements[place] ?? "", value }));
}
