"""Complex variables by their real and imaginary parts: z is x + i y, a positive definite matrix L L^H with a triangular L.

What is minimised then is a real function of real variables, whose gradient are the real and the imaginary part of G = 2 ∂f/∂Z*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcalc.expr import Expr, name_of, product, variable
from matcalc.expr.conjugate import I
from matcalc.reading.letters import one_name

Array = Any
REAL, IMAGINARY = "{}·real", "{}·imag"
WITHIN = {"unitary": "orthogonal", "complex stiefel": "stiefel", "complex sphere": "sphere", "circle": "oblique"}  # where it starts


@dataclass(frozen=True)
class Halves:
    """A complex variable, its real and its imaginary part (those of L, where it is L L^H), and what these are declared to be."""

    of: Expr
    real: Expr
    imaginary: Expr
    properties: tuple[frozenset[str], frozenset[str]]
    factored: bool

    @property
    def expr(self) -> Expr:
        """The variable in its parts."""
        whole = self.real + product([I, self.imaginary])
        return whole @ whole.H if self.factored else whole

    def composed(self, arrays: Mapping[str, Array]) -> Array:
        whole = arrays[name_of(self.real)] + 1j * arrays[name_of(self.imaginary)]
        return whole @ whole.conj().T if self.factored else whole

    def apart(self, value: Array) -> dict[str, Array]:
        """The parts of a value.  Raises LinAlgError for one that is not positive definite where it is to be."""
        import numpy as np

        value = np.asarray(value, dtype=complex)
        if self.factored:
            value = np.linalg.cholesky((value + value.conj().T) / 2)
        return {name_of(self.real): value.real, name_of(self.imaginary): value.imag}


def halves(v: Expr, properties: frozenset[str]) -> Halves:
    """The parts of a complex variable."""
    factored = "hpsd" in properties or "psd" in properties
    if factored:
        both = [{"lower", "invertible"}, {"lower"}]
    elif "hermitian" in properties:
        both = [{"symmetric"}, {"skew"}]
    else:
        both = [set(properties & {"symmetric", "diagonal", "lower", "upper"}) for _ in range(2)]
    parts = [variable(name.format(name_of(v)), v.shape, p - {"invertible"}) for name, p in zip((REAL, IMAGINARY), both, strict=True)]
    both[0] |= {within for p, within in WITHIN.items() if p in properties}
    return Halves(v, parts[0], parts[1], (frozenset(both[0]), frozenset(both[1])), factored)


def composed(parts: Sequence[Halves], arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The values of the variables as they are declared, from those of their parts."""
    if not parts:
        return dict(arrays)
    own = {name_of(p) for h in parts for p in (h.real, h.imaginary)}
    made = {name_of(h.real): (name_of(h.of), h.composed(arrays)) for h in parts}
    return dict(made.get(name, (name, value)) for name, value in arrays.items() if name in made or name not in own)


def apart(parts: Sequence[Halves], values: Mapping[str, Array]) -> dict[str, Array]:
    """The values of the parts, from those of the variables."""
    of = {one_name(name_of(h.of)): h for h in parts}
    made = [of[one_name(name)].apart(value) if one_name(name) in of else {name: value} for name, value in values.items()]
    return {name: value for each in made for name, value in each.items()}
