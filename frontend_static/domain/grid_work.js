/**
 * What is filled in at a step of a work order, as the API takes it.
 *
 * @typedef {{id: string, title: string, kind: string, is_required: boolean}} Field
 */

/**
 * @param {readonly Field[]} fields
 * @param {(name: string) => unknown} valueOf As a form gives it.
 * @returns {{fields: Record<string, string | number | boolean>, missing: string[]}} Titles of what is required and not there, or no number.
 */
export function readFields(fields, valueOf) {
  /** @type {Record<string, string | number | boolean>} */
  const told = {};
  const missing = [];
  for (const { id, title, kind, is_required: required } of fields) {
    const text = String(valueOf(id) ?? "").trim();
    if (kind === "flag") {
      if (text !== "" || required) told[id] = text !== "";
    } else if (text === "") {
      if (required) missing.push(title);
    } else if (kind === "number") {
      const number = Number(text.replace(",", "."));
      if (Number.isFinite(number)) told[id] = number;
      else missing.push(title);
    } else told[id] = text;
  }
  return { fields: told, missing };
}
