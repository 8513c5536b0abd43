/**
 * A community's runs as the API tells them, held against what the chain holds.
 *
 * @typedef {object} RunCard
 * @property {number} version
 * @property {string} run_id
 * @property {string} root
 * @property {string} batch_root
 * @property {string} bill_root
 * @property {string} state
 * @property {string} bill_state
 * @property {number} feed_in_milliwatt_hours
 * @property {number} consumption_milliwatt_hours
 * @property {number} allocated_milliwatt_hours
 * @property {number} residual_milliwatt_hours
 * @property {number} surplus_milliwatt_hours
 * @property {Record<string, number>} bill_totals_cents
 *
 * @typedef {object} PeriodCard
 * @property {number} period
 * @property {string} label
 * @property {string} state
 * @property {string} bill_state
 * @property {number | null} version
 * @property {RunCard[]} runs
 * @property {number} gas
 * @property {number} transactions
 * @property {boolean} shows_profile Whether who asks may see the profile.
 * @property {string | null} contestable_until
 */
import { stateName } from "./verdict.js";

/** Bill totals: the API's names and the contract's. */
const TOTALS = /** @type {const} */ ([
  ["debits", "debits"],
  ["credits", "credits"],
  ["fees", "fees"],
  ["vat_debits", "vatDebits"],
  ["vat_credits", "vatCredits"],
]);

/**
 * @param {RunCard} card What the API tells.
 * @param {any} run `SettlementLedger.run` as read.
 * @param {any} bills `BillingLedger.bills` as read.
 * @param {any} batch `MeterDataLedger.batch` as read.
 * @returns {string[]} Names of what differs; none where all agrees.
 */
export function compareRun(card, run, bills, batch) {
  const pairs = /** @type {[string, unknown, unknown][]} */ ([
    ["root", run.root, card.root],
    ["feed_in", run.feedIn, card.feed_in_milliwatt_hours],
    ["consumption", run.consumption, card.consumption_milliwatt_hours],
    ["allocated", run.allocated, card.allocated_milliwatt_hours],
    ["residual", run.consumption - run.allocated, card.residual_milliwatt_hours],
    ["surplus", run.feedIn - run.shared, card.surplus_milliwatt_hours],
    ["state", stateName(run.state), card.state],
    ["batch_root", batch.root, card.batch_root],
  ]);
  if (card.bill_root) {
    pairs.push(["bill_root", bills.root, card.bill_root], ["bill_state", stateName(bills.state), card.bill_state]);
    for (const [name, field] of TOTALS) pairs.push([name, bills[field], card.bill_totals_cents[name]]);
  }
  return pairs.filter(([, there, here]) => String(there) !== String(here)).map(([name]) => name);
}

/**
 * @param {PeriodCard} period
 * @returns {RunCard | null} The run that counts.
 */
export function runInForce(period) {
  return period.runs.find((run) => run.version === period.version) ?? null;
}
