/**
 * What a provider sees: its customers with what they draw and sell, and the lines that it would bill them.
 *
 * @typedef {object} Holding Energies [mWh].
 * @property {string} participant
 * @property {string} name Empty where it is not known.
 * @property {string[]} metering_points
 * @property {number} used_milliwatt_hours
 * @property {number} residual_milliwatt_hours
 * @property {number} surplus_milliwatt_hours
 * @property {number[]} residual_by_hour_milliwatt_hours
 *
 * @typedef {object} SupplierLine
 * @property {string} participant
 * @property {string} metering_point
 * @property {string} biller `supplier` or `offtaker`.
 * @property {string} kind
 * @property {number} band
 * @property {string[]} windows
 * @property {number} quantity_milliwatt_hours
 * @property {number} unit_price_micro_eur_per_kilowatt_hour
 * @property {number} amount_cents
 *
 * @typedef {{used: bigint, residual: bigint, surplus: bigint, byHour: number[]}} PortfolioSums
 * @typedef {{biller: string, kind: string, lines: number, quantity: bigint, amount: bigint}} KindTotal
 * @typedef {{biller: string, lines: SupplierLine[], amount: bigint}} LineGroup
 * @typedef {"name" | "used" | "residual" | "surplus"} Column
 */
import { writeDecimal } from "./csv.js";

const HOURS = 24;
const [ENERGY_DIGITS, MONEY_DIGITS, PRICE_DIGITS] = [6, 2, 6];
const BILLERS = ["supplier", "offtaker"];
const KINDS = ["residual", "excise", "excise_shared", "network", "network_shared", "surplus"];

/** @param {Holding} holding */
export function nameOfHolding(holding) {
  return holding.name || holding.participant;
}

/**
 * @param {readonly Holding[]} holdings
 * @param {string} text Words, each of which must be in the name, the id or a metering point.
 * @returns {Holding[]}
 */
export function filterHoldings(holdings, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return holdings.filter((holding) => {
    const told = [holding.name, holding.participant, ...holding.metering_points].join(" ").toLowerCase();
    return words.every((word) => told.includes(word));
  });
}

/**
 * @param {readonly Holding[]} holdings
 * @param {Column} column
 * @param {boolean} descending
 * @returns {Holding[]} Those that are alike by name.
 */
export function sortHoldings(holdings, column, descending) {
  /** @param {Holding} a @param {Holding} b */
  const byName = (a, b) => nameOfHolding(a).localeCompare(nameOfHolding(b), undefined, { numeric: true });
  /** @param {Holding} a @param {Holding} b */
  const compare = (a, b) =>
    column === "name" ? byName(a, b) : a[`${column}_milliwatt_hours`] - b[`${column}_milliwatt_hours`];
  return [...holdings].sort((a, b) => (descending ? compare(b, a) : compare(a, b)) || byName(a, b));
}

/**
 * @param {readonly Holding[]} holdings
 * @returns {PortfolioSums}
 */
export function sumHoldings(holdings) {
  /** @param {(holding: Holding) => number} of */
  const sum = (of) => holdings.reduce((total, holding) => total + BigInt(of(holding)), 0n);
  return {
    used: sum((holding) => holding.used_milliwatt_hours),
    residual: sum((holding) => holding.residual_milliwatt_hours),
    surplus: sum((holding) => holding.surplus_milliwatt_hours),
    byHour: Array.from({ length: HOURS }, (_, hour) => Number(sum((holding) => holding.residual_by_hour_milliwatt_hours[hour] ?? 0))),
  };
}

/** @param {readonly string[]} order @param {string} name */
const rankIn = (order, name) => order.indexOf(name) >>> 0; // what is not known stands last

/**
 * @param {readonly SupplierLine[]} lines
 * @returns {KindTotal[]} A total per kind of line, the supplier's first.
 */
export function totalsByKind(lines) {
  /** @type {Map<string, KindTotal>} */
  const totals = new Map();
  for (const { biller, kind, quantity_milliwatt_hours: quantity, amount_cents: amount } of lines) {
    const key = JSON.stringify([biller, kind]);
    const total = totals.get(key) ?? { biller, kind, lines: 0, quantity: 0n, amount: 0n };
    totals.set(key, { ...total, lines: total.lines + 1, quantity: total.quantity + BigInt(quantity), amount: total.amount + BigInt(amount) });
  }
  return [...totals.values()].sort((a, b) => rankIn(BILLERS, a.biller) - rankIn(BILLERS, b.biller) || rankIn(KINDS, a.kind) - rankIn(KINDS, b.kind));
}

/**
 * @param {readonly SupplierLine[]} lines
 * @param {string} participant
 * @returns {LineGroup[]} One customer's lines by who bills them, as they stand on a bill.
 */
export function draftsOf(lines, participant) {
  const own = lines.filter((line) => line.participant === participant);
  const billers = [...new Set(own.map(({ biller }) => biller))].sort((a, b) => rankIn(BILLERS, a) - rankIn(BILLERS, b));
  return billers.map((biller) => {
    const billed = own.filter((line) => line.biller === biller);
    return { biller, lines: billed, amount: billed.reduce((sum, line) => sum + BigInt(line.amount_cents), 0n) };
  });
}

/**
 * @param {readonly Holding[]} holdings
 * @returns {(string | number)[][]} For CSV, the heading first; kWh.
 */
export function portfolioTable(holdings) {
  const hours = Array.from({ length: HOURS }, (_, hour) => `residual_${String(hour).padStart(2, "0")}h_kwh`);
  /** @param {number} value */
  const energy = (value) => writeDecimal(value, ENERGY_DIGITS);
  return [
    ["participant", "name", "metering_points", "used_kwh", "residual_kwh", "surplus_kwh", ...hours],
    ...holdings.map((holding) => [
      ...[holding.participant, holding.name, holding.metering_points.join(" ")],
      ...[holding.used_milliwatt_hours, holding.residual_milliwatt_hours, holding.surplus_milliwatt_hours].map(energy),
      ...holding.residual_by_hour_milliwatt_hours.map(energy),
    ]),
  ];
}

/**
 * @param {readonly SupplierLine[]} lines
 * @returns {(string | number)[][]} For CSV, the heading first; kWh, euro per kWh, euro.
 */
export function linesTable(lines) {
  return [
    ["participant", "metering_point", "biller", "kind", "windows", "quantity_kwh", "unit_price_eur_per_kwh", "amount_eur"],
    ...lines.map((line) => [
      ...[line.participant, line.metering_point, line.biller, line.kind, line.windows.join(" ")],
      writeDecimal(line.quantity_milliwatt_hours, ENERGY_DIGITS),
      writeDecimal(line.unit_price_micro_eur_per_kilowatt_hour, PRICE_DIGITS),
      writeDecimal(line.amount_cents, MONEY_DIGITS),
    ]),
  ];
}
