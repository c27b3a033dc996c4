"""Programs: expressions as the source of one Python function, for NumPy, JAX or PyTorch.

`lowering` says what is computed, this module writes it down: what is used more than once gets a name, everything else
stands where it is used, one statement a line.

>>> from matcalc.expr import variable, symbol
>>> A, x = variable("A", (symbol("m"), symbol("n"))), variable("x", (symbol("n"), 1))
>>> print(program({"gradient": 2 * A.T @ (A @ x)}, doc="2A'Ax"))
def derivative(A, x, **_):
    \"\"\"2A'Ax
<BLANKLINE>
    A: (m, n), x: (n); returns (n)
    \"\"\"
    return 2 * (A.T @ (A @ x))
<BLANKLINE>
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from matcalc.errors import LimitError, UnsupportedError
from matcalc.expr.dims import Dim, Shape, Size, symbol
from matcalc.expr.heads import Number
from matcalc.expr.node import Expr, Op
from matcalc.expr.rebuild import variables
from matcalc.writing import arrays as A
from matcalc.writing.arrays import ATOM, Code
from matcalc.writing.comments import comments
from matcalc.writing.documentation import docstring
from matcalc.writing.fixing import spread, staying
from matcalc.writing.formulas import Formulas
from matcalc.writing.fusing import fused
from matcalc.writing.lowering import Argument, Lowering, result
from matcalc.writing.order import Order
from matcalc.writing.program_names import Names, function_argument, function_name
from matcalc.writing.routines import PRELUDES
from matcalc.writing.settling import in_order, settled
from matcalc.writing.sparse import taking_sparse
from matcalc.writing.stable import stable
from matcalc.writing.stems import STEMS, named_operand, rank_letter, stem, stem_of
from matcalc.writing.targets import GLOBALS, IMPORTS, TARGETS, pieces, template

WIDTH = 100
ROOM = 86  # for what a statement computes
INLINE = 64  # what is longer gets a name of its own rather than a place in another statement
WORD = re.compile(r"\w+")
LOCAL = re.compile(r"\b(?:for|lambda) (\w+)\b")  # what a template binds for itself
UNLIKE = re.compile(r", (?:dtype=)?\{like\}\.dtype")
GROUPED = 12  # statements that are too many to be read without a pause


def program(
    results: Mapping[str, Expr],
    target: str = "numpy",
    *,
    arguments: Sequence[Expr] = (),
    name: str = "derivative",
    doc: str = "",
    sizes: Mapping[str, int] | None = None,
    fixed: Collection[str] = (),
    formulas: Formulas | None = None,
    notes: Sequence[str] = (),
) -> str:
    """The source of a function that returns the results: one as it is, several as a tuple.

    With `fixed`, names of arguments that stay the same, of a function of those that returns the function of the others.
    `arguments` are expressions whose variables the function takes too; `sizes` are assumed to order products.
    `doc`, `formulas` and `notes` go into its docstring; what has a name in the formulas has it in the program, too.
    Vectors are 1-D arrays, a result of shape (1, n) is 2-D.  Raises UnsupportedError for what `target` lacks.
    """
    if target not in TARGETS:
        raise UnsupportedError(f"no target {target}", hint=f"the targets are {', '.join(TARGETS)}")
    roots = spread(stable(list(results.values())), fixed, Order(sizes).weight)
    lowering = Lowering(roots, sizes, vectors_first=target == "jax", fixed=fixed)
    given = variables(*results.values(), *arguments)
    shown = {s for v in given if v.data[0] in fixed for n in v.shape if isinstance(n, Dim) and (s := n.name)}
    raw = [result(lowering, e) for e in roots]
    became = fused(lowering.arrays, raw) if target == "jax" else {c: c for c in in_order(raw)}
    codes = [became[c] for c in raw]
    decided = settled(lowering.arrays, codes, target, staying(codes, fixed, shown))
    became = {c: decided[d] for c, d in became.items() if d in decided}
    codes = [became[c] for c in raw]
    formulas = formulas or Formulas()
    writer = _Writer(target, codes, given, fixed, staying(codes, fixed, shown))
    writer.names.taken.add(function_name(name))
    writer.called, writer.spoken = _called(lowering, became, formulas)
    writer.names.avoided |= {*(name.data[0] for name in formulas.parts.values()), *results}
    return writer.source(results, name, [doc, "", *formulas.lines], notes)


def _called(lowering: Lowering, became: Mapping[Code, Code], formulas: Formulas) -> tuple[dict[Code, str], dict[Code, str]]:
    """The names of what expressions became: by a telling operator, and of what has one in the formulas."""
    called: dict[Code, str] = {}
    spoken: dict[Code, str] = {}
    for e, v in lowering.values.items():
        name = formulas.parts[e].data[0] if e in formulas.parts else ""
        if (name or e.op.name in STEMS) and v.kind in ("full", "sum", "outer"):
            code = lowering.algebra.dense(v)
            if code in became:
                (spoken if name else called).setdefault(became[code], name or stem_of(e))
            if name and code.form is A.NEG and code.args[0] in became:
                spoken.setdefault(became[code.args[0]], f"neg_{name}")
    return called, spoken


def compile_program(source: str, name: str = "derivative", given: Sequence[Expr] = ()) -> Callable[..., Any]:
    """The function `name` of a source that `program` made.

    Keywords are taken in any Unicode form of a name, as Python itself does.  With the expressions `given` that the arguments are
    from, a program for NumPy takes sparse matrices too.
    """
    scope: dict[str, Any] = {"__name__": "matcalc.program"}
    code = compile(source, f"<{name}>", "exec")
    exec(code, scope)
    function: Any = scope[function_name(name)]
    function.source = source
    if given:
        function = taking_sparse(function, code, source, {v.data[0] for v in variables(*given) if 1 in v.shape})
    if source.isascii():
        return function  # type: ignore[no-any-return]

    def derivative(*args: Any, **values: Any) -> Any:
        return function(*args, **{unicodedata.normalize("NFKC", key): value for key, value in values.items()})

    derivative.__doc__, derivative.__name__ = function.__doc__, function.__name__
    derivative.source = source  # type: ignore[attr-defined]
    return derivative


class _Writer:
    """Writes the graph of `codes` as statements."""

    def __init__(self, target: str, codes: Sequence[Code], given: Sequence[Expr], fixed: Collection[str], stays: Collection[Code]) -> None:
        self.target, self.codes = target, codes
        self.fixed, self.stays = fixed, stays
        self.before: list[str] = []  # statements of what stays
        self.called: Mapping[Code, str] = {}  # names by the operators of expressions
        self.spoken: Mapping[Code, str] = {}  # names in the formulas
        self.said: set[str] = set()  # the comments that were made
        self.order = in_order(codes)
        self.names = Names()
        self.lines: list[str] = []
        self.text: dict[Code, tuple[str, int]] = {}
        self.bound: set[Code] = set()
        self.keys: dict[Code, str] = {}
        self.globals: dict[str, str] = {}
        self.locals: dict[str, str] = {}
        self.users: dict[Code, list[tuple[Code, int]]] = defaultdict(list)
        for c in self.order:
            for i, a in enumerate(c.args):
                self.users[a].append((c, i))
        self.uses = Counter({c: len(self.users[c]) for c in self.order})
        self.uses.update(codes)
        movers = [a for c in self.order if c not in stays for a in c.args]
        self.kept = {c for c in (*movers, *codes) if c in stays}  # what stays and is used by what does not
        self._name_arguments(given)
        self.names.avoided |= {s for v in given for d in v.shape if isinstance(d, Dim) for s in d.symbols}
        self.names.avoided |= {*IMPORTS, *PRELUDES[target]}

    # --- arguments and sizes ----------------------------------------------------------------------------------

    def _name_arguments(self, given: Sequence[Expr]) -> None:
        self.given = {v.data[0]: v for v in given}
        self.parameters: dict[tuple[str, int], str] = {}
        used = [c.data for c in self.order if c.form is A.ARGUMENT]
        for v in self.given:
            self.parameters[v, 0] = self.names.new(v)
        for a in sorted((a for a in used if a.kind == "index"), key=lambda a: a.name):
            if (a.name, 0) not in self.parameters:
                self.parameters[a.name, 0] = self.names.new(a.name)
        self.functions: dict[Argument, str] = {}
        for a in sorted((a for a in used if a.kind == "function"), key=lambda a: (a.name, a.order)):
            self.functions[a] = self.names.new(function_argument(a.name, a.order))
        self.sizes: dict[str, str] = {}
        self.rest = self.names.new("_")
        self.likes = sorted((n for n, v in self.given.items() if not v.is_scalar), key=lambda n: n not in self.fixed)

    def _size(self, n: Size) -> tuple[str, int]:
        if isinstance(n, int):
            return str(n), ATOM
        for s in sorted(n.symbols - set(self.sizes)):
            self.sizes[s] = self.names.new(s)
        terms = []
        for names, c in n.terms:
            terms.append(" * ".join(([str(c)] if c != 1 or not names else []) + [self.sizes[s] for s in names]))
        return " + ".join(terms), A.ADD if len(terms) > 1 else A.MUL if " " in terms[0] else ATOM

    def _size_lines(self) -> list[str]:
        """Statements that find the sizes in the shapes of the arguments; sizes in none of them become arguments."""
        order = sorted(self.given.items(), key=lambda item: item[0] not in self.fixed)
        axes = {self.parameters[n, 0]: _axes(v.shape) for n, v in order}
        places: dict[str, str] = {}
        for x, dims in axes.items():
            for axis, d in enumerate(dims):
                if isinstance(d, Dim) and d.name:
                    places.setdefault(d.name, f"{x}.shape[{axis}]")
        solved = self._solved(axes, places)
        lines = []
        for x, dims in axes.items():  # m, n = X.shape where both come from X
            names = [d.name if isinstance(d, Dim) and d.name else "" for d in dims]
            if len(names) == 2 and all(s in self.sizes and places[s] == f"{x}.shape[{i}]" for i, s in enumerate(names)):
                lines.append(f"{', '.join(self.sizes[s] for s in names)} = {x}.shape")
                places |= dict.fromkeys(names, "")
        lines += [f"{self.sizes[s]} = {place}" for s, place in places.items() if place and s in self.sizes]
        for s in sorted(set(self.sizes) - set(places) - set(solved)):
            self.parameters[s, 1] = self.sizes[s]
        return lines + list(solved.values())

    def _solved(self, axes: Mapping[str, Sequence[Size]], places: Mapping[str, str]) -> dict[str, str]:
        """Sizes that follow from composed ones: n from a vector of length 2 n m, where m is known."""
        solved: dict[str, str] = {}
        composed = [
            (f"{x}.shape[{axis}]", d) for x, dims in axes.items() for axis, d in enumerate(dims) if isinstance(d, Dim) and not d.name
        ]
        for place, d in sorted(composed, key=lambda c: len(c[1].symbols)):
            missing = [s for s in d.symbols if s not in places and s not in solved]
            if len(missing) != 1 or missing[0] not in self.sizes:
                continue
            (s,) = missing
            if sum(names.count(s) for names, _ in d.terms) != 1:
                continue
            below, rest = symbol(s) * 0, symbol(s) * 0
            for names, c in d.terms:
                term: Size = c
                for other in names:
                    term = term * symbol(other) if other != s else term
                below, rest = (below + term, rest) if s in names else (below, rest + term)
            top = place if rest == 0 else f"({place} - ({self._size(rest)[0]}))"
            solved[s] = f"{self.sizes[s]} = {top}" + (f" // ({self._size(below)[0]})" if below != 1 else "")
        return solved

    # --- text of one piece of code ----------------------------------------------------------------------------

    def _number(self, value: Number) -> tuple[str, int]:
        if isinstance(value, int) and abs(value) < 2**53:
            text = str(value)
        else:
            try:
                text = repr(float(value))
            except OverflowError:
                raise LimitError("a number too large for floating point") from None
        return text, ATOM if value >= 0 else A.MUL

    def _leaf(self, c: Code) -> tuple[str, int] | None:
        if c.form is A.NUMBER:
            return self._number(c.data)
        if c.form is A.SIZE:
            return self._size(c.data)
        if c.form is A.ARGUMENT:
            return (self.functions[c.data] if c.data.kind == "function" else self.parameters[c.data.name, 0]), ATOM
        return None

    def _render(self, c: Code) -> tuple[str, int]:
        form = c.form
        if form is A.STACK:
            return self._stacked(c), ATOM
        parts, tail, binds = pieces(self._named(self._template(c)))
        needs = form.needs if isinstance(form, A.Form) else ()
        out = []
        for before, place, enclosed in parts:
            out += [before, self._operand(c, place, enclosed, needs)]
        text = "".join(out) + tail
        if self.target == "numpy" and c.args and c.plain and _is_function(form) and not _has_argument(c):
            return f"{text if binds == ATOM else f'({text})'}.item()", ATOM  # NumPy's own numbers would make single precision double
        made = isinstance(form, A.Form) and form.prec != ATOM
        return text, form.prec if made else binds

    def _stacked(self, c: Code) -> str:
        """An array of entries, or of rows: each on a line of its own where one line is too short."""
        begin, end = self._named(self._template(c)).split("{*}")
        rows = [self.text[a][0] for a in c.args]
        if self.target == "torch" and any(a.plain for a in c.args):
            begin = self._named("_stack([")
        if self.target != "torch":  # a list of lists
            rows = [
                row[len(begin) - 1 : 1 - len(end)] if a.form is A.STACK and a not in self.bound else row
                for a, row in zip(c.args, rows, strict=True)
            ]
        line = begin + ", ".join(rows) + end
        if len(line) <= ROOM or all(a.form is not A.STACK for a in c.args):
            return line
        return begin[:-1] + "[\n    " + ",\n    ".join(rows) + ",\n]" + end[1:]

    def _like(self, c: Code) -> str:
        """An argument that is an array, whose type and device new ones have; there is none where nothing has a shape."""
        return next((self.parameters[n, 0] for n in self.likes if c not in self.stays or n in self.fixed), "")

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

    def _operand(self, c: Code, place: str, enclosed: bool, needs: tuple[int, ...]) -> str:
        if place == "out":
            return "{out}"
        if place == "like":
            return self._like(c) or self._named("torch.ones(1, dtype=torch.float64)")
        if place.startswith("*"):
            chosen = c.args[::2] if place == "*even" else c.args[1::2] if place == "*odd" else c.args
            return ", ".join(self.text[a][0] for a in chosen)
        if place in ("rows", "columns"):
            text, binds = self._size(c.data[place == "columns"])
            return text if enclosed or binds == ATOM else f"({text})"
        arg = c.args[int(place)]
        text, binds = self.text[arg]
        if arg.plain and _is_function(c.form):
            if self.target == "torch":  # its functions refuse Python numbers
                return self._named("_scalar(") + text + ")"
            if self.target == "jax" and not _has_argument(arg):  # and some of JAX's whole ones
                return f"1.0 * {text}" if binds >= A.MUL else f"1.0 * ({text})"
        if needs:
            enough = binds >= needs[int(place)] or (c.form is A.MATMULS and place == "0" and arg.form is A.MATMULS)
            return text if enough else f"({text})"
        return text if enclosed or binds == ATOM else f"({text})"

    def _named(self, text: str) -> str:
        """The text with our own global names, or what they had to be renamed to."""

        def rename(found: Any) -> str:
            key = found.group(1)
            if key not in self.globals:
                for needed in PRELUDES[self.target].get(key, ("", ()))[1]:
                    self._named(needed)
                self.globals[key] = self.names.new(key)
                if key in PRELUDES[self.target]:
                    self._named(PRELUDES[self.target][key][0])
            return self.globals[key]

        return GLOBALS.sub(rename, text)

    # --- statements -------------------------------------------------------------------------------------------

    def _bind(self, c: Code) -> str:
        name = self.keys.get(c, "")
        if not name and c in self.spoken:
            name = self.names.new(self.spoken[c])
        elif not name:
            told = self.called.get(c) or stem(c, lambda a: self._known(a) or self.spoken.get(a, ""), self.users)
            name = self.names.fresh(told or rank_letter(c), numbered=not told)
        lines, text = self.before if c in self.stays else self.lines, self.text[c][0]
        said = [line for line in comments(c, self._known, self.target) if line not in self.said]
        self.said.update(said)
        lines += [f"# {line}" for line in said]
        lines += (text.replace("{out}", name) if "{out}" in text else f"{name} = {text}").split("\n")
        self.text[c] = (name, ATOM)
        self.bound.add(c)
        if c in self.keys and c not in self.stays:
            lines.append("")
        return name

    def _known(self, c: Code) -> str:
        """The name of a piece of code, if it has one."""
        return self.text[c][0] if c in self.bound and self.text[c][0].isidentifier() else ""

    def _write(self, c: Code) -> None:
        leaf = self._leaf(c)
        if leaf is not None:
            self.text[c] = leaf
            self.bound.add(c)
            return
        places = Counter(place for _, place, _ in pieces(template(c.form, self.target))[0])
        for i, a in enumerate(c.args):
            if (places[str(i)] > 1 or named_operand(c)) and a not in self.bound and not self.text[a][0].isidentifier():
                self._bind(a)
        while True:
            self.text[c] = self._render(c)
            inlined = [a for a in c.args if a not in self.bound]
            if _width(self.text[c][0]) <= ROOM or not inlined:
                break
            self._bind(max(inlined, key=lambda a: len(self.text[a][0])))
        if self._deserves(c):
            self._bind(c)

    def _deserves(self, c: Code) -> bool:
        """Whether it gets a name: a result, what is used again or from call to call, a statement, what is long."""
        if c in self.keys and len(self.codes) > 1 or "{out}" in self.text[c][0]:
            return True
        if c in self.kept or self.uses[c] > 1:
            return not self._is_cheap(c)
        user = self.users[c][0][0] if self.users[c] else None
        return _width(self.text[c][0]) > INLINE and not (user is None or user in self.codes or user.form is A.STACK and c.form is A.STACK)

    def _is_cheap(self, c: Code) -> bool:
        """Whether it may be written twice: a view of something with a name, a number."""
        return c.form in (A.T, A.COLUMN, A.ROW, A.DEEP, A.MIDDLE) and c.args[0] in self.bound or c.plain and len(self.text[c][0]) < 8

    # --- the whole --------------------------------------------------------------------------------------------

    def source(self, results: Mapping[str, Expr], name: str, doc: Sequence[str], notes: Sequence[str]) -> str:
        self.keys = {c: self.names.new(key) for key, c in zip(results, self.codes, strict=True)}
        for c in self.order:
            self._write(c)
        returned = [self.text[c][0] for c in self.codes]
        self.lines = _grouped(self.lines)
        written = set(WORD.findall("\n".join((*self.before, *self.lines, *returned))))
        self.sizes = {s: x for s, x in self.sizes.items() if x in written}
        sizes, rows = self._size_lines(), self._row_lines()
        parameters = {n: self.parameters[n, 0] for n in self.given}
        doc_lines = _indented(docstring(doc, self.given, parameters, list(results.values()), notes, self.fixed))
        if self.fixed:
            outside, inside = ([s for s in (*rows, *sizes) if self._is_outside(s) is there] for there in (True, False))
            inner = self.names.new("function")
            body = [*inside, *self.lines, f"return {', '.join(returned)}"]
            lines = [
                *doc_lines,
                *_indented([*outside, *self.before, "", *self._head(inner, False), *_indented(body), "", f"return {inner}"]),
            ]
        else:
            lines = [*doc_lines, *_indented([*rows, *sizes, *self.lines, f"return {', '.join(returned)}"])]
        imports = self._imports("\n".join(lines))
        return "\n".join([*imports, *([""] * 2 if imports else []), *self._head(function_name(name), True), *lines]) + "\n"

    def _is_outside(self, line: str) -> bool:
        """Whether a statement on a shape is about a fixed argument."""
        return any(
            line.split(" = ", 1)[1].startswith((f"{self.parameters[n, 0]}.", f"({self.parameters[n, 0]}."))
            or line.endswith(f" {self.parameters[n, 0]}.shape")
            for n in self.fixed
        )

    def _row_lines(self) -> list[str]:
        """Rows are taken as 1-D or 2-D arrays."""
        used = {c.data.name for c in self.order if c.form is A.ARGUMENT and c.data.kind == "variable"}
        rows = [self.parameters[n, 0] for n, v in self.given.items() if v.shape[0] == 1 != v.shape[1] and (n in used or self.sizes)]
        return [f"{x} = {x}.reshape(-1)" for x in rows]

    def _head(self, name: str, outer: bool) -> list[str]:
        """The line of a function: of the fixed arguments and, inside it, of the others; or of all."""
        own = {key: text for key, text in self.parameters.items() if not self.fixed or (key[0] in self.fixed and not key[1]) is outer}
        functions = [text for a, text in self.functions.items() if not self.fixed or (a.name in self.fixed) is outer]
        parameters = sorted([*own.values(), *functions])
        line = f"def {name}({', '.join([*parameters, '**' + self.rest])}):"
        if len(line) <= WIDTH:
            return [line]
        inside = textwrap.fill(", ".join(parameters) + ",", WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)
        return [f"def {name}(", *inside.split("\n"), f"    **{self.rest},", "):"]

    def _imports(self, text: str) -> list[str]:
        lines, helpers = [], []
        for key, alias in self.globals.items():
            if key in IMPORTS:
                module = IMPORTS[key]
                lines.append(f"import {module}" if module == alias else f"import {module} as {alias}")
            else:
                helpers.append(self._named(PRELUDES[self.target][key][0]).rstrip("\n"))
        whole = "\n".join([text, *helpers])
        lines += [f"import jax.scipy.{part}" for part in ("linalg", "special", "stats") if f".scipy.{part}." in whole]
        return sorted(lines) + [line for h in helpers for line in ("", "", *h.split("\n"))]


def _width(text: str) -> int:
    return max(map(len, text.split("\n")))


def _is_function(form: A.Form | Op) -> bool:
    return isinstance(form, Op) or form in (A.SQRT, A.SOFTPLUS)


def _has_argument(c: Code) -> bool:
    return any(a.form is A.ARGUMENT for a in in_order([c]))


def _indented(lines: Sequence[str]) -> list[str]:
    return ["    " + line if line else "" for line in lines]


def _axes(shape: Shape) -> tuple[Size, ...]:
    return tuple(n for n in shape if n != 1)


def _grouped(lines: Sequence[str]) -> list[str]:
    """Statements in groups, a blank line after each result; a few are one group."""
    if sum(map(bool, lines)) < GROUPED:
        return list(filter(None, lines))
    return list(lines[:-1] if lines[-1] == "" else lines)
