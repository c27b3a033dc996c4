"""Whether a row of the operator table says something that can be: read at test time, so that a mistake in it has the row's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from matcalc.calculus.rules import ENTRIES, formula, placeholders
from matcalc.errors import MatcalcError, TableError
from matcalc.expr import Expr, Op, Shape, postorder, signature, variables
from matcalc.expr.dims import Dim
from matcalc.expr.properties import INFERRED, PROPERTIES
from matcalc.reading import read

COLUMNS = {
    "transposed": ("", "same", "transpose", "each"),
    "parity": ("", "even", "odd"),
    "range": ("", "positive", "nonnegative", "negative"),
}
DEGREES = ("", "1", "-1", "n", "m*n", "abs")
PROGRAMS = ("numpy", "jax", "torch")


def check_row(op: Op) -> None:
    """Reads every column of the row that is text.

    Raises TableError with the row's name and the column: a formula that does not parse, has a name that is no placeholder or a function
    that does not exist, or has another shape than its place; a signature, a degree or a template that is none.

    >>> check_row(Op("twice", "(m,n)->(m,n)", d="2*dX + dY"))
    Traceback (most recent call last):
    ...
    matcalc.errors.TableError: row `twice`, d: `dY` is no name of this row
    """
    for column, problem in _problems(op):
        raise TableError(f"row `{op.name}`, {column}: {problem}")


def _problems(op: Op) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"[a-z]\w*", op.name):
        yield "name", f"`{op.name}` is no name"
    for column, allowed in COLUMNS.items():
        if getattr(op, column) not in allowed:
            yield column, f"`{getattr(op, column)}` is none of {', '.join(a or 'nothing' for a in allowed)}"
    yield from (("result", f"`{p}` is no property") for p in op.result if p not in PROPERTIES and p not in INFERRED)
    yield from (("keeps", f"`{p}` is no property") for p in _words(op.keeps) if p not in PROPERTIES and p not in INFERRED)
    yield from (("degree", f"`{d}` is no degree") for d in op.degree if d not in DEGREES)
    if op.elementwise:
        yield from _elementwise(op)
        inputs = op.signature.count("*")
    elif op.signature:
        try:
            shapes, output = signature(op.signature)
        except MatcalcError as error:
            yield "signature", str(error).splitlines()[0]
            return
        bound = {name for shape in shapes for n in shape if isinstance(n, Dim) for name in n.symbols}
        of_result = {name for n in output if isinstance(n, Dim) for name in n.symbols}
        yield from (("signature", f"the size {name} of the result is in no argument") for name in sorted(of_result - bound))
        inputs = len(shapes)
        yield from _formulas(op, shapes, output)
    else:
        inputs = 0
    for column in ("adjoint", "vec", "degree", "sample"):
        count = len(getattr(op, column))
        if count > inputs or count < inputs and column in ("adjoint", "vec", "degree") and count:
            yield column, f"{count} for {inputs} argument{'s' * (inputs != 1)}"
    yield from _templates(op, inputs)


def _words(keeps: str) -> list[str]:
    """The properties that the lines "spd -> positive; …" of a row name; the name of a column of theirs is none."""
    return [p for line in keeps.split(";") for side in line.split("->") for p in side.split()] if "->" in keeps else []


def _elementwise(op: Op) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"\*(,\*){0,2}", op.signature):
        yield "signature", "an elementwise function has the signature *, or *,*"
        return
    names = {v.data[0]: v for v in ENTRIES[: op.signature.count("*")]}
    columns = {"d": op.d.split(";") if op.d else []}
    if columns["d"] and len(columns["d"]) != len(names):
        count = len(columns["d"])
        yield "d", f"{count} partial derivative{'s' * (count != 1)} for {len(names)} argument{'s' * (len(names) != 1)}"
    if op.inverse:
        columns["inverse"] = [op.inverse]
    if len(names) > 1:
        columns |= {c: [part.strip().rsplit(" ", 1)[0] for part in getattr(op, c).split(";") if part] for c in ("domain", "smooth")}
    for column, texts in columns.items():
        for text in texts:
            made = (lambda t=text: read(t, names=names).expr, set(names.values()), (1, 1))
            yield from ((column, problem) for problem in _formula(*made))


def _formulas(op: Op, shapes: tuple[Shape, ...], output: Shape) -> Iterator[tuple[str, str]]:
    arguments, differentials, cotangent = placeholders(op)
    if op.d:
        allowed = {*arguments, *differentials}
        yield from (("d", problem) for problem in _formula(lambda: formula(op, op.d), allowed, output))
        try:
            if not set(differentials) & set(variables(formula(op, op.d))):
                yield "d", "there is no differential in it"
        except MatcalcError:
            pass  # said above
    for i, text in enumerate(op.adjoint[: len(shapes)]):
        if text:
            yield from (("adjoint", problem) for problem in _formula(lambda t=text: formula(op, t), {*arguments, cotangent}, shapes[i]))  # type: ignore[misc]
    for i, text in enumerate(op.vec[: len(shapes)]):
        if text:
            rows, columns = (shape[0] * shape[1] for shape in (output, shapes[i]))
            made = (lambda t=text: formula(op, t), set(arguments), (rows, columns))
            yield from (("vec", problem) for problem in _formula(*made))


def _formula(read_it: Callable[[], Expr], allowed: set[Expr], shape: Shape) -> Iterator[str]:
    """Says what is wrong with a formula: it cannot be read, it has other names than it may, or another shape."""
    try:
        made = read_it()
    except MatcalcError as error:
        yield str(error)
        return
    foreign = [v.data[0] for v in variables(made) if v not in allowed]
    own = {p.op.abstract[0] for a in allowed for p in postorder(a) if p.op.abstract}
    unknown = sorted({n.op.abstract[0] for n in postorder(made) if n.op.abstract} - own)
    if foreign:
        yield f"`{foreign[0]}` is no name of this row"
    elif unknown:
        yield f"there is no function `{unknown[0]}`"
    elif made.shape != shape and not (made.op.name == "zero" or made.op.name == "number" and made.data == 0):
        yield f"it is ({made.shape[0]}, {made.shape[1]}), and should be ({shape[0]}, {shape[1]})"


def _templates(op: Op, inputs: int) -> Iterator[tuple[str, str]]:
    names = ["x", "y", "z"][: max(inputs, 1)]
    for column in ("latex", "unicode", *PROGRAMS):
        template: str = getattr(op, column)
        if column in PROGRAMS or "{0}" in template:
            try:
                made = template.format(*names, rows="m", columns="n")
                if made and column in PROGRAMS:
                    compile(made, op.name, "eval")
            except (IndexError, KeyError, ValueError) as error:
                yield column, f"`{template}` has a gap that nothing fills ({error})"
            except SyntaxError as error:
                yield column, f"`{template}` is no Python: {error.msg}"
