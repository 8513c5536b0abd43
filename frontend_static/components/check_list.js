/** What was checked, group by group; and where it fails, in words. */
import { css, html, nothing } from "../vendor/lit.js";
import { formatCount, formatEnergy, formatLocalStart, formatMoney, formatPrice, formatValue, shortHash } from "../domain/figures.js";
import { groupChecks, kindOfValue, orderFailures, placeKey } from "../domain/proof_view.js";
import { hasWords, say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const MOST_SHOWN = 5;
const EXACT = 6; // decimals of a kWh: a milliwatt-hour is told

export class CheckList extends Localized {
  static properties = { checks: { attribute: false }, numbers: { attribute: false }, only: {} };

  static styles = [
    sharedStyles,
    css`
      details {
        border-bottom: 1px solid var(--line);
      }

      summary {
        display: flex;
        gap: 8px;
        align-items: center;
        padding: 10px 0;
        list-style: none;
        font-size: 14px;
        line-height: 20px;
        font-weight: 550;
      }

      summary::-webkit-details-marker {
        display: none;
      }

      summary .soft {
        margin-left: auto;
        font-weight: 400;
        white-space: nowrap;
      }

      .yes {
        color: var(--verified);
        flex: none;
      }

      .no {
        color: var(--voided);
        flex: none;
      }

      li {
        display: grid;
        grid-template-columns: 18px minmax(0, 1fr);
        gap: 8px;
        padding: 6px 0;
        font-size: 14px;
        line-height: 20px;
      }

      details ul {
        padding: 0 0 12px;
      }

      li.failure {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 4px;
        padding: 12px 0;
        border-top: 1px solid color-mix(in srgb, var(--voided) 30%, transparent);
      }

      li.failure:first-child {
        border-top: 0;
      }

      .where {
        font-weight: 600;
      }

      .values {
        display: grid;
        gap: 2px;
        overflow-wrap: anywhere;
      }

      code {
        font: 500 13px/20px var(--mono);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("../domain/verdict.js").Check[]} */
    this.checks = [];
    /** Metering points' numbers by slot. @type {Readonly<Record<number, string>>} */
    this.numbers = {};
    /** @type {"" | "failures"} */
    this.only = "";
  }

  render() {
    return this.only === "failures" ? this.renderFailures() : groupChecks(this.checks).map((group) => this.renderGroup(group));
  }

  /** @param {import("../domain/proof_view.js").Group} group */
  renderGroup(group) {
    const counted = group.count === 1 ? say("group.count.one") : say("group.count", { count: formatCount(group.count, this.locale) });
    return html`<details>
      <summary>
        <span class=${group.ok ? "yes" : "no"}>${icon(group.ok ? "final" : "voided", 18)}</span>
        <span>${say(`group.${group.name}`)}</span>
        <span class="soft">${counted}</span>
      </summary>
      <ul>
        ${group.checks.map(
          (check) => html`<li>
            <span class=${check.ok ? "yes" : "no"}>${icon(check.ok ? "final" : "voided", 16)}</span>
            <span>${this.nameOf(check)}</span>
          </li>`,
        )}
      </ul>
    </details>`;
  }

  /** @param {import("../domain/verdict.js").Check} check */
  nameOf(check) {
    const key = `check.${check.id}`;
    return hasWords(key) ? say(key) : check.id;
  }

  /** @param {import("../domain/verdict.js").Place} place */
  placeWords(place) {
    const { key, name } = placeKey(place.what);
    const named = hasWords(`place.energy.${name}`) ? say(`place.energy.${name}`) : name;
    const words = [hasWords(key) ? say(key, { name: named }) : place.what];
    if (place.slot !== null) words.push(say("place.point", { number: this.numbers[place.slot] ?? `#${place.slot}` }));
    if (place.start) words.push(say("place.at", { start: formatLocalStart(place.start, this.locale) }));
    return words.join(" · ");
  }

  renderFailures() {
    const failures = orderFailures(this.checks);
    const rest = failures.length - MOST_SHOWN;
    return html`<ul>
        ${failures.slice(0, MOST_SHOWN).map(
          (check) => html`<li class="failure">
            <span class="where">${this.placeWords(check.place)}</span>
            <span class="small">${this.nameOf(check)}</span>
            <span class="small values soft">
              <span><code>${this.writeValue(check, check.expected)}</code> ${say("seal.expected")}</span>
              <span><code>${this.writeValue(check, check.found)}</code> ${say("seal.found")}</span>
            </span>
          </li>`,
        )}
      </ul>
      ${rest > 0 ? html`<p class="small soft">${say("seal.more", { count: rest })}</p>` : nothing}`;
  }

  /**
   * @param {import("../domain/verdict.js").Check} check
   * @param {string} value
   */
  writeValue(check, value) {
    if (/^0x[0-9a-f]{64}$/.test(value)) return shortHash(value);
    if (!/^-?\d+$/.test(value)) return value;
    switch (kindOfValue(check)) {
      case "energy":
        return formatEnergy(BigInt(value), this.locale, EXACT);
      case "money":
        return formatMoney(BigInt(value), this.locale);
      case "value":
        return formatValue(BigInt(value), this.locale);
      case "price":
        return formatPrice(Number(value), this.locale);
      default:
        return formatCount(BigInt(value), this.locale);
    }
  }
}

customElements.define("partage-check-list", CheckList);
