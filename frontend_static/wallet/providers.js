/**
 * Wallets of the browser: those that announce themselves (EIP-6963), else the one at `window.ethereum` (EIP-1193).
 *
 * @typedef {{request: (ask: {method: string, params?: unknown[]}) => Promise<any>}} Provider
 * @typedef {{id: string, name: string, provider: Provider}} Wallet
 */
import { capitalise, isAddress } from "../domain/typed_data.js";
import { Declined } from "./passkeys.js";

const ANSWER_MILLISECONDS = 150; // wallets answer at once
const REFUSED = 4001; // EIP-1193: the person said no
const utf8 = new TextEncoder();

/** The wallet holds another account than the one that must sign. */
export class WrongAccount extends Error {}

/** @returns {Promise<Wallet[]>} */
export async function findWallets() {
  /** @type {Map<string, Wallet>} */
  const found = new Map();
  const note = (/** @type {any} */ event) => {
    const { info, provider } = event.detail ?? {};
    if (info?.uuid && typeof provider?.request === "function") found.set(info.uuid, { id: info.uuid, name: String(info.name).slice(0, 40), provider });
  };
  window.addEventListener("eip6963:announceProvider", note);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MILLISECONDS));
  window.removeEventListener("eip6963:announceProvider", note);
  const { ethereum } = /** @type {any} */ (window);
  if (found.size === 0 && typeof ethereum?.request === "function") found.set("window", { id: "window", name: "", provider: ethereum });
  return [...found.values()];
}

/**
 * @param {Provider} provider
 * @param {string} method
 * @param {unknown[]} [params]
 * @throws {Declined} If the person said no.
 */
async function request(provider, method, params = []) {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    if (/** @type {any} */ (error)?.code === REFUSED) throw new Declined();
    throw error;
  }
}

/**
 * @param {Wallet} wallet
 * @returns {Promise<string[]>} Addresses that it lets these pages see.
 */
export async function accountsOf({ provider }) {
  const accounts = await request(provider, "eth_requestAccounts");
  return (Array.isArray(accounts) ? accounts : []).filter(isAddress).map(capitalise);
}

/** @param {Wallet} wallet @param {string} address */
async function holding(wallet, address) {
  const held = (await accountsOf(wallet)).some((one) => one.toLowerCase() === address.toLowerCase());
  if (!held) throw new WrongAccount(address);
}

/**
 * @param {Wallet} wallet
 * @param {string} address
 * @param {import("../domain/typed_data.js").TypedDocument} document
 * @returns {Promise<string>} 65 bytes, 0x-hex.
 */
export async function signDocumentWith(wallet, address, document) {
  await holding(wallet, address);
  return request(wallet.provider, "eth_signTypedData_v4", [address, JSON.stringify(document)]);
}

/**
 * @param {Wallet} wallet
 * @param {string} address
 * @param {string} text
 * @returns {Promise<string>}
 */
export async function signTextWith(wallet, address, text) {
  await holding(wallet, address);
  const hex = `0x${[...utf8.encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  return request(wallet.provider, "personal_sign", [hex, address]);
}
