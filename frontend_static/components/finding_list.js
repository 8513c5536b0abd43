/**
 * What a check of readings found: a word and a colour for how grave it is, then the sentence.
 *
 * @typedef {import("../domain/allocations.js").Finding} Finding
 */
import { css, html } from "../vendor/lit.js";
import { orderFindings } from "../domain/allocations.js";
import { formatCount } from "../domain/figures.js";
import { tellFinding } from "../domain/findings.js";
import { hasWords, say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export const SEVERITIES = /** @type {Readonly<Record<string, {words: string, mark: string}>>} */ ({
  refused: { words: "operator.severity.refused", mark: "voided" },
  fault: { words: "operator.severity.fault", mark: "voided" },
  warning: { words: "operator.severity.warning", mark: "contestable" },
  note: { words: "operator.severity.note", mark: "open" },
});

export const severityStyles = css`
  .severity {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    font-weight: 600;
    color: var(--ink-soft);
  }

  .fault,
  .refused {
    color: var(--voided);
  }

  .warning {
    color: var(--contestable);
  }
`;

export class FindingList extends Localized {
  static properties = { findings: { attribute: false }, zone: {} };

  static styles = [
    sharedStyles,
    severityStyles,
    css`
      .list {
        max-height: 400px;
        margin-top: 8px;
        overflow-y: auto;
        border-radius: var(--radius-small);
      }

      li {
        display: grid;
        grid-template-columns: 112px minmax(0, 1fr);
        gap: 4px 16px;
        padding: 12px 0;
        border-top: 1px solid var(--line);
        font-size: 14px;
        line-height: 20px;
        overflow-wrap: anywhere;
      }

      .severity {
        align-self: start;
      }

      @media (max-width: 599px) {
        li {
          grid-template-columns: minmax(0, 1fr);
        }
      }

      @media print {
        .list {
          max-height: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Finding[]} */
    this.findings = [];
    this.zone = "UTC";
  }

  render() {
    if (this.findings.length === 0) return html`<p class="soft">${say("operator.findings.none")}</p>`;
    return html`<p class="small soft">${say("operator.findings.count", { count: formatCount(this.findings.length, this.locale) })}</p>
      <ul class="list" role="list" tabindex="0" aria-label=${say("operator.findings")}>
        ${orderFindings(this.findings).map((finding) => {
          const { severity, rule } = finding;
          const { sentence } = tellFinding(finding, { locale: this.locale, zone: this.zone, say, hasWords });
          const { words, mark } = SEVERITIES[severity] ?? { words: severity, mark: "open" };
          return html`<li>
            <span class="severity ${severity}">${icon(mark, 16)}${say(words)}</span>
            <span>${sentence} <span class="soft">${rule}</span></span>
          </li>`;
        })}
      </ul>`;
  }
}

customElements.define("partage-finding-list", FindingList);
