/** What a proposal that is no rule asks for, from what was filled in; or what is wrong with it. */
import { parseDecimal } from "./decimals.js";
import { isAddress } from "./typed_data.js";

const WEIGHT_MAX = 65_535;

/**
 * What is asked for as the chain has it: seats by their numbers, in the order in which the service names them.
 *
 * @param {import("./calls.js").MatterKind} kind
 * @param {Readonly<Record<string, any>>} asked As `askedOf` gave it.
 * @param {readonly {participant: string, seat: number}[]} seats Those that are held.
 * @param {(participant: string) => string} name
 * @returns {import("./signing.js").Asked}
 */
export function actionOf(kind, asked, seats, name) {
  const numberOf = (/** @type {string} */ participant) => seats.find((seat) => seat.participant === participant)?.seat ?? -1;
  if (kind === "weights") {
    const participants = Object.keys(asked["weights"]).sort();
    const weights = participants.map((participant) => asked["weights"][participant]);
    return { kind, matter: { seats: participants.map(numberOf), weights }, names: participants.map(name) };
  }
  if (kind === "revocation") return { kind, matter: { seat: numberOf(asked["participant"]) }, names: [name(asked["participant"])] };
  return { kind, matter: asked, names: [] };
}

/**
 * @param {string} kind
 * @param {Readonly<Record<string, any>>} matter As typed.
 * @param {readonly {participant: string, weight: number}[]} seats Those that are held.
 * @returns {{asked: Record<string, any>} | {fault: string}} `fault` is a key of words.
 */
export function askedOf(kind, matter, seats) {
  if (kind === "weights") {
    const typed = Object.entries(/** @type {Record<string, string>} */ (matter["weights"] ?? {})).map(([participant, text]) => /** @type {const} */ ([participant, parseDecimal(text, 0)]));
    if (typed.some(([, weight]) => weight === null || weight < 1 || weight > WEIGHT_MAX)) return { fault: "matter.weight" };
    const changed = typed.filter(([participant, weight]) => seats.find((seat) => seat.participant === participant)?.weight !== weight);
    return changed.length > 0 ? { asked: { weights: Object.fromEntries(changed) } } : { fault: "matter.same" };
  }
  if (kind === "revocation") return matter["participant"] ? { asked: { participant: matter["participant"] } } : { fault: "matter.seat" };
  if (kind === "guardians") {
    const named = /** @type {string[]} */ (matter["guardians"] ?? []).map((address) => address.trim());
    const distinct = new Set(named.map((address) => address.toLowerCase())).size === 3;
    if (!matter["guardians"]) return { fault: "matter.same" };
    return named.length === 3 && distinct && named.every(isAddress) ? { asked: { guardians: named } } : { fault: "matter.guardians" };
  }
  const steward = String(matter["steward"] ?? "").trim();
  return isAddress(steward) ? { asked: { steward } } : { fault: "matter.address" };
}
