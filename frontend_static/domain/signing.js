/**
 * What somebody is about to sign, in words, taken from the document itself and not from what the service says of it. A document
 * that has no words here is not signed.
 *
 * @typedef {import("./typed_data.js").TypedDocument} TypedDocument
 * @typedef {import("./differences.js").Say} Say
 * @typedef {import("./figures.js").Locale} Locale
 * @typedef {[label: string, value: string]} Fact
 *
 * @typedef {object} Around What the page knows by itself.
 * @property {Locale} locale
 * @property {Say} say
 * @property {string} zone Time zone of the community.
 * @property {(address: string) => string} name Of an account.
 */
import { encodeMatter, hashAction } from "./calls.js";
import { formatInstant, formatMoney, formatPrice, formatRate } from "./figures.js";
import { TypedDataError } from "./typed_data.js";

export const METHOD_NAMES = ["", "dynamic", "static", "equal", "static_cascade", "hybrid", "scheduled", "pairwise", "priority", "flow", "incentive"];
const PRICINGS = ["uniform", "mid_market", "supply_demand", "producer"];
const SUPPORTS = ["against", "for", "abstain"];
const SCOPES = ["", "bills", "curves", "flexibility"];
const NO_HASH = `0x${"00".repeat(32)}`;
const EVER = 2n ** 64n - 1n;

/**
 * What a proposal that is no rule asks for, in words, and that the document is of just this.
 *
 * @typedef {{kind: import("./calls.js").MatterKind, matter: any, names: readonly string[]}} Asked `matter` as `encodeMatter` takes it,
 *   `names` of its seats.
 *
 * @param {TypedDocument} document
 * @param {string} community Its anchor, 0x-hex.
 * @param {Asked} asked
 * @param {Around} around
 * @returns {Fact[]}
 * @throws {TypedDataError} If another call would be made.
 */
export function actionFacts(document, community, { kind, matter, names }, { say, name }) {
  const due = hashAction(encodeMatter(community, kind, matter));
  if (document.message["action"] !== due) throw new TypedDataError(`the document's action is ${document.message["action"]}, not ${due}`);
  const facts = /** @type {Record<typeof kind, () => Fact[]>} */ ({
    weights: () => names.map((one, i) => [say("difference.governance.weight", { 0: one }), String(matter.weights[i])]),
    revocation: () => names.map((one) => [say("difference.governance.seat", { 0: one }), say("sign.revoked")]),
    guardians: () => matter.guardians.map((/** @type {string} */ one, /** @type {number} */ i) => [say("difference.governance.guardian", { 0: i + 1 }), name(one)]),
    steward: () => [[say("difference.governance.steward"), name(matter.steward)]],
    appeal: () => [[say("case.appeal.about", { number: matter.case }), say(`case.outcome.${matter.party}`)]],
  });
  return facts[kind]();
}

/**
 * Refuse a document that is not what the page asked for.
 *
 * @param {TypedDocument} document
 * @param {{type: string | readonly string[], chainId: number, contract: string, message?: Readonly<Record<string, unknown>>}} due `message`: fields
 *   that must be so.
 * @throws {TypedDataError} Naming what differs.
 */
export function requireDocument(document, { type, chainId, contract, message = {} }) {
  const { domain, primaryType } = document;
  if (!(Array.isArray(type) ? type : [type]).includes(primaryType)) throw new TypedDataError(`the document is a ${primaryType}, not a ${type}`);
  const domains = Object.keys(domain).sort().join();
  if (domains !== "chainId,name,verifyingContract,version" || domain["name"] !== "Partage" || domain["version"] !== "1") throw new TypedDataError("the document is not for Partage");
  if (String(domain["chainId"]) !== String(chainId)) throw new TypedDataError(`the document is for chain ${domain["chainId"]}, not ${chainId}`);
  if (String(domain["verifyingContract"]).toLowerCase() !== contract.toLowerCase()) throw new TypedDataError(`the document is for ${domain["verifyingContract"]}, not ${contract}`);
  for (const [name, value] of Object.entries(message)) {
    const found = document.message[name];
    if (String(found).toLowerCase() !== String(value).toLowerCase()) throw new TypedDataError(`the document's ${name} is ${found}, not ${value}`);
  }
}

/** @param {unknown} seconds @param {Around} around */
function instant(seconds, { locale, zone, say }) {
  if (BigInt(String(seconds)) >= EVER) return say("sign.ever");
  return formatInstant(new Date(Number(seconds) * 1000).toISOString(), zone, locale);
}

/** @param {any} rule @param {Around} around @returns {Fact[]} */
function ruleFacts({ effectiveFrom, contestWindowSeconds, limits, key, tariff }, { locale, say }) {
  const day = new Date(effectiveFrom * 86_400_000).toISOString();
  const bands = Math.max(...tariff.windows.map((/** @type {number} */ one) => one % 256)) + 1;
  const residual = tariff.residualPrice.slice(0, bands).map((/** @type {number} */ one) => formatPrice(one, locale));
  return [
    [say("sign.rule.from"), effectiveFrom > 0 ? formatInstant(day, "UTC", locale).split(",")[0] ?? "" : say("sign.rule.earliest")],
    [say("difference.sharing_key.method"), say(`choice.${METHOD_NAMES[key.method] ?? ""}`)],
    [say("difference.tariff.pricing"), say(tariff.pricing === 3 ? "choice.tariff.pricing.producer" : `choice.${PRICINGS[tariff.pricing] ?? ""}`)],
    [say("difference.tariff.shared_price"), formatPrice(tariff.sharedPrice, locale)],
    [say("sign.rule.residual"), residual.join(", ")],
    [say("difference.tariff.surplus_price"), formatPrice(tariff.surplusPrice, locale)],
    [say("difference.tariff.network_price"), formatPrice(tariff.networkPrice, locale)],
    [say("difference.tariff.monthly_fee"), formatMoney(tariff.monthlyFee, locale)],
    [say("difference.tariff.vat_ppm"), formatRate(tariff.vatPpm, locale)],
    [say("difference.conformity.max_estimated_ppm"), formatRate(limits.maxEstimatedPpm, locale)],
    [say("difference.conformity.max_missing_ppm"), formatRate(limits.maxMissingPpm, locale)],
    [say("sign.rule.terms"), limits.terms === NO_HASH ? say("sign.rule.terms.own") : limits.terms],
    [say("difference.settlement.contest_window"), say("span.hours", { count: contestWindowSeconds / 3600 })],
  ];
}

/** @param {any} message @param {Around} around @returns {Fact[]} */
function paperFacts({ rehearsal, member }, { say, name }) {
  return [
    [say("sign.member"), name(member)],
    [say("sign.rehearsal"), rehearsal === NO_HASH ? say("sign.rehearsal.none") : rehearsal],
  ];
}

/** @param {any} message @param {Around} around @returns {Fact[]} */
function consentFacts({ grantee, scope }, { say, name }) {
  return [
    [say("consent.grantee"), name(grantee)],
    [say("consent.scope"), say(`consent.scope.${SCOPES[scope] ?? ""}`)],
  ];
}

/** @type {Readonly<Record<string, (message: any, around: Around) => Fact[]>>} */
const WORDS = {
  Vote: ({ support, proposalId }, { say }) => [
    [say("sign.vote"), say(`ballot.${SUPPORTS[support] ?? ""}`)],
    [say("sign.proposal"), String(proposalId)],
  ],
  ProposeRule: (message, around) => [...ruleFacts(message.rule, around), ...paperFacts(message, around)],
  Propose: (message, around) => [[around.say("sign.action"), message.action], ...paperFacts(message, around)],
  GiveConsent: (message, around) => [
    ...consentFacts(message, around),
    [around.say("consent.from"), instant(message.from, around)],
    [around.say("consent.until"), instant(message.until, around)],
  ],
  WithdrawConsent: consentFacts,
  Withdraw: ({ proposalId }, { say }) => [[say("sign.proposal"), String(proposalId)]],
  OpenCase: ({ first, until, paper }, { say }) => [
    [say("sign.case.intervals"), String(until - first)],
    [say("sign.case.paper"), paper],
  ],
  Claim: ({ caseId, readings, evidence }, { say }) => [
    [say("sign.case"), String(caseId)],
    [say("sign.case.readings"), readings],
    [say("sign.case.evidence"), evidence],
  ],
  ObjectRecovery: ({ seat }, { say }) => [[say("sign.seat"), String(seat)]],
  ReplaceKey: ({ to, seat }, { say }) => [
    [say("sign.replace.to"), to],
    [say("sign.seat"), String(seat)],
  ],
};

/**
 * @param {TypedDocument} document
 * @param {Around} around
 * @returns {Fact[]}
 * @throws {TypedDataError} If there are no words for it, and so it must not be signed.
 */
export function factsOf(document, around) {
  const words = Object.hasOwn(WORDS, document.primaryType) ? WORDS[document.primaryType] : undefined;
  if (!words) throw new TypedDataError(`there are no words for ${document.primaryType}`);
  return words(document.message, around);
}
