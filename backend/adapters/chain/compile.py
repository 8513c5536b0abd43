"""From Solidity to artifacts: ``python -m backend.adapters.chain.compile [--check]``.

The artifacts are kept in the repository so that nobody needs a compiler to run Partage. ``--check`` compiles again and
fails where an artifact is not what the sources give. A native solc of the right version is used where py-solc-x has
one installed, else the same compiler from npm; both give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.adapters.chain.artifacts import ARTIFACTS_FOLDER, Artifact, load_artifact
from backend.errors import MissingToolError, PartageError

__all__ = ["Artifact", "compile_contracts", "differences", "load_artifact", "main"]

ROOT = ARTIFACTS_FOLDER.parents[1]
COMPILER_VERSION = "0.8.37"
SETTINGS: dict[str, Any] = {
    "evmVersion": "prague",
    "metadata": {"bytecodeHash": "none"},
    "optimizer": {"enabled": True, "runs": 10_000},
    "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
}
OUTPUTS = {"*": {"": ["ast"], "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode", "metadata"]}}
# Contracts of others that stand on chain as they are.
FOREIGN = ("node_modules/@openzeppelin/contracts/governance/TimelockController.sol",)
# EIP-170: a contract above it cannot be deployed.
CODE_BYTES_MAX = 24_576


class CompilationError(PartageError):
    """Sources that do not compile without a warning, or to a contract that could not be deployed."""


def _native_compiler() -> Path | None:
    import solcx
    from solcx.install import get_executable

    installed = {str(version) for version in solcx.get_installed_solc_versions()}
    return Path(get_executable(COMPILER_VERSION)) if COMPILER_VERSION in installed else None


def _compiler(root: Path) -> Path:
    native = _native_compiler()
    if native is not None:
        return native
    if not (root / "node_modules" / "solc").is_dir():
        raise MissingToolError(
            f"There is no Solidity compiler {COMPILER_VERSION}: run scripts/setup, which installs npm's, "
            f"or `python -c \"import solcx; solcx.install_solc('{COMPILER_VERSION}')\"` for the native one."
        )
    return root / "scripts" / "solc"


def _run_compiler(root: Path) -> dict[str, Any]:
    """Compile everything below contracts/.

    Raises:
        CompilationError: If the compiler says anything at all of our sources: warnings are errors.
    """
    import solcx

    if not (root / "node_modules" / "@openzeppelin" / "contracts").is_dir():
        raise MissingToolError("The OpenZeppelin contracts are not in node_modules: run scripts/setup.")
    paths = sorted((root / "contracts").rglob("*.sol"))
    sources = {
        path.relative_to(root).as_posix(): {"content": path.read_text(encoding="utf-8")} for path in paths
    }
    request = {
        "language": "Solidity",
        "sources": sources,
        "settings": {**SETTINGS, "outputSelection": OUTPUTS},
    }
    try:
        answer: dict[str, Any] = solcx.compile_standard(
            request, base_path=root, allow_paths=[root], solc_binary=_compiler(root)
        )
    except solcx.exceptions.SolcError as error:
        raise CompilationError(f"The contracts do not compile:\n{error.message}") from error
    told = [message for message in answer.get("errors", []) if not _is_of_others(message)]
    if told:
        messages = "\n".join(message["formattedMessage"] for message in told)
        raise CompilationError(f"The contracts compile with warnings, which are errors here:\n{messages}")
    return answer


def _is_of_others(message: Mapping[str, Any]) -> bool:
    """Is it a warning about a library's own source, which is not ours to change?"""
    place = str((message.get("sourceLocation") or {}).get("file", ""))
    return message["severity"] == "warning" and place.startswith("node_modules/")


def _immutable_names(sources: Mapping[str, Any]) -> dict[str, str]:
    """The compiler numbers immutables by syntax node; names say more and change less."""
    return {
        str(node["id"]): str(node["name"])
        for source in sources.values()
        for node in _nodes(source["ast"])
        if node.get("nodeType") == "VariableDeclaration" and node.get("mutability") == "immutable"
    }


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _sha256(content: bytes) -> str:
    return "0x" + hashlib.sha256(content).hexdigest()


def _as_json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def compile_contracts(root: Path = ROOT) -> dict[str, str]:
    """Compile the contracts at the top of contracts/, with all that they import, and the foreign ones that those name.

    Args:
        root: The project's folder.

    Returns:
        The text of each artifact by file name, and of ``sources.json``, which names every source by its hash.

    Raises:
        MissingToolError: If there is no compiler, or the libraries are not installed.
        CompilationError: If the sources are not clean.
    """
    answer = _run_compiler(root)
    names = _immutable_names(answer["sources"])
    hashes = {path: _sha256((root / path).read_bytes()) for path in sorted(answer["sources"])}
    compiler = {"name": "solc", "settings": SETTINGS, "version": COMPILER_VERSION}
    texts: dict[str, str] = {}
    foreign = [root / source for source in FOREIGN if source in answer["sources"]]
    for path in [*sorted((root / "contracts").glob("*.sol")), *foreign]:
        source = path.relative_to(root).as_posix()
        artifact = _artifact(answer["contracts"][source][path.stem], names, hashes)
        texts[f"{path.stem}.json"] = _as_json(
            {**artifact, "compiler": compiler, "contract": path.stem, "source": source}
        )
    texts["sources.json"] = _as_json({"compiler": compiler, "sources": hashes})
    return texts


def _artifact(
    output: Mapping[str, Any], names: Mapping[str, str], hashes: Mapping[str, str]
) -> dict[str, Any]:
    deployed = output["evm"]["deployedBytecode"]
    metadata = json.loads(output["metadata"])
    (name,) = metadata["settings"]["compilationTarget"].values()
    size = len(deployed["object"]) // 2
    if size > CODE_BYTES_MAX:
        raise CompilationError(
            f"{name} has {size} bytes of code, {CODE_BYTES_MAX} is the most that a chain takes."
        )
    own = {path: hashes[path] for path in sorted(metadata["sources"])}
    return {
        "abi": output["abi"],
        "bytecode": "0x" + output["evm"]["bytecode"]["object"],
        "deployedBytecode": {
            # The same immutable may stand under several nodes; places are sorted, so that the order says nothing.
            "immutables": {
                names[node]: sorted(places, key=lambda place: int(place["start"]))
                for node, places in deployed.get("immutableReferences", {}).items()
            },
            "object": "0x" + deployed["object"],
        },
        "sourceHash": _sha256(_as_json(own).encode()),
        "sources": sorted(own),
    }


def differences(compiled: Mapping[str, str], folder: Path = ARTIFACTS_FOLDER) -> list[str]:
    """What is not in the artifacts as the sources give it, a sentence each.

    Args:
        compiled: Text by file name, from ``compile_contracts``.
        folder: Where the artifacts are.
    """
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    sentences = [
        f"- {name}: no contract at the top of contracts/ compiles to it; delete it."
        for name in sorted(kept.keys() - compiled.keys())
    ]
    for name, text in sorted(compiled.items()):
        if name not in kept:
            sentences.append(f"+ {name}: it is not there.")
        elif kept[name] != text:
            sentences.append(f"! {name}: {_what_differs(json.loads(kept[name]), json.loads(text))}.")
    return sentences


def _what_differs(kept: Mapping[str, Any], compiled: Mapping[str, Any]) -> str:
    found = [_field_difference(field, kept.get(field), compiled.get(field)) for field in sorted(compiled)]
    found += [f"{field} should not be there" for field in sorted(kept.keys() - compiled.keys())]
    return "; ".join(sentence for sentence in found if sentence) or "its text is laid out differently"


def _field_difference(field: str, kept: Any, compiled: Any) -> str:
    if kept == compiled:
        return ""
    if isinstance(kept, str) and isinstance(compiled, str):
        where = next(
            (i for i, (a, b) in enumerate(zip(kept, compiled, strict=False)) if a != b),
            min(len(kept), len(compiled)),
        )
        return (
            f"{field} has {kept[where : where + 12]!r} at {where}, {compiled[where : where + 12]!r} compiled"
        )
    if isinstance(kept, dict) and isinstance(compiled, dict):
        keys = sorted(key for key in kept.keys() | compiled.keys() if kept.get(key) != compiled.get(key))
        return f"{field} differs in {', '.join(keys)}"
    if field == "abi" and isinstance(kept, list):
        gone = sorted(_entry_name(entry) for entry in kept if entry not in compiled)
        come = sorted(_entry_name(entry) for entry in compiled if entry not in kept)
        return f"abi lacks {', '.join(come) or 'nothing'}, has {', '.join(gone) or 'nothing'} too much"
    return f"{field} differs"


def _entry_name(entry: Mapping[str, Any]) -> str:
    return f"{entry['type']} {entry.get('name', '')}".strip()


def _write(compiled: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for stale in {path.name for path in folder.glob("*.json")} - compiled.keys():
        (folder / stale).unlink()
    for name, text in compiled.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Compile and write the artifacts, or check them.

    Returns:
        0, or 1 where the artifacts are not what the sources give or the sources do not compile.
    """
    parser = argparse.ArgumentParser(prog="python -m backend.adapters.chain.compile", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where an artifact differs")
    check = parser.parse_args(words).check
    try:
        compiled = compile_contracts()
    except PartageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not check:
        _write(compiled, ARTIFACTS_FOLDER)
        sys.stdout.write(f"{len(compiled) - 1} contracts compiled into {ARTIFACTS_FOLDER}.\n")
        return 0
    found = differences(compiled)
    if found:
        sys.stderr.write(
            "contracts/artifacts is not what contracts/ compiles to:\n"
            + "\n".join(found)
            + "\nRun `python -m backend.adapters.chain.compile` and commit what it writes.\n"
        )
        return 1
    sys.stdout.write(f"{len(compiled) - 1} contracts are what their sources compile to.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
