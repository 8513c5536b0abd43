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
import { Measured, chartStyles, differs, placeAfter, renderFigures, renderKeys, renderPlot } from "./chart_parts.js";
import { sharedStyles } from "./shared_styles.js";

const HEIGHT = 260; // px of all energy, gaps apart
const [NODE, MARGIN] = [10, 8]; // px
const MOST_SHOWN = 10; // participants of a side
const LETTER = 7; // px of a mean letter
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export class SankeyChart extends Measured {
  static properties = {
    ...Measured.properties,
    producers: { attribute: false },
    consumers: { attribute: false },
    links: { attribute: false, hasChanged: differs },
    label: {},
    at: { state: true },
  };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
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
    this.at = 0;
  }

  get leastWidth() {
    return 280;
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
    const place = placeAfter(event, { at: this.at, count, steps: STEPS });
    if (place !== null) this.at = place;
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
    const reading = { label: this.label, first: 1, count: bands.length, at: bands.indexOf(chosen), told };
    const keys = [
      { role: "solar", label: say("flows.key.producer") },
      { role: "shared", label: say("flows.key.shared") },
      ...(bands.some(({ own }) => own) ? [{ role: "feed-in", label: say("flows.key.own") }] : []),
    ];
    const picture = html`<svg class="flows" viewBox="0 0 ${this.width} ${height}" height=${height} aria-hidden="true">
      ${bands.map((band, i) => this.renderBand(band, i, band === chosen))} ${nodes.map((node) => this.renderNode(node, names))}
    </svg>`;
    return html`<p class="readout">${told}</p>
      ${renderPlot(reading, (event) => this.move(event, bands.length), picture)} ${renderKeys(keys)} ${this.renderTable(total)}`;
  }

  /**
   * @param {Band} band
   * @param {number} i
   * @param {boolean} isChosen
   */
  renderBand(band, i, isChosen) {
    const role = band.own ? "feed-in" : "shared";
    // Not on entering: a page that scrolls below a resting pointer would take the place from the keys.
    return svg`<path class="band fill-${role} ${isChosen ? "chosen" : ""}" d=${band.path} @pointermove=${() => (this.at = i)}></path>`;
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
    return renderFigures({
      title: say("flows.table"),
      heads: [say("flows.producer"), say("flows.consumer"), say("flows.energy"), say("flows.part")],
      rows: rows.map(({ producer, consumer, energy }) => [
        ...[name(this.producers, producer), name(this.consumers, consumer)],
        ...[formatEnergy(energy, this.locale, 3), formatPercent(energy, total, this.locale)],
      ]),
    });
  }
}

customElements.define("partage-sankey", SankeyChart);
