"""The text of pieces of code: templates filled with the texts of operands, in parentheses where these bind too little.

Whatever a template names besides its operands is ours: modules, routines that are brought along, names of its own.  All give way
to the names of arguments.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from matcalc.errors import LimitError
from matcalc.expr.heads import Number
from matcalc.expr.node import Op
from matcalc.programs import forms as F
from matcalc.programs.argument_names import Names
from matcalc.programs.arguments import Arguments
from matcalc.programs.forms import ATOM, Code
from matcalc.programs.routines import routines
from matcalc.programs.settling import has_argument
from matcalc.programs.targets import GLOBALS, IMPORTS, Pieces, pieces, template

ROOM = 86  # for what a statement computes
LOCAL = re.compile(r"\b(?:for|lambda) (\w+)\b")  # what a template binds for itself
AS_ARRAY = {"numpy": "np.asarray", "jax": "jnp.asarray", "torch": "_scalar"}  # of a scalar that may be a number
UNLIKE = re.compile(r", (?:dtype=)?\{like\}\.dtype")


class Texts:
    """The texts of code for one target; `of` has those that are made, `bound` is the code that has a name."""

    def __init__(self, target: str, names: Names, arguments: Arguments, stays: Collection[Code]) -> None:
        self.language = arguments.language
        self.target, self.names, self.arguments, self.stays = target, names, arguments, stays
        self.of: dict[Code, tuple[str, int]] = {}
        self.known: dict[Code, Pieces] = {}
        self.bound: set[Code] = set()
        self.globals: dict[str, str] = {}
        self.locals: dict[str, str] = {}

    def name(self, c: Code) -> str:
        """The name of a piece of code, if it has one."""
        return self.of[c][0] if c in self.bound and self.of[c][0].isidentifier() else ""

    def _number(self, value: Number) -> tuple[str, int]:
        if isinstance(value, int) and abs(value) < 2**53:
            text = str(value)
        else:
            try:
                text = repr(float(value))
            except OverflowError:
                raise LimitError("a number too large for floating point") from None
        return text, ATOM if value >= 0 else F.MUL

    def leaf(self, c: Code) -> tuple[str, int] | None:
        if c.form is F.NUMBER:
            return self._number(c.data)
        if c.form is F.SIZE:
            return self.arguments.size(c.data)
        if c.form is F.ARGUMENT:
            return (self.arguments.functions[c.data] if c.data.kind == "function" else self.arguments.parameters[c.data.name, 0]), ATOM
        return None

    def pieces(self, c: Code) -> Pieces:
        """The template of a piece of code, in its pieces."""
        if not self.language:
            return pieces(self._named(self._template(c)))
        if c not in self.known:
            self.known[c] = self.language.pieces(c)
        return self.known[c]

    def render(self, c: Code) -> tuple[str, int]:
        form = c.form
        if form is F.STACK and not self.language:
            return self._stacked(c), ATOM
        parts, tail, binds = self.pieces(c)
        if [place for _, place, _ in parts] == ["0"] and parts[0][0] == tail == "":
            return self.of[c.args[0]]
        text = ""
        for before, place, needed in parts:
            operand = self._operand(c, place, needed)
            text += before + (f"({operand})" if before.endswith("-") and operand.startswith("-") else operand)
        text += tail
        if self.target == "numpy" and c.args and c.plain and _is_function(form) and not has_argument(c):
            return f"{text if binds == ATOM else f'({text})'}.item()", ATOM  # NumPy's own numbers would make single precision double
        return text, binds

    def _stacked(self, c: Code) -> str:
        """An array of entries, or of rows: each on a line of its own where one line is too short."""
        begin, end = self._named(self._template(c)).split("{*}")
        rows = [self.of[a][0] for a in c.args]
        if any(a.plain for a in self._entries(c)) and self.target != "jax":  # numbers have the type of what is beside them
            begin = self._named("_stack([" if self.target == "torch" else "_array([")
        if self.target != "torch":  # a list of lists
            rows = [
                row[row.index("(") + 1 : -1] if a.form is F.STACK and a not in self.bound else row
                for a, row in zip(c.args, rows, strict=True)
            ]
        line = begin + ", ".join(rows) + end
        if len(line) <= ROOM or all(a.form is not F.STACK for a in c.args):
            return line
        return begin[:-1] + "[\n    " + ",\n    ".join(rows) + ",\n]" + end[1:]

    def _entries(self, c: Code) -> Iterator[Code]:
        for a in c.args:
            yield from self._entries(a) if a.form is F.STACK and a not in self.bound and self.target != "torch" else (a,)

    def _like(self, c: Code) -> str:
        """An argument, an array if there is one, whose type and device new arrays have."""
        name = next((n for n in self.arguments.likes if c not in self.stays or n in self.arguments.fixed), "")
        if not name:
            return ""
        text = self.arguments.parameters[name, 0] + ".real" * self.arguments.given[name].complex
        return self._named(f"{AS_ARRAY[self.target]}({text})") if self.arguments.given[name].is_scalar else text

    def _template(self, c: Code) -> str:
        """The template, with names of its own that no operand has."""
        text = template(c.form, self.target)
        if not self._like(c):
            text = UNLIKE.sub("", text)
        for name in sorted(set(LOCAL.findall(text))):
            if name not in self.locals:
                self.locals[name] = self.names.fresh(name)
            text = re.sub(rf"\b{name}\b", self.locals[name], text)
        return text

    def _operand(self, c: Code, place: str, needed: int) -> str:
        if place == "out":
            return "{out}"
        if place.startswith("i"):
            return self._from_one(c.args[int(place[1:])])
        if place == "like":
            return self._like(c) or self._named(
                "torch.ones(1, dtype=torch.float64)" if self.target == "torch" else f"{AS_ARRAY[self.target]}(0.0)"
            )
        if place.startswith("*"):
            chosen = c.args[::2] if place == "*even" else c.args[1::2] if place == "*odd" else c.args
            return ("; " if place == "*;" else ", ").join(self.of[a][0] for a in chosen)
        if place in ("rows", "columns"):
            text, binds = self.arguments.size(c.data[place == "columns"])
            return text if binds >= needed else f"({text})"
        arg = c.args[int(place)]
        text, binds = self.of[arg]
        if arg.plain and _is_function(c.form) and not self.language:
            if self.target == "torch":  # its functions refuse Python numbers
                return self._named("_scalar(") + text + ")"
            if self.target == "jax" and not has_argument(arg):  # and some of JAX's whole ones
                return f"1.0 * {text}" if binds >= F.MUL else f"1.0 * ({text})"
        needed = min(needed, ATOM)  # what is to have a name has one
        chain = c.form is F.MATMULS and place == "0" and arg.form is F.MATMULS and c.ndim + arg.ndim > 1  # A @ B @ C
        return text if binds >= needed or chain else f"({text})"

    def _from_one(self, index: Code) -> str:
        """An index, counted from one."""
        if index.form is F.NUMBER:
            return str(index.data + 1)
        return self.of[index.args[0]][0] if index.form is F.LESS and F.is_number(index.args[1], 1) else f"{self.of[index][0]} + 1"

    def _named(self, text: str) -> str:
        """The text with our own global names, or what they had to be renamed to."""

        def rename(found: Any) -> str:
            key: str = found.group(1)
            if key not in self.globals and (key in IMPORTS or key in known):
                self.globals[key] = key
                self._named(known.get(key, ""))  # what it needs itself stands before it
                del self.globals[key]
                self.globals[key] = self.names.new(key)
            return self.globals.get(key, key)

        known = routines(self.target)

        return GLOBALS.sub(rename, text)

    def imports(self, text: str) -> list[str]:
        """The lines before a program of Python with this text: imports and routines."""
        lines, helpers = [], []
        for key, alias in self.globals.items():
            if key in IMPORTS:
                module = IMPORTS[key]
                lines.append(f"import {module}" if module == alias else f"import {module} as {alias}")
            else:
                helpers.append(self._named(routines(self.target)[key]))
        whole = "\n".join([text, *helpers])
        lines += [f"import jax.scipy.{part}" for part in ("linalg", "special", "stats") if f".scipy.{part}." in whole]
        return sorted(lines) + [line for h in helpers for line in ("", "", *h.split("\n"))]


def width(text: str) -> int:
    return max(map(len, text.split("\n")))


def _is_function(form: F.Form | Op) -> bool:
    return isinstance(form, Op) or form in F.FUNCTIONS
