/** What the contracts' constructors leave on chain, made of the artifacts. */
import { fromHex, joinBytes, toHex } from "../../frontend_static/domain/bytes.js";
import { keccak256 } from "../../frontend_static/domain/keccak.js";
import { readJson } from "./vectors.js";

/** @type {Record<string, string>} */
export const SOLIDITY = {
  ...{ registry: "CommunityRegistry", rule_book: "RuleBook", period_book: "PeriodBook" },
  ...{ meter_data_ledger: "MeterDataLedger", schedule_book: "ScheduleBook", settlement_ledger: "SettlementLedger" },
  billing_ledger: "BillingLedger",
  ...{ contests: "Contests", input_contests: "InputContests", sum_contests: "SumContests", stair_contests: "StairContests" },
  ...{ bill_contests: "BillContests", link_contests: "LinkContests", demands: "Demands", bonds: "Bonds", pause_book: "PauseBook" },
};
const NAMED = 7;

/** @type {Record<string, string>} Those that a bundle does not name. */
const FURTHER = Object.fromEntries(
  [...Object.keys(SOLIDITY).slice(NAMED)].map((name, i) => [name, `0x${(0xc0 + i).toString(16)}${"c0".repeat(19)}`]),
);
export const CONTESTS = FURTHER["contests"] ?? "";

/** @param {string} hex At most 32 bytes. @returns {string} A word that ends with them. */
function word(hex) {
  return `0x${hex.replace("0x", "").padStart(64, "0")}`;
}

/** @param {string} name @returns {string} */
function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** @param {string} text @returns {string} */
function hashOf(text) {
  return toHex(keccak256(new TextEncoder().encode(text)));
}

/**
 * @param {Record<string, string>} contracts Addresses of those that a bundle names.
 * @param {number} chainId
 * @returns {Record<string, string>} Code by address.
 */
export function publishedCodes(contracts, chainId) {
  /** @type {Record<string, string>} */
  const addresses = { ...FURTHER, ...contracts };
  const codes = Object.entries(addresses).map(([name, address]) => {
    const { object, immutables } = readJson(`contracts/artifacts/${SOLIDITY[name]}.json`).deployedBytecode;
    const domain = [
      hashOf("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
      ...[hashOf("Partage"), hashOf("1"), word(chainId.toString(16)), word(address)],
    ];
    /** @type {Record<string, string>} */
    const values = {
      ...Object.fromEntries(Object.entries(addresses).map(([known, at]) => [camel(known), at])),
      ...{ _hashedName: domain[1], _hashedVersion: domain[2], _cachedChainId: domain[3], _cachedThis: domain[4] },
      _cachedDomainSeparator: toHex(keccak256(joinBytes(...domain.map(fromHex)))),
      _name: `0x${"50617274616765".padEnd(62, "0")}07`,
      _version: `0x${"31".padEnd(62, "0")}01`,
    };
    const code = fromHex(object);
    for (const [immutable, places] of Object.entries(immutables)) {
      for (const { start } of /** @type {any[]} */ (places)) code.set(fromHex(word(values[immutable] ?? "")), start);
    }
    return [address, toHex(code)];
  });
  return Object.fromEntries(codes);
}
