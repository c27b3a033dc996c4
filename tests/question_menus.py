"""The parts of random trees, by shape: one line for each way, with how often it is taken."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from jet_functions import BENT, SMOOTH
from trees import SCALAR, Dim, Shape, Tree, node, number, product_of

if TYPE_CHECKING:
    from question_maker import Maker

FUNCTIONS = (*SMOOTH, *BENT)
Build = Callable[["Maker", Shape, int], "Tree | None"]
Menu = list[tuple[float, Build]]


def _broadcast(m: Maker, s: Shape, d: int) -> Tree | None:
    if s == SCALAR:
        return None
    if 1 not in s and s[0] != s[1] and m.rng.random() < 0.6:
        other: Shape = m.rng.choice(((s[0], 1), (1, s[1])))
    else:
        other = SCALAR
    pair = [m.make(s, d), m.make(other, d - 1)]
    m.rng.shuffle(pair)
    return node(m.rng.choice("++-"), s, *pair)


def _scaled(m: Maker, s: Shape, d: int) -> Tree:
    scalar = number(m.rng.choice((2, 3, -1, Fraction(1, 2)))) if m.rng.random() < 0.4 else m.make(SCALAR, d - 1)
    return node("*", s, scalar, m.make(s, d)) if m.rng.random() < 0.8 else node("*", s, m.make(s, d), scalar)


def _power(m: Maker, s: Shape, d: int) -> Tree:
    p = Fraction(m.whole())
    base = m.make(s, d) if p.denominator == 1 and p > 0 else m.positive(s, d)
    return node("^" if s == SCALAR else ".^", s, base, data=(p,))


def _symbolic_power(m: Maker, s: Shape, d: int) -> Tree:
    base, exponent = m.positive(s, d), m.make(s if m.rng.random() < 0.4 else SCALAR, d - 1)
    return node("^^" if s == SCALAR else ".^^", s, base, exponent)


def _quotient(m: Maker, s: Shape, d: int) -> Tree:
    if s == SCALAR or m.rng.random() < 0.5:
        return node("/", s, m.make(s, d), m.positive(SCALAR, d - 1) if m.rng.random() < 0.7 else m.make(SCALAR, d - 1))
    return node("./", s, number(1) if m.rng.random() < 0.3 else m.make(s, d), m.positive(s, d))


def _abstract(m: Maker, s: Shape, d: int) -> Tree:
    return node(m.rng.choices(("g", "g'", "g''"), (6, 2, 1))[0], s, m.make(s, d))


def _gradient_of_f(m: Maker, s: Shape, d: int) -> Tree | None:
    return node("grad(f)", s, m.make(s, d)) if _f(m, s) else None


def _f(m: Maker, s: Shape) -> bool:
    """Whether f may take this shape: one shape a question."""
    taken = m.__dict__.setdefault("f_takes", s)
    return taken == s and s != SCALAR


def _matrix_function(m: Maker, s: Shape, d: int) -> Tree | None:
    takes: Shape = (m.dim(), m.rng.choice((1, m.dim())))
    return node("f", SCALAR, m.make(takes, d)) if _f(m, takes) else None


def _big_f(m: Maker, s: Shape, d: int) -> Tree | None:
    takes: Shape = (m.dim(), m.rng.choice((1, m.dim())))
    if s == SCALAR or m.__dict__.setdefault("F_is", (takes, s)) != (takes, s):
        return None
    return node("F", s, m.make(takes, d))


def _form(m: Maker, s: Shape, d: int) -> Tree:
    """x'y, x'A y and the like."""
    n, k = m.dim(), m.dim()
    x = m.make((n, 1), d)
    left = node("'", (1, n), x)
    if m.rng.random() < 0.4:
        return node("*", SCALAR, left, m.make((n, 1), d))
    y = x if n == k and m.rng.random() < 0.5 else m.make((k, 1), d)
    return node("*", SCALAR, node("*", (1, k), left, m.make((n, k), d)), y)


def _item(m: Maker, s: Shape, d: int) -> Tree:
    n, k = m.dim(), m.dim()
    if s == SCALAR:
        if m.rng.random() < 0.3:
            return node("item", s, m.make((n, 1), d), data=(m.rng.choice((1, "i", 2)), 1))
        return node("item", s, m.make((n, k), d), data=(m.rng.choice((1, "i", 2)), m.rng.choice((1, "j", 2))))
    if s[1] == 1:
        return node("item", s, m.make((s[0], k), d), data=(None, m.rng.choice((1, "j", 2))))
    return node("item", s, m.make((n, s[1]), d), data=(m.rng.choice((1, "i", 2)), None))


def _of_square(name: str, argument: str = "make") -> Build:
    def build(m: Maker, s: Shape, d: int) -> Tree:
        n = m.dim() if s == SCALAR else s[0]
        return node(name, s, m.make((n, n), d) if argument == "make" else getattr(m, argument)(n, d))

    return build


def _of_matrix(name: str) -> Build:
    return lambda m, s, d: node(name, s, m.make((m.dim(), m.rng.choice((1, m.dim(), m.dim()))), d))


def _product(m: Maker, s: Shape, d: int) -> Tree:
    k = m.dim()
    return node("*", s, m.make((s[0], k), d), m.make((k, s[1]), d))


def _composed(m: Maker, s: Shape, d: int) -> Tree:
    """A scalar of something whose sizes are products."""
    n, k = m.dim(), m.dim()
    nk = product_of(n, k)
    a = m.make((nk, 1), d)
    x = m.rng.random()
    if x < 0.3:
        return node("*", s, node("'", (1, nk), a), m.make((nk, 1), d))
    if x < 0.6:
        return node("*", s, node("*", (1, nk), node("'", (1, nk), a), m.make((nk, nk), d)), m.make((nk, 1), d))
    return node(m.rng.choice(("norm", "sum", "logsumexp", "norm1")), s, a)


def _kron(m: Maker, s: Shape, d: int) -> Tree | None:
    (a, b), (c, e) = _split(m, s[0]), _split(m, s[1])
    if (a, c) in (s, SCALAR) or (b, e) == s:
        return None
    return node("kron", s, m.make((a, c), d), m.make((b, e), d))


def _split(m: Maker, dim: Dim) -> tuple[Dim, Dim]:
    if not isinstance(dim, tuple):
        return m.rng.choice(((dim, 1), (1, dim)))
    at = m.rng.randrange(len(dim))
    rest = dim[:at] + dim[at + 1 :]
    pair = [dim[at], rest[0] if len(rest) == 1 else rest]
    m.rng.shuffle(pair)
    return pair[0], pair[1]


def _vec(m: Maker, s: Shape, d: int) -> Tree | None:
    if s[1] != 1 or not isinstance(s[0], tuple):
        return None
    a, b = _split(m, s[0])
    return node("vec", s, m.make((a, b), d))


def _khatrirao(m: Maker, s: Shape, d: int) -> Tree | None:
    if not isinstance(s[0], tuple) or s[1] == 1:
        return None
    a, b = _split(m, s[0])
    return node("khatrirao", s, m.make((a, s[1]), d), m.make((b, s[1]), d))


def _commutation(m: Maker, s: Shape, d: int) -> Tree | None:
    if not isinstance(s[0], tuple):
        return None
    a, b = _split(m, s[0])
    k = node("commutation", (s[0], s[0]), data=(a, b))
    return k if s[0] == s[1] and m.rng.random() < 0.5 else node("*", s, k, m.make(s, d))


def _unvec(m: Maker, s: Shape, d: int) -> Tree | None:
    if any(isinstance(x, tuple) for x in s):
        return None
    return node("unvec", s, m.make((product_of(*s), 1), d))


def _factor(m: Maker, n: Dim) -> Tree:
    """A letter of a square matrix, or its transpose, inverse or power."""
    s, x = (n, n), m.rng.random()
    a = m.variable(s)
    if x < 0.6:
        return a
    if x < 0.8:
        return node("'", s, a)
    return node("inv", s, a) if x < 0.92 else node("matrix^", s, a, data=(2,))


def _chain(m: Maker, s: Shape, d: int) -> Tree:
    """A product of square matrices, as traces and determinants have them."""
    out = _factor(m, s[0])
    for _ in range(m.rng.choice((1, 2, 2, 3))):
        out = node("*", s, out, _factor(m, s[0]))
    return out


def _terms(m: Maker, s: Shape, d: int) -> Tree:
    """A sum of many terms, that may be alike."""
    out = m.make(s, d - 1)
    for _ in range(m.rng.choice((2, 2, 3))):
        out = node(m.rng.choice("++-"), s, out, _scaled(m, s, d - 1) if m.rng.random() < 0.4 else m.make(s, d - 1))
    return out


def _turned(m: Maker, s: Shape, d: int) -> Tree:
    return node("'", s, m.make((s[1], s[0]), d + 1))


def _sylvester(m: Maker, s: Shape, d: int) -> Tree:
    return node("sylvester", s, m.definite(s[0], d), m.definite(s[1], d), m.make(s, d))


ANYWHERE: Menu = [
    (14, lambda m, s, d: node("+", s, m.make(s, d), m.make(s, d))),
    (9, lambda m, s, d: node("-", s, m.make(s, d), m.make(s, d))),
    (2, lambda m, s, d: node("neg", s, m.make(s, d))),
    (10, _scaled),
    (7, _broadcast),
    (10, lambda m, s, d: node("*" if s == SCALAR else ".*", s, m.make(s, d), m.make(s, d))),
    (7, _quotient),
    (7, _power),
    (2, _symbolic_power),
    (20, lambda m, s, d: m.applied(m.rng.choice(FUNCTIONS), s, d)),
    (5, _abstract),
    (1, _gradient_of_f),
    (5, _terms),
]
SCALARS: Menu = [
    (6, _of_matrix("sum")), (3, _of_matrix("mean")), (7, _of_matrix("norm")), (3, _of_matrix("norm1")), (3, _of_matrix("prod")),
    (3, _of_matrix("normnuc")), (3, _of_matrix("normspec")),
    (9, _of_square("tr")), (4, _of_square("det")), (2, _of_square("det", "invertible")), (5, _of_square("logdet", "invertible")),
    (3, _of_square("lambda_max", "symmetric")),
    (10, _form), (4, _item), (3, _matrix_function), (5, _composed),
    (4, lambda m, s, d: node("logsumexp", s, m.make((m.dim(), 1), d))),
    (5, lambda m, s, d: (lambda x: node("inner", s, m.make(x, d), m.make(x, d)))((m.dim(), m.rng.choice((1, m.dim(), m.dim()))))),
    (6, lambda m, s, d: node("^", s, node("norm", s, m.make((m.dim(), m.rng.choice((1, m.dim(), m.dim()))), d)), data=(Fraction(m.rng.choice((2, 2, 2, 3, 4))),))),
]  # fmt: skip
VECTORS: Menu = [
    (14, _product), (4, lambda m, s, d: node("softmax", s, m.make(s, d))), (4, _item),
    (4, lambda m, s, d: node("diagonal", s, m.make((s[0], s[0]), d))),
    (3, lambda m, s, d: node("rowsum", s, m.make((s[0], m.dim()), d))), (3, lambda m, s, d: node("colsum", s, m.make((m.dim(), s[0]), d))),
    (3, lambda m, s, d: node("logsumexp_rows", s, m.make((s[0], m.rng.choice((1, m.dim(), m.dim()))), d))),
    (4, lambda m, s, d: node("*", s, node("inv", (s[0], s[0]), m.invertible(s[0], d)), m.make(s, d))),
    (2, lambda m, s, d: (lambda k: node("*", s, node("pinv", (s[0], k), m.make((k, s[0]), d)), m.make((k, 1), d)))(m.dim())),
    (1, lambda m, s, d: node("softmax_rows", s, m.make(s, d))), (1, _big_f),
]  # fmt: skip
ROWS: Menu = [(10, _turned), (6, _product), (3, _item), (1, lambda m, s, d: node("softmax_rows", s, m.make(s, d)))]
MATRICES: Menu = [
    (14, _product), (8, _turned), (3, lambda m, s, d: node("softmax_rows", s, m.make(s, d))),
    (5, lambda m, s, d: node("*", s, m.make((s[0], 1), d), m.make((1, s[1]), d))),
    (4, lambda m, s, d: node("*", s, node("diag", (s[0], s[0]), m.make((s[0], 1), d)), m.make(s, d))),
    (3, lambda m, s, d: node("*", s, m.make(s, d), node("diag", (s[1], s[1]), m.make((s[1], 1), d)))),
    (4, lambda m, s, d: node("*", s, node("inv", (s[0], s[0]), m.invertible(s[0], d)), m.make(s, d))),
    (3, lambda m, s, d: node("pinv", s, m.make((s[1], s[0]), d))), (2, _unvec), (1, _kron), (1, _sylvester), (1, _big_f),
    (1, lambda m, s, d: node("polar", s, m.make(s, d))),
    (1, lambda m, s, d: node(m.rng.choice((".*", "+")), s, m.make(s, d), node("*", s, node("ones", (s[0], 1)), m.make((1, s[1]), d)))),
]  # fmt: skip
SQUARES: Menu = [
    (9, _chain),
    (5, lambda m, s, d: node("diag", s, m.make((s[0], 1), d))),
    (5, lambda m, s, d: node("matrix^", s, m.make(s, d), data=(m.rng.choice((2, 2, 3)),))),
    (4, lambda m, s, d: node("matrix^", s, m.invertible(s[0], d), data=(m.rng.choice((-1, -2)),))),
    (6, _of_square("inv", "invertible")), (3, _of_square("adj")), (3, _of_square("expm")), (2, _of_square("logm", "definite")),
    (3, _of_square("sqrtm", "definite")), (2, _of_square("tril")), (2, _of_square("triu")),
    (4, lambda m, s, d: (lambda z: node("*", s, node("*", s, z, m.make(s, d)), node("'", s, z)))(m.make(s, d))),
]  # fmt: skip
COMPOSITES: Menu = [(8, _kron), (6, _vec), (3, _khatrirao), (4, _commutation), (3, _product), (1, lambda m, s, d: m.variable(s))]
