"""People with keys of their own, who sign what the pages show them."""

from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct

API = "/api/v1"
HERE = {"base_url": "http://localhost"}


@dataclass
class Person:
    """A browser that is logged in, and a key."""

    place: Any
    login: str
    client: Any = None
    key: Any = field(default_factory=Account.create)

    def __post_init__(self):
        self.client = self.place.log_in(self.login, **HERE)

    @property
    def address(self):
        return self.key.address

    def refresh(self):
        """Go on after a while; gives the client."""
        assert self.client.post(f"{API}/session/refresh").status_code == 200
        return self.client

    def sign(self, text):
        return signed(self.key, text)

    def sign_document(self, document):
        return "0x" + bytes(self.key.sign_typed_data(full_message=document).signature).hex()

    def link(self, kind="browser", key=None):
        """Link a key's account; gives the answer."""
        key = key or self.key
        asked = {"address": key.address, "kind": kind}
        text = self.client.post(f"{API}/me/accounts/challenge", json=asked).json()["message"]
        body = {**asked, "message": text, "signature": signed(key, text)}
        return self.client.post(f"{API}/me/accounts", json=body)

    def paper(self, path, body, key=None):
        """Draft, sign and send a paper; gives the answer."""
        drafted = self.client.post(f"{API}{path}/draft", json=body)
        assert drafted.status_code == 200, drafted.text
        told = drafted.json()
        signature = (
            "0x" + bytes((key or self.key).sign_typed_data(full_message=told["typed_data"]).signature).hex()
        )
        return self.client.post(f"{API}{path}", json={"draft": told["draft"], "signature": signature})


def signed(key, text):
    return "0x" + bytes(key.sign_message(encode_defunct(text=text)).signature).hex()
