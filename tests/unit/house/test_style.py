"""Holds what a linter does not know of the house's style."""

import ast
import importlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINES_MAX = 450
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
# What settles energy and money: whole numbers only.
EXACT = (
    "backend/accounting",
    "backend/allocation",
    "backend/billing",
    "backend/commitments",
    "backend/governance",
    "backend/quantities",
    "backend/metering/estimation.py",
    "backend/metering/profiled.py",
    "backend/verifier",
)
# (file, function) -> why floating point may stand in it.
FLOATS_ALLOWED = {
    ("backend/allocation/kernels.py", ""): "a bound, beyond which integers of any size take over",
    ("backend/allocation/kernels.py", "_divide_down"): "a guess, corrected by the exact remainder",
    ("backend/allocation/kernels.py", "_share_dynamic"): "the same",
    ("backend/allocation/kernels.py", "_share_hybrid"): "the same",
    ("backend/allocation/kernels.py", "_share_cascade"): "the same",
    ("backend/allocation/kernels.py", "_split_producers"): "the same",
    (
        "backend/allocation/kernels.py",
        "_part_of",
    ): "a product below 2^40, exact as a test shows for all of them",
    ("backend/allocation/kernels.py", "_find_level"): "a comparison with the bound",
    ("backend/allocation/kernels.py", "_allocate_interval"): "the same",
    (
        "backend/allocation/served.py",
        "multiply_halves",
    ): "whole numbers whose every sum stays at or below 2^53",
    ("backend/allocation/served_kernels.py", ""): "the type of what fractions gives",
    (
        "backend/allocation/served_kernels.py",
        "fractions",
    ): "the same whole numbers, and a guess that is corrected",
    ("backend/quantities/energy.py", "format_kilowatt_hours"): "decimals, for people",
    ("backend/verifier/rpc.py", "http_call"): "seconds to wait for an answer",
}
FLOAT_TYPES = {"float16", "float32", "float64", "double", "longdouble"}
FLOAT_CALLS = {"divide", "true_divide", "mean", "average", "round", "rint"}
_OWN_WORDS = re.compile(
    r"(?<![\w.$}])/(?:work|opt|root|Users|home/[a-z]\w*)/[\w.-]+"
    r"|https?://[\w.-]*(?:npmjs|pypi|pythonhosted|jfrog|artifactory)[\w.-]*"
)


def tracked(*patterns):
    listed = subprocess.run(
        [shutil.which("git") or "git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def own_sources():
    return [name for name in tracked("*.py", "*.js", "*.sol", "*.css", "scripts/*") if "/vendor/" not in name]


def exact_sources():
    return [name for name in tracked("*.py") if name.startswith(EXACT)]


def test_the_sources_are_found():
    assert len(own_sources()) > 200
    assert len(exact_sources()) > 30


def test_a_file_can_be_read_in_one_go():
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in own_sources()}
    too_long = {name: lines for name, lines in lengths.items() if lines > LINES_MAX}
    assert not too_long


def test_modules_are_named_for_what_they_are():
    parts = {part for name in own_sources() for part in Path(name).with_suffix("").parts}
    words = {word for part in parts for word in re.split(r"[_.-]", part.lower())}
    assert not words & FORBIDDEN_NAMES


@pytest.mark.parametrize("init", tracked("backend/**/__init__.py", "backend/__init__.py", "ml/__init__.py"))
def test_each_room_says_what_it_is_and_what_it_gives(init):
    tree = ast.parse((ROOT / init).read_text())
    assert ast.get_docstring(tree), f"{init} does not say what the room is"
    room = importlib.import_module(str(Path(init).parent).replace("/", "."))
    if any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body):
        assert hasattr(room, "__all__") or _imports_future_only(tree), f"{init} has no __all__"
    exported = getattr(room, "__all__", [])
    assert len(exported) == len(set(exported)), f"__all__ of {init} has a name twice"
    missing = [name for name in exported if not hasattr(room, name)]
    assert not missing, f"__all__ of {init} names what is not there: {missing}"


def _imports_future_only(tree):
    return all(
        isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def floats_in(source):
    """(line, function, what) of everything that is not whole-number arithmetic."""
    found = []

    def visit(node, function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        what = _float_in(node)
        if what:
            found.append((node.lineno, function, what))
        for child in ast.iter_child_nodes(node):
            visit(child, function)

    visit(ast.parse(source), "")
    return found


def _float_in(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return f"the number {node.value}"
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
        return "a true division"
    if isinstance(node, ast.Name) and node.id == "float":
        return "float"
    if isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Name) and called.id == "round":
            return "round()"
        if isinstance(called, ast.Attribute) and called.attr in FLOAT_CALLS:
            return f"{called.attr}()"
    if isinstance(node, ast.Attribute) and node.attr in FLOAT_TYPES:
        return node.attr
    return ""


@pytest.mark.parametrize(
    "source",
    [
        "x = 0.5",
        "x = a / b",
        "x /= 2",
        "x = float(a)",
        "x = round(a)",
        "x = np.float64(a)",
        "x = np.mean(a)",
        "x = a.round()",
    ],
)
def test_floating_point_is_seen_where_it_stands(source):
    assert floats_in(f"def cents(a, b, x):\n    {source}\n")[0][:2] == (2, "cents")


@pytest.mark.parametrize("source", ["x = a // b", "x = round_half_up(a)", "x = Path('a')", "x = 2"])
def test_whole_number_arithmetic_is_let_be(source):
    assert not floats_in(source)


def test_settled_energy_and_money_never_meet_a_float():
    found = {
        (name, function, line, what)
        for name in exact_sources()
        for line, function, what in floats_in((ROOT / name).read_text())
        if (name, function) not in FLOATS_ALLOWED
    }
    assert not found


def test_no_exception_outlives_its_reason():
    used = {
        (name, function)
        for name in exact_sources()
        for _, function, _ in floats_in((ROOT / name).read_text())
    }
    assert FLOATS_ALLOWED.keys() <= used


@pytest.mark.parametrize(
    "line",
    [
        "open('/" + "work/a.txt')",
        "cd /" + "root/project",
        "https://pypi" + ".org/simple/uv",
        "/" + "home/ada/x",
    ],
)
def test_a_machines_own_words_are_seen(line):
    assert _OWN_WORDS.search(line)


@pytest.mark.parametrize("line", ["frontend_static/work/x", "$HOME/x", "import / export", "GET /home/"])
def test_other_words_are_let_be(line):
    assert not _OWN_WORDS.search(line)


def test_no_tracked_file_names_a_machines_paths_or_a_registrys_host():
    found = []
    for name in tracked():
        if name == "tests/unit/house/test_style.py":
            continue
        try:
            text = (ROOT / name).read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {match[0]}" for match in _OWN_WORDS.finditer(text)]
    assert not found
