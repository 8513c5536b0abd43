"""What a printed dossier says, in English and French: plain texts, ready to be set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend.adapters.documents.locales import LOCALES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.adapters.documents.locales import Locale

__all__ = ["WORDS", "view_dossier"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Dossier of case {number}", "Dossier du cas {number}"),
    "page": ("Page", "Page"),
    "point": ("Metering point", "Point de mesure"),
    "time": ("Time in question", "Période en cause"),
    "state": ("State", "État"),
    "for": ("Outcome", "Issue"),
    "opening": ("Opening", "Ouverture"),
    "opened": ("Opened on {at} by {account}", "Ouvert le {at} par {account}"),
    "claims": ("Claims", "Prétentions"),
    "claim": (
        "{party}, filed on {at}, signed by {account}",
        "{party}, déposée le {at}, signée par {account}",
    ),
    "sum": ("{energy} in all", "{energy} au total"),
    "evidence": ("Evidence: {name}", "Pièce : {name}"),
    "evidence_hash": ("its keccak-256: {hash}", "son keccak-256 : {hash}"),
    "ruling": ("Ruling", "Décision"),
    "ruled": ("By the arbiter, on {at}, for: {party}", "Par l'arbitre, le {at}, pour : {party}"),
    "precedence": ("By precedence, on {at}, for: {party}", "Par préséance, le {at}, pour : {party}"),
    "appeal": ("Appeal", "Appel"),
    "tally": (
        "{in_favour} for, {against} against, {abstain} abstentions",
        "{in_favour} pour, {against} contre, {abstain} abstentions",
    ),
    "readings": ("Readings in question", "Relevés en cause"),
    "start": ("Start", "Début"),
    "before": ("Settled before", "Réglé avant"),
    "after": ("Settled now", "Réglé maintenant"),
    "note": (
        "Every figure here is proved by the file that comes with this page: partage verify FILE.json",
        "Chaque chiffre est prouvé par le fichier joint à cette page : partage verify FICHIER.json",
    ),
    "chain": (
        "Chain {chain}, block {block}, contract {contract}",
        "Chaîne {chain}, bloc {block}, contrat {contract}",
    ),
    "party.0": ("Consumer", "Consommateur"),
    "party.1": ("Provider", "Fournisseur"),
    "party.2": ("Grid operator", "Gestionnaire de réseau"),
    "party.3": ("nobody: the readings stand", "personne : les relevés restent"),
    "undecided": ("not decided", "pas encore décidée"),
    "state.1": ("claims are taken", "prétentions ouvertes"),
    "state.2": ("awaiting a ruling", "en attente d'une décision"),
    "state.3": ("ruled, may be appealed", "décidé, appel possible"),
    "state.4": ("appealed", "en appel"),
    "state.5": ("final", "définitif"),
    "state.6": ("dismissed", "rejeté"),
    "state.7": ("carried out", "exécuté"),
}
_ENERGY = slice(2 + 34, 2 + 50)  # of a reading's leaf in hex: after its kind and salt
_DECIDED = 3


def view_dossier(dossier: Mapping[str, Any], about: Mapping[str, Any], language: str) -> dict[str, Any]:
    """All texts of a printed dossier.

    Args:
        dossier: As ``partage verify`` takes it.
        about: ``community``, ``metering_point``, ``label``, ``starts_utc``, ``end_utc``, ``time_zone``.
        language: ``en`` or ``fr``.
    """
    locale, place = LOCALES[language], list(LOCALES).index(language)
    said = {key: words[place] for key, words in WORDS.items()}
    zone = ZoneInfo(about["time_zone"])

    def at(epoch: int) -> str:
        form = "%d/%m/%Y %H:%M" if language == "fr" else "%Y-%m-%d %H:%M"
        return datetime.fromtimestamp(epoch, UTC).astimezone(zone).strftime(form)

    outcome, opening = dossier["outcome"], dossier["opening"]
    decided = said[f"party.{outcome['prevailing']}"] if outcome["state"] >= _DECIDED else said["undecided"]
    starts = about["starts_utc"]
    chain = dossier["chain"]
    return {
        "lang": language,
        "title": said["title"].format(number=dossier["case_id"]),
        "community": about["community"],
        "page": said["page"],
        "note": said["note"],
        "facts": [
            [said["point"], f"{about['metering_point']}, {about['label']}"],
            [said["time"], f"{at(starts[0])} – {at(about['end_utc'])}"],
            [said["state"], said[f"state.{outcome['state']}"]],
            [said["for"], decided],
        ],
        "sections": [
            {
                "title": said["opening"],
                "lines": [said["opened"].format(at=at(opening["opened_at"]), account=opening["opener"])],
                "text": opening["text"],
            },
            *(_claim(claim, said, locale, at) for claim in dossier["claims"]),
            *_ruling(dossier, said, at),
        ],
        "readings": _readings(dossier, said, locale, [at(start) for start in starts]),
        "chain": said["chain"].format(
            chain=chain["chain_id"], block=chain["block_number"], contract=chain["contracts"]["arbitration"]
        ),
    }


def _claim(claim: Mapping[str, Any], said: Mapping[str, str], locale: Locale, at: Any) -> dict[str, Any]:
    energy = sum(reading["energy"] for reading in claim["readings"])
    party, evidence = said[f"party.{claim['party']}"], claim["evidence"]
    return {
        "title": f"{said['claims']}: {party}" if locale.name == "en" else f"{said['claims']} : {party}",
        "lines": [
            said["claim"].format(party=party, at=at(claim["filed_at"]), account=claim["signer"]),
            said["sum"].format(energy=locale.energy(energy, 6)),
            said["evidence"].format(name=evidence["name"]),
            said["evidence_hash"].format(hash=evidence["file_hash"]),
        ],
        "text": "",
    }


def _ruling(dossier: Mapping[str, Any], said: Mapping[str, str], at: Any) -> list[dict[str, Any]]:
    ruling, appeals = dossier["ruling"], dossier["appeals"]
    told = []
    if ruling is not None:
        key = "ruled" if ruling["by"] == "arbiter" else "precedence"
        line = said[key].format(at=at(ruling["at"]), party=said[f"party.{ruling['prevailing']}"])
        told.append({"title": said["ruling"], "lines": [line], "text": ruling["text"] or ""})
    if appeals:
        lines = [said["tally"].format(**appeal) for appeal in appeals]
        told.append({"title": said["appeal"], "lines": lines, "text": ""})
    return told


def _readings(
    dossier: Mapping[str, Any], said: Mapping[str, str], locale: Locale, starts: list[str]
) -> dict[str, Any]:
    """A table: a row per interval, a column per claim and per run."""
    columns = [[str(start) for start in starts]]
    heads = [said["start"]]
    for claim in dossier["claims"]:
        heads.append(said[f"party.{claim['party']}"])
        columns.append([locale.energy(reading["energy"], 6) for reading in claim["readings"]])
    for name, key in (("disputed", "before"), ("carried_out", "after")):
        if dossier[name] is not None:
            heads.append(said[key])
            leaves = (proof["leaf"] for proof in dossier[name]["readings"])
            columns.append([locale.energy(int(leaf[_ENERGY], 16), 6) for leaf in leaves])
    rows = [list(row) for row in zip(*columns, strict=True)]
    return {"title": said["readings"], "heads": heads, "rows": rows}
