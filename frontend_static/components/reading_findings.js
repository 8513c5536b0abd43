/**
 * Findings of stored readings, by rule and metering point. Tells `chosen` with a finding.
 *
 * @typedef {import("../domain/readings.js").StoredFinding} StoredFinding
 * @typedef {import("../domain/readings.js").Decision} Decision
 */
import { css, html, nothing } from "../vendor/lit.js";
import { formatCount } from "../domain/figures.js";
import { tellFinding } from "../domain/findings.js";
import { rulesOf } from "../domain/readings.js";
import { hasWords, say } from "../i18n/words.js";
import { SEVERITIES, severityStyles } from "./finding_list.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

/** @param {string} rule @returns {string} Its name in words; its id where it is none of ours. */
export function ruleName(rule) {
  return hasWords(`readings.rule.${rule}`) ? say(`readings.rule.${rule}`) : rule;
}

/**
 * @param {import("../domain/findings.js").Told} finding
 * @param {{locale: import("../domain/figures.js").Locale, zone: string}} reader
 * @returns {{sentence: string, limit: string}} In the reader's language, as far as there are words.
 */
export function wordsOf(finding, { locale, zone }) {
  return tellFinding(finding, { locale, zone, say, hasWords });
}

/** @param {Decision} decision */
export function tellDecision({ treatment, decided_by: name, reason }) {
  const values = { treatment: say(`readings.treatment.${treatment}`), reason };
  return name ? say("readings.decided", { ...values, name }) : say("readings.decided.command", values);
}

export class ReadingFindings extends Localized {
  static properties = { findings: { attribute: false }, chosen: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    severityStyles,
    css`
      details {
        border-top: 1px solid var(--line);
        padding: 4px 0;
      }

      summary {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        align-items: center;
        min-height: 44px;
      }

      summary::-webkit-details-marker {
        display: none;
      }

      .points {
        display: grid;
        gap: 12px;
        max-height: 480px;
        padding: 4px 4px 12px 24px;
        overflow-y: auto;
      }

      .points ul {
        display: grid;
        gap: 4px;
        margin-top: 4px;
      }

      button.finding {
        width: 100%;
        justify-content: start;
        text-align: left;
        font-weight: 400;
        font-size: 14px;
        line-height: 20px;
        overflow-wrap: anywhere;
      }

      button[aria-pressed="true"] {
        border-color: var(--brand);
        background: var(--sunken);
      }

      .decided {
        margin: 2px 0 6px 16px;
      }

      @media (max-width: 599px) {
        .points {
          padding-left: 0;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {StoredFinding[]} */
    this.findings = [];
    /** @type {StoredFinding | null} */
    this.chosen = null;
    this.zone = "UTC";
  }

  /** @param {StoredFinding} finding */
  choose(finding) {
    this.dispatchEvent(new CustomEvent("chosen", { detail: finding }));
  }

  render() {
    const rules = rulesOf(this.findings);
    return html`${rules.map(({ rule, severity, open, points }, place) => {
      const { words, mark } = SEVERITIES[severity] ?? { words: severity, mark: "open" };
      const all = points.reduce((sum, { findings }) => sum + findings.length, 0);
      return html`<details ?open=${place === 0}>
        <summary>
          <span class="severity ${severity}">${icon(mark, 16)}${say(words)}</span>
          <b>${ruleName(rule)}</b>
          <span class="small soft">${say("readings.findings.count", { open: formatCount(open, this.locale), all: formatCount(all, this.locale) })}</span>
        </summary>
        <div class="points" role="region" tabindex="0" aria-label=${ruleName(rule)}>
          ${points.map(
            ({ point, findings }) => html`<div>
              <h3 class="small">${point}</h3>
              <ul role="list">
                ${findings.map((finding) => this.renderFinding(finding))}
              </ul>
            </div>`,
          )}
        </div>
      </details>`;
    })}`;
  }

  /** @param {StoredFinding} finding */
  renderFinding(finding) {
    const { decision, start_utc: start } = finding;
    const { sentence } = wordsOf(finding, this);
    const told = decision ? html`<p class="small soft decided">${icon("final", 14)} ${tellDecision(decision)}</p>` : nothing;
    if (start === null) return html`<li class="small">${sentence}${told}</li>`;
    return html`<li>
      <button type="button" class="finding" aria-pressed=${finding === this.chosen ? "true" : "false"} @click=${() => this.choose(finding)}>${sentence}</button>
      ${told}
    </li>`;
  }
}

customElements.define("partage-reading-findings", ReadingFindings);
