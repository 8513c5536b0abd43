/**
 * The hours of a week as a grid: which step of a scale each is on, and how arrow keys move between them.
 *
 * @typedef {{weekday: number, hour: number}} Cell Monday is 0.
 */

export const [WEEKDAYS, HOURS, STEPS] = [7, 24, 5];
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MILLISECONDS = 86_400_000;

/**
 * @param {number} value
 * @param {number} most The largest of the grid.
 * @returns {number} 0 for nothing, else 1 to 5.
 */
export function stepOf(value, most) {
  return value <= 0 || most <= 0 ? 0 : Math.min(STEPS, Math.floor((value * STEPS) / most) + 1);
}

/**
 * @param {readonly (readonly number[])[]} grid By weekday and hour.
 * @returns {Cell} Where most is; the first of equals.
 */
export function fullestCell(grid) {
  let best = { weekday: 0, hour: 0 };
  grid.forEach((day, weekday) =>
    day.forEach((value, hour) => {
      if (value > (grid[best.weekday]?.[best.hour] ?? 0)) best = { weekday, hour };
    }),
  );
  return best;
}

/**
 * @param {Cell} cell
 * @param {string} key Of the keyboard.
 * @returns {Cell | null} Where it leads, within the grid; null for a key that leads nowhere.
 */
export function moveCell({ weekday, hour }, key) {
  const moves = /** @type {Readonly<Record<string, readonly [number, number]>>} */ ({
    ...{ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] },
    ...{ Home: [0, -HOURS], End: [0, HOURS], PageUp: [-WEEKDAYS, 0], PageDown: [WEEKDAYS, 0] },
  });
  const move = moves[key];
  if (!move) return null;
  /** @param {number} value @param {number} end */
  const within = (value, end) => Math.min(Math.max(value, 0), end - 1);
  return { weekday: within(weekday + move[0], WEEKDAYS), hour: within(hour + move[1], HOURS) };
}

/**
 * @param {string} locale
 * @param {"short" | "long"} style
 * @returns {string[]} Monday first.
 */
export function weekdayNames(locale, style) {
  const format = new Intl.DateTimeFormat(locale, { weekday: style, timeZone: "UTC" });
  return Array.from({ length: WEEKDAYS }, (_, day) => format.format(new Date(MONDAY + day * DAY_MILLISECONDS)));
}
