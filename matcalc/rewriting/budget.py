"""What rewriting and simplification may spend, in one place: each bound counts something, and says what it was measured to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """The bounds."""

    identities: int = 50
    run: int = 4
    alike: int = 8
    tried: int = 6
    looked_at: int = 8
    branches: int = 2
    products: int = 24
    longest: int = 250
    twice: int = 2
    regrouped: int = 2
    within: int = 40


BUDGET = Budget()
