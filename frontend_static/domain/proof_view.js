/**
 * A proof as people read it: checks in groups, failures with their place in order of use.
 *
 * @typedef {import("./verdict.js").Check} Check
 * @typedef {"chain" | "readings" | "allocation" | "bill" | "page"} GroupName
 * @typedef {{name: GroupName, ok: boolean, checks: Check[], count: number}} Group
 */

/** @type {readonly GroupName[]} */
const ORDER = ["readings", "allocation", "bill", "chain", "page"];

/** @type {readonly (readonly [RegExp, GroupName])[]} */
const GROUPS = [
  [/^(page|pin)\./, "page"],
  [/^(bill|class|band)\./, "bill"],
  [/^(reading\.|batch\.root|point\.|seat\.)/, "readings"],
  [/^(row|links|header|total|schedule|coefficient|run\.root|run\.conserves|run\.basis)/, "allocation"],
];

/**
 * @param {string} id Of a check.
 * @returns {GroupName}
 */
function groupOf(id) {
  return GROUPS.find(([pattern]) => pattern.test(id))?.[1] ?? "chain";
}

/**
 * @param {readonly Check[]} checks
 * @returns {Group[]} Those that have checks, in the order of the way: readings, shares, bill.
 */
export function groupChecks(checks) {
  return ORDER.map((name) => {
    const own = checks.filter((check) => groupOf(check.id) === name);
    return {
      ...{ name, checks: own, ok: own.every((check) => check.ok) },
      count: own.reduce((sum, check) => sum + check.count, 0),
    };
  }).filter((group) => group.checks.length > 0);
}

/**
 * The failures in the order in which they help: those that name an interval first, then those that name a line or amount,
 * then roots, which only say that something below them differs.
 *
 * @param {readonly Check[]} checks
 * @returns {Check[]}
 */
export function orderFailures(checks) {
  /** @param {Check} check */
  const rank = ({ id, place }) => {
    if (id.endsWith(".root")) return 3;
    if (place.start) return 0;
    return id.startsWith("page.") ? 2 : 1;
  };
  return checks.filter((check) => !check.ok).sort((a, b) => rank(a) - rank(b));
}

/**
 * What a check's values are, so that they carry their unit.
 *
 * @param {Check} check
 * @returns {"energy" | "money" | "price" | "value" | "plain"}
 */
export function kindOfValue({ id, place }) {
  if (/^(row\.value|header\.value|links\.(value|share))/.test(id)) return "value";
  if (/^(row\.(bound|allocation|credited|links)|links\.(energy|pairs)|header\.(own|allocated)|total\.|page\.energy|reading\.missing)/.test(id)) return "energy";
  if (/^(bill\.(line|debit|credit|vat)|page\.(amount|saving))/.test(id)) return "money";
  if (id === "page.document") return /rate_ppm$/.test(place.field) ? "plain" : "money";
  if (id === "page.point") return /\.(energy|allocated)$/.test(place.field) ? "energy" : "plain";
  if (id !== "page.line") return "plain";
  if (/\.quantity$/.test(place.field)) return "energy";
  if (/\.unit_price$/.test(place.field)) return place.what.endsWith("fee") ? "money" : "price";
  return /(^lines|\.amount|^amounts\.lines\[\d+\])$/.test(place.field) ? "money" : "plain";
}

/**
 * @param {string} what A place's name, such as `page energy, used`.
 * @returns {{key: string, name: string}} The key of its words, and the name of what varies within it.
 */
export function placeKey(what) {
  const match = /^(page energy), (.+)$/.exec(what);
  return match?.[1] && match[2] ? { key: `place.${match[1]}`, name: match[2] } : { key: `place.${what}`, name: "" };
}
