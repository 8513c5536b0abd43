/**
 * Civil time of a community: the days of a period, what somebody types as a local time, and how an instant is read there.
 *
 * @typedef {import("./figures.js").Locale} Locale
 */

const MINUTE = 60_000; // ms
const DAY = 86_400_000; // ms
const HOUR_SECONDS = 3600;

/**
 * @param {string} label Of a period, such as `2017-06` or `2017-06-01..2017-06-15`.
 * @returns {{first: string, until: string}} Its first civil date, and the one after its last.
 */
export function boundsOf(label) {
  const [first = "", last = first] = label.split("..");
  if (/^\d{4}-\d{2}$/.test(label)) {
    const [year = 0, month = 0] = label.split("-").map(Number);
    return { first: `${label}-01`, until: new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10) };
  }
  return { first, until: new Date(Date.parse(`${last}T00:00:00Z`) + DAY).toISOString().slice(0, 10) };
}

/**
 * @param {string} zone IANA name.
 * @returns {(milliseconds: number) => number} What the local clock is ahead of UTC by at an instant, to the minute [ms].
 */
function offsetsOf(zone) {
  const options = /** @type {const} */ ({ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" });
  const clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...options });
  return (milliseconds) => {
    const told = Object.fromEntries(clock.formatToParts(milliseconds).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = told;
    return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(milliseconds / MINUTE) * MINUTE;
  };
}

/**
 * @param {string} local Such as `2017-06-03T10:00`, as an input of type `datetime-local` gives it.
 * @param {string} zone IANA name.
 * @returns {number | null} The instant [s since 1970, UTC]; the first of the two where the clock shows that time twice, the one
 *   after the gap where it skips it; null for what is no time.
 */
export function instantOf(local, zone) {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(local)) return null;
  const shown = Date.parse(`${local}Z`);
  if (Number.isNaN(shown)) return null;
  const offset = offsetsOf(zone);
  const [before, after] = [offset(shown - DAY), offset(shown + DAY)];
  const found = [shown - before, shown - after].filter((instant) => instant + offset(instant) === shown);
  return (found.length > 0 ? Math.min(...found) : shown - before) / 1000;
}

/**
 * @param {string} zone IANA name.
 * @param {Locale} locale
 * @returns {(seconds: number) => string} Date and local time of an instant, such as `3 Jun 2017, 10:00`; with what the clock is
 *   ahead by where it shows that time twice.
 */
export function stampsOf(zone, locale) {
  const language = locale === "fr" ? "fr-FR" : "en-GB";
  const date = new Intl.DateTimeFormat(language, { timeZone: zone, day: "numeric", month: "short", year: "numeric" });
  const time = new Intl.DateTimeFormat(language, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const offset = offsetsOf(zone);
  return (seconds) => {
    const at = seconds * 1000;
    const here = offset(at);
    const twice = [-HOUR_SECONDS, HOUR_SECONDS].some((step) => offset(at + step * 1000) - here === -step * 1000);
    return `${date.format(at)}, ${time.format(at)}${twice ? ` (${writeOffset(here)})` : ""}`;
  };
}

/** @param {number} offset [ms] */
function writeOffset(offset) {
  const minutes = Math.abs(offset) / MINUTE;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return `UTC${offset < 0 ? "−" : "+"}${hours}:${rest}`;
}
