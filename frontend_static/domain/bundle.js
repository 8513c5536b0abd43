/**
 * A bundle read strictly: every field of protocol section 11, each with its width, and none besides.
 *
 * @typedef {object} Header Totals of an interval [mWh].
 * @property {number} feedIn
 * @property {number} consumption
 * @property {number} allocated
 * @property {number} tau
 * @property {number} band
 *
 * @typedef {object} Day
 * @property {Header[] | null} headers Null where the privacy rule withholds them.
 * @property {Uint8Array} headersRoot
 * @property {Uint8Array} stairsRoot
 *
 * @typedef {object} Point A metering point of the participant; curves by day and interval [mWh].
 * @property {number} slot
 * @property {boolean} feedsIn
 * @property {string} number
 * @property {Uint8Array} nonce
 * @property {Uint8Array} key
 * @property {number} factorPpm
 * @property {number} fromDay
 * @property {number} untilDay
 * @property {number} vatClass
 * @property {number} networkClass
 * @property {Uint8Array[]} classPath
 * @property {number[][]} energy
 * @property {number[][]} allocated
 * @property {number[][]} quality
 * @property {number[][]} source
 * @property {Uint8Array[][]} rowPaths
 * @property {Uint8Array[]} readingPath
 * @property {Uint8Array[]} periodPath
 *
 * @typedef {object} Bill Amounts [cents].
 * @property {number[]} lines
 * @property {number} vatDebit
 * @property {number} vatCredit
 * @property {number} debit
 * @property {number} credit
 * @property {Uint8Array[]} path
 *
 * @typedef {typeof CONTRACTS[number]} ContractName
 *
 * @typedef {object} Bundle
 * @property {{chainId: number, genesisHash: string, contracts: Record<ContractName, string>}} chain Hex in lower case.
 * @property {Uint8Array} community
 * @property {number} period
 * @property {number} runVersion
 * @property {Uint8Array} batchId
 * @property {number} seat
 * @property {Point[]} points
 * @property {Uint8Array} readingStairsRoot
 * @property {Day[]} days
 * @property {Uint8Array} periodStairsRoot
 * @property {Bill} bill
 * @property {Uint8Array} billStairsRoot
 */
import { fromHex } from "./bytes.js";

/** The contracts that a bundle names. */
export const CONTRACTS = /** @type {const} */ ([
  "registry",
  "rule_book",
  "period_book",
  "meter_data_ledger",
  "settlement_ledger",
  "billing_ledger",
]);

const LONGEST_NUMBER = 128; // characters; the longest number in use, EDA's, has 33
const DEEPEST_PATH = 32; // a slot is a u32
const MOST_ENTRIES = 65_535;
const LINES = 9;

/** A bundle that cannot be read as one. */
export class BundleError extends Error {
  /**
   * @param {string} field The field at fault, such as `points[0].slot`.
   * @param {string} reason
   */
  constructor(field, reason) {
    super(`bundle field ${field || "(whole)"} ${reason}`);
    this.name = "BundleError";
    this.field = field;
  }
}

/**
 * @param {string} field
 * @param {unknown} found
 * @param {string} expected
 */
function refuse(field, found, expected) {
  const shown = JSON.stringify(found) ?? String(found);
  return new BundleError(field, `is ${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown}: expected ${expected}`);
}

/**
 * @template {string} N
 * @param {unknown} value
 * @param {string} field
 * @param {readonly N[]} names
 * @returns {Record<N, unknown>} The object, which has exactly these fields.
 */
function readObject(value, field, names) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse(field, value, "an object");
  const prefix = field ? `${field}.` : "";
  for (const name of names) if (!Object.hasOwn(value, name)) throw new BundleError(prefix + name, "is missing");
  /** @type {readonly string[]} */
  const known = names;
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw new BundleError(prefix + name, "is unknown: a bundle holds nothing unchecked");
  }
  return /** @type {Record<N, unknown>} */ (value);
}

/**
 * @template T
 * @param {unknown} value
 * @param {string} field
 * @param {(value: unknown, field: string) => T} read
 * @param {number} [most]
 * @returns {T[]}
 */
function readList(value, field, read, most = MOST_ENTRIES) {
  if (!Array.isArray(value)) throw refuse(field, value, "a list");
  if (value.length > most) throw new BundleError(field, `has ${value.length} entries: expected at most ${most}`);
  return value.map((entry, i) => read(entry, `${field}[${i}]`));
}

/** @param {number} end One more than the largest number, at most 2^53. */
function wholeBelow(end) {
  /**
   * @param {unknown} value
   * @param {string} field
   */
  return (value, field) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value >= end || Object.is(value, -0)) {
      throw refuse(field, value, `a whole number from 0 to ${end - 1}`);
    }
    return value;
  };
}

const readU8 = wholeBelow(2 ** 8);
const readU16 = wholeBelow(2 ** 16);
const readU32 = wholeBelow(2 ** 32);
const readU53 = wholeBelow(2 ** 53); // wider figures, which JSON cannot carry exactly, are refused

/**
 * @param {unknown} value
 * @param {string} field
 */
function readHash(value, field) {
  if (typeof value !== "string" || !/^0x[0-9a-f]{64}$/.test(value)) {
    throw refuse(field, value, "0x and 64 lower-case hex digits");
  }
  return fromHex(value);
}

/**
 * @param {unknown} value
 * @param {string} field
 */
function readPath(value, field) {
  return readList(value, field, readHash, DEEPEST_PATH);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @param {(value: unknown, field: string) => number} read
 */
function readCurve(value, field, read) {
  return readList(value, field, (day, at) => readList(day, at, read));
}

/**
 * @param {unknown} value
 * @param {string} field
 */
function readAddress(value, field) {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(value)) throw refuse(field, value, "0x and 40 hex digits");
  return value.toLowerCase();
}

/**
 * @param {unknown} value
 * @param {string} field
 */
function readNumber(value, field) {
  const unpaired = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
  if (typeof value !== "string" || !value || [...value].length > LONGEST_NUMBER || unpaired.test(value)) {
    throw refuse(field, value, `text of 1 to ${LONGEST_NUMBER} characters`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Point}
 */
function readPoint(value, field) {
  const names = /** @type {const} */ ([
    ...["slot", "direction", "number", "nonce", "key", "factor_ppm", "from_day", "until_day", "vat_class"],
    ...["network_class", "class_path", "energy", "allocated", "quality", "source", "row_paths", "reading_path"],
    "period_path",
  ]);
  const fields = readObject(value, field, names);
  if (fields.direction !== "consumption" && fields.direction !== "feed_in") {
    throw refuse(`${field}.direction`, fields.direction, '"consumption" or "feed_in"');
  }
  return {
    slot: readU32(fields.slot, `${field}.slot`),
    feedsIn: fields.direction === "feed_in",
    number: readNumber(fields.number, `${field}.number`),
    nonce: readHash(fields.nonce, `${field}.nonce`),
    key: readHash(fields.key, `${field}.key`),
    factorPpm: readU32(fields.factor_ppm, `${field}.factor_ppm`),
    fromDay: readU16(fields.from_day, `${field}.from_day`),
    untilDay: readU16(fields.until_day, `${field}.until_day`),
    vatClass: readU8(fields.vat_class, `${field}.vat_class`),
    networkClass: readU8(fields.network_class, `${field}.network_class`),
    classPath: readPath(fields.class_path, `${field}.class_path`),
    energy: readCurve(fields.energy, `${field}.energy`, readU53),
    allocated: readCurve(fields.allocated, `${field}.allocated`, readU53),
    quality: readCurve(fields.quality, `${field}.quality`, readU8),
    source: readCurve(fields.source, `${field}.source`, readU8),
    rowPaths: readList(fields.row_paths, `${field}.row_paths`, readPath),
    readingPath: readPath(fields.reading_path, `${field}.reading_path`),
    periodPath: readPath(fields.period_path, `${field}.period_path`),
  };
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Header}
 */
function readHeader(value, field) {
  if (!Array.isArray(value) || value.length !== 5) {
    throw refuse(field, value, "[P, C, A, tau, band] (a key without rounds)");
  }
  return {
    feedIn: readU53(value[0], `${field}[0]`),
    consumption: readU53(value[1], `${field}[1]`),
    allocated: readU53(value[2], `${field}[2]`),
    tau: readU32(value[3], `${field}[3]`),
    band: readU8(value[4], `${field}[4]`),
  };
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Day}
 */
function readDay(value, field) {
  const fields = readObject(value, field, /** @type {const} */ (["headers", "headers_root", "stairs_root"]));
  return {
    headers: fields.headers === null ? null : readList(fields.headers, `${field}.headers`, readHeader),
    headersRoot: readHash(fields.headers_root, `${field}.headers_root`),
    stairsRoot: readHash(fields.stairs_root, `${field}.stairs_root`),
  };
}

/**
 * @param {unknown} value
 * @returns {Bill}
 */
function readBill(value) {
  const names = /** @type {const} */ (["lines", "vat_debit", "vat_credit", "debit", "credit", "path"]);
  const fields = readObject(value, "bill", names);
  const lines = readList(fields.lines, "bill.lines", readU53);
  if (lines.length !== LINES) throw new BundleError("bill.lines", `has ${lines.length} entries: expected nine`);
  return {
    lines,
    vatDebit: readU53(fields.vat_debit, "bill.vat_debit"),
    vatCredit: readU53(fields.vat_credit, "bill.vat_credit"),
    debit: readU53(fields.debit, "bill.debit"),
    credit: readU53(fields.credit, "bill.credit"),
    path: readPath(fields.path, "bill.path"),
  };
}

/**
 * @param {unknown} value
 * @returns {Bundle["chain"]}
 */
function readChain(value) {
  const fields = readObject(value, "chain", /** @type {const} */ (["chain_id", "genesis_hash", "contracts"]));
  const addresses = readObject(fields.contracts, "chain.contracts", CONTRACTS);
  readHash(fields.genesis_hash, "chain.genesis_hash");
  const contracts = Object.fromEntries(
    CONTRACTS.map((name) => [name, readAddress(addresses[name], `chain.contracts.${name}`)]),
  );
  return {
    chainId: readU53(fields.chain_id, "chain.chain_id"),
    genesisHash: String(fields.genesis_hash),
    contracts: /** @type {Record<ContractName, string>} */ (contracts),
  };
}

/**
 * Read a bundle from a decoded JSON object.
 *
 * @param {unknown} value
 * @returns {Bundle}
 * @throws {BundleError} If a field is missing, malformed or unknown; the error names it.
 */
export function parseBundle(value) {
  const names = /** @type {const} */ ([
    ...["format", "version", "chain", "community", "period", "run_version", "batch_id", "seat", "points"],
    ...["reading_stairs_root", "days", "period_stairs_root", "bill", "bill_stairs_root"],
  ]);
  const fields = readObject(value, "", names);
  if (fields.format !== "partage-bundle") throw refuse("format", fields.format, '"partage-bundle"');
  if (fields.version !== 1) throw refuse("version", fields.version, "1, the version that this page knows");
  const points = readList(fields.points, "points", readPoint);
  if (points.length === 0) throw new BundleError("points", "is empty: a bundle holds at least one metering point");
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (before && before.slot >= point.slot) {
      throw refuse(`points[${i}].slot`, point.slot, `a slot after ${before.slot}: each once, in ascending order`);
    }
  });
  return {
    chain: readChain(fields.chain),
    community: readHash(fields.community, "community"),
    period: readU32(fields.period, "period"),
    runVersion: readU32(fields.run_version, "run_version"),
    batchId: readHash(fields.batch_id, "batch_id"),
    seat: readU32(fields.seat, "seat"),
    points,
    readingStairsRoot: readHash(fields.reading_stairs_root, "reading_stairs_root"),
    days: readList(fields.days, "days", readDay),
    periodStairsRoot: readHash(fields.period_stairs_root, "period_stairs_root"),
    bill: readBill(fields.bill),
    billStairsRoot: readHash(fields.bill_stairs_root, "bill_stairs_root"),
  };
}
