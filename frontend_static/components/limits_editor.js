/** The form of conformity, contest window and whose allocation binds. */
import { html, nothing } from "../vendor/lit.js";
import { GAPS } from "../domain/rule_draft.js";
import { say } from "../i18n/words.js";
import { DraftPart, draftStyles } from "./draft_part.js";
import { sharedStyles } from "./shared_styles.js";

export class LimitsEditor extends DraftPart {
  static styles = [sharedStyles, draftStyles];

  render() {
    const { draft } = this;
    if (!draft) return nothing;
    return html`<div class="grid">
      ${this.renderField({ at: "max_estimated", label: say("difference.conformity.max_estimated_ppm"), value: draft.maxEstimated, unit: "%", put: (maxEstimated) => this.put({ maxEstimated }) })}
      ${this.renderField({ at: "max_missing", label: say("difference.conformity.max_missing_ppm"), value: draft.maxMissing, unit: "%", put: (maxMissing) => this.put({ maxMissing }) })}
      ${this.renderChoice({ at: "gaps", label: say("difference.conformity.gaps"), value: draft.gaps, options: GAPS.map((one) => [one, say(`choice.${one}`)]), put: (gaps) => this.put({ gaps }) })}
      ${this.renderField({ at: "contest_hours", label: say("difference.settlement.contest_window"), value: draft.contestHours, unit: "h", hint: say("compose.hours.hint"), put: (contestHours) => this.put({ contestHours }) })}
      ${this.renderChoice({ at: "source", label: say("difference.allocation.source"), value: draft.source, options: [["computed", say("choice.computed")], ["operator", say("choice.operator")]], put: (source) => this.put({ source }) })}
    </div>`;
  }
}

customElements.define("partage-limits-editor", LimitsEditor);
