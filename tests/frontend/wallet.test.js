import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase64Url, toBase64Url } from "../../frontend_static/domain/base64url.js";
import { fromHex } from "../../frontend_static/domain/bytes.js";
import { askedOf } from "../../frontend_static/domain/matters.js";
import { checkPassphrase, isSealedKey, readKeyFile, writeKeyFile } from "../../frontend_static/domain/sealed_key.js";
import { isSignInText } from "../../frontend_static/domain/sign_in_text.js";
import { factsOf, requireDocument } from "../../frontend_static/domain/signing.js";
import { TypedDataError } from "../../frontend_static/domain/typed_data.js";
import { say } from "../../frontend_static/i18n/words.js";
import { WrongLock, seal, unseal } from "../../frontend_static/wallet/sealing.js";

const SECRET = fromHex(`0x${"4c".repeat(32)}`);
const A = `0x${"11".repeat(20)}`;
const B = `0x${"22".repeat(20)}`;
const COMMUNITY = `0x${"ab".repeat(32)}`;
const VOTE = {
  types: {},
  primaryType: "Vote",
  domain: { name: "Partage", version: "1", chainId: 7, verifyingContract: A },
  message: { community: COMMUNITY, proposalId: "12", support: 1 },
};
const AROUND = { locale: /** @type {const} */ ("en"), zone: "Europe/Paris", say, name: (/** @type {string} */ address) => (address === B ? "Ada" : address) };

test("a sealed key opens with its passphrase, however the accents were typed, and with no other", async () => {
  const sealed = await seal(SECRET, { passphrase: "forêt bleue mardi" });
  assert.deepEqual(await unseal(sealed, { passphrase: "fore\u0302t bleue mardi" }), SECRET);
  await assert.rejects(unseal(sealed, { passphrase: "foret bleue mardi" }), WrongLock);
  await assert.rejects(unseal(sealed, { prf: new Uint8Array(32) }), WrongLock);
  assert.equal(JSON.stringify(sealed).includes("4c4c4c"), false);
});

test("a sealed key whose text or address was exchanged does not open", async () => {
  const sealed = await seal(SECRET, { passphrase: "forêt bleue mardi" });
  const other = await seal(fromHex(`0x${"07".repeat(32)}`), { passphrase: "forêt bleue mardi" });
  await assert.rejects(unseal({ ...sealed, address: other.address }, { passphrase: "forêt bleue mardi" }), WrongLock);
  await assert.rejects(unseal({ ...sealed, text: other.text }, { passphrase: "forêt bleue mardi" }), WrongLock);
});

test("a passkey's secret opens what it sealed, and another secret does not", async () => {
  const prf = new Uint8Array(32).fill(9);
  const sealed = await seal(SECRET, { credential: "abcdefgh", salt: new Uint8Array(32).fill(1), prf });
  assert.deepEqual(await unseal(sealed, { prf }), SECRET);
  await assert.rejects(unseal(sealed, { prf: new Uint8Array(32).fill(8) }), WrongLock);
});

test("a key file reads back as it was written, and nothing weaker or foreign is taken for one", async () => {
  const sealed = await seal(SECRET, { passphrase: "forêt bleue mardi" });
  assert.deepEqual(readKeyFile(writeKeyFile(sealed)), sealed);
  assert.ok(isSealedKey(sealed));
  const lock = /** @type {import("../../frontend_static/domain/sealed_key.js").PassphraseLock} */ (sealed.lock);
  for (const wrong of [{ lock: { ...lock, rounds: 1000 } }, { lock: { ...lock, rounds: 10 ** 9 } }, { address: "0x12" }, { text: "0x" }, { partage_key: 2 }, { made: "soon" }]) {
    assert.equal(readKeyFile(JSON.stringify({ ...sealed, ...wrong })), null, JSON.stringify(wrong));
  }
  for (const text of ["", "{}", "null", "[]", "x".repeat(9000)]) assert.equal(readKeyFile(text), null);
});

test("a passphrase that is short, dull or mistyped is refused", () => {
  assert.equal(checkPassphrase("short", "short"), "key.passphrase.short");
  assert.equal(checkPassphrase("aaaaaaaaaaaa", "aaaaaaaaaaaa"), "key.passphrase.plain");
  assert.equal(checkPassphrase("forêt bleue mardi", "forêt bleue mard"), "key.passphrase.differs");
  assert.equal(checkPassphrase("forêt bleue mardi", "forêt bleue mardi"), "");
});

test("bytes survive base64 for addresses", () => {
  for (const length of [0, 1, 2, 3, 64]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + 251) % 256);
    assert.deepEqual(fromBase64Url(toBase64Url(bytes)), bytes);
    assert.match(toBase64Url(bytes), /^[\w-]*$/);
  }
});

test("a document for another chain, contract, proposal or choice is not signed", () => {
  const due = { type: "Vote", chainId: 7, contract: A, message: { proposalId: "12", support: 1 } };
  requireDocument(VOTE, due);
  for (const wrong of [{ chainId: 8 }, { contract: B }, { type: "ProposeRule" }, { message: { proposalId: "13" } }, { message: { support: 0 } }]) {
    assert.throws(() => requireDocument(VOTE, { ...due, ...wrong }), TypedDataError, JSON.stringify(wrong));
  }
  assert.throws(() => requireDocument({ ...VOTE, domain: { ...VOTE.domain, name: "Other" } }, due), TypedDataError);
  assert.throws(() => requireDocument({ ...VOTE, domain: { ...VOTE.domain, salt: "0x" } }, due), TypedDataError);
});

test("what is signed is told from the document itself, and what has no words is not signed", () => {
  assert.deepEqual(factsOf(VOTE, AROUND), [["Your vote", "Yes"], ["Proposal", "12"]]);
  const consent = { ...VOTE, primaryType: "GiveConsent", message: { grantee: B, scope: 2, from: 1_795_250_000, until: "18446744073709551615" } };
  assert.deepEqual(factsOf(consent, AROUND), [["Who", "Ada"], ["May see", "my curves"], ["From", "21 November 2026, 09:33"], ["Until", "for ever"]]);
  assert.throws(() => factsOf({ ...VOTE, primaryType: "Permit" }, AROUND), TypedDataError);
  assert.throws(() => factsOf({ ...VOTE, primaryType: "constructor" }, AROUND), TypedDataError);
});

test("a sign-in text for another site, account or chain, or with a line more, is not signed", () => {
  const lines = ["localhost:8000 wants you to sign in with your Ethereum account:", A, "", "Log in to Partage.", "", "URI: http://localhost:8000", "Version: 1", "Chain ID: 7", `Nonce: ${"0a".repeat(48)}`, "Issued At: 2026-11-21T09:00:00Z", "Expiration Time: 2026-11-21T09:05:00Z"];
  const due = { host: "localhost:8000", origin: "http://localhost:8000", address: A, chainId: 7 };
  assert.ok(isSignInText(lines.join("\n"), due));
  for (const [at, line] of /** @type {[number, string][]} */ ([[0, "evil.example wants you to sign in with your Ethereum account:"], [1, B], [3, "I give everything away."], [5, "URI: https://evil.example"], [7, "Chain ID: 1"], [10, "Expiration Time: never"]])) {
    assert.equal(isSignInText(lines.with(at, line).join("\n"), due), false, line);
  }
  assert.equal(isSignInText([...lines, "Resources:"].join("\n"), due), false);
});

test("a proposal that is no rule asks for what changes, and says what is wrong", () => {
  const seats = [{ participant: "home-01", weight: 1 }, { participant: "home-02", weight: 2 }];
  assert.deepEqual(askedOf("weights", { weights: { "home-01": "3", "home-02": "2" } }, seats), { asked: { weights: { "home-01": 3 } } });
  assert.deepEqual(askedOf("weights", { weights: { "home-02": "2" } }, seats), { fault: "matter.same" });
  for (const text of ["0", "x", "65536", "1.5"]) assert.deepEqual(askedOf("weights", { weights: { "home-01": text } }, seats), { fault: "matter.weight" }, text);
  assert.deepEqual(askedOf("revocation", {}, seats), { fault: "matter.seat" });
  assert.deepEqual(askedOf("guardians", { guardians: [A, B, A] }, seats), { fault: "matter.guardians" });
  assert.deepEqual(askedOf("guardians", { guardians: [A, B, `0x${"33".repeat(20)}`] }, seats), { asked: { guardians: [A, B, `0x${"33".repeat(20)}`] } });
  assert.deepEqual(askedOf("steward", { steward: "Ada" }, seats), { fault: "matter.address" });
});
