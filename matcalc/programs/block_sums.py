"""Sums of the blocks of a sum: (b' ⊗ A) S is A ((b' ⊗ I) S), where the sums of the blocks of each term of S are of a simple form.

So the Hessian (b' ⊗ J') (Diag(vec Z) (I ⊗ X) - (I ⊗ C) Diag(vec V)) is J'J, of which half of the entries are computed.
"""

from __future__ import annotations

from matcalc.expr import Expr, add, apply, number, product, scaled
from matcalc.expr import heads as H
from matcalc.expr.heads import identity
from matcalc.operators import OPERATORS
from matcalc.rewriting import REWRITER
from matcalc.rewriting.identities import ROWS

KRON = OPERATORS["kron"]


def sums_blocks(f: Expr) -> bool:
    """Whether a factor is b' ⊗ A, or A ⊗ b'."""
    return f.op is KRON and 1 in (f.args[0].shape[0], f.args[1].shape[0])


def with_sums_of_blocks(e: Expr) -> Expr:
    """A product with such a sum, from which the sums of blocks are taken term by term where that leaves none in any of them."""
    if e.op is not H.PRODUCT:
        return e
    for i in range(e.data[1], len(e.args) - 1):
        f, s = e.args[i : i + 2]
        if sums_blocks(f) and s.op is H.SUM and 1 not in s.shape:
            at = int(f.args[0].shape[0] == 1)
            eye = identity(f.args[at].shape[1])
            sums = apply(KRON, (f.args[0], eye) if at else (eye, f.args[1]))
            terms = REWRITER.everywhere([product([sums, t]) for t in s.args], ROWS, lambda t: t)
            if all(sums not in t.args for t in terms):
                whole = add([scaled(c, t) for c, t in zip(s.data, terms, strict=True)])
                return product([number(e.data[0]), *e.args[:i], f.args[at], whole, *e.args[i + 2 :]])
    return e
