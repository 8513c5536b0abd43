/** Decimals as people type them, with a comma or a point, to whole numbers and back; exact. */

/**
 * @param {string} text Such as `0,12` or `12.5`; blanks around it do not count.
 * @param {number} digits Decimal digits of the unit: `0.12` with 6 is 120000.
 * @returns {number | null} Null for what is no decimal, has more digits, or is negative.
 */
export function parseDecimal(text, digits) {
  const match = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = "", fraction = ""] = match;
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > digits) return null;
  return Number(whole + kept.padEnd(digits, "0"));
}

/**
 * @param {number} value Whole, at least zero.
 * @param {number} digits
 * @param {string} [point]
 * @returns {string} The shortest decimal that says the same: 125000 with 4 is `12.5`.
 */
export function writeShort(value, digits, point = ".") {
  const text = String(value).padStart(digits + 1, "0");
  const fraction = text.slice(text.length - digits).replace(/0+$/, "");
  return text.slice(0, text.length - digits) + (fraction && digits > 0 ? point + fraction : "");
}
