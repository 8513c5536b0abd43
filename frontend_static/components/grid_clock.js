/**
 * When one looks at a network: the day, the moment in it, and playing from moment to moment.
 *
 * @typedef {import("../domain/grid_time.js").Week} Week
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatDay } from "../domain/figures.js";
import { clocksOf, dayAfter, dayWithin, mondayOf, playOn, weekNumber } from "../domain/grid_time.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";
import "./week_strip.js";

const PACES = /** @type {const} */ ([
  ["slow", 300],
  ["normal", 120],
  ["fast", 40],
]); // ms for an interval

export class GridClock extends Localized {
  static properties = {
    start: { type: Number },
    step: { type: Number },
    count: { type: Number },
    at: { type: Number },
    zone: {},
    day: {},
    span: { attribute: false },
    weeks: { attribute: false },
    course: { attribute: false },
    measure: {},
    unit: {},
    waiting: { type: Boolean },
    halted: { type: Boolean },
    playing: { state: true },
    pace: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .moments {
        display: grid;
        grid-template-columns: auto 64px minmax(0, 1fr) auto;
        gap: 12px;
        align-items: center;
      }

      .moments button {
        width: 52px;
        padding: 0;
      }

      .time {
        font-size: 20px;
        font-weight: 650;
      }

      input[type="range"] {
        padding: 0;
        border: 0;
        accent-color: var(--brand);
        background: none;
      }

      .days {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: end;
      }

      .days button {
        width: 44px;
        padding: 0;
      }

      .days input {
        width: 170px;
      }

      .days select {
        width: 200px;
      }

      @media (max-width: 599px) {
        .moments {
          grid-template-columns: auto 64px minmax(0, 1fr);
        }

        .moments .pace {
          display: none;
        }

        .days input,
        .days select {
          width: auto;
          flex: 1 1 130px;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** Of the first interval [s since 1970, UTC]. */
    this.start = 0;
    /** [s] */
    this.step = 900;
    this.count = 0;
    this.at = 0;
    this.zone = "UTC";
    this.day = "";
    /** @type {{first: string, last: string}} */
    this.span = { first: "", last: "" };
    /** @type {Week[]} */
    this.weeks = [];
    /** How bad each week was; empty where it is not known. @type {import("./week_strip.js").WeekValue[]} */
    this.course = [];
    /** @type {import("../domain/grid_scale.js").Measure} */
    this.measure = "deviation";
    this.unit = "";
    /** Whether the day that follows is still on its way. */
    this.waiting = false;
    /** Whether the next day could not be fetched. */
    this.halted = false;
    /** Whether another day was asked for that is not there yet. */
    this.turning = false;
    this.playing = false;
    /** @type {"slow" | "normal" | "fast"} */
    this.pace = "normal";
    this.frame = 0;
    this.since = 0;
    this.drawnAt = 0;
  }

  disconnectedCallback() {
    this.stop();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("day") || changed.has("waiting")) this.turning = false;
    if (changed.has("halted") && this.halted) this.stop();
    if (changed.has("playing")) this.dispatchEvent(new CustomEvent("playing", { detail: this.playing }));
  }

  toggle() {
    if (this.playing) this.stop();
    else this.begin();
  }

  begin() {
    this.playing = true;
    this.since = 0;
    this.drawnAt = performance.now();
    if (this.at >= this.count - 1 && this.day >= this.span.last) this.moveTo(0); // the last moment there is: from the day's start again
    this.frame = requestAnimationFrame(this.next);
  }

  stop() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  /** One frame of playing. A day that has not come yet is waited for. @param {number} now [ms] */
  next = (now) => {
    if (!this.playing) return;
    this.frame = requestAnimationFrame(this.next);
    const elapsed = Math.min(1000, Math.max(0, now - this.drawnAt));
    this.drawnAt = now;
    if (this.waiting || this.turning || this.count === 0) return;
    const perInterval = (PACES.find(([name]) => name === this.pace)?.[1] ?? 120);
    const { at, since, ended } = playOn({ at: this.at, count: this.count, since: this.since }, { elapsed, perInterval });
    this.since = since;
    if (!ended) {
      if (at !== this.at) this.moveTo(at);
    } else if (this.day < this.span.last) this.chooseDay(dayAfter(this.day), true);
    else {
      this.moveTo(this.count - 1);
      this.stop();
    }
  };

  /** @param {number} at */
  moveTo(at) {
    this.at = at;
    this.dispatchEvent(new CustomEvent("moved", { detail: at }));
  }

  /** @param {string} day @param {boolean} [fromStart] Go on at its first moment, else at the same time of day. */
  chooseDay(day, fromStart = false) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return;
    const within = dayWithin(day, this.span);
    if (within === this.day) return;
    this.turning = true;
    this.dispatchEvent(new CustomEvent("day", { detail: { day: within, fromStart } }));
  }

  render() {
    return html`${this.renderMoments()} ${this.renderDays()}`;
  }

  renderMoments() {
    const time = clocksOf(this.zone)(this.start + this.at * this.step);
    return html`<div class="moments screen">
      <button type="button" aria-label=${say(this.playing ? "grid.clock.pause" : "grid.clock.play")} ?disabled=${this.count === 0} @click=${this.toggle}>
        ${icon(this.playing ? "pause" : "play")}
      </button>
      <span class="time" aria-hidden="true">${time}</span>
      <input
        type="range"
        min="0"
        max=${Math.max(0, this.count - 1)}
        .value=${String(this.at)}
        ?disabled=${this.count === 0}
        aria-label=${say("grid.clock.moment")}
        aria-valuetext=${time}
        @input=${(/** @type {any} */ event) => this.moveTo(Number(event.target.value))}
      />
      <div class="pace">
        <label class="hidden" for="pace">${say("grid.clock.pace")}</label>
        <select id="pace" @change=${(/** @type {any} */ event) => (this.pace = event.target.value)}>
          ${PACES.map(([name]) => html`<option value=${name} ?selected=${name === this.pace}>${say(`grid.clock.pace.${name}`)}</option>`)}
        </select>
      </div>
    </div>`;
  }

  renderDays() {
    const { day, span, weeks } = this;
    if (!day || span.first === span.last) return day ? html`<p class="small soft">${formatDay(day, this.locale, true)}. ${say("grid.clock.one_day")}</p>` : nothing;
    const monday = mondayOf(day);
    const openWeek = (/** @type {string} */ first) => this.chooseDay(dayWithin(dayAfter(first, (Date.parse(day) - Date.parse(monday)) / 86_400_000), span));
    return html`<div class="days screen">
      <button type="button" aria-label=${say("grid.clock.day_before")} ?disabled=${day <= span.first} @click=${() => this.chooseDay(dayAfter(day, -1))}>${icon("left")}</button>
      <div>
        <label class="hidden" for="day">${say("grid.clock.day")}</label>
        <input id="day" type="date" min=${span.first} max=${span.last} .value=${day} @change=${(/** @type {any} */ event) => this.chooseDay(event.target.value)} />
      </div>
      <button type="button" aria-label=${say("grid.clock.day_after")} ?disabled=${day >= span.last} @click=${() => this.chooseDay(dayAfter(day))}>${icon("right")}</button>
      ${weeks.length > 1
        ? html`<div>
            <label class="hidden" for="week">${say("grid.clock.week")}</label>
            <select id="week" @change=${(/** @type {any} */ event) => openWeek(event.target.value)}>
              ${weeks.map((week) => html`<option value=${week.monday} ?selected=${week.monday === monday}>${say("grid.clock.week.of", { week: weekNumber(week.monday), day: formatDay(week.monday, this.locale) })}</option>`)}
            </select>
          </div>`
        : nothing}
      </div>
      ${this.course.length > 1
        ? html`<partage-week-strip class="screen" .weeks=${this.course} .monday=${monday} .measure=${this.measure} .unit=${this.unit} .label=${say("grid.weeks.label")} @week=${(/** @type {CustomEvent} */ event) => openWeek(event.detail)}></partage-week-strip>`
        : nothing}`;
  }
}

customElements.define("partage-grid-clock", GridClock);
