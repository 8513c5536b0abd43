/**
 * Plans of phase switches: what they change, what they gain, and how far that is from the best there can be.
 *
 * @typedef {import("./grid_tree.js").Structure} Structure
 * @typedef {import("./grid_tree.js").Tree} Tree
 * @typedef {object} PhaseSwitch
 * @property {string} connection
 * @property {string} from Phases such as `L1`, or `L123` to `L231` where three are turned.
 * @property {string} to
 * @property {number} gain_kw By how much it lowers the imbalance after those before it.
 * @property {number} [lost_without_kw] By how much the plan is worse without it alone.
 * @property {string[]} [metering_points]
 * @property {string} [bus]
 * @property {string} [place] Where a crew is anyway.
 * @property {string[]} [others] Connections that move with it, for they hang on the same wire.
 * @property {number} [cost]
 *
 * @typedef {{switches: number, imbalance_kw: number, holdout_kw: number | null}} ParetoPoint
 *
 * @typedef {object} FlowCheck What power flow says of it; null for what it does not tell.
 * @property {number | null} [losses_before_kwh]
 * @property {number | null} [losses_after_kwh]
 * @property {number | null} [voltage_min_before_pu]
 * @property {number | null} [voltage_min_after_pu]
 * @property {number | null} [voltage_max_before_pu]
 * @property {number | null} [voltage_max_after_pu]
 * @property {number | null} [vuf_mean_before_pct]
 * @property {number | null} [vuf_mean_after_pct]
 * @property {number | null} [neutral_mean_before_a]
 * @property {number | null} [neutral_mean_after_a]
 * @property {string} [problem] Why there is none.
 * @property {string[]} [warnings] What becomes worse by it, in words.
 *
 * @typedef {object} Plan
 * @property {string} element
 * @property {number} imbalance_before_kw
 * @property {number} imbalance_after_kw
 * @property {number | null} holdout_before_kw
 * @property {number | null} holdout_after_kw
 * @property {string} [holdout_kind]
 * @property {number} [gap] How far the plan may be from the best, of what it leaves [1].
 * @property {string} [proof] By which means the bound was found.
 * @property {number} [resolution_seconds] The figures are of means over such intervals.
 * @property {number} [movable] Connections that could be moved.
 * @property {Record<string, number>} [left_out] How many could not, by the reason.
 * @property {number} [seconds] That the search took.
 * @property {{weights?: Record<string, number>, budget?: number | null, switches?: number} | null} [asked]
 * @property {number} bound_kw No plan within the limits comes below.
 * @property {boolean} proven
 * @property {number} [worst_hour_before_kw]
 * @property {number} [worst_hour_after_kw]
 * @property {{before_kw: number[], after_kw: number[]}} [phases] Mean power by phase.
 * @property {PhaseSwitch[]} switches In the order of doing.
 * @property {ParetoPoint[]} pareto
 * @property {FlowCheck | null} [flow]
 * @property {string[]} [spared] What a plan by the weights that were asked for would have made worse, in words.
 *
 * @typedef {{id: string, state: "waiting" | "running" | "done" | "failed", progress: number, asked?: {weights?: Record<string, number>, budget?: number | null, switches?: number}, problem?: string | null, made_utc?: number | null, element?: string, plan?: Plan | null}} PlanWork
 */
import { busesBehind, farBus } from "./grid_tree.js";

export const PHASES = ["L1", "L2", "L3"];
const SINGLE = /^L[123]$/;

/**
 * Whose connections are behind an element; a source's, and those of what is not known, are all.
 *
 * @param {Structure} structure
 * @param {Tree} tree
 * @param {string} element
 */
export function connectionsBehind(structure, tree, element) {
  const place = tree.branches.findIndex(({ id }) => id === element);
  const far = place < 0 ? -1 : farBus(tree, place);
  if (place < 0) return structure.connections;
  const behind = new Set(far < 0 ? [] : busesBehind(tree, far).map((bus) => structure.buses[bus]?.id));
  return structure.connections.filter(({ bus }) => behind.has(bus));
}

/**
 * How many one-phase connections each phase has behind an element, before and after.
 *
 * @param {readonly {id: string, phases: string}[]} connections
 * @param {readonly PhaseSwitch[]} switches
 * @returns {{phase: string, before: number, after: number}[]}
 */
export function countPhases(connections, switches) {
  const moved = new Map(switches.flatMap(({ connection, to, others = [] }) => [connection, ...others].map((id) => [id, to])));
  return PHASES.map((phase) => ({
    phase,
    before: connections.filter(({ phases }) => phases === phase).length,
    after: connections.filter(({ id, phases }) => SINGLE.test(phases) && (moved.get(id) ?? phases) === phase).length,
  }));
}

const RESOLUTIONS = [900, 1800, 3600, 10800]; // [s]

/** The means that a search may look at: those of the series (0), and coarser ones that are made of whole intervals. @param {number} step Of the series [s]. @returns {number[]} [s] */
export function resolutionsOf(step) {
  return [0, ...RESOLUTIONS.filter((seconds) => step > 0 && seconds > step && seconds % step === 0)];
}

/** @param {readonly PhaseSwitch[]} switches @returns {Map<string, string>} By connection, what is written beside it. */
export function marksOf(switches) {
  return new Map(switches.map(({ connection, from, to }, i) => [connection, `${i + 1}: ${from}→${to}`]));
}

/**
 * @param {Pick<Plan, "imbalance_before_kw" | "imbalance_after_kw" | "bound_kw" | "proven">} plan
 * @returns {number} How far the plan may be from the best, of what it has left [1]; zero where it is proven.
 */
export function gapOf({ imbalance_after_kw: after, bound_kw: bound, proven }) {
  return proven || after <= 0 ? 0 : Math.max(0, (after - bound) / after);
}
