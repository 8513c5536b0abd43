/**
 * An entry of a network's timeline: what happened, how grave it is, where it stands, what was done about it, and doing something.
 *
 * @typedef {{number: number, action: string, by_name?: string, at_utc: number, text: string, until_utc: number | null}} EventChange
 *
 * @typedef {object} GridEventEntry
 * @property {string} id
 * @property {string} kind
 * @property {string} element
 * @property {"info" | "warning" | "critical"} severity
 * @property {string} rule
 * @property {"noted" | "open" | "acknowledged" | "silenced" | "resolved"} state
 * @property {number} at_utc
 * @property {number | null} end_utc
 * @property {number | null} silenced_until_utc
 * @property {number | null} worst
 * @property {string} [by_name]
 * @property {string} title
 * @property {any} data
 * @property {EventChange[]} changes
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { hasWords, say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import "./severity_pill.js";
import { sharedStyles } from "./shared_styles.js";

const HOURS = [1, 8, 24, 168];

export class GridEvent extends Localized {
  static properties = { entry: { attribute: false }, zone: {}, href: {}, opened: { state: true } };

  static styles = [
    sharedStyles,
    css`
      article {
        display: grid;
        gap: 8px;
        grid-template-columns: minmax(0, 1fr);
        padding: 12px 0;
        border-bottom: 1px solid var(--line);
      }

      h3 {
        overflow-wrap: anywhere;
      }

      form {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: end;
      }

      form input {
        flex: 1 1 200px;
        width: auto;
      }

      form select {
        width: auto;
      }

      form button {
        min-height: 44px;
      }

      .changes {
        display: grid;
        gap: 4px;
        padding-left: 16px;
        border-left: 3px solid var(--line);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {GridEventEntry | null} */
    this.entry = null;
    this.zone = "UTC";
    /** Where its element is shown; empty for nowhere. */
    this.href = "";
    this.opened = false;
  }

  /** @param {string} action @param {Record<string, unknown>} body */
  ask(action, body) {
    this.dispatchEvent(new CustomEvent("action", { detail: { id: this.entry?.id, action, body } }));
  }

  /** @param {string} action */
  press(action) {
    const form = /** @type {HTMLFormElement | null} */ (this.renderRoot.querySelector("form"));
    const told = form ? new FormData(form) : new FormData();
    const text = String(told.get("text") ?? "").trim();
    if (action === "comment" && !text) return void (/** @type {HTMLElement | null} */ (this.renderRoot.querySelector("input[name=text]"))?.focus());
    const until = Math.floor(Date.now() / 1000) + Number(told.get("hours") ?? 1) * 3600;
    this.ask(action, { text, ...(action === "silence" ? { until_utc: until } : {}) });
    form?.reset();
  }

  render() {
    const { entry } = this;
    if (!entry) return nothing;
    const stamp = stampsOf(this.zone, this.locale);
    const told = [stamp(entry.at_utc), ...(entry.end_utc ? [say("grid.event.until", { time: stamp(entry.end_utc) })] : []), say(`grid.event.kind.${entry.kind}`), ...(entry.by_name ? [entry.by_name] : [])];
    const until = entry.state === "silenced" && entry.silenced_until_utc ? ` ${say("grid.event.until", { time: stamp(entry.silenced_until_utc) })}` : "";
    return html`<article>
      <div class="row">
        <partage-severity-pill .state=${entry.severity}></partage-severity-pill>
        <span class="small"><b>${say(`grid.event.state.${entry.state}`)}</b>${until}</span>
        <span class="small soft">${told.join(" · ")}</span>
      </div>
      <h3>${this.titleOf(entry)}</h3>
      <div class="row small">
        ${entry.element ? (this.href ? html`<a href=${this.href}>${entry.element}</a>` : entry.element) : nothing}
        <button type="button" class="quiet" aria-expanded=${this.opened ? "true" : "false"} @click=${() => (this.opened = !this.opened)}>${say(isOpen(entry) ? "grid.event.more" : "grid.event.say", { count: entry.changes.length })}</button>
      </div>
      ${this.opened ? this.renderMore(entry, stamp) : nothing}
    </article>`;
  }

  /** An alarm in the reader's language; what else happened in the words that were noted. @param {GridEventEntry} entry */
  titleOf({ kind, element, title, worst, data }) {
    const { measure = "", limit, value, unit = "" } = data ?? {};
    if (kind !== "alarm" || !hasWords(`grid.alarm.${measure}`) || typeof limit !== "number") return title;
    const told = (/** @type {number | null} */ figure) => formatQuantity(figure, unit === "1" ? "" : unit, this.locale);
    return say(measure === "voltage_low" ? "grid.event.below" : "grid.event.above", { element, measure: say(`grid.alarm.${measure}`), value: told(worst ?? value ?? null), limit: told(limit) });
  }

  /** @param {GridEventEntry} entry @param {(seconds: number) => string} stamp */
  renderMore(entry, stamp) {
    return html`${entry.changes.length > 0
        ? html`<ul class="changes small">
            ${entry.changes.map((change) => html`<li>${stamp(change.at_utc)}: <b>${say(`grid.event.change.${change.action}`)}</b> ${change.by_name ?? nothing} ${change.text ? html`<span class="soft">“${change.text}”</span>` : nothing}</li>`)}
          </ul>`
        : nothing}
      <form class="screen" @submit=${(/** @type {Event} */ event) => (event.preventDefault(), this.press("comment"))}>
        <input name="text" maxlength="2000" aria-label=${say("grid.event.text")} placeholder=${say("grid.event.text")} />
        <button type="submit">${say("grid.event.comment")}</button>
        ${isOpen(entry)
          ? html`${entry.state === "open" ? html`<button type="button" @click=${() => this.press("acknowledge")}>${say("grid.event.acknowledge")}</button>` : nothing}
              <select name="hours" aria-label=${say("grid.event.hours")}>
                ${HOURS.map((hours) => html`<option value=${hours}>${say(`grid.event.hours.${hours}`)}</option>`)}
              </select>
              <button type="button" @click=${() => this.press("silence")}>${say("grid.event.silence")}</button>
              <button type="button" @click=${() => this.press("resolve")}>${say("grid.event.resolve")}</button>`
          : nothing}
      </form>`;
  }
}

/** Is there anything to do about it? @param {GridEventEntry} entry */
function isOpen({ state }) {
  return state !== "noted" && state !== "resolved";
}

customElements.define("partage-grid-event", GridEvent);
