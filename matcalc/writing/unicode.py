"""Unicode for the terminal, close to what one writes by hand; it reads back.

>>> from matcalc.expr import product, symbol, variable
>>> A, x = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1))
>>> print(unicode(product([A.T, A, x])))
Aᵀ A x
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

from matcalc.expr import PLAIN, Expr, Manner, Op, variables
from matcalc.writing.layout import ATOM, BIG, FACTOR, HADAMARD, INDEXED, KRON, MOVING, POWER, PRODUCT, RAISED, Form, Layout
from matcalc.writing.name_parts import GREEK, taken_apart
from matcalc.writing.notation import Language, write
from matcalc.writing.text import FORMS as TYPED
from matcalc.writing.text import TEXT

# fmt: off
FORMS: dict[str, Form] = {
    # notation            template          binds      the least its operands bind
    **TYPED,  # but for these
    "form":              ("{0} {1}",        PRODUCT,   (PRODUCT, FACTOR)),
    "dot over":          ("{0} ⊘ {1}",      HADAMARD,  (HADAMARD, FACTOR)),
    "transpose":         ("{0}ᵀ",           RAISED,    (INDEXED,)),
    "adjoint":           ("{0}ᴴ",           RAISED,    (INDEXED,)),
    "inverse adjoint":   ("{0}⁻ᴴ",          RAISED,    (INDEXED,)),
    "inverse":           ("{0}⁻¹",          RAISED,    (INDEXED,)),
    "inverse root":      ("{0}^−½",         RAISED,    (INDEXED,)),
    "inverse transpose": ("{0}⁻ᵀ",          RAISED,    (INDEXED,)),
    "power":             ("{0}^{1}",        POWER,     (INDEXED, ATOM)),
    "dot power":         ("{0}.^{1}",       POWER,     (INDEXED, ATOM)),
    "sqrt":              ("√({0})",         ATOM,      (0,)),
    "sum over":          ("∑_{{{0}=1}}^{1} {2}", BIG,  (0, 0, 0)),
    "norm of a matrix":  ("‖{0}‖_F",        INDEXED,   (0,)),
    "kron":              ("{0} ⊗ {1}",      KRON,      (FACTOR, FACTOR)),
    "identity":          ("I_{0}",          ATOM,      (ATOM,)),
    "1":                 ("𝟏",              ATOM,      ()),
    "ones":              ("𝟏_{0}",          ATOM,      (ATOM,)),
    "zero":              ("0_({0})",        ATOM,      (0,)),
    "unit":              ("I[:,{0}]",       ATOM,      (0, ATOM)),  # e_j is a name like any other
    "free unit":         ("I_{1}[:,{0}]",   ATOM,      (0, ATOM)),
}
# fmt: on

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def symbol(name: str) -> tuple[str, int]:
    """A name, in Greek letters where it is spelled out.

    >>> symbol("alpha_1")[0], symbol("x")[0]
    ('α₁', 'x')
    """
    stem, underscore, index = name.partition("_")
    moving = taken_apart(name).differential
    letter = "d" + GREEK.get(stem[1:], stem[1:]) if moving else GREEK.get(stem, stem)
    below = index.translate(_LOWERED) if index.isdecimal() and index.isascii() else underscore + index
    return letter + below, MOVING if moving else ATOM


def _row(op: Op, taken: Set[str] = frozenset()) -> tuple[str, int]:
    if op.unicode and op.unicode not in taken:  # K may be a matrix of the user's
        return op.unicode, op.prec if "{0}" in op.unicode else ATOM
    name, primes = op.abstract or (op.spelled or op.name, 0)
    return symbol(name)[0] + "′" * primes, ATOM


def _times(a: Layout, b: Layout) -> str:
    """A space, or a dot where a name before a parenthesis would read as a function, and between numbers."""
    name = a.parts[0] if len(a.parts) == 1 else ""
    return "·" if b.head in "0123456789" or (b.head == "(" and isinstance(name, str) and name[:1].islower()) else " "


UNICODE = Language(
    FORMS,
    fences=("(", ")"),
    plus=" + ",
    minus=" − ",
    negative="−",
    hadamard=" ⊙ ",
    times=_times,
    symbol=symbol,
    sizes=lambda sizes: ",".join(repr(s).replace("*", "·").replace(" ", "") for s in sizes),
    row=_row,
    joined=TEXT.joined,
    blocks=("[", " ", "; ", "]"),
    whole=lambda k: str(k).translate(_RAISED),
)


def unicode(e: Expr, declared: Iterable[str] = (), manner: Manner = PLAIN) -> str:
    """`e` for the terminal; `declared` are names that must not mean a function.

    `manner` is how the author writes.  Raises LimitError where it is longer than a million characters.
    """
    taken = {*declared, *(v.data[0] for v in variables(e))}
    return write(replace(UNICODE, row=lambda op: _row(op, taken), manner=manner), e)
