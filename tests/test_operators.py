"""Every row of the operator table, proved: differential, adjoint, vec matrix, domain, signs, symmetries, notation.

The tests read the table; a row without a proof is a row that fails here, under its name.  `mutations.py` shows that each notices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import proofs
from matcalc.checking.evaluate import evaluate
from matcalc.expr import Op, apply, variable
from matcalc.expr.node import node
from matcalc.operators import ELEMENTWISE, MATRIX
from sampling import close, draw

ROWS = [op for op in (*ELEMENTWISE, *MATRIX) if op.signature]
PROOFS: list[tuple[Callable[[Op], object], Callable[[Op], object]]] = [  # which, of which rows
    (proofs.differential_of_row, lambda op: op.d or op.adjoint),
    (proofs.adjoint_of_row, lambda op: op.d or op.adjoint),
    (proofs.domain_of_row, lambda op: op.domain or not op.d and not op.adjoint),
    (proofs.signs_of_row, lambda op: op.range),
    (proofs.symmetries_of_row, lambda op: op.values or op.parity or op.degree or op.transposed or op.flip),
    (proofs.notation_of_row, lambda op: True),
]


@pytest.mark.parametrize(
    ("proof", "op"), [(p, op) for p, of in PROOFS for op in ROWS if of(op)], ids=lambda x: getattr(x, "name", getattr(x, "__name__", ""))
)
def test_a_row(proof: Callable[[Op], object], op: Op) -> None:
    proof(op)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if ";" in op.d], ids=lambda op: op.name)
def test_a_wrong_partial_derivative_is_found(op: Op) -> None:
    """Each partial derivative in turn, of the opposite sign or that of another argument."""
    parts = op.d.split(";")
    for i, part in enumerate(parts):
        for wrong in (f"-({part})", *(p for p in parts if p is not part)):
            with pytest.raises(AssertionError):
                proofs.differential_of_row(replace(op, d=";".join([*parts[:i], wrong, *parts[i + 1 :]])))


SPECIAL = [
    ("tr of an outer product", lambda n, x, y, a, b: ("tr", x @ y.T)),
    ("tr of I", lambda n, x, y, a, b: ("tr", a @ a**-1)),
    ("tr rotated", lambda n, x, y, a, b: ("tr", b @ a.T @ b @ a)),
    ("det of a power", lambda n, x, y, a, b: ("det", a**-2)),
    ("logdet of an inverse", lambda n, x, y, a, b: ("logdet", a**-1)),
    ("diagonal of an outer product", lambda n, x, y, a, b: ("diagonal", x @ y.T)),
    ("diagonal of Diag A", lambda n, x, y, a, b: ("diagonal", apply(table("diag"), (x,)) @ a)),
    ("vec of an outer product", lambda n, x, y, a, b: ("vec", x @ (b @ y).T)),
    ("trace of a Kronecker product", lambda n, x, y, a, b: ("tr", apply(table("kron"), (a, b)))),
    ("Khatri-Rao with a row", lambda n, x, y, a, b: ("khatrirao", x.T, a)),
]


def table(name: str) -> Op:
    return next(op for op in MATRIX if op.name == name)


@pytest.mark.parametrize("case", SPECIAL, ids=lambda c: c[0])
def test_canonical_forms_keep_the_value(case) -> None:  # type: ignore[no-untyped-def]
    n = 3
    rng = np.random.default_rng(3)
    x, y = variable("x", (n, 1)), variable("y", (n, 1))
    a, b = variable("A", (n, n)), variable("B", (n, n))
    values = {
        "x": draw("", (n, 1), rng),
        "y": draw("", (n, 1), rng),
        "A": draw("invertible", (n, n), rng),
        "B": draw("invertible", (n, n), rng),
    }
    name, *args = case[1](n, x, y, a, b)
    holders = [variable("PQ"[i], e.shape) for i, e in enumerate(args)]
    inner = {"PQ"[i]: np.asarray(evaluate(e, **values)).reshape(e.shape) for i, e in enumerate(args)}
    raw = node(table(name), tuple(holders), None, apply(table(name), tuple(args)).shape)
    assert close(evaluate(apply(table(name), tuple(args)), **values), evaluate(raw, **inner))
