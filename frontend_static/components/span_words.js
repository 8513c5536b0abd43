/** How long something lasts, in words. */
import { leftOf } from "../domain/proposals.js";
import { say } from "../i18n/words.js";

/**
 * @param {number} seconds
 * @param {import("../domain/figures.js").Locale} locale
 * @returns {string} Such as `2 days 3 h`.
 */
export function spanWords(seconds, locale) {
  if (seconds === 0) return say("span.none", {}, locale);
  const { unit, count, rest } = leftOf(seconds);
  const form = `${unit === "days" && count === 1 ? "day" : unit}${rest > 0 ? ".rest" : ""}`;
  return say(`left.${form}`, { count, rest }, locale);
}
