/**
 * Where a network is unbalanced: what was worst, ranked; and the element that was chosen, over the day.
 *
 * @typedef {import("../components/grid_element.js").ElementSeries} ElementSeries
 * @typedef {import("../data/grid.js").Ranked} Ranked
 * @typedef {import("../data/grid.js").RankedBy} RankedBy
 * @typedef {import("../data/grid.js").Work} Work
 * @typedef {import("../domain/grid_scale.js").Measure} Measure
 */
import { html, nothing } from "../vendor/lit.js";
import { formatCount, formatDay } from "../domain/figures.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { OF_BUSES, UNITS } from "../domain/grid_scale.js";
import { spanOfDay } from "../domain/grid_time.js";
import { busesBehind, farBus, onePerRow, rowsOf } from "../domain/grid_tree.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/grid_element.js";
import "../components/grid_ranking.js";
import { noticeOf } from "../components/notice.js";
import { roleStyles, viewStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

const POLL_MILLISECONDS = 1000;
const LINKS_MOST = 12; // connections that are named one by one
const RANKS_MAX = 500; // of which one of each row of segments is shown

/** @param {Work | null} work */
const isOpen = (work) => work?.state === "running" || work?.state === "waiting";

export class GridImbalance extends GridView {
  static properties = {
    ...GridView.properties,
    measure: {},
    day: {},
    by: { state: true },
    items: { state: true },
    work: { state: true },
    rankFault: { state: true },
    series: { state: true },
    seriesError: { state: true },
  };

  static styles = [sharedStyles, roleStyles, viewStyles];

  constructor() {
    super();
    /** @type {Measure} */
    this.measure = "deviation";
    this.day = "";
    /** @type {RankedBy} */
    this.by = "element";
    /** @type {Ranked[] | null} */
    this.items = null;
    this.unit = "";
    /** @type {Work | null} */
    this.work = null;
    this.rankFault = "";
    /** @type {ElementSeries | null} */
    this.series = null;
    /** @type {unknown} */
    this.seriesError = null;
    this.timer = 0;
    /** What was asked for last: answers to what was asked before come too late. */
    this.asked = { rank: "", series: "" };
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (!changed.has("grid") && (changed.has("measure") || changed.has("by") || (changed.has("element") && this.by !== "element"))) void this.rank();
    if (changed.has("element") || changed.has("day") || changed.has("grid")) void this.look();
    // Whoever opens the page wants the worst places first, and need ask for nothing: where there are series, it begins.
    if (this.work?.state === "none" && this.day) void this.summarise();
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    this.items = null;
    this.work = await grid.summary(signal);
    if (signal.aborted) return;
    if (isOpen(this.work)) this.poll();
    if (this.work.state === "done") await this.rank();
  }

  /** Rank anew what is stored. */
  async rank() {
    const { grid, by, measure, element } = this;
    if (!grid || this.work?.state !== "done") return;
    const scope = by === "element" ? "" : element;
    const asked = JSON.stringify([grid.network, by, measure, scope]);
    this.asked.rank = asked;
    this.rankFault = "";
    try {
      const { items, unit } = await grid.ranking(by, measure, { element: scope, limit: RANKS_MAX });
      if (this.asked.rank !== asked) return;
      this.items = by === "element" ? this.thin(items) : items;
      this.unit = unit || UNITS[measure];
    } catch (error) {
      if (this.asked.rank === asked) this.rankFault = say("grid.refused", { detail: /** @type {any} */ (error)?.message ?? "" });
    }
  }

  /** @param {Ranked[]} items @returns {Ranked[]} One of each row of segments. */
  thin(items) {
    const { structure, tree, measure } = this;
    if (!structure || !tree) return items;
    const rows = rowsOf(structure, tree);
    const prefix = OF_BUSES.includes(measure) ? "bus " : "";
    return onePerRow(items, ({ key }) => rows.get(prefix + key));
  }

  async summarise() {
    this.work = { state: "waiting", progress: 0 };
    try {
      this.work = (await this.grid?.summarise()) ?? null;
      this.poll();
    } catch (error) {
      this.work = { state: "failed", progress: 0, problem: /** @type {any} */ (error)?.message ?? "" };
    }
  }

  /** Look again until it is done: it goes on when the page is left, and is found again. */
  poll() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(async () => {
      try {
        this.work = (await this.grid?.summary()) ?? null;
      } catch {
        // The next look may succeed.
      }
      if (isOpen(this.work)) this.poll();
      else {
        void this.rank();
        this.send("summarised", null);
      }
    }, POLL_MILLISECONDS);
  }

  /** Fetch the chosen element's series of the day. */
  async look() {
    const { grid, element, day } = this;
    const asked = JSON.stringify([grid?.network, element, day]);
    this.asked.series = asked;
    this.seriesError = null;
    if (!element) this.series = null;
    if (!grid || !element || !day) return;
    try {
      const series = await grid.series(element, spanOfDay(day, this.zone), this.loading?.signal);
      if (this.asked.series === asked) this.series = series;
    } catch (error) {
      if (this.asked.series === asked) this.seriesError = error;
    }
  }

  /** @param {import("../domain/grid_tree.js").GridConnection} connection @returns {import("../components/grid_element.js").Fact[]} */
  tellConnection({ bus, phases, metering_points: points, feeder, is_critical: critical }) {
    return [
      ["grid.plan.bus", bus],
      ["grid.plan.phase", phases],
      ["grid.orders.points", points.join(", ") || "–"],
      ["grid.element.feeder", feeder || "–"],
      ...(critical ? [/** @type {import("../components/grid_element.js").Fact} */ (["grid.outage.critical", say("grid.element.yes")])] : []),
    ];
  }

  /** @returns {{facts: import("../components/grid_element.js").Fact[], rated: number}} */
  get told() {
    const { structure, tree, element } = this;
    const connection = structure?.connections.find(({ id }) => id === element);
    if (connection) return { facts: this.tellConnection(connection), rated: 0 };
    const place = tree?.branches.findIndex(({ id }) => id === element) ?? -1;
    const branch = tree?.branches[place];
    if (!structure || !tree || !branch) return { facts: [], rated: 0 };
    const far = farBus(tree, place);
    const behind = new Set(far < 0 ? [] : busesBehind(tree, far).map((bus) => structure.buses[bus]?.id));
    const connections = structure.connections.filter(({ bus }) => behind.has(bus));
    const byPhase = ["L1", "L2", "L3"].map((phase) => `${phase} ${connections.filter(({ phases }) => phases === phase).length}`);
    const shared = connections.filter(({ phases }) => !["L1", "L2", "L3"].includes(phases)).length;
    const segment = structure.segments.find(({ id }) => id === element);
    const transformer = structure.transformers.find(({ id }) => id === element);
    /** @type {import("../components/grid_element.js").Fact[]} */
    const facts = [
      ["grid.element.ends", `${structure.buses[branch.from]?.id} – ${structure.buses[branch.to]?.id}`],
      ["grid.element.behind", formatCount(connections.length, this.locale)],
      ["grid.element.by_phase", [...byPhase, ...(shared > 0 ? [say("grid.element.three_phase", { count: shared })] : [])].join(" · ")],
    ];
    if (segment) facts.push(["grid.element.length", formatQuantity(segment.length_metres, "m", this.locale)]);
    if (segment && segment.rated_amperes > 0) facts.push(["grid.element.rated", formatQuantity(segment.rated_amperes, "A", this.locale, 0)]);
    if (transformer) facts.push(["grid.element.rated", formatQuantity(transformer.rated_volt_amperes / 1000, "kVA", this.locale, 0)]);
    const few = connections.length > 0 && connections.length <= LINKS_MOST;
    if (few) facts[1] = ["grid.element.behind", html`${connections.map(({ id }) => html`<a href=${writeRoute("grid", this.grid?.network ?? "", "imbalance", id)}>${id}</a> `)}`];
    if (connections.some((one) => one.is_critical)) facts.push(["grid.element.critical", connections.filter((one) => one.is_critical).map(({ id }) => id).join(", ")]);
    return { facts, rated: segment?.rated_amperes ?? 0 };
  }

  render() {
    return html`${this.renderElement()}
      <section class="card">
        <h2>${say("grid.rank.title", { measure: say(`grid.measure.${this.measure}`) })}</h2>
        ${this.error
          ? noticeOf(this.error, this.retry)
          : html`<partage-grid-ranking
              .by=${this.by}
              .items=${this.items}
              .unit=${this.unit}
              .work=${this.work}
              .fault=${this.rankFault}
              .chosen=${this.element}
              .scope=${this.element}
              .means=${this.measure === "voltage" ? say("grid.rank.voltage") : ""}
              .zone=${this.zone}
              @by=${(/** @type {CustomEvent} */ event) => ((this.items = null), (this.by = event.detail))}
              @chosen=${(/** @type {CustomEvent} */ event) => this.send("chosen", event.detail.key)}
              @moment=${(/** @type {CustomEvent} */ event) => this.send("moment", { start: event.detail.worst_start })}
              @summarise=${() => void this.summarise()}
            ></partage-grid-ranking>`}
      </section>`;
  }

  renderElement() {
    const { element, day, grid } = this;
    if (!element) return html`<section class="card"><h2>${say("grid.element.title")}</h2><p class="soft">${say("grid.element.choose")}</p></section>`;
    const { facts, rated } = this.told;
    const name = grid?.network ?? "";
    const isBranch = this.tree?.branches.some(({ id }) => id === element) ?? false;
    const isForecast = [...(this.structure?.transformers ?? []), ...(this.structure?.connections ?? []).filter(({ metering_points: points }) => points.length > 0)].some(({ id }) => id === element);
    return html`<section class="card">
      <div class="row spread">
        <h2 id="element" tabindex="-1">${say("grid.element.of", { element, day: day ? formatDay(day, this.locale) : "" })}</h2>
        <div class="row screen">
          ${isBranch ? html`<a class="button" href=${writeRoute("grid", name, "switching", element)}>${say("grid.element.balance")}</a>` : nothing}
          ${isBranch ? html`<a class="button" href=${writeRoute("grid", name, "outage", element)}>${say("grid.element.outage")}</a>` : nothing}
          ${isForecast ? html`<a class="button" href=${writeRoute("grid", name, "forecasts", element)}>${say("grid.element.ahead")}</a>` : nothing}
        </div>
      </div>
      ${this.seriesError
        ? noticeOf(this.seriesError, () => void this.look())
        : html`<partage-grid-element .series=${this.series} .facts=${facts} .rated=${rated} .element=${element} .zone=${this.zone}></partage-grid-element>`}
      ${day ? nothing : html`<p class="soft">${say("grid.series.none.help")}</p>`}
    </section>`;
  }
}

customElements.define("partage-grid-imbalance", GridImbalance);
