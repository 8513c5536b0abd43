"""Who may see which forecasts: members their own and the community's sums, operators all of the community's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.errors import NotFoundError
from backend.services.forecasts.subjects import SubjectKind, owners_of

if TYPE_CHECKING:
    from backend.community import Community
    from backend.services.forecasts.subjects import Subject

__all__ = ["Viewer"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks.

    Attributes:
        participant: Whose own they see, empty for nobody's.
        everything: Does a role show all of the community? Commands of whoever keeps the home do.
    """

    participant: str = ""
    everything: bool = False

    def may_see(self, members: Community, subject: Subject) -> bool:
        """Whether a subject's forecasts are theirs to see."""
        if self.everything or subject.kind is SubjectKind.COMMUNITY:
            return True
        if subject.kind in {SubjectKind.FEEDER, SubjectKind.NETWORK} or not self.participant:
            return False
        try:
            return owners_of(members, subject) == (self.participant,)
        except NotFoundError:
            return False

    def require(self, members: Community, subject: Subject) -> None:
        """Refuse what is not theirs, as if it were not there.

        Raises:
            NotFoundError: If it is not.
        """
        if not self.may_see(members, subject):
            raise NotFoundError(f"There is no {subject} here whose forecasts you may see.")
