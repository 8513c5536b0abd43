"""Statements of an RDF/XML file, told one after the other as rdflib reads them: no graph of them is held.

This module imports rdflib: import it where a file is read, never at the top of another module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from rdflib import Graph, URIRef

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Say", "parse_statements"]


class Say(Protocol):
    """Takes a statement."""

    def __call__(self, subject: str, predicate: str, value: str, *, is_reference: bool) -> None:
        """See ``parse_statements``."""
        ...


class _Teller(Graph):
    """A graph that tells what it is given and keeps nothing."""

    def __init__(self, say: Say) -> None:
        super().__init__(bind_namespaces="none")
        self._say = say

    def add(self, triple: Any) -> Self:
        subject, predicate, value = triple
        self._say(str(subject), str(predicate), str(value), is_reference=isinstance(value, URIRef))
        return self


def parse_statements(content: bytes, say: Say) -> None:
    """Read a file.

    Args:
        content: RDF/XML.
        say: Takes each statement's subject, predicate and value, and whether the value is a resource's name.

    Raises:
        Exception: The parser's own, which have no common root.
    """
    _Teller(say).parse(data=content, format="xml", publicID="urn:partage:cim")
