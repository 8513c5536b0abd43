/**
 * The grid room over the API: networks, what flows in them, what to do about it.
 *
 * @typedef {import("../domain/grid_tree.js").Structure} Structure
 * @typedef {import("../domain/grid_frames.js").Frames} Frames
 * @typedef {import("../domain/grid_scale.js").Measure} Measure
 *
 * @typedef {object} NetworkCard
 * @property {string} name
 * @property {number} buses
 * @property {number} segments
 * @property {number} transformers
 * @property {number} connections
 * @property {boolean} is_geographic
 * @property {number} loaded_utc
 * @property {string} source_format
 * @property {string} digest
 * @property {{from: number, to: number, step_seconds: number, time_zone: string, measured: number, profiled: number, unknown: number} | null} series Null where there are none.
 *
 * @typedef {"element" | "hour" | "weekday" | "season"} RankedBy
 * @typedef {{key: string, mean: number, p95: number | null, worst: number, worst_start: number | null}} Ranked
 * @typedef {{from: number, to: number}} Span Half-open [s since 1970, UTC].
 * @typedef {object} Work Long work of the service: it goes on when the page is left.
 * @property {"none" | "waiting" | "running" | "done" | "failed"} state
 * @property {number} progress The part that is done, 0 to 1.
 * @property {string | null} [problem] Why it failed.
 * @property {boolean | null} [stale] Of what is done: have readings or the network changed since?
 */
import { ask } from "./api.js";

/**
 * @param {string} community
 * @param {string} [network]
 * @param {...string} parts
 */
export function gridPath(community, network = "", ...parts) {
  const whole = ["operator", "communities", community, "networks", ...(network ? [network, ...parts] : [])];
  return `/${whole.map(encodeURIComponent).join("/")}`;
}

/** @param {Readonly<Record<string, string | number | null | undefined>>} asked */
function query(asked) {
  const told = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return told.length > 0 ? `?${new URLSearchParams(told.map(([name, value]) => [name, String(value)]))}` : "";
}

/** An instant as the API takes it. @param {number} seconds */
export function instantText(seconds) {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}

/** A network of a community, as everything below asks for it. */
export class Grid {
  /**
   * @param {string} community
   * @param {string} network
   */
  constructor(community, network) {
    this.community = community;
    this.network = network;
  }

  /** @param {...string} parts */
  path(...parts) {
    return gridPath(this.community, this.network, ...parts);
  }

  /** @param {AbortSignal} [signal] @returns {Promise<Structure>} */
  structure(signal) {
    return ask(this.path(), { signal });
  }

  /**
   * @param {Span} span
   * @param {Measure} measure
   * @param {string} [plan] With the switches of this plan made.
   * @param {AbortSignal} [signal]
   * @returns {Promise<Frames>}
   */
  frames({ from, to }, measure, plan = "", signal) {
    return ask(this.path("frames") + query({ from: instantText(from), to: instantText(to), measure, plan }), { signal });
  }

  /** @param {RankedBy} by @param {Measure} measure @param {{element?: string, limit?: number}} [asked] @param {AbortSignal} [signal] @returns {Promise<{unit: string, items: Ranked[]}>} */
  ranking(by, measure, asked = {}, signal) {
    return ask(this.path("ranking") + query({ by, measure, ...asked }), { signal });
  }

  /** @param {string} element @param {Measure} measure @param {AbortSignal} [signal] */
  course(element, measure, signal) {
    return ask(this.path("course") + query({ element, measure, by: "week" }), { signal });
  }

  /** @param {string} element @param {Span} span @param {AbortSignal} [signal] */
  series(element, { from, to }, signal) {
    return ask(this.path("elements", element, "series") + query({ from: instantText(from), to: instantText(to) }), { signal });
  }

  /** @param {AbortSignal} [signal] @returns {Promise<Work>} */
  summary(signal) {
    return ask(this.path("summary"), { signal });
  }

  /** @returns {Promise<Work>} */
  summarise() {
    return ask(this.path("summary"), { method: "POST", body: {} });
  }

  /** @param {string} part @param {AbortSignal} [signal] @returns {Promise<any>} */
  list(part, signal) {
    return ask(this.path(part), { signal });
  }

  /** @param {readonly string[]} parts @param {Readonly<Record<string, string | number | null | undefined>>} asked @param {AbortSignal} [signal] @returns {Promise<any>} */
  ask(parts, asked = {}, signal) {
    return ask(this.path(...parts) + query(asked), { signal });
  }

  /** @param {readonly string[]} parts @param {[string, string][]} asked Names may come again. @param {AbortSignal} [signal] @returns {Promise<any>} */
  askMany(parts, asked, signal) {
    return ask(this.path(...parts) + (asked.length > 0 ? `?${new URLSearchParams(asked)}` : ""), { signal });
  }

  /** @param {readonly string[]} parts @param {File} file @param {string} type @param {[string, string][]} [asked] Names may come again. @returns {Promise<any>} */
  sendFile(parts, file, type, asked = []) {
    return ask(this.path(...parts) + (asked.length > 0 ? `?${new URLSearchParams(asked)}` : ""), { method: "POST", body: file, type });
  }

  /** @param {readonly string[]} parts @param {unknown} body @param {"POST" | "PUT"} [method] @returns {Promise<any>} */
  send(parts, body, method = "POST") {
    return ask(this.path(...parts), { method, body });
  }
}

/** @param {string} community @param {AbortSignal} [signal] @returns {Promise<NetworkCard[]>} */
export async function askNetworks(community, signal) {
  return (await ask(gridPath(community), { signal })).items;
}

/**
 * Films of days, fetched once and kept while they are near: the day that is shown, the next, and those shown lately.
 */
export class FrameShelf {
  /** @param {(day: string) => Promise<any>} fetchDay @param {number} [most] Days that are kept. */
  constructor(fetchDay, most = 8) {
    this.fetchDay = fetchDay;
    this.most = most;
    /** @type {Map<string, Promise<any>>} */
    this.kept = new Map();
  }

  /** @param {string} day @returns {Promise<any>} */
  take(day) {
    const known = this.kept.get(day);
    this.kept.delete(day);
    const taken = known ?? this.fetchDay(day);
    this.kept.set(day, taken);
    taken.catch(() => this.kept.get(day) === taken && this.kept.delete(day)); // what failed is asked for again
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.most) break;
      this.kept.delete(oldest);
    }
    return taken;
  }
}
