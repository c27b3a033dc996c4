"""The house: modules go one way, the bounds of all rooms stand in one place."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = ("matcalc.expr", "matcalc.operators")  # expressions and the table of their operators, which are made of each other
BOUND = re.compile(r"(?:MOST|LONGEST|LARGEST|DEEPEST|HIGHEST|HEAVIEST|WIDEST)(?:_\w+)?")
SOURCES = {
    ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p.read_text(encoding="utf-8")
    for p in sorted((ROOT / "matcalc").rglob("*.py"))
}
MODULES = {m: ast.parse(source) for m, source in SOURCES.items()}
PACKAGES = {m for m in MODULES if any(n.startswith(f"{m}.") for n in MODULES)}


def statements(body: list[ast.stmt], types: bool) -> Iterator[ast.stmt]:
    """What runs when a module is imported; with `types`, also what only a type checker reads."""
    for s in body:
        only_types = isinstance(s, ast.If) and "TYPE_CHECKING" in ast.unparse(s.test)
        yield s
        if not only_types or types:
            for name in ("body", "orelse", "finalbody"):
                if not isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from statements(getattr(s, name, []), types)


def imported(module: str, types: bool) -> set[str]:
    """The modules of ours that a module imports; a package that loads on demand names its modules for type checkers alone."""
    found = set()
    for s in statements(MODULES[module].body, types and module not in PACKAGES):
        if isinstance(s, ast.Import):
            found.update(a.name for a in s.names)
        elif isinstance(s, ast.ImportFrom):
            found.update(whole if (whole := f"{s.module}.{a.name}") in MODULES else str(s.module) for a in s.names)
    return (found & set(MODULES)) - {module}


def circles(types: bool) -> list[set[str]]:
    """The largest sets of modules that import each other (Tarjan 1972), outside expressions and their table."""
    graph = {m: imported(m, types) for m in MODULES}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    found: list[set[str]] = []

    def visit(m: str) -> None:
        number[m] = low[m] = len(number)
        open_.append(m)
        for n in graph[m]:
            if n not in number:
                visit(n)
            if n in open_:
                low[m] = min(low[m], low[n])
        if low[m] == number[m]:
            cut = open_.index(m)
            found.append(set(open_[cut:]))
            del open_[cut:]

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 5000))
    try:
        for m in graph:
            if m not in number:
                visit(m)
    finally:
        sys.setrecursionlimit(limit)
    return [c for c in found if not all(m.startswith(TABLE) for m in c)]


@pytest.mark.parametrize("types", [False, True], ids=["run", "types"])
def test_no_circle_of_modules_is_larger_than_two(types: bool) -> None:
    assert [sorted(c) for c in circles(types) if len(c) > 2] == []


def test_imports_stand_at_the_top() -> None:
    """But the routines of a program for sparse data, whose sources are put into others."""
    inside = {
        m
        for m, tree in MODULES.items()
        for line, source in enumerate(SOURCES[m].splitlines(), 1)
        if re.match(r" +from matcalc[\w.]* import ", source) and line not in {s.lineno for s in statements(tree.body, types=True)}
    }
    assert inside == {"matcalc.programs.sparse"}


def test_the_docs_name_what_is_there() -> None:
    texts = {p: p.read_text(encoding="utf-8") for p in (ROOT / "README.md", *(ROOT / "page" / "docs").glob("*.md"))}
    named = {name for text in texts.values() for name in re.findall(r"`((?:matcalc|tests|page|notebooks)/[\w./-]+)`", text)}
    linked = {p.parent / to for p, text in texts.items() for to in re.findall(r"\]\(([^)#:]+)\)", text)}
    there = {ROOT / name for name in named - {"page/dist"}} | linked  # that one `make page` makes
    assert [str(at) for at in there if not at.exists()] == []
    rooms = {m.split(".")[1] for m in PACKAGES if "." in m} | {"limits", "cli", "assistants"}
    told = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", texts[ROOT / "page" / "docs" / "architecture.md"], re.MULTILINE)))
    assert rooms - set(told) == set()


def test_bounds_stand_in_one_place() -> None:
    elsewhere = [
        f"{m}.{t.id}"
        for m, tree in MODULES.items()
        if m != "matcalc.limits"
        for s in tree.body
        if isinstance(s, ast.Assign | ast.AnnAssign)
        and any(isinstance(n, ast.Constant) and type(n.value) in (int, float) for n in ast.walk(s))
        for target in (s.targets if isinstance(s, ast.Assign) else [s.target])
        for t in ast.walk(target)
        if isinstance(t, ast.Name) and BOUND.fullmatch(t.id.lstrip("_"))
    ]
    assert elsewhere == []


def test_no_bound_is_set_twice() -> None:
    named = [s.targets[0].id for s in MODULES["matcalc.limits"].body if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)]
    assert len(named) == len(set(named))
