/** What is said of a case in several places: its title, its time, what runs until when. */
import { html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { deadlineOf } from "../domain/cases.js";
import { say } from "../i18n/words.js";
import "./countdown.js";

/** @typedef {import("../domain/cases.js").Case} Case */

/**
 * @param {{start: string, end: string}} span
 * @param {string} zone
 * @param {import("../domain/figures.js").Locale} locale
 * @returns {string} Such as `3 Jun 2017, 10:00 – 12:00`; the day of the end where it is another one.
 */
export function spanOf({ start, end }, zone, locale) {
  const stamp = stampsOf(zone, locale);
  const [from, until] = [start, end].map((instant) => stamp(Date.parse(instant) / 1000));
  const [day = "", ...rest] = (until ?? "").split(", ");
  return from?.startsWith(`${day}, `) ? `${from} – ${rest.join(", ")}` : `${from} – ${until}`;
}

/** @param {Case} found @param {string} zone @param {() => void} passed */
export function renderDeadline(found, zone, passed) {
  const until = deadlineOf(found);
  if (!until) return nothing;
  return html`<partage-countdown .until=${until} .words=${`case.left.${found.state}`} .past=${`case.over.${found.state}`} .zone=${zone} @passed=${passed}></partage-countdown>`;
}

/**
 * @param {string} party
 * @param {string | null} you Who reads.
 * @returns {string} Such as `The grid operator (you)`.
 */
export function partyWords(party, you = null) {
  return party === you ? say("case.party.you", { party: say(`case.party.${party}`) }) : say(`case.party.${party}`);
}
