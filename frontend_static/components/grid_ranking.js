/**
 * The worst of a network, ranked: by element, hour of day, weekday and season, over all that is stored.
 *
 * @typedef {import("../data/grid.js").Ranked} Ranked
 * @typedef {import("../data/grid.js").RankedBy} RankedBy
 * @typedef {import("../data/grid.js").Work} Work
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { nameOfRank } from "../domain/grid_ranks.js";
import { hasWords, say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { rowButtonStyles, tabStyles, tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

/** @type {readonly RankedBy[]} */
export const RANKED_BY = ["element", "hour", "weekday", "season"];
const ELEMENTS_SHOWN = 25;

export class GridRanking extends Localized {
  static properties = {
    by: {},
    items: { attribute: false },
    unit: {},
    work: { attribute: false },
    fault: {},
    chosen: {},
    zone: {},
    scope: {},
    means: {},
  };

  static styles = [
    sharedStyles,
    tableStyles,
    rowButtonStyles,
    tabStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .scroll {
        max-height: 420px;
      }

      .bar {
        display: block;
        width: 100%;
        min-width: 64px;
        height: 8px;
      }

      .bar rect {
        fill: var(--heat-2);
      }

      .bar .tail {
        fill: var(--heat-4);
      }

      td.bars {
        width: 28%;
      }

      @media (max-width: 599px) {
        .bars {
          display: none;
        }
      }

      progress {
        width: 100%;
        height: 8px;
        accent-color: var(--brand);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {RankedBy} */
    this.by = "element";
    /** Null while it is fetched. @type {Ranked[] | null} */
    this.items = null;
    this.unit = "kW";
    /** @type {Work | null} */
    this.work = null;
    this.fault = "";
    this.chosen = "";
    this.zone = "UTC";
    /** The element that hours, weekdays and seasons are of; empty for the whole network. */
    this.scope = "";
    /** What the figures are, where that is not plain. */
    this.means = "";
  }

  /** @param {string} name @param {unknown} detail */
  send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  render() {
    return html`<div class="tabs screen" role="group" aria-label=${say("grid.rank.by")}>
        ${RANKED_BY.map((by) => html`<button type="button" aria-pressed=${by === this.by ? "true" : "false"} @click=${() => this.send("by", by)}>${say(`grid.rank.by.${by}`)}</button>`)}
      </div>
      ${this.renderWork()} ${this.fault ? html`<p class="soft" role="alert">${this.fault}</p>` : this.renderItems()}`;
  }

  renderWork() {
    const { work } = this;
    if (work?.state === "running" || work?.state === "waiting") {
      return html`<div role="status">
        <p class="small">${say("grid.summary.running")}</p>
        <progress max="1" .value=${work.progress} aria-label=${say("grid.summary.running")}></progress>
      </div>`;
    }
    if (work?.state === "none" || work?.state === "failed") {
      return html`<div class="row">
        <p class="soft">${work.state === "none" ? say("grid.summary.none") : say("grid.summary.failed", { detail: work.problem ?? "" })}</p>
        <button type="button" class="primary" @click=${() => this.send("summarise", null)}>${say("grid.summary.begin")}</button>
      </div>`;
    }
    if (work?.stale) {
      return html`<div class="row">
        <p class="soft">${say("grid.summary.stale")}</p>
        <button type="button" @click=${() => this.send("summarise", null)}>${say("grid.summary.again")}</button>
      </div>`;
    }
    return nothing;
  }

  renderItems() {
    const { items, by, unit } = this;
    if (this.work && this.work.state !== "done" && !items?.length) return nothing;
    if (!items) return html`<p class="soft" role="status">${say("loading")}…</p>`;
    if (items.length === 0) return html`<p class="soft">${say("grid.rank.none")}</p>`;
    const shown = by === "element" ? items.slice(0, ELEMENTS_SHOWN) : items;
    const most = Math.max(1e-9, ...shown.map(({ p95 }) => p95 ?? 0));
    const stamp = stampsOf(this.zone, this.locale);
    const means = this.means ? html`<p class="small soft">${this.means}</p>` : nothing;
    const scope = by !== "element" && this.scope ? html`<p class="small soft">${say("grid.rank.scope", { element: this.scope })}</p>` : nothing;
    return html`${scope} ${means}
      <div class="scroll" role="region" tabindex="0" aria-label=${say(`grid.rank.by.${by}`)}>
        <table>
          <thead>
            <tr>
              <th scope="col">${say(`grid.rank.by.${by}`)}</th>
              <th scope="col">${say("grid.rank.mean")}</th>
              <th scope="col">${say("grid.rank.p95")}</th>
              <th scope="col" class="bars"><span class="hidden">${say("grid.rank.bars")}</span></th>
              <th scope="col">${say("grid.rank.worst")}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map((item) => {
              const { words, text } = nameOfRank(by, item.key, this.locale);
              const name = words && hasWords(words) ? say(words) : text;
              return html`<tr aria-current=${by === "element" && item.key === this.chosen ? "true" : nothing}>
                <th scope="row">${by === "element" ? html`<button type="button" @click=${() => this.send("chosen", item)}>${name}</button>` : name}</th>
                <td>${formatQuantity(item.mean, unit, this.locale)}</td>
                <td>${formatQuantity(item.p95, unit, this.locale)}</td>
                <td class="bars">${renderBar(item, most)}</td>
                <td>
                  ${formatQuantity(item.worst, unit, this.locale)}
                  ${item.worst_start ? html`<button type="button" class="moment" @click=${() => this.send("moment", item)}>${stamp(item.worst_start)}</button>` : nothing}
                </td>
              </tr>`;
            })}
          </tbody>
        </table>
      </div>`;
  }
}

/** The mean, and how far one in twenty goes beyond. @param {Ranked} item @param {number} most */
function renderBar({ mean, p95 }, most) {
  const [short, long] = [Math.max(0, (mean / most) * 100), Math.max(0, ((p95 ?? 0) / most) * 100)];
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="tail" x="0" y="3" width=${long} height="2"></rect>
    <rect x="0" y="0" width=${short} height="8"></rect>
  </svg>`;
}

customElements.define("partage-grid-ranking", GridRanking);
