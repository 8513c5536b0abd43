"""Whatever is sent to any described operation, by anyone: an answer as described, never a fault of ours."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from backend.services.request_rate import RequestRate

EXAMPLES = int(os.environ.get("PARTAGE_FUZZ_EXAMPLES", "5"))
LOGINS = ("", "ada@toits", "operator@toits", "provider@toits", "governance@toits", "root")
PARTS = 2
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# What is there, so that half of the cases come past the first question.
KNOWN = {"community": "toits", "participant": "ada", "label": "2024-03"}


@pytest.fixture(scope="module")
def api_schema(shared_place):
    return schemathesis.openapi.from_asgi("/openapi.json", shared_place.app)


class Visitors:
    """Everyone of LOGINS, each with a session that is renewed when it has ended."""

    def __init__(self, place):
        self.place = place
        self.cookies: dict[str, dict[str, str]] = {"": {}}

    def enter(self):
        """See to it that everyone is signed in."""
        self.place.app.state.services.rate = RequestRate()
        for login in LOGINS:
            if not self._is_in(login):
                client = self.place.log_in(login)
                self.cookies[login] = {cookie.name: cookie.value for cookie in client.cookies.jar}

    def _is_in(self, login):
        if login not in self.cookies:
            return False
        return not login or self.place.visit(cookies=self.cookies[login]).get("/api/v1/me").status_code == 200


def hold_against_description(operation, visitors, statuses):
    """Send cases to one operation, each as everyone."""

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), is_known=st.booleans())
    def answers_as_described(case, is_known):
        if is_known:
            known = {name: value for name, value in KNOWN.items() if name in (case.path_parameters or {})}
            case.path_parameters.update(known)
        for login in LOGINS:
            visitors.place.app.state.services.rate = RequestRate()  # what was tried before has used it up
            answer = case.call(headers={"X-Partage-Request": "1"}, cookies=visitors.cookies[login])
            case.validate_response(answer, checks=CHECKS)
            statuses[login].add(answer.status_code)

    answers_as_described()


# In parts, for workers to share.
@pytest.mark.parametrize("part", range(PARTS))
def test_no_input_by_anyone_makes_the_service_fail(api_schema, shared_place, part):
    visitors = Visitors(shared_place)
    statuses: dict[str, set[int]] = {login: set() for login in LOGINS}
    operations = list(api_schema.get_all_operations())[part::PARTS]
    assert len(operations) > 10
    for found in operations:
        # What failed is forgotten, and whose session was ended by one of the operations has a new one.
        shared_place.clock.advance(3600)
        visitors.enter()
        hold_against_description(found.ok(), visitors, statuses)
    assert all({200, 404} <= seen for seen in statuses.values()), statuses
