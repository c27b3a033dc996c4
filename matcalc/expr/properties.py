"""THE PROPERTIES: what a variable may be declared to be, one row each, as data.

Formulas are in the project's own language.  X is the matrix (the vector) itself, of shape (m, n), (n, n) or (n); W is a cotangent at X.
A *draw* makes a matrix with the property from free letters, and all of them are rational where the letters are:

    G  generic, of the variable's shape         A  generic (n, n)        a, b  generic (n)
    P  positive, of the variable's shape        B  generic (n, k), k ≤ n    p  positive (n)
    M  zeros and ones, of the variable's shape  E  orthogonal (n, n)        c  nonnegative with zeros (n)
    J  skew and orthogonal (n, n), n even       R  a permutation (n, n)     d  signs ±1 (n)      s  zeros and ones (n)
    C  generic, square, with the rows of the variable         O  of the variable's shape, orthonormal columns
    U  of the variable's shape, a single one                  V  of the variable's shape, a one in each column
    K  generic, the rows of the variable, few columns         L  as many columns, the columns of the variable as rows

A draw is a parametrisation: as A, B, G, P, a, b, c and p move, X moves within the set.  One with J is for even n; one that is not
finite, or gives what has not all of the properties (`holds`, `test` and those of all it implies), is dealt again.

How an operation keeps a property is said by what its operands need to have.  A word is a property, words side by side hold together,
`any` needs nothing, `|` parts alternatives, and a comma the two operands.  Of a sum and a Hadamard product the operands may change places.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple


class Property(NamedTuple):
    """A row: what a property implies, what keeps it, how it is drawn and tested, and how a gradient is projected."""

    name: str
    shape: str = "any"  # what may have it: "square", "vector", "matrix", "tall" (no more columns than rows), "any"
    implies: tuple[str, ...] = ()
    draw: tuple[str, ...] = ()  # recipes, to be dealt by turns
    holds: tuple[str, ...] = ()  # what vanishes for X in the set
    test: str = ""  # or the name of an exact test: positive, nonnegative, invertible, psd, spd
    sum: str = ""  # X + Y has it where …
    product: str = ""  # X Y
    congruence: str = ""  # Y X Y'
    inverse: str = ""
    transpose: str = ""
    square: str = ""  # X X
    odd: str = ""  # X³, X⁵, …
    root: str = ""  # of a number, a power that is no whole number
    kron: str = ""  # X ⊗ Y, and a number times a matrix
    hadamard: str = ""
    applied: str = ""  # f(X) entry by entry: where f is "odd", or f(0) is "zero"
    tangent: str = ""  # the projection of W on the tangent space at X, orthogonal in its metric; "" where the set is open in a larger one
    space: str = ""  # what the set is open in: "" all of them, a "linear" or an "affine" space, a "curved" set
    said: str = ""  # the projection of G at X, as a remark says it
    identity: tuple[str, ...] = ()  # what holds of X, as lines of the simplifier
    alone: bool = False  # declared with nothing that it does not imply


def _row(name: str, shape: str = "any", implies: str = "", draw: tuple[str, ...] = (), **columns: str | bool | tuple[str, ...]) -> Property:
    return Property(name, shape, tuple(implies.split()), draw, **columns)  # type: ignore[arg-type]


_TURN = "inv(I + C - C')*(I - C + C')"
_CAYLEY = "inv(eye(n) + A - A')*(eye(n) - A + A')"
_CAYLEY_BACK = "inv(eye(n) - A + A')*(eye(n) + A - A')"
_OTHERS = "((sum(p) - p[1])*p[1]/(n*sum(p)))"  # e_1 reflected so that all entries are positive, n > 1
_POSITIVE_UNIT = f"eye(n)[:,1] + (2*{_OTHERS}/(p'*p - p[1]^2 + {_OTHERS}^2))*(p - (p[1] + {_OTHERS})*eye(n)[:,1])"

# fmt: off
_DECLARED = (
    _row("symmetric",   "square", "",                      ("(A + A')/2", "E*diag(a)*E'", "a*a' - b*b'"),                                holds=("X - X'",),           sum="symmetric,symmetric",   product="diagonal,diagonal",                                       congruence="symmetric,any",        inverse="symmetric",  transpose="symmetric",  square="symmetric | skew",         odd="symmetric",  kron="symmetric,symmetric | skew,skew",             hadamard="symmetric,symmetric | skew,skew", tangent="(W + W')/2",                  said="(G + G')/2", space="linear"),
    _row("skew",        "square", "",                      ("A - A'", "a*b' - b*a'"),                                                    holds=("X + X'",),           sum="skew,skew",                                                                                congruence="skew,any",             inverse="skew",       transpose="skew",                                          odd="skew",       kron="skew,symmetric | symmetric,skew",             hadamard="skew,symmetric", applied="odd",                 tangent="(W - W')/2",                  said="(G - G')/2", space="linear"),
    _row("psd",         "square", "symmetric",             ("B*B'", "E*diag(c)*E'", "diag(s)*A*A'*diag(s)"),                                                     test="psd",                  sum="psd,psd",               product="psd diagonal,psd diagonal | nsd diagonal,nsd diagonal",   congruence="psd,any",              inverse="psd",        transpose="psd",        square="symmetric",                odd="psd",        kron="psd,psd | nsd,nsd",                           hadamard="psd,psd | nsd,nsd",               root="any"),
    _row("spd",         "square", "psd invertible",        ("A*A' + eye(n)/4", "E*diag(p)*E'"),                                          test="spd",                  sum="spd,psd",                                                                                  congruence="spd,onto",             inverse="spd",        transpose="spd",        square="symmetric invertible",     odd="spd",        kron="spd,spd | nd,nd",                             hadamard="spd,spd | nd,nd",                 root="spd"),
    _row("diagonal",    "square", "symmetric lower upper", ("diag(a)",),                                                                 holds=("X - diag(diag(X))",), sum="diagonal,diagonal",    product="diagonal,diagonal",                                       congruence="diagonal,diagonal",    inverse="diagonal",   transpose="diagonal",   square="diagonal",                 odd="diagonal",   kron="diagonal,diagonal",                           hadamard="diagonal,any", applied="zero",                    tangent="diag(diag(W))",               said="Diag(diag(G))", space="linear"),
    _row("orthogonal",  "square", "invertible",            ("E*diag(d)", f"E*diag(d)*{_CAYLEY}"),                                        holds=("X'*X - eye(n)",),                                 product="orthogonal,orthogonal",                                   congruence="orthogonal,orthogonal", inverse="orthogonal", transpose="orthogonal", square="orthogonal",              odd="orthogonal", kron="orthogonal,orthogonal",                                                                   tangent="(W - X*W'*X)/2",       said="G - X sym(X'G)", space="curved", identity=("logdet(X) = 0 : orthogonal-logdet", "abs(det(X)) = 1 : orthogonal-det", "norm(X) = sqrt(n) : orthogonal-norm")),
    _row("lower",       "square", "",                      ("tril(A)",),                                                                 holds=("X - tril(X)",),      sum="lower,lower",           product="lower,lower",                                             congruence="lower,diagonal", inverse="lower", transpose="upper", square="lower",                    odd="lower",      kron="lower,lower",                                 hadamard="lower,any", applied="zero",                       tangent="tril(W)",                     said="its lower triangle", space="linear"),
    _row("upper",       "square", "",                      ("triu(A)",),                                                                 holds=("X - triu(X)",),      sum="upper,upper",           product="upper,upper",                                             congruence="upper,diagonal",       inverse="upper",      transpose="lower",      square="upper",                    odd="upper",      kron="upper,upper",                                 hadamard="upper,any", applied="zero",                       tangent="triu(W)",                     said="its upper triangle", space="linear"),
    _row("invertible",  "square", "injective onto",        ("A", "E*diag(d)*diag(p)", "R*diag(p)"),                                                   test="invertible",                                        product="invertible,invertible",                                   congruence="invertible,invertible", inverse="any",       transpose="invertible", square="invertible",               odd="invertible", kron="invertible,invertible"),
    _row("positive",    "any",    "nonnegative nonzero",   ("P",),                                                                       test="positive",             sum="positive,nonnegative",  product="positive,positive | negative,negative | stochastic,positive | spd diagonal,positive | positive,spd diagonal",                                    transpose="positive",   square="positive | negative",                 odd="positive",   kron="positive,positive | negative,negative",       hadamard="positive,positive | negative,negative", identity=("sign(X) = X.^0 : sign-of-positive", "step(X) = X.^0 : step-of-positive")),
    _row("nonnegative", "any",    "",                      ("P.*M", "P"),                                                                test="nonnegative",          sum="nonnegative,nonnegative", product="nonnegative,nonnegative | nonpositive,nonpositive",                                                           transpose="nonnegative", square="nonnegative | nonpositive | diagonal",             odd="nonnegative", kron="nonnegative,nonnegative | nonpositive,nonpositive", hadamard="nonnegative,nonnegative | nonpositive,nonpositive", identity=("abs(X) = X : absolute-value", "relu(X) = X : relu-of-nonnegative")),
    _row("projector",   "square", "psd",                   ("B*inv(B'*B)*B'", "E*diag(s)*E'"),                                           holds=("X - X'", "X*X - X"),                                                                                            congruence="projector,orthogonal | projector,sphere", transpose="projector", square="projector",      odd="projector",  kron="projector,projector",                                                                     tangent="(X*(W + W') + (W + W')*X)/2 - X*(W + W')*X", said="X S + S X − 2 X S X with S = sym(G)", space="curved", identity=("X*X = X : projector", "pinv(X) = X : projector-pseudoinverse")),
    _row("sphere",      "vector", "injective",             ("E[:,1]", "eye(n)[:,1] - (2*a[1]/(a'*a))*a"),                                holds=("X'*X - 1",),                                      product="orthogonal,sphere",                                                                                                                                                             kron="sphere,sphere | orthogonal,sphere | sphere,orthogonal",                                   tangent="W - tr(X'*W)*X",              said="G - X X'G",      space="curved", identity=("X'*X = 1 : unit-vector", "norm(X) = 1 : unit-norm")),
    _row("stochastic",  "square", "nonnegative",           ("diag(1./rowsum(P))*P", "diag(1./rowsum(P.*M + eye(n)))*(P.*M + eye(n))"),   holds=("X*ones(n) - ones(n)",),                           product="stochastic,stochastic",                                                                                                                 square="stochastic",               odd="stochastic", kron="stochastic,stochastic",                                                                   tangent="W - W*ones(n)*ones(n)'/n",    said="G − its row means", space="affine", identity=("X*ones(n) = ones(n) : stochastic", )),
)

# The sets of manifolds: declared alone.
_SETS = (
    _row("stiefel",    "tall",   "injective",  (f"{_TURN}*O",),                                    holds=("X'*X - eye(n)",),                           product="stiefel,orthogonal | orthogonal,stiefel | stiefel,stiefel",         tangent="W - X*(X'*W + W'*X)/2",      said="G - X sym(X'G)",          space="curved", alone=True, identity=("X'*X = eye(n) : stiefel", "norm(X) = sqrt(n) : stiefel-norm")),
    _row("grassmann",  "tall",   "injective",  (f"{_TURN}*O",),                                    holds=("X'*X - eye(n)",),                           product="grassmann,orthogonal | orthogonal,grassmann",                       tangent="W - X*X'*W",                 said="G - X X'G",               space="curved", alone=True, identity=("X'*X = eye(n) : grassmann", "norm(X) = sqrt(n) : grassmann-norm")),
    _row("rotation",   "square", "orthogonal", (f"E*E*{_CAYLEY}",),                                holds=("X'*X - eye(n)", "det(X) - 1"),         product="rotation,rotation", inverse="rotation", transpose="rotation", square="orthogonal", odd="rotation", tangent="(W - X*W'*X)/2", said="G - X sym(X'G)", space="curved", alone=True, identity=("det(X) = 1 : rotation-det",)),
    _row("oblique",    "matrix", "",           ("V - G*diag(2*diag(V'*G)./diag(G'*G))",),          holds=("diag(X'*X) - 1",),                     product="orthogonal,oblique",                                                tangent="W - X*diag(diag(X'*W))",     said="G - X Diag(diag(X'G))",   space="curved", alone=True, identity=("diag(X'*X) = ones(n) : oblique", "norm(X) = sqrt(n) : oblique-norm")),
    _row("unitnorm",   "matrix", "",           ("U - (2*tr(U'*G)/tr(G'*G))*G",),                   holds=("tr(X'*X) - 1",),                       product="orthogonal,unitnorm | unitnorm,orthogonal", transpose="unitnorm",    said="G - tr(X'G) X",           space="curved", alone=True, identity=("norm(X) = 1 : unit-norm-matrix", "tr(X'*X) = 1 : unit-trace")),
    _row("simplex",    "vector", "positive",   ("p/sum(p)",),                                      holds=("sum(X) - 1",),                         kron="simplex,simplex",                                                      tangent="W - sum(W)*X",               said="p ⊙ G − (p'G) p",           space="curved", alone=True, identity=("sum(X) = 1 : simplex",)),
    _row("binary",     "any",    "nonnegative", ("M",),                                        holds=("X.*X - X",),                                transpose="binary", kron="binary,binary", hadamard="binary,binary", tangent="0*W", said="zero, as they are isolated", space="curved", identity=("X.^2 = X : square-of-zeros-and-ones",), alone=True),
    _row("rank",       "matrix", "",           ("K*L'",),                                                                                                                                                                 tangent="X*pinv(X)*W + W*pinv(X)*X - X*pinv(X)*W*pinv(X)*X", said="P G + G R − P G R with P = X X⁺, R = X⁺X", space="curved", alone=True),
)

# Sets of real and of complex matrices alike: a draw of complex ones, of generic letters, and how a gradient there is said.
_UNITARY = "inv(I + C - C^H)*(I - C + C^H)"
_OF_BOTH = {
    "sphere":    (f"{_UNITARY}*O", "G - real(X^H G) X"),
    "unitnorm":  ("U - (2*tr(G^H*U)/tr(G^H*G))*G", "G - real(tr(X^H G)) X"),
    "stiefel":   (f"{_UNITARY}*O", "G - X herm(X^H G)"),
    "grassmann": (f"{_UNITARY}*O", "G - X X^H G"),
    "oblique":   ("V - G*diag(2*diag(G^H*V)./diag(G^H*G))", "G - X Diag(real(diag(X^H G)))"),
    "rank":      ("K*L^H", "P G + G R − P G R with P = X X⁺, R = X⁺X"),
}  # fmt: skip


def of_complex(text: str) -> str:
    """A formula about real matrices as that about complex ones: ' is ^H, and an inner product of vectors its real part.

    >>> of_complex("W - tr(X'*W)*X"), of_complex("W - X*(X'*W + W'*X)/2")
    ('W - real(tr(X^H*W))*X', 'W - X*(X^H*W + W^H*X)/2')
    """
    return re.sub(r"\b(tr|diag)\(X'\*(\w)\)", r"real(\1(X'*\2))", text).replace("'", "^H")


def _among_complex(row: Property) -> Property:
    """The row of a set of complex matrices; its name is both words."""
    draw, said = _OF_BOTH[row.name]
    lines = tuple(line.replace(" : ", " : complex-").replace("'", "^H") for line in row.identity)
    name, implies = f"complex {row.name}", ("complex", *row.implies)
    holds, tangent = tuple(map(of_complex, row.holds)), of_complex(row.tangent)
    return Property(name, row.shape, implies, (draw,), holds=holds, tangent=tangent, said=said, space=row.space, alone=True, identity=lines)


# What complex matrices are; what is not declared to be one of these is real.
_COMPLEX = (
    _row("complex",     "any",    "",                      ("G",)),
    _row("hermitian",   "square", "complex",               ("(A + A^H)/2",), holds=("X - X^H",), sum="hermitian,hermitian | hermitian,psd", congruence="hermitian,any", inverse="hermitian", transpose="hermitian", odd="hermitian", square="hermitian", kron="hermitian,hermitian", hadamard="hermitian,hermitian", tangent="(W + W^H)/2", said="(G + G^H)/2", space="linear"),
    _row("hpsd",        "square", "hermitian",             ("B*B^H",), test="psd"),
    _row("hpd",         "square", "hpsd invertible",       ("A*A^H + eye(n)/4",), test="spd"),
    _row("circle",      "any",    "complex", ("G./conj(G)",), holds=("X.*conj(X) - 1",), tangent="W - real(conj(X).*W).*X", said="G − real(conj(z) ⊙ G) ⊙ z", space="curved"),
    _row("unitary",     "square", "complex invertible",    ("inv(eye(n) + A - A^H)*(eye(n) - A + A^H)",), holds=("X^H*X - eye(n)",), product="unitary,unitary", inverse="unitary", transpose="unitary", square="unitary", odd="unitary", kron="unitary,unitary", tangent="(W - X*W^H*X)/2", said="G - X herm(X^H G)", space="curved"),
    *(_among_complex(row) for row in (*_DECLARED, *_SETS) if row.name in _OF_BOTH),
)

# What nobody declares, but follows of expressions: the rest of the signs, and full rank.
_INFERRED = (
    _row("nsd",         "square", "symmetric",             sum="nsd,nsd",                 product="psd diagonal,nsd diagonal | nsd diagonal,psd diagonal", congruence="nsd,any",  inverse="nsd",     transpose="nsd",         square="skew",              odd="nsd",         kron="psd,nsd | nsd,psd",                                   hadamard="psd,nsd"),
    _row("nd",          "square", "nsd invertible",        sum="nd,nsd",                                                                                   congruence="nd,onto",  inverse="nd",      transpose="nd",          square="skew invertible",   odd="nd",          kron="spd,nd | nd,spd",                                     hadamard="spd,nd"),
    _row("negative",    "any",    "nonpositive nonzero",   sum="negative,nonpositive",    product="positive,negative | negative,positive | stochastic,negative",                                            transpose="negative",                                odd="negative",    kron="positive,negative | negative,positive",               hadamard="positive,negative"),
    _row("nonpositive", "any",    "",                      sum="nonpositive,nonpositive", product="nonnegative,nonpositive | nonpositive,nonnegative",                                                      transpose="nonpositive",                             odd="nonpositive", kron="nonnegative,nonpositive | nonpositive,nonnegative",   hadamard="nonnegative,nonpositive"),
    _row("nonzero",     "any",    "",                                                                                                                                                                  transpose="nonzero",                                                    kron="nonzero,nonzero",                                     hadamard="nonzero,nonzero"),
    _row("injective",   "any",    "",                                                     product="injective,injective",                                                                                    transpose="onto",        square="injective",         odd="injective",   kron="injective,injective"),
    _row("onto",        "any",    "",                                                     product="onto,onto",                                                                                              transpose="injective",   square="onto",              odd="onto",        kron="onto,onto"),
)

# What several say together.
TOGETHER: dict[frozenset[str], str] = {frozenset(k.split()): v for k, v in {
    "lower upper":          "diagonal",
    "symmetric lower":      "diagonal",
    "symmetric upper":      "diagonal",
    "orthogonal lower":     "diagonal",
    "orthogonal upper":     "diagonal",
    "orthogonal nonnegative": "stochastic",  # a permutation
    "diagonal nonnegative": "psd",
    "diagonal nonpositive": "nsd",
    "psd invertible":       "spd",
    "nsd invertible":       "nd",
    "nonnegative nonzero":  "positive",
    "nonpositive nonzero":  "negative",
    "injective onto":       "invertible",
}.items()}

# "diagonal positive" is meant of the diagonal: in place of the first word of a pair, what is declared.
MEANT: dict[tuple[str, str], str] = {
    ("positive", "lower"): "invertible nonnegative",
    ("positive", "upper"): "invertible nonnegative",
}

# What cannot be declared together, with what alone is both.
NEVER: dict[frozenset[str], str] = {frozenset(k.split()): v for k, v in {
    "skew stochastic":      "no matrix is",
    "skew positive":        "no matrix is",
    "skew symmetric":       "only zero is",
    "skew lower":           "only zero is",
    "skew upper":           "only zero is",
    "skew nonnegative":     "only zero is",
    "orthogonal psd":       "only the identity is",
    "projector invertible": "only the identity is",
    "stochastic diagonal":  "only the identity is",
    "positive orthogonal":  "no matrix but a number is",
}.items()}

# Recipes of what has several; E, R, J, d, s and M stay where they are as a curve is drawn.
_TOGETHER_DRAWN: dict[frozenset[str], tuple[str, ...]] = {frozenset(k.split()): v for k, v in {
    "diagonal invertible":       ("diag(d)*diag(p)",),
    "diagonal psd":              ("diag(c)", "diag(p)"),
    "diagonal spd":              ("diag(p)",),
    "diagonal orthogonal":       ("diag(d)",),
    "diagonal projector":        ("diag(s)",),
    "symmetric invertible":      ("E*diag(d)*diag(p)*E'", "(A + A')/2"),
    "symmetric orthogonal":      ("E*diag(d)*E'", f"{_CAYLEY}*diag(d)*{_CAYLEY_BACK}"),
    "symmetric nonnegative":     ("P.*M + (P.*M)'",),
    "symmetric positive":        ("P + P'",),
    "symmetric invertible nonnegative": ("P.*M + (P.*M)' + diag(p)",),
    "symmetric invertible positive":    ("P + P'",),
    "skew invertible":           ("A*J*A'",),
    "skew orthogonal":           ("E*J*E'", f"{_CAYLEY}*J*{_CAYLEY_BACK}"),
    "psd nonnegative":           ("(P.*M)*(P.*M)'", "p*p'"),
    "psd positive":              ("p*p'", "P*P'"),
    "spd nonnegative":           ("(P.*M)*(P.*M)' + eye(n)/4",),
    "spd positive":              ("P*P' + eye(n)/4",),
    "lower invertible":          ("tril(A) - diag(diag(A)) + diag(d)*diag(p)",),
    "upper invertible":          ("triu(A) - diag(diag(A)) + diag(d)*diag(p)",),
    "lower nonnegative":         ("tril(P.*M)", "tril(P)"),
    "upper nonnegative":         ("triu(P.*M)", "triu(P)"),
    "lower invertible nonnegative": ("tril(P)", "tril(P.*M) + diag(p)"),
    "upper invertible nonnegative": ("triu(P)", "triu(P.*M) + diag(p)"),
    "invertible positive":       ("P", "P + diag(p)"),
    "invertible nonnegative":    ("P.*M + diag(p)", "P"),
    "orthogonal nonnegative":    ("R",),
    "orthogonal nonnegative symmetric": ("eye(n)", "J.*J"),
    "projector nonnegative":     ("p*p'/(p'*p)", "diag(s)"),
    "projector positive":        ("p*p'/(p'*p)",),
    "projector stochastic":      ("ones(n)*ones(n)'/n", "eye(n)"),
    "projector stochastic positive": ("ones(n)*ones(n)'/n",),
    "stochastic positive":       ("diag(1./rowsum(P))*P",),
    "stochastic symmetric":      ("eye(n) - (diag(rowsum(P + P')) - P - P')/(2*sum(P))",),
    "stochastic symmetric positive": ("eye(n) - (diag(rowsum(P + P')) - P - P')/(2*sum(P))",),
    "stochastic symmetric invertible": ("eye(n) - (diag(rowsum(P + P')) - P - P')/(2*sum(P))",),
    "stochastic symmetric invertible positive": ("eye(n) - (diag(rowsum(P + P')) - P - P')/(2*sum(P))",),
    "stochastic psd":            ("eye(n) - (diag(rowsum(P + P')) - P - P')/(4*sum(P))", "ones(n)*ones(n)'/n"),
    "stochastic psd positive":   ("eye(n) - (diag(rowsum(P + P')) - P - P')/(4*sum(P))", "ones(n)*ones(n)'/n"),
    "stochastic spd":            ("eye(n) - (diag(rowsum(P + P')) - P - P')/(8*sum(P))",),
    "stochastic spd positive":   ("eye(n) - (diag(rowsum(P + P')) - P - P')/(8*sum(P))",),
    "stochastic invertible":     ("diag(1./rowsum(P + sum(P)*eye(n)))*(P + sum(P)*eye(n))",),
    "stochastic invertible positive": ("diag(1./rowsum(P + sum(P)*eye(n)))*(P + sum(P)*eye(n))",),
    "stochastic lower":          ("diag(1./rowsum(tril(P)))*tril(P)",),
    "stochastic upper":          ("diag(1./rowsum(triu(P)))*triu(P)",),
    "stochastic lower invertible": ("diag(1./rowsum(tril(P)))*tril(P)",),
    "stochastic upper invertible": ("diag(1./rowsum(triu(P)))*triu(P)",),
    "sphere nonnegative":        ("R[:,1]", _POSITIVE_UNIT),
    "sphere positive":           (_POSITIVE_UNIT,),
}.items()}

# The projection on the tangent space of what lies in several, and how it is said; zero where the set has isolated points.
_CENTRED = "(eye(n) - ones(n)*ones(n)'/n)"
_TANGENTS: dict[frozenset[str], tuple[str, str]] = {frozenset(k.split()): v for k, v in {
    "symmetric stochastic":            (f"{_CENTRED}*(W + W')*{_CENTRED}/2", "C (G + G')/2 C with C = I − 11'/n"),
    "lower stochastic":                ("tril(W) - diag(rowsum(tril(W))./rowsum(tril(ones(n,n))))*tril(ones(n,n))", "its lower triangle without the means of its rows"),
    "upper stochastic":                ("triu(W) - diag(rowsum(triu(W))./rowsum(triu(ones(n,n))))*triu(ones(n,n))", "its upper triangle without the means of its rows"),
    "orthogonal symmetric":            ("(W + W' - X*(W + W')*X)/4", "(S - X S X)/2 with S = sym(G)"),
    "orthogonal skew":                 ("(W - W' + X*(W - W')*X)/4", "(S + X S X)/2 with S = skew(G)"),
    "orthogonal diagonal":             ("zeros(n,n)", "zero, as they are isolated"),
    "orthogonal stochastic":           ("zeros(n,n)", "zero, as they are isolated"),
    "orthogonal stochastic symmetric": ("zeros(n,n)", "zero, as they are isolated"),
    "projector diagonal":              ("zeros(n,n)", "zero, as they are isolated"),
}.items()}
# fmt: on

PROPERTIES: dict[str, Property] = {row.name: row for row in (*_DECLARED, *_SETS)}
COMPLEX: dict[str, Property] = {row.name: row for row in _COMPLEX}
DECLARABLE: Mapping[str, Property] = ChainMap(PROPERTIES, COMPLEX)
INFERRED: dict[str, Property] = {row.name: row for row in _INFERRED}


def closure(properties: Iterable[str]) -> frozenset[str]:
    """The declared properties with all that they imply, alone and together; of what can be declared.

    >>> sorted(closure({"symmetric", "lower"}))
    ['diagonal', 'lower', 'symmetric', 'upper']
    """
    given = frozenset(properties)
    return _closure(given) if given else given


@lru_cache(maxsize=1024)
def _closure(given: frozenset[str]) -> frozenset[str]:
    every = _closed(given)
    for (word, beside), instead in MEANT.items():
        if word in given and beside in every:
            return _closure(given - {word} | {*instead.split()})
    return every.intersection(DECLARABLE)


def _closed(properties: Iterable[str]) -> frozenset[str]:
    out, new = set[str](), set(properties)
    while new:
        out |= new
        new = {q for p in new for q in (DECLARABLE.get(p) or INFERRED[p]).implies} | {
            q for several, q in TOGETHER.items() if several <= out
        }
        new -= out
    return frozenset(out)


def minimal(properties: Collection[str]) -> tuple[str, ...]:
    """Those of the properties that say all of it, sorted: none is implied by another.

    >>> minimal({"spd", "psd", "symmetric"})
    ('spd',)
    """
    kept = sorted(p for p in properties if p in DECLARABLE)
    for p in sorted(kept, key=lambda p: (len(_closed({p})), p)):
        rest = [q for q in kept if q != p]
        if p in _closed(rest):
            kept = rest
    return tuple(kept)


def contradiction(properties: Iterable[str]) -> tuple[str, str, str] | None:
    """Two of the properties that no variable has both, and what does: ("skew", "symmetric", "only zero is").

    >>> contradiction({"skew", "spd"})
    ('skew', 'spd', 'only zero is')
    """
    given = sorted(properties)
    every = _closed(given)
    for p in given:
        other = next((q for q in given if DECLARABLE[p].alone and q not in _closed({p})), None)
        if other is not None:
            return p, other, f"{p} is declared alone"
    for pair, what in NEVER.items():
        if pair <= every:
            a, b = sorted(pair)
            names = [next((p for p in given if q in closure({p})), q) for q in (a, b)]
            return (*names, what) if names[0] != names[1] else (a, b, what)  # type: ignore[return-value]
    return None


def draws(properties: Iterable[str]) -> tuple[str, ...]:
    """The recipes for a variable that has all of these: of the most specific row, or of the row for several, that fits.

    None for a variable of which nothing is declared: G.

    >>> draws({"spd", "diagonal"}), draws({"symmetric", "lower"}), draws(())
    (('diag(p)',), ('diag(a)',), ('G',))
    """
    given = frozenset(properties)
    if "complex" in closure(given):
        own = [p for p in minimal(given) if p not in PROPERTIES and p != "complex"]
        given = frozenset(p for p in given if p in PROPERTIES)
        if own:
            return DECLARABLE[own[0]].draw
    return _draws(given, tuple(PROPERTIES.values()))


@lru_cache(maxsize=256)
def _draws(properties: frozenset[str], rows: tuple[Property, ...]) -> tuple[str, ...]:
    wanted = closure(properties)
    if not wanted:
        return ("G",)
    known = {**{frozenset({row.name}): row.draw for row in rows}, **_TOGETHER_DRAWN}
    sets = {keys: closure(keys) for keys in known}
    enough = [keys for keys, has in sets.items() if has >= wanted]
    if enough:  # all that is wanted and as little else as there is
        return known[min(enough, key=lambda keys: (len(sets[keys]), len(keys)))]
    return known[max(sets, key=lambda keys: (len(sets[keys] & wanted), -len(sets[keys] - wanted)))]


class Tangents(NamedTuple):
    """Where a variable may move: the properties that say it, and the projection of W on it; "" where no formula is known."""

    names: tuple[str, ...]
    tangent: str
    said: str


def linear(properties: Iterable[str]) -> frozenset[str]:
    """The properties that differences have too: what dX shares with X.

    >>> sorted(linear({"spd", "symmetric"}))
    ['symmetric']
    """
    return frozenset(p for p in properties if DECLARABLE[p].space == "linear" or p == "complex")


def directions(properties: Collection[str], rows: int, columns: int) -> Iterator[tuple[tuple[int, int, int], ...]]:
    """The matrices that span the linear space of what has the properties, column by column, each by its entries (i, j, value).

    >>> list(directions({"skew"}, 2, 2)), len(list(directions({"symmetric"}, 3, 3)))
    ([((1, 0, 1), (0, 1, -1))], 6)
    """
    kept = closure(properties)
    mirrored = 0 if "diagonal" in kept else -1 if "skew" in kept else int("symmetric" in kept)
    for j in range(columns):
        for i in range(rows):
            if i < j and ("lower" in kept or mirrored) or i > j and "upper" in kept or i == j and mirrored < 0:
                continue
            yield ((i, j, 1), (j, i, mirrored)) if mirrored and i != j else ((i, j, 1),)


def flat(properties: Iterable[str]) -> Tangents | None:
    """The linear or affine space that what has the properties lies in, None where it is all of it.

    >>> flat({"psd", "upper"}).names, flat({"invertible", "positive"})
    (('diagonal',), None)
    """
    return _tangents(frozenset(properties), ("linear", "affine"))


def curved(properties: Iterable[str]) -> Tangents | None:
    """The curved set that what has the properties lies in, None where it is not curved.

    >>> curved({"orthogonal", "symmetric"}).names, curved({"spd"})
    (('orthogonal', 'symmetric'), None)
    """
    every = closure(properties)
    return _tangents(every, ("linear", "affine", "curved")) if any(DECLARABLE[p].space == "curved" for p in every) else None


@lru_cache(maxsize=1024)
def _tangents(properties: frozenset[str], kinds: tuple[str, ...]) -> Tangents | None:
    names = minimal([p for p in closure(properties) if DECLARABLE[p].space in kinds])
    if not names:
        return None
    if len(names) == 1:
        row = DECLARABLE[names[0]]
        return Tangents(names, row.tangent, row.said)
    return Tangents(names, *_TANGENTS.get(frozenset(names), ("", "")))
