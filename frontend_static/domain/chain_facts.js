/**
 * What the chain holds of a bundle's period, as plain values: `data/chain.js` reads it, `verifyBundle` takes it.
 * Hashes and addresses are 0x-hex; records have the names of their Solidity structs (protocol, section 10).
 *
 * @typedef {object} Terms `openedAt` is zero where the period is not open.
 * @property {number} ruleVersion
 * @property {number} slots
 * @property {number} dayCount
 * @property {number} maxIntervals
 * @property {number} resolutionMinutes
 * @property {number} startUtc
 * @property {number} expectedReadings
 * @property {number} openedAt
 * @property {string} classesRoot
 *
 * @typedef {object} PointRecord Zeros where the slot has no point.
 * @property {number} direction
 * @property {number} factorPpm
 * @property {number} fromDay
 * @property {number} untilDay
 * @property {string} tag
 *
 * @typedef {object} Rule
 * @property {number} source 0 the key's formula binds, 1 the grid operator's allocation.
 * @property {import("./sharing_keys/rounds.js").Key} key
 * @property {import("./bill.js").Tariff} tariff
 * @property {{terms: string}} limits `terms` is the hash of the terms of conformity, zero where they are the software's own.
 *
 * @typedef {object} ScheduleRecord `handedInAt` is zero where there is none.
 * @property {string} community
 * @property {number} period
 * @property {number} version
 * @property {string} root
 * @property {number} slots
 * @property {number} dayCount
 * @property {number} maxIntervals
 * @property {number} handedInAt UTC seconds.
 *
 * @typedef {object} BatchRecord `submittedAt` is zero where there is none.
 * @property {string} community
 * @property {number} period
 * @property {number} version
 * @property {number} label 0 measured, 1 imported.
 * @property {string} signer
 * @property {number} measured
 * @property {number} estimated
 * @property {number} missing
 * @property {number} submittedAt
 * @property {string} root
 * @property {string} source
 *
 * @typedef {object} RunRecord `state` is zero where there is none.
 * @property {string} community
 * @property {number} period
 * @property {number} version
 * @property {number} ruleVersion
 * @property {string} batchId
 * @property {string} basis A schedule's id, the hash of the operator's files, or zero.
 * @property {string} root
 * @property {number} feedIn
 * @property {number} consumption
 * @property {number} allocated
 * @property {number} shared
 * @property {number} contestableUntil
 * @property {number} state
 *
 * @typedef {object} BillsRecord `state` is zero where there are none.
 * @property {string} community
 * @property {string} runId
 * @property {string} root
 * @property {number} debits
 * @property {number} credits
 * @property {number} fees
 * @property {number} vatDebits
 * @property {number} vatCredits
 * @property {number} passThrough
 * @property {number} rounding
 * @property {number} contestableUntil
 * @property {number} state
 *
 * @typedef {object} Block The block at which the chain was read.
 * @property {number} number
 * @property {string} hash
 * @property {number} timestamp UTC seconds.
 *
 * @typedef {object} Identity
 * @property {number} chain_id
 * @property {string} genesis_hash
 * @property {Readonly<Partial<Record<import("./bundle.js").ContractName, string | null>>>} contracts Addresses that have the published code.
 * @property {Block} [block]
 *
 * @typedef {object} Records
 * @property {Terms} terms
 * @property {readonly number[]} intervals Per civil day.
 * @property {readonly string[]} bands 256-bit words, two bits an interval, the first in the lowest bits.
 * @property {readonly number[]} seats Per slot.
 * @property {readonly PointRecord[]} points Per slot.
 * @property {Rule} rule
 * @property {ScheduleRecord | null} schedule The one that the run names, of a scheduled key; else null.
 * @property {BatchRecord} batch
 * @property {RunRecord} run
 * @property {BillsRecord} bills
 *
 * @typedef {Identity & Records} PeriodFacts
 * @typedef {PeriodFacts | (Identity & {terms: null})} ChainFacts `terms` is null where it is another chain, or there is no open period.
 */

/**
 * @param {readonly string[]} words
 * @returns {number[]} A band per interval.
 */
export function unpackBands(words) {
  const bands = [];
  for (const word of words) {
    for (let at = word.length - 1; at > 1; at -= 1) {
      const digit = Number.parseInt(word.charAt(at), 16);
      bands.push(digit & 3, digit >> 2);
    }
  }
  return bands;
}

const [CONSUMPTION, FEED_IN] = [0, 1];

/**
 * @param {PeriodFacts} chain
 * @param {boolean} feedsIn
 * @param {number} [day] Without one, any day.
 * @returns {number[]} Slots of the direction that are active, ascending.
 */
export function activeSlots(chain, feedsIn, day) {
  const direction = feedsIn ? FEED_IN : CONSUMPTION;
  const slots = [];
  for (const [slot, point] of chain.points.entries()) {
    const active = day === undefined ? point.fromDay < point.untilDay : point.fromDay <= day && day < point.untilDay;
    if (active && point.direction === direction) slots.push(slot);
  }
  return slots;
}
