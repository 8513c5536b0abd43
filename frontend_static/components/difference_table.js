/** Metering points by how far the operator's allocation is from ours; each shows its curves (event `show`) and leads to a case. */
import { css, html, nothing } from "../vendor/lit.js";
import { formatEnergy, formatMoney } from "../domain/figures.js";
import { claimOf, writeClaim } from "../domain/reconciliation.js";
import { writeRoute } from "../domain/routes.js";
import { say } from "../i18n/words.js";
import { causeStyles, renderCause } from "./cause_table.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

export class DifferenceTable extends Localized {
  static properties = { points: { attribute: false }, label: {}, chosen: {}, disputes: { type: Boolean } };

  static styles = [
    sharedStyles,
    tableStyles,
    causeStyles,
    css`
      button.point {
        min-height: 24px;
        padding: 0;
        border: 0;
        background: none;
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
        text-align: left;
      }

      .button {
        min-height: 36px;
        padding: 4px 12px;
        white-space: nowrap;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly import("../domain/reconciliation.js").PointDifference[]} */
    this.points = [];
    /** Of the period. */
    this.label = "";
    /** The point whose curves are shown; empty for none. */
    this.chosen = "";
    /** Whether the reader may open cases. */
    this.disputes = false;
  }

  render() {
    const heads = ["reconcile.operator", "reconcile.computed", "reconcile.difference", "reconcile.cost"];
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("reconcile.by_point")}>
      <table>
        <caption class="hidden">${say("reconcile.by_point")}</caption>
        <thead>
          <tr>
            <th scope="col">${say("operator.point")}</th>
            ${heads.map((words) => html`<th scope="col">${say(words)}</th>`)}
            <th scope="col" class="text">${say("reconcile.cause")}</th>
            ${this.disputes ? html`<th scope="col" class="text"><span class="hidden">${say("reconcile.open")}</span></th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${this.points.map((point) => this.renderOne(point))}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {import("../domain/reconciliation.js").PointDifference} point */
  renderOne(point) {
    const { metering_point: id, participant, operator_milliwatt_hours: operator, computed_milliwatt_hours: computed, difference_milliwatt_hours: difference } = point;
    const claim = claimOf(this.label, point);
    const show = () => this.dispatchEvent(new CustomEvent("show", { detail: { point: id } }));
    return html`<tr data-point=${id} aria-current=${id === this.chosen ? "true" : nothing}>
      <th scope="row">
        ${point.rows > 0 ? html`<button type="button" class="point" aria-label=${say("reconcile.show", { point: id })} @click=${show}>${id}</button>` : id}
        <div class="small soft">${participant}</div>
      </th>
      <td>${formatEnergy(operator, this.locale, 3)}</td>
      <td>${formatEnergy(computed, this.locale, 3)}</td>
      <td>${formatEnergy(difference, this.locale, 3)}</td>
      <td>${formatMoney(point.cost_cents, this.locale)}</td>
      <td class="text">${point.causes.map(({ cause }) => html`<div>${renderCause(cause)}</div>`)}</td>
      ${this.disputes
        ? html`<td class="text">
            ${claim
              ? html`<a class="button" aria-label=${say("reconcile.open.of", { point: id })} href=${writeRoute("disputes", "new", writeClaim(claim))}>${icon("disputes", 18)}${say("reconcile.open")}</a>`
              : nothing}
          </td>`
        : nothing}
    </tr>`;
  }
}

customElements.define("partage-difference-table", DifferenceTable);
