"""Equations, steps and whole derivations, as data.

The right sides are ordinary expressions over named parts; a derivation knows what each name means, so that every line can be
evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from matcalc import explain
from matcalc.expr import PLAIN, Expr, Manner, variable
from matcalc.limits import HEAVIEST_SIDE
from matcalc.writing import writer
from matcalc.writing.breaking import aligned, broken_latex
from matcalc.writing.measure import EQUALS, PAGE, QUAD, ems


@dataclass(frozen=True)
class Left:
    """A left side: the value of `of`, its differential, or its derivative by `by`.

    `kind` is "value", "differential", its "vec", "gradient" (also by a scalar), "jacobian" or "hessian"; of the last, `then` is the second
    variable and `gradient` the name of the gradient by the first.
    """

    kind: str
    of: Expr
    by: Expr | None = None
    then: Expr | None = None
    gradient: Expr | None = None

    def written(self, style: str, manner: Manner = PLAIN) -> str:
        write = partial(writer(style), manner=manner)
        name = write(self.of)
        if self.kind == "value":
            return name
        forms = _FORMS[style]
        if self.kind in ("differential", "vec"):
            d = write(variable("d" + self.of.data[0], self.of.shape))
            return forms["vec"].format(d) if self.kind == "vec" else d
        assert self.by is not None
        by = write(self.by)
        if self.kind == "gradient":
            return forms["gradient"].format(name, by)
        below = [write(v) if v.shape[1] == 1 else forms["(vec)"].format(write(v)) for v in (self.by, self.then) if v is not None]
        if self.kind == "hessian":
            return forms["hessian"].format(name, *below)
        return forms["jacobian"].format(forms["vec"].format(name) if self.of.shape[1] != 1 else name, *below)


_FORMS: dict[str, dict[str, str]] = {
    "unicode": {"vec": "vec {}", "(vec)": "(vec {})", "gradient": "∂{}/∂{}", "jacobian": "∂{}/∂{}ᵀ", "hessian": "∂²{}/∂{}∂{}ᵀ"},
    "text": {"vec": "vec({})", "(vec)": "vec({})", "gradient": "d{}/d{}", "jacobian": "d{}/d{}'", "hessian": "d2{}/d{}d{}'"},
    "latex": {
        "vec": r"\operatorname{{vec}} {}",
        "(vec)": r"(\operatorname{{vec}} {})",
        "gradient": r"\frac{{\partial {}}}{{\partial {}}}",
        "jacobian": r"\frac{{\partial {}}}{{\partial {}^{{\top}}}}",
        "hessian": r"\frac{{\partial^{{2}} {}}}{{\partial {} \, \partial {}^{{\top}}}}",
    },
}


@dataclass(frozen=True)
class Equation:
    """`left` equals each expression in `right`, one after the other."""

    left: Left
    right: tuple[Expr, ...]

    def written(self, style: str, manner: Manner = PLAIN) -> str:
        return " = ".join([self.left.written(style, manner), *(written(e, style, manner) for e in self.right)])


@dataclass(frozen=True)
class Step:
    """One step: its equations, the rule that was used, and where that stands in the literature."""

    rule: str
    equations: tuple[Equation, ...]
    source: str = ""
    manner: Manner = PLAIN

    @property
    def unicode(self) -> str:
        return ",  ".join(e.written("unicode", self.manner) for e in self.equations)

    @property
    def text(self) -> str:
        return ", ".join(e.written("text", self.manner) for e in self.equations)

    @property
    def latex(self) -> str:
        return r", \quad ".join(e.written("latex", self.manner) for e in self.equations)

    @property
    def aligned(self) -> str:
        """The LaTeX with a line for each side of each equation, broken before every `=`, and where a side is too long."""
        rows: list[str] = []
        for e in self.equations:
            for i, side in enumerate(e.right):
                left = e.left.written("latex", self.manner)
                first, *others = broken_latex(written(side, "latex", self.manner), PAGE - ems(left) - EQUALS, QUAD)
                rows += [f"{left if not i else ''} &= {first}", *(rf"&\quad {line}" for line in others)]
        return aligned(rows)

    def __repr__(self) -> str:
        return f"{self.unicode}    ({self.rule})"


class Steps(list[Step]):
    """A derivation; shows itself with numbers, in Jupyter as LaTeX.

    `meaning` says what each name stands for, over the variables of the question; `moved` is the differential of the variable
    as it moves.
    """

    def __init__(self, steps: Iterable[Step], meaning: Mapping[Expr, Expr], by: Expr, moved: Mapping[Expr, Expr]) -> None:
        super().__init__(steps)
        self.meaning, self.by, self.moved = dict(meaning), by, dict(moved)

    def unicode(self) -> str:
        """One numbered line for each step, with the rule behind it."""
        return explain.page.numbered(self, "unicode")

    def text(self) -> str:
        """The same in the plain notation of the language."""
        return explain.page.numbered(self, "text")

    def latex(self) -> str:
        """An `align` environment with a tag and the name of the rule for each step; needs amsmath."""
        return explain.page.aligned(self)

    def __repr__(self) -> str:
        return self.unicode()

    def _repr_latex_(self) -> str:
        return self.latex()


def written(e: Expr, style: str, manner: Manner = PLAIN) -> str:
    """One side of an equation."""
    return writer(style)(e, manner=manner)


def width(*equations: Equation) -> int:
    """How many characters the equations take in one line."""
    heaviest = max(side.weight for e in equations for side in e.right)
    return heaviest if heaviest > HEAVIEST_SIDE else sum(len(e.written("unicode")) + 3 for e in equations) - 3
