/**
 * Workflows as forms hold them, as the API takes them, and as they are drawn: steps one below the other, ways between them at both sides.
 *
 * @typedef {import("./grid_alarm_rules.js").Fault} Fault
 * @typedef {{id: string, title: string, kind: string, required: boolean, unit: string, choices: string}} FieldDraft
 * @typedef {{name: string, to: string}} OutcomeDraft
 * @typedef {{id: string, title: string, role: string, fields: FieldDraft[], limit: string, escalation: string, outcomes: OutcomeDraft[]}} StepDraft `limit` in hours, empty for none.
 * @typedef {{id: string, title: string, steps: StepDraft[], endings: {id: string, title: string}[]}} WorkflowDraft
 *
 * @typedef {{outcome: string, to: string, y: number}} BoxRow
 * @typedef {{id: string, lines: string[], isEnding: boolean, isReached: boolean, y: number, height: number, rows: BoxRow[]}} FlowBox [px]
 * @typedef {{from: string, to: string, isBack: boolean, lane: number, y0: number, y1: number}} FlowWay Onwards at the right, back at the left.
 * @typedef {{height: number, lanes: {onwards: number, back: number}, boxes: FlowBox[], ways: FlowWay[]}} FlowLayout
 */
import { idOf, readLines, readNumber } from "./grid_alarm_rules.js";

export const WORK_ROLES = ["operator", "provider"];
export const FIELD_KINDS = ["text", "number", "date", "flag", "choice"];
const [PAD, LINE, GAP] = [10, 18, 22]; // px
const LINE_CHARACTERS = 30;

/** @param {any} table @returns {WorkflowDraft} */
export function draftWorkflow(table) {
  return {
    id: table.id,
    title: table.title,
    steps: table.steps.map((/** @type {any} */ step) => ({
      id: step.id,
      title: step.title,
      role: step.role ?? "operator",
      fields: (step.fields ?? []).map((/** @type {any} */ one) => ({ id: one.id, title: one.title, kind: one.kind ?? "text", required: one.required ?? false, unit: one.unit ?? "", choices: (one.choices ?? []).join("\n") })),
      limit: step.limit_hours ? String(step.limit_hours) : "",
      escalation: step.escalation ?? "warning",
      outcomes: Object.entries(step.outcomes).map(([name, to]) => ({ name, to: String(to) })),
    })),
    endings: Object.entries(table.endings).map(([id, title]) => ({ id, title: String(title) })),
  };
}

/**
 * @param {WorkflowDraft} draft
 * @param {string} at Its place in the form.
 * @returns {{table: Record<string, unknown>, faults: Fault[]}}
 */
export function writeWorkflow(draft, at) {
  /** @type {Fault[]} */
  const faults = [];
  const steps = draft.steps.map((step, i) => {
    const limit = step.limit.trim() === "" ? 0 : readNumber(step.limit);
    if (Number.isNaN(limit)) faults.push({ at: `${at}.steps.${i}.limit`, text: "grid.set.fault.number" });
    const names = step.outcomes.map(({ name }) => name.trim());
    names.forEach((name, row) => {
      if (names.indexOf(name) !== row) faults.push({ at: `${at}.steps.${i}.outcomes.${row}`, text: "grid.flow.fault.twice" }); // a table would keep one of them, without a word
    });
    /** @type {Record<string, unknown>} */
    const table = { id: step.id, title: step.title.trim(), role: step.role, outcomes: Object.fromEntries(step.outcomes.map(({ name, to }) => [name.trim(), to])) };
    if (step.fields.length > 0) table["fields"] = step.fields.map(writeField);
    if (limit) Object.assign(table, { limit_hours: limit, escalation: step.escalation });
    return table;
  });
  const table = { id: draft.id.trim(), title: draft.title.trim(), steps, endings: Object.fromEntries(draft.endings.map(({ id, title }) => [id, title.trim()])) };
  return { table, faults };
}

/** @param {FieldDraft} field */
function writeField({ id, title, kind, required, unit, choices }) {
  /** @type {Record<string, unknown>} */
  const table = { id, title: title.trim(), kind };
  if (required) table["required"] = true;
  if (kind === "number" && unit.trim()) table["unit"] = unit.trim();
  if (kind === "choice") table["choices"] = readLines(choices);
  return table;
}

/** All names that outcomes can lead to. @param {WorkflowDraft} draft */
export function targetsOf({ steps, endings }) {
  return [...steps, ...endings].map(({ id }) => id);
}

/** A workflow to begin with: one step, one ending. @param {readonly string[]} taken @param {{title: string, step: string, outcome: string, ending: string}} words @returns {WorkflowDraft} */
export function beginWorkflow(taken, words) {
  const step = { id: "step-1", title: words.step, role: "operator", fields: [], limit: "", escalation: "warning", outcomes: [{ name: words.outcome, to: "done" }] };
  return { id: idOf(words.title, taken, "workflow"), title: words.title, steps: [step], endings: [{ id: "done", title: words.ending }] };
}

/**
 * Put a step behind another: what led on from there leads to it first.
 *
 * @param {WorkflowDraft} draft
 * @param {number} after
 * @param {{step: string, outcome: string}} words
 * @returns {WorkflowDraft}
 */
export function addStep(draft, after, words) {
  const id = idOf("", targetsOf(draft), "step");
  const before = draft.steps[after];
  const way = before ? onwardsOf(draft, after) : -1;
  const next = before?.outcomes[way]?.to ?? draft.endings[0]?.id ?? "";
  const made = { id, title: words.step, role: "operator", fields: [], limit: "", escalation: "warning", outcomes: [{ name: words.outcome, to: next }] };
  const steps = draft.steps.map((step, i) => (i === after ? { ...step, outcomes: step.outcomes.map((one, row) => (row === way ? { ...one, to: id } : one)) } : step));
  return { ...draft, steps: [...steps.slice(0, after + 1), made, ...steps.slice(after + 1)] };
}

/** Which outcome of a step leads on: to the nearest of what comes after it, else the first. @param {WorkflowDraft} draft @param {number} place */
function onwardsOf(draft, place) {
  const targets = targetsOf(draft);
  const outcomes = draft.steps[place]?.outcomes ?? [];
  const far = outcomes.map(({ to }) => (targets.indexOf(to) > place ? targets.indexOf(to) : Infinity));
  return Math.max(0, far.indexOf(Math.min(...far)));
}

/** Take a step out: what led to it leads to where it led on. @param {WorkflowDraft} draft @param {number} place @returns {WorkflowDraft} */
export function removeStep(draft, place) {
  const gone = draft.steps[place];
  if (!gone || draft.steps.length === 1) return draft;
  const next = gone.outcomes[onwardsOf(draft, place)]?.to;
  const onwards = next === undefined || next === gone.id ? (draft.endings[0]?.id ?? "") : next;
  const steps = draft.steps.filter((_, i) => i !== place).map((step) => ({ ...step, outcomes: step.outcomes.map((one) => (one.to === gone.id ? { ...one, to: onwards } : one)) }));
  return { ...draft, steps };
}

/** Move a step up or down; work begins with the first. @param {WorkflowDraft} draft @param {number} place @param {-1 | 1} by @returns {WorkflowDraft} */
export function moveStep(draft, place, by) {
  const steps = [...draft.steps];
  const [one, other] = [steps[place], steps[place + by]];
  if (!one || !other) return draft;
  [steps[place], steps[place + by]] = [other, one];
  return { ...draft, steps };
}

/** Which steps and endings work can come to. @param {WorkflowDraft} draft @returns {Set<string>} */
export function reachedOf({ steps }) {
  const leads = new Map(steps.map(({ id, outcomes }) => [id, outcomes.map(({ to }) => to)]));
  const first = steps[0]?.id;
  const reached = new Set(first === undefined ? [] : [first]);
  for (const id of reached) for (const to of leads.get(id) ?? []) reached.add(to); // a set is walked over what is added meanwhile
  return reached;
}

/** Words in lines, as far as two go. @param {string} text @param {number} [most] Characters. @returns {string[]} */
export function wrapWords(text, most = LINE_CHARACTERS) {
  const lines = [""];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines[lines.length - 1] ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (`${line} ${word}`.length <= most) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  const kept = lines.slice(0, 2).map((line) => (line.length > most ? `${line.slice(0, most - 1)}…` : line));
  if (lines.length > 2) kept[1] = `${(kept[1] ?? "").slice(0, most - 1)}…`;
  return kept;
}

/**
 * Boxes below one another, steps in their order and then endings; a way leaves at the line of its outcome, and the shorter ways run
 * nearer to the boxes. The same each time, and no two ways share a line.
 *
 * @param {WorkflowDraft} draft
 * @returns {FlowLayout}
 */
export function layOutFlow(draft) {
  const reached = reachedOf(draft);
  let y = 0;
  const place = (/** @type {string} */ id, /** @type {string} */ title, /** @type {readonly OutcomeDraft[]} */ outcomes, /** @type {boolean} */ isEnding) => {
    const lines = wrapWords(title);
    const top = y;
    const rows = outcomes.map(({ name, to }, i) => ({ outcome: name, to, y: top + PAD + (lines.length + i + 0.5) * LINE }));
    const height = 2 * PAD + (lines.length + outcomes.length) * LINE;
    y += height + GAP;
    return { id, lines, isEnding, isReached: reached.has(id), y: top, height, rows };
  };
  const boxes = [...draft.steps.map(({ id, title, outcomes }) => place(id, title, outcomes, false)), ...draft.endings.map(({ id, title }) => place(id, title, [], true))];
  const { ways, lanes } = layWays(boxes);
  return { height: Math.max(0, y - GAP), lanes, boxes, ways };
}

/** @param {FlowBox[]} boxes */
function layWays(boxes) {
  const order = new Map(boxes.map(({ id }, i) => [id, i]));
  /** @type {FlowWay[]} */
  const ways = boxes.flatMap((box, i) =>
    box.rows.flatMap(({ to, y }) => {
      const target = boxes[order.get(to) ?? -1];
      return target ? [{ from: box.id, to, isBack: (order.get(to) ?? 0) <= i, lane: 0, y0: y, y1: target.y + PAD + LINE / 2 }] : [];
    }),
  );
  const lanes = { onwards: 0, back: 0 };
  for (const side of /** @type {const} */ (["onwards", "back"])) {
    /** @type {[number, number][][]} What each lane carries. */
    const taken = [];
    const own = ways.filter(({ isBack }) => isBack === (side === "back")).sort((one, other) => Math.abs(one.y1 - one.y0) - Math.abs(other.y1 - other.y0));
    for (const way of own) {
      const [top, foot] = [Math.min(way.y0, way.y1), Math.max(way.y0, way.y1)];
      const free = taken.findIndex((spans) => spans.every(([from, to]) => foot < from - 4 || top > to + 4));
      way.lane = free < 0 ? taken.length : free;
      (taken[way.lane] ??= []).push([top, foot]);
    }
    lanes[side] = taken.length;
  }
  return { ways, lanes };
}
