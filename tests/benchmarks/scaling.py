"""How the time to read, derive and simplify grows with depth: nets and chains of 10 to 4,000 layers.

    python tests/benchmarks/scaling.py

Process CPU time in milliseconds, the best of three; a column that doubles from line to line is linear.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from matcalc.calculus import gradient
from matcalc.expr import Expr, variables
from matcalc.reading import read
from matcalc.simplification import rewritten, simplify


def net(layers: int) -> str:
    """sum(tanh(W_k*…tanh(W_1*x)))"""
    return "sum(" + "".join(f"tanh(W{k}*" for k in range(layers, 0, -1)) + "x" + ")" * layers + ")"


def chain(layers: int) -> str:
    """a'*W_k*…*W_1*x with a bias at each product"""
    return "a'*" + "".join(f"(W{k}*" for k in range(layers, 0, -1)) + "x" + "".join(f" + b{k})" for k in range(1, layers + 1))


def milliseconds(f: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = process_time()
        f()
        times.append(process_time() - start)
    return 1e3 * min(times)


def measure(text: str) -> list[float]:
    """Reading, rewriting, the gradient by the innermost two variables, simplifying it."""
    f = read(text).expr
    by = [v for v in variables(f) if v.data[0] in ("x", "W1")]
    g: list[Expr] = gradient(rewritten(f), by)
    return [
        milliseconds(lambda: read(text)),
        milliseconds(lambda: rewritten(f)),
        milliseconds(lambda: gradient(rewritten(f), by)),
        milliseconds(lambda: [simplify(e) for e in g]),
    ]


def main() -> None:
    print(f"{'':8s}{'layers':>7s}{'read':>9s}{'rewrite':>9s}{'derive':>9s}{'simplify':>9s}   ms")
    for name, build in (("net", net), ("chain", chain)):
        for layers in (10, 100, 500, 1000, 2000, 4000) if name == "net" else (10, 100, 500, 1000):
            print(f"{name:8s}{layers:7d}" + "".join(f"{t:9.1f}" for t in measure(build(layers))))


if __name__ == "__main__":
    main()
