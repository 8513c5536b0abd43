/**
 * Meter data over the API: files handed in with their progress told, loads, findings, curves, decisions, quality.
 *
 * @typedef {import("../domain/readings.js").Curve} Curve
 * @typedef {import("../domain/readings.js").StoredFinding} StoredFinding
 *
 * @typedef {object} Look
 * @property {boolean} accepted
 * @property {string} reason
 * @property {string} format
 * @property {string} format_title
 * @property {number} readings
 * @property {number | null} start_utc
 * @property {number | null} end_utc
 * @property {number} resolution_minutes
 * @property {number} measured
 * @property {number} estimated
 * @property {number} edited
 * @property {number} missing
 * @property {number} new
 * @property {number} same
 * @property {number} changed
 * @property {{metering_point: string, readings: number, energy_milliwatt_hours: number, new: number, same: number, changed: number, missing: number}[]} points
 * @property {StoredFinding[]} findings
 * @property {number} findings_count
 * @property {StoredFinding[]} checked
 * @property {number} checked_count
 * @property {string[]} asks What of the options may have a refused file read.
 * @property {AllocationInFile | null} allocation Null where the file has none.
 *
 * @typedef {{accepted: boolean, reason: string, rows: number, points: string[], start_utc: number | null, end_utc: number | null,
 *   allocated_milliwatt_hours: number, shared_milliwatt_hours: number}} AllocationInFile
 * @typedef {import("../domain/readings.js").HowToRead} HowToRead
 * @typedef {{upload: string, name: string, bytes: number, by: string, received_utc: number, options: HowToRead, look: Look}} Upload
 * @typedef {{load: string, received_utc: number, files: string[], readings: number, by: string, binding: boolean}} Load
 *
 * @typedef {object} Shares
 * @property {number} expected
 * @property {number} measured_ppm
 * @property {number} estimated_ppm
 * @property {number} edited_ppm
 * @property {number} missing_ppm
 * @property {number | null} lateness_median_hours
 * @property {number | null} lateness_p95_hours
 *
 * @typedef {Shares & {metering_point: string, number: string, operator: string, cells: (number[] | null)[]}} PointQuality
 * @typedef {Shares & {operator: string, metering_points: number, trend: StepQuality[]}} OperatorQuality
 * @typedef {Shares & {start: string}} StepQuality
 * @typedef {{first: string | null, last: string | null, by: string, total: Shares | null, operators: OperatorQuality[], trend: StepQuality[], points: PointQuality[]}} Quality
 * @typedef {{from: string, to: string}} Days
 */
import { Problem, ask } from "./api.js";

const BASE = "/api/v1";

/** @param {string} community */
function place(community) {
  return `/provider/communities/${encodeURIComponent(community)}`;
}

/** @param {Days | null} days */
function asked(days) {
  return days ? `from=${days.from}&to=${days.to}` : "";
}

/**
 * Hand in a file and have it looked at. The fetch of a page tells nothing of how far a body is, hence the older way.
 *
 * @param {string} community
 * @param {File} file
 * @param {(sent: number, all: number) => void} onProgress [B]
 * @param {AbortSignal} signal
 * @returns {Promise<Upload>}
 * @throws {Problem}
 */
export async function handIn(community, file, onProgress, signal) {
  await ask("/me", { signal }); // renews the session, which a long body could outlive
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${BASE}${place(community)}/files?name=${encodeURIComponent(file.name || "file")}`);
    request.setRequestHeader("X-Partage-Request", "1");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total || file.size);
    request.onload = () => {
      if (request.status === 201) resolve(request.response);
      else reject(new Problem(request.status, String(request.response?.detail ?? request.statusText)));
    };
    request.onerror = () => reject(new Problem(0, "network"));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/**
 * @param {string} community
 * @param {AbortSignal} signal
 * @returns {Promise<Upload[]>}
 */
export async function askUploads(community, signal) {
  return (await ask(`${place(community)}/files`, { signal })).items;
}

/**
 * @param {string} community
 * @param {string} upload
 */
export async function throwAway(community, upload) {
  await ask(`${place(community)}/files/${upload}`, { method: "DELETE" });
}

/**
 * @param {string} community
 * @param {string} upload
 * @param {HowToRead} options
 * @returns {Promise<Upload>} Looked at again.
 */
export async function readOtherwise(community, upload, options) {
  return ask(`${place(community)}/files/${upload}/options`, { method: "PUT", body: options });
}

/**
 * @param {string} community
 * @param {AbortSignal} signal
 * @returns {Promise<{name: string, title: string}[]>}
 */
export async function askFormats(community, signal) {
  return (await ask(`${place(community)}/formats`, { signal })).items;
}

/**
 * @param {string} community
 * @param {string[]} uploads
 * @param {boolean} keep Whether the files wait on.
 * @returns {Promise<{load: Load, is_new: boolean, findings_count: number}>}
 */
export async function loadUploads(community, uploads, keep) {
  return ask(`${place(community)}/loads`, { method: "POST", body: { uploads, keep } });
}

/**
 * @param {string} community
 * @param {string} upload
 * @param {boolean} keep Whether the file waits on.
 * @returns {Promise<{load: Load, is_new: boolean}>}
 */
export async function loadAllocation(community, upload, keep) {
  const { items } = await ask(`${place(community)}/allocations`, { method: "POST", body: { uploads: [upload], keep } });
  return items[0];
}

/**
 * @param {string} community
 * @param {AbortSignal} signal
 * @returns {Promise<(Load & {part: import("../domain/readings.js").Part})[]>} Loads of readings and of the operator's allocation, the newest first.
 */
export async function askLoads(community, signal) {
  const [readings, allocations] = await Promise.all([ask(`${place(community)}/loads`, { signal }), ask(`${place(community)}/allocations`, { signal })]);
  const told = [...readings.items.map((/** @type {Load} */ load) => ({ ...load, part: "readings" })), ...allocations.items.map((/** @type {Load} */ load) => ({ ...load, part: "allocation" }))];
  return told.sort((one, other) => other.received_utc - one.received_utc);
}

/**
 * @param {string} community
 * @param {Days | null} days
 * @param {AbortSignal} signal
 * @returns {Promise<{first: string | null, last: string | null, items: StoredFinding[]}>}
 */
export async function askFindings(community, days, signal) {
  return ask(`${place(community)}/findings?${asked(days)}`, { signal });
}

/**
 * @param {string} community
 * @param {string} point
 * @param {Days} days
 * @param {AbortSignal} signal
 * @returns {Promise<Curve>}
 */
export async function askCurve(community, point, days, signal) {
  return ask(`${place(community)}/curve?metering_point=${encodeURIComponent(point)}&${asked(days)}`, { signal });
}

/**
 * @param {string} community
 * @param {string} feeder
 * @param {Days} days
 * @param {AbortSignal} signal
 * @returns {Promise<import("../domain/meter_sums.js").FeederSums>}
 */
export async function askFeeder(community, feeder, days, signal) {
  return ask(`${place(community)}/feeders/${encodeURIComponent(feeder)}?${asked(days)}`, { signal });
}

/**
 * @param {string} community
 * @param {{metering_point: string, start: string, end: string, treatment: string, reason: string, rule: string}} decision
 */
export async function decide(community, decision) {
  return ask(`${place(community)}/decisions`, { method: "POST", body: decision });
}

/**
 * @param {string} community
 * @param {Days | null} days
 * @param {string} by
 * @param {AbortSignal} signal
 * @returns {Promise<Quality>}
 */
export async function askQuality(community, days, by, signal) {
  return ask(`${place(community)}/quality?${[asked(days), `by=${by}`].filter(Boolean).join("&")}`, { signal });
}
