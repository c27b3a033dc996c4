"""A real function of complex matrices as one of real ones, by which its curvature is proved.

X + i Y adds, multiplies and is inverted as [X, -Y; Y, X] does, of which ^H is the transpose, and z = x + i y is multiplied as [x; y] is.
So a formula of complex matrices is the same formula of real ones, twice as large: tr, logdet and ‖·‖² are twice what they were.  What is
affine in the variables and taken entry by entry has its real and its imaginary part there, D [x; y] + c with other matrices D.
Where the real function is convex in all real matrices of that size, the complex one is so in the complex ones, which are some of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from matcalc.convexity.proving import Proof, Proving
from matcalc.convexity.spectra import Affine
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, add, hadamard, hpower, known, postorder, product, remake, scaled, transpose
from matcalc.expr import heads as H
from matcalc.expr.conjugate import conjugate, is_real
from matcalc.expr.dims import Size, symbol
from matcalc.expr.heads import identity, number, properties_of, variable, zero
from matcalc.expr.products import factors, power, scalars
from matcalc.operators import call

KEPT = {"symmetric", "psd", "spd", "nsd", "nd", "invertible", "injective", "onto", "orthogonal"}  # of a matrix, twice as large
MEANT = {"hermitian": "symmetric", "unitary": "orthogonal", "hpd": "spd", "hpsd": "psd"}
SIGNS = {"positive", "nonnegative", "negative", "nonpositive", "nonzero"}
OF_MATRICES = {"logdet": 2, "tr": 2, "lambda_max": 1, "normspec": 1, "normnuc": 2}  # how often what they count is there
DOUBLED = "as a function of [real(z); imag(z)] in place of z and [real(A), -imag(A); imag(A), real(A)] in place of A, where ' is ^H"


class Other(Exception):
    """It is no function of this kind."""


class Doubled(NamedTuple):
    """The function of real variables, these variables, and whether its data are called as those of the complex function."""

    f: Expr
    by: list[Expr]
    faithful: bool
    halved: bool  # it has real parts of numbers


def doubled(f: Expr, by: Sequence[Expr]) -> Doubled | None:
    """The real function; None where it is not of this kind.

    >>> from matcalc.expr import symbol
    >>> n = symbol("n")
    >>> z, S = variable("z", (n, 1), {"complex"}), variable("S", (n, n), {"hpd"})
    >>> doubled(z.H @ S @ z, [z]).f
    zᵀ S z
    """
    made = _Translation(by)
    try:
        g = made.real(f)
    except (Other, MatcalcError):
        return None
    return Doubled(g, [made.names[v] for v in by if v in made.names], made.faithful, made.halved)


def proof_of(f: Expr, by: Sequence[Expr], *, quick: bool = False) -> Proof | None:
    """The verdict on a function with its reasons; on one of complex variables those of the real one that it is."""
    if any(n.complex for n in postorder(f, *by)):
        made = doubled(f, by)
        return None if made is None else Proving(made.f, made.by, quick=quick).proof()
    return Proving(f, by, quick=quick).proof()


class _Translation:
    def __init__(self, by: Sequence[Expr]) -> None:
        self.by = list(by)
        self.affine = Affine(set(by) | {conjugate(v) for v in by})
        self.names: dict[Expr, Expr] = {}
        self.taken: set[str] = set()
        self.done: dict[tuple[str, Expr], Expr] = {}
        self.faithful, self.halved = True, False

    def moves(self, e: Expr) -> bool:
        return any(v in self.by for v in postorder(e))

    # --- data ----------------------------------------------------------------------------------------------------------

    def data(self, e: Expr, kind: str, shape: tuple[Size, Size], properties: set[str]) -> Expr:
        """A variable that stands for a part that does not move."""
        key = (kind, e)
        if key not in self.done:
            plain = e.op is H.VARIABLE and kind in ("whole", "number")
            name = e.data[0] if plain else f"{kind}({e!r})" if kind in ("real", "imag") else f"({e!r})"
            while name in self.taken:
                name += "·"
            self.taken.add(name)
            self.faithful &= kind != "real" and kind != "imag"
            self.done[key] = variable(name, shape, properties)
        return self.done[key]

    # --- numbers, and arrays of real numbers ---------------------------------------------------------------------------

    def real(self, e: Expr) -> Expr:
        """A real number or array of the same shape.  Raises Other."""
        if not self.moves(e):
            return e if not any(n.complex for n in postorder(e)) else self.data(e, "number", e.shape, _signs(e))
        key = ("value", e)
        if key not in self.done:
            self.done[key] = self._real(e)
        return self.done[key]

    def _real(self, e: Expr) -> Expr:
        name = e.op.name
        if e.op is H.VARIABLE:
            if e.complex:
                raise Other
            return self.variable(e, e.shape)
        if name in ("real", "imag", "abs"):
            if name == "abs" and not e.args[0].complex:
                return remake(e, (self.real(e.args[0]),))
            if name == "real" and e.is_scalar:
                return self.part(e.args[0])
            re, im = self.pair(e.args[0])
            return re if name == "real" else im if name == "imag" else hpower(add([hpower(re, TWO), hpower(im, TWO)]), HALF)
        if e.op in (H.POWER, H.HPOWER) and e.args[0].op.name in ("abs", "norm") and e.args[0].args[0].complex:
            k = e.args[1]
            (u,) = e.args[0].args
            if k.op is not H.NUMBER or k.data % 2:
                raise Other
            return hpower(self.square(e.args[0].op.name, u), number(Fraction(k.data, 2)))
        if name == "norm" and e.args[0].complex:
            return power(self.square(name, e.args[0]), HALF)
        if name in OF_MATRICES and e.args[0].complex:
            return scaled(Fraction(1, OF_MATRICES[name]), call(name, self.whole(e.args[0])))
        if e.op is H.PRODUCT and e.is_scalar and (e.complex or any(a.complex for a in e.args)):
            return self.part(e)
        if all(is_real(a) for a in e.args):
            return remake(e, tuple(self.real(a) for a in e.args))
        raise Other

    def part(self, e: Expr) -> Expr:
        """The real part of a number: of a product of matrices that of the real ones."""
        if e.op is H.SUM:
            return add([scaled(c, self.part(t)) for c, t in zip(e.data, e.args, strict=True)])
        if is_real(e) and (e.op is not H.PRODUCT or not any(a.complex for a in e.args)):
            return self.real(e)
        self.halved |= not is_real(e)
        if not self.moves(e):
            return self.data(e, "real", e.shape, set())
        if e.op.name == "tr":
            return scaled(Fraction(1, 2), call("tr", self.whole(e.args[0])))
        if e.op is not H.PRODUCT or len(e.args) == e.data[1] or any(self.moves(s) and not is_real(s) for s in scalars(e)):
            if self.affine(e):
                return self.pair(e)[0]
            raise Other
        front = [number(e.data[0]), *(self.real(s) for s in scalars(e) if is_real(s))]
        turning = [s for s in scalars(e) if not is_real(s)]
        return product([*front, self.chain(factors(e), turning)])

    def square(self, name: str, u: Expr) -> Expr:
        """|u|² entry by entry, or ‖u‖²."""
        if name == "norm":
            whole = self.whole(u)
            return scaled(Fraction(1, 1 if u.shape[1] == 1 else 2), call("norm", whole) ** 2)
        re, im = self.pair(u)
        return add([hpower(re, TWO), hpower(im, TWO)])

    # --- matrices twice as large ---------------------------------------------------------------------------------------

    def variable(self, v: Expr, shape: tuple[Size, Size]) -> Expr:
        """The real variable in place of one; of a real one that is an array among complex ones there are two."""
        known_as = v if shape == v.shape or v.complex else conjugate(v)
        if v not in self.names:
            said = {MEANT.get(p, p) for p in properties_of(v)} & (KEPT if v.complex else {*KEPT, *SIGNS})
            said -= {"symmetric"} if "hermitian" not in properties_of(v) and v.complex else set()
            self.taken.add(v.data[0])
            self.names[v] = variable(v.data[0], shape, said)
        if self.names[known_as].shape != shape:
            raise Other
        return self.names[v]

    def whole(self, e: Expr) -> Expr:
        """The matrix twice as large in place of a complex matrix; of a vector, its real over its imaginary part.  Raises Other."""
        key = ("large", e)
        if key not in self.done:
            self.done[key] = self._whole(e)
        return self.done[key]

    def _whole(self, e: Expr) -> Expr:
        shape = (_twice(e.shape[0]), _twice(e.shape[1]) if e.shape[1] != 1 else 1)
        if e.is_scalar:
            raise Other
        if e.shape[0] == 1:
            return transpose(self.whole(e.H))
        if e.op is H.IDENTITY:
            return identity(shape[0])
        if e.op is H.ZERO:
            return zero(shape)
        if e.op is H.VARIABLE and e in self.by:
            return self.variable(e, shape)
        if e.op is H.TRANSPOSE and e.args[0].op is H.CONJ or e.op is H.TRANSPOSE and not e.complex:
            return transpose(self.whole(e.H))
        if not self.moves(e):
            return self.data(e, "whole", shape, _structure(e))
        if e.op is H.SUM:
            return add([scaled(c, self.whole(t)) for c, t in zip(e.data, e.args, strict=True)])
        if e.op is H.PRODUCT:
            front = [number(e.data[0]), *(self.real(s) for s in scalars(e) if is_real(s))]
            return product([*front, self.chain(factors(e), [s for s in scalars(e) if not is_real(s)])])
        if e.op is H.MATPOWER or e.op.name in ("sqrtm", "logm", "expm"):
            return remake(e, (self.whole(e.args[0]),))
        if e.op is H.HADAMARD and e.shape[1] == 1:
            still = [a for a in e.args if not self.moves(a)]
            (u,) = (a for a in e.args if self.moves(a)) if len(still) == len(e.args) - 1 else (e,)
            if u is not e:
                return self.chain([call("diag", hadamard(still)), u], ())
        if e.op is H.CONJ and e.shape[1] == 1:
            return product([self.data(zero(e.shape), "whole", (shape[0], shape[0]), {"symmetric", "orthogonal"}), self.whole(e.args[0])])
        raise Other

    def chain(self, chain: Sequence[Expr], turning: Sequence[Expr]) -> Expr:
        """A product of matrices, those of the data together; a complex number of the data before it turns one of these."""
        if any(f.shape[1] == 1 and g.shape[0] == 1 for f, g in pairwise(chain)):
            raise Other
        if any(map(self.moves, turning)):
            return self.multiple("whole", chain, turning)
        out: list[Expr] = []
        for f in chain:
            if turning and not self.moves(f):
                f, turning = product([*turning, f]), ()
            out.append(self.whole(f))
        if turning:
            n = chain[0].shape[0] if chain[0].shape[0] != 1 else chain[0].shape[1]
            large = self.data(product([*turning, identity(n)]), "whole", (_twice(n), _twice(n)), set())
            out.insert(0 if chain[0].shape[0] != 1 else 1, large)
        return product(out)

    def multiple(self, kind: str, chain: Sequence[Expr], front: Sequence[Expr]) -> Expr:
        """A column of the data times one complex number that moves: a matrix of two columns times its parts."""
        moving = [s for s in front if self.moves(s)]
        rest = product([*(s for s in front if s not in moving), *chain])
        if len(moving) != 1 or moving[0] not in self.by or self.moves(rest) or rest.shape[1] != 1:
            raise Other
        rows = _twice(rest.shape[0]) if kind == "whole" else rest.shape[0]
        return product([self.data(rest, kind, (rows, 2), set()), self.variable(moving[0], (2, 1))])

    # --- what is affine, entry by entry -------------------------------------------------------------------------------

    def pair(self, e: Expr) -> tuple[Expr, Expr]:
        """The real and the imaginary part of what is affine in the variables.  Raises Other."""
        if not e.complex:
            return self.real(e), zero(e.shape)
        if not self.moves(e):
            return self.data(e, "real", e.shape, set()), self.data(e, "imag", e.shape, set())
        if e in self.by and e.is_scalar:
            return self.multiple("real", (), (e,)), self.multiple("imag", (), (e,))
        if e.op is H.PRODUCT and any(map(self.moves, scalars(e))):
            return self.of_scalars(e)
        if e.op is H.SUM:
            pairs = [self.pair(t) for t in e.args]
            return tuple(add([scaled(c, p[k]) for c, p in zip(e.data, pairs, strict=True)]) for k in (0, 1))  # type: ignore[return-value]
        chain, front = (factors(e), scalars(e)) if e.op is H.PRODUCT else ((e,), ())
        moving = [i for i, f in enumerate(chain) if self.moves(f)]
        if e.op is H.HADAMARD:
            still = [a for a in e.args if not self.moves(a)]
            if len(still) == len(e.args) - 1:
                (u,) = (a for a in e.args if a not in still)
                re, im = self.pair(u)
                c, d = self.pair(hadamard(still))
                return add([hadamard([c, re]), scaled(-1, hadamard([d, im]))]), add([hadamard([d, re]), hadamard([c, im])])
        if len(moving) != 1 or any(map(self.moves, front)):
            raise Other
        (i,) = moving
        u, left, right = chain[i], chain[:i], chain[i + 1 :]
        sides = []
        for kind in ("real", "imag"):  # L U R: the rows of the large L say which part, the columns of the large R are half of it
            rows = (e.shape[0], _twice(u.shape[0])) if u.shape[0] != 1 else (1, 1)
            before = product([number(e.data[0] if e.op is H.PRODUCT else 1), *front, *(left or (_unit(u.shape[0]),))])
            after = product(right) if right else _unit(u.shape[1])
            if u.shape[0] == 1 and u.shape[1] == 1:
                raise Other
            large = [self.whole(u)]
            if u.shape[0] != 1:
                large.insert(0, self.data(before, kind, rows, set()))
            if u.shape[1] != 1:
                which = "imag" if u.shape[0] == 1 and kind == "imag" else "real"
                key = product([before, after]) if u.shape[0] == 1 else after
                large.append(self.data(key, f"{which} ", (_twice(u.shape[1]), e.shape[1]), set()))
                self.faithful = False
            sides.append(product(large))
        return sides[0], sides[1]

    def of_scalars(self, e: Expr) -> tuple[Expr, Expr]:
        """The parts of a product, of whose scalars one moves."""
        front: list[Expr] = [number(e.data[0]), *scalars(e)]
        moving = [s for s in front if self.moves(s)]
        rest = product([*(s for s in front if s not in moving), *factors(e)])
        if len(moving) != 1 or self.moves(rest):
            raise Other
        if moving[0] in self.by:
            return self.multiple("real", factors(e), front), self.multiple("imag", factors(e), front)
        (re, im), (c, d) = self.pair(moving[0]), self.pair(rest)
        return add([product([re, c]), scaled(-1, product([im, d]))]), add([product([re, d]), product([im, c])])


TWO, HALF = number(2), number(Fraction(1, 2))


def _unit(n: Size) -> Expr:
    return number(1) if n == 1 else identity(n)


def _twice(n: Size) -> Size:
    """Twice a size: of a name one of its own.  Raises Other for sums and products of sizes."""
    if isinstance(n, int):
        return 2 * n
    if not n.name:
        raise Other
    return symbol(f"2{n.name}")


def _signs(e: Expr) -> set[str]:
    return set(known(e)) & (SIGNS if 1 in e.shape or e.is_scalar else SIGNS | {"psd", "spd", "symmetric"})


def _structure(e: Expr) -> set[str]:
    found = {MEANT.get(p, p) for p in known(e)} & KEPT
    return found - ({"symmetric"} if e.complex and "hermitian" not in known(e) else set())
