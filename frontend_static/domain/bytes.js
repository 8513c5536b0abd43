/**
 * Bytes and their 0x-hex form; every number is written big-endian.
 *
 * @typedef {number | bigint} Whole A whole number at least zero: a number where it is a safe integer, else a bigint.
 */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * @param {Uint8Array} bytes
 * @returns {string} `0x` and two lower-case digits a byte.
 */
export function toHex(bytes) {
  let text = "0x";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/**
 * @param {string} text `0x` and an even number of hex digits.
 * @returns {Uint8Array}
 */
export function fromHex(text) {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) throw new RangeError(`${text.slice(0, 40)} is not 0x and whole hex bytes`);
  const bytes = new Uint8Array(text.length / 2 - 1);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(2 * i + 2, 2 * i + 4), 16);
  return bytes;
}

/**
 * @param {Uint8Array[]} parts
 * @returns {Uint8Array} The parts one after the other.
 */
export function joinBytes(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * @param {bigint} value
 * @returns {Whole} The same as a number, where a number holds it exactly.
 */
export function toWhole(value) {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

const HALF = 2 ** 32;

/** Fixed-width fields in a row, into a buffer of known length. */
export class ByteWriter {
  /** @param {number} length Bytes in all. */
  constructor(length) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
    this.at = 0;
  }

  /** @param {number} value */
  u8(value) {
    this.view.setUint8(this.at, value);
    this.at += 1;
    return this;
  }

  /** @param {number} value */
  u16(value) {
    this.view.setUint16(this.at, value);
    this.at += 2;
    return this;
  }

  /** @param {number} value */
  u32(value) {
    this.view.setUint32(this.at, value);
    this.at += 4;
    return this;
  }

  /** @param {Whole} value */
  u64(value) {
    if (typeof value === "bigint") {
      this.view.setBigUint64(this.at, value);
    } else {
      this.view.setUint32(this.at, Math.floor(value / HALF));
      this.view.setUint32(this.at + 4, value % HALF);
    }
    this.at += 8;
    return this;
  }

  /** @param {Uint8Array} bytes */
  raw(bytes) {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  /** @returns {Uint8Array} The bytes, all of them written. */
  done() {
    if (this.at !== this.bytes.length) throw new RangeError(`${this.at} of ${this.bytes.length} bytes were written`);
    return this.bytes;
  }
}
