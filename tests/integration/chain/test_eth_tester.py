"""The same deployment and gateway over eth-tester: another way into an EVM, through web3's own provider."""

import ast
import contextlib
import json
from collections.abc import Mapping

import pytest
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.backends.pyevm.main import get_default_account_keys
from eth_tester.exceptions import TransactionFailed, ValidationError
from web3 import Web3
from web3.providers import BaseProvider
from web3.providers.eth_tester import EthereumTesterProvider

from backend.adapters.chain.deployment import CONTRACT_NAMES, deploy, load_deployment
from backend.adapters.chain.funding import fund_keys
from backend.adapters.chain.gateway import NodeGateway
from backend.adapters.chain.node import Node
from backend.adapters.home import Home
from backend.adapters.key_vault import ROLE_KEYS, KeyVault
from backend.adapters.store import open_store
from backend.errors import ChainUnavailableError, ContractRefusal
from backend.ports import ContractCall, OutboxEntry, OutboxState
from backend.services.outbox import Outbox

GRID_OPERATOR = 1


class JsonRpcOfTester(BaseProvider):
    """eth-tester as a node would speak: web3's own middleware, whole numbers as hexadecimal, refusals with data."""

    def __init__(self, tester):
        super().__init__()
        provider = EthereumTesterProvider(tester)
        web3 = Web3(provider)
        self._ask = provider.request_func(web3, web3.middleware_onion)

    def make_request(self, method, params):
        try:
            return as_json(self._ask(method, params))
        except TransactionFailed as error:
            data = (
                "0x" + ast.literal_eval(str(error).partition(": ")[2]).hex()
            )  # a custom error arrives as the text of its bytes
            return {"error": {"code": 3, "message": "execution reverted", "data": data}}
        except ValidationError as error:
            return {"error": {"code": -32000, "message": str(error)}}


def as_json(value):
    if isinstance(value, Mapping):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.fixture
def tester():
    return EthereumTester(PyEVMBackend())


@pytest.fixture
def node(tester):
    return Node("eth-tester", JsonRpcOfTester(tester), embedded=False, hold=contextlib.nullcontext)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").create()


@pytest.fixture
def gateway(node, home):
    vault = KeyVault(home.keys)
    fund_keys(node, vault, ROLE_KEYS, get_default_account_keys()[0].to_hex())
    return NodeGateway(node, vault, deploy(node, vault, home.deployment))


def test_contracts_are_deployed_once_where_they_were_expected(gateway, node, home):
    facts = gateway.facts()
    assert list(facts.contracts) == list(CONTRACT_NAMES)
    height = node.rpc("eth_blockNumber", [])
    assert deploy(node, KeyVault(home.keys), home.deployment).contracts == facts.contracts
    assert node.rpc("eth_blockNumber", []) == height
    known = load_deployment(home.deployment, node)
    assert known is not None
    assert known.facts(embedded=False) == facts
    stored = json.loads(home.deployment.read_text())
    stored["genesis_hash"] = "0x" + "11" * 32
    home.deployment.write_text(json.dumps(stored))
    with pytest.raises(ChainUnavailableError, match="was made on chain"):
        load_deployment(home.deployment, node)


def test_a_community_is_registered_through_the_outbox_and_refusals_come_in_words(gateway, home):
    steward, operator = gateway.address_of("steward"), gateway.address_of("operator")
    community = "0x" + "c0" * 12 + steward[2:].lower()  # an id ends with its founder's address
    calls = [
        ContractCall("steward", "registry", "createCommunity", (community, steward)),
        ContractCall("steward", "registry", "grantRole", (community, GRID_OPERATOR, operator)),
    ]
    store = open_store(home)
    with store.transaction() as records:
        for number, call in enumerate(calls):
            records.announce(OutboxEntry(f"roof/{number}", "roof", 0, call))
    final = Outbox(store, gateway).drain("roof")
    assert [entry.state for entry in final] == [OutboxState.FINAL] * 2
    store.close()
    assert gateway.read("registry", "stewardOf", community) == steward.lower()
    assert gateway.read("registry", "hasRole", community, GRID_OPERATOR, operator)
    with pytest.raises(
        ContractRefusal, match="the community is registered already, by steward 0x"
    ) as refused:
        gateway.preflight(calls[0])
    assert refused.value.name == "CommunityExists"
    with pytest.raises(ContractRefusal, match="the community is registered already"):
        gateway.sign(calls[0])
