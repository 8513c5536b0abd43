"""OpenDSS scripts, walked by ourselves: which commands build a network, from which line, with which files.

A script can run commands of the machine, load libraries, open editors and write files. So the engine never sees one: it
is handed the commands that build a network, one by one, and the files that they name under names of our own. All of
them lie in the folder of the master file, below it, or directly in the folder above, where test feeders share codes.

The engine knows properties by their place, by any beginning of their name, and by variables, so that which value is a
file cannot be told from outside for certain. So no value that leads out of the engine's own folder is handed on,
whatever it is for, and nothing that could be run is put there.

Source: OpenDSS manual (EPRI, 2022), "OpenDSS Executive Commands" and "Options".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.errors import NetworkError
from backend.grid.faults import NetworkFault
from backend.metering import Severity

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DssScript", "read_script"]

_BUILDING = (
    "new", "edit", "more", "m", "~", "select", "enable", "disable", "open", "close", "batchedit", "set",
    "calcvoltagebases", "setkvbase", "makebuslist", "buscoords", "latlongcoords", "setbusxy", "var",
)  # fmt: skip
_FOLLOWED = ("redirect", "compile")
_COORDINATES = ("buscoords", "latlongcoords")
_WITHOUT_EFFECT = (
    "clear", "clearall", "solve", "show", "export", "plot", "di_plot", "summary", "help", "about", "save", "sample",
    "reset", "get", "?", "init", "voltages", "currents", "powers", "losses", "totals", "capacity", "classes", "help",
    "visualize", "closedi", "addbusmarker", "clearbusmarkers", "interpolate", "relcalc", "wait", "comparecases",
    "yearlycurves", "top", "estimate", "next", "quit", "buildy", "zsc", "ysc", "panel", "formedit", "dump", "rotate",
    "faultstudy", "_solvepflow", "_solvedirect", "_initsnap", "_showcontrolqueue", "cleanup", "nodelist", "cktlosses",
)  # fmt: skip
_REFUSED = (
    "doscmd",
    "fileedit",
    "cd",
    "pyscript",
    "python",
    "alignfile",
    "newactor",
    "solveall",
    "userclasses",
)
_CHANGING = (
    "allocateloads", "makeposseq", "reduce", "distribute", "reconductor", "rephase", "setloadandgenkv",
    "cvrtloadshapes", "obfuscate", "variable", "reprocessbuses", "updatestorage", "varvalues", "uuids",
)  # fmt: skip
_OPTIONS = (
    "defaultbasefrequency", "voltagebases", "earthmodel", "loadmult", "genmult", "allowduplicates", "normvminpu",
    "normvmaxpu", "controlmode", "maxcontroliter", "maxiterations", "tolerance", "basefrequency", "defaultdaily",
    "defaultyearly", "keepload", "zonelock", "longlinecorrection", "addtype", "frequency", "maxiter", "defaultbasefreq",
)  # fmt: skip
_LIMIT_COMMANDS = 1_000_000
_LIMIT_BYTES = 256 * 1024 * 1024
_LIMIT_DEPTH = 20
_LIMIT_REDIRECTS = 10_000
_LIMIT_LINE = 4_000_000
_VALUE = (  # bounded: a bracket that never closes would be looked for to the line's end from each place anew
    r"""("[^"]{0,9999}"|'[^']{0,9999}'|\([^)]{0,9999}\)|\[[^\]]{0,9999}\]|\{[^}]{0,9999}\}|[^\s,=)\]}]{1,9999})"""
)
_FILE_KEY = re.compile(
    r"(?i)(?<![\w%])((?:csv|sng|dbl|pqcsv)?file|(?:csv|sng|dbl|pqcsv)f?i?l?)\s*=\s*" + _VALUE
)
_LIBRARY_KEY = re.compile(r"(?i)(?<![\w%])(userm\w*|userd\w*|dynad\w*|dynaf\w*|shaftm\w*|shaftd\w*)\s*=")
_OPTION = re.compile(r"([\w%]+)\s*=\s*" + _VALUE)
# A slash of a division, as in (8 1000 /), stands alone.
_WAY_OUT = re.compile(r"""(?:^|[\s,=|"'(\[{@^])[/\\](?![\s)\]}"',]|$)|\.\.[/\\]""")
_PROGRAMS = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_PROPERTY = re.compile(r"^[\w]+\.[^\s=]+\s*=")
_COMMENT = re.compile(r"""("[^"]*"|'[^']*')|(!|//).*""")


@dataclass(slots=True)
class DssScript:
    """What builds a network.

    Attributes:
        commands: (file:line, text), in the order in which they are run.
        files: What they name: by the name of our own that they say now, the file.
        faults: What was left out or cannot be run.
    """

    commands: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    faults: list[NetworkFault] = field(default_factory=list)


def read_script(master: Path) -> DssScript:
    """Walk a master file and all that it redirects to.

    Args:
        master: The file that OpenDSS would compile.

    Raises:
        NetworkError: If a file is missing, unreadable, too large or outside the master's folder, or if a command would
            reach out of OpenDSS.
    """
    walk = _Walk(master.resolve().parent)
    walk.follow(master.resolve(), 0)
    for word, where in sorted(walk.left_out.items()):
        first, count = where[0], len(where)
        walk.script.faults.append(
            NetworkFault(
                "command_left_out",
                "",
                f'"{word}" changes a network after it was built ({count}x, first in {first}) and is left out; run it '
                "in OpenDSS and save the circuit (save circuit) if it matters.",
                Severity.WARNING,
                first,
            )
        )
    return walk.script


class _Walk:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.script = DssScript()
        self.left_out: dict[str, list[str]] = {}
        self.bytes_read = 0
        self.followed = 0
        self.names: dict[Path, str] = {}
        self._is_more = False  # a continuation line belongs to a command that was taken

    def follow(self, file: Path, depth: int) -> None:
        if depth > _LIMIT_DEPTH:
            raise NetworkError(
                f"{file.name} redirects {_LIMIT_DEPTH} files deep; does it redirect to itself?"
            )
        self.followed += 1
        if self.followed > _LIMIT_REDIRECTS:
            raise NetworkError(
                f"{file.name} is redirected to after {_LIMIT_REDIRECTS:,} others; no network's script is as long."
            )
        name = file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else f"../{file.name}"
        is_comment = False
        for number, raw in enumerate(self._read(file).splitlines(), 1):
            text = raw.strip()
            if is_comment or text.startswith("/*"):
                is_comment = "*/" not in text
                continue
            text = _COMMENT.sub(lambda found: found.group(1) or "", text).strip()
            if not text:
                continue
            if len(text) > _LIMIT_LINE:
                raise NetworkError(
                    f"{name}:{number} has {len(text):,} characters; a line has at most {_LIMIT_LINE:,}."
                )
            self._take(text, f"{name}:{number}", file, depth)

    def _read(self, file: Path) -> str:
        try:
            size = file.stat().st_size
            self.bytes_read += size
            if self.bytes_read > _LIMIT_BYTES:
                raise NetworkError(
                    f"{file.name} and what was read before it have more than {_LIMIT_BYTES // 2**20} MiB; no network's "
                    "script is as long."
                )
            return file.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            raise NetworkError(f"{file} cannot be read ({error.strerror}).") from None

    def _take(self, text: str, where: str, file: Path, depth: int) -> None:
        word = re.split(r"[\s=]", text, maxsplit=1)[0].lower()
        rest = text[len(word) :].lstrip(" \t=")
        if text.startswith("~"):
            word, rest = "~", text[1:].strip()
        if word in {"~", "m", "more"}:
            if self._is_more:
                self._keep(f"~ {rest}", where, file)
            return
        command = _known_command(word)
        if _PROPERTY.match(text) and "." in word:
            command = "property"
        self._is_more = command in {"new", "edit", "select", "property", "batchedit"}
        if command in _FOLLOWED:
            self.follow(self._find(_unquote(rest), file, where), depth + 1)
        elif command in _REFUSED:
            raise NetworkError(f'{where}: "{word}" reaches out of OpenDSS and is never run; delete the line.')
        elif command in _CHANGING:
            self.left_out.setdefault(command, []).append(where)
        elif command in _COORDINATES:
            self._keep(f"{command} {self._own(_unquote(rest), file, where)}", where, file, has_own=True)
        elif command == "set":
            self._set(rest, where, file)
        elif command == "property" or command in _BUILDING:
            self._keep(text, where, file)
        elif command is None:
            raise NetworkError(
                f'{where}: "{word[:40]}" is no command of OpenDSS; correct or delete the line.'
            )

    def _set(self, rest: str, where: str, file: Path) -> None:
        kept = []
        for key, value in _OPTION.findall(rest):
            if any(option.startswith(key.lower()) for option in _OPTIONS):
                kept.append(f"{key}={value}")
            elif "cktmodel".startswith(key.lower()) and value.lower().startswith("p"):
                raise NetworkError(
                    f"{where}: a positive-sequence circuit ({key}={value}) has no phases to balance."
                )
        if kept:
            self._keep("set " + " ".join(kept), where, file)

    def _keep(self, text: str, where: str, file: Path, *, has_own: bool = False) -> None:
        library = _LIBRARY_KEY.search(text)
        if library:
            raise NetworkError(
                f"{where}: {library.group(1)} would load a library, which is never done; delete it."
            )
        if not has_own:
            text = _FILE_KEY.sub(lambda found: self._name_file(found, file, where), text)
        is_variable = _known_command(re.split(r"[\s=]", text, maxsplit=1)[0].lower()) == "var"
        if _WAY_OUT.search(text) or (is_variable and re.search(r"[/\\]|\.\.", text)):
            raise NetworkError(
                f"{where} names a file by a way that leads out of the master's folder, or with a property's name cut "
                "short; write the property in full and the file's name alone."
            )
        if len(self.script.commands) >= _LIMIT_COMMANDS:
            raise NetworkError(
                f"{where}: more than {_LIMIT_COMMANDS:,} commands; no network's script is as long."
            )
        self.script.commands.append((where, text))

    def _name_file(self, found: re.Match[str], file: Path, where: str) -> str:
        key, value = found.groups()
        if value[0] in "([{" and "," in value:
            return found.group(0)  # an array in the place of a file: of Spectrum.CSVArray
        name, *column = _unquote(value).split(",")
        return f"{key}={','.join([self._own(name.strip(), file, where), *column])}"

    def _own(self, name: str, file: Path, where: str) -> str:
        path = self._find(name, file, where)
        if path not in self.names:
            self._look_at(path, where)
            self.names[path] = f"file{len(self.names)}{path.suffix.lower()[:5]}"
            self.script.files[self.names[path]] = path
        return self.names[path]

    def _look_at(self, path: Path, where: str) -> None:
        with path.open("rb") as content:
            if content.read(4).startswith(_PROGRAMS):
                raise NetworkError(
                    f"{where} names {path.name}, which is a program or library; no network has any. Delete the line."
                )
        self.bytes_read += path.stat().st_size
        if self.bytes_read > _LIMIT_BYTES:
            raise NetworkError(
                f"{path.name}: the network's files have more than {_LIMIT_BYTES // 2**20} MiB."
            )

    def _find(self, name: str, file: Path, where: str) -> Path:
        """The file of a name: beside the script that names it, else beside the master; whatever the case."""
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\", "~")) or ":" in name or "@" in name:
            raise NetworkError(
                f"{where} names {name[:120]}, which is not below the master's folder; copy it beside the master and "
                "name it alone."
            )
        for start in (file.parent, self.root):
            path = start
            for part in parts:
                path = path.parent if part == ".." else path / part if part != "." else path
                if not path.exists() and path.parent.is_dir():
                    like = [one for one in path.parent.iterdir() if one.name.lower() == part.lower()]
                    path = like[0] if like else path
            path = path.resolve()
            if path.is_file() and (path.is_relative_to(self.root) or path.parent == self.root.parent):
                return path
        raise NetworkError(
            f"{where} names {name[:120]}, which is not in {self.root.name}, below it or directly above; put it there."
        )


def _known_command(word: str) -> str | None:
    """The command that a word is, in full or shortened as OpenDSS allows."""
    groups = (_BUILDING, _FOLLOWED, _WITHOUT_EFFECT, _REFUSED, _CHANGING)
    if any(word in group for group in groups):
        return word
    return next((one for group in groups for one in group if len(word) > 1 and one.startswith(word)), None)


def _unquote(text: str) -> str:
    text = text.strip()
    pairs = {'"': '"', "'": "'", "(": ")", "[": "]", "{": "}"}
    if text and text[0] in pairs and pairs[text[0]] in text[1:]:
        return text[1 : text.index(pairs[text[0]], 1)].strip()
    return text.split()[0] if text.split() else ""
