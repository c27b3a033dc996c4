"""The bounds of rewriting and simplification, in one place: each bound counts something, and says what it was measured to do.

Measured on 21 November 2026, on the 1,822 answers of the corpora, the tables of tests and 300 random questions; "longer" is the number
of answers that come out longer than with the bound as it is.  What all of it may take together is `limits.MOST_STEPS`: when half of it
is used up, sums stay as they are.  Bounds that were deleted, as halving and doubling them moved no answer, and the steps bound the same
work: sums regrouped (200, and 2 for each node), steps charged for each sum (300), sums regrouped within sums apart from runs within runs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """The bounds."""

    identities: int = 50  # applied one after the other at one node; 25: one longer, of ten layers, 100: none
    run: int = 4  # factors of a chain that one letter of an identity stands for; 2: none, 8: one shorter in 6 % more time
    alike: int = (
        8  # factors with which chains begin, or end, alike that are taken out one by one; 4 and 1,000: none, but a net of 100 layers
    )
    tried: int = 6  # ways to take a factor out of a sum that are compared; 3: one longer, one shorter, 12: none
    looked_at: int = 8  # common factors that are worked out to find these; 4 and 16: none
    handled: int = (
        500  # factors of their terms, before the next best is looked at; 250 and 1,000: none, a product of 50 factors 3 times slower
    )
    branches: int = 2  # first common factors that are followed to the end; 1: three longer, 3: three shorter in 15 % more time
    products: int = 24  # terms that multiplying out may make; 12 and 48: none
    longest: int = 250  # weight up to which a sum is multiplied out to see; 125: one longer, 500: none
    twice: int = 2  # what is so many times longer multiplied out is no way to a shorter one; 1: 28 longer, 4: none, 25 % slower
    kept: float = 1.2  # times longer may be what is its own transpose, and a sum in a Hadamard product; 1: a residual apart
    typed: float = 1.3  # times longer may be a sum as it was typed; 1: six residuals apart
    regrouped: int = 2  # sums multiplied out within sums multiplied out; 1: two longer
    looks: int = 2_000  # of an expression, for which it is kept what may apply: no answer depends on it
    within: int = 40  # runs for new parts within runs for new parts: each is some frames of Python's stack


BUDGET = Budget()
