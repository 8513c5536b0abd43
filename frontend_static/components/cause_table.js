/** Differences by cause, the gravest first: each with a word, a shape, its sums and what shows it. */
import { css, html } from "../vendor/lit.js";
import { formatCount, formatEnergy, formatMoney } from "../domain/figures.js";
import { tellEvidence } from "../domain/reconciliation.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

/** A shape and a colour by cause; both beside the word. @type {Readonly<Record<import("../domain/reconciliation.js").Cause, string>>} */
const MARKS = {
  unexplained: "voided",
  "other-coefficients": "contestable",
  participation: "contestable",
  "late-correction": "superseded",
  "missing-reading": "superseded",
  rounding: "open",
};
const HEADS = /** @type {const} */ (["reconcile.rows", "reconcile.points", "reconcile.more", "reconcile.less", "reconcile.cost"]);
const EVIDENCE_SHOWN = 3;

export const causeStyles = css`
  .cause {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    font-weight: 600;
  }

  .cause svg {
    flex: none;
  }

  .cause.unexplained {
    color: var(--voided);
  }

  .cause.other-coefficients,
  .cause.participation {
    color: var(--contestable);
  }

  .cause.rounding {
    color: var(--ink-soft);
  }
`;

/** @param {import("../domain/reconciliation.js").Cause} cause */
export const renderCause = (cause) => html`<span class="cause ${cause}">${icon(MARKS[cause], 16)}${say(`reconcile.cause.${cause}`)}</span>`;

export class CauseTable extends Localized {
  static properties = { causes: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    tableStyles,
    causeStyles,
    css`
      .evidence {
        max-width: 34rem;
        min-width: 16rem;
        text-align: left;
        white-space: normal;
        overflow-wrap: anywhere;
        font-size: 14px;
        line-height: 20px;
        color: var(--ink-soft);
      }

      .evidence li + li {
        margin-top: 4px;
      }

      th,
      td {
        vertical-align: top;
      }

      /* On a phone each cause is a block of its own, so that what shows it can be read without moving the table. */
      @media (max-width: 599px) {
        table,
        tbody,
        tr,
        th[scope="row"],
        td {
          display: block;
        }

        thead {
          display: none;
        }

        tr {
          padding: 12px 0;
          border-bottom: 1px solid var(--line);
        }

        tr > * {
          padding: 2px 0;
          border: 0;
        }

        td[data-head] {
          display: flex;
          justify-content: space-between;
        }

        td[data-head]::before {
          content: attr(data-head);
          color: var(--ink-soft);
        }

        .evidence {
          min-width: 0;
        }

        .scroll {
          max-height: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly import("../domain/reconciliation.js").CauseSums[]} */
    this.causes = [];
    this.zone = "UTC";
  }

  render() {
    return html`<div class="scroll" role="region" tabindex="0" aria-label=${say("reconcile.causes")}>
      <table>
        <caption class="hidden">${say("reconcile.causes")}</caption>
        <thead>
          <tr>
            <th scope="col">${say("reconcile.cause")}</th>
            ${HEADS.map((words) => html`<th scope="col">${say(words)}</th>`)}
            <th scope="col" class="text">${say("reconcile.why")}</th>
          </tr>
        </thead>
        <tbody>
          ${this.causes.map((found) => this.renderOne(found))}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {import("../domain/reconciliation.js").CauseSums} found */
  renderOne({ cause, rows, points, more_milliwatt_hours: more, less_milliwatt_hours: less, cost_cents: cost, evidence }) {
    const told = evidence.slice(0, EVIDENCE_SHOWN).flatMap((one) => tellEvidence(one, { locale: this.locale, zone: this.zone, say }));
    const figures = [
      formatCount(rows, this.locale),
      formatCount(points, this.locale),
      formatEnergy(more, this.locale, 3),
      formatEnergy(less, this.locale, 3),
      formatMoney(cost, this.locale),
    ];
    return html`<tr data-cause=${cause}>
      <th scope="row">${renderCause(cause)}</th>
      ${HEADS.map((words, place) => html`<td data-head=${say(words)}>${figures[place]}</td>`)}
      <td class="evidence"><ul>${told.map((sentence) => html`<li>${sentence}</li>`)}</ul></td>
    </tr>`;
  }
}

customElements.define("partage-cause-table", CauseTable);
