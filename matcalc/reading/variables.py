"""The variable of differentiation: a name, or a column, a row or an entry of what it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise

from matcalc.errors import MatcalcError, ParseError, ShapeError, UnknownNameError, did_you_mean
from matcalc.expr import Expr, variable
from matcalc.expr.language import item
from matcalc.operators import CONSTANTS
from matcalc.reading.brackets import outside
from matcalc.reading.latex.commands import in_new_fonts
from matcalc.reading.letters import one_name
from matcalc.reading.nodes import Told, in_all_spellings, nodes_of, printable
from matcalc.reading.scope import Scope
from matcalc.reading.symbols import canonical, size_names
from matcalc.reading.table import Reading
from matcalc.reading.tree import Node, failing

VARIED = ("scalar", "vector", "matrix")  # kinds of what a derivative may be by

Index = tuple[int | str | slice, ...]


def read_wrt(text: str, reading: Reading) -> tuple[Expr, Index | None]:
    """The variable that `text` names, and the column, row or entry of it, if one is meant.

    >>> from matcalc.reading import read
    >>> reading = read("A*x", "A: (m, n); x: (n)")
    >>> read_wrt("A[:,j]", reading)[1]
    (slice(None, None, None), 'j')
    """
    if not isinstance(text, str):
        raise ParseError(f"the variable of differentiation is a name, not {type(text).__name__}")
    line = in_new_fonts(printable(text))
    if not line.strip():
        raise ParseError("expected a variable to differentiate by, but there is none")
    told = reading.symbols.get(line.strip())
    if told is not None and told.name.isidentifier() and told.kind in VARIED:
        return variable(told.name, told.shape or (1, 1), told.properties), None
    try:
        return _read_wrt(line, reading)
    except MatcalcError as error:
        error.line = error.line or line
        raise


def _read_wrt(line: str, reading: Reading) -> tuple[Expr, Index | None]:
    kinds = {name: s.kind for name, s in reading.symbols.items()}
    if "[" not in line and canonical(line.strip()) in kinds:  # k_+, W^{(1)}, x'
        line = canonical(line.strip())
    nodes = nodes_of(line, Scope(in_all_spellings(kinds)), "auto", Told())
    whole = nodes[-1]
    leaf = whole.parts[0] if whole.kind == "item" else whole
    if leaf.kind != "name" or len(nodes) > 2:
        what, hint = "a derivative is taken by a variable, or by a column, row or entry of one", "X   X[:,j]   X[i,:]   X[i,j]"
        base = whole.parts[0].value if whole.kind == "power" and whole.parts[0].kind == "name" else ""
        if kinds.get(base) == "scalar":
            hint = f"write a letter of its own for it; or divide the derivative by {base} by that of `{line.strip()}`"
        elif whole.kind == "power":
            hint = f"where `{line.strip()}` is a name and no power, declare it: {line.strip()}: (n)"
        raise failing(what, (0, len(line)), hint)
    found = _variable(leaf, reading)
    if whole is leaf:
        return found, None
    for index in whole.value:
        if isinstance(index, str) and kinds.get(index, "index") not in ("index", "scalar", "size"):
            raise failing(f"an index is a whole number or a name, but `{index}` is a {kinds[index]}", whole)
        if found.is_scalar:
            raise failing("a scalar has no entries", whole, kind=ShapeError)
    try:
        item(found, whole.value)
    except MatcalcError as error:
        raise error.at(line, whole.start, whole.end) from None
    return found, whole.value


def _variable(leaf: Node, reading: Reading) -> Expr:
    same = (n for n in reading.symbols if one_name(n) == one_name(leaf.value))
    name = leaf.value if leaf.value in reading.symbols else next(same, leaf.value)
    known_symbol = reading.symbols.get(name)
    why = ""
    if known_symbol is None:
        if name == "I" or name in CONSTANTS or name == "eye":
            why = f"`{name}` is a constant"
        elif any(name in size_names(s) for s in reading.symbols.values()):
            why = f"`{name}` is a size"
        else:
            variables = [s.name for s in reading.symbols.values() if s.kind in VARIED]
            hint = did_you_mean(name, variables) or (f"variables: {', '.join(variables[:12])}" if variables else "")
            stem, _, index = name.rpartition("_")
            if stem in variables and reading.symbols[stem].kind == "matrix" and len(index) == 1:
                hint = f"{name} is row {index} of {stem} here: {stem}[{index},:]; or declare {name}: (d), {index} = 1..n"
            raise failing(f"the expression has no variable `{name}`", leaf, hint, kind=UnknownNameError)
    elif known_symbol.kind not in VARIED:
        what = {"elementwise": "an elementwise function", "index": "an index"}
        why = f"`{name}` is {what.get(known_symbol.kind, f'a {known_symbol.kind}')}"
    if why:
        raise failing(f"there is no derivative by it: {why}", leaf)
    assert known_symbol is not None
    return variable(name, known_symbol.shape or (1, 1), known_symbol.properties)


def split_wrt(text: str) -> list[str]:
    """The parts of a list of variables.

    >>> split_wrt("X, Y[:,j],Z")
    ['X', 'Y[:,j]', 'Z']
    """
    if "," not in text:
        return [text.strip()]
    places = [-1, *(m.start() for m in outside(text, re.finditer(",", text))), len(text)]
    return [text[a + 1 : b].strip() for a, b in pairwise(places)]


def named_by(text: str, names: Iterable[str]) -> str | None:
    r"""The one of `names` that a text names, in any of its spellings and in LaTeX; None where it names none.

    >>> named_by(r"\hat{\beta}", ["y", "beta_hat"]), named_by("λ", ["lambda"]), named_by("z", ["y"])
    ('beta_hat', 'lambda', None)
    """
    by = {one_name(name): name for name in names}
    known = by.get(one_name(text)) or by.get(one_name(canonical(text.strip())))
    if known is None:
        with suppress(MatcalcError):
            *_, leaf = nodes_of(
                in_new_fonts(printable(text)), Scope(in_all_spellings(dict.fromkeys(by.values(), "matrix"))), "auto", Told()
            )
            known = by.get(one_name(leaf.value)) if leaf.kind == "name" else None
    return known
