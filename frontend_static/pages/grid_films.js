/**
 * The base of the page Grid: which day of which measure is shown, at which moment, and what is fetched ahead.
 *
 * @typedef {import("../domain/grid_frames.js").Film} Film
 * @typedef {import("../domain/grid_scale.js").Measure} Measure
 */
import { FrameShelf, Grid } from "../data/grid.js";
import { developFrames, worstAt, worstInterval } from "../domain/grid_frames.js";
import { dayAfter, dayOf, dayWithin, spanOfDay } from "../domain/grid_time.js";
import { Localized } from "../components/localized.js";

export class GridFilms extends Localized {
  static properties = {
    grid: { state: true },
    measure: { state: true },
    course: { state: true },
    film: { state: true },
    day: { state: true },
    waiting: { state: true },
    worst: { state: true },
    filmError: { state: true },
  };

  constructor() {
    super();
    /** @type {Grid | null} */
    this.grid = null;
    /** @type {Measure} */
    this.measure = "deviation";
    /** How bad each week was, where that is known. @type {import("../components/week_strip.js").WeekValue[]} */
    this.course = [];
    /** @type {Film | null} */
    this.film = null;
    this.day = "";
    /** The moment of the day; the stage tells it, and playing draws nothing here again. */
    this.at = 0;
    /** Whether another day is on its way. */
    this.waiting = false;
    /** The element that was worst on the day that was shown first: what one looks at before one chooses. */
    this.worst = "";
    /** The plan whose switches the map shows as made; empty for none. */
    this.plan = "";
    /** @type {unknown} */
    this.filmError = null;
    /** @type {FrameShelf | null} */
    this.shelf = null;
  }

  /** @returns {{first: string, last: string}} The civil days that there are series for; empty for none. */
  get span() {
    throw new Error("a page knows its days");
  }

  /** @returns {string} The time zone that they are told in. */
  get zone() {
    throw new Error("a page knows its time");
  }

  /** What a scale reaches to while two states are compared: the one that was shown before stays the measure. @param {Measure} measure */
  highest(measure) {
    return this.plan && this.film?.frames.measure === measure ? this.film.highest : undefined;
  }

  /** The day on which it was worst, where that is known; else the last. @param {Grid} grid */
  async worstDay(grid) {
    const { span, zone } = this;
    try {
      if ((await grid.summary()).state !== "done") return span.last;
      const { items } = await grid.ranking("element", "deviation", { limit: 1 });
      const start = items[0]?.worst_start;
      return start ? dayWithin(dayOf(start, zone), span) : span.last;
    } catch {
      return span.last; // nothing is ranked yet
    }
  }

  /** Show the network with a plan's switches made; empty for as it is. @param {string} plan */
  async comparePlan(plan) {
    if (plan === this.plan) return;
    this.plan = plan;
    if (this.day) await this.openMeasure(this.measure, this.day);
  }

  /** @param {Measure} measure @param {string} day */
  async openMeasure(measure, day) {
    const { grid, plan } = this;
    if (!grid) return;
    this.measure = measure;
    void this.openCourse(grid, measure);
    this.shelf = new FrameShelf(async (one) => developFrames(await grid.frames(spanOfDay(one, this.zone), measure, plan), this.highest(measure)));
    await this.openDay(day, null);
  }

  /** How the measure moved from week to week, where it was summed up. @param {Grid} grid @param {Measure} measure */
  async openCourse(grid, measure) {
    try {
      const items = (await grid.summary()).state === "done" ? (await grid.course("", measure)).items : [];
      if (this.grid === grid && this.measure === measure) this.course = items.map((/** @type {any} */ one) => ({ monday: one.key, mean: one.mean, worst: one.worst }));
    } catch {
      this.course = []; // the select of weeks is enough
    }
  }

  /**
   * @param {string} day
   * @param {number | null} moment [s since 1970, UTC]; null for the worst of the day where none was shown before.
   */
  async openDay(day, moment = null) {
    const { shelf } = this;
    if (!shelf) return;
    const isFirst = this.film === null;
    this.waiting = true;
    this.filmError = null;
    try {
      const film = /** @type {Film} */ (await shelf.take(day));
      if (this.shelf !== shelf) return;
      this.film = film;
      this.day = day;
      if (isFirst) this.worst = worstAt(film, worstInterval(film), 1)[0]?.element ?? "";
      if (moment !== null) this.at = Math.max(0, Math.floor((moment - film.frames.start) / film.frames.step_seconds));
      else if (isFirst) this.at = worstInterval(film);
      this.requestUpdate();
      if (day < this.span.last) void shelf.take(dayAfter(day)).catch(() => undefined); // what is asked for next is there by then
    } catch (error) {
      if (this.shelf === shelf) this.filmError = error;
    } finally {
      if (this.shelf === shelf) this.waiting = false;
    }
  }

  /** @param {{start: number}} moment */
  async showMoment({ start }) {
    await this.openDay(dayWithin(dayOf(start, this.zone), this.span), start);
  }
}
