"""From expressions to array code: what each operator of the algebra is on arrays, with structure kept as long as it pays.

One entry of `LOWERED` per head that is more than its template; every other row of the operator table is called by
its template, on full arrays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, reduce
from itertools import pairwise

from matcalc.expr import add, hadamard, matpower, product, scaled, transpose, untransposed
from matcalc.expr import heads as H
from matcalc.expr.applying import signature
from matcalc.expr.conjugate import adjoint, is_hermitian, is_real, plainer
from matcalc.expr.dims import Dim, Size
from matcalc.expr.facts import has
from matcalc.expr.grids import rows_of
from matcalc.expr.node import Expr, Op, postorder
from matcalc.limits import LARGEST_POWER, LONGEST_CHAIN
from matcalc.operators import OPERATORS
from matcalc.programs import forms as F
from matcalc.programs.arrays import Arrays
from matcalc.programs.chains import chained, factor_values
from matcalc.programs.diagonal_blocks import Blocks, Term
from matcalc.programs.forms import Code, Form
from matcalc.programs.given import array_axes
from matcalc.programs.index_rows import by_operator
from matcalc.programs.indexed import Indexed
from matcalc.programs.joining import join
from matcalc.programs.kronecker import kron
from matcalc.programs.leaves import Leaves
from matcalc.programs.order import Order
from matcalc.programs.settling import has_argument
from matcalc.programs.structured import Structured
from matcalc.programs.targets import template
from matcalc.programs.traces import traced
from matcalc.programs.values import SPREAD, Value

EXPLICIT = 3  # an inverse used so often is computed once and multiplied by
PARTLY = ("tr", "diagonal")  # what needs a few entries of a product: it is not formed for that


class Lowering(Leaves):
    """Turns expressions into code on `arrays`; each node of the expressions once."""

    def __init__(
        self,
        roots: Sequence[Expr],
        order: Order,
        vectors_first: bool = False,
        regular: Collection[Expr] = (),
        over: Mapping[str, Size] | None = None,
        solved: Collection[Expr] = (),
        halves: bool = True,
        apart: bool = False,
    ) -> None:
        super().__init__(Structured(Arrays(vectors_first), order))
        self.regular, self.halves, self.apart = regular, halves, apart
        self.indexed = Indexed(self, self.dense, join, by_operator, over or {})
        self.values: dict[Expr, Value] = {}
        nodes = postorder(*roots)
        self.indexed.look(nodes)
        formed = (a for e in nodes if e.op not in (H.PRODUCT, H.SUM, H.TRANSPOSE) and e.op.name != "norm" for a in e.args)
        self.nodes = frozenset(nodes)
        self.formed = frozenset((*roots, *formed))  # the expressions that are needed whole
        multiples = (e.args[-1] for e in self.formed if e.op is H.PRODUCT and len(e.args) == e.data[1] + 1)
        whole = [t for e in (*self.formed, *multiples) for t in (e.args if e.op is H.SUM else (e,)) if t.op is H.PRODUCT]
        self.chains = {product(t.args[t.data[1] :]) for t in whole if 1 not in t.shape}  # products that are formed
        products = (product(t.args[t.data[1] :]) for t in nodes if t.op is H.PRODUCT and t.shape[1] == 1 != t.shape[0])
        self.vectors = {v for v in products if v.op is H.PRODUCT}
        grams = (pair for t in nodes if t.op is H.PRODUCT for pair in pairwise(t.args[t.data[1] :]) if len(t.args) > t.data[1] + 2)
        self.chains |= {product(pair) for pair in grams if pair[0] is adjoint(pair[1]) and self._is_thin(pair[1])}
        self.explicit = _explicit_inverses(nodes, roots).difference(solved)
        self.sizes |= {name for e in nodes for d in e.shape if isinstance(d, Dim) for name in d.symbols}
        needed = {a for e in nodes if e.op.name not in PARTLY for a in e.args}.union(roots)
        for e in nodes:
            if e in needed or e.op is not H.PRODUCT:
                self._lower(e)

    def _is_thin(self, e: Expr) -> bool:
        rows, columns = map(self.algebra.order.weight, e.shape)
        return 1 < columns < rows

    def dense(self, e: Expr) -> Code:
        return self.algebra.dense(self.value(e))

    def value(self, e: Expr) -> Value:
        """The value of an expression, also of one that only the writing of another made."""
        if e not in self.values:
            for n in postorder(e):
                if n not in self.values:
                    self._lower(n)
        return self.values[e]

    def _lower(self, e: Expr) -> None:
        """Of what stands for itself; what depends on an index of a sum is made with the sum."""
        if not e.loose and e.op is not H.FAMILY and not self.indexed.needs(e):
            self.values[e] = self.algebra.full(self.indexed.over(e, ()), e.shape) if self.indexed.handles(e) else self._lowered(e)

    def _lowered(self, e: Expr) -> Value:
        made = LOWERED.get(e.op.name, Lowering.row)(self, e)
        v = made if isinstance(made, Value) else self.algebra.full(made, e.shape)
        v = self.algebra.real(v) if v.complex and is_real(e) else v
        return replace(v, symmetric=True) if e.symmetric else v

    # --- sums and products ------------------------------------------------------------------------------------

    def sum(self, e: Expr) -> Value | Code:
        terms = []
        for c, t in zip(e.data, e.args, strict=True):
            terms.append(self.algebra.scaled(self.arrays.number(c), self.values[t]) if c != 1 else self.values[t])
        made = self.algebra.added(terms, e.shape)
        if e in self.formed and any(p.kind == "full" for p in made.parts):
            return self.algebra.dense(made)  # it is formed anyway
        return made

    def product(self, e: Expr) -> Value:
        count = e.data[1]
        return self.scaled(e, chained(self, e.args[count:]) if count < len(e.args) else None)

    def scaled(self, e: Expr, chain: Value | None) -> Value:
        """The number and the scalars of a product, before `chain`."""
        c, count = e.data
        make = self.arrays
        above, below = [], []
        for s in e.args[:count]:
            if s.op is H.POWER and s.args[1].op is H.NUMBER and s.args[1].data < 0:
                below.append(make.power(self.dense(s.args[0]), -s.args[1].data))
            else:
                above.append(self.dense(s))
        if c != 1 or (chain is None and not above):
            above.insert(0, make.number(c))
        bottom = reduce(make.multiply, below) if below else None
        if chain is not None and chain.kind == "sum" and e in self.formed and all(p.kind in SPREAD for p in chain.parts):
            chain = self.algebra.full(self.algebra.dense(chain), chain.shape)  # which is scaled in its own memory
        if chain is None:
            top = reduce(make.multiply, above)
            return self.algebra.full(make.divide(top, bottom) if bottom else top, (1, 1))
        if above:
            top = reduce(make.multiply, above)
            return self.algebra.scaled(make.divide(top, bottom) if bottom else top, chain)
        return self.algebra.scaled(bottom, chain, divide=True) if bottom else chain

    def grid(self, e: Expr) -> Code:
        """Blocks beside and below one another; a single row or column has one axis."""
        make = self.arrays
        if 1 in e.shape:
            parts = [self._entries(b, F.ONES) for b in e.args]
            return make.call(F.JOINED, *parts, shape=array_axes(e.shape), plain=False)
        lines = []
        for row in rows_of(e):
            shape = (row[0].shape[0], e.shape[1])
            blocks = [self._entries(b, F.ONES2) if b.is_scalar else self.algebra.two_d(self.values[b]) for b in row]
            lines.append(make.call(F.BESIDE, *blocks, shape=shape, plain=False) if len(row) > 1 else blocks[0])
        return make.call(F.JOINED, *lines, shape=e.shape, plain=False) if len(lines) > 1 else lines[0]

    def _entries(self, b: Expr, ones: Form) -> Code:
        """A block as an array of its axes, also where it is a number."""
        code = self.dense(b)
        if not b.is_scalar:
            return code
        sizes = [self.arrays.number(1)] * (1 if ones is F.ONES else 2)
        return self.arrays.multiply(code, self.arrays.call(ones, *sizes, shape=(1,) * len(sizes), plain=False))

    # --- powers and elementwise products ----------------------------------------------------------------------

    def hpower(self, e: Expr) -> Value | Code:
        base, exponent = e.args
        k = exponent.data if exponent.op is H.NUMBER else self.dense(exponent)
        if base.op.name == "norm" and k == 2:
            return self._square(self.values[base.args[0]])
        return self.algebra.mapped(lambda x: self.arrays.power(x, k), self.values[base])

    def _square(self, v: Value) -> Code:
        """The sum of squares; of an argument plus outer products, ‖X + u v'‖², without forming the sum."""
        make = self.arrays
        whole = [p for p in v.parts if p.kind == "full"]
        if (
            v.kind != "sum"
            or len(whole) != 1
            or not self.algebra.is_given(whole[0])
            or any(p.kind not in ("full", "outer") or any(c.complex for c in p.codes) for p in v.parts)
        ):
            x = self.algebra.dense(v)
            return make.real(make.inner(make.conj(x), x))
        total = make.inner(whole[0].code, whole[0].code)
        for i, p in enumerate(v.parts):
            if p.kind == "outer":
                total = make.add(total, self.algebra.inner(p, self.algebra.transpose(p)))
            for q in v.parts[:i]:
                total = make.add(total, make.multiply(make.number(2), self.algebra.inner(self.algebra.transpose(p), q)))
        return total

    def hadamard(self, e: Expr) -> Value:
        """Factors with negative powers go below one fraction line; a . b^2 is a . b times b where a . b is there."""
        above, below = [], []
        for f in e.args if not e.symmetric else ():
            if f.op is H.HPOWER and f.args[1].op is H.NUMBER and f.args[1].data == 2:
                there = hadamard([*(g for g in e.args if g is not f), f.args[0]])
                if there in self.nodes and there in self.values:
                    return self.algebra.times([self.values[there], self.values[f.args[0]]], e.shape)
        for f in e.args:
            base, flipped = (f.args[0], True) if f.op is H.TRANSPOSE else (f, False)
            if base.op is H.HPOWER and base.args[1].op is H.NUMBER and base.args[1].data < 0:
                k = -base.args[1].data
                part = self.algebra.mapped(lambda x, k=k: self.arrays.power(x, k), self.values[base.args[0]])  # type: ignore[misc]
                below.append(self.algebra.transpose(part) if flipped else part)
            else:
                above.append(self.values[f])
        if not below:
            return self.algebra.times(above, e.shape)
        if any(v.kind == "diagonal" for v in (*above, *below)):
            return self.algebra.times([self.values[f] for f in e.args], e.shape)
        one = Value("const", e.shape, (self.arrays.number(1),))
        top = self.algebra.spread(self.algebra.times(above, e.shape) if above else one)
        bottom = self.algebra.spread(self.algebra.times(below, e.shape))
        kind, (a, b) = self.algebra.broadcast([top, bottom])
        return Value(kind, e.shape, (self.arrays.divide(a, b),))

    def matpower(self, e: Expr) -> Value | Code:
        base, k = self.values[e.args[0]], e.data
        if base.kind in ("diagonal", "spectral"):
            return self._by_diagonal(base, k)
        if k < 0:
            inverse = self.inverse(e.args[0])
            return inverse if k == -1 else self._power(self.algebra.dense(inverse), -k)
        return self._power(self.algebra.dense(base), k)

    def _by_diagonal(self, v: Value, k: int) -> Value:
        """The power of a diagonal matrix, or of one by its eigenvectors."""
        return replace(v, codes=(*v.codes[:-1], self.arrays.power(v.codes[-1], k)))

    def inverse(self, base: Expr) -> Value:
        base, turned = plainer(base)
        v = self.value(base)
        if turned:
            return self.algebra.conj(self.inverse(base))
        if v.kind in ("diagonal", "spectral"):
            return self._by_diagonal(v, -1)
        lazy = Value("inverse", base.shape, (self._factor(base),), symmetric=base.symmetric)
        if base not in self.explicit:
            return lazy
        return replace(self.algebra.full(self.algebra.dense(lazy), base.shape), symmetric=base.symmetric)

    def _power(self, x: Code, k: int) -> Code:
        if k > LARGEST_POWER:
            return self.arrays.call(F.MATRIX_POWER, x, self.arrays.number(k), shape=x.shape)
        if k == 1:
            return x
        half = self._power(x, k // 2)
        square = self.arrays.matmul(half, half)
        return self.arrays.matmul(square, x) if k % 2 else square

    # --- reductions and linear structure ----------------------------------------------------------------------

    def trace(self, e: Expr) -> Value | Code:
        """tr(A B …) as the sum of the entries of one product of two arcs of the circle."""
        arg = e.args[0]
        there = self._shared(arg) or (traced(self.algebra, self.value, arg) if self.apart else None)
        if there is not None:
            return there
        if arg.op is H.HADAMARD:
            parts = [self.algebra.diagonal(self.values[f]) for f in arg.args]
            return self.algebra.total(self.algebra.times(parts, (arg.shape[0], 1)))
        factors = self._circle(arg)
        if not 2 <= len(factors) <= 12:
            return self.algebra.trace(self.value(arg))
        order, n = self.algebra.order, len(factors)
        circle = factors * 2
        best = order.best(circle, n)

        def cost(arc: tuple[int, int]) -> float:
            i, j = arc
            one, other = best[i, j][0], best[j + 1, i + n - 1][0]
            entries = order.weight(circle[i].shape[0]) * order.weight(circle[j].shape[1])
            return entries + one + (0 if circle[i : j + 1] == circle[j + 1 : i + n] else other)

        i, j = min(((i, j) for i in range(n) for j in range(i, i + n - 1)), key=cost)
        left, right = self.algebra.built(circle, best, i, j), self.algebra.built(circle, best, j + 1, i + n - 1)
        inner = self.algebra.full(self.algebra.inner(left, right), (1, 1))
        return self.scaled(arg, inner) if arg.op is H.PRODUCT else inner

    def _shared(self, arg: Expr) -> Value | None:
        """tr(A B C) where A B, or its transpose, is formed anyway."""
        chain = arg.args[arg.data[1] :] if arg.op is H.PRODUCT else ()
        if not 3 <= len(chain) <= LONGEST_CHAIN or any(1 in f.shape for f in chain):
            return None
        for i, f in enumerate(chain):
            rest = product([*chain[i + 1 :], *chain[:i]])
            for e in (rest, transpose(rest)):
                if e in self.chains and all(a in self.values for a in e.args[e.data[1] :]):
                    one = self.values[f] if e is rest else self.algebra.transpose(self.values[f])
                    inner = self.algebra.inner(one, chained(self, e.args[e.data[1] :]))
                    return self.scaled(arg, self.algebra.full(inner, (1, 1)))
        return None

    def _circle(self, arg: Expr) -> list[Value]:
        """The factors of the argument of a trace or a diagonal."""
        if arg.op is H.MATPOWER and 1 < arg.data <= LARGEST_POWER:
            return [self.values[arg.args[0]]] * arg.data
        return factor_values(self, arg.args[arg.data[1] :]) if arg.op is H.PRODUCT else []

    def diagonal(self, e: Expr) -> Value | Code:
        """diag(A B …) as sums of the rows of one elementwise product."""
        arg = e.args[0]
        factors = self._circle(arg)
        if len(factors) < 2 or any(f.shape[0] == 1 for f in factors):
            return self.algebra.diagonal(self.value(arg))
        half = self._half(arg)
        if half is not None:
            return self.scaled(arg, self.algebra.full(half, e.shape)) if arg.op is H.PRODUCT else half
        order, n = self.algebra.order, len(factors)
        best = order.best(factors, there=self.algebra.is_there, known=0)

        def cost(k: int) -> float:
            return best[0, k][0] + best[k + 1, n - 1][0] + order.entries(factors[k].shape[1:] + e.shape[:1])

        k = min(reversed(range(n - 1)), key=cost)  # of equal ones the last is turned the least
        made = self.algebra.diagonal_of_product(self.algebra.built(factors, best, 0, k), self.algebra.built(factors, best, k + 1, n - 1))
        return self.scaled(arg, made) if arg.op is H.PRODUCT else made

    def _half(self, arg: Expr) -> Code | None:
        """diag(X K⁻¹ X^H) for a definite K, as the sums of the squares of L⁻¹X^H for its Cholesky factor L."""
        half = self.half(arg.args[arg.data[1] :]) if arg.op is H.PRODUCT else None
        return self.squares_in_columns(half) if half is not None else None

    def squares_in_columns(self, x: Code) -> Code:
        """The sum of squares of each column."""
        make = self.arrays
        return make.sum_columns(make.real(make.multiply(make.conj(x), x)) if x.complex else make.power(x, 2))

    def half(self, chain: Sequence[Expr]) -> Code | None:
        """L⁻¹X^H for a chain X K⁻¹ X^H, K = L L^H definite and not inverted anyway."""
        if not self.halves or len(chain) != 3 or adjoint(chain[0]) is not chain[2] or chain[1].op is not H.MATPOWER or chain[1].data != -1:
            return None
        (base,) = chain[1].args
        has_factor = self._has_factor(base) if base.complex else has(base, "psd")
        if not has_factor or base in self.explicit or 1 in chain[0].shape or self.values[base].kind in ("diagonal", "spectral"):
            return None
        right = self.dense(chain[2])
        return self.arrays.call(F.FACTOR_HALF, self._factor(base), right, shape=right.shape)

    def diag(self, e: Expr) -> Value:
        v = self.values[e.args[0]]
        return Value("diagonal", e.shape, (v.code if v.kind == "const" else self.algebra.dense(v),))

    def unvec(self, e: Expr) -> Code:
        rows, columns = e.shape
        v = self.dense(e.args[0])
        return v if 1 in e.shape else self.arrays.transpose(self.arrays.reshape(v, columns, rows))

    def khatrirao(self, e: Expr) -> Value | Code:
        """U ∗ I and I ∗ U: a column of diagonal blocks."""
        for x, eye in (e.args, e.args[::-1]):
            if eye.op is H.IDENTITY and x.op is not H.IDENTITY and 1 not in (*x.shape, *eye.shape):
                term = Term("outer", (self.arrays.transpose(self.dense(x)), self.arrays.number(1)))
                return Value("blocks", e.shape, data=Blocks(eye.shape[0], x.shape[0], 1, (term,), outer=eye is e.args[0]))
        return self.row(e)

    def along_an_axis(self, e: Expr) -> Code:
        """logsumexp and softmax, of a vector or of each row: a row or a vector is an axis as an index is."""
        return self.indexed.axes.whole(by_operator(self.indexed, e), self.indexed.axes.ends(e.shape))

    def largest(self, e: Expr) -> Code:
        make, x = self.arrays, self.dense(e.args[0])
        return make.call(F.LARGEST, x, plain=False) if e.is_scalar else make.call(F.LARGEST_IN_ROWS, x, shape=x.shape[:1])

    def spectral(self, e: Expr) -> Value | Code:
        """A function of a symmetric matrix by its eigenvectors, which all functions of that matrix share."""
        make, (s,) = self.arrays, e.args
        wanted = {"sqrtm": "spd", "logm": "spd", "expm": "symmetric"}.get(e.op.name, "")
        if 1 in e.shape or not (is_hermitian(s) if s.complex else wanted and has(s, wanted)):
            return self.row(e)
        eigen = make.call(F.EIGH_OF_HERMITIAN if s.complex else F.EIGH, self.dense(s), shape=("eigen",))  # type: ignore[arg-type]
        w = make.call(F.EIGENVALUES, eigen, shape=e.shape[:1], plain=False)
        made = make.power(w, Fraction(1, 2)) if e.op.name == "sqrtm" else make.elementwise(OPERATORS[e.op.name[:3]], w)
        return Value("spectral", e.shape, (eigen, made), symmetric=not s.complex)

    def _factor(self, base: Expr) -> Code:
        """The factorisation that inverse, solutions and determinant of a matrix share: Cholesky's where it is symmetric, or Hermitian."""
        if base.complex:
            form = F.CHOLESKY_OF_HERMITIAN if self._has_factor(base) else F.FACTOR
        else:
            by_form = F.CHOLESKY if any(v.symmetric for v in postorder(base) if v.op is H.VARIABLE) else F.CHOLESKY_OF_MADE
            form = by_form if has(base, "spd") else F.CHOLESKY_OR_LU if base.symmetric else F.FACTOR
        return self.arrays.call(form, self.dense(base), shape=("factor",))  # type: ignore[arg-type]

    def _has_factor(self, e: Expr) -> bool:
        """Whether a Hermitian matrix has one of Cholesky's: it is definite, or semidefinite and has an inverse."""
        return is_hermitian(e) and has(e, "spd" if matpower(e, -1) not in self.nodes else "psd")

    def det(self, e: Expr) -> Code:
        v = self.values[e.args[0]]
        if v.kind == "spectral":
            v = Value("diagonal", v.shape, (v.codes[1],))
        if v.kind == "diagonal" and v.code.ndim:
            if e.op.name == "det":
                return self.arrays.call(F.PROD, v.code, plain=False)
            return self.arrays.sum(self.arrays.call(F.LOGABS, v.code, shape=v.code.shape))
        return self.arrays.call(F.FACTOR_DET if e.op.name == "det" else F.FACTOR_LOGDET, self._factor(e.args[0]), plain=False)

    def adj(self, e: Expr) -> Code:
        a = e.args[0]
        return self.arrays.call(F.FACTOR_ADJ, self._factor(a), self.algebra.two_d(self.value(a)), shape=e.shape)

    def pinv(self, e: Expr) -> Value | Code:
        """The pseudoinverse of lambda_max(A) I - A by the eigenvectors: which singular value is zero is known.

        Where X'X is inverted, by logdet(X'X) say, that of X stands for inv(X'X) X', which there is for columns of full rank only.
        """
        (a,) = e.args
        for x in (a, adjoint(a)):
            if x in self.regular:
                code = self.arrays.call(F.PINV_OF_RANK, self.algebra.two_d(self.value(a)), self.arrays.size(x.shape[1]), shape=e.shape)
                return self._of_two_axes(code, e)
        for c, t in zip(a.data, a.args, strict=True) if a.op is H.SUM else ():
            if t.op is H.PRODUCT and t.data == (1, 1) and t.args[1].op is H.IDENTITY:
                for top in (v for v in postorder(t.args[0]) if v.op.name == "lambda_max"):
                    (x,) = top.args
                    if x.shape == a.shape and add([a, scaled(c, x)]) is scaled(c, product([top, t.args[1]])):  # x may have an I itself
                        made = self.arrays.call(F.RESOLVENT, self.algebra.two_d(self.value(x)), shape=e.shape)
                        return self.algebra.scaled(self.arrays.number(1 / Fraction(c)), self.algebra.full(made, e.shape))
        return self.row(e)

    # --- all other rows ---------------------------------------------------------------------------------------

    def row(self, e: Expr) -> Value | Code:
        """A row of the operator table: elementwise on the entries that differ, else on full arrays."""
        op, make = e.op, self.arrays
        if op.abstract is not None:
            function = self.function(op)
            if op.elementwise:
                return self.algebra.mapped(lambda x: make.call(F.MAPPED, function, x, shape=x.shape), self.values[e.args[0]])
            return make.call(F.CALL, function, *map(self.dense, e.args), shape=array_axes(e.shape), plain=False)
        if op.elementwise and len(e.args) > 1:
            return self.algebra.mapped_together(
                lambda codes, shape: make.call(op, *codes, shape=shape), [self.values[a] for a in e.args], e.shape
            )
        if op.elementwise:
            return self.algebra.mapped(lambda x: make.elementwise(op, x), self.values[e.args[0]])
        form = _in_complex(op) if any(a.complex for a in e.args) else op
        inputs, _ = signature(op.signature) if op.signature else ((), None)
        flat = op.name in EITHER and all(a.is_vector for a in e.args)
        args = []
        for a, wanted in zip(e.args, inputs, strict=True):
            args.append(self.algebra.two_d(self.values[a]) if wanted[1] != 1 and not flat else self.dense(a))
        dims = array_axes(e.shape)
        if flat or len(dims) == 2 or "," not in op.signature.split("->")[-1]:
            return make.call(form, *args, data=e.shape, shape=dims, plain=not e.args)
        return self._of_two_axes(make.call(form, *args, data=e.shape, shape=e.shape, plain=False), e)

    def _of_two_axes(self, code: Code, e: Expr) -> Code:
        """The value of code that has two axes, even for a vector or a scalar."""
        make, lengths = self.arrays, [n for n in e.shape if n != 1]
        if len(lengths) == 1:
            code = make.flat(code)
        elif not lengths:
            code = make.call(F.ENTRY, code, make.number(0), make.number(0), plain=False)
        return code


@cache
def _in_complex(op: Op) -> Op | Form:
    """Without the routines of NumPy that give real logarithms and roots of matrices, or nan."""
    text = re.sub(r"\b_(logm|sqrtm)\b", r"sla.\1", op.numpy)
    return op if text == op.numpy else Form(op.name, text, template(op, "torch"), template(op, "jax"))


# Rows of matrices whose templates do the same for vectors.
EITHER = ("norm", "prod", "cumsum", "revcumsum", "diff", "difft")

# The array of an expression, or its value where it has a structure.
LOWERED: dict[str, Callable[[Lowering, Expr], Value | Code]] = {
    "number": lambda low, e: low.arrays.number(e.data),
    "size": lambda low, e: low.arrays.size(e.data),
    "i": lambda low, e: low.arrays.call(F.IMAGINARY, plain=True, complex=True),
    "ones": lambda low, e: Value("const", e.shape, (low.arrays.number(1),)),
    "zero": lambda low, e: Value("const", e.shape, (low.arrays.number(0),)),
    "identity": lambda low, e: Value("diagonal", e.shape, (low.arrays.number(1),)),
    "commutation": lambda low, e: Value("commutation", e.shape, data=e.data),
    "variable": Lowering.variable, "unit": Lowering.unit,
    "transpose": lambda low, e: low.algebra.transpose(low.values[e.args[0]]),
    "conj": lambda low, e: low.algebra.conj(low.values[e.args[0]]),
    "kron": lambda low, e: kron(low.algebra, *(low.values[a] for a in e.args)),
    "softplus": lambda low, e: low.algebra.mapped(lambda x: low.arrays.elementwise(F.SOFTPLUS, x), low.values[e.args[0]]),
    "grid": Lowering.grid, "sum": Lowering.sum, "product": Lowering.product,
    "power": Lowering.hpower, "hpower": Lowering.hpower, "hadamard": Lowering.hadamard, "matpower": Lowering.matpower,
    "tr": Lowering.trace, "diagonal": Lowering.diagonal, "diag": Lowering.diag, "unvec": Lowering.unvec,
    "vec": lambda low, e: low.arrays.flat(low.arrays.transpose(low.dense(e.args[0]))),
    "khatrirao": Lowering.khatrirao,
    **dict.fromkeys(("logsumexp", "softmax", "logsumexp_rows", "softmax_rows"), Lowering.along_an_axis),
    **dict.fromkeys(("sqrtm", "logm", "expm", "cosm", "sinm"), Lowering.spectral),
    "largest": Lowering.largest, "largest_in_rows": Lowering.largest,
    "det": Lowering.det, "logdet": Lowering.det, "adj": Lowering.adj, "pinv": Lowering.pinv,
}  # fmt: skip


def inverted(*roots: Expr) -> set[Expr]:
    """The X of which X^H X has an inverse or a logarithm of its determinant in the expressions."""
    found = (e.args[0] for e in postorder(*roots) if e.op is H.MATPOWER and e.data < 0 or e.op.name == "logdet")
    return {g.args[1] for g in found if g.op is H.PRODUCT and g.data == (1, 0) and len(g.args) == 2 and adjoint(g.args[1]) is g.args[0]}


def _explicit_inverses(nodes: Sequence[Expr], roots: Sequence[Expr]) -> set[Expr]:
    """The matrices whose inverse is wanted itself, or so often that it is computed once."""
    uses: Counter[Expr] = Counter()
    for parent, args in [*((e, e.args) for e in nodes), *((None, (r,)) for r in roots)]:
        if parent is not None and parent.op is H.TRANSPOSE:
            continue
        for a in args:
            inner = untransposed(a)
            if inner.op is H.MATPOWER and inner.data < 0:
                beside = parent is not None and parent.op is H.PRODUCT  # where it can be solved with
                uses[plainer(inner.args[0])[0]] += EXPLICIT if not beside else -inner.data if 1 in parent.shape else -1.5 * inner.data  # type: ignore[union-attr]
    return {base for base, n in uses.items() if n >= EXPLICIT}


def result(lowering: Lowering, e: Expr, over: Sequence[str] = ()) -> Code:
    """The code of a result: a vector 1-D, everything else as its shape says, a scalar never a bare Python number.

    Its values for the free indices `over` stand along its first axes.
    """
    if over:
        return lowering.indexed.over(e, over)
    v = lowering.values[e]
    code = lowering.algebra.two_d(v) if e.shape[0] == 1 and e.shape[1] != 1 else lowering.dense(e)
    if not (e.is_scalar and code.plain):
        return code
    constant = F.COMPLEX_CONSTANT if code.complex else F.CONSTANT
    return lowering.arrays.call(F.ASARRAY if has_argument(code) else constant, code)
