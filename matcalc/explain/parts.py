"""The intermediate quantities of an expression, and the letters an author would give them.

What deserves a name: a residual (a sum under a norm or a square), the argument of a nonlinear function, the matrix under an
inverse or a determinant, whatever is used more than once, and whatever would make a line too long.  Parts are found from the
leaves up; the length of what is named already counts as one letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matcalc.calculus.differentials import dependent
from matcalc.expr import PLAIN, Expr, Manner, is_ones, oriented, postorder, remake, substitute, transpose, untransposed, variable
from matcalc.expr import heads as H
from matcalc.expr.conjugate import said_of
from matcalc.limits import HEAVIEST_PART
from matcalc.writing.repeated import names

SHARED, ARGUMENT = 5, 4  # the least weight of what gets a name because it recurs, or stands inside a function
INVERTED = 4

# Letters by what a part is and its shape (matrix, vector, scalar), the first that is free.
_LETTERS: dict[str, tuple[str, str, str]] = {
    "residual": ("R E F H", "r e h p", "r h q"),
    "argument": ("Z U A P", "z u a p", "s q h z"),
    "inverted": ("S M Q T", "s m q t", "s q h t"),
    "value": ("M P Q T H V", "u v h p q a", "q h s p"),
}
_NONLINEAR = {"softmax", "softmax_rows", "logsumexp_rows", "logsumexp", "expm"}
_RECURRING = {"softmax", "softmax_rows"}  # stand in their own differential
_UNDER = {"logdet", "det", "sqrtm", "logm", "expm", "cosm", "sinm", "chol", "pinv", "adj"}


@dataclass(frozen=True)
class Parts:
    """An expression over named parts: `whole`, and per name (a variable) its definition, the innermost first.

    `meaning` is each part over the variables of the expression itself; `moving` are the names that depend on the variable of
    differentiation.
    """

    whole: Expr
    definitions: dict[Expr, Expr]
    meaning: dict[Expr, Expr]
    moving: frozenset[Expr]


def parts(f: Expr, by: Expr, taken: Iterable[str] = (), manner: Manner = PLAIN) -> Parts:
    """The named parts of `f`, to be differentiated by `by`; `taken` are names that must not be given, `manner` is how the author writes.

    >>> from matcalc.reading import read
    >>> f = read("norm(g(X*W) - Y)^2").expr
    >>> W = next(v for v in postorder(f) if v.op is H.VARIABLE and v.data[0] == "W")
    >>> found = parts(f, W)
    >>> found.whole, found.definitions
    (‖R‖_F², {R: g(X W) − Y})
    """
    finder = _Finder(f, by, manner)
    finder.run()
    letters = _named(finder, {*taken, *names(f)})
    definitions = {letters[p]: substitute(finder.definitions[p], letters) for p in letters}
    moving = frozenset(letters[p] for p in letters if finder.nodes[p] in finder.active)
    return Parts(substitute(finder.short[f], letters), definitions, {letters[p]: finder.nodes[p] for p in letters}, moving)


class _Finder:
    """One walk from the leaves up; `short` is every node over the parts named below it."""

    def __init__(self, f: Expr, by: Expr, manner: Manner) -> None:
        self.f, self.order, self.manner = f, postorder(f), manner
        self.active = dependent(f, {by})
        self.under: dict[Expr, list[Expr]] = {}  # what a node is an argument of, transposes left out
        for e in self.order:
            for a in e.args if e.op is not H.TRANSPOSE else ():
                self.under.setdefault(oriented(a)[0], []).append(e)
        self.short: dict[Expr, Expr] = {}
        self.definitions: dict[Expr, Expr] = {}
        self.nodes: dict[Expr, Expr] = {}
        self.roles: dict[Expr, str] = {}

    def run(self) -> None:
        for e in self.order:
            if e in self.short:  # the transpose of what has a name
                continue
            self.short[e] = self._shown(e)
            while self.short[e].weight > HEAVIEST_PART and (heavy := self._heaviest(e)) is not None:
                self._name(heavy, "value")
                self.short[e] = self._shown(e)
            role = self._role(e) if e is not self.f else ""
            if role:
                self._name(e, role)

    def _shown(self, e: Expr) -> Expr:
        return remake(e, tuple(self.short[a] for a in e.args)) if e.args else e

    def _name(self, e: Expr, role: str) -> None:
        e = untransposed(e)
        short = self.short[e]
        as_typed = self.manner.turned(e)
        if as_typed is not None:
            e, short = as_typed, transpose(short)
        part = variable(f"part {len(self.nodes)}", e.shape, said_of(e))
        self.definitions[part], self.nodes[part], self.roles[part] = short, e, role
        self.short[e] = part
        turned = transpose(e)
        if turned is not e:
            self.short[turned] = transpose(part)

    def _heaviest(self, e: Expr) -> Expr | None:
        open_ = [a for a in e.args if self.short[a].weight > 3 and not is_ones(a)]
        return max(open_, key=lambda a: (self.short[a].weight, a.order), default=None)

    def _role(self, e: Expr) -> str:
        """Why the node deserves a name, if it does."""
        if e not in self.active or not e.args or e.op is H.TRANSPOSE or self.short[e].op in (H.VARIABLE, H.TRANSPOSE):
            return ""
        bare = oriented(e)[0]
        weight, parents = self.short[e].weight, self.under.get(bare, [])
        if e.op is H.SUM and not e.is_scalar and weight >= 3 and any(_squares(p, bare) for p in parents):
            return "residual"
        if weight >= INVERTED and not e.is_scalar and any(p.op is H.MATPOWER and p.data < 0 or p.op.name in _UNDER for p in parents):
            return "inverted"
        if weight >= ARGUMENT and not e.is_scalar and any(p.op.elementwise or p.op.name in _NONLINEAR for p in parents):
            return "argument"
        if e.op.name in _RECURRING:
            return "value"
        if weight >= SHARED and Counter(parents).total() > 1 and not (e.is_scalar and weight < 2 * SHARED):
            return "residual" if e.op is H.SUM and not e.is_scalar and any(p.op is H.PRODUCT for p in parents) else "value"
        return ""


def _squares(p: Expr, e: Expr) -> bool:
    """Whether `p` is a norm or an elementwise square of `e`, or contains it twice, as r'r does."""
    if p.op.name.startswith("norm") or (p.op is H.HPOWER and p.args[1].op is H.NUMBER):
        return True
    return p.op is H.PRODUCT and p.is_scalar and sum(oriented(a)[0] is e for a in p.args) > 1


def _named(finder: _Finder, taken: set[str]) -> dict[Expr, Expr]:
    """The letters of the parts that occur: several of one kind and shape share one letter and are numbered."""
    kinds: dict[tuple[str, int], list[Expr]] = {}
    for part in _occurring(finder):
        kinds.setdefault((finder.roles[part], 2 if part.is_scalar else 1 if 1 in part.shape else 0), []).append(part)
    out: dict[Expr, Expr] = {}
    used = set(taken)
    for (role, kind), members in kinds.items():
        letter = _letter(role, kind, used)
        used.add(letter)
        for k, part in enumerate(members, 1):
            out[part] = variable(letter if len(members) == 1 else f"{letter}_{k}", part.shape, frozenset(part.data[1]))
    return out


def _occurring(finder: _Finder) -> list[Expr]:
    """The parts that the expression is still made of, the innermost first."""
    needed = {v for v in postorder(finder.short[finder.f]) if v in finder.nodes}
    for part in reversed(finder.nodes):
        if part in needed:
            needed.update(v for v in postorder(finder.definitions[part]) if v in finder.nodes)
    return [part for part in finder.nodes if part in needed]


def _letter(role: str, kind: int, used: set[str]) -> str:
    """The first letter that is free, by itself, with an index and as a differential."""
    stems = _LETTERS[role][kind].split()
    doubled = [2 * s for s in stems]
    return next(s for s in (*stems, *doubled, *(f"{stems[0]}{k}" for k in range(100))) if used.isdisjoint((s, "d" + s, s + "_1")))
