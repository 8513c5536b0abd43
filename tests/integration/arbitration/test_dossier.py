"""A dossier proves its case offline and against the chain; a forged one is refused wherever it was forged."""

import base64
import copy
import io
import json

import pypdf
import pytest

from backend.errors import VerificationError
from backend.ports.case_records import CaseState, Party
from backend.services.arbitration import carry_out, close_case, rule_case, settle_appeal
from backend.services.dossiers import make_dossier, name_case
from backend.verifier import Pins, load_pins
from backend.verifier.dossier_chain import verify_dossier
from tests.integration.arbitration.disputed import make_disputed
from tests.integration.arbitration.test_cases import decide


@pytest.fixture(scope="module")
def fulfilled(tmp_path_factory):
    """A case from its opening to the run that carried it out, and its dossier."""
    disputed = make_disputed(tmp_path_factory.mktemp("dossier") / "home")
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.claim(Party.GRID_OPERATOR, "0.250000", b"what the meter sent")
    disputed.pass_days(14)
    rule_case(disputed.desk, disputed.view().record, Party.CONSUMER, "The register stood still.\nSo be it.")
    disputed.pass_days(14)
    carry_out(disputed.desk, disputed.case.id)
    assert disputed.view().state is CaseState.FULFILLED
    return disputed, make_dossier(disputed.desk, disputed.case.id)


def failing(dossier, call=None, pins=None):
    verdict = verify_dossier(json.dumps(dossier), call, pins)
    assert verdict.ok == (not verdict.failures)
    return {failure.id for failure in verdict.failures}


def test_a_dossier_holds_offline_and_against_the_chain(fulfilled):
    disputed, dossier = fulfilled
    verdict = verify_dossier(json.dumps(dossier))
    assert verdict.ok, verdict.failures
    assert (verdict.case, verdict.prevailing) == ("case 1, fulfilled", "consumer")
    assert any("no chain was asked" in sentence for sentence in verdict.unchecked)
    pins = load_pins(disputed.wiring.home.deployment.read_text(), dossier["community"])
    verdict = verify_dossier(json.dumps(dossier), disputed.wiring.node.rpc, pins)
    assert verdict.ok, verdict.failures
    assert verdict.unchecked == ()
    assert verdict.block_number is not None
    ids = {check.id for check in verdict.checks}
    assert {"claim.record", "case.outcome", "disputed.run", "carried_out.batch", "contract.code"} <= ids


def test_a_dossier_shows_what_was_settled_before_and_after(fulfilled):
    _, dossier = fulfilled
    before, after = dossier["disputed"], dossier["carried_out"]
    assert (before["run_version"], after["run_version"]) == (1, 2)
    energies = [
        [int(proof["leaf"][2 + 34 : 2 + 50], 16) for proof in run["readings"]] for run in (before, after)
    ]
    assert energies == [[250_000] * 6, [10_000] * 6]
    assert base64.b64decode(dossier["claims"][1]["evidence"]["content"]) == b"what the meter sent"


def flip(text):
    """Another digit at the end of a hex text."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def set_at(*path, value=None, change=None):
    def forge(dossier):
        target = dossier
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value if change is None else change(target[path[-1]])

    return forge


def more(number):
    return number + 1


def altered_inside(text):
    """Another digit in the middle of a hex text."""
    return text[:40] + flip(text[40:50]) + text[50:]


def opened_by_another(dossier):
    dossier["opening"].update(signature=None, opener="0x" + "11" * 20)


def another_contract(dossier):
    contracts = dossier["chain"]["contracts"]
    contracts["arbitration"] = contracts["registry"]


NO_VOTE = {"proposal": "7", "against": 0, "in_favour": 3, "abstain": 0}
ELSE = base64.b64encode(b"else").decode()
OFFLINE = {
    "a word of the opening": (set_at("opening", "text", change=lambda text: text + "!"), "opening.paper"),
    "the opener": (set_at("opening", "opener", change=flip), "opening.signature"),
    "the opening's signature": (set_at("opening", "signature", change=altered_inside), "opening.signature"),
    "the case's slot": (set_at("slot", value=0), "opening.signature"),
    "the intervals in question": (set_at("first", change=more), "claim.readings"),
    "an interval outside": (set_at("until", value=10**6), "case.intervals"),
    "a reading": (set_at("claims", 0, "readings", 2, "energy", change=more), "claim.root"),
    "a quality": (set_at("claims", 0, "readings", 2, "quality", value=0), "claim.root"),
    "a salt": (set_at("claims", 0, "readings", 2, "salt", change=flip), "claim.root"),
    "a root": (set_at("claims", 1, "root", change=flip), "claim.signature"),
    "a claim's signature": (set_at("claims", 1, "signature", change=altered_inside), "claim.signature"),
    "a signer": (set_at("claims", 0, "signer", change=flip), "claim.signature"),
    "whose claim it is": (set_at("claims", 0, "party", value=1), "claim.signature"),
    "a claim too late": (set_at("claims", 0, "filed_at", change=lambda at: at + 15 * 86_400), "claim.time"),
    "a file": (set_at("claims", 0, "evidence", "content", value=ELSE), "claim.file"),
    "a file's hash": (set_at("claims", 0, "evidence", "file_hash", change=flip), "claim.evidence"),
    "the evidence's hash": (set_at("claims", 0, "evidence", "hash", change=flip), "claim.evidence"),
    "a reason": (set_at("ruling", "text", change=lambda text: text.replace("stood", "ran")), "ruling.reasons"),
    "whom the ruling is for": (set_at("ruling", "prevailing", value=1), "ruling.claim"),
    "when it was ruled": (set_at("ruling", "at", change=lambda at: at - 15 * 86_400), "ruling.time"),
    "who prevails": (set_at("outcome", "prevailing", value=2), "outcome.appeal"),
    "the state": (set_at("outcome", "state", value=5), "outcome.fulfilled"),
    "the batch": (set_at("outcome", "batch_id", change=flip), "fulfilment.batch"),
    "a settled reading": (set_at("carried_out", "readings", 3, "leaf", change=flip), "carried_out.readings"),
    "a row": (set_at("disputed", "rows", 3, "leaf", change=flip), "disputed.rows"),
    "a path of readings": (set_at("disputed", "readings", 0, "path", 4, change=flip), "disputed.readings"),
    "a path of rows": (set_at("carried_out", "rows", 5, "path", 0, change=flip), "carried_out.rows"),
    "a path that is short": (set_at("disputed", "rows", 5, "path", change=lambda path: path[1:]), "path.length"),
    "the run's root": (set_at("disputed", "run_root", change=flip), "disputed.rows"),
    "the factor": (set_at("factor_ppm", value=999_999), "fulfilment.reading"),
    "the day of a reading": (set_at("intervals", change=lambda days: [25, *days[1:]]), "disputed.readings"),
}  # fmt: skip


@pytest.mark.parametrize("forgery", OFFLINE)
def test_a_forged_dossier_is_refused_offline(fulfilled, forgery):
    forge, check = OFFLINE[forgery]
    dossier = copy.deepcopy(fulfilled[1])
    forge(dossier)
    assert check in failing(dossier)


ONLINE = {
    "another signer's paper": (opened_by_another, "case.record"),
    "the block": (set_at("chain", "block_hash", change=flip), "chain.block"),
    "the chain": (set_at("chain", "genesis_hash", change=flip), "chain.identity"),
    "a contract": (set_at("chain", "contracts", "registry", change=flip), "contract.code"),
    "the arbitration": (another_contract, "contract.code"),
    "a claim that was left out": (lambda dossier: dossier["claims"].pop(), "claim.record"),
    "a vote": (set_at("appeals", value=[NO_VOTE]), "case.outcome"),
    "a run of another version": (set_at("disputed", "run_version", value=2), "disputed.run"),
    "when it was opened": (set_at("opening", "opened_at", change=more), "case.record"),
    "when it was ruled": (set_at("ruling", "at", change=more), "case.outcome"),
    "the registered factor": (set_at("factor_ppm", value=10**6 - 1), "period.factor"),
}  # fmt: skip


@pytest.mark.parametrize("forgery", ONLINE)
def test_what_hangs_together_but_is_not_what_the_chain_holds_is_refused(fulfilled, forgery):
    forge, check = ONLINE[forgery]
    disputed, dossier = fulfilled[0], copy.deepcopy(fulfilled[1])
    forge(dossier)
    assert check in failing(dossier, disputed.wiring.node.rpc)


def test_a_dossier_of_other_contracts_than_one_knows_is_refused(fulfilled):
    dossier = fulfilled[1]
    assert failing(dossier, pins=Pins(community=bytes(32))) == {"pin.community"}
    known = {name: bytes(20) for name in dossier["chain"]["contracts"]}
    assert failing(dossier, pins=Pins(1, bytes(32), known)) == {"pin.deployment"}


@pytest.mark.parametrize(
    "forge",
    [
        set_at("format", value="partage-bundle"),
        set_at("version", value=2),
        set_at("version", value=True),
        set_at("slot", value=-1),
        set_at("slot", value=1.0),
        set_at("opening", "text", value=""),
        set_at("opening", "text", value="\ud800"),
        set_at("opening", "more", value=1),
        set_at("claims", 0, "signature", value="0x00"),
        set_at("claims", 0, "evidence", "content", value="%"),
        set_at("ruling", "by", value="the king"),
        set_at("outcome", "state", value=8),
        set_at("disputed", "rows", 0, "leaf", value="0x"),
        set_at("appeals", value=[{"proposal": "07", "against": 0, "in_favour": 0, "abstain": 0}]),
        lambda dossier: dossier.pop("claims"),
    ],
)
def test_what_is_no_dossier_is_refused_in_words(fulfilled, forge):
    dossier = copy.deepcopy(fulfilled[1])
    forge(dossier)
    with pytest.raises(VerificationError, match="dossier field"):
        verify_dossier(json.dumps(dossier))


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "en",
            (
                "Dossier of case 1",
                "By the arbiter",
                "The register stood still.",
                "2024-03-20 10:00",
                "0.250000",
            ),
        ),
        (
            "fr",
            (
                "Dossier du cas 1",
                "Par l’arbitre",
                "The register stood still.",
                "20/03/2024 10:00",
                "0,250000",
            ),
        ),
    ],
)
def test_a_dossier_can_be_printed_in_both_languages(fulfilled, locale, words):
    disputed, dossier = fulfilled
    about = name_case(disputed.desk, disputed.view().record)
    pdf = disputed.wiring.render_dossier(dossier, about, locale)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())
    for word in words:
        assert word in text.replace("'", "’" if "’" in word else "'"), (word, text)
    assert pdf == disputed.wiring.render_dossier(dossier, about, locale)
    markup = copy.deepcopy(dossier)
    markup["opening"]["text"] = "#panic() *bold* $x$ <label> \\ é"
    assert "#panic() *bold*" in pypdf.PdfReader(
        io.BytesIO(disputed.wiring.render_dossier(markup, about, locale))
    ).pages[0].extract_text().replace("\u200b", "")


def test_an_overturned_case_shows_the_vote(tmp_path):
    disputed = make_disputed(tmp_path)
    governed = disputed.governed
    disputed.open()
    disputed.claim(Party.CONSUMER, "0.010000")
    disputed.claim(Party.GRID_OPERATOR, "0.250000")
    disputed.pass_days(14)
    rule_case(disputed.desk, disputed.view().record, Party.GRID_OPERATOR, "The meter was tested.")
    number = disputed.view().record.number
    proposal = governed.propose("ada", kind="appeal", text="It was not.", case=number, party="consumer")
    pending = make_dossier(disputed.desk, disputed.case.id, embed=False)
    decide(governed, proposal, 1)
    dossier = make_dossier(disputed.desk, disputed.case.id, embed=False)
    assert dossier["appeals"] == [{"proposal": proposal.id, "against": 0, "in_favour": 3, "abstain": 0}]
    verdict = verify_dossier(json.dumps(dossier), disputed.wiring.node.rpc)
    assert verdict.ok, verdict.failures
    assert (verdict.case, verdict.prevailing) == ("case 1, final", "consumer")
    assert "hold it against the hash" in str(verdict.unchecked)
    dossier["appeals"][0]["against"] = 3
    assert failing(dossier) == {"outcome.appeal"}
    dossier["appeals"][0].update(against=2)
    assert failing(dossier, disputed.wiring.node.rpc) == {"appeal.tally"}
    went_on = verify_dossier(json.dumps(pending), disputed.wiring.node.rpc)
    assert "is final now" in str(went_on.unchecked)
    assert {failure.id for failure in went_on.failures} <= {"appeal.tally"}


def test_a_failed_appeal_and_precedence_hold_too(tmp_path):
    disputed = make_disputed(tmp_path)
    disputed.open()
    disputed.claim(Party.PROVIDER, "0.100000")
    assert verify_dossier(json.dumps(make_dossier(disputed.desk, disputed.case.id))).ok
    disputed.pass_days(28)
    close_case(disputed.desk, disputed.view().record)
    number = disputed.view().record.number
    proposal = disputed.governed.propose("ada", kind="appeal", text="No.", case=number, party="nobody")
    decide(disputed.governed, proposal, 0)
    settle_appeal(disputed.desk, disputed.view().record)
    dossier = make_dossier(disputed.desk, disputed.case.id)
    verdict = verify_dossier(json.dumps(dossier), disputed.wiring.node.rpc)
    assert verdict.ok, verdict.failures
    assert dossier["ruling"]["by"] == "precedence"
    dossier["ruling"]["prevailing"] = dossier["outcome"]["prevailing"] = 3
    assert "ruling.precedence" in failing(dossier)
