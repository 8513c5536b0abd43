/**
 * Figures of the grid as each language writes them: measured quantities, to as many digits as they are worth.
 *
 * @typedef {import("./figures.js").Locale} Locale
 */

const FIXED = "\u00a0";
const LANGUAGE = { en: "en-GB", fr: "fr-FR" };
const DIGITS = 3; // significant, below a thousand
/** @type {Readonly<Record<string, number>>} Decimals of units that are always told to the same place. */
const DECIMALS = { pu: 3, "°C": 0, V: 1 };

/**
 * @param {number} value
 * @param {string} unit
 */
function decimalsOf(value, unit) {
  const fixed = DECIMALS[unit];
  if (fixed !== undefined) return fixed;
  const size = Math.abs(value);
  if (size < 0.005) return 0;
  return Math.max(0, Math.min(2, DIGITS - 1 - Math.floor(Math.log10(size))));
}

/**
 * @param {number | null | undefined} value
 * @param {string} unit Empty for a bare number.
 * @param {Locale} locale
 * @param {number} [decimals]
 * @returns {string} Such as `12.4 kW`; a dash where it is not known.
 */
export function formatQuantity(value, unit, locale, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const places = decimals ?? decimalsOf(value, unit);
  const figure = new Intl.NumberFormat(LANGUAGE[locale], { minimumFractionDigits: places, maximumFractionDigits: places }).format(value);
  const text = /^-0([.,]0+)?$/.test(figure) ? figure.slice(1) : figure.replace("-", "−");
  if (unit === "") return text;
  return unit === "%" && locale === "en" ? `${text}%` : `${text}${FIXED}${unit}`;
}

/**
 * @param {number} before
 * @param {number} after
 * @param {Locale} locale
 * @returns {string} By how much it changed, such as `−75%`.
 */
export function formatChange(before, after, locale) {
  if (!(before > 0)) return "–";
  const share = Math.round(((after - before) / before) * 100);
  return `${share > 0 ? "+" : ""}${formatQuantity(share, "%", locale, 0)}`;
}
