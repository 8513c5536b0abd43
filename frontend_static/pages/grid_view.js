/** The base of the parts of the page Grid: which network they are of, what is loading, and what stands where it failed. */
import { html } from "../vendor/lit.js";
import { Grid } from "../data/grid.js";
import { say } from "../i18n/words.js";
import { Localized } from "../components/localized.js";
import { noticeOf } from "../components/notice.js";

export class GridView extends Localized {
  static properties = { grid: { attribute: false }, structure: { attribute: false }, tree: { attribute: false }, element: {}, zone: {}, error: { state: true }, said: { state: true } };

  constructor() {
    super();
    /** @type {Grid | null} */
    this.grid = null;
    /** @type {import("../domain/grid_tree.js").Structure | null} */
    this.structure = null;
    /** @type {import("../domain/grid_tree.js").Tree | null} */
    this.tree = null;
    this.element = "";
    this.zone = "UTC";
    /** @type {unknown} */
    this.error = null;
    /** What was done last, in words. */
    this.said = "";
    /** @type {AbortController | null} */
    this.loading = null;
    this.retry = () => void this.begin();
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("grid") && this.grid) void this.begin();
  }

  /** Fetch what the part shows; whatever was on its way before is let go. */
  async begin() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.error = null;
    try {
      if (this.grid) await this.load(this.grid, loading.signal);
    } catch (error) {
      if (!loading.signal.aborted) this.error = error;
    }
  }

  /**
   * @param {Grid} _grid
   * @param {AbortSignal} _signal
   * @returns {Promise<void>}
   */
  async load(_grid, _signal) {
    throw new Error("a part of the grid loads what it shows");
  }

  /**
   * Do something there, then say so; what is refused is said too.
   *
   * @param {() => Promise<unknown>} act
   * @param {string} done Key of the words.
   */
  async act(act, done) {
    this.said = "";
    try {
      await act();
      this.said = say(done);
    } catch (error) {
      this.said = say("grid.refused", { detail: /** @type {any} */ (error)?.message ?? "" });
    }
  }

  /** @param {string} name @param {unknown} detail */
  send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  renderLoading() {
    return this.error ? noticeOf(this.error, this.retry) : html`<p class="soft" role="status">${say("loading")}…</p>`;
  }
}
