"""Sums of exponentials in a logarithm or below a fraction line, with the largest exponent taken out of all that they stand with.

| in the expression                   | in the program, t the largest exponents                       |
|-------------------------------------|---------------------------------------------------------------|
| log(exp(X) w)                       | t + log(exp(X − t 𝟏') w), t of each row                       |
| Diag(1 ⊘ (exp(X) w)) exp(X)         | Diag(1 ⊘ (exp(X − t 𝟏') w)) exp(X − t 𝟏')                     |
| exp(x) ⊘ (1 + exp(x) + exp(y))      | exp(x − t) ⊘ (exp(−t) + exp(x − t) + exp(y − t))              |
| w ⊙ exp(x) / w'exp(x)               | w ⊙ exp(x − t) / w'exp(x − t), t a scalar                     |

Each piece is written as exp(k t) times what has no large exponent, and k is counted: of rows, of columns, or of what is aligned with
them, as Diag(v) and A ⊗ Diag(v) are, so that Diag(vec(exp(X))) (w w' ⊗ Diag(v⁻²)) Diag(vec(exp(X))) has k = 0.  What an exponential is
multiplied by may be zero: then the largest is that of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, Op, add, apply, hadamard, hpower, is_positive, number, ones, postorder, product, remake, scaled, transpose
from matcalc.expr import heads as H
from matcalc.expr.dims import Shape
from matcalc.expr.heads import Number, coefficient_and_rest
from matcalc.expr.rebuild import transformed
from matcalc.limits import MOST_STEADIED
from matcalc.operators import OPERATORS
from matcalc.operators.functions import larger

EXP, LOG, DIAG = OPERATORS["exp"], OPERATORS["log"], OPERATORS["diag"]

# Of all entries, or of each row; entries where another array is not zero; exp, finite for large numbers.
LARGEST, LARGEST_IN_ROWS = Op("largest", "(m,n)->()"), Op("largest_in_rows", "(m,n)->(m)")
WHERE = Op(
    "where_not_zero",
    "*,*",
    elementwise=True,
    numpy="np.where(np.abs({1}) > 0, {0}, -np.inf)",
    torch="torch.where({1} != 0, {0}, -torch.inf)",
)
FINITE = Op(
    "finite_exp",
    "*",
    elementwise=True,
    range="positive",
    numpy="_finite_exp({0})",
    jax="jnp.nan_to_num(jnp.exp({0}), nan=jnp.nan)",
    torch="torch.nan_to_num(torch.exp({0}), nan=torch.nan)",
)
LINEAR = ("diag", "diagonal", "vec", "unvec", "tr", "norm", "kron", "khatrirao")  # f(c X) = c f(X) for c > 0, in each argument


class Power(NamedTuple):
    """exp(k t): of each row, of each column, and `aligned` where rows and columns are one and the same; t itself repeats, as 𝟏 ⊗ t."""

    rows: Number = 0
    columns: Number = 0
    aligned: Number | None = None


def shared_out(e: Expr) -> Expr:
    """A product with a density and a sum of quotients by its distribution function, term by term: each has the quotient of both."""
    if e.op is not H.HADAMARD and (e.op is not H.PRODUCT or not e.is_scalar):
        return e
    bases = {_base(f).op.name for f in e.args}
    s = next((f for f in e.args if f.op is H.SUM and any(n.op.name == "normcdf" for n in postorder(f))), None)
    if s is None or "normpdf" not in bases or "normcdf" in bases:
        return e
    rest, join = [f for f in e.args if f is not s], hadamard if e.op is H.HADAMARD else product
    c = 1 if e.op is H.HADAMARD else e.data[0]
    return add([scaled(c * d, shared_out(join([t, *rest]))) for d, t in zip(s.data, s.args, strict=True)])


def _base(f: Expr) -> Expr:
    return f.args[0] if f.op in (H.POWER, H.HPOWER) else f


def _with_quotients(e: Expr) -> Expr:
    """A product of logistic functions of x and of exponentials of multiples of x, as a quotient."""
    if e.op in (H.HADAMARD, H.PRODUCT) and not e.loose and any(_base(f).op.name == "sigmoid" for f in e.args):
        held = {coefficient_and_rest(n.args[0])[1] for f in e.args for n in postorder(f) if n.op is EXP}
        new = []
        for f in e.args:
            base = _base(f)
            if base.op.name == "sigmoid" and coefficient_and_rest(base.args[0])[1] in held:
                k = f.args[1] if f is not base else number(1)
                f = hpower(add([ones(f.shape), apply(EXP, (scaled(-1, base.args[0]),))]), scaled(-1, k))
            new.append(f)
        return remake(e, tuple(new))
    return e


def steadied(roots: Sequence[Expr]) -> list[Expr]:
    """The roots with the largest exponents taken out of sums of exponentials."""
    done: set[Expr] = set()
    roots = transformed(roots, _with_quotients)
    for _ in range(MOST_STEADIED):
        sums = _sums(roots, done)
        if not sums:
            break
        roots = _Steadying(sums[0], done, set(sums[1:])).everywhere(roots)
        done.add(sums[0])
    return list(roots)


def _sums(roots: Sequence[Expr], done: set[Expr]) -> list[Expr]:
    """The sums of exponentials, of real numbers, that a logarithm is of, or a power that no whole number counts."""
    found: dict[Expr, None] = {}
    for n in postorder(*roots):
        if n.loose or n.complex or not n.args:
            continue
        below = n.op in (H.POWER, H.HPOWER) and n.args[1].op is H.NUMBER and not (n.args[1].data > 0 and isinstance(n.args[1].data, int))
        s = n.args[0]
        if (n.op is LOG or below) and (s.op in (H.SUM, H.PRODUCT, H.HADAMARD) or s.op.name in ("tr", "norm")) and s not in done:
            atoms = [e for e, _ in _atoms(s, done)]
            if atoms and not any(e.complex or e.is_scalar and not s.is_scalar for e in atoms):  # norm(exp(z)) is real, and z is not
                found[s] = None
    return list(found)


def _atoms(s: Expr, done: set[Expr]) -> Iterator[tuple[Expr, list[Expr]]]:
    """The exponentials that a sum is made of, each with what stands beside it."""
    waiting: list[tuple[Expr, list[Expr]]] = [(s, [])]
    while waiting:
        e, beside = waiting.pop()
        if e.op is EXP and e not in done:
            yield e, beside
        elif e.op is H.SUM:
            waiting += [(a, beside) for a in e.args]
        elif e.op in (H.POWER, H.HPOWER) and e.args[1].op is H.NUMBER and isinstance(e.args[1].data, int) and e.args[1].data > 0:
            waiting.append((e.args[0], beside))
        elif e.op is H.HADAMARD:
            waiting += [(a, [*beside, *(b for b in e.args if b is not a and b.op is not EXP)]) for a in e.args]
        elif e.op is H.PRODUCT:
            chain = e.args[e.data[1] :]
            if s.is_scalar or len(chain) == 1:
                waiting += [(a, [*beside, *(b for b in e.args if b is not a and a.is_vector)]) for a in e.args]
            elif chain and chain[0].shape[0] == s.shape[0] and e.shape[1] == s.shape[1] == 1 and len(chain) == 2:
                waiting.append((chain[0], [*beside, product([ones((s.shape[0], 1)), transpose(chain[1])])]))
        elif (e.op is H.TRANSPOSE or e.op.name in ("tr", "norm")) and s.is_scalar:
            waiting.append((e.args[0], []))


class _Steadying:
    """One sum of exponentials, and everything that stands with it; `others` are such sums too and stay for later."""

    def __init__(self, s: Expr, done: set[Expr], others: set[Expr]) -> None:
        self.sum, self.others = s, others
        self.mode = "scalar" if s.is_scalar else "rows" if s.shape[1] == 1 else "entries"
        atoms = dict(_atoms(s, done))
        self.lifts = s.op is H.SUM and any(not any(a in atoms for a in postorder(t)) for t in s.args)  # it has other terms
        tops = [self.largest(e.args[0], [b for b in beside if not is_positive(b)]) for e, beside in atoms.items()]
        if self.lifts:
            tops.append(H.zero(s.shape) if not s.is_scalar else number(0))
        self.top = larger(*tops) if len(tops) > 1 else tops[0]
        self.atoms = {e: self.less(e.args[0], any(not is_positive(b) for b in beside)) for e, beside in atoms.items()}
        self.done = done
        done.update(self.atoms.values())
        self.known: dict[Expr, tuple[Expr, Power]] = {}

    def fits(self, e: Expr) -> bool:
        return e.shape[0] == self.top.shape[0]

    def largest(self, a: Expr, beside: Sequence[Expr]) -> Expr:
        rows = self.mode == "rows"
        if a.is_scalar or self.mode == "entries" or rows and a.shape[1] == 1:
            return a
        mask = [b if b.shape == a.shape else transpose(b) for b in beside if a.shape in (b.shape, b.shape[::-1])]
        return apply(LARGEST_IN_ROWS if rows else LARGEST, (apply(WHERE, (a, hadamard(mask))) if mask else a,))

    def spread(self, k: Number, shape: Shape) -> Expr:
        """k t, of a shape."""
        t = scaled(k, self.top)
        return t if t.shape == shape else product([t, ones(shape)]) if t.is_scalar else product([t, ones((1, shape[1]))])

    def less(self, a: Expr, masked: bool) -> Expr:
        return apply(FINITE if masked else EXP, (add([a, self.spread(-1, a.shape)]),))

    def everywhere(self, roots: Sequence[Expr]) -> list[Expr]:
        for n in postorder(*roots):
            self.known[n] = self.of(n)
        return [self.whole(r) for r in roots]

    def whole(self, e: Expr) -> Expr:
        """The expression itself, with what of exp(k t) is left."""
        made, k = self.known[e]
        if not any(k):
            return made
        rest = k.rows + (k.aligned or 0)
        if rest > 0 or self.sum not in postorder(e):  # what is large anyway stays as it is
            return e
        if self.mode == "entries" or e.shape == self.top.shape and not e.is_scalar:
            return hadamard([made, apply(EXP, (self.spread(rest, e.shape),))])
        if self.mode == "scalar":
            return product([apply(EXP, (scaled(rest, self.top),)), made])
        if e.shape[0] == self.top.shape[0] and not k.columns:
            return product([apply(DIAG, (apply(EXP, (scaled(rest, self.top),)),)), made])
        return e

    def of(self, e: Expr) -> tuple[Expr, Power]:
        """(m, k) with e = exp(k t) m."""
        if e in self.atoms:
            return self.atoms[e], Power(1)
        if e.loose or e in self.others and e is not self.sum:
            return e, Power()
        parts = [self.known[a] for a in e.args]
        found = None
        if e.op is H.IDENTITY or e.op is DIAG and self.mode == "rows":
            found = Power(aligned=parts[0][1].rows if parts else 0) if self.fits(e) or any(any(k) for _, k in parts) else Power()
        elif not any(any(k) for _, k in parts):
            found = Power(aligned=0) if e.op.name == "kron" and parts[1][1].aligned == 0 else Power()  # of 𝟏 ⊗ t, too
        elif e.op is LOG:
            k = parts[0][1]
            if self.mode == "entries" or not (k.columns or k.aligned or e.shape[0] != self.top.shape[0] and self.mode == "rows"):
                return add([apply(LOG, (parts[0][0],)), self.spread(k.rows, e.shape)]), Power()
        elif e.op is H.SUM:
            return self.added(e, parts)
        elif e.op is H.PRODUCT and self.mode == "rows" and not any(any(k) for _, k in parts[: e.data[1]]):
            return self.multiplied(e, parts)
        else:
            found = self.combined(e, [k for _, k in parts])
        made = [m for m, _ in parts] if found is not None else list(map(self.whole, e.args))
        try:
            return remake(e, tuple(made)), found or Power()
        except UnsupportedError:  # what no longer shows that it is symmetric
            return e, Power()

    def combined(self, e: Expr, ks: list[Power]) -> Power | None:
        """The power of an operator's result by those of its arguments, where it has one."""
        if e.op in (H.POWER, H.HPOWER):
            k = e.args[1].data if e.args[1].op is H.NUMBER and not ks[0].aligned else None
            return None if k is None else Power(ks[0].rows * k, ks[0].columns * k)
        if e.op is H.TRANSPOSE:
            turned = Power(ks[0].columns, ks[0].rows, ks[0].aligned)
            return ks[0] if self.mode == "scalar" else turned if self.mode == "rows" else None  # an entry is elsewhere then
        if e.op is H.HADAMARD:
            return Power(sum(k.rows + (k.aligned or 0) for k in ks), sum(k.columns for k in ks))
        if self.mode == "scalar":
            return Power(sum(k.rows for k in ks)) if e.op is H.PRODUCT or e.op.name in LINEAR else None
        if self.mode == "entries":
            scales = e.op is H.PRODUCT and len(ks) == e.data[1] + 1 and not any(any(k) for k in ks[:-1])
            return ks[-1] if scales else None
        if e.op.name == "vec":
            return None if ks[0].columns or ks[0].aligned else ks[0]
        if e.op.name == "kron":
            return None if any(ks[0]) else ks[1]
        if e.op.name == "khatrirao" and e.args[1].op is H.IDENTITY and self.fits(e.args[1]) and not ks[0].rows:
            return Power(aligned=ks[0].columns + (ks[0].aligned or 0))
        return None

    def added(self, e: Expr, parts: list[tuple[Expr, Power]]) -> tuple[Expr, Power]:
        """A sum: terms of one power together; where t is not negative, those of smaller ones get what they lack."""
        ks = {k if any(k) else Power() for _, k in parts}
        if len(ks) == 1:
            return remake(e, tuple(m for m, _ in parts)), ks.pop()
        if not self.lifts or any(k.columns or k.aligned for k in ks) or e.shape != self.top.shape:
            return remake(e, tuple(map(self.whole, e.args))), Power()
        most = max(k.rows for k in ks)
        terms = []
        for c, (m, k) in zip(e.data, parts, strict=True):
            lacking = [apply(EXP, (scaled(k.rows - most, self.top),))] if k.rows < most else []
            self.done.update(lacking)
            terms.append(scaled(c, hadamard([m, *lacking]) if not e.is_scalar else product([*lacking, m])))
        return add(terms), Power(most)

    def multiplied(self, e: Expr, parts: list[tuple[Expr, Power]]) -> tuple[Expr, Power]:
        """A product of matrices: what is aligned goes to either side; what is left between two others is less than one, or the end."""
        count = e.data[1]
        front, chain, ks = [m for m, _ in parts[:count]], [m for m, _ in parts[count:]], [k for _, k in parts[count:]]
        if all(k.aligned is not None for k in ks):
            return remake(e, (*front, *chain)), Power(aligned=sum(k.aligned or 0 for k in ks))
        made: list[Expr] = []
        first: Number | None = None
        left: Number = 0
        for m, k in zip(chain, ks, strict=True):
            left += k.rows if k.aligned is None else k.aligned
            if k.aligned is None:
                if first is None:
                    first = left
                elif left and (left > 0 or not self.lifts or not self.fits(m)):
                    return remake(e, tuple(map(self.whole, e.args))), Power()
                elif left:
                    made.append(apply(DIAG, (apply(EXP, (scaled(left, self.top),)),)))
                left = k.columns
            made.append(m)
        return product([number(e.data[0]), *front, *made]), Power(first or 0, left)
