"""What is known of names before the text is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from matcalc.expr.properties import closure
from matcalc.reading.symbols import NOTHING, Declarations


class Scope(NamedTuple):
    """What is known of names before the text is read: name → scalar, vector, matrix, elementwise, function or size.

    `by` are the names to differentiate by, where they are known; `indices` are letters that are indices, for what the text defines, or
    what it is the definition of, has them.
    """

    kinds: Mapping[str, str]
    said: Declarations = NOTHING
    indices: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()

    def is_complex(self, name: str = "") -> bool:
        """Whether a name is declared complex; without one, whether any is."""
        symbols, families = self.said.symbols, self.said.families
        names = (name,) if name else (*symbols, *families)
        said = [s.properties for n in names for s in (symbols.get(n), families.get(n)) if s is not None]
        return any("complex" in closure(properties) for properties in said if properties)

    def is_variable(self, name: str) -> bool:
        return self.kinds.get(name) in ("scalar", "vector", "matrix")
