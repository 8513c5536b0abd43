"""The rule as the contract holds it, the same for those who vote, those who settle and those who verify.

``encode_rule`` turns a rule into ``RuleBook``'s struct, ``decode_rule`` turns it back; what is executed is what was
shown.
"""

from backend.governance.rule_terms import decode_rule, encode_rule

__all__ = ["decode_rule", "encode_rule"]
