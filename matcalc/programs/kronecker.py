"""Kronecker products as values, beside commutation matrices, (A ⊗ B) K is K (B ⊗ A), and around matrices of diagonal blocks.

A ⊗ X' before such a matrix and B ⊗ X make one product of Khatri–Rao rows.
"""

from __future__ import annotations

from dataclasses import replace

from matcalc.expr.dims import Shape, Size
from matcalc.programs import forms as F
from matcalc.programs.diagonal_blocks import Blocks
from matcalc.programs.forms import Code
from matcalc.programs.linear import Linear
from matcalc.programs.values import Value


def commuted(piece: list[Value]) -> list[Value]:
    """Commutation matrices before Kronecker products, (A ⊗ B) K = K (B ⊗ A), so that these meet and multiply."""
    out = list(piece)
    for i in [i for i, v in enumerate(piece) if v.kind == "commutation"]:
        while i and out[i - 1].kind == "kron" and tuple(p.shape[1] for p in out[i - 1].parts) == out[i].data:
            left, right = out[i - 1].parts
            shape = (out[i - 1].shape[0],) * 2
            swapped = Value("kron", out[i - 1].shape, parts=(right, left))
            if 1 in (left.shape[0], right.shape[0]):  # K(1, n) is I
                out[i - 1 : i + 1] = [swapped]
                return commuted(out)
            out[i - 1 : i + 1] = [Value("commutation", shape, data=(left.shape[0], right.shape[0])), swapped]
            i -= 1
    return out


def commuted_sum(algebra: Linear, k: Value, b: Value) -> Value | None:
    """K (A ⊗ B + C ⊗ D), whose rows are written where they belong at once."""
    terms = b.parts if b.kind == "sum" else (b,)
    if any(t.kind != "kron" or any(p.kind == "diagonal" or 1 in p.shape for p in t.parts) for t in terms):
        return None
    if len({tuple(p.shape for p in t.parts) for t in terms}) > 1:
        return None
    left, right = terms[0].parts
    if k.data != (right.shape[0], left.shape[0]):  # rows that belong to other sizes
        return None
    parts = [algebra.two_d(p) for t in terms for p in t.parts]
    return algebra.full(algebra.arrays.call(F.COMMUTED_KRON_SUM, *parts, shape=(k.shape[0], b.shape[1])), (k.shape[0], b.shape[1]))


def product_of_blocks(algebra: Linear, factors: list[Value]) -> Value | None:
    """A product with matrices of diagonal blocks, between A ⊗ x' and B ⊗ y at its ends."""
    if len(factors) < 2 or any(1 in f.shape for f in factors):
        return None
    sizes = [p.data.samples for f in factors for p in (f.parts if f.kind == "sum" else (f,)) if p.kind == "blocks"]
    first, last = factors[0], factors[-1]
    if not sizes and len(factors) > 2 and first.kind == last.kind == "kron" and first.parts[1].kind == last.parts[1].kind == "full":
        sizes = [first.parts[1].shape[1]]
    if not sizes:
        return None
    made = [algebra.blocks.of(f, sizes[0]) for f in factors]
    inside = [w for w in made[1:-1] if w is not None]
    shape = (first.shape[0], last.shape[1])
    if len(inside) < len(factors) - 2:
        return None
    if made[0] is not None and made[-1] is not None:
        return Value("blocks", shape, data=algebra.blocks.product([made[0], *inside, made[-1]]))
    if not inside or first.kind != "kron" or last.kind != "kron" or made[0] is not None or made[-1] is not None:
        return None
    return _gram(algebra, first, inside, last, sizes[0], shape)


def _gram(algebra: Linear, first: Value, inside: list[Blocks], last: Value, m: Size, shape: Shape) -> Value | None:
    (a, x), (b, y) = first.parts, last.parts
    if x.shape[1] != m or y.shape[0] != m or x.kind != "full" or y.kind != "full" or 1 in (*x.shape, *y.shape):
        return None
    make = algebra.arrays
    x, left = _weights_apart(algebra, x)
    eye = Value("diagonal", (m, m), (left,))
    one = Value("diagonal", (m, m), (make.number(1),))
    outer = [algebra.blocks.of(Value("kron", shape, parts=(p, d)), m) for p, d in ((a, eye), (b, one))]
    if outer[0] is None or outer[1] is None:
        return None
    trivial = [a.kind == "diagonal" and F.is_number(a.code, 1) and F.is_number(left, 1), b.kind == "diagonal" and F.is_number(b.code, 1)]
    factors = [*([] if trivial[0] else [outer[0]]), *inside, *([] if trivial[1] else [outer[1]])]
    return algebra.full(algebra.blocks.gram(make.transpose(x.code), algebra.blocks.product(factors), y.code), shape)


def _weights_apart(algebra: Linear, x: Value) -> tuple[Value, Code]:
    """x' Diag(w) as x' and w."""
    code = x.code
    if code.form is F.TIMES and code.args[0].form is F.T and code.args[1].ndim == 1:
        return replace(x, codes=(code.args[0],)), code.args[1]
    return x, algebra.arrays.number(1)


def kron(algebra: Linear, a: Value, b: Value) -> Value:
    """a ⊗ b, which is an outer product where one is a column and the other a row."""
    if (1, 1) in (a.shape, b.shape):
        s, other = (a, b) if a.shape == (1, 1) else (b, a)
        return algebra.scaled(algebra.dense(s), other)
    if (a.shape[1], b.shape[0]) == (1, 1) or (a.shape[0], b.shape[1]) == (1, 1):
        return algebra.outer(a, b) if a.shape[1] == 1 else algebra.outer(b, a)
    shape = (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])
    if a.kind == "sum" or b.kind == "sum":
        parts = [kron(algebra, p, b) for p in a.parts] if a.kind == "sum" else [kron(algebra, a, p) for p in b.parts]
        if sum(p.kind == "full" for p in (a.parts if a.kind == "sum" else b.parts)) == 0:
            return algebra.added(parts, shape)
    if a.kind == b.kind == "diagonal":
        if not (a.code.ndim or b.code.ndim):
            return Value("diagonal", shape, (algebra.arrays.multiply(a.code, b.code),))
        d = algebra.arrays.flat(algebra.arrays.outer(algebra.diagonal_entries(a), algebra.diagonal_entries(b)))
        return Value("diagonal", shape, (d,))
    if a.shape[0] == 1 and a.kind in ("const", "full") and b.kind == "blocks" and b.data.columns == 1 and not b.data.outer:
        return Value(
            "blocks", shape, data=algebra.blocks.beside(a.code if a.kind == "const" else algebra.arrays.row(a.code), a.shape[1], b.data)
        )
    return Value("kron", shape, parts=(a, b))
