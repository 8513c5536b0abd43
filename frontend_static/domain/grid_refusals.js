/**
 * Where in a form a refusal of the API belongs: its sentences name the entry and the key, such as
 * `alarm rule 'evening': limit is '0.5'; loading has limits from 1 to 1000 %.`
 *
 * @typedef {import("./grid_alarm_rules.js").Fault} Fault
 * @typedef {import("./grid_workflow.js").WorkflowDraft} WorkflowDraft
 */

const QUOTED = `(?:'([^']*)'|"([^"]*)")`;
const OF_ENTRY = new RegExp(`^(?:alarm rule|route) ${QUOTED}(?::| has the| has| stands)\\s*(.*)$`, "s");
const OF_KEY = /^(\w+(?: and \w+)?) is .*?; (.*)$/s;
const NO_ELEMENT = /^network .* has no /s;
const OF_WORKFLOW = new RegExp(`workflow ${QUOTED}`);
const OF_STEP = new RegExp(`step ${QUOTED}`);
const OF_FIELD = new RegExp(`field ${QUOTED}`);
const LEADS_TO = new RegExp(`nothing leads to ${QUOTED}`);
/** Keys whose field in the form is called otherwise. @type {Readonly<Record<string, string>>} */
const FIELDS = { for_seconds: "minutes", tolerated_percent: "tolerated", hours: "from", gather_seconds: "gather", "quiet_from and quiet_to": "quiet_from" };

/** @param {RegExpExecArray | null} match @param {number} [group] */
function quoted(match, group = 1) {
  return match ? (match[group] ?? match[group + 1] ?? null) : null;
}

/**
 * @param {string} detail What the API said.
 * @param {readonly {id: string}[]} entries Rules or routes, as they were sent.
 * @returns {Fault} At `0.limit`, at `0` where the key is not told, and at nothing where no entry is.
 */
export function placeRefusal(detail, entries) {
  const match = OF_ENTRY.exec(detail);
  const place = match ? entries.findLastIndex(({ id }) => id === quoted(match)) : -1;
  if (!match || place < 0) return { at: "", text: detail };
  if (NO_ELEMENT.test(match[3] ?? "")) return { at: `${place}.elements`, text: capital(match[3] ?? "") };
  const key = OF_KEY.exec(match[3] ?? "");
  if (!key) return { at: detail.includes("twice") ? `${place}.id` : String(place), text: detail };
  const name = key[1] ?? "";
  return { at: `${place}.${FIELDS[name] ?? name}`, text: capital(key[2] ?? detail) };
}

/**
 * @param {string} detail What the API said.
 * @param {readonly WorkflowDraft[]} workflows As they were sent.
 * @returns {Fault} At `0.steps.1.limit_hours`, `0.steps.1.fields.0`, `0.steps.1`, `0.endings.0`, `0`, or at nothing.
 */
export function placeWorkflowRefusal(detail, workflows) {
  const id = quoted(OF_WORKFLOW.exec(detail));
  const place = id === null ? -1 : workflows.findIndex((one) => one.id === id);
  const workflow = workflows[place];
  if (!workflow) return { at: "", text: detail };
  const lost = quoted(LEADS_TO.exec(detail));
  const named = lost ?? quoted(OF_STEP.exec(detail));
  const step = workflow.steps.findIndex((one) => one.id === named);
  if (step < 0) {
    const ending = workflow.endings.findIndex((one) => one.id === named);
    return { at: ending < 0 ? String(place) : `${place}.endings.${ending}`, text: detail };
  }
  const at = `${place}.steps.${step}`;
  const field = quoted(OF_FIELD.exec(detail));
  const row = field === null ? -1 : (workflow.steps[step]?.fields.findIndex((one) => one.id === field) ?? -1);
  if (row >= 0) return { at: `${at}.fields.${row}`, text: detail };
  return { at: detail.includes("limit_hours") ? `${at}.limit` : at, text: detail };
}

/** @param {string} text */
function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
