from __future__ import annotations

import pytest

from backend.adapters.chain.signatures import TypedDataSignatures, VaultSigner
from backend.adapters.key_vault import KeyVault
from backend.errors import InputError
from backend.governance.typed_data import contract_domain, paper_hash, vote_document

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
COMMUNITY = "0x" + "07" * 32
GOVERNOR = "0x" + "ab" * 20
PROPOSAL = 2**255 + 12345


@pytest.fixture
def signer(tmp_path):
    return VaultSigner(KeyVault(tmp_path / "keys"))


def document(support=1, **changes):
    domain = contract_domain(changes.pop("chain_id", 7), changes.pop("governor", GOVERNOR))
    return vote_document(domain, changes.pop("community", COMMUNITY), PROPOSAL, support)


def test_who_signed_is_found_from_either_form_of_a_signature(signer):
    reader = TypedDataSignatures()
    for key in ("member-ada", "member-ben", "member-cleo", "member-dora", "member-eli"):
        long = signer.sign(key, document())
        short = reader.compact(long)
        assert len(bytes.fromhex(short[2:])) == 64
        assert reader.compact(short) == short
        assert (
            reader.signer_of(document(), long)
            == reader.signer_of(document(), short)
            == signer.account_of(key)
        )


@pytest.mark.parametrize(
    "other",
    [
        document(support=0),
        document(chain_id=8),
        document(governor="0x" + "ac" * 20),
        document(community="0x" + "08" * 32),
    ],
)
def test_a_signature_of_another_vote_chain_governor_or_community_is_not_the_members(signer, other):
    signature = signer.sign("member-ada", document())
    assert TypedDataSignatures().signer_of(other, signature) != signer.account_of("member-ada")


def test_the_twin_of_a_signature_with_the_higher_s_is_refused(signer):
    raw = bytes.fromhex(signer.sign("member-ada", document())[2:])
    s = ORDER - int.from_bytes(raw[32:64])
    twin = "0x" + (raw[:32] + s.to_bytes(32) + bytes([55 - raw[64]])).hex()
    with pytest.raises(InputError, match="lower"):
        TypedDataSignatures().signer_of(document(), twin)


@pytest.mark.parametrize(
    "wrong", ["", "0x", "0x12", "zz", "0x" + "00" * 65, "0x" + "11" * 66, "0x" + "ff" * 64]
)
def test_what_is_no_signature_is_refused(wrong):
    with pytest.raises(InputError):
        TypedDataSignatures().signer_of(document(), wrong)


def test_the_hash_of_a_text_hides_it_and_binds_it():
    one = paper_hash("0x" + "00" * 16, "Cheaper nights")
    assert one == paper_hash("0x" + "00" * 16, "Cheaper nights")
    assert one != paper_hash("0x" + "00" * 16, "Cheaper nights.")
    assert one != paper_hash("0x" + "01" * 16, "Cheaper nights")
