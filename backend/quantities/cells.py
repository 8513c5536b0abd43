"""Texts in the cells of tables that people open in spreadsheets, which take some texts for commands."""

from __future__ import annotations

__all__ = ["harmless_cell", "is_formula"]

# A spreadsheet takes what begins so for a formula; some take the wide signs for the plain ones.
_BEGINNINGS = tuple("=+-@＝＋－＠\t\r\n")


def is_formula(text: str) -> bool:
    """Would a spreadsheet run this text? A negative figure it shows as it is. (OWASP, "CSV Injection")"""
    if text[:1] == "-" and text[1:].replace(".", "", 1).isdigit():
        return False
    return text.startswith(_BEGINNINGS) or text.lstrip().startswith(_BEGINNINGS)


def harmless_cell(text: str) -> str:
    """A text as a spreadsheet shows it: with an apostrophe before what it would run."""
    return f"'{text}" if is_formula(text) else text
