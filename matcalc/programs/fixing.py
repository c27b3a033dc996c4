"""Arguments that stay the same: what depends on nothing else is computed once, and is made to be much.

`spread` multiplies out what keeps fixed factors apart: F (G x + h) is (F G) x + F h.  A square is not multiplied out, as
x'(A'A)x − 2 x'A'b + b'b loses all digits that ‖A x − b‖² is smaller than b'b by: it is compressed.  With A = Q R, c = Q'b,

    ‖A x − b‖² = ‖R x − c‖² + ‖b − Q c‖²        A'(A x − b) = R'(R x − c)

where R has as many rows as columns, however many A has; likewise ‖F X G + H‖² of matrices, for fixed factors on either side.
`staying` finds the code that depends on fixed arguments only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from matcalc.expr import ONE, Expr, Op, Size, add, apply, number, postorder, power, product, remake, scaled, transpose
from matcalc.expr import heads as H
from matcalc.expr.dims import Dim
from matcalc.expr.products import squared
from matcalc.operators import call
from matcalc.programs import forms as F
from matcalc.programs.forms import Code
from matcalc.programs.settling import in_order

# Q and R of a matrix, from one factorisation that has them both.
FACTORED = Op("qr", "(m,n)->(m,n)", numpy="np.linalg.qr({0})")
ORTHOGONAL = Op("orthogonal factor", "(m,n)->(m,n)", numpy="{0}[0]")
TRIANGULAR = Op("triangular factor", "(m,n)->(n,n)", numpy="{0}[1]")
Weight = Callable[[Size], float]


def spread(roots: Sequence[Expr], fixed: Collection[str], weight: Weight, squares: bool = True) -> list[Expr]:
    """The roots, with `squares` compressed and sums multiplied out where fixed matrices meet fixed matrices then.

    `weight` says how large a size is taken to be: nothing is multiplied out into larger matrices.
    """
    nodes = postorder(*roots)
    work = _Spreading(fixed, weight, {s for n in nodes if squares and not n.loose and (s := squared(n)) is not None})
    for n in nodes:
        work.visit(n)
    return [work.done[r] for r in roots]


@dataclass(frozen=True)
class _Square:
    """A sum s = F v G + h with F, G and h fixed: ‖s‖², and F's G' for the F and G that are compressed."""

    left: Expr | None  # F
    right: Expr | None  # G
    value: Expr
    turned: Expr


class _Spreading:
    def __init__(self, fixed: Collection[str], weight: Weight, squared: Collection[Expr]) -> None:
        self.fixed, self.weight, self.squared = fixed, weight, squared
        self.done: dict[Expr, Expr] = {}
        self.stays: dict[Expr, bool] = {}
        self.squares: dict[Expr, _Square | None] = {}

    def visit(self, n: Expr) -> None:
        s = None if n.loose else squared(n)
        square = self.squares.get(self.done[s]) if s is not None else None
        made = square.value if square else remake(n, tuple(self.done[a] for a in n.args)) if n.args else n
        self.mark(made)
        if n.loose:  # a part of a sum
            self.done[n] = made
            return
        opened = self.multiplied_out(made)
        self.mark(opened)
        self.done[n] = opened
        if n in self.squared:
            self.squares[opened] = self.compressed(opened)

    def mark(self, e: Expr) -> None:
        for n in postorder(e):
            if n not in self.stays:
                self.stays[n] = n.data[0] in self.fixed if n.op in (H.VARIABLE, H.FAMILY) else all(self.stays[a] for a in n.args)

    def has_stayed(self, e: Expr) -> bool:
        self.mark(e)
        return self.stays[e]

    # --- products with sums -----------------------------------------------------------------------------------

    def multiplied_out(self, e: Expr) -> Expr:
        """F (G x + h) as F G x + F h, (x G + h) F likewise."""
        if e.op is not H.PRODUCT:
            return e
        count = e.data[1]
        front, chain = e.args[:count], e.args[count:]
        for i, s in enumerate(chain):
            if s.op is not H.SUM or self.has_stayed(s):
                continue
            square = self.squares.get(s)
            if square:
                lone = [(square.left, i - 1, True), (square.right, i + 1, False)]
                places = [j for f, j, _ in lone if f is not None]
                if all(0 <= j < len(chain) and chain[j] is transpose(f) for f, j, _ in lone if f is not None):
                    before, after = chain[: min(i, *places)], chain[max(i, *places) + 1 :]
                    return scaled(e.data[0], product([*front, *before, square.turned, *after]))
            for left in (True, False):
                f = chain[i - 1] if left and i else chain[i + 1] if not left and i + 1 < len(chain) else None
                if f is not None and self.has_stayed(f) and self.opens(f, s, left):
                    before, after = chain[: i - left], chain[i + 1 + (not left) :]
                    terms = [scaled(c, product([f, t] if left else [t, f])) for c, t in zip(s.data, s.args, strict=True)]
                    return scaled(e.data[0], product([*front, *before, add(terms), *after]))
        return e

    def opens(self, f: Expr, s: Expr, left: bool) -> bool:
        """Whether each term of s that moves has a fixed factor next to f, and their product is worth its size."""
        moving = [t for t in s.args if not self.has_stayed(t)]
        ends = [self.end(t, left) for t in moving]
        if not any(ends) or not all(ends):
            return False
        return all(self.pays(*((f, g) if left else (g, f))) for g in ends if g is not None)

    def end(self, t: Expr, left: bool) -> Expr | None:
        """The fixed factor that a product begins, or ends, with."""
        chain = t.args[t.data[1] :] if t.op is H.PRODUCT else ()
        f = (chain[0] if left else chain[-1]) if len(chain) > 1 else None
        return f if f is not None and self.has_stayed(f) else None

    def pays(self, f: Expr, g: Expr) -> bool:
        """Whether a product with F G costs no more than one with G and one with F."""
        rows, inner, columns = (self.weight(n) for n in (f.shape[0], f.shape[1], g.shape[1]))
        return rows * columns <= (rows + columns) * inner and 1 not in f.shape + g.shape

    # --- squares ----------------------------------------------------------------------------------------------

    def compressed(self, s: Expr) -> _Square | None:
        if s.op is not H.SUM or s.shape[0] == 1:
            return None
        terms = list(zip(s.data, s.args, strict=True))
        moving = [scaled(c, t) for c, t in terms if not self.has_stayed(t)]
        still = [scaled(c, t) for c, t in terms if self.has_stayed(t)]
        if len(moving) != 1 or not still or moving[0].op is not H.PRODUCT:
            return None
        (t,), h = moving, add(still)
        chain = t.args[t.data[1] :]
        moves = [i for i, f in enumerate(chain) if not self.has_stayed(f)]
        if not moves or any(f.shape[0] == 1 for f in chain[1:]):  # X + u v' is squared without forming it
            return None
        i, j = moves[0], moves[-1] + 1
        f, g = (product(chain[:i]) if i else None), (product(chain[j:]) if j < len(chain) else None)
        f = f if f is not None and self.is_tall(f) else None
        g = g if g is not None and self.is_tall(transpose(g)) else None
        if f is None and g is None:
            return None
        v = product([number(t.data[0]), *t.args[: t.data[1]], *chain[i if f else 0 : j if g else len(chain)]])
        (q, r), (p, l) = (_factors(f), _factors(transpose(g) if g else None))
        c = product([transpose(q), h, p])
        small = add([product([r, v, transpose(l)]), c])
        rest = add([h, scaled(-1, product([q, c, transpose(p)]))])
        value = add([power(call("norm", e), number(2)) for e in (small, rest)])
        return _Square(f, g, value, product([transpose(r), small, l]))

    def is_tall(self, f: Expr) -> bool:
        """Whether the triangular factor is no larger than the matrix."""
        return 1 not in f.shape and self.weight(f.shape[1]) <= self.weight(f.shape[0])


def _factors(f: Expr | None) -> tuple[Expr, Expr]:
    if f is None:
        return ONE, ONE
    both = apply(FACTORED, (f,))
    return apply(ORTHOGONAL, (both,)), apply(TRIANGULAR, (both,))


def staying(codes: Sequence[Code], fixed: Collection[str], sizes: Collection[str]) -> set[Code]:
    """The code that depends on nothing but fixed arguments and on sizes that these show."""
    out: set[Code] = set()
    for c in in_order(codes):
        if c.form is F.ARGUMENT:
            still = c.data.name in fixed
        elif c.form is F.SIZE:
            still = not isinstance(c.data, Dim) or c.data.symbols <= set(sizes)
        else:
            still = all(a in out for a in c.args)
        if still and fixed:
            out.add(c)
    return out
