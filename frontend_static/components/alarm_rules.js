/**
 * Alarm rules of a network, each told in a sentence, and changed in a form.
 *
 * @typedef {import("../domain/grid_alarm_rules.js").RuleDraft} RuleDraft
 */
import { html, nothing } from "../vendor/lit.js";
import { formatQuantity } from "../domain/grid_figures.js";
import { ALARM_MEASURES, SEVERITIES, WEEKDAYS, beginRule, draftRule, measureRule, readLines, readNumber, spanOf, writeRule } from "../domain/grid_alarm_rules.js";
import { placeRefusal } from "../domain/grid_refusals.js";
import { say } from "../i18n/words.js";
import { SettingEditor } from "./setting_editor.js";
import "./severity_pill.js";

const OFFERED = 500; // ids that a field offers

/** @extends {SettingEditor<RuleDraft>} */
export class AlarmRules extends SettingEditor {
  static properties = { ...SettingEditor.properties, elements: { attribute: false } };

  constructor() {
    super();
    /** Ids by kind of element. @type {Readonly<Record<string, readonly string[]>>} */
    this.elements = {};
  }

  get addWords() {
    return "grid.rule.add";
  }

  /** @param {any} table */
  read(table) {
    return draftRule(table);
  }

  /** @param {RuleDraft} draft @param {string} at */
  write(draft, at) {
    return writeRule(draft, at);
  }

  begin() {
    return beginRule(this.drafts.map(({ id }) => id));
  }

  /** @param {string} detail */
  placeOf(detail) {
    return placeRefusal(detail, this.drafts);
  }

  /** @param {RuleDraft} draft */
  renderSummary(draft) {
    const { unit } = ALARM_MEASURES[draft.measure] ?? { unit: "" };
    const limit = readNumber(draft.limit);
    const elements = readLines(draft.elements);
    const values = {
      measure: say(`grid.alarm.${draft.measure}`),
      of: elements.length > 0 ? elements.slice(0, 3).join(", ") + (elements.length > 3 ? " …" : "") : say(`grid.alarm.kind.${draft.kind}`),
      limit: Number.isNaN(limit) ? "–" : formatQuantity(limit, unit, this.locale, unit === "pu" ? 3 : Number.isInteger(limit) ? 0 : undefined),
    };
    const sentence = say(draft.measure === "voltage_low" ? "grid.rule.below" : "grid.rule.above", values);
    const { count, unit: of } = spanOf(readNumber(draft.minutes));
    const span = say(`grid.rule.span.${of}`, { count: formatQuantity(count, "", this.locale, Number.isInteger(count) ? 0 : 1) });
    const lasting = draft.how === "week" ? say("grid.rule.week", { share: draft.tolerated }) : count > 0 ? say("grid.rule.lasting", { span }) : "";
    return html`<partage-severity-pill .state=${draft.severity}></partage-severity-pill> <span class=${draft.enabled ? "" : "off"}><b>${sentence}</b>${lasting ? `, ${lasting}` : nothing}</span>
      ${draft.enabled ? nothing : html`<b class="small off">${say("grid.rule.off")}</b>`} <span class="small soft">${draft.id}</span>`;
  }

  /** @param {RuleDraft} draft @param {number} place */
  renderBody(draft, place) {
    const at = (/** @type {string} */ name) => `${place}.${name}`;
    const put = (/** @type {Partial<RuleDraft>} */ change) => this.put(place, change);
    const { unit, kinds } = ALARM_MEASURES[draft.measure] ?? { unit: "", kinds: [] };
    return html`${this.renderCheck({ at: at("enabled"), label: say("grid.rule.enabled"), value: draft.enabled, put: (enabled) => put({ enabled }) })}
      <div class="grid">
        ${this.renderField({ at: at("id"), label: say("grid.set.id"), value: draft.id, hint: say("grid.set.id.hint"), put: (id) => put({ id }) })}
        ${this.renderChoice({ at: at("measure"), label: say("grid.rule.measure"), value: draft.measure, options: Object.keys(ALARM_MEASURES).map((one) => [one, say(`grid.alarm.${one}`)]), put: (measure) => put(measureRule(draft, measure)) })}
        ${this.renderChoice({ at: at("kind"), label: say("grid.rule.kind"), value: draft.kind, options: kinds.map((one) => [one, say(`grid.alarm.kind.${one}`)]), put: (kind) => put({ kind, elements: "" }) })}
        ${this.renderField({ at: at("limit"), label: say("grid.rule.limit"), value: draft.limit, unit, type: "decimal", put: (limit) => put({ limit }) })}
        ${this.renderChoice({ at: at("severity"), label: say("grid.events.severity"), value: draft.severity, options: SEVERITIES.map((one) => [one, say(`grid.severity.${one}`)]), put: (severity) => put({ severity }) })}
        ${this.renderChoice({ at: at("how"), label: say("grid.rule.how"), value: draft.how, options: [["duration", say("grid.rule.how.duration")], ["week", say("grid.rule.how.week")]], put: (how) => put({ how: how === "week" ? "week" : "duration" }) })}
        ${draft.how === "week"
          ? this.renderField({ at: at("tolerated"), label: say("grid.rule.tolerated"), value: draft.tolerated, unit: "%", type: "decimal", put: (tolerated) => put({ tolerated }) })
          : html`${this.renderField({ at: at("minutes"), label: say("grid.rule.minutes"), value: draft.minutes, unit: "min", type: "decimal", hint: say("grid.rule.minutes.hint"), put: (minutes) => put({ minutes }) })}
            ${this.renderField({ at: at("hysteresis"), label: say("grid.rule.hysteresis"), value: draft.hysteresis, unit, type: "decimal", hint: say("grid.rule.hysteresis.hint"), put: (hysteresis) => put({ hysteresis }) })}`}
      </div>
      ${this.renderElements(draft, place)}
      ${this.renderChecks({ at: at("weekdays"), legend: say("grid.rule.weekdays"), options: WEEKDAYS.map((day) => [day, say(`grid.day.${day}`)]), chosen: draft.weekdays, put: (weekdays) => put({ weekdays }) })}
      <div class="grid">
        ${this.renderField({ at: at("from"), label: say("grid.rule.from"), value: draft.from, type: "time", put: (from) => put({ from: from || "00:00" }) })}
        ${this.renderField({ at: at("to"), label: say("grid.rule.to"), value: draft.to === "24:00" ? "00:00" : draft.to, type: "time", hint: say("grid.rule.to.hint"), put: (to) => put({ to: to && to !== "00:00" ? to : "24:00" }) })}
      </div>
      ${this.renderField({ at: at("text"), label: say("grid.rule.text"), value: draft.text, type: "lines", put: (text) => put({ text: text.replace(/\s*\n\s*/g, " ") }) })}`;
  }

  /** @param {RuleDraft} draft @param {number} place */
  renderElements({ kind, elements }, place) {
    if (kind === "network") return nothing;
    const known = this.elements[kind] ?? [];
    const chosen = readLines(elements);
    const add = (/** @type {any} */ event) => {
      const id = event.target.value.trim();
      if (!known.includes(id)) return;
      event.target.value = "";
      if (!chosen.includes(id)) this.put(place, { elements: [...chosen, id].join("\n") });
    };
    return html`${this.renderField({ at: `${place}.elements`, label: say("grid.rule.elements"), value: elements, type: "lines", hint: say("grid.rule.elements.hint"), put: (told) => this.put(place, { elements: told }) })}
      <div class="field">
        <label for="${place}.add">${say("grid.rule.elements.add")}</label>
        <input id="${place}.add" list="${place}.known" autocomplete="off" @change=${add} />
        <datalist id="${place}.known">${known.slice(0, OFFERED).map((id) => html`<option value=${id}></option>`)}</datalist>
      </div>`;
  }
}

customElements.define("partage-alarm-rules", AlarmRules);
