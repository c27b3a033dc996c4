"""The functions of the language by name: rows of the table, and definitions that are written out when read.

A definition never becomes a node: sum(X) is 1'X1, mean(x) is that over n, norm1(x) is sum(abs(x)).
The writers know these forms and write the short name again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.errors import ShapeError
from matcalc.expr import (
    Expr,
    Op,
    apply,
    fill,
    hpower,
    identity,
    matpower,
    number,
    ones,
    power,
    product,
    size,
    transpose,
    zero,
)
from matcalc.expr.apply import inputs_of, signature
from matcalc.expr.dims import Size
from matcalc.operators.elementwise import ALIASES, ELEMENTWISE, elementwise
from matcalc.operators.matrices import DIAG, DIAGONAL, MATRIX, NORM, TR, commutation, pi, unvec


@dataclass(frozen=True, slots=True)
class Function:
    """A name before parentheses: the shapes it takes and what it makes of its arguments.

    `overloads` are tried in order (diag of a vector, diag of a matrix); where `sizes` is set the
    arguments are sizes, as in ``eye(n)``; the last `sizes` arguments of ``unvec`` are.  A `note` goes with every answer.
    """

    name: str
    overloads: tuple[Overload, ...]
    sizes: int = 0
    doc: str = ""
    note: str = ""

    def overload(self, shapes: Sequence[tuple[object, object]]) -> Overload:
        """The first that takes so many arguments, vectors where it wants vectors; the last of so many where none does.

        Raises ShapeError where there is none of so many.
        """
        fitting = [o for o in self.overloads if inputs_of(o[0]) == len(shapes)]
        if not fitting:
            counts = sorted({inputs_of(text) for text, _ in self.overloads})
            plural = "s" * (counts != [1])
            raise ShapeError(f"{self.name} takes {' or '.join(map(str, counts))} argument{plural}, not {len(shapes)}")
        return next((o for o in fitting if _fits(o[0], shapes)), fitting[-1])


Overload = tuple[str, Callable[..., Expr]]


def _fits(text: str, shapes: Sequence[tuple[object, object]]) -> bool:
    """Whether there is a vector wherever the signature has one."""
    if "->" not in text:
        return True
    return all(wanted[1] != 1 or columns == 1 for wanted, (_, columns) in zip(signature(text)[0], shapes, strict=True))


def _of_row(op: Op) -> tuple[str, Callable[..., Expr]]:
    return op.signature, lambda *args: apply(op, args)


def total(x: Expr) -> Expr:
    """The sum of all entries, 1'X1."""
    rows, columns = x.shape
    return product([ones((1, rows)), x, ones((columns, 1))])


def mean(x: Expr) -> Expr:
    """The sum of all entries over their number."""
    return product([total(x), power(size(x.shape[0] * x.shape[1]), number(-1))])


def square_root(x: Expr) -> Expr:
    return hpower(x, number(Fraction(1, 2)))


# fmt: off
_DEFINITIONS: tuple[Function, ...] = (
    Function("sum", (("(m,n)->()", total),), doc="the sum of all entries"),
    Function("mean", (("(m,n)->()", mean),), doc="their mean"),
    Function("rowsum", (("(m,n)->(m)", lambda x: product([x, ones((x.shape[1], 1))])),), doc="the sum of each row"),
    Function("colsum", (("(m,n)->(n)", lambda x: product([transpose(x), ones((x.shape[0], 1))])),), doc="the sum of each column"),
    Function("inv", (("(n,n)->(n,n)", lambda x: matpower(x, -1)),), doc="the inverse"),
    Function("inner", (("(m,n),(m,n)->()", lambda x, y: apply(TR, (product([transpose(x), y]),))),), doc="tr(X'Y)"),
    Function("norm", (("(m,n)->()", lambda x: apply(NORM, (x,))),), doc="the Euclidean or Frobenius norm"),
    Function("norm1", (("(m,n)->()", lambda x: total(elementwise("abs", x))),), doc="the sum of absolute values"),
    Function("square", (("*", lambda x: hpower(x, number(2))),), doc="x^2 elementwise"),
    Function("sqrt", (("*", square_root),), doc="the elementwise square root"),
    Function("diag", (_of_row(DIAG), _of_row(DIAGONAL)), doc="vector → diagonal matrix, matrix → vector of its diagonal"),
)

_SIZED: tuple[Function, ...] = (
    Function("eye", (("->(n,n)", identity),), sizes=1, doc="the identity"),
    Function("ones", (("->(m)", lambda m: ones((m, 1))), ("->(m,n)", lambda m, n: ones((m, n)))), sizes=2, doc="a vector or matrix of ones"),
    Function("zeros", (("->(m)", lambda m: zero((m, 1))), ("->(m,n)", lambda m, n: zero((m, n)))), sizes=2, doc="zeros"),
    Function("commutation", (("->(m*n,m*n)", lambda m, n: commutation((m, n))),), sizes=2, doc="K vec(A) = vec(A') for A m×n"),
    Function("unvec", (("(m*n)->(m,n)", unvec),), sizes=2, doc="the m×n matrix whose vec is given"),
)

_SPREAD: tuple[Function, ...] = (
    Function("vector", (("()->(m)", lambda s, shape: fill(s, shape)),), doc="a constant vector, as long as its place needs"),
    Function("matrix", (("()->(m,n)", lambda s, shape: fill(s, shape)),), doc="a constant matrix of the shape its place needs"),
)
# fmt: on

_NO_NAME = {"pi", "diagonal", "unvec", "commutation"}

# Every name the language knows before parentheses.
FUNCTIONS: dict[str, Function] = {
    **{op.name: Function(op.name, (_of_row(op),)) for op in (*ELEMENTWISE, *MATRIX) if op.name not in _NO_NAME},
    **{f.name: f for f in (*_DEFINITIONS, *_SIZED, *_SPREAD)},
}
FUNCTIONS.update({alias: FUNCTIONS[name] for alias, name in ALIASES.items()})

CONSTANTS: dict[str, Callable[[], Expr]] = {"pi": pi, "π": pi}


def call(name: str, *args: Expr | Size) -> Expr:
    """The function `name` of the language applied to expressions (and sizes, where it takes them).

    >>> call("sum", number(3)), call("eye", 1)
    (3, 1)
    """
    function = FUNCTIONS[name]
    if function.sizes:
        return function.overloads[min(len(args), len(function.overloads)) - 1][1](*args)
    build = function.overload([a.shape for a in args if isinstance(a, Expr)])[1]
    return build(*args)
