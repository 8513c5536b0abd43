/** At what hour energy is shared: totals by hour of the local day, with their table. Values [mWh]. */
import { css, html, svg } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const [WIDTH, HEIGHT] = [24, 100];

export class HourProfile extends Localized {
  static properties = { used: { attribute: false }, shared: { attribute: false } };

  static styles = [
    sharedStyles,
    css`
      svg.bars {
        display: block;
        width: 100%;
        height: 180px;
        margin-top: 16px;
      }

      .hours {
        display: flex;
        justify-content: space-between;
        margin-top: 4px;
        font-size: 12px;
        color: var(--ink-soft);
      }

      .keys {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 24px;
        margin: 12px 0;
        font-size: 14px;
      }

      .keys li {
        display: flex;
        gap: 8px;
        align-items: center;
      }

      summary {
        color: var(--brand);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {number[]} */
    this.used = [];
    /** @type {number[]} */
    this.shared = [];
  }

  render() {
    const most = Math.max(1, ...this.used);
    /** @param {number[]} values @param {string} role */
    const bars = (values, role) =>
      values.map((value, hour) => {
        const height = (value / most) * HEIGHT;
        return svg`<rect class="fill-${role}" x=${hour + 0.08} y=${HEIGHT - height} width="0.84" height=${height}></rect>`;
      });
    /** @param {number} hour */
    const name = (hour) => `${String(hour).padStart(2, "0")}:00`;
    return html`<svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${say("community.profile")}>
        ${bars(this.used, "grid")} ${bars(this.shared, "shared")}
      </svg>
      <div class="hours" aria-hidden="true">${[0, 6, 12, 18, 24].map((hour) => html`<span>${name(hour)}</span>`)}</div>
      <ul class="keys">
        ${[["shared", "community.bar.shared"], ["grid", "community.bar.residual"]].map(
          ([role, words]) => html`<li>
            <svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="fill-${role}" width="12" height="12" rx="3"></rect></svg>
            ${say(words ?? "")}
          </li>`,
        )}
      </ul>
      <details>
        <summary>${say("community.profile.table")}</summary>
        <div class="scroll" role="region" tabindex="0" aria-label=${say("community.profile.table")}>
          <table>
            <thead>
              <tr>
                <th scope="col">${say("community.profile.hour")}</th>
                <th scope="col">${say("community.bar.label")}</th>
                <th scope="col">${say("community.bar.shared")}</th>
              </tr>
            </thead>
            <tbody>
              ${this.used.map(
                (value, hour) => html`<tr>
                  <th scope="row">${name(hour)}</th>
                  <td>${formatEnergy(value, this.locale)}</td>
                  <td>${formatEnergy(this.shared[hour] ?? 0, this.locale)}</td>
                </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`;
  }
}

customElements.define("partage-hour-profile", HourProfile);
