/**
 * The part of Solidity's ABI that reading the contracts takes: selectors, word arguments, strict decoding.
 *
 * @typedef {string | ArrayType | StructType} Type `uintN`, `intN`, `address`, `bool`, `bytes32`, `bytes` or `string`; an array; a struct.
 * @typedef {{item: Type, length: number | null}} ArrayType `item[length]`, of any length where it is null.
 * @typedef {{fields: readonly (readonly [name: string, type: Type])[]}} StructType
 * @typedef {number | string | Decoded[] | {[name: string]: Decoded}} Decoded Bytes and addresses are 0x-hex; so are uint256.
 */
import { ByteWriter, fromHex, joinBytes, toHex } from "../domain/bytes.js";
import { keccak256 } from "../domain/keccak.js";

const WORD = 32;
const TEXTS = ["bytes", "string"];

/**
 * @param {string} text Fields as Solidity writes them: `uint32 slots; bytes32 root; uint24[] windows`.
 * @param {Readonly<Record<string, Type>>} [structs] Structs by name.
 * @returns {StructType}
 */
export function structOf(text, structs = {}) {
  /** @param {string} field @returns {[string, Type]} */
  const read = (field) => {
    const [written = "", name = ""] = field.trim().split(/\s+/);
    return [name, typeOf(written, structs)];
  };
  return { fields: text.split(";").map(read) };
}

/**
 * @param {string} written A type as Solidity writes it.
 * @param {Readonly<Record<string, Type>>} [structs] Structs by name.
 * @returns {Type}
 */
export function typeOf(written, structs = {}) {
  const match = /^(.*)\[(\d*)\]$/.exec(written);
  if (!match) return structs[written] ?? written;
  return { item: typeOf(match[1] ?? "", structs), length: match[2] ? Number(match[2]) : null };
}

/**
 * @param {string} signature Such as `terms(bytes32,uint32)`.
 * @param {readonly (number | string)[]} values A word each: whole numbers at least zero, and bytes32 as 0x-hex.
 * @returns {string} Call data, 0x-hex.
 */
export function encodeCall(signature, values) {
  const selector = keccak256(new TextEncoder().encode(signature)).subarray(0, 4);
  const writer = new ByteWriter(4 + WORD * values.length).raw(selector);
  for (const value of values) {
    if (typeof value === "string") writer.raw(fromHex(value));
    else writer.raw(new Uint8Array(24)).u64(value);
  }
  return toHex(writer.done());
}

/**
 * Decode what a function with one return value gave.
 *
 * @param {Type} type
 * @param {string} answer 0x-hex.
 * @returns {Decoded}
 * @throws {RangeError} If the answer is not a value of this type.
 */
export function decodeReturn(type, answer) {
  return decodeAt(type, fromHex(answer), 0, 0);
}

/**
 * @param {Type} type
 * @returns {boolean}
 */
function isDynamic(type) {
  if (typeof type === "string") return TEXTS.includes(type);
  if ("item" in type) return type.length === null || isDynamic(type.item);
  return type.fields.some(([, field]) => isDynamic(field));
}

/**
 * @param {Type} type
 * @returns {number} Bytes that it takes where it stands.
 */
function headSize(type) {
  if (typeof type === "string" || isDynamic(type)) return WORD;
  if ("item" in type) return headSize(type.item) * (type.length ?? 0);
  return type.fields.reduce((size, [, field]) => size + headSize(field), 0);
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 */
function wordAt(data, at) {
  if (at + WORD > data.length) throw new RangeError(`${data.length} bytes end before the word at ${at}`);
  return data.subarray(at, at + WORD);
}

/**
 * @param {Uint8Array} data
 * @param {number} at
 * @returns {number} An offset or a length.
 */
function sizeAt(data, at) {
  const size = BigInt(toHex(wordAt(data, at)));
  if (size > BigInt(data.length)) throw new RangeError(`${size} is no offset or length in ${data.length} bytes`);
  return Number(size);
}

/**
 * @param {Type} type
 * @param {Uint8Array} data
 * @param {number} place Where its head stands.
 * @param {number} base Where offsets count from.
 * @returns {Decoded}
 */
function decodeAt(type, data, place, base) {
  let head = isDynamic(type) ? base + sizeAt(data, place) : place;
  if (typeof type === "string") return isDynamic(type) ? decodeText(type, data, head) : decodeWord(type, wordAt(data, head));
  if ("fields" in type) {
    let at = head;
    /** @type {{[name: string]: Decoded}} */
    const values = {};
    for (const [name, field] of type.fields) {
      values[name] = decodeAt(field, data, at, head);
      at += headSize(field);
    }
    return values;
  }
  let { length } = type;
  if (length === null) {
    length = sizeAt(data, head);
    head += WORD;
  }
  const size = headSize(type.item);
  return Array.from({ length }, (_, i) => decodeAt(type.item, data, head + i * size, head));
}

/**
 * @param {string} type `bytes` or `string`.
 * @param {Uint8Array} data
 * @param {number} at Where its length stands.
 * @returns {string}
 */
function decodeText(type, data, at) {
  const [start, length] = [at + WORD, sizeAt(data, at)];
  if (start + length > data.length) throw new RangeError(`${data.length} bytes end within the ${length} bytes at ${start}`);
  const bytes = data.subarray(start, start + length);
  return type === "bytes" ? toHex(bytes) : new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/**
 * Decode the arguments of a call, or the data of an event.
 *
 * @param {StructType} type
 * @param {string} data 0x-hex.
 * @returns {any}
 * @throws {RangeError | TypeError} If the data are no such values.
 */
export function decodeArguments(type, data) {
  const whole = isDynamic(type) ? joinBytes(new Uint8Array(WORD - 1), Uint8Array.of(WORD), fromHex(data)) : fromHex(data);
  return decodeReturn(type, toHex(whole));
}

/**
 * @param {Type} type
 * @returns {string} As selectors name it: `(uint32,bytes32[])` for a struct.
 */
export function nameOf(type) {
  if (typeof type === "string") return type;
  if ("item" in type) return `${nameOf(type.item)}[${type.length ?? ""}]`;
  return `(${type.fields.map(([, field]) => nameOf(field)).join()})`;
}

/**
 * @param {string} type
 * @param {Uint8Array} word
 * @returns {Decoded}
 */
function decodeWord(type, word) {
  const text = toHex(word);
  if (type === "bytes32" || type === "uint256") return text;
  if (type === "address") {
    if (!text.startsWith(`0x${"0".repeat(24)}`)) throw new RangeError(`${text} is no address`);
    return `0x${text.slice(26)}`;
  }
  const signed = type.startsWith("int");
  const bits = type === "bool" ? 1 : Number(type.slice(signed ? 3 : 4));
  const value = signed ? BigInt.asIntN(256, BigInt(text)) : BigInt(text);
  if (value !== (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value))) {
    throw new RangeError(`${value} is no ${type}`);
  }
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} passes 2^53, more than this page computes with`);
  return number;
}
