/**
 * What a proposal would change, before and after, as the language has it.
 *
 * @typedef {{field: string, place: string[], before: any, after: any, unit: string, words: Record<string, string>}} Difference
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {(key: string, values?: Record<string, string | number>) => string} Say Gives the key itself where there are no words.
 * @typedef {{what: string, before: string | null, after: string | null, sense: "up" | "down" | ""}} Told Null where there is no value.
 */
import { formatCount, formatMoney, formatPrice, formatRate } from "./figures.js";
import { isOfTerms } from "./terms.js";

const HOUR = 3600;
const DAY = 86_400;
/** Words of a field that mean something else there than elsewhere. */
const OWN = ["sharing_key.surplus_owner", "tariff.pricing", "tariff.seller", "tariff.billed_by", "conformity.rules.treatments", "conformity.rules.estimation.method"];

/** @param {string} field @param {string} value @param {Say} say @returns {string} */
export function choiceOf(field, value, say) {
  const key = OWN.includes(field) ? `choice.${field}.${value}` : `choice.${value}`;
  const words = say(key);
  return words === key ? say(`choice.${value}`) : words;
}

/** @param {number} seconds @param {Say} say */
function spanOf(seconds, say) {
  const [count, words] = seconds % DAY === 0 && seconds > 0 ? [seconds / DAY, "span.days"] : [seconds / HOUR, "span.hours"];
  return say(words, { count });
}

/**
 * @param {Difference} difference
 * @param {any} value Not null.
 * @param {Locale} locale
 * @param {Say} say
 * @param {(point: string) => string} name
 * @returns {string}
 */
function tell({ field, unit }, value, locale, say, name) {
  switch (unit) {
    case "choice":
      return choiceOf(field, value, say);
    case "choices":
      return value.map((/** @type {string} */ one) => choiceOf(field, one, say)).join(", ") || say("difference.nothing");
    case "flag":
      return say(value ? "difference.yes" : "difference.no");
    case "ppm":
      return formatRate(value, locale);
    case "micro_eur_per_kwh":
      return formatPrice(value, locale);
    case "cents":
      return formatMoney(value, locale);
    case "s":
      return spanOf(value, say);
    case "h":
      return say("span.hours", { count: formatCount(value, locale) });
    case "d":
      return say("span.days", { count: formatCount(value, locale) });
    case "min":
      return say("span.minutes", { count: formatCount(value, locale) });
    case "degrees":
      return `${formatCount(value, locale)}°`;
    case "W":
    case "Wh":
      return `${formatCount(value, locale)}\u00a0${unit}`;
    case "metering_points":
      return value.map(name).join(", ");
    case "tiers":
      return value
        .map((/** @type {any} */ tier, /** @type {number} */ i) =>
          say("difference.tier", { number: i + 1, method: choiceOf("", tier.method, say), who: tier.points.length > 0 ? tier.points.map(name).join(", ") : say("difference.rest") }),
        )
        .join("; ");
    case "account":
      return name(value);
    case "party":
      return say(`case.outcome.${value}`);
    default:
      return typeof value === "number" ? formatCount(value, locale) : String(value);
  }
}

/** @param {string} subject A rule, `habit` or `estimation`. @param {Say} say @returns {string} */
export function nameRule(subject, say) {
  return say(subject === "habit" || subject === "estimation" ? `conformity.rule.${subject}` : `readings.rule.${subject}`);
}

/** @param {string} subject @param {string} parameter @param {Say} say @returns {string} */
export function nameParameter(subject, parameter, say) {
  const own = `conformity.parameter.${subject.replaceAll("-", "_")}.${parameter}`;
  const words = say(own);
  return words === own ? say(`conformity.parameter.${parameter}`) : words;
}

/** @param {Difference} difference @param {Say} say @returns {string} What it is about; empty where it is not about terms of conformity. */
function termOf({ field, place }, say) {
  if (!isOfTerms({ field })) return "";
  if (place[0] !== undefined) return say(`difference.${field}`, { 0: nameRule(place[0], say) });
  const [table = "", parameter = ""] = field.split(".").slice(2);
  const subject = table.replaceAll("_", "-");
  return say("difference.conformity.rules.parameter", { rule: nameRule(subject, say), parameter: nameParameter(subject, parameter, say) });
}

/**
 * @param {Difference} difference
 * @param {Locale} locale
 * @param {Say} say
 * @param {(point: string) => string} [name] Of a metering point or account.
 * @returns {Told}
 */
export function tellDifference(difference, locale, say, name = (point) => point) {
  const { field, place, before, after, unit } = difference;
  const parts = place.map((part) => (field === "tariff.billed_by" ? choiceOf(field, part, say) : name(part)));
  const key = `difference.${field}`;
  const what = termOf(difference, say) || say(key, Object.fromEntries(parts.map((part, i) => [String(i), part])));
  const known = what !== key;
  const figures = typeof before === "number" && typeof after === "number" && unit !== "flag";
  return {
    what: known ? what : (difference.words[locale] ?? field),
    before: before === null || before === undefined ? null : tell(difference, before, locale, say, name),
    after: after === null || after === undefined ? null : tell(difference, after, locale, say, name),
    sense: figures ? (after > before ? "up" : "down") : "",
  };
}
