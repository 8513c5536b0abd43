"""How long a seller has to keep what it issued, by country."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["Retention", "retention_of"]


@dataclass(frozen=True, slots=True)
class Retention:
    """A duty to keep bills and invoices.

    Attributes:
        years: From the end of the year in which they were issued. [a]
        source: The law.
    """

    years: int
    source: str

    def first_day_after(self, issued: date) -> date:
        """From when on a document may be destroyed."""
        return date(issued.year + 1 + self.years, 1, 1)


_BY_COUNTRY = {
    "FR": Retention(10, "Code de commerce, art. L123-22"),
    "AT": Retention(7, "Bundesabgabenordnung, § 132 (1)"),
    "DE": Retention(8, "UStG § 14b (1), AO § 147 (3) as of 2025"),
    "BE": Retention(10, "Code de la TVA, art. 60 § 4, as of 2023"),
    "LU": Retention(10, "Code de commerce, art. 16"),
    "ES": Retention(6, "Código de Comercio, art. 30"),
    "PT": Retention(10, "Código do IVA, art. 52"),
    "IT": Retention(10, "Codice civile, art. 2220"),
    "CH": Retention(10, "Obligationenrecht, Art. 958f"),
}
# Where no profile says how long, as long as the longest.
_ELSEWHERE = Retention(10, "the longest duty of the countries known here")


def retention_of(country: str) -> Retention:
    """The duty in a country."""
    return _BY_COUNTRY.get(country, _ELSEWHERE)
