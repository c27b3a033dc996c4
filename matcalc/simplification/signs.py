"""Signs of differences: which way round b - c stands in a product."""

from __future__ import annotations

from matcalc.expr import HADAMARD, PRODUCT, SUM, TRANSPOSE, Expr, add, below, number, postorder, product, scaled, transpose, untransposed
from matcalc.expr import heads as H
from matcalc.expr.node import known_so_far
from matcalc.expr.rebuild import remake, transform
from matcalc.expr.sums import negated, sign_flipped


def positive(e: Expr) -> Expr:
    """-A (b - c) as A (c - b): the minus goes into the first sum that has one already; but (b - c) (c - b)' is -(b - c) (b - c)'.

    -(b - c)/norm(b - c) stays: one difference is written one way.
    """
    if e.op is not PRODUCT:
        return e
    differences = [f for f in map(untransposed, e.args) if f.op is SUM and any(k < 0 for k in f.data)]
    ways = [_way(f) for f in e.args] if len(differences) > 1 else []
    sums = [f for f in ways if f.op is SUM and any(k < 0 for k in f.data)]
    for k, f in enumerate(sums):
        other = _way(negated(f))
        if other is not f and other in sums[k + 1 :]:  # X' - X is minus its own transpose
            keep = min(f, other, key=_written_plus)
            i = next(i for i, g in enumerate(ways) if g in (f, other) and g is not keep)
            turned = transpose(negated(untransposed(e.args[i]))) if e.args[i].op is TRANSPOSE else negated(e.args[i])
            return product([number(-1), number(e.data[0]), *e.args[:i], turned, *e.args[i + 1 :]])
    if len(set(sums)) < len(sums):
        return e
    if e.data[0] < 0 and e.data[0].numerator == -1 and not _stands_twice(e):
        flipped = sign_flipped(e)
        if flipped is not None:
            return scaled(-1, flipped)
    return e


def in_whole_numbers(e: Expr) -> Expr:
    """2 (1 - x/2) A as (2 - x) A: the number goes into a sum whose fractions it makes whole."""
    c = e.data[0]
    if e.op is not PRODUCT or c == 1:
        return e
    for i, f in enumerate(e.args):
        if f.op is SUM and any(k.denominator != 1 for k in f.data) and all((c * k).denominator == 1 for k in f.data):
            made = product([*e.args[:i], add([scaled(c * k, t) for k, t in zip(f.data, f.args, strict=True)]), *e.args[i + 1 :]])
            return made if made.weight < e.weight else e
    return e


def as_typed(e: Expr, typed: Expr) -> Expr:
    """`e` with its residuals the way round that they have in `typed`: of ‖b - A x‖²/2 it is -A' (b - A x), as of ‖b - A x‖².

    A difference of names is no residual: either way round is as plain.

    >>> from matcalc.reading import read
    >>> as_typed(read("A'*(A*x - b)").expr, read("norm(b - A*x)^2").expr)
    −Aᵀ (b − A x)
    """
    back = _residuals_back(typed)

    def turned(n: Expr) -> Expr:
        if n.is_scalar or n.op is not PRODUCT and n.op is not HADAMARD or back.keys().isdisjoint(n.args):
            return n
        return scaled((-1) ** sum(f in back for f in n.args), remake(n, tuple(back.get(f, f) for f in n.args)))

    return transform(e, turned) if back else e


def _residuals_back(typed: Expr) -> dict[Expr, Expr]:
    """The residuals of `typed` by their opposites, found once in a question."""
    known = known_so_far("residuals back")
    if typed not in known:
        given = {n for n in below(typed) if n.op is SUM and not n.is_scalar and any(k < 0 for k in n.data) and not _of_names(n)}
        known[typed] = {turn(other): turn(s) for s in given if (other := negated(s)) not in given for turn in (transpose, untransposed)}
    found: dict[Expr, Expr] = known[typed]
    return found


def _of_names(s: Expr) -> bool:
    return all(untransposed(t).op is H.VARIABLE for t in s.args)


def _stands_twice(e: Expr) -> bool:
    """Whether the sum whose sign would turn stands in another factor as it is, or transposed."""
    pieces = [untransposed(g) for f in e.args for g in (untransposed(f).args if untransposed(f).op is HADAMARD else (f,))]
    turned = next((s for s in pieces if s.op is SUM and any(k < 0 for k in s.data)), None)
    return turned is not None and not {turned, transpose(turned)}.isdisjoint(postorder(*(p for p in pieces if p is not turned)))


def _way(f: Expr) -> Expr:
    """The sum that a factor is, whichever way it is transposed."""
    bare = untransposed(f)
    return min(bare, untransposed(transpose(bare)), key=lambda s: s.order) if bare.op is SUM else bare


def _written_plus(s: Expr) -> tuple[int, list[object]]:
    """x - y before y - x, x - A y before A y - x."""
    plus = [t for c, t in zip(s.data, s.args, strict=True) if c > 0]
    return sum(t.weight for t in plus), [t.order for t in plus]
