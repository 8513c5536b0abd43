"""The rule as the contract holds it, the same for those who vote, those who settle and those who verify.

``encode_rule`` turns a rule into ``RuleBook``'s struct, ``decode_rule`` turns it back; what is executed is what was
shown. ``on_chain`` drops what is kept beside the struct and never sent. ``differences_of`` tells what a rule would
change, ``typed_data`` makes the documents that members sign.
"""

from backend.governance.conformity_terms import (
    conformity_terms_text,
    hash_conformity_terms,
    read_conformity_terms,
    treatments_of,
)
from backend.governance.differences import Difference, Unit, differences_of
from backend.governance.link_terms import hash_link_terms, link_terms_text, read_link_terms
from backend.governance.rule_terms import METHOD_CODES, OFF_CHAIN, decode_rule, encode_rule, on_chain
from backend.governance.typed_data import (
    NO_HASH,
    SUPPORTS,
    TypedDocument,
    contract_domain,
    paper_hash,
    propose_document,
    propose_rule_document,
    vote_document,
    withdraw_document,
)

__all__ = [
    "METHOD_CODES",
    "NO_HASH",
    "OFF_CHAIN",
    "SUPPORTS",
    "Difference",
    "TypedDocument",
    "Unit",
    "conformity_terms_text",
    "contract_domain",
    "decode_rule",
    "differences_of",
    "encode_rule",
    "hash_conformity_terms",
    "hash_link_terms",
    "link_terms_text",
    "on_chain",
    "paper_hash",
    "propose_document",
    "propose_rule_document",
    "read_conformity_terms",
    "read_link_terms",
    "treatments_of",
    "vote_document",
    "withdraw_document",
]
