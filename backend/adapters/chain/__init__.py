"""The chain room: the embedded EVM, its file, and the ways to speak to it or to any other node.

The **embedded chain** is an EVM of this process (py-evm, Prague) whose blocks live in one SQLite file:

    embedded_store      keys, values and logs in SQLite; one durable transaction a block
    writer_lock       the writer's lock, held for a batch of transactions
    embedded_evm        the chain's rules: its id, its genesis, its clock, calls with a time limit
    embedded_reader     a look at the file as it is now, while any process writes it
    embedded_chain      opening, writing, mining: a block for each transaction
    embedded_calls      executing without a transaction: results, refusals, gas
    embedded_provider   web3's way in, with no node and no socket
    rpc_*               the vocabulary of JSON-RPC: parameters, formats, methods, errors
    json_rpc            read-only JSON-RPC for browsers, wallets and other verifiers

Conventions:

- A hash, an address, a transaction is ``bytes`` here; it is hexadecimal only in JSON-RPC and web3.
- Importing this package loads no EVM and no web3: their second of start-up is paid by whoever imports a module that
  needs them. ``json_rpc`` and ``writer_lock`` need none until they are used.
- Keys stay with the caller, who signs; nothing here can sign.
"""

import importlib.util
import os

__all__: list[str] = []

# eth-hash picks pycryptodome where it finds it, which is five times slower than the C of safe-pysha3. It looks at the
# environment with its first hash, which no module of this room can do before this line.
if importlib.util.find_spec("sha3") is not None:
    os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
