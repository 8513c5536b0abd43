/** The form of the sharing key: its method, and what that method is told. */
import { html, nothing } from "../vendor/lit.js";
import { COSTS, METHODS, TIER_METHODS, usesCoefficients, usesProducerKey, usesSurplusOwner } from "../domain/rule_draft.js";
import { say } from "../i18n/words.js";
import { DraftPart, draftStyles } from "./draft_part.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/rule_draft.js").Tier} Tier */

/**
 * @template T
 * @param {readonly T[]} items
 * @param {number} place
 * @param {T} item
 * @returns {T[]}
 */
function replaced(items, place, item) {
  return items.map((one, i) => (i === place ? item : one));
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {number} place
 * @returns {T[]}
 */
function without(items, place) {
  return items.filter((_, i) => i !== place);
}

export class KeyEditor extends DraftPart {
  static styles = [sharedStyles, draftStyles];

  render() {
    const { draft } = this;
    if (!draft) return nothing;
    const { method } = draft;
    return html`${this.renderChoice({ at: "method", label: say("compose.method"), value: method, options: METHODS.map((one) => [one, say(`choice.${one}`)]), put: (one) => this.put({ method: one }) })}
      <p class="soft">${say(`method.${method}`)}</p>
      ${method === "priority" ? this.renderTiers() : nothing}
      ${usesCoefficients(draft)
        ? this.renderParts({ at: "coefficients", legend: say("compose.parts"), hint: say("compose.parts.hint"), points: this.consumers, parts: draft.coefficients, put: (coefficients) => this.put({ coefficients }) })
        : nothing}
      ${method === "scheduled"
        ? this.renderChoice({ at: "schedule", label: say("difference.sharing_key.schedule"), value: draft.schedule, options: [["ahead", say("choice.ahead")], ["after", say("choice.after")]], put: (schedule) => this.put({ schedule: /** @type {any} */ (schedule) }) })
        : nothing}
      ${method === "pairwise" ? this.renderPairs() : nothing} ${method === "flow" ? this.renderLinks() : nothing}
      ${usesSurplusOwner(method)
        ? this.renderChoice({
            at: "surplus_owner",
            label: say("difference.sharing_key.surplus_owner"),
            value: draft.surplusOwner,
            options: [["producer", say("choice.sharing_key.surplus_owner.producer")], ["consumer", say("choice.sharing_key.surplus_owner.consumer")]],
            put: (owner) => this.put({ surplusOwner: /** @type {any} */ (owner) }),
          })
        : nothing}
      ${usesProducerKey(method)
        ? html`${this.renderCheck({ at: "producer_key", label: say("compose.producer_key"), value: draft.producerKey, put: (producerKey) => this.put({ producerKey }) })}
          ${draft.producerKey
            ? this.renderParts({ at: "producer_parts", legend: say("compose.producer_parts"), hint: say("compose.parts.hint"), points: this.producers, parts: draft.producerParts, put: (producerParts) => this.put({ producerParts }) })
            : nothing}`
        : nothing}`;
  }

  renderPairs() {
    const { pairs } = this.draft;
    return html`${this.producers.map(({ id }) =>
        this.renderParts({
          at: `pairs.${id}`,
          legend: say("compose.pairs", { producer: this.nameOf(id) }),
          hint: say("compose.parts.hint"),
          points: this.consumers,
          parts: pairs[id] ?? {},
          put: (parts) => this.put({ pairs: { ...pairs, [id]: parts } }),
        }),
      )}
      ${this.renderFault("pairs")}`;
  }

  renderTiers() {
    const { tiers } = this.draft;
    return html`<fieldset>
      <legend>${say("difference.sharing_key.tiers")}</legend>
      <p class="small soft">${say("compose.tiers.hint")}</p>
      ${tiers.map((tier, i) => this.renderTier(tier, i))} ${this.renderFault("tiers")}
      <div><button type="button" @click=${() => this.put({ tiers: [{ method: "equal", points: [] }, ...tiers, ...(tiers.length === 0 ? [{ method: "dynamic", points: [] }] : [])] })}>${icon("plus")}${say("compose.tiers.add")}</button></div>
    </fieldset>`;
  }

  /** @param {Tier} tier @param {number} i */
  renderTier(tier, i) {
    const { tiers } = this.draft;
    const last = i === tiers.length - 1;
    const put = (/** @type {Partial<Tier>} */ change) => this.put({ tiers: replaced(tiers, i, { ...tier, ...change }) });
    return html`<fieldset class="line">
      ${this.renderChoice({ at: `tiers.${i}.method`, label: say("compose.tier", { number: i + 1 }), value: tier.method, options: TIER_METHODS.map((one) => [one, say(`choice.${one}`)]), put: (method) => put({ method }) })}
      <button type="button" class="quiet" aria-label=${say("compose.tier.remove", { number: i + 1 })} @click=${() => this.put({ tiers: without(tiers, i) })}>${icon("close")}</button>
      ${last
        ? html`<p class="small soft">${say("compose.tier.rest")}</p>`
        : html`<div class="grid">
            ${this.consumers.map(({ id }) =>
              this.renderCheck({
                at: `tiers.${i}.${id}`,
                label: this.nameOf(id),
                value: tier.points.includes(id),
                put: (named) => put({ points: named ? [...tier.points, id] : tier.points.filter((one) => one !== id) }),
              }),
            )}
          </div>`}
      ${this.renderFault(`tiers.${i}`)}
    </fieldset>`;
  }

  renderLinks() {
    const { draft } = this;
    const [into, out] = [this.consumers, this.producers].map((points) => points.map(({ id }) => /** @type {[string, string]} */ ([id, this.nameOf(id)])));
    const ends = { consumer: /** @type {const} */ ([say("flows.consumer"), into ?? []]), producer: /** @type {const} */ ([say("flows.producer"), out ?? []]) };
    const choose = (/** @type {"consumer" | "producer"} */ end, /** @type {string} */ at, /** @type {string} */ value, /** @type {(id: string) => void} */ put) =>
      this.renderChoice({ at, label: ends[end][0], value, options: [["", say("compose.choose")], ...ends[end][1]], put });
    return html`${this.renderCheck({ at: "own_first", label: say("difference.sharing_key.links.own_first"), value: draft.ownFirst, put: (ownFirst) => this.put({ ownFirst }) })}
      ${this.renderField({ at: "fairness_steps", label: say("difference.sharing_key.links.fairness_steps"), value: draft.fairnessSteps, hint: say("compose.steps.hint"), put: (fairnessSteps) => this.put({ fairnessSteps }) })}
      <fieldset>
        <legend>${say("difference.sharing_key.links.costs")}</legend>
        ${COSTS.map((cost) =>
          this.renderCheck({
            at: `costs.${cost}`,
            label: say(`choice.${cost}`),
            value: draft.costs.includes(cost),
            put: (named) => this.put({ costs: named ? [...draft.costs, cost] : draft.costs.filter((one) => one !== cost) }),
          }),
        )}
      </fieldset>
      ${this.renderRows("preferences", say("compose.wishes"), draft.preferences, /** @type {[string, string]} */ (["", ""]), ([consumer, producer], i, put) => html`${choose("consumer", `preferences.${i}.0`, consumer, (id) => put([id, producer]))} ${choose("producer", `preferences.${i}.1`, producer, (id) => put([consumer, id]))}`)}
      ${this.renderRows("donations", say("compose.gifts"), draft.donations, /** @type {[string, string]} */ (["", ""]), ([producer, consumer], i, put) => html`${choose("producer", `donations.${i}.0`, producer, (id) => put([id, consumer]))} ${choose("consumer", `donations.${i}.1`, consumer, (id) => put([producer, id]))}`)}
      ${this.renderRows("caps", say("compose.caps"), draft.caps, { producer: "", consumer: "", watts: "0" }, (cap, i, put) => html`${choose("producer", `caps.${i}.producer`, cap.producer, (producer) => put({ ...cap, producer }))}
        ${choose("consumer", `caps.${i}.consumer`, cap.consumer, (consumer) => put({ ...cap, consumer }))}
        ${this.renderField({ at: `caps.${i}.watts`, label: say("compose.watts"), value: cap.watts, unit: "W", put: (watts) => put({ ...cap, watts }) })}`)}`;
  }

  /**
   * Rows of links that are added and taken away.
   *
   * @template T
   * @param {"preferences" | "donations" | "caps"} name
   * @param {string} legend
   * @param {readonly T[]} rows
   * @param {T} fresh
   * @param {(row: T, place: number, put: (row: T) => void) => unknown} render
   */
  renderRows(name, legend, rows, fresh, render) {
    const keep = (/** @type {T[]} */ kept) => this.put(/** @type {any} */ ({ [name]: kept }));
    return html`<fieldset>
      <legend>${legend}</legend>
      ${rows.map(
        (row, i) => html`<div class="line">
            ${render(row, i, (one) => keep(replaced(rows, i, one)))}
            <button type="button" class="quiet" aria-label=${say("compose.row.remove", { number: i + 1 })} @click=${() => keep(without(rows, i))}>${icon("close")}</button>
          </div>
          ${this.renderFault(`${name}.${i}`)}`,
      )}
      <div><button type="button" @click=${() => keep([...rows, fresh])}>${icon("plus")}${say("compose.row.add")}</button></div>
    </fieldset>`;
  }
}

customElements.define("partage-key-editor", KeyEditor);
