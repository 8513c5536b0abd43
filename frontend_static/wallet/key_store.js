/** Where this browser keeps sealed keys: IndexedDB, which is bound to these pages' address. */

/** @typedef {import("../domain/sealed_key.js").SealedKey} SealedKey */
/** @typedef {SealedKey & {owner: string}} KeptKey `owner` is the log-in that made or brought it. */

const NAME = "partage-keys";
const STORE = "keys";

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "address" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>} Once it is on disk.
 */
async function transact(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/**
 * @param {string} [owner] Only this log-in's.
 * @returns {Promise<KeptKey[]>}
 */
export async function keptKeys(owner) {
  const keys = await transact("readonly", (store) => store.getAll());
  return keys.filter((key) => owner === undefined || key.owner === owner);
}

/** @param {KeptKey} key */
export async function keepKey(key) {
  await transact("readwrite", (store) => store.put(key));
  // Asks the browser not to clear it when space is short; it may refuse, which is why there are files and backups.
  await navigator.storage?.persist?.().catch(() => false);
}

/** @param {string} address */
export async function forgetKey(address) {
  await transact("readwrite", (store) => store.delete(address));
}
