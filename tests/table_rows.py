"""Whether a row of our own tables says something that can be: of the operators, of the identities, of the properties.

A mistake in one has the row's name and the column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from matcalc.calculus.rules import ENTRIES, formula, placeholders
from matcalc.errors import MatcalcError, TableError
from matcalc.expr import Expr, Op, Shape, postorder, signature, symbol, variables
from matcalc.expr.dims import Dim
from matcalc.expr.properties import INFERRED, PROPERTIES, Property
from matcalc.reading import read
from matcalc.rewriting.lines import Line, lines_of

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

    >>> check_row(Op("twice", "(m,n)->(m,n)", d="2*dX.*dY"))
    Traceback (most recent call last):
    ...
    matcalc.errors.TableError: row `twice`, d: `dY` is no name of this row
    """
    for column, problem in _problems_of_row(op):
        raise TableError(f"row `{op.name}`, {column}: {problem}")


def _problems_of_row(op: Op) -> Iterator[tuple[str, str]]:
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


ONE_OPERAND = ("inverse", "transpose", "square", "odd", "root")
TWO_OPERANDS = ("sum", "product", "congruence", "kron", "hadamard")
LETTERS = (
    "A: (n, n); B: (n, k); G: ({0}); P: ({0}); M: ({0}); E: (n, n); J: (n, n); R: (n, n); a: (n); b: (n); p: (n); c: (n); d: (n); s: (n); "
    "O: ({0}); U: ({0}); V: ({0}); C: ({1}, {1}); K: ({1}, k); L: (n, k)"
)
SHAPES = {"square": "n, n", "vector": "n", "matrix": "m, n", "tall": "m, n", "any": "m, n"}


def check_line(line: Line) -> None:
    """Reads both sides.

    Raises TableError with the line's name: a side that does not parse, sides of two shapes, a letter, a size or a function on the right
    that is not on the left.

    >>> check_line(Line("lost", "tr(A*B)", "tr(B*C)", scalar=False))
    Traceback (most recent call last):
    ...
    matcalc.errors.TableError: identity `lost`: C is on the right only
    """
    try:
        found = list(line.identities())
    except MatcalcError as error:
        raise TableError(f"identity `{line.name}`: {error}") from error
    for identity in found:
        left, right = identity.left, identity.right
        problem = ""
        if left.shape != right.shape:
            problem = "the left side is ({}, {}), the right side ({}, {})".format(*left.shape, *right.shape)
        if free := [v.data[0] for v in variables(right) if v not in set(variables(left))]:
            problem = f"{free[0]} is on the right only"
        elif unknown := [n.op.abstract[0] for n in postorder(left, right) if n.op.abstract]:
            problem = f"there is no function `{unknown[0]}`"
        elif sizes := _sizes(right) - _sizes(left):
            problem = f"the size {min(sizes)} is on the right only"
        elif left is right:
            problem = "both sides are one expression"
        if problem:
            raise TableError(f"identity `{line.name}`: {problem}")


def check_property(row: Property) -> None:
    """Reads every column of a row of the properties.

    Raises TableError with the row's name and the column.

    >>> check_property(Property("round", "square", sum="round,rond"))
    Traceback (most recent call last):
    ...
    matcalc.errors.TableError: property `round`, sum: `rond` is no property
    """
    for column, problem in _problems_of_property(row):
        raise TableError(f"property `{row.name}`, {column}: {problem}")
    if row.name in PROPERTIES:
        for line in lines_of(row.name):
            check_line(line)


def _problems_of_property(row: Property) -> Iterator[tuple[str, str]]:
    if row.shape not in SHAPES:
        yield "shape", f"`{row.shape}` is none of {', '.join(SHAPES)}"
        return
    known = {row.name, "any", *PROPERTIES, *INFERRED}
    yield from (("implies", f"`{p}` is no property") for p in row.implies if p not in known)
    for column in (*ONE_OPERAND, *TWO_OPERANDS):
        text: str = getattr(row, column)
        for way in text.split("|") if text else ():
            sides = way.split(",")
            if len(sides) != (2 if column in TWO_OPERANDS else 1):
                yield column, f"`{way.strip()}` is of {len(sides)} operand{'s' * (len(sides) != 1)}"
            yield from ((column, f"`{p}` is no property") for side in sides for p in side.split() if p not in known)
    shape = SHAPES[row.shape]
    formulas = [*(("draw", t, LETTERS.format(shape, shape[0])) for t in row.draw), *(("holds", t, f"X: ({shape})") for t in row.holds)]
    formulas += [("tangent", row.tangent, f"X: ({shape}); W: ({shape})")] if row.tangent else []
    wanted = tuple(symbol(n) for n in shape.split(", ")) if "," in shape else (symbol(shape), 1)
    for column, text, where in formulas:
        try:
            made = read(text, where)
        except MatcalcError as error:
            yield column, str(error)
            continue
        unknown = [n.op.abstract[0] for n in postorder(made.expr) if n.op.abstract]
        inferred = [name for name, s in made.symbols.items() if s.inferred]
        if unknown or inferred:
            yield column, f"`{(unknown or inferred)[0]}` is nothing it may name"
        elif column != "holds" and made.expr.shape != wanted:
            yield column, f"it is ({made.expr.shape[0]}, {made.expr.shape[1]}), and should be ({wanted[0]}, {wanted[1]})"


def _sizes(e: Expr) -> set[str]:
    return {name for n in postorder(e) for size in n.shape if isinstance(size, Dim) for name in size.symbols}
