"""What the pages hold proposals against is what the chain and the room of governance say."""

import json

from tests.vectors.proposal_cases import FILE, vectors


def test_the_vectors_of_proposals_are_those_of_the_room():
    assert json.loads(FILE.read_text()) == vectors()
