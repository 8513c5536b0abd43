/**
 * Tables as CSV (RFC 4180) for a spreadsheet: figures exact, and no cell that a spreadsheet would run as a formula.
 */

const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/;
const FIGURE = /^-?\d+(\.\d+)?$/;

/**
 * @param {string | number | bigint} cell
 * @returns {string} The cell, quoted where it must be; text that a spreadsheet would run is led by an apostrophe.
 */
export function writeCell(cell) {
  const text = String(cell);
  const safe = FORMULA.test(text) && !FIGURE.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * @param {readonly (readonly (string | number | bigint)[])[]} rows The heading first.
 * @returns {string}
 */
export function writeCsv(rows) {
  return rows.map((row) => `${row.map(writeCell).join(",")}\r\n`).join("");
}

/**
 * @param {number | bigint} value Whole.
 * @param {number} digits Decimal digits that it holds, at least one.
 * @returns {string} The exact decimal, with a point whatever the language: `934016841` with 6 is `934.016841`.
 */
export function writeDecimal(value, digits) {
  const exact = BigInt(value);
  const text = (exact < 0n ? -exact : exact).toString().padStart(digits + 1, "0");
  return `${exact < 0n ? "-" : ""}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * @param {readonly string[]} parts Such as community, period and what is in it; empty ones are left out.
 * @param {string} extension Without a dot.
 * @returns {string} A name that every file system takes.
 */
export function fileName(parts, extension) {
  const words = parts.filter(Boolean).map((part) => part.replace(/[^A-Za-z0-9._@-]+/g, "-").replace(/^[.-]+/, ""));
  return `${words.filter(Boolean).join("-")}.${extension}`;
}
