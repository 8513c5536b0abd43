/**
 * What this browser keeps between visits: language, theme, and what it saw of runs. Where storage is refused, for
 * instance in a private window, it keeps them until the page is closed.
 *
 * @typedef {"locale" | "theme" | "known" | "pins" | "deployment"} Name
 */
const PREFIX = "partage.";

/** @type {Map<string, string>} */
const fallback = new Map();

/**
 * @param {Name} name
 * @returns {string}
 */
export function readPreference(name) {
  try {
    return localStorage.getItem(PREFIX + name) ?? fallback.get(name) ?? "";
  } catch {
    return fallback.get(name) ?? "";
  }
}

/**
 * @param {Name} name
 * @param {string} value Empty to forget.
 */
export function keepPreference(name, value) {
  fallback.set(name, value);
  try {
    if (value) localStorage.setItem(PREFIX + name, value);
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // Kept in memory above.
  }
}
