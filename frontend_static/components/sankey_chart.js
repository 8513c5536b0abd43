/**
 * Who served whom over a period: producers, consumers and a band for each that gave to each. Pointer and arrow keys read
 * the bands; a table has them all.
 *
 * @typedef {import("../domain/sankey.js").FlowNode} FlowNode
 * @typedef {import("../domain/sankey.js").FlowLink} FlowLink
 * @typedef {import("../domain/sankey.js").Band} Band
 * @typedef {import("../domain/sankey.js").PlacedNode} PlacedNode
 */
import { css, html, svg } from "../vendor/lit.js";
import { formatEnergy, formatPercent } from "../domain/figures.js";
import { gatherSmall, layOutFlows } from "../domain/sankey.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 260; // px of all energy, gaps apart
const [NODE, MARGIN] = [10, 8]; // px
const MOST_SHOWN = 10; // participants of a side
const LETTER = 7; // px of a mean letter

export class SankeyChart extends Localized {
  static properties = {
    producers: { attribute: false },
    consumers: { attribute: false },
    links: { attribute: false },
    label: {},
    width: { state: true },
    at: { state: true },
  };

  static styles = [
    sharedStyles,
    css`
      .plot {
        border-radius: var(--radius-small);
        touch-action: pan-y;
      }

      svg.flows {
        display: block;
        width: 100%;
        overflow: visible;
      }

      text {
        fill: var(--ink);
        font-size: 13px;
      }

      .band {
        opacity: 0.45;
      }

      .band.chosen {
        opacity: 1;
      }

      .readout {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        min-height: 48px;
        align-items: center;
        font-size: 14px;
        line-height: 20px;
      }

      .keys {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 24px;
        margin: 12px 0;
        font-size: 14px;
      }

      .keys li {
        display: flex;
        gap: 8px;
        align-items: center;
      }

      summary {
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {FlowNode[]} */
    this.producers = [];
    /** @type {FlowNode[]} */
    this.consumers = [];
    /** @type {FlowLink[]} */
    this.links = [];
    this.label = "";
    this.width = 640;
    this.at = 0;
    this.sizes = new ResizeObserver(() => (this.width = Math.max(280, this.clientWidth)));
  }

  connectedCallback() {
    super.connectedCallback();
    this.sizes.observe(this);
  }

  disconnectedCallback() {
    this.sizes.disconnect();
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("links")) this.at = 0;
  }

  /** @param {number} from @param {number} until */
  layOut(from, until) {
    const left = gatherSmall(this.producers, this.links, "producer", MOST_SHOWN);
    const right = gatherSmall(this.consumers, left.links, "consumer", MOST_SHOWN);
    const flows = { producers: left.nodes, consumers: right.nodes, links: right.links };
    return layOutFlows(flows, { height: HEIGHT, left: from, right: until });
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} count
   */
  move(event, count) {
    const targets = /** @type {Readonly<Record<string, number>>} */ ({
      ...{ ArrowLeft: this.at - 1, ArrowUp: this.at - 1, ArrowRight: this.at + 1, ArrowDown: this.at + 1 },
      ...{ Home: 0, End: count - 1 },
    });
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.at = Math.min(Math.max(target, 0), count - 1);
  }

  /** @param {FlowNode} node */
  nameOf(node) {
    return node.label || node.id || say("flows.others");
  }

  render() {
    const longest = Math.max(...[...this.producers, ...this.consumers].map((node) => this.nameOf(node).length), 0);
    const names = Math.min(longest * LETTER + MARGIN, 180, this.width * 0.28);
    const [left, right] = [names + MARGIN + NODE, this.width - names - MARGIN - NODE];
    const { nodes, bands, height, total } = this.layOut(left, right);
    const chosen = bands[Math.min(this.at, bands.length - 1)];
    if (!chosen) return html`<p class="soft">${say("flows.none")}</p>`;
    const told = say("flows.readout", {
      ...{ producer: this.nameOf(chosen.producer), consumer: this.nameOf(chosen.consumer) },
      ...{ energy: formatEnergy(chosen.energy, this.locale, 3), part: formatPercent(chosen.energy, total, this.locale) },
    });
    return html`<p class="readout">${told}</p>
      <div
        class="plot"
        role="slider"
        tabindex="0"
        aria-label=${this.label}
        aria-valuemin="1"
        aria-valuemax=${bands.length}
        aria-valuenow=${bands.indexOf(chosen) + 1}
        aria-valuetext=${told}
        @keydown=${(/** @type {KeyboardEvent} */ event) => this.move(event, bands.length)}
      >
        <svg class="flows" viewBox="0 0 ${this.width} ${height}" height=${height} aria-hidden="true">
          ${bands.map((band, i) => this.renderBand(band, i, band === chosen))}
          ${nodes.map((node) => this.renderNode(node, names))}
        </svg>
      </div>
      <ul class="keys">
        ${[["solar", "flows.key.producer"], ["shared", "flows.key.shared"], ...(bands.some(({ own }) => own) ? [["feed-in", "flows.key.own"]] : [])].map(
          ([role, words]) => html`<li>
            <svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="fill-${role}" width="12" height="12" rx="3"></rect></svg>
            ${say(words ?? "")}
          </li>`,
        )}
      </ul>
      ${this.renderTable(total)}`;
  }

  /**
   * @param {Band} band
   * @param {number} i
   * @param {boolean} isChosen
   */
  renderBand(band, i, isChosen) {
    const role = band.own ? "feed-in" : "shared";
    return svg`<path class="band fill-${role} ${isChosen ? "chosen" : ""}" d=${band.path} @pointerenter=${() => (this.at = i)}></path>`;
  }

  /**
   * @param {PlacedNode} node
   * @param {number} names Room for a name [px].
   */
  renderNode(node, names) {
    const produces = node.side === "producer";
    const x = produces ? names + MARGIN : this.width - names - MARGIN - NODE;
    const room = Math.floor(names / LETTER);
    const name = this.nameOf(node);
    const shown = name.length > room ? `${name.slice(0, room - 1)}…` : name;
    const [at, anchor] = produces ? [names, "end"] : [this.width - names, "start"];
    return svg`<g>
      <title>${name}, ${formatEnergy(node.energy, this.locale)}</title>
      <rect class="fill-${produces ? "solar" : "shared"}" x=${x} y=${node.y} width=${NODE} height=${node.height} rx="2"></rect>
      <text x=${at} y=${node.y + node.height / 2} text-anchor=${anchor} dominant-baseline="central">${shown}</text>
    </g>`;
  }

  /** @param {number} total */
  renderTable(total) {
    /** @param {readonly FlowNode[]} nodes @param {string} id */
    const name = (nodes, id) => this.nameOf(nodes.find((node) => node.id === id) ?? { id, label: "" });
    const rows = this.links.filter(({ energy }) => energy > 0).sort((a, b) => b.energy - a.energy);
    return html`<details>
      <summary>${say("flows.table")}</summary>
      <div class="scroll" role="region" tabindex="0" aria-label=${say("flows.table")}>
        <table>
          <thead>
            <tr>
              ${["flows.producer", "flows.consumer", "flows.energy", "flows.part"].map((words) => html`<th scope="col">${say(words)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (link) => html`<tr>
                <th scope="row">${name(this.producers, link.producer)}</th>
                <td>${name(this.consumers, link.consumer)}</td>
                <td>${formatEnergy(link.energy, this.locale, 3)}</td>
                <td>${formatPercent(link.energy, total, this.locale)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }
}

customElements.define("partage-sankey", SankeyChart);
