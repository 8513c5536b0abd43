"""Faults of a file as they are found: collected up to a bound, counted beyond it, told in file order."""

from __future__ import annotations

from dataclasses import replace

from backend.errors import ReadingsError
from backend.metering import Finding, Severity

__all__ = ["FINDINGS_MAX", "FaultCollector"]

FINDINGS_MAX = 1000
_MESSAGE_MAX = 1000
_WORD_MAX = 200


class FaultCollector:
    """Findings about one file.

    Attributes:
        file: Its name, without folder.
        refused: How many faults refuse the file, told or only counted.
    """

    def __init__(self, file: str) -> None:
        self.file = _make_printable(file)
        self.refused = 0
        self._findings: list[Finding] = []
        self._untold = 0

    def refuse(
        self,
        rule: str,
        message: str,
        *,
        line: int = 0,
        metering_point: str = "",
        start_utc: int | None = None,
        end_utc: int | None = None,
        value: str = "",
    ) -> None:
        """Note a fault that refuses the file."""
        self.refused += 1
        self._keep(
            Finding(rule, Severity.REFUSED, message, "", line, metering_point, start_utc, end_utc, value)
        )

    def warn(
        self,
        rule: str,
        message: str,
        *,
        line: int = 0,
        metering_point: str = "",
        start_utc: int | None = None,
    ) -> None:
        """Note something that was put right, and that the file's sender or reader may want to look at."""
        self._keep(Finding(rule, Severity.WARNING, message, "", line, metering_point, start_utc))

    def note(self, rule: str, message: str, *, line: int = 0, metering_point: str = "") -> None:
        """Note how the file was read where nothing is wrong with it: what it also holds, what was assumed."""
        self._keep(Finding(rule, Severity.NOTE, message, "", line, metering_point))

    def count(self, *, refused: int = 0, warned: int = 0) -> None:
        """Count findings beyond the bound without telling them one by one."""
        self.refused += refused
        self._untold += refused + warned

    @property
    def room(self) -> int:
        """How many more findings are told one by one. [1]"""
        return max(FINDINGS_MAX - len(self._findings), 0)

    def _keep(self, finding: Finding) -> None:
        if self.room:
            self._findings.append(
                replace(
                    finding,
                    file=self.file,
                    message=_make_printable(finding.message, _MESSAGE_MAX),
                    metering_point=_make_printable(finding.metering_point),
                    value=_make_printable(finding.value),
                )
            )
        else:
            self._untold += 1

    def told(self) -> list[Finding]:
        """What was found, in file order, and one more finding where the bound was reached."""
        findings = sorted(self._findings, key=lambda finding: finding.line)
        if self._untold:
            message = f"{self._untold} more findings are not listed; put these right first."
            severity = Severity.REFUSED if self.refused else Severity.WARNING
            findings.append(
                Finding("more-faults", severity, message, self.file, value=f"{self._untold} faults")
            )
        return findings

    def stop_if_refused(self) -> None:
        """Refuse the file if anything in it was.

        Raises:
            ReadingsError: With all findings; its message has the first and the count.
        """
        if not self.refused:
            return
        findings = self.told()
        first = next(finding for finding in findings if finding.severity is Severity.REFUSED)
        raise ReadingsError(_summarise(self.file, first, self.refused), findings)


def _summarise(file: str, first: Finding, refused: int) -> str:
    place = f"{file}, line {first.line}" if first.line else file
    others = "1 more fault" if refused == 2 else f"{refused - 1} more faults"  # noqa: PLR2004 -- singular
    more = f" ({others} in the file)" if refused > 1 else ""
    return f"{place}: {first.message}{more}"


def _make_printable(text: str, longest: int = _WORD_MAX) -> str:
    """In bounds and without control characters: a file's words must not steer or flood what shows them."""
    shown = text if len(text) <= longest else f"{text[: longest - 1]}…"
    if shown.isprintable():
        return shown
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "�" for character in shown
    )
