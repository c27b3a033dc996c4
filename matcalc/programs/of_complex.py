"""Programs of complex numbers, written as they stand: no Gram matrix, no symmetric routine, nothing that holds of real numbers only.

Vectors and rows are 1-D arrays on the way.  What is seen to be real is made so where it is computed, so a real answer has a real dtype.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, factors, postorder, scalars, transpose
from matcalc.expr import heads as H
from matcalc.expr.conjugate import is_hermitian, is_real
from matcalc.expr.dims import Dim, Size
from matcalc.expr.facts import has
from matcalc.expr.grids import total
from matcalc.expr.heads import Number
from matcalc.expr.indices import dependent_on, opened_as, outer
from matcalc.programs.argument_names import Names, function_name
from matcalc.programs.documentation import docstring, documented
from matcalc.programs.given import axes_of, given_in, is_row
from matcalc.programs.routines import routines
from matcalc.programs.targets import IMPORTS, SHORT, template

ATOM, POWERS, TIMES, PLUS = 3, 2, 1, 0  # how tightly a text binds
LONG = 60  # characters from which a part gets a line of its own
WITH_EIGENVALUES = {"logm": "log", "sqrtm": "sqrt", "expm": "exp", "cosm": "cos", "sinm": "sin"}  # of Hermitian matrices
MATRIX_FUNCTIONS = {
    "logm": "sla.logm({0})", "sqrtm": "sla.sqrtm({0})", "logm_frechet": "_frechet(sla.logm, {0}, {1})",
    "logm_frechet2": "_frechet2(sla.logm, {0}, {1}, {2})",
    "logm_jacobian": "_jacobian(lambda e: _frechet(sla.logm, {0}, e), {0})",
    "logm_jacobian2": "_jacobian(lambda e: _frechet2(sla.logm, {0}, {1}, e), {0})",
}  # fmt: skip
INSTEAD = {
    "sigmoid": "1 / (1 + {np}.exp(-{0}))",
    "silu": "{0} / (1 + {np}.exp(-{0}))",
    "normpdf": "{np}.exp(-{0} ** 2 / 2) / (2 * {np}.pi) ** 0.5",
    "softplus": "{np}.log1p({np}.exp({0}))",
    "conj": "{0}.conj()",
    "sign": "{np}.sign({0})",
    "norm": "{np}.linalg.norm({0})",
}
ROUTINE = '''\
def _of_hermitian(f, a):
    """A function of a Hermitian matrix, by its eigenvalues."""
    w, v = {np}.linalg.eigh(a)
    return (v * f(w)) @ v.conj().T
'''
CHOLESKY = '''\
def _solve(a, b):
    """The solution of a x = b for a Hermitian positive definite matrix, by its Cholesky factor."""
    c = {np}.linalg.cholesky(a)
    return {np}.linalg.solve(c.conj().T, {np}.linalg.solve(c, b))
'''
HELPERS = {"_of_hermitian": ROUTINE, "_solve": CHOLESKY}


class Text:
    """A part of the program: its text, how tightly it binds, whether it is of complex numbers."""

    __slots__ = ("text", "binds", "complex")

    def __init__(self, text: str, binds: int = ATOM, complex: bool = False) -> None:
        self.text, self.binds, self.complex = text, binds, complex

    def within(self, least: int) -> str:
        return self.text if self.binds >= least else f"({self.text})"


def program_of_complex(
    results: Mapping[str, Expr], target: str, arguments: Sequence[Expr], name: str, doc: Sequence[str], notes: Sequence[str]
) -> str:
    """The source of a function that returns the results, for NumPy, JAX or PyTorch."""
    return _Writer(results, target, arguments).source(name, doc, notes)


class _Writer:
    """Writes the nodes of the results, each once."""

    def __init__(self, results: Mapping[str, Expr], target: str, arguments: Sequence[Expr]) -> None:
        self.results, self.target, self.np = results, target, SHORT[target]
        self.given = {v.data[0]: v for v in given_in(*results.values(), *arguments)}
        self.names = Names()
        self.parameters = {n: self.names.new(n) for n in self.given}
        self.names.avoided |= {*IMPORTS, "_of_hermitian"}
        self.sizes: dict[str, str] = {}
        self.indices: dict[str, str] = {}
        self.bound: dict[str, str] = {}  # the indices of sums
        self.lines: list[str] = []
        self.roots = frozenset(results.values())
        self.done: dict[Expr, Text] = {}
        self.uses: Counter[Expr] = Counter()
        for e in postorder(*results.values()):
            self.uses.update(e.args)
        self.uses.update(results.values())

    def source(self, name: str, doc: Sequence[str], notes: Sequence[str]) -> str:
        returned = []
        for e in self.results.values():
            made = self.value(e)
            if self.target == "torch" and ".conj()" in made.text:
                made = Text(f"{made.within(ATOM)}.resolve_conj()", ATOM, made.complex)
            shaped = f"{made.within(ATOM)}[None, :]" if e.shape[0] == 1 != e.shape[1] else made.text
            returned.append(shaped)
        body = [*self._rows(), *self._sizes(), *self.lines, f"return {', '.join(returned)}"]
        told = docstring(documented(doc, self.given, self.parameters, list(self.results.values()), notes))
        text = "\n".join(body)
        helpers = [made.format(np=self.np).rstrip("\n").split("\n") for called, made in HELPERS.items() if f"{called}(" in text]
        routines = self._routines(text)
        whole = "\n".join([text, *(line for h in (*helpers, *routines) for line in h)])
        imports = sorted(
            f"import {module}" if module == alias else f"import {module} as {alias}"
            for alias, module in IMPORTS.items()
            if re.search(rf"(?<![\w.]){alias}\.", whole)
        )
        if "jax.scipy.linalg" in whole:
            imports.append("import jax.scipy.linalg")
        every = sorted([*self.parameters.values(), *self.indices.values(), *(s for s in self.sizes.values() if s in self.free)])
        head = f"def {function_name(name)}({', '.join([*every, '**_'])}):"
        parts = [*imports, *(line for h in (*routines, *helpers) for line in ("", "", *h)), *([""] * 2 if imports else []), head]
        return "\n".join([*parts, *(f"    {line}" if line else "" for line in [*told, *body])]) + "\n"

    def _routines(self, text: str) -> list[list[str]]:
        known = routines(self.target)
        return [known[n].split("\n") for n in known if re.search(rf"(?<![\w.]){n}\(", text) and n not in HELPERS]

    def _rows(self) -> list[str]:
        return [f"{self.parameters[n]} = {self.parameters[n]}.reshape(-1)" for n, v in self.given.items() if is_row(v)]

    def _sizes(self) -> list[str]:
        """Sizes that are found in the shapes of arguments; others are arguments."""
        lines, self.free = [], set(self.sizes.values())
        for n, v in self.given.items():
            for axis, d in enumerate(axes_of(v)):
                if isinstance(d, Dim) and d.name in self.sizes and self.sizes[d.name] in self.free:
                    self.free.discard(self.sizes[d.name])
                    lines.append(f"{self.sizes[d.name]} = {self.parameters[n]}.shape[{axis}]")
        return lines

    def size(self, n: Size) -> str:
        if isinstance(n, int):
            return str(n)
        for s in sorted(n.symbols):
            self.sizes.setdefault(s, self.names.new(s) if s not in self.sizes else "")
        terms = [" * ".join([*([str(c)] if c != 1 or not mono else []), *(self.sizes[s] for s in mono)]) for mono, c in n.terms]
        return " + ".join(terms)

    # --- nodes ----------------------------------------------------------------------------------------------------------

    def value(self, e: Expr) -> Text:
        """The text of an expression; what is used again, or long, has a line and a name."""
        for n in postorder(e, known=self.done):
            if n in self.done or n.loose or n.op is H.FAMILY or n is not e and _when_needed(n):
                continue
            made = self._real(n, self._written(n))
            simple = not n.args or re.fullmatch(r"[\w.]+(?:\.conj\(\)|\.T)*", made.text)
            again = self.uses[n] > 1 and not _is_reciprocal(n)
            if not simple and (again or len(made.text) > LONG and n not in self.roots):
                name = self.names.fresh("t", numbered=True)
                self.lines.append(f"{name} = {made.text}")
                made = Text(name, ATOM, made.complex)
            self.done[n] = made
        return self.done[e]

    def _real(self, e: Expr, made: Text) -> Text:
        return Text(f"{made.within(ATOM)}.real", ATOM) if made.complex and is_real(e) else made

    def _written(self, e: Expr) -> Text:
        writer = _WRITERS.get(e.op.name)
        if writer is not None:
            return writer(self, e)
        if e.op is H.ONEHOT or e.op.abstract:
            raise UnsupportedError(f"no program of complex numbers is written for {e.op.name}", hint="it is written out in text and LaTeX")
        return self._row(e)

    def _row(self, e: Expr) -> Text:
        name, args = e.op.name, [self.value(a) for a in e.args]
        blockwise = name in ("blockinner", "blocksum")
        if name in ("kron", "khatrirao") and 1 not in e.shape or blockwise:
            args = [_matrix(t, a) for t, a in zip(args, e.args, strict=True)]
        if name == "kron" and self.target == "torch":  # of no views
            args = [Text(f"{a.within(ATOM)}.contiguous()", ATOM, a.complex) for a in self._alike(args)]
        complex_ = any(a.complex for a in args) and not e.op.real
        if name in WITH_EIGENVALUES and is_hermitian(e.args[0]):
            return Text(f"_of_hermitian({self.np}.{WITH_EIGENVALUES[name]}, {args[0].text})", ATOM, complex_)
        body = INSTEAD.get(name, "") if complex_ or name in ("norm",) else ""
        if name in MATRIX_FUNCTIONS and complex_:
            if self.target != "numpy":
                raise UnsupportedError(f"{name} of a complex matrix that is not Hermitian has no program for {self.target}")
            body = MATRIX_FUNCTIONS[name]
        if self.target == "torch" and name == "sign":
            body = "torch.sgn({0})"
        rows, columns = (
            self.size(n) if "{" + what + "}" in template(e.op, self.target) else ""
            for n, what in zip(e.shape, ("rows", "columns"), strict=True)
        )
        body = body or template(e.op, self.target)
        operands = [a.text if _is_argument(body, i) else a.within(ATOM) for i, a in enumerate(args)]
        text = body.replace("{np}", self.np).format(*operands, rows=rows, columns=columns)
        text = f"{text}.reshape(-1)" if blockwise and 1 in e.shape else text
        return Text(text, ATOM if re.fullmatch(r"[\w.]+\(.*\)", text) else PLUS, complex_)

    def _number(self, e: Expr) -> Text:
        return Text(*_value(e.data))

    def _variable(self, e: Expr) -> Text:
        return Text(self.parameters[e.data[0]], ATOM, e.complex)

    def _identity(self, e: Expr) -> Text:
        return Text(f"{self.np}.eye({self.size(e.shape[0])})")

    def _ones(self, e: Expr) -> Text:
        return Text(f"{self.np}.ones({self.size(e.shape[0])})")

    def _zero(self, e: Expr) -> Text:
        sizes = ", ".join(self.size(n) for n in e.shape if n != 1)
        return Text(f"{self.np}.zeros(({sizes},))" if 1 in e.shape else f"{self.np}.zeros(({sizes}))")

    def _at(self, e: Expr) -> str:
        """Where the one of a unit vector is, counted from zero."""
        if e.op is not H.UNIT:
            raise UnsupportedError(f"no program of complex numbers is written for a member at {e.op.name}")
        j = e.data[0]
        if j in self.bound:
            return self.bound[j]
        if isinstance(j, str):
            return f"{self.indices.setdefault(j, self.names.new(j) if j not in self.indices else '')} - 1"
        return str(j - 1)

    def _unit(self, e: Expr) -> Text:
        return Text(f"{self.np}.eye({self.size(e.data[1])})[{self._at(e)}]")

    def _stretch(self, e: Expr) -> str:
        """The slice of the rows that a stretch of the identity picks."""
        _, m, first = e.data
        return f"{self.size(first) if first != 0 else ''}:{self.size(total((first, m)))}"

    def _select(self, e: Expr) -> Text:
        return Text(f"{self.np}.eye({self.size(e.shape[0])})[:, {self._stretch(e)}]")

    def _member(self, e: Expr) -> Text:
        of, *at = e.args
        return Text(f"{self.parameters[of.data[0]]}[{', '.join(map(self._at, at))}]", ATOM, e.complex)

    def _sigma(self, e: Expr) -> Text:
        """A sum of Python's; what does not depend on its index is computed before."""
        index = f"{e.data[0]}·{len(self.bound)}"
        body = opened_as(e, index)
        moving, nodes = dependent_on(index, body), outer(body)
        for n in nodes:
            if n not in moving and n.op is not H.FAMILY and not _when_needed(n):
                self.value(n)
        self.bound[index] = self.names.fresh("i", numbered=True)
        for n in nodes:
            if n in moving and not (n is not body and _when_needed(n)):
                self.done[n] = self._real(n, self._written(n))
        made, count = self.done[body], self.size(e.data[1])
        for n in moving:
            self.done.pop(n, None)
        return Text(f"sum({made.within(PLUS)} for {self.bound.pop(index)} in range({count}))", ATOM, made.complex)

    def _grid(self, e: Expr) -> Text:
        np, parts = self.np, [self.value(b) for b in e.args]
        if self.target == "torch":
            parts = [Text(f"torch.as_tensor({t.text})", ATOM, t.complex) if b.is_scalar else t for t, b in zip(parts, e.args, strict=True)]
        complex_ = any(t.complex for t in parts)
        if 1 in e.shape:
            return Text(f"{np}.hstack([{', '.join(t.text for t in parts)}])", ATOM, complex_)
        shown = [_matrix(t, b).text if not b.is_scalar else f"{t.within(ATOM)}.reshape(1, 1)" for t, b in zip(parts, e.args, strict=True)]
        columns = e.data[1]
        rows = [f"[{', '.join(shown[i : i + columns])}]" for i in range(0, len(shown), columns)]
        whole = [f"{np}.hstack({row})" for row in rows] if columns > 1 else [row[1:-1] for row in rows]
        return Text(f"{np}.vstack([{', '.join(whole)}])" if len(whole) > 1 else whole[0], ATOM, complex_)

    def _commutation(self, e: Expr) -> Text:
        m, n = map(self.size, e.data)
        of = f"{self.np}.eye(({m}) * ({n}))"
        return Text(f"{of}[{self.np}.arange(({m}) * ({n})).reshape({n}, {m}).T.reshape(-1)]")

    def _transpose(self, e: Expr) -> Text:
        a = self.value(e.args[0])
        return a if 1 in e.shape else Text(f"{a.within(ATOM)}.T", ATOM, a.complex)

    def _conj(self, e: Expr) -> Text:
        a = self.value(e.args[0])
        if e.is_scalar:  # which may be a number of Python's
            return Text(
                f"{self.np}.conj({'torch.as_tensor(' * (self.target == 'torch')}{a.text}{')' * (self.target == 'torch')})", ATOM, True
            )
        return Text(f"{a.within(ATOM)}.conj()", ATOM, True)

    def _sum(self, e: Expr) -> Text:
        text, complex_ = "", False
        for c, t in zip(e.data, e.args, strict=True):
            a = self.value(t)
            complex_ = complex_ or a.complex
            size = a.within(TIMES) if abs(c) == 1 else f"{Text(*_value(abs(c))).within(TIMES)} * {a.within(POWERS)}"
            text += (" - " if c < 0 else " + ") + size if text else ("-" if c < 0 else "") + size
        return Text(text, PLUS, complex_)

    def _hadamard(self, e: Expr) -> Text:
        return self._quotient(1, list(e.args), None)

    def _power(self, e: Expr) -> Text:
        base, exponent = self.value(e.args[0]), e.args[1]
        if exponent.op is H.NUMBER and abs(exponent.data) == Fraction(1, 2):
            root = f"{self.np}.sqrt({base.text})"
            return Text(root if exponent.data > 0 else f"1 / {root}", ATOM if exponent.data > 0 else TIMES, base.complex)
        if exponent.op is H.NUMBER and exponent.data == -1:
            return Text(f"1 / {base.within(POWERS)}", TIMES, base.complex)
        k = f"({exponent.data})" if exponent.op is H.NUMBER and exponent.data != int(exponent.data) else ""
        k = k or (f"{float(exponent.data)}" if exponent.op is H.NUMBER and exponent.data < 0 else "")
        k = k or self.value(exponent).within(ATOM)
        return Text(f"{base.within(ATOM)} ** {k}", POWERS, base.complex or self.done.get(exponent, base).complex)

    def _matpower(self, e: Expr) -> Text:
        a = self.value(e.args[0])
        text = f"{self.np}.linalg.inv({a.text})" if e.data == -1 else f"{self.np}.linalg.matrix_power({a.text}, {e.data})"
        return Text(text, ATOM, a.complex)

    def _quotient(self, c: Number, parts: list[Expr], rest: Text | None) -> Text:
        """Factors entry by entry, what has the power -1 under a line."""
        below = [p for p in parts if _is_reciprocal(p)]
        above = [self.value(p) for p in parts if p not in below]
        under = [self.value(p.args[0]) for p in below]
        top = [*([Text(*_value(abs(c)))] if abs(c) != 1 else []), *above, *([rest] if rest else [])]
        text = " * ".join(t.within(TIMES if i == 0 else POWERS) for i, t in enumerate(top)) or "1"
        for t in under:
            text += f" / {t.within(POWERS)}"
        binds = TIMES if len(top) + len(under) > 1 or not top else top[0].binds
        made = Text(text, binds, any(t.complex for t in (*top, *under)))
        return Text(f"-{made.within(TIMES)}", PLUS, made.complex) if c < 0 else made

    def _product(self, e: Expr) -> Text:
        chain = factors(e) if e.data[1] < len(e.args) else ()
        rest = self._chain(chain) if chain else None
        return self._quotient(e.data[0], list(scalars(e)), rest)

    # --- products of matrices ---------------------------------------------------------------------------------------------

    def _chain(self, chain: Sequence[Expr]) -> Text:
        cut = next((i for i, f in enumerate(chain) if i and f.shape[0] == 1), 0)
        if cut:
            a, b = self._together(self._chain(chain[:cut]), self._chain(chain[cut:]))
            return Text(f"{self.np}.outer({a.text}, {b.text})", ATOM, a.complex or b.complex)
        if chain[-1].shape[1] == 1:
            return self._of_vector(chain)
        if chain[0].shape[0] == 1:
            return self._of_vector([transpose(f) for f in reversed(chain)])
        if chain[-1].op is H.SELECT and len(chain) > 1:
            m = self._chain(chain[:-1])
            return Text(f"{m.within(ATOM)}[:, {self._stretch(chain[-1])}]", ATOM, m.complex)
        out: Text | None = None
        for f in reversed(chain):
            out = self._applied(f, out)
        assert out is not None
        return out

    def _of_vector(self, chain: Sequence[Expr]) -> Text:
        """A chain that ends in a column, from its end; a row before it closes it to a scalar."""
        *rest, last = chain
        row = rest.pop(0) if len(rest) and rest[0].shape[0] == 1 else None
        if last.op is H.UNIT and rest:
            m = self.value(rest.pop())
            v = Text(f"{m.within(ATOM)}[:, {self._at(last)}]", ATOM, m.complex)
        else:
            v = self.value(last)
        for f in reversed(rest):
            v = self._applied(f, v)
        if row is None:
            return v
        bare = row.args[0] if row.op is H.TRANSPOSE else row
        if bare.op is H.UNIT:
            return Text(f"{v.within(ATOM)}[{self._at(bare)}]", ATOM, v.complex)
        if bare.op is H.ONES:
            return Text(f"{self.np}.sum({v.text})", ATOM, v.complex)
        if bare.op is H.CONJ:
            u, v = self._together(self.value(bare.args[0]), v)
            return Text(f"{self.np}.vdot({u.text}, {v.text})", ATOM, True)
        u, v = self._together(self.value(row), v)
        return Text(f"{u.within(POWERS)} @ {v.within(POWERS)}", TIMES, u.complex or v.complex)

    def _applied(self, f: Expr, v: Text | None) -> Text:
        """A matrix times what stands right of it; an inverse solves."""
        if f.op is H.TRANSPOSE and f.args[0].op is H.SELECT and v is not None:
            return Text(f"{v.within(ATOM)}[{self._stretch(f.args[0])}]", ATOM, v.complex)
        inner = _inverted(f)
        if inner is not None and v is not None:
            a, b = self._together(self.value(inner), v)
            call = "_solve" if has(inner, "spd") and (is_hermitian(inner) or inner.symmetric) else f"{self.np}.linalg.solve"
            return Text(f"{call}({a.text}, {b.text})", ATOM, a.complex or b.complex)
        m = self.value(f)
        if v is None:
            return m
        m, v = self._together(m, v)
        return Text(f"{m.within(POWERS)} @ {v.within(TIMES) if v.binds != TIMES else '(' + v.text + ')'}", TIMES, m.complex or v.complex)

    def _alike(self, args: list[Text]) -> list[Text]:
        return list(self._together(*args)) if len(args) == 2 else args

    def _together(self, a: Text, b: Text) -> tuple[Text, Text]:
        """PyTorch multiplies matrices of one type only."""
        if self.target != "torch" or a.complex == b.complex:
            return a, b
        made = [x if x.complex else Text(f"{x.within(TIMES)} + 0j", PLUS, True) for x in (a, b)]
        return made[0], made[1]


def _is_argument(body: str, i: int) -> bool:
    """Whether an operand stands between commas and parentheses, wherever a template has it."""
    return len(re.findall(rf"(?:\(|, )\{{{i}\}}(?=[,)])", body)) == body.count(f"{{{i}}}")


def _matrix(text: Text, e: Expr) -> Text:
    """A column or a row as the matrix that it is."""
    at = "" if 1 not in e.shape or e.is_scalar else "[:, None]" if e.shape[1] == 1 else "[None, :]"
    return Text(text.within(ATOM) + at, ATOM, text.complex)


def _is_reciprocal(e: Expr) -> bool:
    return e.op in (H.POWER, H.HPOWER) and e.args[1].op is H.NUMBER and e.args[1].data == -1


def _when_needed(e: Expr) -> bool:
    """Whether a factor is rather divided by, or solved with, than written."""
    bare = e.args[0] if e.op is H.TRANSPOSE else e
    return _is_reciprocal(bare) or bare.op is H.MATPOWER and bare.data == -1


def _inverted(f: Expr) -> Expr | None:
    """The matrix that a factor is the inverse of."""
    if f.op is H.MATPOWER and f.data == -1:
        return f.args[0]
    if f.op is H.TRANSPOSE and f.args[0].op is H.MATPOWER and f.args[0].data == -1:
        return transpose(f.args[0].args[0])
    return None


def _value(c: Any) -> tuple[str, int]:
    if isinstance(c, int):
        return str(c), ATOM if c >= 0 else PLUS
    return f"{c.numerator} / {c.denominator}", TIMES if c >= 0 else PLUS


_WRITERS: dict[str, Callable[[_Writer, Expr], Text]] = {
    H.NUMBER.name: _Writer._number,
    H.VARIABLE.name: _Writer._variable,
    H.SIZE.name: lambda w, e: Text(w.size(e.data)),
    H.IMAGINARY.name: lambda w, e: Text("1j", ATOM, True),
    "pi": lambda w, e: Text(f"{w.np}.pi"),
    H.IDENTITY.name: _Writer._identity,
    H.ONES.name: _Writer._ones,
    H.ZERO.name: _Writer._zero,
    H.UNIT.name: _Writer._unit,
    "commutation": _Writer._commutation,
    H.TRANSPOSE.name: _Writer._transpose,
    H.CONJ.name: _Writer._conj,
    H.SUM.name: _Writer._sum,
    H.PRODUCT.name: _Writer._product,
    H.HADAMARD.name: _Writer._hadamard,
    H.POWER.name: _Writer._power,
    H.HPOWER.name: _Writer._power,
    H.MATPOWER.name: _Writer._matpower,
    H.SELECT.name: _Writer._select,
    H.MEMBER.name: _Writer._member,
    H.SIGMA.name: _Writer._sigma,
    H.GRID.name: _Writer._grid,
}
