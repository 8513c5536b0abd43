/**
 * Addresses of the pages, in the part after `#`.
 *
 * @typedef {"bill" | "energy" | "community" | "verify" | "sign-in"} PageName
 *
 * @typedef {object} Route
 * @property {PageName | ""} page Empty for the page that suits the visitor, and for an address that is not known.
 * @property {string} label The period, or the community's id; empty for the newest or only one.
 * @property {string} day A civil date within the period; empty for none.
 */

const PAGES = /** @type {const} */ (["bill", "energy", "community", "verify", "sign-in"]);
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * @param {string} text
 * @returns {string} The same where it is well formed, else nothing.
 */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/**
 * @param {string} hash With or without `#`.
 * @returns {Route}
 */
export function parseRoute(hash) {
  const [, name = "", label = "", day = ""] = hash.replace(/^#/, "").split("/");
  const page = PAGES.find((known) => known === name) ?? "";
  return { page, label: page ? decode(label) : "", day: page === "energy" && DAY.test(day) ? day : "" };
}

/**
 * @param {PageName} page
 * @param {string} [label]
 * @param {string} [day]
 * @returns {string} With `#`.
 */
export function writeRoute(page, label = "", day = "") {
  return `#/${[page, label, day].filter(Boolean).map(encodeURIComponent).join("/")}`;
}
