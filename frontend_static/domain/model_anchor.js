/**
 * A model's hash among those that were anchored together: it leads to the root that stands on the chain, or it was not among them.
 *
 * @typedef {object} Anchor
 * @property {string} run Id of the settlement run whose documents it was anchored beside, 0x-hex.
 * @property {string} root Of the batch of hashes, 0x-hex.
 * @property {number} place Of the leaf.
 * @property {readonly string[]} path Siblings from the leaf to the root, 0x-hex.
 * @property {number} anchored [s since 1970, UTC]
 */
import { fromHex, toHex } from "./bytes.js";
import { climb } from "./merkle.js";

/**
 * @param {string} model Its id, which is the leaf, 0x-hex.
 * @param {Anchor} anchor
 * @returns {boolean} False too for what is no hash, and for a place beyond the tree.
 */
export function leadsToRoot(model, { root, place, path }) {
  if (!Number.isInteger(place) || place < 0 || place >= 2 ** path.length) return false;
  try {
    return toHex(climb(fromHex(model), place, path.map(fromHex))) === root.toLowerCase();
  } catch {
    return false;
  }
}
