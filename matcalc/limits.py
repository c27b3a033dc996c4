"""The limits, in one place: what is longer, larger or deeper is refused with a LimitError that names the limit.

Nesting has no limit of its own: nothing recurses along an expression, so 10,000 parentheses are read like any other text.

>>> for what, limit in LIMITS.items():
...     print(f"{limit:>17,}  {what}")
          100,000  characters of an expression, and of its declarations
              100  characters of a name
              300  digits of a number, and of an exponent's exponent
1,000,000,000,000  a size
            2,000  parts of what is summed over an index
          100,000  parts of a SymPy expression
        1,000,000  characters of an answer
           10,000  entries of an explicit SymPy matrix
"""

from __future__ import annotations

MOST_CHARACTERS = 100_000
LONGEST_NAME = 100
MOST_DIGITS = 300
LARGEST_SIZE = 10**12
MOST_SUMMED = 2_000
MOST_SYMPY_NODES = 100_000
LONGEST_ANSWER = 1_000_000
MOST_ENTRIES = 10_000

LIMITS: dict[str, int] = {
    "characters of an expression, and of its declarations": MOST_CHARACTERS,
    "characters of a name": LONGEST_NAME,
    "digits of a number, and of an exponent's exponent": MOST_DIGITS,
    "a size": LARGEST_SIZE,
    "parts of what is summed over an index": MOST_SUMMED,
    "parts of a SymPy expression": MOST_SYMPY_NODES,
    "characters of an answer": LONGEST_ANSWER,
    "entries of an explicit SymPy matrix": MOST_ENTRIES,
}
