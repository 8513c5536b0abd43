"""A bill's content as localised texts and figures, in the order of the page."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any

from backend.adapters.documents.locales import LOCALES, Locale
from backend.adapters.documents.wording import WORDS, say
from backend.billing import Bill
from backend.errors import InputError
from backend.quantities import divide_half_away, format_kilowatt_hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.billing import BillLine
    from backend.billing.bill import Document

__all__ = ["view_bill"]

_TAIL = 4
_HEAD = 6
_NAME_MAX = 120
_CUT_OFF = 1000  # a thousandth of the last digit of a price
_NOTE_MAX = 400
_NEIGHBOURS_MOST = 8
_DOCUMENTS_MOST = 3
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LONG_WORD = re.compile(r"\S{28}(?=\S)")
_BREAK = "\u200b"  # a line may break here
_STATES = ("prepared", "contestable", "final", "superseded", "voided")
_HOLDING = ("contestable", "final")
_UNDONE = ("superseded", "voided")


def view_bill(
    bill: Bill, proof: Mapping[str, Any], locale: str, *, number: str, issued_utc: int
) -> dict[str, Any]:
    """What the page says.

    Args:
        bill: The bill.
        proof: ``run_version``, ``bill_root``, ``billing_ledger``, ``chain_id``, ``bill_state``.
        locale: ``en`` or ``fr``.
        number: Empty before the bill is issued.
        issued_utc: 0 before. [s since 1970, UTC]

    Returns:
        JSON-ready texts, and shares of bars in parts per million.

    Raises:
        InputError: If there is no such locale.
    """
    if locale not in LOCALES:
        raise InputError(
            f"there is no locale {locale!r}; bills are written in {' and '.join(sorted(LOCALES))}."
        )
    return _View(bill, proof, LOCALES[locale]).page(number, issued_utc)


def clean(text: str, most: int = _NAME_MAX) -> str:
    """What people wrote, made fit for one line: no control characters, not endless, long words breakable."""
    plain = " ".join("".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text).split())
    if len(plain) > most:
        plain = plain[: most - 1] + "…"
    return _LONG_WORD.sub(lambda match: match[0] + _BREAK, plain)


def _is_mean(value: int, energy: int, price: int) -> bool:
    """Is the price a mean of several? One price gives the value but for what is cut off interval by interval."""
    return abs(value - energy * price) > energy // _CUT_OFF


class _View:
    """Says a bill in one language."""

    def __init__(self, bill: Bill, proof: Mapping[str, Any], locale: Locale) -> None:
        self.bill = bill
        self.proof = proof
        self.locale = locale
        self.state = str(proof["bill_state"])
        assert self.state in _STATES, self.state
        self.community = clean(bill.community.name)
        self.participant = clean(bill.participant.name)

    def say(self, key: str, /, **values: str) -> str:
        return say(self.locale.name, key, **values)

    def page(self, number: str, issued_utc: int) -> dict[str, Any]:
        bill, locale = self.bill, self.locale
        period = locale.period(date.fromisoformat(bill.period.first), date.fromisoformat(bill.period.last))
        facts = [
            [self.say("for"), self.participant],
            [self.say("period"), period],
            [self.say("number"), number or self.say("draft")],
        ]
        if issued_utc:
            facts.append([self.say("issued"), locale.instant_day(issued_utc)])
        return {
            "lang": locale.name,
            "title": f"{self.say('title')} · {period}",
            "heading": self.say("title"),
            "community": self.community,
            "hero": self._hero(),
            "facts": facts,
            "bars": [bar for bar in (self._used_bar(), self._produced_bar()) if bar],
            "origins": self._origins(),
            "columns": [self.say(f"column.{name}") for name in ("quantity", "price", "amount")],
            "sections": self._sections(),
            "neighbours": [table for table in (self._neighbours("from"), self._neighbours("to")) if table],
            "cards": [card for card in (self._saving(), self._carbon(), self._readings()) if card],
            "seal": self._seal(),
            "note": clean(bill.community.note, _NOTE_MAX),
            "page": self.say("page"),
        }

    def _hero(self) -> dict[str, str]:
        payable, due = self.bill.amounts.payable, self.locale.day(date.fromisoformat(self.bill.due))
        if self.state in _UNDONE:
            label = self.say("pay" if payable > 0 else "receive")
            return {
                "label": label,
                "amount": self.locale.money(abs(payable)),
                "when": self.say(f"seal.{self.state}"),
            }
        if payable > 0:
            return {
                "label": self.say("pay"),
                "amount": self.locale.money(payable),
                "when": self.say("pay.by", date=due),
            }
        if payable < 0:
            when = self.say("receive.by", date=due)
            return {"label": self.say("receive"), "amount": self.locale.money(-payable), "when": when}
        return {"label": self.say("nothing"), "amount": self.locale.money(0), "when": ""}

    def _bar(self, key: str, whole: int, parts: Sequence[tuple[str, str, int]]) -> dict[str, Any] | None:
        if not whole:
            return None
        return {
            "title": self.say(key),
            "total": self.locale.energy(whole, 1),
            "parts": [
                {
                    "role": role,
                    "label": self.say(label),
                    "energy": self.locale.energy(energy, 1),
                    "percent": self.locale.percent(energy, whole),
                    "ppm": energy * 1_000_000 // whole,
                }
                for role, label, energy in parts
                if energy
            ],
        }

    def _used_bar(self) -> dict[str, Any] | None:
        use = self.bill.energy
        parts = [
            ("own", "own", use.own),
            ("shared", "from_neighbours", use.from_neighbours),
            ("grid", "from_grid", use.from_grid),
        ]
        return self._bar("used", use.used, parts)

    def _produced_bar(self) -> dict[str, Any] | None:
        use = self.bill.energy
        label = "shared_self" if use.own else "shared"
        left = "surplus_left" if self.bill.surplus_owner == "producer" else "surplus_theirs"
        if self.bill.sharing_key == "incentive":
            left = "produced_grid"
        return self._bar(
            "produced", use.produced, [("shared", label, use.shared), ("surplus", left, use.surplus)]
        )

    def _name_of(self, participant: str) -> str:
        """A neighbour's name, made fit for a line."""
        names = {neighbour.participant: neighbour.name for neighbour in self.bill.neighbours}
        return clean(names[participant])

    def _neighbours(self, side: str) -> dict[str, Any] | None:
        """Who served or was served: the largest by name, the rest in one row."""
        found = [neighbour for neighbour in self.bill.neighbours if neighbour.side == side]
        if not found:
            return None
        whole = sum(neighbour.energy for neighbour in found)
        named, rest = found[:_NEIGHBOURS_MOST], found[_NEIGHBOURS_MOST:]
        shares = [(clean(neighbour.name), neighbour.energy) for neighbour in named]
        if rest:
            label = self.say("neighbours.more", count=self.locale.number(str(len(rest))))
            shares.append((label, sum(neighbour.energy for neighbour in rest)))
        rows = [
            {
                "name": name,
                "energy": self.locale.energy(energy, 1),
                "percent": self.locale.percent(energy, whole),
                "ppm": energy * 1_000_000 // whole,
            }
            for name, energy in shares
        ]
        return {
            "title": self.say(f"neighbours.{side}"),
            "role": "shared",
            "rows": rows,
        }

    def _source(self, source: str) -> str:
        key = f"source.{source}"
        return self.say(key) if key in WORDS else source

    def _origins(self) -> str:
        origins = self.bill.energy.origins
        if not origins:
            return ""
        named = [
            f"{self._source(origin.source)} {self.locale.energy(origin.energy, 1)}" for origin in origins
        ]
        return self.say("origins", origins=", ".join(named))

    def _sections(self) -> list[dict[str, Any]]:
        bill = self.bill
        sections: list[dict[str, Any]] = []
        for kind in ("invoice", "purchase", "self_billed", "sale"):
            documents = [document for document in bill.documents if document.kind == kind]
            if len(documents) > _DOCUMENTS_MOST:
                sections.append(self._gathered_section(documents))
            else:
                sections += [self._document_section(document) for document in documents]
        incentive = [line for line in bill.lines if line.kind == "incentive"]
        if self._rows(incentive):
            total = self.locale.money(sum(line.amount for line in incentive))
            sections.append(
                {
                    "title": self.say("incentive"),
                    "rows": self._rows(incentive),
                    "sums": [[self.say("total"), total, "strong"]],
                    "note": self.say("incentive.note"),
                    "quiet": False,
                }
            )
        elsewhere = self._rows([line for line in bill.lines if line.biller != "community"])
        if elsewhere:
            sections.append(
                {
                    "title": self.say("information"),
                    "rows": elsewhere,
                    "sums": [],
                    "note": self.say("information.note"),
                    "quiet": True,
                }
            )
        return [section | {"first": place == 0} for place, section in enumerate(sections)]

    def _gathered_section(self, documents: Sequence[Document]) -> dict[str, Any]:
        """Many neighbours' documents in one table, a row each; every one is an invoice of its own elsewhere."""
        rows = []
        for document in documents:
            lines = [self.bill.lines[place] for place in document.lines]
            energy, value = sum(line.quantity for line in lines), sum(line.value for line in lines)
            price = divide_half_away(value, energy) if energy else 0
            rows.append(
                [
                    self._name_of(lines[0].counterpart),
                    self.say("line.average") if _is_mean(value, energy, price) else "",
                    self.locale.energy(energy),
                    self.locale.price(price),
                    self.locale.money(document.total_without_vat),
                ]
            )
        tax = sum(document.total_vat for document in documents)
        due = sum(document.amount_due for document in documents)
        sums = [
            [self.say("net"), self.locale.money(due - tax), ""],
            [self.say("vats"), self.locale.money(tax), ""],
        ]
        kind = documents[0].kind
        return {
            "title": self.say(f"{kind}.many"),
            "rows": rows,
            "sums": [*(sums if tax else []), [self.say("total"), self.locale.money(due), "strong"]],
            "note": self.say(f"{kind}.many.note", issuer=self.community),
            "quiet": False,
        }

    def _document_section(self, document: Document) -> dict[str, Any]:
        group = document.vat[0]
        sums = []
        if group.tax or group.category == "S":
            sums = [
                [self.say("net"), self.locale.money(document.total_without_vat), ""],
                [self.say("vat", rate=self.locale.rate(group.rate_ppm)), self.locale.money(group.tax), ""],
            ]
        sums.append([self.say("total"), self.locale.money(document.amount_due), "strong"])
        notes = [self.say(group.reason)] if group.reason else []
        title, note = self._titles(document)
        return {
            "title": title,
            "rows": self._rows([self.bill.lines[place] for place in document.lines]),
            "sums": sums,
            "note": " ".join([*notes, *([note] if note else [])]),
            "quiet": False,
        }

    def _titles(self, document: Document) -> tuple[str, str]:
        """A document's title, and in whose name it is issued where that is not the community's own."""
        if document.kind == "invoice":
            return self.say("billed", seller=self.community), ""
        if document.kind == "self_billed":
            note = self.say("self_billed", seller=self.community, participant=self.participant)
            return self.say("credited"), note
        if document.kind == "purchase":
            seller = self._name_of(document.seller)
            note = self.say("in_the_name", issuer=self.community, seller=seller)
            return self.say("purchased", seller=seller), note
        assert document.kind == "sale", document.kind
        note = self.say("in_the_name", issuer=self.community, seller=self.participant)
        return self.say("sold_to", buyer=self._name_of(document.buyer)), note

    def _rows(self, lines: Sequence[BillLine]) -> list[list[str]]:
        rows = []
        for line in lines:
            if not line.quantity:
                continue
            if line.kind == "fee":
                rows.append([self.say("line.fee"), "", "", "", self.locale.money(line.amount)])
                continue
            detail = []
            if (
                len(line.windows)
                and sum(other.kind == "residual" and other.slot == line.slot for other in self.bill.lines) > 1
            ):
                detail.append(", ".join(line.windows).replace("-", "–"))
            if self._is_one_of_several(line):
                detail.append(line.point)
            if line.kind in {"bought", "sold"} and _is_mean(line.value, line.quantity, line.unit_price):
                detail.append(self.say("line.average"))
            if line.kind == "incentive":
                detail.append(self.say(f"incentive.{self._direction_of(line)}"))
            if line.biller != "community":
                detail.append(self.say(f"biller.{line.biller}"))
            rows.append(
                [
                    self.say(f"line.{line.kind}"),
                    " · ".join(detail),
                    self.locale.energy(line.quantity),
                    self.locale.price(line.unit_price),
                    self.locale.money(line.amount),
                ]
            )
        return rows

    def _direction_of(self, line: BillLine) -> str:
        return next(point.direction for point in self.bill.points if point.slot == line.slot)

    def _is_one_of_several(self, line: BillLine) -> bool:
        directions = {point.slot: point.direction for point in self.bill.points}
        return list(directions.values()).count(directions[line.slot]) > 1

    def _saving(self) -> dict[str, Any]:
        saving = self.bill.saving
        alone, together = saving.cost_without - saving.earned_without, saving.cost_with - saving.earned_with
        earns = alone < 0 and together < 0
        if earns:
            alone, together = -alone, -together
        values = {"without": self.locale.money(alone), "with": self.locale.money(together)}
        text = self.say("saving.text.earned" if earns else "saving.text", **values)
        key = "saving.negative" if saving.saving < 0 else "saving.earned" if earns else "saving"
        return {
            "title": self.say(key),
            "figure": self.locale.money(abs(saving.saving)),
            "text": text,
            "width": 5,
        }

    def _carbon(self) -> dict[str, Any] | None:
        carbon = self.bill.carbon
        if carbon is None:
            return None
        factors = ", ".join(
            self.say(
                "carbon.factor", source=self._source(factor.source), grams=str(factor.grams_per_kilowatt_hour)
            )
            for factor in carbon.factors
        )
        values = {"source": carbon.grid_source, "factors": factors or "–"}
        text = self.say(
            "carbon.text", grid=self._kilograms(carbon.grid_grams), local=self._kilograms(carbon.local_grams)
        )
        notes = [
            self.say(note.key, **(values | {name: str(value) for name, value in note.values.items()}))
            for note in carbon.notes
        ]
        grams = self.locale.number(str((carbon.milligrams_per_kilowatt_hour + 500) // 1000))
        return {
            "title": self.say("carbon"),
            "figure": self.say("carbon.figure", grams=grams),
            "text": " ".join([text, *notes]),
            "width": 7,
        }

    def _kilograms(self, grams: int) -> str:
        return self.locale.number(format_kilowatt_hours(grams * 1000, 1))

    def _readings(self) -> dict[str, Any]:
        quality = self.bill.quality
        measured = quality.readings - quality.estimated - quality.edited - quality.missing
        notes = [
            self.say(
                note.key, **{name: self.locale.number(str(value)) for name, value in note.values.items()}
            )
            for note in quality.notes
        ]
        share = self.locale.percent(measured, quality.readings)
        if measured < quality.readings and share.startswith("100"):
            share = ">" + self.locale.percent(99, 100)
        figure = self.say("readings.figure", share=share)
        return {"title": self.say("readings"), "figure": figure, "text": " ".join(notes), "width": 4}

    def _seal(self) -> dict[str, Any]:
        proof, bill = self.proof, self.bill
        state = self.state
        key = f"key.{bill.sharing_key}"
        rule = self.say(
            "seal.rule.text",
            version=str(bill.rule_version),
            method=self.say(key) if key in WORDS else bill.sharing_key,
        )
        root = str(proof["bill_root"])
        facts = [
            [self.say("seal.run"), f"{proof['run_version']} · {self.say(f'state.{state}')}", "text"],
            [self.say("seal.root"), f"{root[: 2 + _HEAD]}…{root[-_TAIL:]}" if root else "–", "code"],
            [self.say("seal.rule"), rule, "text"],
            [self.say("seal.chain"), str(proof["chain_id"]), "code"],
            [self.say("seal.contract"), str(proof["billing_ledger"]), "code"],
        ]
        return {
            "title": self.say(f"seal.{state}"),
            "text": self.say("seal.text"),
            "facts": facts,
            "state": state,
            "holds": state in _HOLDING,
        }
