/**
 * Grid: a network drawn, played through the day, and asked what is wrong with it and what to do.
 *
 * @typedef {import("../data/grid.js").NetworkCard} NetworkCard
 * @typedef {import("../domain/grid_layout.js").Layout} Layout
 * @typedef {import("../domain/grid_tree.js").Structure} Structure
 * @typedef {import("../domain/grid_tree.js").Tree} Tree
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { Grid, askNetworks } from "../data/grid.js";
import { formatCount, formatDay } from "../domain/figures.js";
import { hasPlaces, layOutNetwork } from "../domain/grid_layout.js";
import { MEASURES } from "../domain/grid_scale.js";
import { dayOf, daysOfSpan, weeksOf } from "../domain/grid_time.js";
import { walkNetwork } from "../domain/grid_tree.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/grid_stage.js";
import { noticeOf } from "../components/notice.js";
import { roleStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import "./grid_events.js";
import { GridFilms } from "./grid_films.js";
import "./grid_forecasts.js";
import "./grid_hosting.js";
import "./grid_imbalance.js";
import "./grid_orders.js";
import "./grid_outage.js";
import "./grid_phases.js";
import "./grid_settings.js";
import "./grid_switching.js";
import "./grid_transformers.js";

const VIEWS = /** @type {const} */ (["imbalance", "switching", "transformers", "forecasts", "hosting", "outage", "phases", "events", "settings"]);
const SHEETS = "orders"; // of a plan: a look that no link of these leads to
const WITH_MAP = ["imbalance", "switching", "outage"];

/** @param {NetworkCard} card */
function measuredOf({ series }) {
  return series?.measured ?? 0;
}

export class GridPage extends GridFilms {
  static properties = {
    ...GridFilms.properties,
    community: {},
    network: {},
    view: {},
    element: {},
    allowed: { type: Boolean },
    place: { state: true },
    networks: { state: true },
    structure: { state: true },
    marks: { state: true },
    dimmed: { state: true },
    layout: { state: true },
    error: { state: true },
  };

  static styles = [
    sharedStyles,
    roleStyles,
    css`
      .views {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        border-bottom: 1px solid var(--line);
      }

      .views a {
        padding: 10px;
        border-radius: var(--radius-small) var(--radius-small) 0 0;
        color: var(--ink-soft);
        font-weight: 550;
        text-decoration: none;
      }

      .views a:hover {
        background: var(--sunken);
      }

      .views a[aria-current="page"] {
        color: var(--brand);
        box-shadow: inset 0 -3px 0 var(--brand);
      }

      .chooser {
        min-width: 220px;
      }

      .controls {
        display: flex;
        flex-wrap: wrap;
        gap: 12px;
        align-items: end;
      }

      .controls > div {
        flex: 0 1 280px;
      }

      @media (max-width: 599px) {
        .views {
          flex-wrap: nowrap;
          overflow-x: auto;
        }

        .views a {
          white-space: nowrap;
        }

        .controls > div,
        .chooser {
          flex: 1 1 100%;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.community = "";
    this.network = "";
    this.view = "";
    this.element = "";
    this.allowed = false;
    /** @type {{name: string, zone: string} | null} */
    this.place = null;
    /** @type {NetworkCard[] | null} */
    this.networks = null;
    /** @type {Structure | null} */
    this.structure = null;
    /** @type {Tree | null} */
    this.tree = null;
    /** @type {Layout | null} */
    this.layout = null;
    /** @type {ReadonlyMap<string, string>} */
    this.marks = new Map();
    /** @type {ReadonlySet<number>} */
    this.dimmed = new Set();
    /** @type {unknown} */
    this.error = null;
    /** @type {AbortController | null} */
    this.loading = null;
    this.retry = () => void this.load();
  }

  disconnectedCallback() {
    this.loading?.abort();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if ((changed.has("community") || changed.has("allowed")) && this.allowed && this.community) void this.load();
    else if (changed.has("network") && this.networks && this.card && this.card.name !== this.grid?.network) void this.openNetwork();
    if (changed.has("view")) {
      this.marks = new Map();
      this.dimmed = new Set();
    }
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has("view") && !changed.has("structure")) return;
    const link = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".views [aria-current=page]"));
    if (link?.parentElement) link.parentElement.scrollLeft = link.offsetLeft - link.parentElement.offsetLeft - 16; // on a phone, where not all fit
  }

  /** @returns {NetworkCard | undefined} The network of the address; without one, that of which most is measured. */
  get card() {
    const { networks, network } = this;
    return network ? networks?.find(({ name }) => name === network) : networks?.toSorted((one, other) => measuredOf(other) - measuredOf(one))[0];
  }

  /** @returns {typeof VIEWS[number] | "orders"} */
  get shownView() {
    if (this.view === SHEETS) return SHEETS;
    return VIEWS.find((view) => view === this.view) ?? "imbalance";
  }

  /** What one looks at. */
  get looked() {
    return this.element || this.worst;
  }

  /** The line, switch or transformer that one looks at; of a connection, none. */
  get branch() {
    return this.tree?.branches.some(({ id }) => id === this.looked) ? this.looked : "";
  }

  /** The civil days that there are series for. */
  get span() {
    const { card } = this;
    return (card?.series && daysOfSpan(card.series, this.zone)) || { first: "", last: "" };
  }

  /** The time that its series are told in: their own, else the community's. */
  get zone() {
    return this.card?.series?.time_zone || this.place?.zone || "UTC";
  }

  async load() {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    const { signal } = loading;
    this.error = this.networks = null;
    try {
      const [card, networks] = await Promise.all([ask(`/public/communities/${encodeURIComponent(this.community)}`, { signal }), askNetworks(this.community, signal)]);
      if (signal.aborted) return;
      this.place = { name: card.name, zone: card.time_zone };
      this.networks = networks;
      if (this.card) await this.openNetwork();
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }

  async openNetwork() {
    const { card, place } = this;
    if (!card || !place) return;
    const grid = new Grid(this.community, card.name);
    Object.assign(this, { grid, structure: null, tree: null, layout: null, film: null, day: "", worst: "", plan: "", course: [], marks: new Map(), dimmed: new Set(), error: null });
    try {
      const structure = await grid.structure(this.loading?.signal);
      if (this.grid !== grid) return;
      const tree = walkNetwork(structure);
      Object.assign(this, { structure, tree, layout: layOutNetwork(structure, tree) });
      const { last } = this.span;
      if (last) await this.openMeasure("deviation", await this.worstDay(grid));
    } catch (error) {
      if (this.grid === grid) this.error = error;
    }
  }

  /** @param {string} element */
  choose(element) {
    location.hash = writeRoute("grid", this.card?.name ?? "", this.shownView, element);
  }

  render() {
    const title = html`<h1>${say("grid.title")}</h1>`;
    if (!this.allowed) {
      return html`<div class="page">${title}<partage-notice kind="error" .heading=${say("role.forbidden.title")} .text=${say("role.forbidden.operator")}></partage-notice></div>`;
    }
    if (this.error) return html`<div class="page">${title}${noticeOf(this.error, this.retry)}</div>`;
    const { networks, place, card } = this;
    if (!networks || !place) return html`<div class="page">${title}<partage-notice kind="loading" .heading=${say("grid.loading")}></partage-notice></div>`;
    if (networks.length === 0) return html`<div class="page">${title}<partage-notice kind="empty" .heading=${say("grid.empty.title")} .text=${say("grid.empty")}></partage-notice></div>`;
    if (!card) return html`<div class="page">${title}<partage-notice kind="empty" .heading=${say("grid.unknown.title")} .text=${say("grid.unknown", { network: this.network })}></partage-notice></div>`;
    const counts = Object.fromEntries(/** @type {const} */ (["segments", "transformers", "connections"]).map((name) => [name, formatCount(card[name], this.locale)]));
    return html`<div class="page">
      <header class="stack ${this.shownView === SHEETS ? "screen" : ""}">
        <div class="row spread">
          <div>
            <p class="soft small">${place.name}</p>
            ${title}
          </div>
          ${this.renderNetworks(networks, card)}
        </div>
        <p class="soft">${say("grid.lead", counts)} ${this.tellSeries(card)}</p>
      </header>
      <nav class="views screen" aria-label=${say("grid.views")}>
        ${VIEWS.map((view) => html`<a href=${writeRoute("grid", card.name, view, this.element)} aria-current=${view === this.shownView ? "page" : "false"}>${say(`grid.view.${view}`)}</a>`)}
      </nav>
      ${this.structure ? html`${WITH_MAP.includes(this.shownView) ? this.renderStage(this.structure) : nothing} ${this.renderView()}` : html`<partage-notice kind="loading" .heading=${say("grid.loading")}></partage-notice>`}
      ${this.structure ? this.renderNotes(this.structure, card) : nothing}
      <p class="small soft screen">${say("role.logged")}</p>
    </div>`;
  }

  /** Where the network is from, and what was not carried over. @param {Structure} structure @param {NetworkCard} card */
  renderNotes({ notes }, { source_format: format, loaded_utc: loaded }) {
    const told = Object.values(notes);
    return html`<details class="screen small soft">
      <summary>${say("grid.notes", { network: this.card?.name ?? "" })}</summary>
      <p>${say("grid.notes.loaded", { format, day: formatDay(dayOf(loaded, this.zone), this.locale) })}</p>
      ${told.map((note) => html`<p>${note}</p>`)}
    </details>`;
  }

  /** @param {NetworkCard[]} networks @param {NetworkCard} card */
  renderNetworks(networks, card) {
    if (networks.length < 2) return html`<p class="soft">${card.name}</p>`;
    return html`<div class="chooser screen">
      <label class="hidden" for="network">${say("grid.network")}</label>
      <select id="network" @change=${(/** @type {any} */ event) => (location.hash = writeRoute("grid", event.target.value, this.shownView))}>
        ${networks.map(({ name }) => html`<option value=${name} ?selected=${name === card.name}>${name}</option>`)}
      </select>
    </div>`;
  }

  /** @param {NetworkCard} card */
  tellSeries({ series }) {
    if (!series || !this.span.first) return say("grid.series.none");
    const [from, to] = [formatDay(this.span.first, this.locale), formatDay(this.span.last, this.locale)];
    const days = from === to ? say("grid.series.day", { day: from }) : say("grid.series.days", { from, to });
    const origins = { measured: formatCount(series.measured, this.locale), profiled: formatCount(series.profiled, this.locale), unknown: formatCount(series.unknown, this.locale) };
    return `${days} ${say("grid.series.origins", origins)}`;
  }

  /** @param {Structure} structure */
  renderStage(structure) {
    const { span, film } = this;
    const kinds = /** @type {const} */ (["map", "scheme"]);
    const chooseKind = (/** @type {any} */ event) => (this.layout = this.tree && layOutNetwork(structure, this.tree, event.target.value));
    return html`<section class="card" id="stage">
      <h2>${say("grid.stage")}</h2>
      <div class="controls screen">
        <div>
          <label for="measure">${say("grid.measure")}</label>
          <select id="measure" @change=${(/** @type {any} */ event) => void this.openMeasure(event.target.value, this.day || span.last)}>
            ${MEASURES.map((measure) => html`<option value=${measure} ?selected=${measure === this.measure}>${say(`grid.measure.${measure}`)}</option>`)}
          </select>
        </div>
        ${hasPlaces(structure)
          ? html`<div>
              <label for="kind">${say("grid.layout")}</label>
              <select id="kind" @change=${chooseKind}>
                ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === this.layout?.kind}>${say(`grid.layout.${kind}`)}</option>`)}
              </select>
            </div>`
          : nothing}
      </div>
      <p class="small soft">${say(`grid.measure.${this.measure}.means`)}</p>
      ${this.filmError ? noticeOf(this.filmError, () => void this.openMeasure(this.measure, this.day || span.last)) : nothing}
      ${span.first ? nothing : html`<p class="soft">${say("grid.series.none.help")}</p>`}
      <partage-grid-stage
        .structure=${structure}
        .tree=${this.tree}
        .layout=${this.layout}
        .film=${film}
        .chosen=${this.looked}
        .marks=${this.marks}
        .dimmed=${this.dimmed}
        .zone=${this.zone}
        .day=${this.day}
        .span=${span}
        .weeks=${span.first ? weeksOf(span.first, span.last) : []}
        .waiting=${this.waiting}
        .halted=${this.filmError !== null}
        .at=${this.at}
        .course=${this.course}
        @moved=${(/** @type {CustomEvent} */ event) => (this.at = event.detail)}
        @chosen=${(/** @type {CustomEvent} */ event) => this.choose(event.detail)}
        @day=${(/** @type {CustomEvent} */ event) => void this.openDay(event.detail)}
      ></partage-grid-stage>
    </section>`;
  }

  renderView() {
    const { grid, structure, tree, looked: element, zone } = this;
    const choose = (/** @type {CustomEvent} */ event) => this.choose(event.detail);
    const mark = (/** @type {CustomEvent} */ event) => (this.marks = event.detail);
    const dim = (/** @type {CustomEvent} */ event) => (this.dimmed = event.detail);
    const compare = (/** @type {CustomEvent} */ event) => void this.comparePlan(event.detail);
    switch (this.shownView) {
      case "orders":
        return html`<partage-grid-orders .grid=${grid} .structure=${structure} .tree=${tree} .element=${this.element} .zone=${zone}></partage-grid-orders>`;
      case "switching":
        return html`<partage-grid-switching .grid=${grid} .structure=${structure} .tree=${tree} .element=${(this.element && this.branch) || structure?.transformers[0]?.id || this.branch} .picked=${this.branch ? "" : this.element} .step=${this.card?.series?.step_seconds ?? 0} .zone=${zone} @marks=${mark} @compare=${compare} @chosen=${choose}></partage-grid-switching>`;
      case "transformers":
        return html`<partage-grid-transformers .grid=${grid} .structure=${structure} .tree=${tree} .element=${element} .zone=${zone}></partage-grid-transformers>`;
      case "forecasts":
        return html`<partage-grid-forecasts .grid=${grid} .structure=${structure} .tree=${tree} .element=${element} .zone=${zone}></partage-grid-forecasts>`;
      case "hosting":
        return html`<partage-grid-hosting .grid=${grid} .structure=${structure} .tree=${tree} .element=${element} .zone=${zone}></partage-grid-hosting>`;
      case "outage":
        return html`<partage-grid-outage .grid=${grid} .structure=${structure} .tree=${tree} .element=${this.branch} .zone=${zone} @dimmed=${dim} @chosen=${choose}></partage-grid-outage>`;
      case "phases":
        return html`<partage-grid-phases .grid=${grid} .structure=${structure} .tree=${tree} .element=${element} .zone=${zone}></partage-grid-phases>`;
      case "events":
        return html`<partage-grid-events .grid=${grid} .structure=${structure} .tree=${tree} .element=${element} .zone=${zone}></partage-grid-events>`;
      case "settings":
        return html`<partage-grid-settings .grid=${grid} .structure=${structure} .tree=${tree} .element=${element} .zone=${zone}></partage-grid-settings>`;
      default:
        return html`<partage-grid-imbalance
          .grid=${grid}
          .structure=${structure}
          .tree=${tree}
          .element=${element}
          .measure=${this.measure}
          .day=${this.day}
          .zone=${zone}
          @chosen=${choose}
          @summarised=${() => void this.openCourse(/** @type {Grid} */ (grid), this.measure)}
          @moment=${(/** @type {CustomEvent} */ event) => void this.showMoment(event.detail)}
        ></partage-grid-imbalance>`;
    }
  }
}

customElements.define("partage-grid", GridPage);
