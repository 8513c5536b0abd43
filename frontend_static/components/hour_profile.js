/** At what hour energy is shared: totals by hour of the local day, with their table. Values [mWh]. */
import { css, html, svg } from "../vendor/lit.js";
import { formatEnergy } from "../domain/figures.js";
import { say } from "../i18n/words.js";
import { chartStyles, clockOf, renderClock, renderFigures, renderKeys } from "./chart_parts.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

const [WIDTH, HEIGHT] = [24, 100];

export class HourProfile extends Localized {
  static properties = { used: { attribute: false }, shared: { attribute: false } };

  static styles = [
    sharedStyles,
    chartStyles,
    css`
      svg.bars {
        display: block;
        width: 100%;
        height: 180px;
        margin-top: 16px;
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
    const keys = [
      { role: "shared", label: say("community.bar.shared") },
      { role: "grid", label: say("community.bar.residual") },
    ];
    return html`<svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${say("community.profile")}>
        ${bars(this.used, "grid")} ${bars(this.shared, "shared")}
      </svg>
      ${renderClock()} ${renderKeys(keys)} ${this.renderTable()}`;
  }

  renderTable() {
    return renderFigures({
      title: say("community.profile.table"),
      heads: [say("community.profile.hour"), say("community.bar.label"), say("community.bar.shared")],
      rows: this.used.map((value, hour) => [clockOf(hour), ...[value, this.shared[hour] ?? 0].map((energy) => formatEnergy(energy, this.locale))]),
    });
  }
}

customElements.define("partage-hour-profile", HourProfile);
