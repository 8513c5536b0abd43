/** One day of a metering point's course by both sides: what was measured, our allocation, the operator's. */
import { html } from "../vendor/lit.js";
import { say } from "../i18n/words.js";
import "./case_curves.js";

/**
 * @param {import("../domain/reconciliation.js").Course} course
 * @param {{from: number, until: number}} day Its intervals within the course.
 */
export function renderCourseDay(course, day) {
  const { series, time_zone: zone, resolution_minutes: minutes, metering_point: point } = course;
  const ends = [...series.start, (series.start.at(-1) ?? 0) + minutes * 60];
  const part = (/** @type {number[]} */ values) => values.slice(day.from, day.until);
  const curves = [
    { name: "settled", label: say("reconcile.energy"), values: part(series.energy) },
    { name: "consumer", label: say("reconcile.computed"), values: part(series.computed) },
    { name: "operator", label: say("reconcile.operator"), values: part(series.operator) },
  ];
  return html`<partage-case-curves .starts=${ends.slice(day.from, day.until + 1)} .series=${curves} .zone=${zone} .label=${say("reconcile.curves", { point })}></partage-case-curves>`;
}
