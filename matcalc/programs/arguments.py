"""The parameters of a program: the names of its arguments, functions and sizes, and where sizes come from.

Sizes are found in the shapes of arguments; those that stand in none are arguments themselves.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence

from matcalc.expr.dims import Dim, Size, replace
from matcalc.expr.node import Expr
from matcalc.programs import forms as F
from matcalc.programs.argument_names import Names, function_argument
from matcalc.programs.forms import ATOM, Code
from matcalc.programs.given import axes_of, is_number, is_row, written
from matcalc.programs.language import Language
from matcalc.programs.leaves import Argument

WIDTH = 100


class Arguments:
    """The arguments of a program with the code `order`: the variables `given`, of which some are `fixed`, and what else it uses."""

    def __init__(
        self, names: Names, order: Sequence[Code], given: Sequence[Expr], fixed: Collection[str], language: Language | None = None
    ) -> None:
        self.names, self.fixed, self.language = names, fixed, language
        used = [c.data for c in order if c.form is F.ARGUMENT]
        self.used = {a.name for a in used if a.kind == "variable"}
        self.given = {v.data[0]: v for v in given}
        self.parameters: dict[tuple[str, int], str] = {}
        for v in self.given:
            self.parameters[v, 0] = self.names.new(v)
        for a in sorted((a for a in used if a.kind == "index"), key=lambda a: a.name):
            if (a.name, 0) not in self.parameters:
                self.parameters[a.name, 0] = self.names.new(a.name)
        self.functions: dict[Argument, str] = {}
        for a in sorted((a for a in used if a.kind == "function"), key=lambda a: (a.name, a.order)):
            self.functions[a] = self.names.new(function_argument(a.name, a.order))
        self.sizes: dict[str, str] = {}
        self.rest = "" if language else self.names.new("_")
        self.likes = sorted(self.given, key=lambda n: (is_number(self.given[n]), n not in self.fixed, self.given[n].complex))

    def size(self, n: Size) -> tuple[str, int]:
        if isinstance(n, int):
            return str(n), ATOM
        for s in sorted(n.symbols - set(self.sizes)):
            self.sizes[s] = self.names.new(s)
        text = written(n, self.sizes)
        return text, F.ADD if " + " in text else F.MUL if " " in text else ATOM

    def size_lines(self) -> list[str]:
        """Statements that find the sizes in the shapes of the arguments; sizes in none of them become arguments."""
        order = sorted(self.given.items(), key=lambda item: item[0] not in self.fixed)
        axes = {self.parameters[n, 0]: axes_of(v) for n, v in order}
        places: dict[str, str] = {}
        for x, dims in axes.items():
            for axis, d in enumerate(dims):
                if isinstance(d, Dim) and d.name:
                    places.setdefault(d.name, self._axis(x, axis, len(dims)))
        solved = self._solved(axes, places)
        lines = []
        for x, dims in axes.items():  # m, n = X.shape where both come from X
            names = [d.name if isinstance(d, Dim) and d.name else "" for d in dims]
            if len(names) == 2 and all(s in self.sizes and places[s] == self._axis(x, i, 2) for i, s in enumerate(names)):
                called = [self.sizes[s] for s in names]
                lines.append(self.language.sizes(called, x) if self.language else f"{', '.join(called)} = {x}.shape")
                places |= dict.fromkeys(names, "")
        lines += [f"{self.sizes[s]} = {place}" for s, place in places.items() if place and s in self.sizes]
        for s in sorted(set(self.sizes) - set(places) - set(solved)):
            self.parameters[s, 1] = self.sizes[s]
        return lines + list(solved.values())

    def _solved(self, axes: Mapping[str, Sequence[Size]], places: Mapping[str, str]) -> dict[str, str]:
        """Sizes that follow from composed ones: n from a vector of length 2 n m, where m is known."""
        solved: dict[str, str] = {}
        composed = [
            (self._axis(x, axis, len(dims)), d)
            for x, dims in axes.items()
            for axis, d in enumerate(dims)
            if isinstance(d, Dim) and not d.name
        ]
        for place, d in sorted(composed, key=lambda c: len(c[1].symbols)):
            missing = [s for s in d.symbols if s not in places and s not in solved]
            if len(missing) != 1 or missing[0] not in self.sizes:
                continue
            (s,) = missing
            if sum(names.count(s) for names, _ in d.terms) != 1:
                continue
            rest = replace(d, {s: 0})
            below = replace(d, {s: 1}) + -1 * rest
            top = place if rest == 0 else f"({place} - ({self.size(rest)[0]}))"
            whole = self.language.whole if self.language else "{} // ({})"
            solved[s] = f"{self.sizes[s]} = {top if below == 1 else whole.format(top, self.size(below)[0])}"
        return solved

    def _axis(self, x: str, axis: int, count: int) -> str:
        """The length of one of the axes of an argument, which has `count`."""
        return self.language.axis(x, axis, count) if self.language else f"{x}.shape[{axis}]"

    def is_outside(self, line: str) -> bool:
        """Whether a statement on a shape is about a fixed argument."""
        return any(
            line.split(" = ", 1)[1].startswith((f"{self.parameters[n, 0]}.", f"({self.parameters[n, 0]}."))
            or line.endswith(f" {self.parameters[n, 0]}.shape")
            for n in self.fixed
        )

    def row_lines(self) -> list[str]:
        """Rows are taken as 1-D or 2-D arrays."""
        rows = [self.parameters[n, 0] for n, v in self.given.items() if is_row(v) and (n in self.used or self.sizes)]
        flat = self.language.flat if self.language else "{}.reshape(-1)"
        return [f"{x} = {flat.format(x)}" for x in rows]

    def every(self) -> list[str]:
        """The names of all arguments, in their order."""
        return sorted([*self.parameters.values(), *self.functions.values()])

    def head(self, name: str, outer: bool) -> list[str]:
        """The line of a function: of the fixed arguments and, inside it, of the others; or of all."""
        own = {key: text for key, text in self.parameters.items() if not self.fixed or (key[0] in self.fixed and not key[1]) is outer}
        functions = [text for a, text in self.functions.items() if not self.fixed or (a.name in self.fixed) is outer]
        parameters = sorted([*own.values(), *functions])
        line = f"def {name}({', '.join([*parameters, '**' + self.rest])}):"
        if len(line) <= WIDTH:
            return [line]
        inside = textwrap.fill(", ".join(parameters) + ",", WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)
        return [f"def {name}(", *inside.split("\n"), f"    **{self.rest},", "):"]
