/**
 * What loading a meter file would do. Tells `load`, `load-allocation`, `throw-away` and `otherwise`.
 *
 * @typedef {import("../data/meter_data.js").Upload} Upload
 * @typedef {import("../domain/readings.js").StoredFinding} StoredFinding
 */
import { css, html, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { formatCount, formatEnergy } from "../domain/figures.js";
import { rulesOf, sizeOf } from "../domain/readings.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { ruleName, wordsOf } from "./reading_findings.js";
import "./reading_options.js";
import { sharedStyles } from "./shared_styles.js";

const SHOWN = 8; // sentences of a rule

export class FileLook extends Localized {
  static properties = {
    upload: { attribute: false },
    zone: {},
    working: { type: Boolean },
    parts: { attribute: false },
    formats: { attribute: false },
    points: { attribute: false },
  };

  static styles = [
    sharedStyles,
    css`
      article {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--sunken);
        overflow-wrap: anywhere;
      }

      h5 {
        margin: 8px 0 0;
        font-size: 16px;
        line-height: 24px;
      }

      h4 {
        margin: 0;
        font-size: 16px;
        line-height: 24px;
        overflow-wrap: anywhere;
      }

      .state {
        display: inline-flex;
        gap: 6px;
        align-items: center;
        font-weight: 600;
      }

      .good {
        color: var(--verified);
      }

      .bad {
        color: var(--voided);
      }

      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(132px, 1fr));
        gap: 8px 16px;
      }

      dt {
        font-size: 14px;
        line-height: 20px;
        color: var(--ink-soft);
      }

      dd {
        font-weight: 600;
        overflow-wrap: anywhere;
      }

      .found li {
        padding: 4px 0;
        font-size: 14px;
        line-height: 20px;
        overflow-wrap: anywhere;
      }

      th,
      thead th:first-child {
        background: none;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Upload | null} */
    this.upload = null;
    this.zone = "UTC";
    this.working = false;
    /** What of it can be loaded still. @type {import("../domain/readings.js").Part[]} */
    this.parts = [];
    /** @type {readonly {name: string, title: string}[]} */
    this.formats = [];
    /** @type {readonly string[]} */
    this.points = [];
  }

  /** @param {number} count */
  count(count) {
    return formatCount(count, this.locale);
  }

  render() {
    const { upload } = this;
    if (!upload) return nothing;
    const { look, name } = upload;
    const good = look.accepted || look.allocation?.accepted === true;
    const format = look.format_title || look.format || say("readings.look.unknown");
    return html`<article aria-label=${name}>
      <div class="row spread">
        <h4>${name}</h4>
        <span class="state ${good ? "good" : "bad"}">${icon(good ? "final" : "voided", 18)}${say(good ? "readings.look.accepted" : "readings.look.refused")}</span>
      </div>
      <p class="small soft">${say("readings.look.format")}: ${format}, ${say("readings.look.size", sizeOf(upload.bytes))}</p>
      ${look.accepted ? this.renderAccepted(upload) : html`<p class=${good ? "soft" : "bad"}>${look.asks.length > 0 ? this.tellAsked(look.asks) : look.reason}</p>`}
      ${this.renderFound(look.findings, say("readings.look.notes", { count: this.count(look.findings_count) }), !look.accepted && look.asks.length === 0)}
      ${look.accepted
        ? look.checked_count > 0
          ? this.renderFound(look.checked, say("readings.look.checked", { count: this.count(look.checked_count) }), true)
          : html`<p class="small">${say("readings.look.clean")}</p>`
        : nothing}
      ${look.allocation ? this.renderAllocation(look.allocation) : nothing}
      <details ?open=${look.asks.length > 0}>
        <summary>${say("readings.otherwise")}</summary>
        <partage-reading-options
          .upload=${upload}
          .formats=${this.formats}
          .points=${this.points}
          .zone=${this.zone}
          .working=${this.working}
          @otherwise=${(/** @type {CustomEvent} */ { detail }) => this.dispatchEvent(new CustomEvent("otherwise", { detail }))}
        ></partage-reading-options>
      </details>
      <div class="row">
        ${this.parts.map((part) => {
          const [event, words] = part === "readings" ? ["load", "readings.load"] : ["load-allocation", "readings.load.allocation"];
          return html`<button type="button" class="primary" ?disabled=${this.working} @click=${() => this.dispatchEvent(new CustomEvent(event))}>${say(words)}<span class="hidden"> ${name}</span></button>`;
        })}
        <button type="button" ?disabled=${this.working} @click=${() => this.dispatchEvent(new CustomEvent("throw-away"))}>${say("readings.throw")}<span class="hidden"> ${name}</span></button>
      </div>
    </article>`;
  }

  /** @param {readonly string[]} asks */
  tellAsked(asks) {
    return say("readings.otherwise.needs", { names: asks.map((name) => say(`readings.otherwise.${name}`)).join(", ") });
  }

  /** @param {Upload} upload */
  renderAccepted({ look }) {
    const stamp = stampsOf(this.zone, this.locale);
    const facts = [
      ["readings.look.span", `${stamp(look.start_utc ?? 0)} – ${stamp(look.end_utc ?? 0)}`],
      ["readings.look.readings", say("readings.look.step", { count: this.count(look.readings), minutes: look.resolution_minutes })],
      ["readings.look.new", this.count(look.new)],
      ["readings.look.changed", this.count(look.changed)],
      ["readings.look.same", this.count(look.same)],
      ["readings.look.missing", this.count(look.missing)],
    ];
    const title = say("readings.look.points", { count: this.count(look.points.length) });
    return html`<dl>
        ${facts.map(([words, value]) => html`<div><dt>${say(words ?? "")}</dt><dd>${value}</dd></div>`)}
      </dl>
      <details>
        <summary>${title}</summary>
        <div class="scroll" role="region" tabindex="0" aria-label=${title}>
          <table>
            <thead>
              <tr>
                ${["readings.look.point", "readings.look.readings", "readings.look.new", "readings.look.changed", "readings.look.energy"].map((words) => html`<th scope="col">${say(words)}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${look.points.map(
                (point) => html`<tr>
                  <th scope="row">${point.metering_point}</th>
                  <td>${this.count(point.readings)}</td>
                  <td>${this.count(point.new)}</td>
                  <td>${this.count(point.changed)}</td>
                  <td>${formatEnergy(point.energy_milliwatt_hours, this.locale)}</td>
                </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>`;
  }

  /** @param {import("../data/meter_data.js").AllocationInFile} allocation */
  renderAllocation(allocation) {
    const title = html`<h5>${say("readings.allocation")}</h5>`;
    if (!allocation.accepted) return html`${title}<p class="small bad">${allocation.reason}</p>`;
    const stamp = stampsOf(this.zone, this.locale);
    const facts = [
      ["readings.look.span", `${stamp(allocation.start_utc ?? 0)} – ${stamp(allocation.end_utc ?? 0)}`],
      ["readings.allocation.rows", this.count(allocation.rows)],
      ["readings.quality.points", this.count(allocation.points.length)],
      ["readings.allocation.allocated", formatEnergy(allocation.allocated_milliwatt_hours, this.locale)],
      ["readings.allocation.shared", formatEnergy(allocation.shared_milliwatt_hours, this.locale)],
    ];
    return html`${title}
      <p class="small soft">${say("readings.allocation.lead")}</p>
      <dl>
        ${facts.map(([words, value]) => html`<div><dt>${say(words ?? "")}</dt><dd>${value}</dd></div>`)}
      </dl>`;
  }

  /** @param {StoredFinding[]} findings @param {string} title @param {boolean} open */
  renderFound(findings, title, open) {
    if (findings.length === 0) return nothing;
    return html`<details ?open=${open}>
      <summary>${title}</summary>
      ${rulesOf(findings).map(({ rule, points }) => {
        const all = points.flatMap(({ findings: own }) => own);
        return html`<p><b>${ruleName(rule)}</b> <span class="soft small">${all.length}</span></p>
          <ul class="found" role="list">
            ${all.slice(0, SHOWN).map((finding) => html`<li>${wordsOf(finding, this).sentence}</li>`)}
            ${all.length > SHOWN ? html`<li class="soft">${say("readings.look.more", { count: all.length - SHOWN })}</li>` : nothing}
          </ul>`;
      })}
    </details>`;
  }
}

customElements.define("partage-file-look", FileLook);
