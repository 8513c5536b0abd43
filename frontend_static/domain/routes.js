/**
 * Addresses of the pages, in the part after `#`.
 *
 * @typedef {"bill" | "energy" | "forecasts" | "operator" | "grid" | "provider" | "readings" | "community" | "verify" | "governance" | "disputes" |
 *   "account" | "sign-in"} PageName
 *
 * @typedef {object} Route
 * @property {PageName | ""} page Empty for the page that suits the visitor, and for an address that is not known.
 * @property {string} label The period, the subject of forecasts, the network, the community's id, the proposal's, the case's, or a part of the account; empty for the newest or only one.
 * @property {string} day A civil date within the period; empty for none.
 * @property {string} [item] Of forecasts: their target; of the pages of roles: a metering point or a customer; of the grid: what is looked at; of disputes: the period
 *   that one is about.
 * @property {string} [element] Of the grid: the element that was chosen.
 */

const PAGES = /** @type {const} */ (["bill", "energy", "forecasts", "operator", "grid", "provider", "readings", "community", "governance", "disputes", "account", "verify", "sign-in"]);
const GOVERNING = ["member", "governance", "auditor"];
const DISPUTING = ["operator", "provider", "arbiter"];
const METERING = ["operator", "provider"];
const WITH_ITEMS = ["forecasts", "operator", "grid", "provider", "disputes"];
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
  const [, name = "", label = "", day = "", element = ""] = hash.replace(/^#/, "").split("/");
  const page = PAGES.find((known) => known === name) ?? "";
  /** @type {Route} */
  const route = { page, label: page ? decode(label) : "", day: page === "energy" && DAY.test(day) ? day : "" };
  if (page === "grid") return { ...route, item: decode(day), element: decode(element) };
  return WITH_ITEMS.includes(page) ? { ...route, item: decode(day) } : route;
}

/**
 * @param {Readonly<{roles: readonly string[], participant: string | null}> | null} me Null for nobody.
 * @returns {PageName[]} The pages that somebody has use for, the first of them first.
 */
export function pagesOf(me) {
  /** @type {PageName[]} */
  const own = me?.participant ? ["bill", "energy", "forecasts"] : [];
  for (const role of /** @type {const} */ (["operator", "provider"])) if (me?.roles.includes(role)) own.push(role);
  if (me?.roles.includes("operator")) own.push("grid", ...(me.participant ? [] : /** @type {const} */ (["forecasts"])));
  if (me?.roles.some((role) => METERING.includes(role))) own.push("readings");
  if (me?.roles.some((role) => GOVERNING.includes(role))) own.push("governance");
  if (me && (me.participant || me.roles.some((role) => DISPUTING.includes(role)))) own.push("disputes");
  return [...own, "community", "verify"];
}

/**
 * @param {PageName} page
 * @param {string} [label]
 * @param {string} [day] Or an item.
 * @param {string} [element] Of the grid.
 * @returns {string} With `#`.
 */
export function writeRoute(page, label = "", day = "", element = "") {
  return `#/${[page, label, day, element].filter(Boolean).map(encodeURIComponent).join("/")}`;
}
