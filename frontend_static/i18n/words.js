/**
 * The words of the pages, in the language that was chosen.
 *
 * @typedef {import("../domain/figures.js").Locale} Locale
 * @typedef {keyof typeof en} Key
 */
import { en } from "./en.js";
import { fr } from "./fr.js";

/** @type {Record<Locale, Readonly<Record<string, string>>>} */
export const WORDS = { en, fr };

/** @type {Locale} */
let current = "en";

/** Tells `locale` when another language was chosen. */
export const locales = new EventTarget();

/** @returns {Locale} */
export function currentLocale() {
  return current;
}

/** @param {Locale} locale */
export function setLocale(locale) {
  current = locale;
  if (typeof document !== "undefined") document.documentElement.lang = locale;
  locales.dispatchEvent(new Event("locale"));
}

/**
 * @param {string} kept What was chosen before; empty for nothing.
 * @param {readonly string[]} preferred Languages of the browser, best first.
 * @returns {Locale}
 */
export function chooseLocale(kept, preferred) {
  if (kept === "en" || kept === "fr") return kept;
  for (const language of preferred) {
    const short = language.slice(0, 2).toLowerCase();
    if (short === "en" || short === "fr") return short;
  }
  return "en";
}

/**
 * @param {string} key
 * @returns {boolean}
 */
export function hasWords(key) {
  return Object.hasOwn(en, key);
}

/**
 * @param {Key | (string & {})} key
 * @param {Readonly<Record<string, string | number>>} [values] Put in place of `{name}`.
 * @param {Locale} [locale]
 * @returns {string} The words; the key itself where there are none, so that a gap is seen.
 */
export function say(key, values = {}, locale = current) {
  const words = WORDS[locale][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
