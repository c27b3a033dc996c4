"""Whether a line of the identities, or a row of the properties, says what can be: read at test time, so that a mistake has its name."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.errors import MatcalcError, TableError
from matcalc.expr import Expr, postorder, symbol, variables
from matcalc.expr.dims import Dim
from matcalc.expr.properties import INFERRED, PROPERTIES, Property
from matcalc.reading import read
from matcalc.rewriting.lines import Line, lines_of

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
    for column, problem in _problems(row):
        raise TableError(f"property `{row.name}`, {column}: {problem}")
    if row.name in PROPERTIES:
        for line in lines_of(row.name):
            check_line(line)


def _problems(row: Property) -> Iterator[tuple[str, str]]:
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
