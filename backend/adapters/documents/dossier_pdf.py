"""The dossier of a case as an A4 PDF, set by Typst with the fonts that it carries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.adapters.documents.dossier_view import view_dossier
from backend.errors import InputError, MissingToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render_dossier"]

_TEMPLATE = Path(__file__).with_name("dossier.typ")
_LANGUAGES = ("en", "fr")


def render_dossier(dossier: Mapping[str, Any], about: Mapping[str, Any], locale: str) -> bytes:
    """Set a dossier.

    Args:
        dossier: As ``partage verify`` takes it.
        about: What its numbers are called: see ``view_dossier``.
        locale: ``en`` or ``fr``.

    Returns:
        A PDF; the same arguments give the same bytes.

    Raises:
        InputError: If there is no such locale.
        MissingToolError: If Typst is not installed.

    Invariants:
        - What people wrote is set as text; Typst never reads it as markup.
    """
    if locale not in _LANGUAGES:
        raise InputError(f"There is no locale {locale!r}; use one of {', '.join(_LANGUAGES)}.")
    try:
        import typst
    except ImportError:
        raise MissingToolError(
            "Writing dossiers as PDF needs the Python package typst; run scripts/setup."
        ) from None
    view = json.dumps(view_dossier(dossier, about, locale), ensure_ascii=False)

    def page(**options: Any) -> bytes:
        pdf = typst.compile(
            _TEMPLATE.read_bytes(),
            sys_inputs={"dossier": view},
            format="pdf",
            timestamp=int(dossier["opening"]["opened_at"]),
            **options,
        )
        assert isinstance(pdf, bytes)
        return pdf

    try:
        return page(ignore_system_fonts=True, pdf_standards="ua-1")
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return page(ignore_system_fonts=False)  # words in a script that Typst's own fonts lack
