/**
 * A plan of phase switches: what it does to the imbalance, how sure that is, each switch with its own gain, and the curve of the others.
 *
 * @typedef {import("../domain/grid_plans.js").Plan} Plan
 * @typedef {import("../domain/grid_tree.js").GridConnection} GridConnection
 */
import { css, html, nothing, svg } from "../vendor/lit.js";
import { formatCount } from "../domain/figures.js";
import { formatChange, formatQuantity } from "../domain/grid_figures.js";
import { countPhases, gapOf } from "../domain/grid_plans.js";
import { hasWords, say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import "./pareto_chart.js";
import { roleStyles, tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const FLOWS = /** @type {const} */ ([
  ["grid.plan.losses", "losses_before_kwh", "losses_after_kwh", "kWh"],
  ["grid.plan.neutral", "neutral_mean_before_a", "neutral_mean_after_a", "A"],
  ["grid.plan.voltage_min", "voltage_min_before_pu", "voltage_min_after_pu", "pu"],
  ["grid.plan.voltage_max", "voltage_max_before_pu", "voltage_max_after_pu", "pu"],
  ["grid.plan.vuf", "vuf_mean_before_pct", "vuf_mean_after_pct", "%"],
]);

export class SwitchPlan extends Localized {
  static properties = { plan: { attribute: false }, asked: { attribute: false }, connections: { attribute: false } };

  static styles = [
    sharedStyles,
    roleStyles,
    tableStyles,
    css`
      :host {
        display: grid;
        gap: 20px;
        grid-template-columns: minmax(0, 1fr);
      }

      .sides {
        display: grid;
        gap: 24px;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        align-items: start;
      }

      .facts dd {
        white-space: normal;
      }

      .verdict {
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--contestable-wash);
      }

      .proven {
        background: var(--verified-wash);
      }

      thead th {
        white-space: nowrap;
      }

      .before {
        fill: var(--heat-3);
      }

      .after {
        fill: var(--brand);
      }

      svg.pair {
        display: block;
        width: 100%;
        height: 28px;
      }

      td.bars {
        width: 30%;
      }

      .scroll {
        max-height: 360px;
      }

      .scroll th[scope="row"] {
        white-space: normal;
        overflow-wrap: anywhere;
        min-width: 160px;
      }

      @media (max-width: 599px) {
        thead th,
        .sides th,
        .sides td {
          white-space: normal;
        }

        .bars {
          display: none;
        }
      }

      @media (max-width: 899px) {
        .sides {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Plan | null} */
    this.plan = null;
    /** What was asked for. @type {{weights?: Record<string, number>} | null} */
    this.asked = null;
    /** Behind the element that is balanced. @type {GridConnection[]} */
    this.connections = [];
  }

  /** @param {number | null | undefined} value */
  power(value) {
    return formatQuantity(value, "kW", this.locale);
  }

  render() {
    const { plan } = this;
    if (!plan) return nothing;
    return html`${this.renderFacts(plan)} ${this.renderVerdict(plan)}
      <div class="sides">
        <div class="stack">
          <h3>${say("grid.pareto.title")}</h3>
          ${plan.pareto.length > 1
            ? html`<partage-pareto-chart .points=${plan.pareto} .bound=${plan.bound_kw} .chosen=${plan.switches.length}></partage-pareto-chart>`
            : html`<p class="soft">${say("grid.pareto.none")}</p>`}
        </div>
        <div class="stack">${this.renderPhases(plan)} ${this.renderFlow(plan)}</div>
      </div>
      ${this.renderSwitches(plan)}`;
  }

  /** @param {Plan} plan */
  renderFacts(plan) {
    const { imbalance_before_kw: before, imbalance_after_kw: after, holdout_before_kw: heldBefore, holdout_after_kw: heldAfter } = plan;
    const facts = [
      ["grid.plan.fit", `${this.power(before)} → ${this.power(after)}`, formatChange(before, after, this.locale)],
      ["grid.plan.held", `${this.power(heldBefore)} → ${this.power(heldAfter)}`, heldBefore === null ? "" : formatChange(heldBefore, heldAfter ?? 0, this.locale)],
      ["grid.plan.worst_hour", `${this.power(plan.worst_hour_before_kw)} → ${this.power(plan.worst_hour_after_kw)}`, formatChange(plan.worst_hour_before_kw ?? 0, plan.worst_hour_after_kw ?? 0, this.locale)],
      ["grid.plan.switches", formatCount(plan.switches.length, this.locale), ""],
    ];
    return html`<dl class="facts">
      ${facts.map(([words, text, change]) => html`<div><dt>${say(words ?? "")}</dt><dd data-figure=${words ?? ""}>${text} ${change ? html`<span class="small">(${change})</span>` : nothing}</dd></div>`)}
    </dl>`;
  }

  /** @param {Plan} plan */
  renderVerdict(plan) {
    const gap = formatQuantity(gapOf(plan) * 100, "%", this.locale, 1);
    const bound = this.power(plan.bound_kw);
    const words = plan.proven ? say("grid.plan.proven") : isWeighed(this.asked?.weights) ? say("grid.plan.weighed", { bound }) : plan.bound_kw > 0 ? say("grid.plan.bound", { bound, gap }) : say("grid.plan.no_bound");
    const left = Object.entries(plan.left_out ?? {}).map(([why, count]) => `${hasWords(`grid.plan.left_out.${why}`) ? say(`grid.plan.left_out.${why}`) : why} (${formatCount(count, this.locale)})`);
    const told = [
      plan.holdout_kind ? say(`grid.plan.kind.${plan.holdout_kind}`) : "",
      plan.resolution_seconds ? say("grid.plan.resolution", { minutes: formatQuantity(plan.resolution_seconds / 60, "", this.locale, 0) }) : "",
      plan.movable === undefined ? "" : say("grid.plan.movable", { count: formatCount(plan.movable, this.locale) }),
      left.length > 0 ? say("grid.plan.left_out", { reasons: left.join(", ") }) : "",
    ];
    return html`<div class="verdict ${plan.proven ? "proven" : ""}">
      <p>${words}</p>
      <p class="small">${told.filter(Boolean).join(" ")}</p>
    </div>`;
  }

  /** @param {Plan} plan */
  renderPhases(plan) {
    const counts = countPhases(this.connections, plan.switches);
    const rows = counts.map(({ phase, before, after }, i) => ({ phase, before: plan.phases?.before_kw[i] ?? before, after: plan.phases?.after_kw[i] ?? after, counts: `${formatCount(before, this.locale)} → ${formatCount(after, this.locale)}` }));
    const most = Math.max(1e-9, ...rows.flatMap(({ before, after }) => [Math.abs(before), Math.abs(after)]));
    const told = (/** @type {number} */ value) => (plan.phases ? this.power(value) : formatCount(value, this.locale));
    return html`<h3>${say(plan.phases ? "grid.plan.powers" : "grid.plan.phases")}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">${say("grid.plan.phase")}</th>
            <th scope="col">${key("before")} ${say("grid.plan.before")}</th>
            <th scope="col">${key("after")} ${say("grid.plan.after")}</th>
            <th scope="col">${say("grid.plan.phases")}</th>
            <th scope="col" class="bars"><span class="hidden">${say("grid.rank.bars")}</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ phase, before, after, counts: moved }) => html`<tr>
              <th scope="row">${phase}</th>
              <td>${told(before)}</td>
              <td>${told(after)}</td>
              <td>${moved}</td>
              <td class="bars">
                <svg class="pair" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">
                  ${svg`<rect class="before" x="0" y="3" width=${(Math.abs(before) / most) * 100} height="9"></rect><rect class="after" x="0" y="15" width=${(Math.abs(after) / most) * 100} height="9"></rect>`}
                </svg>
              </td>
            </tr>`,
          )}
        </tbody>
      </table>`;
  }

  /** @param {Plan} plan */
  renderFlow({ flow, spared }) {
    const known = FLOWS.filter(([, before, after]) => typeof flow?.[before] === "number" && typeof flow?.[after] === "number");
    if (flow?.problem) return html`<p class="soft">${say("grid.plan.flow.problem", { problem: flow.problem })}</p>`;
    if (!flow || known.length === 0) return nothing;
    return html`<h3>${say("grid.plan.flow")}</h3>
      ${this.renderDoubts(flow, spared)}
      <table>
        <thead>
          <tr>
            <th scope="col">${say("grid.plan.quantity")}</th>
            <th scope="col">${say("grid.plan.before")}</th>
            <th scope="col">${say("grid.plan.after")}</th>
          </tr>
        </thead>
        <tbody>
          ${known.map(
            ([words, before, after, unit]) => html`<tr>
              <th scope="row">${say(words)}</th>
              <td>${formatQuantity(flow[before], unit, this.locale)}</td>
              <td>${formatQuantity(flow[after], unit, this.locale)}</td>
            </tr>`,
          )}
        </tbody>
      </table>`;
  }

  /**
   * What power flow does not confirm, and what a plan by the weights that were asked for would have made worse.
   *
   * @param {NonNullable<Plan["flow"]>} flow
   * @param {string[] | undefined} spared
   */
  renderDoubts(flow, spared) {
    const warnings = flow.warnings ?? [];
    return html`${warnings.length > 0
      ? html`<div class="doubts" role="note">
          <p><strong>${say("grid.plan.flow.doubts")}</strong></p>
          <ul>
            ${warnings.map((words) => html`<li>${words}</li>`)}
          </ul>
        </div>`
      : nothing}
    ${spared && spared.length > 0
      ? html`<p class="soft">${say("grid.plan.flow.spared", { harms: spared.join("; ") })}</p>`
      : nothing}`;
  }

  /** @param {Plan} plan */
  renderSwitches({ switches }) {
    if (switches.length === 0) return html`<p class="soft">${say("grid.plan.no_switch")}</p>`;
    const place = new Map(this.connections.map((one) => [one.id, one]));
    return html`<div class="stack">
      <h3>${say("grid.plan.list")}</h3>
      <div class="scroll" role="region" tabindex="0" aria-label=${say("grid.plan.list")}>
        <table>
          <thead>
            <tr>
              <th scope="col">${say("grid.plan.connection")}</th>
              <th scope="col">${say("grid.plan.bus")}</th>
              <th scope="col">${say("grid.plan.move")}</th>
              <th scope="col">${say("grid.plan.cost")}</th>
              <th scope="col">${say("grid.plan.gain")}</th>
              <th scope="col">${say("grid.plan.lost")}</th>
            </tr>
          </thead>
          <tbody>
            ${switches.map(
              ({ connection, from, to, gain_kw: gain, lost_without_kw: lost, metering_points: points, others, cost }, i) => html`<tr>
                <th scope="row">${i + 1}. ${connection} ${points?.length ? html`<span class="small soft">${points.join(", ")}</span>` : nothing} ${others?.length ? html`<span class="small">${say("grid.plan.with", { others: others.join(", ") })}</span>` : nothing}</th>
                <td>${place.get(connection)?.bus ?? ""}</td>
                <td><b>${from} → ${to}</b></td>
                <td>${formatQuantity(cost, "", this.locale)}</td>
                <td>${this.power(gain)}</td>
                <td>${this.power(lost)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="small soft">${say("grid.plan.gain.means")}</p>
    </div>`;
  }
}

/** Does anything count but the mean imbalance? @param {Record<string, number> | undefined} weights */
function isWeighed(weights = {}) {
  return Object.entries(weights).some(([name, weight]) => name !== "mean" && weight > 0);
}

/** @param {"before" | "after"} side */
function key(side) {
  return html`<svg class="key" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><rect class=${side} width="10" height="10" rx="2"></rect></svg>`;
}

customElements.define("partage-switch-plan", SwitchPlan);
