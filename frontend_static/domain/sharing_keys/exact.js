/**
 * Whole numbers, exact: numbers where they hold them, bigints where not.
 *
 * @typedef {import("../bytes.js").Whole} Whole
 */
import { toWhole } from "../bytes.js";

/**
 * Divide a product, exactly.
 *
 * @param {Whole} left
 * @param {Whole} right
 * @param {Whole} divisor Above zero.
 * @returns {[quotient: Whole, remainder: Whole]} The quotient is floored.
 */
export function multiplyDivide(left, right, divisor) {
  if (typeof left === "number" && typeof right === "number" && typeof divisor === "number") {
    const product = left * right;
    if (product <= Number.MAX_SAFE_INTEGER) {
      const remainder = product % divisor;
      return [(product - remainder) / divisor, remainder];
    }
  }
  const product = BigInt(left) * BigInt(right);
  return [toWhole(product / BigInt(divisor)), toWhole(product % BigInt(divisor))];
}

/**
 * @param {Whole} left
 * @param {Whole} right
 * @param {Whole} divisor Above zero.
 * @returns {Whole} The product divided, floored.
 */
export function floorOf(left, right, divisor) {
  return multiplyDivide(left, right, divisor)[0];
}

/**
 * @param {Whole} left
 * @param {Whole} right
 * @returns {Whole}
 */
export function add(left, right) {
  if (typeof left === "number" && typeof right === "number") {
    const sum = left + right;
    if (sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  return toWhole(BigInt(left) + BigInt(right));
}

/**
 * @param {Whole} left
 * @param {Whole} right
 * @returns {Whole} The difference; below zero where the second is larger.
 */
export function subtract(left, right) {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return toWhole(BigInt(left) - BigInt(right));
}

/**
 * @param {Whole} left
 * @param {Whole} right
 * @returns {Whole}
 */
export function multiply(left, right) {
  if (typeof left === "number" && typeof right === "number") {
    const product = left * right;
    if (product <= Number.MAX_SAFE_INTEGER) return product;
  }
  return toWhole(BigInt(left) * BigInt(right));
}

/**
 * @param {Whole} left
 * @param {Whole} right
 * @returns {Whole}
 */
export function least(left, right) {
  return left < right ? left : right;
}

/** @param {readonly Whole[]} values @returns {Whole} */
export function sumOf(values) {
  return values.reduce(add, 0);
}
