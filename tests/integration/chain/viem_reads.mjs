// Reads a chain as a page would, with viem's public client, and prints what it saw as JSON.
import { BaseError, createPublicClient, defineChain, http } from "viem";

const [url, chainId, address] = process.argv.slice(2);
const chain = defineChain({
  id: Number(chainId),
  name: "embedded",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [url] } },
});
const client = createPublicClient({ chain, transport: http(url, { batch: true, retryCount: 0 }) });

const head = await client.getBlock({ includeTransactions: true });
const logs = await client.getLogs({ address, fromBlock: 0n, toBlock: "latest" });
const { data: kept } = await client.call({ to: address });
const [code, receipt, count, numberOfChain, pinned] = await Promise.all([
  client.getCode({ address }),
  client.getTransactionReceipt({ hash: logs[0].transactionHash }),
  client.getTransactionCount({ address: head.transactions[0].from }),
  client.getChainId(),
  client.call({ to: address, blockNumber: 1n }),
]);
let refusal;
try {
  await client.call({ to: address, data: `0x${"00".repeat(32)}` });
} catch (error) {
  refusal = error instanceof BaseError ? error.walk((one) => one.data !== undefined)?.data : String(error);
}
let written;
try {
  await client.request({ method: "eth_sendRawTransaction", params: ["0x00"] });
} catch (error) {
  written = error.code;
}
const estimate = await client.estimateGas({ account: head.transactions[0].from, to: address, data: `0x${"01".repeat(32)}` });

console.log(JSON.stringify({
  head: Number(head.number),
  transactionType: head.transactions[0].type,
  logs: logs.map((log) => log.data),
  kept,
  pinned: pinned.data,
  code,
  status: receipt.status,
  count,
  chainId: numberOfChain,
  refusal: refusal?.data ?? refusal,
  written,
  estimate: Number(estimate),
}));
