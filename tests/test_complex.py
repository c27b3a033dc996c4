"""Complex matrices: what is read and written, gradients, pairs, Hessians, programs and checks; the identities on complex data."""

from __future__ import annotations

import pytest

import proofs
from matcalc.rewriting.lines import LINES, Identity

IDENTITIES = [i for line in LINES if not line.real for i in line.identities()]


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda i: f"{i.name}-{i.left.shape}")
def test_an_identity_holds_of_complex_numbers_or_says_real(identity: Identity) -> None:
    of_complex = proofs.complexified(identity)
    if of_complex is not None and any(v.complex for v in proofs.variables(of_complex.left)) and of_complex.left is not of_complex.right:
        proofs.of_complex(of_complex)
