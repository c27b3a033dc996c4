"""What an answer takes for granted, in words: collected from the domain and smooth columns of the operators.

A domain is a condition on the input (A invertible); a place where an operator is not smooth is one on the
derivative (differentiable where x ≠ 0), and counts only where the argument depends on the variable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction

from matcalc.expr import (
    HPOWER,
    MATPOWER,
    NUMBER,
    POWER,
    PRODUCT,
    SIZE,
    SUM,
    TRANSPOSE,
    Expr,
    closure,
    is_nonnegative,
    is_ones,
    postorder,
    properties_of,
    substitute,
)
from matcalc.operators.matrices import DET, LOGDET, NORM

Naming = Callable[[Expr], str]  # what an expression is called in a sentence
LONGEST = 48  # of an argument that is written out


def domains(*roots: Expr, names: Mapping[Expr, Expr] | None = None) -> list[str]:
    """The conditions under which the expressions are defined; `names` are of parts, to be called so.

    >>> from matcalc.api.building import function, matrix
    >>> A = matrix("A", "n", "n")
    >>> domains(function("tr")(function("inv")(A)))
    ['A invertible']
    """
    given = set(postorder(*roots[:1]))  # what the answer alone contains is defined where these conditions hold
    nodes = [e for e in postorder(*roots) if e in given or e.args and _squared(e.args[0]) in given]
    found = dict.fromkeys(_domains(nodes, _naming(names), given))
    weaker = {
        f"{c.removesuffix(' positive')} {w}" for c in found if c.endswith(" positive") for w in ("≠ 0", "without zeros", "nonnegative")
    }
    return [c for c in found if c not in weaker]


def smoothness(of: Expr, wrt: Sequence[Expr], names: Mapping[Expr, Expr] | None = None) -> list[str]:
    """Where the expression is differentiable by the variables, if not everywhere.

    >>> from matcalc.api.building import function, vector
    >>> x, b = vector("x", "n"), vector("b", "n")
    >>> smoothness(function("norm")(x - b), [x]), smoothness(function("norm")(x - b)**2, [x])
    (['differentiable where x − b ≠ 0'], [])
    """
    nodes = postorder(of)
    moving = _depending(nodes, wrt)
    squared, name = _only_in_powers(nodes), _naming(names)
    out: dict[str, None] = {}
    for e in nodes:
        if e in moving and e.op.smooth and e not in squared:
            out[f"differentiable where {_holds(e, name)}"] = None
    return list(out)


def singular(root: Expr) -> list[str]:
    """What cannot be, as the sizes show: inverses and determinants of matrices of too small a rank.

    >>> from matcalc.api.building import function, matrix
    >>> X = matrix("X", 5, 3)
    >>> singular(function("logdet")(X @ X.T))
    ['X Xᵀ is singular: its rank is at most 3, and it is 5×5']
    """
    rank: dict[Expr, int | None] = {}  # at most; None where nothing is known
    out: dict[str, None] = {}
    for e in postorder(root):
        rows, columns = e.shape
        bounds = [n for n in (rows, columns) if isinstance(n, int)]
        if e.op in (PRODUCT, TRANSPOSE):
            bounds += [r for a in e.args if not a.is_scalar and (r := rank[a]) is not None]
        elif e.op is SUM:
            terms = [rank[t] for t in e.args]
            bounds += [sum(r for r in terms if r is not None)] if None not in terms else []
        rank[e] = min(bounds, default=None)
        if e.op is MATPOWER and e.data < 0 or e.op in (LOGDET, DET):
            inner, n = rank[e.args[0]], e.args[0].shape[0]
            if isinstance(n, int) and inner is not None and inner < n:
                out[f"{_name(e.args[0])} is singular: its rank is at most {inner}, and it is {n}×{n}"] = None
    return list(out)


def _domains(nodes: list[Expr], name: Naming, given: Collection[Expr]) -> Iterator[str]:
    for e in nodes:
        if e.op is MATPOWER and e.data < 0 and not _has(e.args[0], "invertible"):
            yield f"{name(e.args[0])} invertible"
        elif e.op in (POWER, HPOWER) and e.args[1].op is NUMBER:
            yield from _of_power(e.args[0], e.args[1].data, name, e.args[0] in given)
        elif e.op in (POWER, HPOWER) and not (e.args[0].op is NUMBER or e.args[0].op.range or _has(e.args[0], "nonnegative")):
            yield f"{name(e.args[0])} positive"
        elif e.op.domain and not _known(e):
            yield _in_words(e, name)


def _in_words(e: Expr, name: Naming) -> str:
    if not e.op.domain.startswith("where "):
        return f"{name(e.args[0])} {e.op.domain}"
    names = dict(zip("XYZ", map(name, e.args), strict=False))
    return re.sub(r"\b[XYZ]\b", lambda m: names[m[0]], e.op.domain.removeprefix("where "))


def _squared(e: Expr) -> Expr:
    """x of ‖x‖, which stands for √(x'x) in an answer."""
    return e.args[0] if e.op is NORM else e


def _of_power(base: Expr, k: int | Fraction, name: Naming, given: bool) -> Iterator[str]:
    if _positive(base):
        return
    if given and base.op.range == "nonnegative" and base.op.smooth:
        return  # zero is where it is not differentiable, which is said already
    if k > 0 and _nonnegative(base):
        return
    if k.denominator % 2 == 0 and not (base.is_scalar and _nonnegative(base)):
        yield f"{name(base)} {'positive' if k < 0 else 'nonnegative'}"
    elif k < 0:
        yield f"{name(base)} ≠ 0" if base.is_scalar else f"{name(base)} without zeros"


def _positive(e: Expr) -> bool:
    """Whether an expression is known to be positive, entry by entry: exp(x) + 1, ‖x‖² + 1."""
    if e.op is SUM:
        return _nonnegative(e) and any(_positive(a) for a in e.args)
    if is_ones(e) or e.op is SIZE or e.op is NUMBER and e.data > 0 or e.op is DET and _has(e.args[0], "spd"):
        return True
    return e.op.range == "positive" or _has(e, "positive")


def _nonnegative(e: Expr) -> bool:
    if e.op is SUM:
        return all(c > 0 and (_nonnegative(a) or _positive(a)) for c, a in zip(e.data, e.args, strict=True))
    if e.is_scalar:
        return is_nonnegative(e)
    even = e.op is HPOWER and e.args[1].op is NUMBER and e.args[1].data in (2, 4, 6)
    return even or bool(e.op.range) or _has(e, "nonnegative")


def _known(e: Expr) -> bool:
    a = e.args[0]
    if a.op in (NUMBER, SIZE) or (e.op.domain == "positive" and _positive(a)):
        return True
    if e.op.domain.startswith("without eigenvalues") and _has(a, "spd"):
        return True
    return (e.op.domain == "symmetric" and a.symmetric) or e.op.domain in _properties(a)


def _properties(e: Expr) -> frozenset[str]:
    return closure(frozenset(properties_of(e)))


def _has(e: Expr, name: str) -> bool:
    return name in _properties(e)


def _holds(e: Expr, name: Naming) -> str:
    subject, condition = name(e.args[0]), e.op.smooth
    if condition == "nonzero":
        return f"{subject} has no zero entry" if e.op.elementwise and not e.is_scalar else f"{subject} ≠ 0"
    return f"{subject} has {condition.removeprefix('with ')}" if condition.startswith("with ") else f"{subject} is {condition}"


def _depending(nodes: list[Expr], wrt: Sequence[Expr]) -> set[Expr]:
    moving: set[Expr] = set(wrt)
    for e in nodes:
        if any(a in moving for a in e.args):
            moving.add(e)
    return moving


def _only_in_powers(nodes: list[Expr]) -> set[Expr]:
    """The norms that occur only in powers above one, which are smooth."""
    inside: set[Expr] = set()
    outside: set[Expr] = set()
    for e in nodes:
        smooth = e.op is POWER and e.args[1].op is NUMBER and e.args[1].data > 1
        for a in e.args:
            if a.op is NORM:
                (inside if smooth else outside).add(a)
    return inside - outside - {nodes[-1]}


def _naming(names: Mapping[Expr, Expr] | None) -> Naming:
    return (lambda e: _name(substitute(e, names))) if names else _name


def _name(e: Expr) -> str:
    from matcalc.writing.unicode import unicode

    if e.weight > LONGEST:
        return "its argument"
    text = unicode(e)
    return text if len(text) <= LONGEST else "its argument"
