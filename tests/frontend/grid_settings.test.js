import assert from "node:assert/strict";
import { test } from "node:test";

import { beginRoute, beginRule, draftRoute, draftRule, idOf, measureRule, readNumber, spanOf, writeRoute, writeRule } from "../../frontend_static/domain/grid_alarm_rules.js";
import { resolutionsOf } from "../../frontend_static/domain/grid_plans.js";
import { placeRefusal, placeWorkflowRefusal } from "../../frontend_static/domain/grid_refusals.js";
import { addStep, beginWorkflow, draftWorkflow, layOutFlow, moveStep, reachedOf, removeStep, wrapWords, writeWorkflow } from "../../frontend_static/domain/grid_workflow.js";

const RULE = {
  ...{ id: "evening", measure: "loading", kind: "transformer", limit: 90, severity: "critical", elements: ["T1", "T2"], for_seconds: 5400, hysteresis: 2.5 },
  ...{ weekdays: ["mon", "tue"], from: "17:00", to: "22:00", enabled: false, text: "Above nine tenths." },
};
const VISIT = {
  id: "visit",
  title: "Visit a connection",
  steps: [
    { id: "go", title: "Go there", role: "operator", limit_hours: 72, escalation: "critical", fields: [{ id: "note", title: "What was found", kind: "text", required: true }, { id: "way", title: "How", kind: "choice", choices: ["foot", "car"] }], outcomes: { "closed-door": "go", "not-needed": "cancelled", seen: "write" } },
    { id: "write", title: "Write it down", role: "provider", outcomes: { written: "done" } },
  ],
  endings: { done: "Visited", cancelled: "Not needed" },
};
const WORDS = { title: "New", step: "New step", outcome: "done", ending: "Done" };

test("rules and routes come out of the form as they went in", () => {
  assert.deepEqual(writeRule(draftRule(RULE), "0"), { table: RULE, faults: [] });
  const week = { id: "week", measure: "vuf", kind: "bus", limit: 2, severity: "warning", tolerated_percent: 5 };
  assert.deepEqual(writeRule(draftRule(week), "0").table, week);
  const route = { id: "crew", channel: "email", least: "info", kinds: ["alarm", "plan"], tells_end: false, addresses: ["a@b.org", "c@d.org"], quiet_from: "22:00", quiet_to: "06:30", breaks_quiet: "warning", gather_seconds: 300, per_hour: 4, enabled: false };
  assert.deepEqual(writeRoute(draftRoute(route), "0"), { table: route, faults: [] });
});

test("figures are read as people type them, and what is none is told at its field", () => {
  assert.equal(readNumber(" 0,95 "), 0.95);
  for (const text of ["", "1e3", "12 kW", "0x10"]) assert.ok(Number.isNaN(readNumber(text)), text);
  const draft = { ...draftRule(RULE), limit: "ninety", minutes: "0,5", weekdays: [] };
  const { table, faults } = writeRule(draft, "3");
  assert.deepEqual(faults.map(({ at }) => at), ["3.limit", "3.weekdays"]);
  assert.equal(table["for_seconds"], 30);
  assert.deepEqual(writeRoute({ ...beginRoute([]), quiet_to: "06:00", kinds: [] }, "0").faults.map(({ at }) => at), ["0.kinds", "0.quiet_from"]);
  assert.equal(writeRule({ ...draftRule(RULE), to: "00:00" }, "0").table["to"], undefined, "midnight ends the day");
});

test("another measure lets go of elements and limits that do not fit it, and of no others", () => {
  const draft = draftRule(RULE);
  const bus = measureRule(draft, "vuf");
  assert.deepEqual([bus.kind, bus.elements, bus.limit], ["bus", "", "90"], "both in %");
  const hot = measureRule(draft, "hot_spot");
  assert.deepEqual([hot.kind, hot.elements, hot.limit, hot.hysteresis], ["transformer", "T1\nT2", "", "0"]);
});

test("new entries have names of their own, and durations are told in their largest unit", () => {
  assert.equal(idOf("Élan du soir!", [], "rule"), "elan-du-soir");
  assert.equal(idOf("", ["rule", "rule-2"], "rule"), "rule-3");
  assert.equal(beginRule(["rule"]).id, "rule-2");
  assert.deepEqual([1440, 90, 120, 0].map(spanOf), [{ count: 1, unit: "days" }, { count: 90, unit: "minutes" }, { count: 2, unit: "hours" }, { count: 0, unit: "minutes" }]);
});

test("a refusal is shown at the field that it names", () => {
  const rules = [{ id: "a" }, { id: "evening" }];
  const at = (/** @type {string} */ detail) => placeRefusal(detail, rules).at;
  assert.deepEqual(placeRefusal("alarm rule 'evening': limit is '0.5'; loading has limits from 1 to 1000 %.", rules), { at: "1.limit", text: "Loading has limits from 1 to 1000 %." });
  assert.equal(at("alarm rule 'evening': for_seconds is '9'; give less."), "1.minutes");
  assert.equal(at("alarm rule 'evening': network rue has no transformer 'T9'; name one that it has, or none for all."), "1.elements");
  assert.equal(at("alarm rule 'a' stands there twice; give each an id of its own."), "0.id");
  assert.equal(at("alarm rule 'a' has no limit; every rule has id."), "0");
  assert.equal(at("alarm rule 'b': limit is '0.5'; more."), "", "of none of these");
  assert.equal(placeRefusal("route 'evening': quiet_from and quiet_to is '(1, None)'; give both.", rules).at, "1.quiet_from");
  assert.deepEqual(placeRefusal("The routes are at version 3 by now.", rules), { at: "", text: "The routes are at version 3 by now." });
});

test("a refusal of a workflow is shown at its step, field or ending", () => {
  const drafts = [draftWorkflow({ ...VISIT, id: "other" }), draftWorkflow(VISIT)];
  const at = (/** @type {string} */ detail) => placeWorkflowRefusal(detail, drafts).at;
  assert.equal(at("workflow 'visit', step 'write': limit_hours is '-1'; give 0 to 8784 h."), "1.steps.1.limit");
  assert.equal(at("workflow 'visit', step 'go', field 'way': a field of kind choice has choices, and no other has."), "1.steps.0.fields.1");
  assert.equal(at("workflow 'visit': nothing leads to 'cancelled'; let an outcome lead there, or leave it out."), "1.endings.1");
  assert.equal(at("workflow 'visit': no way leads from step 'write' to an ending."), "1.steps.1");
  assert.equal(at("workflow 'visit': a title is 1 to 200 characters."), "1");
  assert.equal(at("workflow 'gone', step 'go': no."), "");
});

test("workflows come out of the form as they went in, and two outcomes of one name are refused", () => {
  assert.deepEqual(writeWorkflow(draftWorkflow(VISIT), "0"), { table: VISIT, faults: [] });
  const draft = draftWorkflow(VISIT);
  const twice = { ...draft, steps: draft.steps.map((step, i) => (i === 0 ? { ...step, limit: "soon", outcomes: [...step.outcomes, { name: "seen", to: "done" }] } : step)) };
  assert.deepEqual(writeWorkflow(twice, "2").faults.map(({ at }) => at), ["2.steps.0.limit", "2.steps.0.outcomes.3"]);
});

test("a step is put in on the way onwards, taken out without a gap, and moved", () => {
  const draft = draftWorkflow(VISIT);
  const more = addStep(draft, 0, WORDS);
  assert.deepEqual(more.steps.map(({ id }) => id), ["go", "step", "write"]);
  assert.deepEqual(more.steps[0]?.outcomes.map(({ to }) => to), ["go", "cancelled", "step"], "not on the way back, nor out");
  assert.deepEqual(more.steps[1]?.outcomes, [{ name: "done", to: "write" }]);
  assert.deepEqual(removeStep(more, 1), draft);
  assert.deepEqual(removeStep(draft, 1).steps[0]?.outcomes.at(-1), { name: "seen", to: "done" });
  assert.deepEqual(moveStep(draft, 0, 1).steps.map(({ id }) => id), ["write", "go"]);
  assert.equal(moveStep(draft, 0, -1), draft);
  const begun = beginWorkflow(["new"], WORDS);
  assert.deepEqual([begun.id, removeStep(begun, 0)], ["new-2", begun], "the last step stays");
});

test("what nothing leads to is told, and the drawing lays no way over another", () => {
  const draft = draftWorkflow(VISIT);
  assert.deepEqual([...reachedOf(draft)].sort(), ["cancelled", "done", "go", "write"]);
  assert.ok(!reachedOf(moveStep(draft, 0, 1)).has("go"));
  const { boxes, ways, lanes, height } = layOutFlow(draft);
  assert.deepEqual(boxes.map(({ id, isEnding }) => [id, isEnding]), [["go", false], ["write", false], ["done", true], ["cancelled", true]]);
  assert.deepEqual(ways.filter(({ isBack }) => isBack).map(({ from, to }) => [from, to]), [["go", "go"]]);
  for (const one of ways) {
    const [top, foot] = [Math.min(one.y0, one.y1), Math.max(one.y0, one.y1)];
    const alike = ways.filter((other) => other !== one && other.isBack === one.isBack && other.lane === one.lane);
    for (const { y0, y1 } of alike) assert.ok(foot < Math.min(y0, y1) || top > Math.max(y0, y1), `${one.from} ${one.to}`);
  }
  assert.deepEqual(lanes, { onwards: 2, back: 1 });
  assert.ok(boxes.every(({ y, height: own }, i) => y + own <= (boxes[i + 1]?.y ?? height)));
});

test("long titles are drawn on two lines", () => {
  assert.deepEqual(wrapWords("Switch the phase; dead before work, rotation checked after", 30), ["Switch the phase; dead before", "work, rotation checked after"]);
  assert.deepEqual(wrapWords("one two three four five six", 8), ["one two", "three…"]);
  assert.deepEqual(wrapWords("Interruption", 6), ["Inter…"]);
});

test("a search may look at means of whole intervals that are coarser than the readings", () => {
  assert.deepEqual(resolutionsOf(60), [0, 900, 1800, 3600, 10800]);
  assert.deepEqual(resolutionsOf(1800), [0, 3600, 10800]);
  assert.deepEqual(resolutionsOf(0), [0]);
});
