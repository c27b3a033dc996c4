"""Kronecker products as values, beside commutation matrices, (A ⊗ B) K is K (B ⊗ A), and matrices of diagonal blocks."""

from __future__ import annotations

from matcalc.programs import forms as F
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
    """A product of matrices of diagonal blocks."""
    if len(factors) < 2 or any(1 in f.shape for f in factors):
        return None
    m = next((p.data.samples for f in factors for p in (f.parts if f.kind == "sum" else (f,)) if p.kind == "blocks"), None)
    made = [algebra.blocks.of(f, m) for f in factors] if m is not None else [None]
    if any(w is None for w in made):
        return None
    return Value("blocks", (factors[0].shape[0], factors[-1].shape[1]), data=algebra.blocks.product([w for w in made if w is not None]))


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
