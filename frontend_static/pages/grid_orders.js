/** The work orders of a plan of phase switches: one sheet each, to be printed and filled in where the crew works. */
import { css, html, nothing } from "../vendor/lit.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { layOutNetwork } from "../domain/grid_layout.js";
import { connectionsBehind } from "../domain/grid_plans.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import "../components/grid_map.js";
import { icon } from "../components/icons.js";
import { noticeOf } from "../components/notice.js";
import { viewStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

/** @typedef {import("../domain/grid_plans.js").PhaseSwitch} PhaseSwitch */
/** @typedef {import("../domain/grid_plans.js").Plan} Plan */

const BLANKS = ["date", "crew", "found", "made", "rotation", "after"];

export class GridOrders extends GridView {
  static properties = { ...GridView.properties, work: { state: true } };

  static styles = [
    sharedStyles,
    viewStyles,
    css`
      article {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
        background: var(--surface);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        padding: 24px;
      }

      .move {
        font-size: 28px;
        line-height: 36px;
        font-weight: 700;
      }

      dl {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 12px 24px;
      }

      dt {
        color: var(--ink-soft);
        font-size: 14px;
      }

      dd {
        font-weight: 600;
        overflow-wrap: anywhere;
      }

      .blanks dd {
        height: 36px;
        border-bottom: 1px solid var(--line-strong);
      }

      partage-grid-map {
        --map-height: 260px;
      }

      @media print {
        :host {
          gap: 0;
        }

        article {
          break-after: page;
          break-inside: avoid;
          border: 0;
          padding: 0;
        }

        article:last-of-type {
          break-after: auto;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/grid_plans.js").PlanWork | null} */
    this.work = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (changed.has("element") && !changed.has("grid")) void this.begin();
    if (changed.has("structure") && this.structure && this.tree) this.plot = layOutNetwork(this.structure, this.tree);
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    if (this.element) this.work = await grid.ask(["switching", this.element], {}, signal);
  }

  /** Sheets are printed in the colours of the day. */
  print() {
    const root = document.documentElement;
    const theme = root.dataset["theme"];
    const paint = () => window.dispatchEvent(new Event("partage-theme"));
    root.dataset["theme"] = "light";
    paint();
    const restore = () => {
      if (theme === undefined) delete root.dataset["theme"];
      else root.dataset["theme"] = theme;
      paint();
    };
    window.addEventListener("afterprint", restore, { once: true });
    requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
  }

  render() {
    if (this.error) return noticeOf(this.error, this.retry);
    const plan = this.work?.plan;
    if (!plan) return this.renderLoading();
    return html`<div class="row spread screen">
        <a class="button" href=${writeRoute("grid", this.grid?.network ?? "", "switching", plan.element)}>${icon("left")}${say("grid.orders.back")}</a>
        <div class="row">
          <button type="button" @click=${() => void this.hand()}>${say("grid.orders.hand")}</button>
          <button type="button" class="primary" @click=${() => this.print()}>${icon("print")}${say("grid.orders.print")}</button>
        </div>
      </div>
      ${this.said ? html`<p role="status">${this.said}</p>` : nothing} ${plan.switches.map((one, i) => this.renderOrder(plan, one, i))}`;
  }

  /** Hand the plan's switches over as work orders, whose steps the workflow leads through. */
  async hand() {
    await this.act(async () => this.grid?.send(["switching", this.element, "work-orders"], {}), "grid.orders.handed");
  }

  /** @param {Plan} plan @param {PhaseSwitch} one @param {number} i */
  renderOrder(plan, one, i) {
    const { structure, tree, grid } = this;
    const connection = structure?.connections.find(({ id }) => id === one.connection);
    const bus = structure?.buses.find(({ id }) => id === connection?.bus);
    const place = bus && bus.x !== null && bus.y !== null ? `${formatQuantity(bus.y, "", this.locale, structure?.is_geographic ? 6 : 1)}, ${formatQuantity(bus.x, "", this.locale, structure?.is_geographic ? 6 : 1)}` : "";
    const behind = structure && tree ? connectionsBehind(structure, tree, plan.element).length : 0;
    const facts = [
      ["grid.orders.connection", one.connection],
      ["grid.orders.points", (one.metering_points ?? connection?.metering_points ?? []).join(", ") || "–"],
      ["grid.orders.bus", connection?.bus ?? "–"],
      ["grid.orders.place", one.place || place || "–"],
      ["grid.orders.element", say("grid.orders.element.of", { element: plan.element, count: behind })],
      ["grid.orders.gain", formatQuantity(one.gain_kw, "kW", this.locale)],
    ];
    return html`<article aria-labelledby=${`order-${i}`}>
      <div class="row spread">
        <h2 id=${`order-${i}`}>${say("grid.orders.title", { number: i + 1, count: plan.switches.length })}</h2>
        <span class="soft">${grid?.network ?? ""}</span>
      </div>
      <p class="move">${say("grid.orders.move", { connection: one.connection, from: one.from, to: one.to })}</p>
      <dl>
        ${facts.map(([words, text]) => html`<div><dt>${say(words ?? "")}</dt><dd>${text}</dd></div>`)}
      </dl>
      <partage-grid-map .structure=${structure} .tree=${tree} .layout=${this.plot ?? null} .marks=${new Map([[one.connection, `${one.from}→${one.to}`]])} .label=${say("grid.orders.map", { connection: one.connection })}></partage-grid-map>
      <p class="small">${say("grid.orders.before")}</p>
      <dl class="blanks">
        ${BLANKS.map((name) => html`<div><dt>${say(`grid.orders.blank.${name}`)}</dt><dd></dd></div>`)}
      </dl>
    </article>`;
  }
}

customElements.define("partage-grid-orders", GridOrders);
