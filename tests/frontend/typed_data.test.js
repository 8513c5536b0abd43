import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { fromHex, toHex } from "../../frontend_static/domain/bytes.js";
import { TypedDataError, addressOf, capitalise, encodeType, hashDocument, hashText, isAddress } from "../../frontend_static/domain/typed_data.js";
import { signDigest } from "../../frontend_static/wallet/signature.js";
import { secp256k1 } from "../../frontend_static/vendor/noble-curves.js";

const VECTORS = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "..", "vectors", "typed_data.json"), "utf8"));
const KEY = fromHex(VECTORS.key);

test("documents hash and sign to the bit as the reference has them", () => {
  assert.ok(VECTORS.documents.length > 5);
  for (const { name, document, digest, signature } of VECTORS.documents) {
    assert.equal(toHex(hashDocument(document)), digest, name);
    assert.equal(signDigest(hashDocument(document), KEY), signature, name);
  }
});

test("texts hash and sign to the bit as the reference has them", () => {
  for (const { name, text, digest, signature } of VECTORS.texts) {
    assert.equal(toHex(hashText(text)), digest, name);
    assert.equal(signDigest(hashText(text), KEY), signature, name);
  }
});

test("an address is the key's, and its capitals tell a typing error", () => {
  assert.equal(addressOf(secp256k1.getPublicKey(KEY, false)), VECTORS.address);
  assert.equal(capitalise(VECTORS.address.toLowerCase()), VECTORS.address);
  assert.ok(isAddress(VECTORS.address) && isAddress(VECTORS.address.toLowerCase()));
  const at = [...VECTORS.address].findIndex((letter) => /[A-F]/.test(letter));
  const wrong = VECTORS.address.slice(0, at) + VECTORS.address[at].toLowerCase() + VECTORS.address.slice(at + 1);
  for (const text of [wrong, VECTORS.address.slice(0, 41), `${VECTORS.address}0`, "", "0x", "home-01"]) assert.equal(isAddress(text), false, text);
});

test("structs within a type are named after it in alphabetical order", () => {
  const rule = VECTORS.documents.find((/** @type {any} */ one) => one.name === "propose a rule").document;
  assert.match(encodeType("ProposeRule", rule.types), /^ProposeRule\(.*\)Limits\(.*\)Rule\(.*\)SharingKey\(.*\)Tariff\(.*\)$/);
});

test("a document that says less, more or other than its types is not hashed", () => {
  const { document } = VECTORS.documents[0];
  const altered = (/** @type {any} */ message) => ({ ...document, message: { ...document.message, ...message } });
  for (const message of [{ support: 256 }, { support: -1 }, { support: 1.5 }, { support: "one" }, { support: undefined }, { proposalId: 2 ** 60 }, { extra: 1 }, { community: "0x12" }]) {
    assert.throws(() => hashDocument(altered(message)), TypedDataError, JSON.stringify(message));
  }
  assert.throws(() => hashDocument({ ...document, primaryType: "Veto" }), TypedDataError);
  assert.throws(() => hashDocument({ ...document, domain: { ...document.domain, salt: "0x00" } }), TypedDataError);
  assert.throws(() => hashDocument({ ...document, types: { ...document.types, Vote: [{ name: "community", type: "bytes33" }] }, message: { community: `0x${"00".repeat(33)}` } }), TypedDataError);
});
