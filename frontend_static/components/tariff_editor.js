/** The form of the tariff: prices, the supplier's by time of day, fee, VAT, who bills what. */
import { html, nothing } from "../vendor/lit.js";
import { BILLERS, PRICINGS, pricesOf } from "../domain/rule_draft.js";
import { say } from "../i18n/words.js";
import { DraftPart, draftStyles } from "./draft_part.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

/** @typedef {import("../domain/rule_draft.js").Window} Window */

const UNIT = "€/kWh";

export class TariffEditor extends DraftPart {
  static styles = [sharedStyles, draftStyles];

  render() {
    const { draft } = this;
    if (!draft) return nothing;
    const pricings = PRICINGS.map((one) => /** @type {[string, string]} */ ([one, say(one === "producer" ? "choice.tariff.pricing.producer" : `choice.${one}`)]));
    return html`${draft.method === "incentive" ? nothing : this.renderChoice({ at: "pricing", label: say("difference.tariff.pricing"), value: draft.pricing, options: pricings, put: (pricing) => this.put({ pricing }) })}
      <fieldset>
        <legend>${say("community.rule.prices")}</legend>
        <div class="grid">
          ${pricesOf(draft).map((name) =>
            this.renderField({ at: name, label: say(`difference.tariff.${name}`), value: draft.prices[name] ?? "", unit: UNIT, put: (text) => this.put({ prices: { ...draft.prices, [name]: text } }) }),
          )}
          ${draft.pricing === "producer"
            ? this.producers.map(({ id }) =>
                this.renderField({
                  at: `producer_prices.${id}`,
                  label: say("difference.tariff.producer_prices", { 0: this.nameOf(id) }),
                  value: draft.producerPrices[id] ?? "",
                  unit: UNIT,
                  put: (text) => this.put({ producerPrices: { ...draft.producerPrices, [id]: text } }),
                }),
              )
            : nothing}
        </div>
      </fieldset>
      ${this.renderWindows()}
      <div class="grid">
        ${this.renderField({ at: "monthly_fee", label: say("difference.tariff.monthly_fee"), value: draft.monthlyFee, unit: "€", put: (monthlyFee) => this.put({ monthlyFee }) })}
        ${this.renderField({ at: "vat", label: say("difference.tariff.vat_ppm"), value: draft.vat, unit: "%", put: (vat) => this.put({ vat }) })}
      </div>
      <fieldset>
        <legend>${say("compose.billers")}</legend>
        <div class="grid">
          ${Object.entries(BILLERS).map(([line, who]) =>
            this.renderChoice({
              at: `billed_by.${line}`,
              label: say(`compose.biller.${line}`),
              value: draft.billedBy[line] ?? "",
              options: who.map((one) => [one, say(`choice.${one}`)]),
              put: (one) => this.put({ billedBy: { ...draft.billedBy, [line]: one } }),
            }),
          )}
        </div>
      </fieldset>`;
  }

  renderWindows() {
    const { windows } = this.draft;
    const keep = (/** @type {Window[]} */ kept) => this.put({ windows: kept });
    const set = (/** @type {number} */ place, /** @type {Partial<Window>} */ change) => keep(windows.map((one, i) => (i === place ? { ...one, ...change } : one)));
    const last = windows.at(-1);
    return html`<fieldset>
      <legend>${say("compose.windows")}</legend>
      <p class="small soft">${say("compose.windows.hint")}</p>
      ${windows.map(
        (window, i) => html`<div class="line">
            ${this.renderField({ at: `windows.${i}.from`, label: say("compose.window.from"), value: window.from, put: (from) => set(i, { from }) })}
            ${this.renderField({ at: `windows.${i}.to`, label: say("compose.window.to"), value: window.to, put: (to) => set(i, { to }) })}
            ${this.renderField({ at: `windows.${i}.price`, label: say("compose.window.price"), value: window.price, unit: UNIT, put: (price) => set(i, { price }) })}
            ${windows.length > 1
              ? html`<button type="button" class="quiet" aria-label=${say("compose.window.remove", { number: i + 1 })} @click=${() => keep(windows.filter((_, one) => one !== i))}>${icon("close")}</button>`
              : nothing}
          </div>
          ${this.renderFault(`windows.${i}`)}`,
      )}
      ${this.renderFault("windows")}
      <div>
        <button type="button" @click=${() => keep([...windows.slice(0, -1), { from: last?.from ?? "00:00", to: "", price: last?.price ?? "" }, { from: "", to: "24:00", price: "" }])}>
          ${icon("plus")}${say("compose.window.add")}
        </button>
      </div>
    </fieldset>`;
  }
}

customElements.define("partage-tariff-editor", TariffEditor);
