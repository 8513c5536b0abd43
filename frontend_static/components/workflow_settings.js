/**
 * The workflows of a network: what each is called and where its work ends, its steps, and the drawing of them.
 *
 * @typedef {import("../domain/grid_workflow.js").WorkflowDraft} WorkflowDraft
 * @typedef {import("../domain/grid_workflow.js").StepDraft} StepDraft
 * @typedef {import("../domain/grid_workflow.js").FieldDraft} FieldDraft
 */
import { css, html, nothing } from "../vendor/lit.js";
import { idOf } from "../domain/grid_alarm_rules.js";
import { placeWorkflowRefusal } from "../domain/grid_refusals.js";
import { FIELD_KINDS, WORK_ROLES, addStep, beginWorkflow, draftWorkflow, moveStep, removeStep, targetsOf, writeWorkflow } from "../domain/grid_workflow.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { SettingEditor, settingStyles } from "./setting_editor.js";
import "./workflow_drawing.js";

const SEVERITIES = ["info", "warning", "critical"];

/** @extends {SettingEditor<WorkflowDraft>} */
export class WorkflowSettings extends SettingEditor {
  static properties = { ...SettingEditor.properties, shown: { state: true } };

  static styles = [
    ...settingStyles,
    css`
      .step {
        padding: 12px 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--sunken);
      }

      .step > summary {
        display: flex;
        gap: 8px;
        align-items: center;
      }

      fieldset.step {
        display: grid;
        gap: 12px;
      }

      .moves {
        display: flex;
        gap: 4px;
      }

      .moves button,
      .line button {
        padding: 8px 12px;
      }

      .line {
        background: var(--surface);
      }

      .line > .field {
        flex: 1 1 140px;
        padding-bottom: 0;
      }

      .line > .check {
        flex: none;
      }

      .halves {
        display: grid;
        gap: 24px;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: start;
      }

      partage-workflow-drawing {
        position: sticky;
        top: 16px;
        max-width: 420px;
      }

      @media (max-width: 1099px) {
        .halves {
          grid-template-columns: minmax(0, 1fr);
        }

        partage-workflow-drawing {
          position: static;
          max-width: 100%;
          order: -1;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** Steps that are open, by the names of workflow and step. @type {ReadonlySet<string>} */
    this.shown = new Set();
  }

  get addWords() {
    return "grid.flow.add";
  }

  /** @param {string} key @param {boolean} isOpen */
  show(key, isOpen) {
    if (isOpen === this.shown.has(key)) return;
    const shown = new Set(this.shown);
    if (isOpen) shown.add(key);
    else shown.delete(key);
    this.shown = shown;
  }

  /** @param {any} table */
  read(table) {
    return draftWorkflow(table);
  }

  /** @param {WorkflowDraft} draft @param {string} at */
  write(draft, at) {
    return writeWorkflow(draft, at);
  }

  begin() {
    const words = { title: say("grid.flow.new"), step: say("grid.flow.step.new"), outcome: say("grid.flow.outcome.new"), ending: say("grid.flow.ending.new") };
    return beginWorkflow(this.drafts.map(({ id }) => id), words);
  }

  /** @param {string} detail */
  placeOf(detail) {
    return placeWorkflowRefusal(detail, this.drafts);
  }

  /** @param {number} place @param {WorkflowDraft} draft */
  change(place, draft) {
    this.faults = [];
    this.keep(this.drafts.map((one, i) => (i === place ? draft : one)));
  }

  /** @param {number} place @param {number} i @param {Partial<StepDraft>} change */
  putStep(place, i, change) {
    const draft = this.drafts[place];
    if (draft) this.put(place, { steps: draft.steps.map((step, row) => (row === i ? { ...step, ...change } : step)) });
  }

  /** What was pressed goes away: lead to what stands there now. @param {string} id */
  focusOn(id) {
    void this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`[id="${id}"]`))?.focus());
  }

  /** @param {WorkflowDraft} draft */
  renderSummary({ id, title, steps }) {
    return html`<b>${title}</b>, ${say("grid.flow.count", { count: steps.length })} <span class="small soft">${id}</span>`;
  }

  /** @param {WorkflowDraft} draft @param {number} place */
  renderBody(draft, place) {
    return html`<p class="small soft">${say("grid.flow.begun")}</p>
      <div class="grid">
        ${this.renderField({ at: `${place}.title`, label: say("grid.flow.title"), value: draft.title, put: (title) => this.put(place, { title }) })}
        ${this.renderField({ at: `${place}.id`, label: say("grid.set.id"), value: draft.id, hint: say("grid.set.id.hint"), put: (id) => this.put(place, { id }) })}
      </div>
      <div class="halves">
        <div class="stack">${draft.steps.map((step, i) => this.renderStep(draft, place, step, i))} ${this.renderEndings(draft, place)}</div>
        <partage-workflow-drawing .workflow=${draft}></partage-workflow-drawing>
      </div>`;
  }

  /** @param {WorkflowDraft} draft @param {number} place @param {StepDraft} step @param {number} i */
  renderStep(draft, place, step, i) {
    const at = `${place}.steps.${i}`;
    const named = { number: i + 1 };
    const leads = step.outcomes.map(({ name, to }) => say("grid.flow.leads", { outcome: name, to: nameOf(draft, to) })).join("; ");
    const key = `${place} ${step.id}`;
    const isOpen = this.shown.has(key) || this.faults.some((fault) => fault.at === at || fault.at.startsWith(`${at}.`));
    return html`<details class="step" .open=${isOpen} @toggle=${(/** @type {any} */ event) => this.show(key, event.target.open)}>
      <summary id="step.${place}.${i}">
        ${icon("right", 16)}<span class="told"><b>${say(i === 0 ? "grid.flow.step.first" : "grid.flow.step", named)}</b> ${step.title} <span class="small soft">${leads}</span></span>
      </summary>
      ${isOpen ? html`<div class="body">${this.renderOpen(draft, place, step, i)}</div>` : nothing}
    </details>`;
  }

  /** @param {WorkflowDraft} draft @param {number} place @param {StepDraft} step @param {number} i */
  renderOpen(draft, place, step, i) {
    const at = `${place}.steps.${i}`;
    const named = { number: i + 1 };
    const put = (/** @type {Partial<StepDraft>} */ change) => this.putStep(place, i, change);
    const move = (/** @type {-1 | 1} */ by) => {
      this.change(place, moveStep(draft, i, by));
      this.focusOn(`${place}.steps.${i + by}.title`);
    };
    const add = () => {
      const changed = addStep(draft, i, { step: say("grid.flow.step.new"), outcome: say("grid.flow.outcome.new") });
      this.change(place, changed);
      this.show(`${place} ${changed.steps[i + 1]?.id}`, true);
      this.focusOn(`${place}.steps.${i + 1}.title`);
    };
    const remove = () => {
      this.change(place, removeStep(draft, i));
      this.focusOn(`step.${place}.${Math.max(0, i - 1)}`);
    };
    return html`<div class="moves screen">
        <button type="button" class="quiet" ?disabled=${i === 0} aria-label=${say("grid.flow.up", named)} @click=${() => move(-1)}>${icon("up")}</button>
        <button type="button" class="quiet" ?disabled=${i === draft.steps.length - 1} aria-label=${say("grid.flow.down", named)} @click=${() => move(1)}>${icon("down")}</button>
        <button type="button" class="quiet" ?disabled=${draft.steps.length === 1} aria-label=${say("grid.flow.step.remove", named)} @click=${remove}>${icon("close")}</button>
      </div>
      ${this.faultAt(at) ? html`<p class="fault" role="alert" tabindex="-1">${this.faultAt(at)?.text}</p>` : nothing}
      ${this.renderField({ at: `${at}.title`, label: say("grid.flow.step.title"), value: step.title, put: (title) => put({ title }) })}
      <div class="grid">
        ${this.renderChoice({ at: `${at}.role`, label: say("grid.flow.role"), value: step.role, options: WORK_ROLES.map((role) => [role, say(`grid.flow.role.${role}`)]), put: (role) => put({ role }) })}
        ${this.renderField({ at: `${at}.limit`, label: say("grid.flow.limit"), value: step.limit, unit: "h", type: "decimal", hint: say("grid.flow.limit.hint"), put: (limit) => put({ limit }) })}
        ${this.renderChoice({ at: `${at}.escalation`, label: say("grid.flow.escalation"), value: step.escalation, options: SEVERITIES.map((one) => [one, say(`grid.severity.${one}`)]), put: (escalation) => put({ escalation }) })}
      </div>
      ${this.renderOutcomes(draft, step, at, put)} ${this.renderFields(step, at, put)}
      <div class="screen"><button type="button" @click=${add}>${icon("plus")}${say("grid.flow.step.add", named)}</button></div>`;
  }

  /** @param {WorkflowDraft} draft @param {StepDraft} step @param {string} at @param {(change: Partial<StepDraft>) => void} put */
  renderOutcomes(draft, { outcomes }, at, put) {
    const options = /** @type {[string, string][]} */ (targetsOf(draft).map((id) => [id, nameOf(draft, id)]));
    const set = (/** @type {number} */ row, /** @type {Partial<{name: string, to: string}>} */ change) => put({ outcomes: outcomes.map((one, i) => (i === row ? { ...one, ...change } : one)) });
    const add = () => put({ outcomes: [...outcomes, { name: idOf("", outcomes.map(({ name }) => name), "outcome"), to: draft.endings[0]?.id ?? "" }] });
    return html`<fieldset>
      <legend>${say("grid.flow.outcomes")}</legend>
      ${outcomes.map(
        ({ name, to }, row) => html`<div class="line">
          ${this.renderField({ at: `${at}.outcomes.${row}`, label: say("grid.flow.outcome"), value: name, put: (told) => set(row, { name: told }) })}
          ${this.renderChoice({ at: `${at}.to.${row}`, label: say("grid.flow.to"), value: to, options: options.some(([id]) => id === to) ? options : [[to, "–"], ...options], put: (target) => set(row, { to: target }) })}
          <button type="button" class="quiet" ?disabled=${outcomes.length === 1} aria-label=${say("grid.flow.outcome.remove", { outcome: name })} @click=${() => put({ outcomes: outcomes.filter((_, i) => i !== row) })}>${icon("close")}</button>
        </div>`,
      )}
      <div class="screen"><button type="button" class="quiet" @click=${add}>${icon("plus")}${say("grid.flow.outcome.add")}</button></div>
    </fieldset>`;
  }

  /** @param {StepDraft} step @param {string} at @param {(change: Partial<StepDraft>) => void} put */
  renderFields({ fields }, at, put) {
    const set = (/** @type {number} */ row, /** @type {Partial<FieldDraft>} */ change) => put({ fields: fields.map((one, i) => (i === row ? { ...one, ...change } : one)) });
    const add = () => put({ fields: [...fields, { id: idOf("", fields.map(({ id }) => id), "field"), title: say("grid.flow.field.new"), kind: "text", required: false, unit: "", choices: "" }] });
    return html`<fieldset>
      <legend>${say("grid.flow.fields")}</legend>
      ${fields.map((field, row) => {
        const here = `${at}.fields.${row}`;
        return html`<div class="line">
          ${this.renderField({ at: here, label: say("grid.flow.field"), value: field.title, put: (title) => set(row, { title }) })}
          ${this.renderChoice({ at: `${here}.kind`, label: say("grid.flow.field.kind"), value: field.kind, options: FIELD_KINDS.map((kind) => [kind, say(`grid.flow.field.kind.${kind}`)]), put: (kind) => set(row, { kind }) })}
          ${field.kind === "number" ? this.renderField({ at: `${here}.unit`, label: say("grid.flow.field.unit"), value: field.unit, put: (unit) => set(row, { unit }) }) : nothing}
          ${field.kind === "choice" ? this.renderField({ at: `${here}.choices`, label: say("grid.flow.field.choices"), value: field.choices, type: "lines", put: (choices) => set(row, { choices }) }) : nothing}
          ${this.renderCheck({ at: `${here}.required`, label: say("grid.flow.field.required"), value: field.required, put: (required) => set(row, { required }) })}
          <button type="button" class="quiet" aria-label=${say("grid.flow.field.remove", { field: field.title })} @click=${() => put({ fields: fields.filter((_, i) => i !== row) })}>${icon("close")}</button>
        </div>`;
      })}
      <div class="screen"><button type="button" class="quiet" @click=${add}>${icon("plus")}${say("grid.flow.field.add")}</button></div>
    </fieldset>`;
  }

  /** @param {WorkflowDraft} draft @param {number} place */
  renderEndings(draft, place) {
    const { endings } = draft;
    const add = () => this.put(place, { endings: [...endings, { id: idOf("", targetsOf(draft), "ending"), title: say("grid.flow.ending.new") }] });
    return html`<fieldset class="step">
      <legend class="hidden">${say("grid.flow.endings")}</legend>
      <h3 class="small">${say("grid.flow.endings")}</h3>
      ${endings.map(
        ({ id, title }, row) => html`<div class="line">
          ${this.renderField({ at: `${place}.endings.${row}`, label: say("grid.flow.ending"), value: title, put: (told) => this.put(place, { endings: endings.map((one, i) => (i === row ? { ...one, title: told } : one)) }) })}
          <button type="button" class="quiet" ?disabled=${endings.length === 1} aria-label=${say("grid.flow.ending.remove", { ending: title })} @click=${() => this.put(place, { endings: endings.filter((one) => one.id !== id) })}>${icon("close")}</button>
        </div>`,
      )}
      <div class="screen"><button type="button" class="quiet" @click=${add}>${icon("plus")}${say("grid.flow.ending.add")}</button></div>
    </fieldset>`;
  }
}

/** What an outcome leads to, as people call it. @param {WorkflowDraft} draft @param {string} target */
function nameOf({ steps, endings }, target) {
  return [...steps, ...endings].find(({ id }) => id === target)?.title || target;
}

customElements.define("partage-workflow-settings", WorkflowSettings);
