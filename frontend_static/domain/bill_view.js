/**
 * A bill as the page shows it: bars and groups of lines. Plain sums, no rounding.
 *
 * @typedef {object} BillLine A line of `BillContent`; amounts [cents], quantities [mWh], prices [micro-euro per kWh].
 * @property {number} line Place among the thirteen anchored lines.
 * @property {"residual" | "bought" | "network" | "fee" | "sold" | "surplus" | "network_shared" | "excise" | "excise_shared"
 *   | "incentive"} kind
 * @property {number} slot
 * @property {string} point
 * @property {number} band
 * @property {string[]} windows
 * @property {number} quantity
 * @property {number} unit_price Where it changes from interval to interval: the mean.
 * @property {number} value [pico-euro]
 * @property {number} amount
 * @property {string} biller
 * @property {string} counterpart Participant that sold or bought, where producers sell their own; else empty.
 *
 * @typedef {object} VatGroup
 * @property {number} rate_ppm
 * @property {number} basis
 * @property {number} tax
 * @property {string} reason
 *
 * @typedef {object} BillDocument An invoice within the bill.
 * @property {"invoice" | "self_billed" | "purchase" | "sale"} kind
 * @property {string} seller Participant; empty for the community.
 * @property {string} buyer Participant; empty for the community.
 * @property {number[]} lines Places in the bill's lines.
 * @property {VatGroup[]} vat
 * @property {number} sum_of_lines
 * @property {number} total_without_vat
 * @property {number} total_vat
 * @property {number} total_with_vat
 * @property {number} amount_due
 *
 * @typedef {object} PointSummary
 * @property {number} slot
 * @property {string} point
 * @property {string} number
 * @property {"consumption" | "feed_in"} direction
 * @property {number} energy
 * @property {number} allocated
 * @property {number[]} band_energy
 * @property {number[]} band_allocated
 * @property {number} value [pico-euro]
 * @property {number} credited
 * @property {number} readings
 * @property {number} estimated
 * @property {number} missing
 *
 * @typedef {object} Neighbour Another participant, on one side.
 * @property {"from" | "to"} side Who served this participant, or whom it served.
 * @property {number} seat
 * @property {string} participant
 * @property {string} name
 * @property {number} energy [mWh]
 * @property {number} value [pico-euro]
 *
 * @typedef {object} RuleCard
 * @property {number} version
 * @property {string} method
 * @property {string} surplus_owner
 * @property {string} source
 * @property {string} schedule
 * @property {Record<string, any> & {shared_price_micro_eur_per_kwh: number, residual_prices: {band: number, price_micro_eur_per_kwh: number,
 *   windows: string[]}[], surplus_price_micro_eur_per_kwh: number, network_price_micro_eur_per_kwh: number,
 *   monthly_fee_cents: number, vat_ppm: number, vat_status: string, billed_by_community: string[]}} tariff
 * @property {{en: string[], fr: string[]}} words
 *
 * @typedef {{key: string, values: Record<string, string | number>}} Message
 *
 * @typedef {object} BillContent What the API tells of a bill.
 * @property {{id: string, name: string, currency: string, note: string}} community
 * @property {{id: string, name: string}} participant
 * @property {{id: number, label: string, first: string, last: string, intervals: number, resolution_minutes: number,
 *   time_zone: string}} period
 * @property {number} seat
 * @property {string} due
 * @property {string} number
 * @property {string} state
 * @property {string} bill_state
 * @property {{id: string, version: number, root: string, state: string}} run
 * @property {string} bill_root
 * @property {RuleCard} rule
 * @property {number} rule_version
 * @property {string} sharing_key
 * @property {string} surplus_owner
 * @property {string} pricing
 * @property {string} sold_by
 * @property {Neighbour[]} neighbours
 * @property {{lines: number[], debit_net: number, vat_debit: number, debit: number, credit_net: number,
 *   vat_credit: number, credit: number, payable: number, vat_bought: number, vat_sold: number}} amounts
 * @property {{used: number, own: number, from_neighbours: number, from_grid: number, produced: number, shared: number,
 *   surplus: number, origins: {source: string, energy: number}[]}} energy
 * @property {PointSummary[]} points
 * @property {BillLine[]} lines
 * @property {BillDocument[]} documents
 * @property {{cost_without: number, earned_without: number, cost_with: number, earned_with: number, saving: number}} saving
 * @property {{grid_grams: number, local_grams: number, milligrams_per_kilowatt_hour: number, grid_source: string,
 *   factors: {source: string, grams_per_kilowatt_hour: number, citation: string}[], notes: Message[]} | null} carbon
 * @property {{readings: number, estimated: number, edited: number, missing: number, notes: Message[]}} quality
 *
 * @typedef {"solar" | "shared" | "grid" | "feed-in"} Role
 * @typedef {{name: string, role: Role, amount: number}} Segment
 */

/**
 * @param {BillContent["energy"]} energy
 * @returns {Segment[]} Where what was used came from; empty parts are left out.
 */
export function useSegments(energy) {
  return present([
    { name: "own", role: "solar", amount: energy.own },
    { name: "from_neighbours", role: "shared", amount: energy.from_neighbours },
    { name: "from_grid", role: "grid", amount: energy.from_grid },
  ]);
}

/**
 * @param {BillContent["energy"]} energy
 * @returns {Segment[]} Where what was produced went; empty parts are left out.
 */
export function productionSegments(energy) {
  return present([
    { name: energy.own > 0 ? "shared_self" : "shared", role: "shared", amount: energy.shared },
    { name: "surplus_left", role: "feed-in", amount: energy.surplus },
  ]);
}

/**
 * @param {Segment[]} segments
 * @returns {Segment[]}
 */
function present(segments) {
  return segments.filter(({ amount }) => amount > 0);
}

/**
 * Divide a bar, so that the parts have whole thousandths, add up to all of it, and a part that is there can be seen.
 *
 * @param {readonly number[]} amounts Each above zero.
 * @returns {number[]} Thousandths of the bar, in order.
 */
export function divideBar(amounts) {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total <= 0) return amounts.map(() => 0);
  const least = 6;
  const widths = amounts.map((amount) => Math.max(least, Math.floor((amount / total) * 1000)));
  const widest = widths.indexOf(Math.max(...widths));
  widths[widest] = (widths[widest] ?? 0) + 1000 - widths.reduce((sum, width) => sum + width, 0);
  return widths;
}

/**
 * @param {BillContent} bill
 * @returns {{biller: string, lines: BillLine[], sum: number}[]} Lines that others bill, per biller, in order.
 */
export function informationGroups(bill) {
  /** @type {Map<string, BillLine[]>} */
  const groups = new Map();
  for (const line of bill.lines) {
    if (line.biller === "community") continue;
    groups.set(line.biller, [...(groups.get(line.biller) ?? []), line]);
  }
  return [...groups].map(([biller, lines]) => {
    return { biller, lines, sum: lines.reduce((sum, line) => sum + line.amount, 0) };
  });
}
