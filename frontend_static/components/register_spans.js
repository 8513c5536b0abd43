/**
 * What a point's register counted beside what its intervals add up to, from read to read; nothing where it was never read.
 *
 * @typedef {import("../domain/meter_sums.js").RegisterSpan} RegisterSpan
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatCount, formatEnergy } from "../domain/figures.js";
import { spansShown, verdictOnSpan } from "../domain/meter_sums.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { tableStyles } from "./role_styles.js";
import { sharedStyles } from "./shared_styles.js";

const SHOWN = 62;
const HEADS = ["readings.register.register", "readings.register.intervals", "readings.register.difference"];
const VERDICTS = { apart: "readings.register.apart", missing: "readings.register.missing", agree: "readings.register.agree" };

export class RegisterSpans extends Localized {
  static properties = { spans: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    tableStyles,
    css`
      section {
        display: grid;
        gap: 8px;
        grid-template-columns: minmax(0, 1fr);
      }

      .scroll {
        max-height: 320px;
      }

      tbody th {
        padding-bottom: 0;
        border-bottom: 0;
        font-weight: 550;
        white-space: normal;
      }

      .verdict {
        display: block;
        font-weight: 400;
      }

      .apart {
        color: var(--contestable);
        font-weight: 650;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {RegisterSpan[]} */
    this.spans = [];
    this.zone = "UTC";
  }

  render() {
    const { spans } = this;
    if (spans.length === 0) return nothing;
    const shown = spansShown(spans, SHOWN);
    const left = spans.length - shown.length;
    return html`<section>
      <h3>${say("readings.register")}</h3>
      <div class="scroll" role="region" tabindex="0" aria-label=${say("readings.register")}>
        <table>
          <thead>
            <tr>
              ${HEADS.map((words) => html`<th scope="col">${say(words)}</th>`)}
            </tr>
          </thead>
          ${shown.map((span) => this.renderSpan(span))}
        </table>
      </div>
      ${left > 0 ? html`<p class="small">${say("readings.register.more", { count: formatCount(left, this.locale) })}</p>` : nothing}
      <p class="small soft">${say("readings.register.how")}</p>
    </section>`;
  }

  /** @param {RegisterSpan} span */
  renderSpan(span) {
    const { locale } = this;
    const stamp = stampsOf(this.zone, locale);
    const energy = (/** @type {number} */ value) => formatEnergy(value, locale, 3);
    const difference = span.intervals_milliwatt_hours - span.register_milliwatt_hours;
    const verdict = verdictOnSpan(span);
    const words = say(VERDICTS[verdict], { limit: energy(span.limit_milliwatt_hours), count: formatCount(span.missing, locale) });
    return html`<tbody>
      <tr>
        <th scope="rowgroup" colspan=${HEADS.length}>
          ${stamp(span.start_utc)} – ${stamp(span.end_utc)} <span class="verdict ${verdict}">${icon(verdict === "agree" ? "final" : "open", 14)} ${words}</span>
        </th>
      </tr>
      <tr>
        <td>${energy(span.register_milliwatt_hours)}</td>
        <td>${energy(span.intervals_milliwatt_hours)}</td>
        <td>${difference > 0 ? "+" : ""}${energy(difference)}</td>
      </tr>
    </tbody>`;
  }
}

customElements.define("partage-register-spans", RegisterSpans);
