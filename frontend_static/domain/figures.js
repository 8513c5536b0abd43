/**
 * Energy, money and dates as each language writes them, as on the printed bill. Whole numbers go in; no rounding but the
 * one of the decimals that are shown, half away from zero.
 *
 * @typedef {"en" | "fr"} Locale
 */

const FIXED = "\u00a0";
const THOUSANDS = { en: ",", fr: "\u202f" };
const DECIMAL = { en: ".", fr: "," };
const LANGUAGE = { en: "en-GB", fr: "fr-FR" };
const MILLIWATT_HOUR_DIGITS = 6; // of a kilowatt-hour

/**
 * @param {number | bigint} value
 * @param {number} digits Decimal digits that `value` holds.
 * @param {number} shown Decimal digits to show, at most `digits`.
 * @returns {{negative: boolean, whole: string, fraction: string}}
 */
function splitDecimal(value, digits, shown) {
  const exact = BigInt(value);
  const unit = 10n ** BigInt(digits - shown);
  const size = ((exact < 0n ? -exact : exact) + unit / 2n) / unit;
  const text = size.toString().padStart(shown + 1, "0");
  const at = text.length - shown;
  return { negative: exact < 0n && size > 0n, whole: text.slice(0, at), fraction: text.slice(at) };
}

/**
 * @param {{negative: boolean, whole: string, fraction: string}} parts
 * @param {Locale} locale
 */
function joinDecimal({ negative, whole, fraction }, locale) {
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THOUSANDS[locale]);
  return `${negative ? "−" : ""}${grouped}${fraction ? DECIMAL[locale] + fraction : ""}`;
}

/**
 * @param {number | bigint} count
 * @param {Locale} locale
 */
export function formatCount(count, locale) {
  return joinDecimal(splitDecimal(count, 0, 0), locale);
}

/**
 * @param {number | bigint} milliwattHours
 * @param {Locale} locale
 * @param {number} [decimals] 0 to 6.
 * @returns {string} Such as `934.0 kWh`.
 */
export function formatEnergy(milliwattHours, locale, decimals = 1) {
  return `${joinDecimal(splitDecimal(milliwattHours, MILLIWATT_HOUR_DIGITS, decimals), locale)}${FIXED}kWh`;
}

/**
 * @param {number | bigint} cents
 * @param {Locale} locale
 * @returns {string} Such as `€46.16` or `46,16 €`.
 */
export function formatMoney(cents, locale) {
  const parts = splitDecimal(cents, 2, 2);
  const figure = joinDecimal({ ...parts, negative: false }, locale);
  const sign = parts.negative ? "−" : "";
  return locale === "fr" ? `${sign}${figure}${FIXED}€` : `${sign}€${figure}`;
}

/**
 * @param {number | bigint} picoEuro
 * @param {Locale} locale
 * @param {number} [decimals] 2 to 6.
 * @returns {string} Such as `€1.234568`: what energy is worth before it is rounded to a cent.
 */
export function formatValue(picoEuro, locale, decimals = 6) {
  const parts = splitDecimal(picoEuro, 12, decimals);
  const figure = joinDecimal(parts, locale);
  return locale === "fr" ? `${figure}${FIXED}€` : `€${figure}`;
}

/**
 * @param {number} microEuro Per kWh.
 * @param {Locale} locale
 * @returns {string} Such as `€0.12/kWh`: exact, at least two decimals.
 */
export function formatPrice(microEuro, locale) {
  const parts = splitDecimal(microEuro, 6, 6);
  const figure = joinDecimal({ ...parts, fraction: parts.fraction.replace(/0+$/, "").padEnd(2, "0") }, locale);
  return locale === "fr" ? `${figure}${FIXED}€/kWh` : `€${figure}/kWh`;
}

/**
 * @param {number} part
 * @param {number} whole
 * @param {Locale} locale
 * @returns {string} Whole percents; a small part is not called nothing.
 */
export function formatPercent(part, whole, locale) {
  const share = whole > 0 ? Number((200n * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole))) : 0;
  const figure = part > 0 && share === 0 ? "<1" : String(share);
  return locale === "fr" ? `${figure}${FIXED}%` : `${figure}%`;
}

/**
 * @param {number} partsPerMillion
 * @param {Locale} locale
 * @returns {string} Such as `5.5%`.
 */
export function formatRate(partsPerMillion, locale) {
  const parts = splitDecimal(partsPerMillion, 4, 4);
  const figure = joinDecimal({ ...parts, fraction: parts.fraction.replace(/0+$/, "") }, locale);
  return locale === "fr" ? `${figure}${FIXED}%` : `${figure}%`;
}

/**
 * @param {number} partsPerMillion Of a whole.
 * @param {Locale} locale
 * @returns {string} To a tenth of a percent; a little is not called nothing, and nearly all not all: `<0.1%`, `>99.9%`.
 */
export function formatShare(partsPerMillion, locale) {
  const tenths = Math.floor(partsPerMillion / 1000 + 0.5);
  const [sign, shown] = partsPerMillion > 0 && tenths === 0 ? ["<", 1] : partsPerMillion < 1e6 && tenths === 1000 ? [">", 999] : ["", tenths];
  return sign + formatRate(shown * 1000, locale);
}

/**
 * @param {number} partsPerMillion
 * @param {Locale} locale
 * @returns {string} Such as `9.9` or `0.14`: to two significant digits, whole from a hundred on.
 */
export function formatFactor(partsPerMillion, locale) {
  const decimals = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(Math.max(1, partsPerMillion) / 1e6))));
  const parts = splitDecimal(partsPerMillion, 6, decimals);
  return joinDecimal({ ...parts, fraction: parts.fraction.replace(/0+$/, "") }, locale);
}

/**
 * @param {number} watts
 * @param {Locale} locale
 * @returns {string} Such as `9 kW` or `6.9 kW`, exact.
 */
export function formatPower(watts, locale) {
  const parts = splitDecimal(watts, 3, 3);
  return `${joinDecimal({ ...parts, fraction: parts.fraction.replace(/0+$/, "") }, locale)}${FIXED}kW`;
}

/**
 * @param {number} grams
 * @param {Locale} locale
 */
export function formatKilograms(grams, locale) {
  return `${joinDecimal(splitDecimal(grams, 3, 1), locale)}${FIXED}kg`;
}

/**
 * @param {Date} date
 * @param {Locale} locale
 * @param {Intl.DateTimeFormatOptions} options
 */
function writeDate(date, locale, options) {
  return new Intl.DateTimeFormat(LANGUAGE[locale], { timeZone: "UTC", ...options }).format(date);
}

/**
 * @param {string} day ISO 8601 civil date.
 * @param {Locale} locale
 * @param {boolean} [withWeekday]
 * @returns {string} Such as `3 June 2017`, `1er juin 2017`.
 */
export function formatDay(day, locale, withWeekday = false) {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  const text = writeDate(date, locale, { day: "numeric", month: "long", year: "numeric" });
  const dated = locale === "fr" ? text.replace(/^1 /, "1er ") : text;
  return withWeekday ? `${writeDate(date, locale, { weekday: "long" })} ${dated}` : dated;
}

/**
 * @param {string} first ISO 8601 civil date.
 * @param {string} last Inclusive.
 * @param {Locale} locale
 * @returns {string} `June 2017` for a calendar month, else both dates, or the one.
 */
export function formatPeriod(first, last, locale) {
  const next = new Date(Date.parse(`${last}T00:00:00Z`) + 86_400_000).toISOString();
  if (first.endsWith("-01") && next.slice(8, 10) === "01" && first.slice(0, 7) === last.slice(0, 7)) {
    return writeDate(new Date(`${first}T00:00:00Z`), locale, { month: "long", year: "numeric" });
  }
  return first === last ? formatDay(first, locale) : `${formatDay(first, locale)} – ${formatDay(last, locale)}`;
}

/**
 * @param {string} label Such as `2017-06` or `2017-06-01..2017-06-15`.
 * @param {Locale} locale
 */
export function formatLabel(label, locale) {
  if (/^\d{4}-\d{2}$/.test(label)) {
    return writeDate(new Date(`${label}-01T00:00:00Z`), locale, { month: "long", year: "numeric" });
  }
  const [first = "", last = first] = label.split("..");
  return Number.isNaN(Date.parse(last)) ? label : formatPeriod(first, last, locale);
}

/**
 * @param {string} instant ISO 8601.
 * @param {string} timeZone IANA name.
 * @param {Locale} locale
 * @returns {string} Such as `21 November 2026, 03:34`.
 */
export function formatInstant(instant, timeZone, locale) {
  const date = new Date(instant);
  const day = writeDate(date, locale, { timeZone, day: "numeric", month: "long", year: "numeric" });
  return `${day}, ${writeDate(date, locale, { timeZone, hour: "2-digit", minute: "2-digit" })}`;
}

/**
 * @param {string} start As a verdict gives it: local time and its offset, `2017-06-03T10:00-08:00`.
 * @param {Locale} locale
 * @returns {string} The local time in words; text that is no time as it is.
 */
export function formatLocalStart(start, locale) {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})[+-]\d{2}:\d{2}$/.exec(start);
  return match?.[1] && match[2] ? `${formatDay(match[1], locale)}, ${match[2]}` : start;
}

/**
 * @param {string} hash 0x-hex.
 * @returns {string} The first six and the last four digits.
 */
export function shortHash(hash) {
  return hash.length > 14 ? `${hash.slice(0, 8)}…${hash.slice(-4)}` : hash;
}
