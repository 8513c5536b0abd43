"""A bill as an A4 PDF, set by Typst with the fonts that it carries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.adapters.documents.bill_view import view_bill
from backend.billing import Bill
from backend.errors import MissingToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["render_bill"]

_TEMPLATE = Path(__file__).with_name("bill.typ")
_STORED_BESIDE = ("number", "issued_utc")


def render_bill(content: Mapping[str, Any], proof: Mapping[str, Any], locale: str) -> bytes:
    """Set a bill.

    Args:
        content: The bill's content, with ``number`` and ``issued_utc`` beside it where it was issued.
        proof: ``run_version``, ``bill_root``, ``billing_ledger``, ``chain_id``, ``bill_state``.
        locale: ``en`` or ``fr``.

    Returns:
        A PDF; the same arguments give the same bytes.

    Raises:
        InputError: If the content is not a bill, or there is no such locale.
        MissingToolError: If Typst is not installed.

    Invariants:
        - What people wrote (names, notes) is set as text; Typst never reads it as markup.
        - Tagged for screen readers (PDF/UA-1), unless a name needs a script that only the system's fonts have.
    """
    try:
        import typst
    except ImportError:
        raise MissingToolError(
            "Writing bills as PDF needs the Python package typst; run scripts/setup."
        ) from None
    bill = Bill.from_dict({name: value for name, value in content.items() if name not in _STORED_BESIDE})
    issued = int(content.get("issued_utc") or 0)
    view = view_bill(bill, proof, locale, number=str(content.get("number") or ""), issued_utc=issued)
    page = _Page(json.dumps(view, ensure_ascii=False), issued)
    try:
        return page.set(typst.compile, ignore_system_fonts=True, pdf_standards="ua-1")
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return page.set(
            typst.compile, ignore_system_fonts=False
        )  # a name in a script that Typst's own fonts lack


@dataclass(frozen=True, slots=True)
class _Page:
    """A view ready to be set.

    Attributes:
        view: JSON.
        issued_utc: The document's date, so that setting it again gives the same bytes. [s since 1970, UTC]
    """

    view: str
    issued_utc: int

    def set(self, compile_page: Callable[..., Any], **options: Any) -> bytes:
        """The PDF."""
        pdf = compile_page(
            _TEMPLATE.read_bytes(),
            sys_inputs={"bill": self.view},
            format="pdf",
            timestamp=self.issued_utc,
            **options,
        )
        assert isinstance(pdf, bytes)
        return pdf
