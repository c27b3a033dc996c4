"""Answers that are computed and have no formula: a routine, its arguments as formulas of the data, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matcalc import solving
from matcalc.explain.lines import written
from matcalc.expr import Expr, coefficient_and_rest, has, matpower, product, scaled, split, variable
from matcalc.expr.dims import Dim, replace
from matcalc.expr.heads import IDENTITY, ONE
from matcalc.programs.argument_names import function_name
from matcalc.programs.program import program
from matcalc.simplification import simplify
from matcalc.solving.terms import number_and_factors
from matcalc.writing.latex import prose

LETTERS = ("λ", "ν", "θ", "Λ", "Θ", "Ξ")  # of eigenvalues: three of one, three of several


class Pencil(NamedTuple):
    """Eigenvectors of M x = λ B x with `zeros` x = 0, `columns` of them (None: one), of squared length `radius`."""

    m: Expr
    b: Expr
    zeros: Expr | None
    columns: Any  # the number of columns where x is a matrix
    radius: Expr
    anywhere: bool = False  # no constraint says how long it is
    turned: bool = False  # x' is what is asked for
    weights: Expr | None = None  # a symmetric matrix: its eigenvectors turn the columns; of a diagonal one each counts with an entry
    largest: bool = True
    rooted: bool = False  # each as long as the root of its eigenvalue, where that is positive

    @property
    def metrics(self) -> tuple[Expr, ...]:
        """What has to be positive definite."""
        return (self.b,)

    @property
    def both(self) -> tuple[Plan, ...]:
        """The two ends of the spectrum."""
        return self._replace(largest=False), self._replace(largest=True)

    @property
    def without_factor(self) -> Pencil:
        """The same eigenvectors in the same order, without positive numbers before M."""
        front, bare = split(self.m)
        return self._replace(m=product([*(f for f in number_and_factors(front) if not has(f, "positive")), bare]))

    @property
    def data(self) -> dict[str, Any]:
        """The arguments of the routine: expressions, sizes, and choices."""
        parts = {"m": self.m, "b": _given(self.b), "zeros": self.zeros, "square": _given(self.radius)}
        choices = {"turned": self.turned or None, "rooted": self.rooted or None}
        return {**parts, "weights": self.weights, "k": self.columns, "largest": self.largest, **choices}

    def said(self, unknowns: Sequence[Expr], taken: set[str], style: str) -> str:
        (x,) = unknowns
        end = "largest" if self.largest else "smallest"
        x = x.H if self.turned else x
        k = x.shape[1]
        letter = next(a for a in (LETTERS[:3] if self.columns is None else LETTERS[3:]) if a not in taken)
        value = variable(letter, (k, k), set() if self.columns is None else {"diagonal"})
        right = product([value, self.b, x] if self.columns is None else [self.b, x, value])
        which = f"{letter} the {end}" if self.columns is None else f"{letter} the {k} {end}"
        if self.weights is not None:
            sign, bare = coefficient_and_rest(self.weights)
            by, m, other = (written(e, "unicode" if style == "latex" else style) for e in (self.weights, self.m, bare))
            which = f"the {end} of {letter} where {by} is largest"
            if not has(self.weights, "diagonal"):
                turned = product([x, bare, x.H])
                which = f"the eigenvalues of {m} and of {other} in {'the same' if self.largest is (sign > 0) else 'opposite'} order"
                return f"{written(self.m @ turned, style)} = {written(turned @ self.m, style)}" + _words(which, style)
        if self.rooted:
            squares = product([x.H, x])
            which += f", {written(squares, 'unicode' if style == 'latex' else style)} = {letter} where that is positive"
        if self.zeros is not None:
            which += f", on {written(self.zeros @ x, 'unicode' if style == 'latex' else style)} = 0"
        return f"{written(self.m @ x, style)} = {written(right, style)}" + _words(which, style)


class Pair(NamedTuple):
    """The u, v with stationary u'C v under u'A u = r, v'B v = s."""

    c: Expr
    a: Expr
    b: Expr
    columns: Any
    radii: tuple[Expr, Expr]
    anywhere: bool = False  # no constraint says how long they are
    sign: int = 1  # of the second
    free: bool = False  # no constraint says how long u is: it is C v
    swapped: bool = False  # v is the first of the unknowns
    turned_u: bool = False  # u' is what is asked for
    turned_v: bool = False

    def ordered(self, unknowns: Sequence[Expr]) -> Sequence[Expr]:
        """The unknowns as u and v."""
        return unknowns[::-1] if self.swapped else unknowns

    @property
    def metrics(self) -> tuple[Expr, ...]:
        """What has to be positive definite."""
        return self.a, self.b

    @property
    def both(self) -> tuple[Plan, ...]:
        """Those of the largest value, and of the smallest."""
        return (self,) if self.free else (self, self._replace(sign=-1))

    @property
    def data(self) -> dict[str, Any]:
        """The arguments of the routine: expressions, sizes, and choices."""
        (r, s), sign = self.radii, None if self.sign == 1 else -1
        parts = {"c": self.c, "a": _given(self.a), "b": _given(self.b)}
        choices = {"free": self.free or None, "turned_u": self.turned_u or None, "turned_v": self.turned_v or None}
        return {**parts, "square_u": _given(r), "square_v": _given(s), "k": self.columns, "sign": sign, **choices}

    def choice(self, unknowns: Sequence[Expr]) -> str:
        """What is determined without a constraint, and what picks one of the pairs."""
        u, v = (x.H if turn else x for x, turn in zip(self.ordered(unknowns), (self.turned_u, self.turned_v), strict=True))
        whole, one = v @ u.H if self.turned_u else u @ v.H, "1" if self.columns is None else "I"
        return f"only {written(whole, 'text')} is determined: of its factors those with {written(v.H @ v, 'text')} = {one} are taken"

    def said(self, unknowns: Sequence[Expr], taken: set[str], style: str) -> str:
        u, v = self.ordered(unknowns)
        if self.free:
            pencil = Pencil(simplify(self.c.H @ self.c), self.b, None, self.columns, ONE, turned=self.turned_v)
            beside = r";\quad " if style == "latex" else "; "
            other = self.c @ (v.H if self.turned_v else v)
            return pencil.said((v,), taken, style) + beside + f"{written(u, style)} = {written(other.H if self.turned_u else other, style)}"
        between = [] if self.b.op is IDENTITY else [matpower(self.b, -1)]
        first = Pencil(simplify(product([self.c, *between, self.c.H])), self.a, None, self.columns, ONE).said((u,), taken, style)
        beside, same = (r" \quad ", r"\propto") if style == "latex" else ("; ", "∝")
        second = f"{written(self.b @ v, style)} {same} {written(scaled(self.sign, self.c.H @ u), style)}"
        return first + beside + second + ("" if self.columns is None else _words("column by column", style))


class Threshold(NamedTuple):
    """A matrix with its singular values less a number, where these are larger."""

    v: Expr
    t: Expr

    @property
    def data(self) -> dict[str, Any]:
        return {"v": self.v, "t": self.t}

    def said(self, unknowns: Sequence[Expr], taken: set[str], style: str) -> str:
        return written(self.v, style) + _words(f"its singular values less {written(self.t, 'text')}, where positive", style)


class Several(NamedTuple):
    """Plans of problems that have nothing in common, each with its unknowns."""

    parts: tuple[tuple[Pencil | Pair | Threshold, tuple[Expr, ...]], ...]

    def said(self, unknowns: Sequence[Expr], taken: set[str], style: str) -> str:
        out: list[str] = []
        for plan, own in self.parts:
            out.append(plan.said(own, taken, style))
            taken = taken.union(a for a in LETTERS if a in plan.said(own, taken, "text"))
        return (r";\quad " if style == "latex" else "; ").join(out)


Plan = Pencil | Pair | Threshold | Several
ROUTINES: dict[type[Plan], str] = {Pencil: "eigenvectors", Pair: "singular_pairs", Threshold: "threshold"}


def _given(e: Expr) -> Expr | None:
    """An argument, or nothing where it is what the routine takes for granted: I, or 1."""
    return None if e is ONE or e.op is IDENTITY else e


def _words(said: str, style: str) -> str:
    return rf",\ {prose(said)}" if style == "latex" else f", {said}"


def computed(plan: Plan, unknowns: Sequence[Expr], sizes: Mapping[str, int], at: Any) -> dict[str, Any]:
    """The values of the unknowns by name; `at` evaluates an expression of the data."""

    def value(e: Any) -> Any:
        return at(e) if isinstance(e, Expr) else replace(e, dict(sizes)) if isinstance(e, Dim) else e

    if isinstance(plan, Several):
        return {name: v for part, own in plan.parts for name, v in computed(part, own, sizes, at).items()}
    found = getattr(solving.routines, ROUTINES[type(plan)])(**{name: value(e) for name, e in plan.data.items() if e is not None})
    of, values = (plan.ordered(unknowns), found) if isinstance(plan, Pair) else (unknowns, [found])
    return dict(zip((x.data[0] for x in of), values, strict=True))


def source(plan: Plan, unknowns: Sequence[Expr], wanted: Sequence[Expr], name: str, doc: str) -> str:
    """A program of the arguments that the data make, and the routine that takes them."""
    import re
    from inspect import getsource

    if isinstance(plan, Several):
        return _source_of_several(plan, wanted, name, doc)
    data = {k: e for k, e in plan.data.items() if e is not None}
    parts = {f"{k}_": e for k, e in data.items() if isinstance(e, Expr)}
    inner = program(parts, "numpy", name="_matrices", doc="The matrices that the data make.")
    imports = [t for t in inner.splitlines() if t.startswith(("import ", "from "))]
    body = "\n".join(t for t in inner.splitlines() if t not in imports).strip("\n")
    header = re.search(r"def _matrices\((.*?)\)", body)
    sizes = {s for e in data.values() if isinstance(e, Dim) for s in e.symbols}
    own = {a.strip() for a in header[1].split(",") if a.strip() and "*" not in a} if header else set()
    arguments = sorted(own | {function_name(s) for s in sizes})
    passed = ", ".join(f"{k}={f'{k}_' if isinstance(e, Expr) else repr(e)}" for k, e in data.items())
    names = {x: function_name(x.data[0]) for x in unknowns}
    lines = [f"{', '.join(parts)} = _matrices({', '.join(f'{a}={a}' for a in arguments)})"]
    if isinstance(plan, Pair):
        pair = ", ".join(names[x] for x in plan.ordered(unknowns))
        lines += [f"{pair} = {ROUTINES[type(plan)]}({passed})", f"return {', '.join(names[x] for x in wanted)}"]
    else:
        lines.append(f"return {ROUTINES[type(plan)]}({passed})")
    routine = re.sub(r": (Any|int|bool|float)\b( \| None)?| -> Any", "", getsource(getattr(solving.routines, ROUTINES[type(plan)])))
    head = "\n".join(dict.fromkeys(["import numpy as np", "import scipy.linalg as sla", *imports]))
    made = f'def {name}({", ".join(arguments)}, **_):\n    """{doc}"""\n' + "".join(f"    {line}\n" for line in lines)
    return f"{head}\n\n\n{routine}\n\n{body}\n\n\n{made}"


def _source_of_several(plan: Several, wanted: Sequence[Expr], name: str, doc: str) -> str:
    """The programs of the parts, and one that calls them."""
    made = [
        source(part, own, own, f"_part_{i}", "").replace('    """"""\n', "").replace("_matrices", f"_matrices_{i}")
        for i, (part, own) in enumerate(plan.parts, 1)
    ]
    blocks = list(dict.fromkeys(b for text in made for b in text.strip("\n").split("\n\n\n")))
    imports = list(dict.fromkeys(line for b in blocks if b.startswith(("import ", "from ")) for line in b.splitlines()))
    blocks = [b for b in blocks if not b.startswith(("import ", "from "))]
    names = [", ".join(function_name(x.data[0]) for x in own) for _, own in plan.parts]
    calls = [f"    {left} = _part_{i}(**data)" for i, left in enumerate(names, 1)]
    given = ", ".join(function_name(x.data[0]) for x in wanted)
    whole = "\n".join([f"def {name}(**data):", f'    """{doc}"""', *calls, f"    return {given}"])
    return "\n\n\n".join(["\n".join(imports), *blocks, whole]) + "\n"
