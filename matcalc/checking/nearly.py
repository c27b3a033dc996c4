"""In what sense a claim is nearly right: off by a factor, transposed, by another convention, under a condition, by a known mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from matcalc.checking.comparing import Sample, Value, compared, factor, same, samples, value_at
from matcalc.checking.linear import turned
from matcalc.checking.mistakes import mistakes
from matcalc.checking.numbers import Matrix, Number, Undefined
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, Size, closure, postorder, substitute, variable, variables
from matcalc.expr.dims import Dim
from matcalc.expr.properties import PROPERTIES

# By how much they ask, the weakest first; what STRICT asks is seldom what was meant, where a mistake explains as much.
CONDITIONS = ("invertible", "symmetric", "positive", "diagonal")
STRICT = ("orthogonal", "skew", "sphere")
ENOUGH = 3  # points at which a condition has to make a difference of nothing
FEW = 3  # points at which most of what is not so is seen not to be
FREE = "the convention of free entries, Petersen & Pedersen 2.8"
TURNED = "the transpose of the derivative (numerator layout)"

Pair = tuple[Value, Value]


def in_one_way(found: Sequence[Sample], *, free: bool = False) -> str:
    """How the claim (first) differs from the derivative (second) at all samples: in layout, convention or a constant; or nothing.

    With `free`, the derivative is by a symmetric matrix, and may be meant with the entries above and below the diagonal as one.
    """
    pairs = [(s.first, s.second) for s in found if not (s.first.vanishes and s.second.vanishes)]
    if not pairs:
        return ""
    forms: list[tuple[str, Callable[[Matrix], Matrix]]] = [("", lambda m: m)]
    if all(a.shape == b.shape[::-1] for a, b in pairs) and any(1 not in b.shape or a.shape != b.shape for a, b in pairs):
        forms.append((TURNED, turned))
    if free:
        forms.append((FREE, free_entries))
    for name, form in forms[1:]:
        if _all_same((a, b.map(form)) for a, b in pairs):
            return name
    for name, form in forms:
        c = factor((a, b.map(form)) for a, b in pairs)
        if c is not None and c != 1:
            return off_by(c) if not name else f"off by the factor {c}, and {'in ' * (name == FREE)}{name}"
    if all(a.shape == b.shape and 1 not in b.shape for a, b in pairs if a.shape != (1, 1)) and _all_same(
        (a.map(_symmetric_part), b.map(_symmetric_part)) for a, b in pairs
    ):
        return "only its symmetric part is right"
    return ""


def off_by(c: Fraction) -> str:
    """The verdict on a claim that has to be multiplied by c."""
    return f"off by the factor {c}: the derivative is {c} times the claim"


def free_entries(m: Matrix) -> Matrix:
    """2D − D ⊙ I: the derivative by an entry on both of its places at once.

    >>> free_entries([[1, 2], [2, 3]])
    [[1, 4], [4, 3]]
    """
    return [[x if i == j else x + m[j][i] for j, x in enumerate(row)] for i, row in enumerate(m)]


def _symmetric_part(m: Matrix) -> Matrix:
    if len(m) != len(m[0]):
        return m
    return [[x + m[j][i] for j, x in enumerate(row)] for i, row in enumerate(m)]


def _all_same(pairs: Iterator[Pair]) -> bool:
    return all(same(a, b) for a, b in pairs)


def mistake(claim: Expr, target: Expr, found: Sequence[Sample]) -> str:
    """The mistake that makes the claim of the derivative, or the other way round, if it is a known one."""
    for first, second, more in ((claim, target, False), (target, claim, True)):
        for name, made in mistakes(second):
            if made.shape == first.shape and _equal_at(made, found, more):
                return f"in the claim, {name}" if not more else f"the claim has what the derivative has not; without it, {name}"
    return ""


def _equal_at(made: Expr, found: Sequence[Sample], more: bool) -> bool:
    """Whether an expression has the value of the claim (with `more`, of the derivative) at all samples."""
    try:
        for s in found:
            if not same(value_at(s.deal.point, made)[0], s.second if more else s.first):
                return False
    except (Undefined, MatcalcError):
        return False
    return bool(found)


def missing(claim: Expr, target: Expr, found: Sequence[Sample]) -> str:
    """The scalar that the claim lacks, or has too much, where the derivative is that times the claim at every point."""
    for form, suffix in ((lambda m: m, ""), (turned, f", and {TURNED}")):
        ratios = [(s, factor([(s.first, s.second.map(form))])) for s in found]
        known = [(s, c) for s, c in ratios if c is not None]
        if len(known) == len(ratios) and len({c for _, c in known}) > 1:
            how = _scalar(claim, target, known)
            if how:
                return how + suffix
    return ""


def _scalar(claim: Expr, target: Expr, ratios: Sequence[tuple[Sample, Fraction]]) -> str:
    candidates = {n for e in (claim, target) for n in postorder(e) if n.is_scalar and n.op.name != "number"}
    for n in sorted(candidates, key=lambda n: n.weight):
        for k in (1, -1, 2, -2):
            left = _left(n, ratios, lambda x, k=k: Fraction(x) ** k)  # type: ignore[misc]
            if left is not None:
                what = repr(n) if abs(k) == 1 else f"({n!r})²"
                rest = "" if left == 1 else f", and it is off by the factor {left}"
                return f"a factor is {'dropped' if k > 0 else 'too much'}: {what}{rest}"
        left = _left(n, ratios, lambda x: 1 if x > 0 else -1)
        if left is not None:
            return (
                f"true only where {n!r} is {'positive' if left == 1 else 'negative'}"
                if abs(left) == 1
                else f"off by the factor {left} and the sign of {n!r}"
            )
    return ""


def _left(n: Expr, ratios: Sequence[tuple[Sample, Fraction]], f: Callable[[Number], Number]) -> Number | None:
    """The ratios divided by f of the value of n, if that is the same at all points."""
    left = set()
    for s, c in ratios:
        try:
            ((x,),) = value_at(s.deal.point, n)[0].best
        except Undefined:
            return None
        if not isinstance(x, (int, Fraction)) or not x:
            return None
        left.add(c / f(x))
    return left.pop() if len(left) == 1 else None


# --- conditions --------------------------------------------------------------------------------------------------


def conditions(
    a: Expr, b: Expr, more: Callable[[Sequence[Sample], str, str], str] | None = None, names: Sequence[str] = (*CONDITIONS, *STRICT)
) -> Iterator[tuple[str, str, str]]:
    """The (variable, property, what is off still) that make the two equal, each declared alone; of one variable the weakest.

    `more` says of samples under a condition in what way they are nearly equal.  A property of square matrices is tried where making
    the variable square changes nothing but names of sizes.
    """
    for v in variables(a, b):
        for name in names:
            if name in v.data[1]:
                continue
            pair = with_property(v, name, a, b)
            if pair is None or pair[0].shape != pair[1].shape:
                continue
            found = compared(*pair)
            if found.equal and _telling(found.samples or samples(*pair)):
                yield v.data[0], name, ""
                break
            if more is not None and not found.equal and found.samples:
                how = more(samples(*pair, count=FEW), v.data[0], name)
                if how and more(samples(*pair), v.data[0], name) == how:
                    yield v.data[0], name, how
                    break


def _telling(found: Sequence[Sample]) -> bool:
    """Whether something is not zero at some points, and not all of the sizes are one."""
    real = [s for s in found if not s.first.vanishes and (max(s.deal.point.sizes.values(), default=2) > 1)]
    return len(real) >= ENOUGH


def with_property(v: Expr, name: str, *expressions: Expr) -> list[Expr] | None:
    """The expressions with the variable declared to have one more property; None where it cannot."""
    properties = frozenset(v.data[1]) | {name}
    row = PROPERTIES[name]
    try:
        if row.shape == "any" or row.shape == "vector" and v.is_vector:
            return [substitute(e, {v: variable(v.data[0], v.shape, closure(properties))}) for e in expressions]
        sizes = None if 1 in v.shape or row.shape == "vector" else same_size(*v.shape)
        if sizes is None:
            return None
        out = []
        for e in expressions:
            e = substitute(e, {}, sizes) if sizes else e
            square = next((u for u in variables(e) if u.data[0] == v.data[0]), None)
            out.append(e if square is None else substitute(e, {square: variable(v.data[0], square.shape, closure(properties))}))
        return out
    except MatcalcError:
        return None


def same_size(m: Size, n: Size) -> Mapping[str, Size] | None:
    """Makes two sizes the same: one symbol renamed to the other; None where nothing does."""
    if m == n:
        return {}
    if isinstance(n, Dim) and n.name:
        return {n.name: m}
    return {m.name: n} if isinstance(m, Dim) and m.name else None
