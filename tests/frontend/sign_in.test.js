/** Signing in, as all of the page is told of it. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { signInByEthereum, signInByPasskey, signInByPassword } from "../../frontend_static/data/account.js";
import { session } from "../../frontend_static/data/api.js";

const { fetch } = globalThis;
afterEach(() => void (globalThis.fetch = fetch));

/** @param {number} status @returns {string[]} What is asked for, and what the session tells, in their order. */
function listen(status) {
  /** @type {string[]} */
  const told = [];
  session.addEventListener("signed-in", () => void told.push("signed-in"), { once: true });
  globalThis.fetch = async (url) => {
    told.push(String(url));
    return new Response(JSON.stringify(status === 200 ? { user: {}, publicKey: {} } : { detail: "no" }), { status });
  };
  return told;
}

test("whoever signed in is told of by the session, so that it does not matter whether the form is still there", async () => {
  let told = listen(200);
  await signInByPassword("anna", "secret");
  assert.deepEqual(told, ["/api/v1/session", "signed-in"]);
  told = listen(200);
  await signInByPasskey(async () => ({}));
  assert.deepEqual(told, ["/api/v1/session/passkey/options", "/api/v1/session/passkey", "signed-in"]);
  told = listen(200);
  await signInByEthereum("text", "0x00");
  assert.deepEqual(told, ["/api/v1/session/ethereum", "signed-in"]);
});

test("a refused sign-in is told to the form alone", async () => {
  const told = listen(401);
  await assert.rejects(signInByPassword("anna", "wrong"), { status: 401 });
  assert.deepEqual(told, ["/api/v1/session"]);
  session.dispatchEvent(new Event("signed-in")); // lets go of the listener
});
