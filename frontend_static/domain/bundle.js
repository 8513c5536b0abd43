/**
 * A bundle read strictly: every field of protocol section 11, each with its width, and none besides.
 *
 * @typedef {import("./bytes.js").Whole} Whole
 * @typedef {import("./leaves.js").Link} Link
 * @typedef {{potential: number, links: [slot: number, energy: number][]}} Detail Of a row, under the key `flow`.
 * @typedef {{producer: number, weight: number, path: Uint8Array[]} & import("./leaves.js").CostFields} Cost Of a link to a consumption slot.
 * @typedef {{costsRoot: Uint8Array} & import("./leaves.js").ScaleFields} Scale How levels and steps of `flow` are weighed.
 *
 * @typedef {object} Header Totals of an interval [mWh].
 * @property {number} feedIn
 * @property {number} consumption
 * @property {number} allocated
 * @property {Whole} value What the shared energy is worth [pico-euro].
 * @property {number} tau
 * @property {number} band
 * @property {[Whole, Whole][]} rounds Pool and weight of each.
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
 * @property {Whole[][]} value What each interval adds to the row's running value [pico-euro].
 * @property {number[][] | null} credited What each adds to what is credited [mWh]; null where the rule credits nothing.
 * @property {Uint8Array[][]} rowPaths
 * @property {Uint8Array[]} readingPath
 * @property {Uint8Array[]} periodPath
 * @property {Link[]} links Whom it was served by, or whom it served; ascending by slot.
 * @property {number[][] | null} coefficients [ppm]; null but for a scheduled key's consumption slots.
 * @property {Uint8Array[] | null} coefficientPath
 * @property {Detail[][] | null} details Null but for `flow`.
 * @property {Cost[] | null} costs Null but for consumption slots of `flow` whose headers are shown.
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
 * @property {Scale | null} scale Null but for `flow` whose headers are shown.
 * @property {Day[]} days
 * @property {Uint8Array} periodStairsRoot
 * @property {Bill} bill
 * @property {Uint8Array} billStairsRoot
 */
import {
  BundleError,
  readAddress,
  readCurve,
  readHash,
  readList,
  readNumber,
  readObject,
  readPath,
  readSalt,
  readSigned,
  readU16,
  readU32,
  readU53,
  readU64,
  readU8,
  refuse,
} from "./bundle_fields.js";

export { BundleError };

/** The contracts that a bundle names. */
export const CONTRACTS = /** @type {const} */ ([
  "registry",
  "rule_book",
  "period_book",
  "meter_data_ledger",
  "schedule_book",
  "settlement_ledger",
  "billing_ledger",
]);

const [LINES, HEADER_FIGURES] = [13, 6];

/**
 * @template T
 * @param {unknown} value
 * @param {string} field
 * @param {(value: unknown, field: string) => T} read
 */
function orNull(value, field, read) {
  return value === null ? null : read(value, field);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @param {number} length
 * @param {string} expected
 * @returns {unknown[]}
 */
function readTuple(value, field, length, expected) {
  if (!Array.isArray(value) || value.length !== length) throw refuse(field, value, expected);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Link[]}
 */
function readLinks(value, field) {
  const links = readList(value, field, (entry, at) => {
    const [slot, energy, worth, vatClass] = readTuple(entry, at, 4, "[slot, energy, value, vat class]");
    return {
      slot: readU32(slot, `${at}[0]`),
      energy: readU53(energy, `${at}[1]`),
      value: readU64(worth, `${at}[2]`),
      vatClass: readU8(vatClass, `${at}[3]`),
    };
  });
  return ascending(links, field, ({ slot }) => slot);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Detail}
 */
function readDetail(value, field) {
  const [potential, listed] = readTuple(value, field, 2, "[potential, links]");
  const links = readList(listed, `${field}[1]`, (entry, at) => {
    const [slot, energy] = readTuple(entry, at, 2, "[slot, energy]");
    return /** @type {[number, number]} */ ([readU32(slot, `${at}[0]`), readU53(energy, `${at}[1]`)]);
  });
  return { potential: readSigned(potential, `${field}[0]`), links: ascending(links, `${field}[1]`, ([slot]) => slot) };
}

/**
 * @template T
 * @param {T[]} entries
 * @param {string} field
 * @param {(entry: T) => number} slotOf
 * @returns {T[]} The same, each slot once and in ascending order.
 */
function ascending(entries, field, slotOf) {
  entries.forEach((entry, i) => {
    const before = entries[i - 1];
    if (before === undefined || slotOf(before) < slotOf(entry)) return;
    throw refuse(`${field}[${i}]`, slotOf(entry), `a slot after ${slotOf(before)}: each once, in ascending order`);
  });
  return entries;
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
    ...["period_path", "value", "credited", "links", "coefficients", "coefficient_path", "details", "costs"],
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
    value: readCurve(fields.value, `${field}.value`, readU64),
    credited: orNull(fields.credited, `${field}.credited`, (value, at) => readCurve(value, at, readU53)),
    links: readLinks(fields.links, `${field}.links`),
    coefficients: orNull(fields.coefficients, `${field}.coefficients`, (value, at) => readCurve(value, at, readU32)),
    coefficientPath: orNull(fields.coefficient_path, `${field}.coefficient_path`, readPath),
    details: orNull(fields.details, `${field}.details`, (value, at) => readCurve(value, at, readDetail)),
    costs: orNull(fields.costs, `${field}.costs`, (value, at) => readList(value, at, readCost)),
  };
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Cost}
 */
function readCost(value, field) {
  const fields = readObject(value, field, /** @type {const} */ (["producer", "weight", "cap", "salt", "path"]));
  return {
    producer: readU32(fields.producer, `${field}.producer`),
    weight: readSigned(fields.weight, `${field}.weight`),
    cap: orNull(fields.cap, `${field}.cap`, readU64),
    salt: readSalt(fields.salt, `${field}.salt`),
    path: readPath(fields.path, `${field}.path`),
  };
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Scale}
 */
function readScale(value, field) {
  const fields = readObject(value, field, /** @type {const} */ (["numbers", "salt", "costs_root"]));
  const [shared, consumerStep, producerStep, steps] = readTuple(fields.numbers, `${field}.numbers`, 4, "[B, W_f, W_h, K]");
  return {
    shared: readU64(shared, `${field}.numbers[0]`),
    consumerStep: readU64(consumerStep, `${field}.numbers[1]`),
    producerStep: readU64(producerStep, `${field}.numbers[2]`),
    steps: readU32(steps, `${field}.numbers[3]`),
    salt: readSalt(fields.salt, `${field}.salt`),
    costsRoot: readHash(fields.costs_root, `${field}.costs_root`),
  };
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Header}
 */
function readHeader(value, field) {
  if (!Array.isArray(value) || value.length < HEADER_FIGURES || value.length % 2 !== 0) {
    throw refuse(field, value, "[P, C, A, V, tau, band, ...rounds], a round as two numbers");
  }
  const figures = value.slice(HEADER_FIGURES).map((figure, i) => readU64(figure, `${field}[${HEADER_FIGURES + i}]`));
  /** @type {[Whole, Whole][]} */
  const rounds = [];
  for (let i = 0; i < figures.length; i += 2) rounds.push([figures[i] ?? 0, figures[i + 1] ?? 0]);
  return {
    feedIn: readU53(value[0], `${field}[0]`),
    consumption: readU53(value[1], `${field}[1]`),
    allocated: readU53(value[2], `${field}[2]`),
    value: readU64(value[3], `${field}[3]`),
    tau: readU32(value[4], `${field}[4]`),
    band: readU8(value[5], `${field}[5]`),
    rounds,
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
  if (lines.length !== LINES) throw new BundleError("bill.lines", `has ${lines.length} entries: expected ${LINES}`);
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
    ...["reading_stairs_root", "scale", "days", "period_stairs_root", "bill", "bill_stairs_root"],
  ]);
  const fields = readObject(value, "", names);
  if (fields.format !== "partage-bundle") throw refuse("format", fields.format, '"partage-bundle"');
  if (fields.version !== 2) throw refuse("version", fields.version, "2, the version that this page knows");
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
    scale: orNull(fields.scale, "scale", readScale),
    days: readList(fields.days, "days", readDay),
    periodStairsRoot: readHash(fields.period_stairs_root, "period_stairs_root"),
    bill: readBill(fields.bill),
    billStairsRoot: readHash(fields.bill_stairs_root, "bill_stairs_root"),
  };
}
