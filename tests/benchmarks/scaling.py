"""How the cost to read, derive and simplify grows with the formula: long sums, products, chains and fractions, deep nets.

    python tests/benchmarks/scaling.py [FAMILY …]

Process CPU time in seconds, of one question after a small one, at sizes that double; beside it how many times that of half the size.
A family is linear, or the answer itself grows with the square of the size, as the gradient of an entrywise product of n factors does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import NamedTuple

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import matcalc as mc
from matcalc.errors import MatcalcError

Asked = tuple[str, str, str]  # expression, variables, declarations


class Family(NamedTuple):
    """Questions of any size; `sizes` are the first and the last that are timed, `degree` that of the answer in the size."""

    name: str
    order: str
    of: Callable[[int], Asked]
    sizes: tuple[int, int]
    degree: int = 1

    def ask(self, n: int) -> object:
        expr, wrt, where = self.of(n)
        return getattr(mc, self.order)(expr, wrt, where=where)


def each(text: str, n: int, joint: str) -> str:
    """The text with the numbers 1 to n for #."""
    return joint.join(text.replace("#", str(k)) for k in range(1, n + 1))


def nested(layer: str, n: int, inside: str) -> str:
    """layer(W_n*…layer(W_1*inside))"""
    return "".join(f"{layer}(W{k}*" for k in range(n, 0, -1)) + inside + ")" * n


def weights(n: int) -> str:
    return "x: (n); " + each("W#: (n, n)", n, "; ")


def bias(n: int) -> str:
    return "a'*" + "".join(f"(W{k}*" for k in range(n, 0, -1)) + "x" + each(" + b#)", n, "")


FAMILIES = (
    Family("sum of logarithms", "grad", lambda n: (each("log(1 + x'*A#*x)", n, " + "), "x", "x: (n)"), (250, 1000)),
    Family("its Hessian", "hessian", lambda n: (each("log(1 + x'*A#*x)", n, " + "), "x", "x: (n)"), (75, 300)),
    Family("sum of waves", "grad", lambda n: (each("exp(a#'*x)*sin(b#'*x)", n, " + "), "x", "x: (n)"), (250, 1000)),
    Family("its Hessian too", "hessian", lambda n: (each("exp(a#'*x)*sin(b#'*x)", n, " + "), "x", "x: (n)"), (50, 200)),
    Family("product", "grad", lambda n: (each("(a#'*x)", n, "*"), "x", "x: (n)"), (250, 1000)),
    Family("product of two", "grad", lambda n: (each("(a#'*x)*(y'*B#*x)", n, "*"), "x,y", f"x: (n); y: (n); {each('B#: (n, n)', n, '; ')}"), (60, 250)),
    Family("entrywise product", "grad", lambda n: (f"sum({each('(A#*x)', n, '.*')})", "x", f"x: (n); {each('A#: (m, n)', n, '; ')}"), (125, 1000), 2),
    Family("continued fraction", "grad", lambda n: ("1/(1 + t/" * n + "(1 + t)" + ")" * n, "t", "t: scalar"), (250, 1000)),
    Family("trace of a sum", "grad", lambda n: (f"tr({each('X*A#', n, ' + ')})", "X", f"X: (m, n); {each('A#: (n, m)', n, '; ')}"), (250, 1000)),
    Family("stacked softmax", "grad", lambda n: (f"c'*{nested('softmax', n, 'x')}", "x", f"c: (n); {weights(n)}"), (250, 1000)),
    Family("net", "grad", lambda n: (f"sum({nested('tanh', n, 'x')})", "x", weights(n)), (250, 1000)),
    Family("net by all", "grad", lambda n: (f"sum({nested('tanh', n, 'x')})", f"x,{each('W#', n, ',')}", weights(n)), (75, 300)),
    Family("net's Hessian", "hessian", lambda n: (f"sum({nested('tanh', n, 'x')})", "x", weights(n)), (25, 100)),
    Family("chain with biases", "grad", lambda n: (bias(n), "W1", f"a: (n); {weights(n)}"), (125, 500)),
)  # fmt: skip


def seconds(family: Family, n: int) -> float:
    start = process_time()
    family.ask(n)
    return process_time() - start


def main(wanted: list[str]) -> None:
    for family in FAMILIES:
        if wanted and family.name not in wanted:
            continue
        family.ask(4)
        n, before = family.sizes[0], 0.0
        while n <= family.sizes[1]:
            try:
                now = seconds(family, n)
                told = f"{now:9.2f} s" + (f"  × {now / before:.1f}" if before else "")
            except MatcalcError as error:
                now, told = 0.0, f" {error.message}"
            print(f"{family.name:20s}{n:6d}{told}", flush=True)
            n, before = 2 * n, now


if __name__ == "__main__":
    main(sys.argv[1:])
