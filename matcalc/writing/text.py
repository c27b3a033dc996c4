"""Plain text: input of the language that reads back as the same expression, in as few names and operators as it can.

>>> from matcalc.expr import product, symbol, variable
>>> A, x = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1))
>>> text(product([A.T, A, x]))
"A'*A*x"
"""

from __future__ import annotations

from dataclasses import replace

from matcalc.expr import PLAIN, Expr, Manner
from matcalc.writing import layout as binds
from matcalc.writing.layout import ATOM, FACTOR, HADAMARD, INDEXED, POWER, PRODUCT, Form
from matcalc.writing.notation import Language, write

# fmt: off
FORMS: dict[str, Form] = {
    # notation            template             binds     the least its operands bind
    "over":              ("{0}/{1}",           PRODUCT,  (HADAMARD, FACTOR)),
    "dot over":          ("{0}./{1}",          HADAMARD, (HADAMARD, FACTOR)),
    "transpose":         ("{0}'",              INDEXED,  (INDEXED,)),
    "adjoint":           ("{0}^H",             INDEXED,  (INDEXED,)),
    "inverse adjoint":   ("inv({0})^H",        INDEXED,  (0,)),
    "conj":              ("conj({0})",         ATOM,     (0,)),
    "inverse":           ("inv({0})",          ATOM,     (0,)),
    "inverse transpose": ("inv({0})'",         INDEXED,  (0,)),
    "power":             ("{0}^{1}",           POWER,    (INDEXED, INDEXED)),
    "dot power":         ("{0}.^{1}",          POWER,    (INDEXED, INDEXED)),
    "sqrt":              ("sqrt({0})",         ATOM,     (0,)),
    "dot sqrt":          ("sqrt({0})",         ATOM,     (0,)),
    "column":            ("{0}[:,{1}]",        ATOM,     (INDEXED,)),
    "row":               ("{0}[{1},:]",        ATOM,     (INDEXED,)),
    "entry":             ("{0}[{1},{2}]",      ATOM,     (INDEXED,)),
    "item":              ("{0}[{1}]",          ATOM,     (INDEXED,)),
    "columns":           ("{0}[:,{1}]",        ATOM,     (INDEXED,)),
    "rows":              ("{0}[{1},:]",        ATOM,     (INDEXED,)),
    "part":              ("{0}[{1}]",          ATOM,     (INDEXED,)),
    "block":             ("{0}[{1},{2}]",      ATOM,     (INDEXED,)),
    "member":            ("{0}_{1}",           ATOM,     (0,)),
    "onehot":            ("onehot({0}, {1})",  ATOM,     (0,)),
    "sum over":          ("sum({0} = 1..{1}, {2})", ATOM, (0, 0, 0)),
    "form":              ("{0}*{1}",           PRODUCT,  (PRODUCT, FACTOR)),
    "I":                 ("I",                 ATOM,     ()),
    "identity":          ("eye({0})",          ATOM,     (0,)),
    "ones":              ("ones({0})",         ATOM,     (0,)),
    "zero":              ("zeros({0})",        ATOM,     (0,)),
    "unit":              ("eye({1})[:,{0}]",   ATOM,     (0, 0)),
}
# fmt: on

TEXT = Language(
    FORMS,
    fences=("(", ")"),
    plus=" + ",
    minus=" - ",
    negative="-",
    hadamard=".*",
    times=lambda a, b: "*",
    symbol=lambda name: (name, binds.ATOM),
    sizes=lambda sizes: ", ".join(repr(s).replace(" ", "") for s in sizes),
    row=lambda op: (op.spelled or op.name, binds.ATOM),
    joined=lambda places: places[0] if len(places) == 1 and places[0].isalnum() else f"{{{','.join(places)}}}",
    sums=True,
)


def text(e: Expr, manner: Manner = PLAIN) -> str:
    """`e` as plain input of the language.

    `manner` is how the author writes.  Raises LimitError where it is longer than a million characters.
    """
    return write(TEXT if manner is PLAIN else replace(TEXT, manner=manner), e)
