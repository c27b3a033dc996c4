"""The limits, in one place: what is longer, larger or deeper is refused with a LimitError that names the limit.

Nesting has no limit of its own: nothing recurses along an expression, so 10,000 parentheses are read like any other text.
What takes long is limited by counting what is done, not by a clock: the same question has the same answer everywhere.

>>> for what, limit in LIMITS.items():
...     print(f"{limit:>17,}  {what}")
          100,000  characters of an expression, and of its declarations
              100  characters of a name
              300  digits of a number, and of an exponent's exponent
1,000,000,000,000  a size
              300  ways to read one expression
            2,000  parts of what is summed over an index
               12  sums over an index in each other
          100,000  parts of a SymPy expression
          200,000  parts of definitions, and of calls in another language, put in
        1,000,000  characters of an answer
           10,000  entries of an explicit SymPy matrix
            2,000  factors of a product of matrices
               64  blocks of a matrix
        1,000,000  steps of one derivative or simplification
"""

from __future__ import annotations

from matcalc.errors import LimitError

MOST_CHARACTERS = 100_000
LONGEST_NAME = 100
MOST_ORDERS = 10  # of a derivative along a direction
MOST_DIGITS = 300
LARGEST_SIZE = 10**12
MOST_READINGS = 300  # of names that are not declared as scalars, vectors and matrices
MOST_SUMMED = 2_000
MOST_NESTED_SUMS = 12
MOST_SYMPY_NODES = 100_000
MOST_PUT_IN = 200_000
LONGEST_ANSWER = 1_000_000
MOST_ENTRIES = 10_000
MOST_FACTORS = 2_000
MOST_BLOCKS = 64
# Factors and terms handled by one sweep or one simplification, 1 to 5 µs each.  21 November 2026, on one core: the gradient of
# 1,000 nested sines 0.5 s (501,500 steps of the sweep), of 11,000 refused after 1.2 s; the Hessian of 100 nested ones 2.3 s, of 200 1.9 s
# (half of the steps are for sums in shorter forms; when they are used up, sums stay as they are); x^(x^(… 10,000 deep 2.6 s.
MOST_STEPS = 1_000_000

LIMITS: dict[str, int] = {
    "characters of an expression, and of its declarations": MOST_CHARACTERS,
    "characters of a name": LONGEST_NAME,
    "digits of a number, and of an exponent's exponent": MOST_DIGITS,
    "a size": LARGEST_SIZE,
    "ways to read one expression": MOST_READINGS,
    "parts of what is summed over an index": MOST_SUMMED,
    "sums over an index in each other": MOST_NESTED_SUMS,
    "parts of a SymPy expression": MOST_SYMPY_NODES,
    "parts of definitions, and of calls in another language, put in": MOST_PUT_IN,
    "characters of an answer": LONGEST_ANSWER,
    "entries of an explicit SymPy matrix": MOST_ENTRIES,
    "factors of a product of matrices": MOST_FACTORS,
    "blocks of a matrix": MOST_BLOCKS,
    "steps of one derivative or simplification": MOST_STEPS,
}


class Steps:
    """The steps that are left to one run: a sweep, or a simplification.

    >>> steps = Steps("a sum of sums")
    >>> steps.take(1_000_000)
    >>> steps.take(1)
    Traceback (most recent call last):
    ...
    matcalc.errors.LimitError: a sum of sums takes more than 1,000,000 steps
      name parts of the expression, and take it apart by the chain rule
    """

    __slots__ = ("what", "left")

    def __init__(self, what: str) -> None:
        self.what, self.left = what, MOST_STEPS

    def take(self, count: int) -> None:
        """Counts what is about to be done.  Raises LimitError where that is too much."""
        self.left -= count
        if self.left < 0:
            raise LimitError(
                f"{self.what} takes more than {MOST_STEPS:,} steps",
                hint="name parts of the expression, and take it apart by the chain rule",
            )
