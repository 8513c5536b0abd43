/** The text of a sign-in with an account on chain (ERC-4361), held against where these pages are before it is signed. */

/**
 * @param {string} text As the service composed it.
 * @param {{host: string, origin: string, address: string, chainId: number}} due
 * @returns {boolean} Whether it opens a session here, for this account, and says nothing else.
 */
export function isSignInText(text, { host, origin, address, chainId }) {
  const lines = text.split("\n");
  const [first, account, blank, statement, blankAgain, uri, version, chain, nonce, issued, expires, ...rest] = lines;
  return (
    rest.length === 0 &&
    first === `${host} wants you to sign in with your Ethereum account:` &&
    account?.toLowerCase() === address.toLowerCase() &&
    blank === "" &&
    blankAgain === "" &&
    statement === "Log in to Partage." &&
    uri === `URI: ${origin}` &&
    version === "Version: 1" &&
    chain === `Chain ID: ${chainId}` &&
    /^Nonce: [0-9a-zA-Z]{8,128}$/.test(nonce ?? "") &&
    /^Issued At: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(issued ?? "") &&
    /^Expiration Time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(expires ?? "")
  );
}
