/**
 * Whether a proposal that the service shows is the one that is on the chain: its words by their hash, its rehearsal by its
 * hash, its change by the call that would be made. Its id is recomputed from that call, so that not even the node can put another.
 *
 * @typedef {import("./differences.js").Difference} Difference
 * @typedef {import("./calls.js").Call} Call
 * @typedef {{slot: number, id: string, participant: string}} Place
 * @typedef {{id: string, kind: string, member: string, differences: readonly Difference[], effective_from: number | null, text: string,
 *   salt: string | null, rehearsal_hash: string, state: string}} Shown
 *
 * @typedef {object} OnChain
 * @property {number} block That was read.
 * @property {boolean} held Whether the contracts are the published ones, and the registry names this governor.
 * @property {string} pauseBook Address.
 * @property {string[]} guardians Of today, where guardians are proposed.
 * @property {{kind: number, text: string, rehearsal: string, member: string} | null} paper Null where there is no such proposal.
 * @property {Call | null} call
 * @property {any} asked The call's arguments by their names; null where they cannot be read.
 * @property {any} before The rule that was the last one when it was proposed; null where it was no rule.
 * @property {number | null} seat Of the account that was asked for.
 *
 * @typedef {object} Around What the page knows by itself.
 * @property {string} community Its anchor, 0x-hex.
 * @property {Readonly<Record<string, string>>} contracts Addresses.
 * @property {readonly Place[]} points
 * @property {readonly {seat: number, participant: string, holder: string | null}[]} seats
 * @property {string} participant Of who looks; empty for others.
 * @property {any} links The table of today's link terms; null where there is none.
 * @property {any} terms The table of today's terms of conformity; null where it is not known.
 *
 * @typedef {object} Found
 * @property {string[]} differing Keys of words, each of something that is not so; empty where all agrees.
 * @property {boolean} links Whether link terms would change that this page could not compute.
 * @property {boolean} terms Likewise of terms of conformity.
 */
import { KINDS, PARTIES, TARGETS, proposalId, readDescription } from "./calls.js";
import { hashWords, isOpenState } from "./proposals.js";
import { changeLinks, changesOf, hashLinks, isOfLinks } from "./rule_changes.js";
import { isOfTerms, leadsTo } from "./terms.js";

const NO_HASH = `0x${"00".repeat(32)}`;

/** @param {unknown} one @param {unknown} other */
function isSame(one, other) {
  return String(one).toLowerCase() === String(other).toLowerCase();
}

/** @param {readonly {field: string, place: readonly string[], before: any, after: any}[]} changes @returns {string[]} In one order. */
function linesOf(changes) {
  return changes.map(({ field, place, before, after }) => JSON.stringify([field, place, before ?? null, after ?? null])).sort();
}

/** @param {readonly string[]} one @param {readonly string[]} other */
function areSame(one, other) {
  return one.length === other.length && one.every((line, i) => line === other[i]);
}

/** @param {Shown} shown @param {OnChain} told @param {Around} around @returns {{differs: boolean, links: boolean, terms: boolean}} */
function holdRule({ differences: all, effective_from: from }, { asked, before }, { points, links, terms: today }) {
  if (!before) return { differs: true, links: false, terms: false };
  const led = leadsTo(all.filter(isOfTerms), { was: before.limits.terms, will: asked.rule.limits.terms }, today);
  const terms = led === null;
  const differences = all.filter((difference) => !isOfTerms(difference));
  const names = new Map(points.map(({ slot, id }) => [slot, id]));
  const changes = changesOf(before, asked.rule, (slot) => names.get(slot) ?? "");
  const plain = differences.filter((difference) => !isOfLinks(difference));
  const differs = led === false || !areSame(linesOf(changes), linesOf(plain)) || from !== asked.rule.effectiveFrom;
  const [was, will] = [before.key.linkTerms, asked.rule.key.linkTerms];
  const said = differences.length > plain.length;
  if (was === will || will === NO_HASH) return { differs: differs || (said && was === will), links: false, terms };
  const slots = new Map(points.map(({ slot, id }) => [id, slot]));
  const slotOf = (/** @type {string} */ point) => slots.get(point) ?? -1;
  const known = was === NO_HASH ? null : links;
  const computed = hashLinks(changeLinks(known, differences), slotOf);
  return { differs, links: computed !== will, terms };
}

/** @type {Readonly<Record<string, (shown: Shown, asked: any, around: Around, told: OnChain) => boolean>>} */
const HOLDS = {
  weights: ({ differences }, { seats, weights }, { seats: known }) => {
    const participants = new Map(known.map(({ seat, participant }) => [seat, participant]));
    const called = seats.map((/** @type {number} */ seat, /** @type {number} */ i) => `${participants.get(seat)} ${weights[i]}`);
    return areSame(called.sort(), differences.map(({ place, after }) => `${place[0]} ${after}`).sort());
  },
  revocation: ({ differences }, { seat }, { seats }) => differences.length === 1 && seats.some((one) => one.seat === seat && one.participant === differences[0]?.place[0]),
  guardians: ({ differences, state }, { guardians }, _, { guardians: today }) => {
    const said = new Map(differences.map(({ place, after }) => [Number(place[0]), String(after).toLowerCase()]));
    // A place that is not spoken of keeps who has it; of a vote that is over, who had it is not known.
    const kept = (/** @type {string} */ one) => !isOpenState(state) || today.includes(one);
    return said.size > 0 && guardians.every((/** @type {string} */ one, /** @type {number} */ i) => (said.has(i + 1) ? said.get(i + 1) === one : kept(one)));
  },
  steward: ({ differences }, { steward }) => differences.length === 1 && isSame(differences[0]?.after, steward),
  appeal: ({ differences }, { caseId, party }) =>
    differences.length === 1 && BigInt(caseId) === BigInt(differences[0]?.place[0] ?? -1) && PARTIES[party] === differences[0]?.after,
};

/** @param {Shown} shown @param {OnChain} told */
function holdsId({ id }, { call, paper }) {
  const description = call ? readDescription(call.description) : null;
  if (!call || !paper || !description || proposalId(call) !== id) return false;
  return description.text === paper.text && description.rehearsal === paper.rehearsal && isSame(description.proposer, paper.member);
}

/** @param {OnChain} told @param {string} kind @param {Around} around */
function callsOwn({ call, asked, pauseBook }, kind, { community, contracts }) {
  if (!call || !asked || BigInt(call.value) !== 0n) return false;
  const [contract] = TARGETS[/** @type {keyof typeof TARGETS} */ (kind)];
  const target = contract === "pause_book" ? pauseBook : contracts[contract];
  // The governor alone knows the court, and calls no other; all the others name the community.
  return kind === "appeal" ? true : isSame(call.target, target) && asked.community === community;
}

/** @param {OnChain} told @param {Around} around @returns {boolean} Whether names stand at slots as the registry has the reader's seat. */
function holdsPlaces({ seat }, { points, seats, participant }) {
  if (seat === null || !participant) return true;
  if (seats.some((one) => one.participant === participant && one.seat !== seat)) return false;
  const own = points.filter((point) => point.participant === participant).map(({ slot }) => slot);
  return own.length === 0 || Math.min(...own) === seat;
}

/**
 * @param {Shown} shown
 * @param {OnChain} told
 * @param {Around} around
 * @returns {Found}
 */
export function checkProposal(shown, told, around) {
  const { paper, asked } = told;
  if (!paper) return { differing: ["proposal.chain.missing"], links: false, terms: false };
  const known = shown.kind === KINDS[paper.kind];
  const own = known && callsOwn(told, shown.kind, around);
  const rule = own && shown.kind === "rule" ? holdRule(shown, told, around) : { differs: false, links: false, terms: false };
  const matter = own && shown.kind !== "rule" ? !HOLDS[shown.kind]?.(shown, asked, around, told) : false;
  // Where the service has no words of a proposal, there are none to hold.
  const worded = shown.salt !== null || shown.text !== "";
  const failing = /** @type {[string, boolean][]} */ ([
    ["proposal.chain.contracts", !told.held],
    ["proposal.chain.id", !holdsId(shown, told)],
    ["proposal.chain.text", worded && hashWords(shown.salt ?? "0x", shown.text) !== paper.text],
    ["proposal.chain.rehearsal", shown.rehearsal_hash !== paper.rehearsal],
    ["proposal.chain.member", !isSame(shown.member, paper.member)],
    ["proposal.chain.call", !own],
    ["proposal.chain.change", rule.differs || matter],
    ["proposal.chain.places", !holdsPlaces(told, around)],
  ]);
  return { differing: failing.filter(([, fails]) => fails).map(([key]) => key), links: rule.links, terms: rule.terms };
}
