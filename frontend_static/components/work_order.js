/**
 * A work order: how far it is, which step is due, and the form that the step asks to be filled in.
 *
 * @typedef {{id: string, title: string, kind: "text" | "number" | "date" | "flag" | "choice", is_required: boolean, unit: string, choices: string[]}} StepField
 * @typedef {{id: string, title: string, by?: string[], outcomes: Record<string, string> | string[], fields: StepField[]}} DueStep
 *
 * @typedef {object} WorkOrder
 * @property {string} id
 * @property {string} title
 * @property {string} element
 * @property {string} state `open`, or the ending it came to.
 * @property {string | null} [ending]
 * @property {DueStep | null} due Null where it is over.
 * @property {number | null} [due_utc] When the step is to be done.
 * @property {{step: string, title?: string, outcome: string, by_name?: string, at_utc: number}[]} steps Done so far.
 */
import { css, html, keyed, nothing } from "../vendor/lit.js";
import { stampsOf } from "../domain/civil_time.js";
import { readFields } from "../domain/grid_work.js";
import { say } from "../i18n/words.js";
import { Localized } from "./localized.js";
import { sharedStyles } from "./shared_styles.js";

export class WorkOrderCard extends Localized {
  static properties = { order: { attribute: false }, zone: {}, fault: { state: true } };

  static styles = [
    sharedStyles,
    css`
      details {
        border-bottom: 1px solid var(--line);
        padding: 12px 0;
      }

      summary {
        overflow-wrap: anywhere;
      }

      .body {
        display: grid;
        gap: 12px;
        padding: 12px 0;
      }

      form {
        display: grid;
        gap: 12px 16px;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        align-items: end;
      }

      .flag {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 44px;
        margin: 0;
      }

      .flag input {
        width: 18px;
        min-height: 18px;
        accent-color: var(--brand);
      }

      .fault {
        color: var(--voided);
      }

      @media (max-width: 599px) {
        form {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {WorkOrder | null} */
    this.order = null;
    this.zone = "UTC";
    this.fault = "";
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    const due = this.order?.due;
    if (!due) return;
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const { fields, missing } = readFields(due.fields, (name) => form.get(name));
    if (!form.get("outcome")) missing.push(say("grid.order.outcome"));
    this.fault = missing.length > 0 ? say("grid.order.missing", { fields: missing.join(", ") }) : "";
    if (this.fault) return;
    this.dispatchEvent(new CustomEvent("step", { detail: { id: this.order?.id, step: due.id, body: { outcome: String(form.get("outcome") ?? ""), fields } } }));
  }

  render() {
    const { order } = this;
    if (!order) return nothing;
    const stamp = stampsOf(this.zone, this.locale);
    return html`<details>
      <summary><b>${order.title}</b> <span class="soft small">${order.due ? say("grid.order.due", { step: order.due.title }) : say("grid.order.over", { state: order.ending ?? order.state })}</span></summary>
      <div class="body">
        ${order.steps.length > 0
          ? html`<ul class="small">
              ${order.steps.map((one) => html`<li>${stamp(one.at_utc)}: ${one.title ?? one.step}, <b>${one.outcome}</b> ${one.by_name ?? nothing}</li>`)}
            </ul>`
          : nothing}
        ${order.due_utc ? html`<p class="small soft">${say("grid.order.until", { time: stamp(order.due_utc) })}</p>` : nothing}
        ${order.due ? keyed(`${order.id} ${order.steps.length}`, this.renderStep(order.due)) : nothing}
      </div>
    </details>`;
  }

  /** @param {DueStep} due */
  renderStep(due) {
    const outcomes = Array.isArray(due.outcomes) ? due.outcomes : Object.keys(due.outcomes);
    return html`<form novalidate class="screen" @submit=${this.submit}>
      ${due.fields.map((field) => this.renderField(field))}
      <div>
        <label for="outcome">${say("grid.order.outcome")} *</label>
        <select id="outcome" name="outcome">
          ${outcomes.length > 1 ? html`<option value="">–</option>` : nothing} ${outcomes.map((one) => html`<option value=${one}>${one}</option>`)}
        </select>
      </div>
      <div>
        ${this.fault ? html`<p class="fault small" role="alert">${this.fault}</p>` : nothing}
        <button class="primary">${say("grid.order.finish", { step: due.title })}</button>
      </div>
    </form>`;
  }

  /** @param {StepField} field */
  renderField({ id, title, kind, is_required: required, unit, choices }) {
    const words = `${title}${unit ? ` [${unit}]` : ""}${required ? " *" : ""}`;
    if (kind === "flag") return html`<label class="flag"><input type="checkbox" name=${id} />${words}</label>`;
    const input =
      kind === "choice"
        ? html`<select id=${id} name=${id}>
            <option value="">–</option>
            ${choices.map((one) => html`<option value=${one}>${one}</option>`)}
          </select>`
        : html`<input id=${id} name=${id} type=${kind === "number" ? "number" : kind === "date" ? "date" : "text"} step="any" maxlength="2000" />`;
    return html`<div><label for=${id}>${words}</label>${input}</div>`;
  }
}

customElements.define("partage-work-order", WorkOrderCard);
