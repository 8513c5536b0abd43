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
from backend.quantities import format_kilowatt_hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.billing import BillLine

__all__ = ["view_bill"]

_TAIL = 4
_HEAD = 6
_NAME_MAX = 120
_NOTE_MAX = 400
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
        return self._bar(
            "produced",
            use.produced,
            [("shared", label, use.shared), ("surplus", "surplus_left", use.surplus)],
        )

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
        for document in bill.documents:
            own = document.kind == "self_billed"
            group = document.vat[0]
            sums = []
            if group.tax or group.category == "S":
                sums = [
                    [self.say("net"), self.locale.money(document.total_without_vat), ""],
                    [
                        self.say("vat", rate=self.locale.rate(group.rate_ppm)),
                        self.locale.money(group.tax),
                        "",
                    ],
                ]
            sums.append([self.say("total"), self.locale.money(document.amount_due), "strong"])
            notes = [self.say(group.reason)] if group.reason else []
            if own:
                notes.append(self.say("self_billed", seller=self.community, participant=self.participant))
            sections.append(
                {
                    "title": self.say("credited") if own else self.say("billed", seller=self.community),
                    "rows": self._rows([bill.lines[place] for place in document.lines]),
                    "sums": sums,
                    "note": " ".join(notes),
                    "quiet": False,
                    "first": not sections,
                }
            )
        elsewhere = self._rows([line for line in bill.lines if line.biller != "community"])
        if elsewhere:
            note = self.say("information.note")
            sections.append(
                {
                    "title": self.say("information"),
                    "rows": elsewhere,
                    "sums": [],
                    "note": note,
                    "quiet": True,
                    "first": not sections,
                }
            )
        return sections

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
