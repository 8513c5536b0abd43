/** The whole form of a rule: three folded parts, the changed ones marked. Event `draft`. */
import { css, html, nothing } from "../vendor/lit.js";
import { changedTables } from "../domain/rule_draft.js";
import { say } from "../i18n/words.js";
import { DraftPart } from "./draft_part.js";
import { icon } from "./icons.js";
import "./key_editor.js";
import "./limits_editor.js";
import { sharedStyles } from "./shared_styles.js";
import "./tariff_editor.js";

const PARTS = /** @type {const} */ ([
  ["key", ["sharing_key"]],
  ["tariff", ["tariff"]],
  ["limits", ["conformity", "settlement", "allocation"]],
]);
const OF_KEY = /^(method|coefficients|producer_parts|pairs|tiers|fairness_steps|caps|preferences|donations)/;
const OF_LIMITS = /^(max_estimated|max_missing|contest_hours|terms)/;

/** @param {string} at @returns {"key" | "tariff" | "limits"} The part that a field is in. */
function partOf(at) {
  return OF_KEY.test(at) ? "key" : OF_LIMITS.test(at) ? "limits" : "tariff";
}

export class RuleEditor extends DraftPart {
  static properties = { today: { attribute: false } };

  static styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: 12px;
      }

      details {
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
      }

      summary {
        display: flex;
        gap: 12px;
        align-items: center;
        min-height: 52px;
        padding: 8px 16px;
        font-weight: 650;
      }

      .body {
        padding: 8px 16px 20px;
      }

      .fold {
        display: inline-flex;
        color: var(--ink-soft);
      }

      details[open] > summary .fold {
        transform: rotate(90deg);
      }

      .mark {
        display: inline-flex;
        gap: 4px;
        align-items: center;
        margin-left: auto;
        font-size: 14px;
        font-weight: 550;
        color: var(--contestable);
      }

      .mark.wrong {
        color: var(--voided);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {import("./draft_part.js").Draft | null} */
    this.today = null;
    /** Parts in which a fault was told. @type {Set<string>} */
    this.unfolded = new Set();
  }

  render() {
    const { draft, today, points, faults, minutes } = this;
    if (!draft || !today) return nothing;
    const changed = Object.keys(changedTables(draft, today, points));
    const part = (/** @type {string} */ name) => {
      const given = { draft, points, faults, minutes };
      const pass = (/** @type {CustomEvent} */ event) => this.put(event.detail);
      if (name === "key") return html`<partage-key-editor .draft=${given.draft} .points=${points} .faults=${faults} .minutes=${minutes} @draft=${pass}></partage-key-editor>`;
      if (name === "tariff") return html`<partage-tariff-editor .draft=${given.draft} .points=${points} .faults=${faults} .minutes=${minutes} @draft=${pass}></partage-tariff-editor>`;
      return html`<partage-limits-editor .draft=${given.draft} .points=${points} .faults=${faults} .minutes=${minutes} @draft=${pass}></partage-limits-editor>`;
    };
    return html`${PARTS.map(([name, tables], i) => {
      const wrong = faults.some(({ at }) => partOf(at) === name);
      const other = tables.some((table) => changed.includes(table));
      if (wrong) this.unfolded.add(name); // and stays so: who mends a fault is still at it
      return html`<details data-part=${name} ?open=${i === 0 || this.unfolded.has(name)}>
        <summary>
          <span class="fold">${icon("right", 16)}</span><span>${say(`compose.part.${name}`)}</span>
          ${wrong ? html`<span class="mark wrong">${icon("voided", 16)}${say("compose.wrong")}</span>` : other ? html`<span class="mark">${icon("pen", 16)}${say("compose.changed")}</span>` : nothing}
        </summary>
        <div class="body">${part(name)}</div>
      </details>`;
    })}`;
  }
}

customElements.define("partage-rule-editor", RuleEditor);
