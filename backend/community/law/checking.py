"""Hold a community against its country's law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.community.law.findings import LegalFinding, Severity
from backend.community.law.profiles import PROFILES
from backend.community.law.provisions import Excise, Rebate, value_on
from backend.community.law.taxes import EXCISES, REBATES
from backend.errors import CommunityDefinitionError
from backend.quantities import PARTS_PER_MILLION, format_price

if TYPE_CHECKING:
    from datetime import date

    from backend.community.law.provisions import Form, Profile
    from backend.community.members import Community

__all__ = ["check_law", "network_rebate", "require_lawful", "shared_excise"]


def check_law(community: Community, on: date) -> tuple[LegalFinding, ...]:
    """What a community's country says of it on a date.

    Args:
        community: Members, rule and ``[legal]`` table.
        on: A rule holds from here; the parameters in force on it are used.

    Returns:
        Findings, the forbidden first; none where no law applies (``country = "none"``). A country without profile
        gives one finding that says so.
    """
    if community.country == "none":
        return ()
    profile = PROFILES.get(community.country)
    if profile is None:
        known = ", ".join(sorted(PROFILES))
        return (
            LegalFinding(
                Severity.UNKNOWN,
                f"Directive (EU) 2018/2001, art. 22 ({community.country})",
                f"there is no profile of {community.country}; nothing was checked. Known are {known}",
            ),
        )
    form = profile.forms.get(community.legal.form or profile.usual)
    if form is None:
        forms = ", ".join(profile.forms)
        return (
            LegalFinding(
                Severity.FORBIDDEN,
                profile.forms[profile.usual].article,
                f'[legal] form is "{community.legal.form}"; {community.country} knows {forms}',
            ),
        )
    found = [*_find_form(form, community, on), *_find_step(profile, community, on)]
    for provision in form.provisions:
        found += provision.find(community, on)
    found += [*_find_excise(community, on), *_find_rebate(community, on)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _find_form(form: Form, community: Community, on: date) -> list[LegalFinding]:
    found = []
    if on < form.since:
        found.append(
            LegalFinding(
                Severity.FORBIDDEN, form.article, f"{form.name} exists from {form.since}; the rule is of {on}"
            )
        )
    method = community.rule.sharing_key.method
    if method not in form.methods:
        allowed = ", ".join(sorted(form.methods))
        found.append(
            LegalFinding(
                Severity.FORBIDDEN,
                form.methods_article,
                f'the sharing key "{method}" is not one of {form.name} in {community.country}; allowed are {allowed}',
            )
        )
    return found


def _find_step(profile: Profile, community: Community, on: date) -> list[LegalFinding]:
    steps = value_on(profile.steps, on)
    if steps is None or community.resolution_minutes in steps.value:
        return []
    usual = " or ".join(map(str, steps.value))
    return [
        LegalFinding(
            Severity.NOTICE,
            steps.article,
            f"resolution_minutes is {community.resolution_minutes}; the grid settles by {usual} minutes, so the "
            "operator's figures will differ",
        )
    ]


def _find_excise(community: Community, on: date) -> list[LegalFinding]:
    """Does the tariff ask what the law does of shared energy?"""
    tariff, excise = community.rule.tariff, shared_excise(community, on)
    if excise is None or not tariff.excise_price:
        return []
    asked = tariff.excise_shared_price
    if excise.exempt and asked:
        return [
            LegalFinding(
                Severity.NOTICE,
                excise.article,
                f"shared energy is free of excise ({excise.message}), but excise_shared_price asks "
                f"{format_price(asked)} EUR/kWh",
            )
        ]
    if not excise.exempt and not asked:
        return [
            LegalFinding(
                Severity.NOTICE,
                excise.article,
                f"excise is due on shared energy too: {excise.message}; excise_shared_price is 0",
            )
        ]
    return []


def _find_rebate(community: Community, on: date) -> list[LegalFinding]:
    """Does the tariff grant the rebate of the network's price that the law does?"""
    tariff, rebate = community.rule.tariff, network_rebate(community, on)
    if rebate is None:
        return []
    due = tariff.network_price * (PARTS_PER_MILLION - rebate.reduction_ppm) // PARTS_PER_MILLION
    asked = tariff.network_price if tariff.network_shared_price is None else tariff.network_shared_price
    if asked <= due:
        return []
    return [
        LegalFinding(
            Severity.NOTICE,
            rebate.article,
            f"shared energy is entitled to {rebate.reduction_ppm // 10_000} % off the network's price, "
            f"{format_price(due)} EUR/kWh where all of it falls under the rebate; the tariff asks "
            f"{format_price(asked)}, write network_shared_price",
        )
    ]


def require_lawful(community: Community, on: date) -> tuple[LegalFinding, ...]:
    """The findings of ``check_law`` where none of them forbids.

    Raises:
        CommunityDefinitionError: Naming all that the law forbids, each with its article.
    """
    found = check_law(community, on)
    forbidden = [finding for finding in found if finding.severity is Severity.FORBIDDEN]
    if forbidden:
        reasons = "; ".join(map(str, forbidden))
        raise CommunityDefinitionError(
            f"{community.id}: the law of {community.country} forbids this: {reasons}. Change the community or its "
            'rule, or write country = "none" where no law applies.'
        )
    return found


def network_rebate(community: Community, on: date) -> Rebate | None:
    """The reduction of the network's price that the community's shared energy is entitled to, None without one."""
    rebates = REBATES.get(community.country)
    return rebates(community, on) if rebates else None


def shared_excise(community: Community, on: date) -> Excise | None:
    """Is shared energy free of excise? None where the profile does not say."""
    excise = EXCISES.get(community.country)
    return excise(community, on) if excise else None
