/**
 * What a proposal would have done over the last periods: for all, without a name; and for oneself.
 *
 * @typedef {import("../domain/rehearsals.js").Result} Result
 * @typedef {import("../domain/rehearsals.js").OwnLine} OwnLine
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatCount, formatEnergy, formatLabel, formatMoney, formatPercent, formatRate } from "../domain/figures.js";
import { hashResult, holdsLine, parseEnergy, parseEuros } from "../domain/rehearsals.js";
import { say } from "../i18n/words.js";
import "./gain_histogram.js";
import "./hash_text.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class RehearsalResult extends Localized {
  static properties = { result: { attribute: false }, own: { attribute: false }, told: {} };

  static styles = [
    sharedStyles,
    css`
      :host,
      section {
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }

      :host {
        gap: 32px;
      }

      .pair {
        display: grid;
        grid-template-columns: minmax(64px, auto) minmax(0, 1fr) auto;
        gap: 8px 12px;
        align-items: center;
      }

      .pair svg {
        display: block;
        width: 100%;
        height: 20px;
      }

      .pair .was {
        fill: var(--flow-grid);
      }

      .pair b {
        text-align: right;
        font-weight: 650;
      }

      .facts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
        gap: 16px 24px;
      }

      .facts dt {
        color: var(--ink-soft);
        font-size: 14px;
        line-height: 20px;
      }

      .facts dd {
        font-size: 18px;
        line-height: 28px;
        font-weight: 650;
      }

      .own {
        padding: 16px 20px;
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      .own .gain {
        color: var(--flow-shared-ink);
      }

      .own .loss {
        color: var(--voided);
      }

      .law li {
        display: flex;
        gap: 8px;
        padding: 12px 0;
        border-bottom: 1px solid var(--line);
      }

      .law li svg {
        flex: none;
      }

      .law .forbidden svg {
        color: var(--voided);
      }

      .law .unknown svg {
        color: var(--contestable);
      }

      .seal {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 8px;
        align-items: center;
        color: var(--verified);
      }

      .seal.wrong {
        color: var(--voided);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Result | null} */
    this.result = null;
    /** @type {OwnLine | null} */
    this.own = null;
    /** The hash that the result should have; empty where it is only what the result says of itself. */
    this.told = "";
  }

  render() {
    const { result } = this;
    if (!result) return nothing;
    return html`${this.renderOwn(result)} ${this.renderEnergy(result)} ${this.renderGains(result)} ${this.renderLaw(result)} ${this.renderSeal(result)}`;
  }

  /** @param {Result} result */
  renderOwn(result) {
    if (!this.own || !holdsLine(result, this.own)) return nothing;
    const { line } = this.own;
    const { gain_cents: gain } = line;
    const key = gain === 0 ? "rehearsal.own.same" : gain > 0 ? "rehearsal.own.gain" : "rehearsal.own.loss";
    const facts = /** @type {[string, string, string][]} */ ([
      [say("rehearsal.own.energy"), formatEnergy(parseEnergy(line["energy_before_kwh"]), this.locale), formatEnergy(parseEnergy(line["energy_after_kwh"]), this.locale)],
      [say("rehearsal.own.bill"), formatMoney(parseEuros(line["bill_before"]), this.locale), formatMoney(parseEuros(line["bill_after"]), this.locale)],
    ]);
    return html`<section class="own" aria-labelledby="own">
      <h3 id="own">${say("rehearsal.own")}</h3>
      <p class=${gain > 0 ? "gain" : gain < 0 ? "loss" : ""} data-figure="own-gain">${say(key, { amount: formatMoney(Math.abs(gain), this.locale) })}</p>
      <dl class="facts">
        ${facts.map(([label, before, after]) => html`<div><dt>${label}</dt><dd>${before} <span aria-hidden="true">→</span><span class="hidden">${say("difference.then")}</span> ${after}</dd></div>`)}
      </dl>
      <p class="small soft">${say("rehearsal.own.private")}</p>
    </section>`;
  }

  /** @param {Result} result */
  renderEnergy({ community, periods }) {
    const counted = parseEnergy(community["counted_before_kwh"] ?? "0") + parseEnergy(community["counted_after_kwh"] ?? "0") > 0n;
    const shared = (/** @type {string} */ side) => {
      const amount = parseEnergy(community[`shared_${side}_kwh`] ?? "0");
      return counted && amount === 0n ? parseEnergy(community[`counted_${side}_kwh`] ?? "0") : amount;
    };
    const gain = community["gain_cents"] ?? 0;
    const [before, after] = [shared("before"), shared("after")];
    const most = before > after ? before : after;
    const width = (/** @type {bigint} */ energy) => Number((1000n * energy) / (most || 1n));
    const rate = (/** @type {string} */ name) => {
      const [was, will] = [community[`${name}_before_ppm`], community[`${name}_after_ppm`]];
      return was === null || will === null || was === undefined ? say("difference.nothing") : `${formatPercent(was, 1_000_000, this.locale)} → ${formatPercent(will, 1_000_000, this.locale)}`;
    };
    const labels = periods.map(({ period }) => formatLabel(period, this.locale));
    const span = labels.length > 1 ? say("rehearsal.span", { first: labels[0] ?? "", last: labels.at(-1) ?? "", count: labels.length }) : (labels[0] ?? "");
    return html`<section aria-labelledby="energy">
      <h3 id="energy">${say("rehearsal.energy")}</h3>
      <p class="small soft">${say("rehearsal.energy.hint", { span, members: formatCount(community["members"], this.locale) })}</p>
      <div class="pair">
        ${/** @type {const} */ ([["difference.before.short", before, "was"], ["difference.after.short", after, "fill-shared"]]).map(
          ([label, energy, fill]) => html`<span class="small">${say(label)}</span>
            <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">${svg`<rect class=${fill} width=${width(energy)} height="20"></rect>`}</svg>
            <b>${formatEnergy(energy, this.locale)}</b>`,
        )}
      </div>
      <dl class="facts">
        <div><dt>${say("rehearsal.self_consumption")}</dt><dd>${rate("self_consumption")}</dd></div>
        <div><dt>${say("rehearsal.self_sufficiency")}</dt><dd>${rate("self_sufficiency")}</dd></div>
        <div><dt>${say(gain < 0 ? "rehearsal.loss.all" : "rehearsal.gain.all")}</dt><dd>${formatMoney(Math.abs(gain), this.locale)}</dd></div>
      </dl>
    </section>`;
  }

  /** @param {Result} result */
  renderGains({ distribution, energy_poor: poor }) {
    const { worst_off: worst, saving_gini_before: was, saving_gini_after: will } = distribution;
    const counts = { gaining: distribution["gaining"], losing: distribution["losing"], unchanged: distribution["unchanged"] };
    const told = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, formatCount(count, this.locale)]));
    const gini = (/** @type {any} */ one) => (one ? formatRate(Math.floor(one.ppm / 1000) * 1000, this.locale) : say("difference.nothing"));
    return html`<section aria-labelledby="gains">
      <h3 id="gains">${say("gains.title")}</h3>
      <p>${say("gains.counts", told)}</p>
      <partage-gain-histogram .classes=${distribution["gain_classes"]}></partage-gain-histogram>
      <dl class="facts">
        <div><dt>${say("rehearsal.gini")}</dt><dd>${gini(was)} <span aria-hidden="true">→</span> ${gini(will)}</dd></div>
        ${worst?.before_cents === null || !worst
          ? html`<div><dt>${say("rehearsal.worst", { members: worst?.members ?? 0 })}</dt><dd class="small">${say("rehearsal.withheld")}</dd></div>`
          : html`<div><dt>${say("rehearsal.worst", { members: worst.members })}</dt><dd>${formatMoney(worst.before_cents, this.locale)} → ${formatMoney(worst.same_after_cents, this.locale)}</dd></div>`}
        ${poor ? html`<div><dt>${say("rehearsal.poor", { members: poor.members })}</dt><dd>${formatMoney(poor.gain_cents, this.locale)}</dd></div>` : nothing}
      </dl>
    </section>`;
  }

  /** @param {Result} result */
  renderLaw({ law }) {
    if (!law) return nothing;
    return html`<section class="law" aria-labelledby="law">
      <h3 id="law">${law.country === "none" ? say("rehearsal.law.title") : say("rehearsal.law", { country: law.country })}</h3>
      <p>${say(law.allowed ? (law.country === "none" ? "rehearsal.law.none" : "rehearsal.law.allowed") : "rehearsal.law.forbidden")}</p>
      ${law.after.length > 0
        ? html`<ul>
            ${law.after.map(
              ({ severity, article, message }) => html`<li class=${severity}>
                ${icon(severity === "forbidden" ? "voided" : "contestable")}
                <div><b>${say(`law.${severity}`)}</b>${article ? html` <span class="soft">${article}</span>` : nothing}<p>${message}</p></div>
              </li>`,
            )}
          </ul>`
        : nothing}
    </section>`;
  }

  /** @param {Result} result */
  renderSeal(result) {
    const due = this.told || result.result_hash;
    let found = "";
    try {
      found = hashResult(result);
    } catch {
      // No exact figures: it is not the result that was hashed.
    }
    const right = found === due;
    return html`<p class="seal small ${right ? "" : "wrong"}" data-state=${right ? "checked" : "differs"}>
      ${icon(right ? "final" : "voided", 16)} ${say(right ? "rehearsal.hash.checked" : "rehearsal.hash.differs")}
      <partage-hash .value=${due} .what=${say("rehearsal.hash")}></partage-hash>
    </p>`;
  }
}

customElements.define("partage-rehearsal-result", RehearsalResult);
