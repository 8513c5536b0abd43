"""A flow that holds together, but is not the best by what its links cost, is voided by whoever has the stairs."""

from dataclasses import replace

import pytest

from backend.commitments.amended import differing
from backend.commitments.keccak import keccak256
from backend.commitments.leaves import LeafKind
from backend.commitments.openings import BatchOpenings, Place, RunOpenings
from backend.community import LinkTerms
from backend.ports import ContractCall
from backend.services.bonds import bond_wei
from backend.services.commit import bytes_of, hex_of
from backend.services.contests import anchored_run, describe, find_contest, send_contest
from backend.services.replay import KeptTrees
from backend.services.run_basis import basis_of
from backend.services.run_frame import settle_frame
from tests.integration.contests.lying import VOIDED, changed
from tests.integration.contests.test_lies import ADA, BEN_SOLAR, CLEO, NOON, settler_of


def propose(settler, lie):
    """Anchor rows by other terms than those voted, on the basis of the voted ones."""
    rebuilt = settler.honest()
    basis = basis_of(settler.context, rebuilt.record, rebuilt.calendar, rebuilt.rule)
    assert basis.id == rebuilt.basis
    rule = replace(rebuilt.rule, sharing_key=replace(rebuilt.rule.sharing_key, links=lie))
    frame = settle_frame(rebuilt.view, rebuilt.record, rule, rebuilt.readings, rebuilt.bands, basis)
    tree = rebuilt.commitments.run(bytes_of(rebuilt.run.run_id), frame, rebuilt.bands, rule)
    proposal = {
        "community": settler.anchor,
        "period": settler.period.id,
        "version": rebuilt.run.version,
        "ruleVersion": rebuilt.run.rule_version,
        "batchId": settler.batch.batch_id,
        "basis": rebuilt.basis,
        "root": hex_of(tree.root),
        "feedIn": tree.feed_in,
        "consumption": tree.consumption,
        "allocated": tree.allocated,
        "shared": tree.shared,
    }
    settler.send(
        ContractCall("settler", "settlement_ledger", "proposeRun", (proposal,), bond_wei(settler.context))
    )
    settler.version += 1
    kept = KeptTrees(RunOpenings(tree), BatchOpenings(rebuilt.batch_tree), None, frame)
    return rebuilt, anchored_run(settler.context, rebuilt, kept)


OTHER_TERMS = {
    "nobody's own first": lambda terms: replace(terms, own_first=False),
    "no donation": lambda terms: replace(terms, donations=()),
    "nobody preferred": lambda terms: replace(terms, preferences=()),
    "other steps": lambda terms: replace(terms, fairness_steps=1),
    "all that is handy": lambda _: LinkTerms(),
}


def test_a_flow_that_is_best_by_other_terms_is_voided(tmp_path):
    settler = settler_of(tmp_path, "flow")
    chain, names = settler.context.chain, set()
    for name, other in OTHER_TERMS.items():
        honest = RunOpenings(settler.honest().run_tree)
        rebuilt, anchored = propose(settler, other(settler.honest().rule.sharing_key.links))
        places = list(differing(honest, anchored.run))
        assert places, name
        proof = find_contest(chain, anchored, places, "watcher")
        assert proof is not None, name
        assert proof is not None
        assert proof.name in {"link", "step"}, (name, proof.name)
        assert any("potential" in phrase or "linked" in phrase for phrase in describe(proof, rebuilt))
        names.add(proof.name)
        send_contest(settler.context, rebuilt.run, proof)
        assert settler.state(anchored) == VOIDED, name
    assert names == {"link", "step"}


@pytest.mark.parametrize(("slot", "by"), [(ADA, 1), (ADA, -1), (CLEO, 10**9), (BEN_SOLAR, 1)])
def test_a_potential_that_is_none_is_voided(tmp_path, slot, by):
    settler = settler_of(tmp_path, "flow")
    place = Place(LeafKind.ROW, slot, 3, NOON)
    told = {}

    def lie(tree):
        detail = changed(
            settler.trees(settler.honest()) and detail_of(settler, place), potential=lambda v: v + by
        )
        told[keccak256(detail)] = detail
        return {place: changed(tree.open(place).leaf, detail=keccak256(detail))}

    rebuilt, _, anchored = settler.propose(lie)
    anchored = replace(anchored, shown_elsewhere=told)
    proof = find_contest(settler.context.chain, anchored, [place], "watcher")
    assert proof is not None
    assert proof.name in {"link", "step"}
    send_contest(settler.context, rebuilt.run, proof)
    assert settler.state(anchored) == VOIDED


def detail_of(settler, place):
    return anchored_run(settler.context, settler.honest(), settler.trees(settler.honest())).detail(place)
