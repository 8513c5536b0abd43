/**
 * Tomorrow's advice: hours by what a kilowatt-hour is expected to cost then, and the windows that are best for something that can wait.
 *
 * @typedef {object} Hour
 * @property {number} start [s since 1970, UTC]
 * @property {number} price What one more kilowatt-hour is expected to cost then [cents].
 * @property {number} shared How probably the community's energy covers it [1].
 * @property {number} spare What the community has left then, expected [kWh].
 *
 * @typedef {object} Advice
 * @property {string} what `wash` or `charge`.
 * @property {number} hours How long it takes.
 * @property {number} energy That it is reckoned with [kWh].
 * @property {number} start [s since 1970, UTC]
 * @property {number} end
 * @property {number} cost Then [cents].
 * @property {number} usual At the usual hours, when the home uses energy from six in the morning on [cents].
 * @property {number} saving Expected [cents].
 * @property {number} savingLow Nine times of ten at least that [cents].
 * @property {number} savingHigh Nine times of ten at most that [cents].
 * @property {number} probability That it costs less then than at the usual time [1].
 *
 * @typedef {object} Greenest When the grid's electricity is expected to be of the least carbon.
 * @property {number} start [s since 1970, UTC]
 * @property {number} end
 * @property {number} grams Carbon intensity then [g/kWh].
 * @property {number} dayGrams Of the whole day [g/kWh].
 *
 * @typedef {object} Outlook
 * @property {string} participant
 * @property {string} zone
 * @property {string} day Civil date.
 * @property {number} origin [s since 1970, UTC]
 * @property {number} made [s since 1970, UTC]
 * @property {Hour[]} hours
 * @property {Advice[]} advice
 * @property {Greenest | null} greenest Null where carbon is not forecast, or hardly changes.
 * @property {import("./forecasts.js").Weather | null} weather
 * @property {string[]} models Their ids.
 *
 * @typedef {"best" | "good" | "usual" | "dear"} Grade
 */

const SAME = 0.05; // of a cent: less than that apart is no difference

/**
 * Hours by price between the cheapest and the dearest of the day; a day without difference has no best hour.
 *
 * @param {readonly Pick<Hour, "price">[]} hours
 * @returns {Grade[]}
 */
export function gradeHours(hours) {
  const prices = hours.map(({ price }) => price);
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  if (!(most - least > SAME)) return hours.map(() => "usual");
  return prices.map((price) => {
    const place = (price - least) / (most - least);
    return place <= 0.15 ? "best" : place <= 0.45 ? "good" : place <= 0.8 ? "usual" : "dear";
  });
}

/**
 * @param {readonly Grade[]} grades
 * @returns {{grade: Grade, from: number, until: number}[]} Hours in a row that have the same grade; `until` is one past the last.
 */
export function joinGrades(grades) {
  /** @type {{grade: Grade, from: number, until: number}[]} */
  const runs = [];
  grades.forEach((grade, i) => {
    const last = runs.at(-1);
    if (last?.grade === grade) last.until = i + 1;
    else runs.push({ grade, from: i, until: i + 1 });
  });
  return runs;
}

/**
 * How sure an advice is, in a word of three: a figure alone says little.
 *
 * @param {number} probability
 * @returns {"sure" | "likely" | "open"}
 */
export function sureness(probability) {
  return probability >= 0.9 ? "sure" : probability >= 0.7 ? "likely" : "open";
}

/**
 * Advice that is worth saying: what saves a cent at least, the most first.
 *
 * @param {readonly Advice[]} advice
 */
export function worthwhile(advice) {
  return advice.filter(({ saving }) => Math.round(saving) >= 1).toSorted((one, other) => other.saving - one.saving);
}
