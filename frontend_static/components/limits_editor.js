/**
 * The form of conformity, contest window and whose allocation binds. Of the terms by which readings are checked only those are
 * listed that differ from the software's own.
 *
 * @typedef {import("../domain/terms.js").Term} Term
 */
import { html, nothing } from "../vendor/lit.js";
import { choiceOf, nameParameter, nameRule } from "../domain/differences.js";
import { GAPS } from "../domain/rule_draft.js";
import { SUBJECTS, boundsOf, choicesOf, optionsOf, ownValue, unitOfParameter } from "../domain/terms.js";
import { say } from "../i18n/words.js";
import { DraftPart, draftStyles } from "./draft_part.js";
import { icon } from "./icons.js";
import { sharedStyles } from "./shared_styles.js";

const UNITS = /** @type {Readonly<Record<string, string>>} */ ({ ppm: "%", degrees: "°", count: "" });

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
    </div>
    ${this.renderTerms()}`;
  }

  renderTerms() {
    const { terms } = this.draft;
    const keep = (/** @type {Term[]} */ kept) => this.put({ terms: kept });
    const begin = (/** @type {string} */ subject, what = optionsOf(subject)[0] ?? "") => ({ subject, what, value: ownValue(subject, what) });
    const free = SUBJECTS.find((subject) => terms.every((term) => term.subject !== subject)) ?? SUBJECTS[0] ?? "";
    return html`<fieldset>
      <legend>${say("compose.terms")}</legend>
      <p class="small soft">${say("compose.terms.hint")}</p>
      ${terms.map((term, i) => {
        const set = (/** @type {Term} */ changed) => keep(terms.map((one, place) => (place === i ? changed : one)));
        return html`<div class="line">
            ${this.renderChoice({ at: `terms.${i}.rule`, label: say("compose.terms.rule"), value: term.subject, options: SUBJECTS.map((one) => [one, nameRule(one, say)]), put: (subject) => set(begin(subject)) })}
            ${this.renderChoice({ at: `terms.${i}.what`, label: say("compose.terms.what"), value: term.what, options: optionsOf(term.subject).map((one) => [one, this.nameOption(term.subject, one)]), put: (what) => set(begin(term.subject, what)) })}
            ${this.renderTerm(term, i, (value) => set({ ...term, value }))}
            <button type="button" class="quiet" aria-label=${say("compose.terms.remove", { number: i + 1 })} @click=${() => keep(terms.filter((_, place) => place !== i))}>${icon("close")}</button>
            ${this.renderOwn(term)}
          </div>`;
      })}
      <div>
        <button type="button" id="add_term" @click=${() => keep([...terms, begin(free)])}>${icon("plus")}${say("compose.terms.add")}</button>
      </div>
    </fieldset>`;
  }

  /** @param {string} subject @param {string} what */
  nameOption(subject, what) {
    return what === "left_out" || what === "treatment" ? say(`compose.terms.${what}`) : nameParameter(subject, what, say);
  }

  /** @param {string} subject @param {string} what @param {string} choice */
  nameChoice(subject, what, choice) {
    return choiceOf(what === "treatment" ? "conformity.rules.treatments" : `conformity.rules.${subject}.${what}`, choice, say);
  }

  /** @param {Term} term @param {number} i @param {(value: string) => void} put */
  renderTerm({ subject, what, value }, i, put) {
    const [at, label] = [`terms.${i}`, say("compose.terms.value")];
    if (what === "left_out") return this.renderFault(at);
    const choices = choicesOf(subject, what);
    if (choices) return this.renderChoice({ at, label, value, options: choices.map((one) => [one, this.nameChoice(subject, what, one)]), put });
    return this.renderField({ at, label, value, unit: this.unitOf(what), put });
  }

  /** @param {Term} term What the software does of itself, below the line. */
  renderOwn({ subject, what }) {
    if (what === "left_out") return nothing;
    const chosen = choicesOf(subject, what) !== null;
    const own = chosen ? this.nameChoice(subject, what, ownValue(subject, what)) : boundsOf(subject, what).own;
    const value = chosen ? own : `${this.locale === "fr" ? own.replace(".", ",") : own} ${this.unitOf(what)}`;
    return html`<p class="small soft">${say("compose.terms.own", { value: value.trim() })}</p>`;
  }

  /** @param {string} parameter */
  unitOf(parameter) {
    const unit = unitOfParameter(parameter);
    return UNITS[unit] ?? (unit === "d" && this.locale === "fr" ? "j" : unit);
  }
}

customElements.define("partage-limits-editor", LimitsEditor);
