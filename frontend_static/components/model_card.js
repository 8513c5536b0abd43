/**
 * The card of a model: what it learned from, with what weather, what it is bound to, and whether it is anchored on the chain.
 *
 * @typedef {import("../data/forecasts.js").ModelCard} Card
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatCount, formatDay } from "../domain/figures.js";
import { dayOf } from "../domain/grid_time.js";
import { stampsOf } from "../domain/civil_time.js";
import { say } from "../i18n/words.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { roleStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

export class ModelCardView extends Localized {
  static properties = { model: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    roleStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }

      .facts dd {
        white-space: normal;
        font-size: 16px;
        overflow-wrap: anywhere;
      }

      .anchor {
        display: flex;
        gap: 8px;
        align-items: center;
        font-weight: 550;
      }

      .anchored {
        color: var(--verified);
      }

      pre {
        margin: 0;
        max-height: 320px;
        overflow: auto;
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--sunken);
        font: 13px/20px var(--mono);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Card | null} */
    this.model = null;
    this.zone = "UTC";
  }

  render() {
    const { model } = this;
    if (!model) return nothing;
    const day = (/** @type {number} */ instant) => formatDay(dayOf(instant, this.zone), this.locale);
    const learned = /** @type {any} */ (model.card)["data"] ?? /** @type {any} */ (model.card)["training"] ?? {};
    /** @type {[string, unknown][]} */
    const facts = [
      ["forecast.card.name", model.name],
      ["forecast.card.until", typeof learned.from_utc === "number" ? say("forecast.card.span", { from: day(learned.from_utc), until: day(model.until) }) : day(model.until)],
      ["forecast.card.trained", stampsOf(this.zone, this.locale)(model.trained)],
    ];
    if (typeof learned.known_intervals === "number") facts.push(["forecast.card.intervals", formatCount(learned.known_intervals, this.locale)]);
    if (Array.isArray(learned.inputs) && learned.inputs.length > 0) facts.push(["forecast.card.inputs", learned.inputs.join(", ")]);
    facts.push(["forecast.card.seed", String(model.seed)]);
    const hashes = /** @type {[string, string][]} */ ([
      ["forecast.card.id", model.id],
      ["forecast.card.data_hash", model.dataHash],
      ["forecast.card.code_hash", model.codeHash],
    ]).filter(([, hash]) => hash);
    return html`<dl class="facts">
        ${facts.map(([words, text]) => html`<div><dt>${say(words)}</dt><dd>${text}</dd></div>`)}
        ${hashes.map(([words, hash]) => html`<div><dt>${say(words)}</dt><dd><partage-hash .value=${hash} .what=${say(words)}></partage-hash></dd></div>`)}
      </dl>
      ${this.renderAnchor(model)}
      <details>
        <summary>${say("forecast.card.whole")}</summary>
        <pre role="region" tabindex="0" aria-label=${say("forecast.card.whole")}>${JSON.stringify(model.card, null, 2)}</pre>
      </details>`;
  }

  /** @param {Card} model */
  renderAnchor({ anchor }) {
    if (!anchor) return html`<p class="anchor">${icon("open")} ${say("forecast.card.not_anchored")}</p>`;
    return html`<p class="anchor anchored">${icon("anchored")} ${say("forecast.card.anchored", { block: formatCount(anchor.block, this.locale), when: stampsOf(this.zone, this.locale)(anchor.anchored) })}</p>
      <p class="small row">
        ${say("forecast.card.root")} <partage-hash .value=${anchor.root} .what=${say("forecast.card.root")}></partage-hash> ${say("forecast.card.transaction")}
        <partage-hash .value=${anchor.transaction} .what=${say("forecast.card.transaction")}></partage-hash>
      </p>`;
  }
}

customElements.define("partage-model-card", ModelCardView);
