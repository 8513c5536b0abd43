from __future__ import annotations

import io
import string
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
import typst

from backend.adapters.documents import bill_pdf, render_bill
from backend.adapters.documents.bill_view import clean, view_bill
from backend.adapters.documents.locales import LOCALES
from backend.adapters.documents.wording import WORDS, say
from backend.billing import Bill
from backend.billing.tariff import KINDS
from backend.community import METHODS, Biller, Pricing, Seller, SharingKeyChoice
from backend.errors import InputError


def pages_of(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf)).pages


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in pages_of(pdf)).replace("\u200b", "").split())


def content_of(case, participant, **changes):
    content = case.bill().bill_of(participant).as_dict() | {
        "number": "RUELLE-2017-000002",
        "issued_utc": 1_499_000_000,
    }
    for path, value in changes.items():
        outer, inner = path.split("__")
        content[outer] = content[outer] | {inner: value}
    return content


def test_a_bill_opens_with_the_amount_and_its_date_and_fits_a_page(ruelle, proof):
    pdf = render_bill(content_of(ruelle, "bob"), proof, "en")
    text = text_of(pdf)
    assert text.index("€2.27") < text.index("Billed by La Ruelle")
    for words in (
        "To pay",
        "by 2 July 2017",
        "RUELLE-2017-000002",
        "0.433 kWh",
        "€0.12/kWh",
        "VAT 20%",
        "your own roof",
        "Self-billing: issued by La Ruelle in the name and on behalf of Bob.",
        "0x9f3ac1…7be2",
        "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        "2 · final",
        "228 g CO₂e/kWh",
        "Sharing itself avoids nothing",
    ):
        assert words in text, words
    assert len(pages_of(pdf)) == 1


def test_a_bill_in_french_writes_figures_as_the_french_do(ruelle, proof):
    text = text_of(render_bill(content_of(ruelle, "anna"), proof, "fr"))
    for words in (
        "À payer",
        "2,53 €",
        "avant le 2 juillet 2017",
        "TVA 20 %",
        "1 relevés sur 24 sont estimés",
    ):
        assert words in text, words


def test_the_same_bill_gives_the_same_bytes(ruelle, proof):
    content = content_of(ruelle, "bob")
    assert render_bill(content, proof, "en") == render_bill(content, proof, "en")


HOSTILE = [
    '#panic("x")',
    "*bold* _it_ $x^2$ @ref <lab> `raw`",
    '#read("/etc/passwd")',
    '"} #bill \\ // /* ',
    "= Heading",
    "#set page(width: 1mm)",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_set_as_text_never_read_as_markup(ruelle, proof, name):
    content = content_of(ruelle, "bob", participant__name=name, community__name=name, community__note=name)
    assert text_of(render_bill(content, proof, "en")).count(" ".join(name.split())) >= 3


def test_a_name_in_a_script_that_the_fonts_lack_still_gives_a_bill(ruelle, proof):
    pdf = render_bill(content_of(ruelle, "bob", participant__name="山田 太郎"), proof, "en")
    assert "€2.27" in text_of(pdf)


def test_another_failure_of_the_setting_is_told(ruelle, proof, monkeypatch):
    monkeypatch.setattr(bill_pdf, "_TEMPLATE", Path(bill_pdf.__file__))
    with pytest.raises(typst.TypstError):
        render_bill(content_of(ruelle, "bob"), proof, "en")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("a\x00b\nc\u2028d\u202ee", "a b c d e"),
        ("x" * 30, "x" * 28 + "\u200b" + "xx"),
        ("word " * 40, ("word " * 23 + "word…")),
        ("Jürgen Ærø", "Jürgen Ærø"),
    ],
)
def test_names_are_made_fit_for_a_line(name, cleaned):
    assert clean(name)[: len(cleaned)] == cleaned
    assert len(clean(name).replace("\u200b", "")) <= 120


def test_what_others_bill_is_told_apart(ruelle, proof):
    bill = ruelle.bill().bill_of("bob")
    sections = view_bill(bill, proof, "en", number="", issued_utc=0)["sections"]
    assert [(section["title"], section["quiet"]) for section in sections] == [
        ("Billed by La Ruelle", False),
        ("Credited to you", False),
        ("Billed by others, for your information", True),
    ]
    assert [row[1] for row in sections[2]["rows"]] == [
        "00:00–06:00 · your supplier",
        "06:00–24:00 · your supplier",
        "your supplier",
        "paid by the buyer of your surplus",
    ]


def test_a_price_is_called_an_average_only_where_it_changed(make_ruelle, proof):
    for pricing, said in ((Pricing.MID_MARKET, False), (Pricing.SUPPLY_DEMAND, True)):
        page = text_of(render_bill(content_of(make_ruelle(pricing=pricing), "anna"), proof, "en"))
        assert ("Shared energy average price" in page) is said


def test_each_side_of_an_incentive_says_what_it_is_for(make_ruelle, proof):
    case = make_ruelle(premium_consumption_price=110_000, premium_feed_in_price=55_000)
    case.rule = replace(case.rule, sharing_key=SharingKeyChoice("incentive"))
    case.allocated[:], case.allocation.total[:] = 0, 0
    case.allocation.credited[:] = 1_000_000
    page = text_of(render_bill(content_of(case, "bob"), proof, "en"))
    assert "Sharing incentive for what you used meanwhile 24.000 kWh €0.11/kWh €2.64" in page
    assert "Sharing incentive for what you fed in meanwhile 24.000 kWh €0.055/kWh €1.32" in page


def test_a_bill_says_who_served_whom_and_every_line_that_the_tariff_has(make_ruelle, proof):
    case = make_ruelle(
        seller=Seller.PRODUCER,
        pricing=Pricing.MID_MARKET,
        excise_price=22_500,
        excise_shared_price=1_000,
        network_shared_price=20_000,
        billed_by_community=Biller(15),
    )
    anna, bob = (text_of(render_bill(content_of(case, name), proof, "en")) for name in ("anna", "bob"))
    for words in (
        "Excise, shared energy",
        "Network, shared energy",
        "Sold to you by Bob",
        "Shared energy 0.917 kWh €0.155/kWh €0.14",
        "Issued by La Ruelle in the name and on behalf of Bob.",
        "Who served you Bob 0.9 kWh 100%",
    ):
        assert words in anna, words
    assert "Sold by you to Anna" in bob
    assert "Whom you served Anna" in bob


def test_many_neighbours_are_gathered_and_the_smaller_ones_joined(make_ruelle, proof):
    case = make_ruelle(seller=Seller.PRODUCER)
    bill = case.bill().bill_of("anna")
    (line,) = [line for line in bill.lines if line.kind == "bought"]
    place, (sale,) = len(bill.lines), [document for document in bill.documents if document.kind == "purchase"]
    names = [f"n{number}" for number in range(12)]
    (bob,) = bill.neighbours
    many = replace(
        bill,
        lines=(*bill.lines, *(replace(line, counterpart=name) for name in names)),
        documents=tuple(replace(sale, seller=name, lines=(place + k,)) for k, name in enumerate(names)),
        neighbours=tuple(replace(bob, participant=name, name=name.upper()) for name in names),
    )
    view = view_bill(many, proof, "en", number="", issued_utc=0)
    gathered = view["sections"][0]
    assert gathered["title"] == "Sold to you by neighbours"
    assert [row[0] for row in gathered["rows"]] == [name.upper() for name in names]
    assert gathered["sums"] == [
        ["Net of VAT", "€1.32", ""],
        ["VAT of those who owe it", "€0.24", ""],
        ["Total", "€1.56", "strong"],
    ]
    (table,) = view["neighbours"]
    assert [row["name"] for row in table["rows"]] == [*(name.upper() for name in names[:8]), "4 more"]
    assert [row["percent"] for row in table["rows"]][-2:] == ["8%", "33%"]
    assert pages_of(render_bill(many.as_dict(), proof, "fr"))


def test_an_incentive_has_a_section_of_its_own_and_surplus_names_its_owner(ruelle, proof):
    bill = ruelle.bill().bill_of("bob")
    line = next(line for line in bill.lines if line.kind == "sold")
    premium = replace(line, line=12, kind="incentive", unit_price=110_000, amount=15)
    paid = replace(bill, lines=(premium,), documents=(), sharing_key="incentive")
    view = view_bill(paid, proof, "en", number="", issued_utc=0)
    (section,) = view["sections"]
    assert section["title"] == "Incentive paid on to you"
    assert section["rows"] == [
        ["Sharing incentive", "for what you fed in meanwhile", "1.350\u00a0kWh", "€0.11/kWh", "€0.15"]
    ]
    assert view["bars"][1]["parts"][-1]["label"] == "sold to the grid"
    theirs = view_bill(replace(bill, surplus_owner="consumer"), proof, "en", number="", issued_utc=0)
    assert theirs["bars"][1]["parts"][-1]["label"] == "surplus, of the members it was meant for"


def test_bars_add_up_to_what_was_used_and_produced(ruelle, proof):
    used, produced = view_bill(ruelle.bill().bill_of("bob"), proof, "en", number="", issued_utc=0)["bars"]
    assert [(part["role"], part["percent"]) for part in used["parts"]] == [("own", "39%"), ("grid", "61%")]
    assert [(part["role"], part["percent"]) for part in produced["parts"]] == [
        ("shared", "45%"),
        ("surplus", "55%"),
    ]


def test_a_bill_that_is_void_or_replaced_says_not_to_pay(ruelle, proof):
    bill = ruelle.bill().bill_of("bob")
    seals = {
        state: view_bill(bill, proof | {"bill_state": state}, "en", number="", issued_utc=0)["seal"]
        for state in ("prepared", "contestable", "final", "superseded", "voided")
    }
    assert [state for state, seal in seals.items() if seal["holds"]] == ["contestable", "final"]
    views = [view_bill(bill, proof | {"bill_state": state}, "en", number="", issued_utc=0) for state in seals]
    assert [view["hero"]["when"].endswith("do not pay") for view in views] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert seals["voided"]["title"] == "Void: do not pay"
    assert seals["superseded"]["title"] == "Replaced by a correction: do not pay"
    for state in seals:
        assert pages_of(render_bill(bill.as_dict(), proof | {"bill_state": state}, "fr"))


def test_who_receives_is_told_so(make_ruelle, proof):
    bill = make_ruelle(monthly_fee=0, shared_price=1_000_000).bill().bill_of("bob")
    hero = view_bill(bill, proof, "en", number="", issued_utc=0)["hero"]
    assert hero == {"label": "You receive", "amount": "€1.10", "when": "paid to you by 2\u00a0July 2017"}


def test_a_bill_of_nothing_is_a_bill(make_ruelle, proof):
    bill = make_ruelle(monthly_fee=0, shared_price=0).bill().bill_of("anna")
    assert "Nothing to pay" in text_of(render_bill(bill.as_dict(), proof, "en"))


def test_another_language_or_content_is_refused(ruelle, proof):
    with pytest.raises(InputError, match="no locale 'de'"):
        render_bill(content_of(ruelle, "bob"), proof, "de")
    with pytest.raises(InputError, match="not a bill"):
        render_bill({"number": "x"}, proof, "en")


def fields_of(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_it_with_the_same_values(key):
    english, french = WORDS[key]
    assert english
    assert french
    assert fields_of(english) == fields_of(french)


def test_every_message_of_a_bill_has_words(ruelle):
    for bill in ruelle.bill().bills:
        assert Bill.from_dict(bill.as_dict()) == bill
        notes = [*bill.quality.notes, *(bill.carbon.notes if bill.carbon else ())]
        keys = {note.key for note in notes} | {line.biller for line in bill.lines if line.biller == "nobody"}
        keys |= {f"line.{line.kind}" for line in bill.lines}
        keys |= {f"biller.{line.biller}" for line in bill.lines if line.biller != "community"}
        assert keys <= WORDS.keys()
    assert {f"line.{kind}" for kind in KINDS} | {f"key.{method}" for method in METHODS} <= WORDS.keys()
    for status in ("vat.exempt", "vat.exempt.fr", "vat.exempt.at", "vat.exempt.de", "vat.outside_scope"):
        assert say("fr", status)


def test_figures_follow_the_language():
    en, fr = LOCALES["en"], LOCALES["fr"]
    assert (en.money(-123_456_789), fr.money(-123_456_789)) == (
        "−€1,234,567.89",
        "−1\u202f234\u202f567,89\u00a0€",
    )
    assert (en.energy(1_234_567_890), fr.energy(1_234_567_890)) == (
        "1,234.568\u00a0kWh",
        "1\u202f234,568\u00a0kWh",
    )
    assert (en.price(45_500), fr.price(45_500)) == ("€0.0455/kWh", "0,0455\u00a0€/kWh")
    assert (en.rate(55_000), fr.rate(200_000)) == ("5.5%", "20\u00a0%")
    assert (en.percent(1, 1000), en.percent(5, 1000), en.percent(0, 0)) == ("<1%", "1%", "0%")
