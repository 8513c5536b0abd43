/**
 * The card of a model: what it learned from, with what weather, what it is bound to, and whether it is anchored on the chain.
 *
 * @typedef {import("../data/forecasts.js").ModelCard} Card
 */
import { css, html, nothing } from "../vendor/lit.js";
import { ask } from "../data/api.js";
import { checkAnchor } from "../data/public_chain.js";
import { formatCount, formatDay } from "../domain/figures.js";
import { nameModel } from "../domain/forecast_words.js";
import { dayOf } from "../domain/grid_time.js";
import { stampsOf } from "../domain/civil_time.js";
import { hasWords, say } from "../i18n/words.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { roleStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

export class ModelCardView extends Localized {
  static properties = { model: { attribute: false }, zone: {}, checked: { state: true } };

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

      .refused {
        color: var(--voided);
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
    /** What looking at the chain gave. @type {"" | "checking" | "held" | "other root" | "not on chain" | "unanswered"} */
    this.checked = "";
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("model")) this.checked = "";
  }

  /** Ask the chain, not the service. */
  async check() {
    const { model } = this;
    if (!model?.anchor) return;
    this.checked = "checking";
    try {
      const found = await checkAnchor(await ask("/public/deployment"), model.id, model.anchor);
      if (this.model === model) this.checked = found;
    } catch {
      if (this.model === model) this.checked = "unanswered";
    }
  }

  render() {
    const { model } = this;
    if (!model) return nothing;
    const day = (/** @type {number} */ instant) => formatDay(dayOf(instant, this.zone), this.locale);
    const learned = /** @type {any} */ (model.card)["training"] ?? {};
    /** @type {[string, unknown][]} */
    const facts = [
      ["forecast.card.name", nameModel(model.name, say, hasWords)],
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
    const { checked } = this;
    return html`<p class="anchor anchored">${icon("anchored")} ${say("forecast.card.anchored", { when: stampsOf(this.zone, this.locale)(anchor.anchored) })}</p>
      <p class="small row">${say("forecast.card.root")} <partage-hash .value=${anchor.root} .what=${say("forecast.card.root")}></partage-hash></p>
      <div class="row">
        <button type="button" ?disabled=${checked === "checking"} @click=${() => void this.check()}>${say("forecast.card.verify")}</button>
        <span role="status" class="anchor ${checked === "held" ? "anchored" : checked === "other root" || checked === "not on chain" ? "refused" : ""}">
          ${checked === "held" ? icon("verify") : checked === "other root" || checked === "not on chain" ? icon("voided") : nothing}
          ${checked ? say(`forecast.check.${checked.replaceAll(" ", "_")}`) : nothing}
        </span>
      </div>`;
  }
}

customElements.define("partage-model-card", ModelCardView);
