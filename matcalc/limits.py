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
        2,000,000  steps of one derivative or simplification
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
# Factors and terms handled by one sweep or one simplification, 1 to 5 µs each.  23 November 2026, on one core: the gradient of
# 1,000 nested sines 0.5 s (501,500 steps of the sweep), of 11,000 refused after 2.5 s; of an entrywise product of 1,000 factors 2.4 s
# (a million steps); the Hessian of 100 nested sines 2.9 s, of 200 3.2 s (half of the steps are for sums in shorter forms; when they are
# used up, sums stay as they are); x^(x^(… 10,000 deep 3.7 s.
MOST_STEPS = 2_000_000

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

# --- bounds of what is tried: past these an answer is longer, a search ends, or nothing is claimed -------------------------------

# Reading.
MOST_NESTED_SIZES = 8  # subscripts of sizes in each other
MOST_WORDS = 4  # of a description that are looked at for a kind
MOST_REGROUPED = 12  # factors of a product that is grouped by its shapes
MOST_BARS = 50  # readings of bars kept at a time; only bars without any hint have more than one
MOST_SIDES = 8  # of a chain a = b = c
MOST_FRAMES = 8  # around a formula: f(x) =, min over x of, d/dx of
MOST_DEGREES = 16  # of a size that is a product
MOST_VISITS = 400_000  # nodes looked at in the search for kinds, over all attempts
MOST_NUMBERS = 4  # upper-case names that may be scalars
MOST_TURNED = 3  # Latin names that become scalars together because that costs less
MOST_EXPLAINED = 6  # names of a shape error whose shapes are explained
MOST_RETRACED = 3_000  # nodes looked at for that
MOST_WAYS = 4  # in which families are declared on trial
MOST_STARS = 6  # stars that are each read both ways
LONGEST_SHOWN = 60  # characters of the text in a note
LONGEST_SIZE = 100  # characters of the text of a size

# Expressions and derivatives.
MOST_LOOKED_AT = 64  # nodes of a term, to find which names it begins with: those of a book's terms are found within 20
MOST_POWERS = 4  # as which factors a power is read: A X² + X A X + X² A
MOST_HELD = 2_000  # expressions of what a thread made last, while it works on a question
MOST_ROWS = 512  # rows, those of users' functions among them, whose rules are remembered
MOST_POWER_TERMS = 64  # terms of the differential of a power of a matrix
MOST_BESIDE = 8  # numbers of a product that its gradient has side by side, each with all others before it
LONGEST_CIRCLE = 100  # factors of a trace that are turned until the first of them is the least

# Answers as they are shown.
WIDEST_ANSWER = 88  # characters from which one is shown with names where that is shorter
HEAVIEST_ANSWER = 100  # weight from which one is shown with names for its repeated parts
LONGEST_KEPT = 2_000  # characters of a text whose reading is kept
LONGEST_READING = 300  # characters of the formula as it was read
HEAVIEST_HEADING = 60  # weight of the expression that is named in the heading of a card
LONGEST_DOCUMENTED = 100  # characters of an expression in the first line of a docstring
LONGEST_ASSUMPTION = 50  # characters of an assumption that is told
MOST_ASSUMPTIONS = 3  # that are told
LONGEST_ARGUMENT = 48  # characters of an argument that is written out in a condition
MOST_CONDITIONS = 60  # of which it is looked which follow from which
MOST_BOUNDS = 6  # with names, kept of one expression
HEAVIEST_PART = 24  # weight of one definition
HEAVIEST_INSERTED = 400  # weight up to which differentials are put into each other on paper
HEAVIEST_SIDE = 2_000  # weight of a side that is written to see whether it fits a line
DEEPEST_BREAK = 6  # parentheses in which a formula may be broken
LONGEST_BROKEN = 20_000  # characters of LaTeX up to which it is broken into lines
LARGEST_MINOR = 8  # rows of a determinant that is written out: 2^n minors

# Checks.
MOST_PAIRS = 28  # of sizes that are tried as one size, where a claim does not fit
HEAVIEST_DIFFERENCE = 3_000  # weight up to which a difference is simplified to see whether it is zero
LARGEST_DENOMINATOR = 10**12  # of a number that is told as a fraction
LARGEST_DEALT = 4  # of the sizes that are dealt
MOST_DRAWN = 1_000  # draws that are kept
MOST_EXACT_ENTRIES = 5_000  # of a matrix on the way
LONGEST_FRACTION = 6_000  # bits of a fraction; what would be longer is a real from there on
LARGEST_ARGUMENT = 10**8  # of a transcendental function; past it the value would be all exponent
LARGEST_NORM = 10**5  # of a matrix that an exponential, a cosine or a sine is taken of
MOST_SHOWN = 100  # entries of a value that is shown whole
MOST_MISTAKES = 150  # that are tried
HEAVIEST_MISTAKES = 12_000  # the weight of all of them

# Curvature.
MOST_VALUES_FIRST = 300  # values of the function, before a proof is sought that takes longer
MOST_VALUES = 1_500  # of the function: 60 to 500 µs each
MOST_MOVING = 8  # entries of what moves
MOST_SUPPOSED = 4  # data of which something is supposed, to say where the function is convex
MOST_LEVELS = 3  # of sums inside products, that are multiplied out for like terms to meet
MOST_PARTS = 6  # affine parts of a function, each a variable of its own
MOST_INNER = 5  # parts that a function is looked at as one of
HEAVIEST_SQUARES = 60  # weight of what is simplified there
DEEPEST_ELIMINATION = 4  # variables eliminated one after the other
MOST_ELIMINATIONS = 6  # in all, of one form
MOST_FORM_TERMS = 60  # of a quadratic form
MOST_QUOTIENTS = 60  # made in one question
MOST_CALCULATED = 6  # terms of g there
MOST_DERIVATIVES = 3  # of g in g(0) ≥ 0, g' ≥ 0
MOST_MONOMIALS = 400  # past these a polynomial is not worth its time

# Solutions.
DEEPEST_ROOT = 8  # functions within functions
MOST_EDGES = 2  # of pieces of an objective, on either side of which a point is looked at
HIGHEST_DERIVATIVE = 8  # that is asked for the kind of a point where the second is zero
MOST_ROOT_TERMS = 60  # of an equation in one unknown
HIGHEST_POWER = 6  # power of a sum that is multiplied out
LONGEST_POWER = 4  # power that is written out as a product
MOST_ROUNDS = 6  # of multiplying out, each for one more level of sums in products
MOST_BRANCHES = 40  # of choices of an equation, an unknown and a root
HEAVIEST_EQUATION = 100  # weight past which an equation has no solution that anyone would read

# Fits.
MOST_ITERATIONS = {"closed": 10, "newton": 200, "trust": 500, "lbfgs": 15_000}  # where nothing is said
MOST_IN_A_CONE = 50  # iterations of Newton's method for spd matrices, before they are taken as L L'
MOST_SETS = 40  # of bounds that hold, tried one after the other
MOST_INTERIOR = 100  # steps from within the bounds
MOST_PROXIMAL = 8  # steps of a quadratic that is flat somewhere
MOST_AT_A_KINK = 20  # gradients beside it, more than there are variables
MOST_DUAL_ENTRIES = 2e7  # of the matrix of the constraints
MOST_DENSE_ROWS = 16_384  # of an array that is made to be factorised
DEEPEST_STRUCTURE = 40  # sums in products in sums …: what lies deeper is computed as an array

# Programs.
MOST_TRIED = 1_400  # nodes of the programs that are made to compare them: what is larger is written as it stands
MOST_TRACED = 200  # terms of a trace that is taken apart
MOST_STEADIED = 4  # sums of exponentials that are looked at
LONGEST_FORM = 8  # factors between two vectors
LARGEST_POWER = 8  # matrix powers up to here are products
LARGEST_DIVISOR = 3  # power of a sum of exponentials that is taken apart, below a fraction line
LONGEST_CHAIN = 40  # factors of a chain that is ordered by its costs; longer ones are taken from the side where the vector is
HEAVIEST_FORMULA = 5_000  # weight of what is written in a docstring
LONGEST_FORMULA = 1_500  # characters of one formula there
LONGEST_IN_MATLAB = 60  # characters of a name


class Steps:
    """The steps that are left to one run: a sweep, or a simplification.

    >>> steps = Steps("a sum of sums")
    >>> steps.take(2_000_000)
    >>> steps.take(1)
    Traceback (most recent call last):
    ...
    matcalc.errors.LimitError: a sum of sums takes more than 2,000,000 steps
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
