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
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# What is there, so that half of the cases come past the first question.
KNOWN = {"community": "toits", "participant": "ada", "label": "2024-03"}


@pytest.fixture(scope="module")
def api_schema(shared_place):
    return schemathesis.openapi.from_asgi("/openapi.json", shared_place.app)


def cookies_of(shared_place, login):
    shared_place.app.state.services.rate = RequestRate()  # what was tried before has used it up
    return {cookie.name: cookie.value for cookie in shared_place.log_in(login).cookies.jar} if login else {}


def hold_against_description(operation, cookies, statuses):
    """Send cases to one operation."""

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), is_known=st.booleans())
    def answers_as_described(case, is_known):
        if is_known:
            known = {name: value for name, value in KNOWN.items() if name in (case.path_parameters or {})}
            case.path_parameters.update(known)
        answer = case.call(headers={"X-Partage-Request": "1"}, cookies=cookies)
        case.validate_response(answer, checks=CHECKS)
        statuses.add(answer.status_code)

    answers_as_described()


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: login or "nobody")
def test_no_input_by_anyone_makes_the_service_fail(api_schema, shared_place, login):
    statuses: set[int] = set()
    for found in api_schema.get_all_operations():
        # What failed is forgotten, and the session is a new one each time, for one of the operations ends it.
        shared_place.clock.advance(3600)
        hold_against_description(found.ok(), cookies_of(shared_place, login), statuses)
    assert {200, 404} <= statuses
