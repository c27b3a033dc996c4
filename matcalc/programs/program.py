"""Programs: expressions as the source of one function, for NumPy, JAX or PyTorch, or in another language.

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
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import Any

from matcalc.errors import UnsupportedError
from matcalc.expr.dims import Dim, Size
from matcalc.expr.indices import names_in
from matcalc.expr.node import Expr, postorder, working
from matcalc.programs import forms as F
from matcalc.programs.argument_names import Names, function_name
from matcalc.programs.arguments import Arguments
from matcalc.programs.comments import comments
from matcalc.programs.declared import with_shapes
from matcalc.programs.documentation import docstring, documented
from matcalc.programs.forms import ATOM, Code
from matcalc.programs.formulas import Formulas
from matcalc.programs.given import axes_of, given_in
from matcalc.programs.language import WORD as WORDS
from matcalc.programs.language import Language
from matcalc.programs.lowering import inverted
from matcalc.programs.order import Order, assumed
from matcalc.programs.ordinary import on_ordinary_arrays
from matcalc.programs.passes import Draft, drafted
from matcalc.programs.routines import routines
from matcalc.programs.settling import in_order, overwritten
from matcalc.programs.sparse import taking_sparse
from matcalc.programs.stems import STEMS, named_operand, rank_letter, stem, stem_of
from matcalc.programs.targets import IMPORTS, LANGUAGES, TARGETS, WRITTEN, pieces, template
from matcalc.programs.text import ROOM, Texts, width

INLINE = 64  # what is longer gets a name of its own rather than a place in another statement
WORD = re.compile(r"\w+")
SMALL = 32  # sizes up to here are not worth a program of their own
GROUPED = 12  # statements that are too many to be read without a pause


@working
def program(
    results: Mapping[str, Expr],
    target: str = "numpy",
    *,
    arguments: Sequence[Expr] = (),
    name: str = "derivative",
    doc: str = "",
    sizes: Mapping[str, int] | None = None,
    fixed: Collection[str] = (),
    over: Mapping[str, Mapping[str, Size]] | None = None,
    formulas: Formulas | None = None,
    notes: Sequence[str] = (),
) -> str:
    """The source of a function that returns the results: one as it is, several as a tuple.

    With `fixed`, names of arguments that stay the same, of a function of those that returns the function of the others.
    A result that `over` names free indices for, with how far they count, is the array of its values for all of them, along its first axes.
    `arguments` are expressions whose variables the function takes too; `sizes` are assumed to order products.
    `doc`, `formulas` and `notes` go into its docstring; what has a name in the formulas has it in the program, too.
    Vectors are 1-D arrays, a result of shape (1, n) is 2-D.  Raises UnsupportedError for what `target` lacks.
    """
    if target not in WRITTEN:
        raise UnsupportedError(f"no target {target}", hint=f"the targets are {', '.join(WRITTEN)}")
    language = import_module(f"matcalc.programs.{target}").LANGUAGE if target in LANGUAGES else None
    if language and fixed:
        raise UnsupportedError(f"fixed arguments have no program for {language.called}", hint=f"there are {', '.join(TARGETS)}")
    if any(e.complex for e in postorder(*results.values(), *arguments)):
        if language:
            raise UnsupportedError(f"complex numbers have no program for {language.called}", hint=f"there are {', '.join(TARGETS)}")
        if fixed:
            raise UnsupportedError("a program with fixed arguments is of real numbers only")
    over = over or {}
    given = given_in(*results.values(), *arguments)
    order = Order(sizes, fixed, assumed(given, results.values()))
    made = drafted(Draft(target, results, given, inverted(*results.values(), *arguments), order, fixed, over, bool(sizes), language))
    formulas = formulas or Formulas()
    writer = _Writer(target, made.codes, given, fixed, made.stays, language)
    name = language.identifier(name) if language else function_name(name)
    writer.names.taken.add(name)
    writer.called, writer.spoken = _called(made, formulas)
    writer.subjects = {target, *(e.op.name for e in made.lowering.values)}
    writer.names.avoided |= {*(name.data[0] for name in formulas.parts.values()), *results}
    writer.over = [tuple(over.get(key, {}).values()) for key in results]
    return writer.source(results, name, [doc, "", *formulas.lines], [*notes, *made.notes])


def _called(made: Draft, formulas: Formulas) -> tuple[dict[Code, str], dict[Code, str]]:
    """The names of what expressions became: by a telling operator, and of what has one in the formulas."""
    lowering, became = made.lowering, made.became
    called: dict[Code, str] = {}
    spoken: dict[Code, str] = {}
    for e, v in lowering.values.items():
        name = formulas.parts[e].data[0] if e in formulas.parts else ""
        if (name or e.op.name in STEMS) and v.kind in ("full", "sum", "outer"):
            code = lowering.algebra.dense(v)
            if code in became:
                (spoken if name else called).setdefault(became[code], name or stem_of(e))
            if name and code.form is F.NEG and code.args[0] in became:
                spoken.setdefault(became[code.args[0]], f"neg_{name}")
    return called, spoken


def compile_program(
    source: str,
    name: str = "derivative",
    given: Sequence[Expr] = (),
    fixed: Collection[str] = (),
    for_sizes: Callable[[Mapping[str, int]], str] | None = None,
) -> Callable[..., Any]:
    """The function `name` of a source that `program` made.

    Keywords are taken in any Unicode form of a name, as Python itself does.  With the expressions `given` that the arguments are
    from, and those of them that are `fixed`, it looks at shapes: ShapeError names the argument whose shape is not as declared; a
    program for NumPy then takes sparse matrices too.  `for_sizes` makes the source for other sizes than were assumed: large ones are
    calculated with as they come (`sized`).
    """
    arguments = given_in(*given)

    def function_of(source: str) -> Callable[..., Any]:
        scope: dict[str, Any] = {"__name__": "matcalc.program"}
        code = compile(source, f"<{name}>", "exec")
        exec(code, scope)
        function: Any = scope[function_name(name)]
        function.source = source
        if not given or {"torch", "jax", "jnp"} & scope.keys():
            return function  # type: ignore[no-any-return]
        ordinary = on_ordinary_arrays(source, f"<{name}>")[function_name(name)] if "@" in source else function
        return taking_sparse(function, code, ordinary)

    function: Any = function_of(source)
    in_ascii = source.isascii()
    if given:
        anew = sized({source: function}, function_of, source, for_sizes) if for_sizes else None
        function = with_shapes(function, arguments, fixed, anew)
        in_ascii = all(name.isascii() for e in given for name in names_in(e))
    if in_ascii:
        return function  # type: ignore[no-any-return]

    def derivative(*args: Any, **values: Any) -> Any:
        return function(*args, **{unicodedata.normalize("NFKC", key): value for key, value in values.items()})

    derivative.__doc__, derivative.__name__ = function.__doc__, function.__name__
    derivative.source, derivative.__wrapped__ = source, function  # type: ignore[attr-defined]
    return derivative


def sized(
    functions: dict[str, Callable[..., Any]],
    function_of: Callable[[str], Callable[..., Any]],
    source: str,
    for_sizes: Callable[[Mapping[str, int]], str],
) -> Callable[[Mapping[str, int]], Callable[..., Any]]:
    """The function for the sizes of a call: that of `source` where all are small, else one whose products are ordered for them.

    Sizes within the same power of two have the same program, so few are made, each at the first call that needs it.
    """
    known: dict[tuple[int, ...], str] = {}

    def anew(sizes: Mapping[str, int]) -> Callable[..., Any]:
        if not all(isinstance(n, int) for n in sizes.values()) or max(sizes.values(), default=0) <= SMALL:
            return functions[source]
        at = tuple(n.bit_length() for n in sizes.values())
        if at not in known:
            known[at] = for_sizes(sizes)
        made = known[at]
        if made not in functions:
            functions[made] = function_of(made)
        return functions[made]

    return anew


class _Writer:
    """Writes the graph of `codes` as statements."""

    def __init__(
        self,
        target: str,
        codes: Sequence[Code],
        given: Sequence[Expr],
        fixed: Collection[str],
        stays: Collection[Code],
        language: Language | None,
    ) -> None:
        self.target, self.codes, self.language = target, codes, language
        self.fixed, self.stays = fixed, stays
        self.before: list[str] = []  # statements of what stays
        self.lines: list[str] = []
        self.called: Mapping[Code, str] = {}  # names by the operators of expressions
        self.spoken: Mapping[Code, str] = {}  # names in the formulas
        self.subjects: Collection[str] = (target,)  # of comments
        self.over: Sequence[tuple[Size, ...]] = ()  # the first axes of the results, of indices
        self.said: set[str] = set()  # the comments that were made
        self.keys: dict[Code, str] = {}
        self.order = in_order(codes)
        self.names = Names(written=language.identifier) if language else Names()
        self.arguments = Arguments(self.names, self.order, given, fixed, language)
        self.texts = Texts(target, self.names, self.arguments, stays)
        lengths = [*(d for v in given for d in axes_of(v)), *(c.data for c in self.order if c.form is F.SIZE)]
        self.names.avoided |= {s for d in lengths if isinstance(d, Dim) for s in d.symbols}
        self.names.avoided |= language.reserved if language else {*IMPORTS, *routines(target)}
        self.users: dict[Code, list[tuple[Code, int]]] = defaultdict(list)
        for c in self.order:
            for i, a in enumerate(c.args):
                self.users[a].append((c, i))
        self.uses = Counter({c: len(self.users[c]) for c in self.order})
        self.uses.update(codes)
        movers = [a for c in self.order if c not in stays for a in c.args]
        self.kept = {c for c in (*movers, *codes) if c in stays}  # what stays and is used by what does not

    def _bind(self, c: Code) -> str:
        name = self.keys.get(c, "")
        if not name and c in self.spoken:
            name = self.names.new(self.spoken[c])
        elif not name:
            told = self.called.get(c) or stem(c, lambda a: self.texts.name(a) or self.spoken.get(a, ""), self.users)
            name = self.names.fresh(told or rank_letter(c), numbered=not told)
        lines, text = self.before if c in self.stays else self.lines, self.texts.of[c][0]
        said = [line for line in comments(c, self.texts.name, self.subjects) if line not in self.said]
        self.said.update(said)
        lines += [f"{self.language.comment if self.language else '# '}{line}" for line in said]
        end = self.language.end if self.language else ""
        lines += (text.replace("{out}", name) if "{out}" in text else f"{name} = {text}{end}").split("\n")
        self.texts.of[c] = (name, ATOM)
        self.texts.bound.add(c)
        if c in self.keys and c not in self.stays:
            lines.append("")
        return name

    def _write(self, c: Code) -> None:
        leaf = self.texts.leaf(c)
        if leaf is not None:
            self.texts.of[c] = leaf
            self.texts.bound.add(c)
            return
        self._bind_readers(overwritten(c))
        parts = self.texts.pieces(c)[0] if self.language else pieces(template(c.form, self.target))[0]
        places = Counter(place for _, place, _ in parts)
        for i, a in enumerate(c.args):
            if (
                (places[str(i)] > 1 or named_operand(c) or any(place == str(i) and least > ATOM for _, place, least in parts))
                and a not in self.texts.bound
                and not self.texts.of[a][0].isidentifier()
            ):
                self._bind(a)
        while True:
            self.texts.of[c] = self.texts.render(c)
            inlined = [a for a in c.args if a not in self.texts.bound]
            if width(self.texts.of[c][0]) <= ROOM or not inlined:
                break
            self._bind(max(inlined, key=lambda a: len(self.texts.of[a][0])))
        if self._deserves(c):
            self._bind(c)

    def _bind_readers(self, a: Code | None) -> None:
        """Computes what reads an array and is not written yet into a statement, as that array is overwritten next."""
        names = {name for b in (a, *(a.args if a.form is F.T else ())) if (name := self.texts.name(b))} if a is not None else set()
        for c in [c for c in self.texts.of if c not in self.texts.bound] if names else ():
            waiting = [user for user, _ in self.users[c] if user not in self.texts.of]
            if len(waiting) > 1 or waiting and overwritten(waiting[0]) is not a:
                if not names.isdisjoint(WORD.findall(self.texts.of[c][0])):
                    self._bind(c)

    def _deserves(self, c: Code) -> bool:
        """Whether it gets a name: a result, what is used again or from call to call, a statement, what is long."""
        if c in self.keys and len(self.codes) > 1 or "{out}" in self.texts.of[c][0]:
            return True
        if c in self.kept or self.uses[c] > 1:
            return not self._is_cheap(c)
        if width(self.texts.of[c][0]) <= INLINE or not self.users[c]:
            return False
        user = self.users[c][0][0]
        return user not in self.codes and not user.form is c.form is F.STACK  # these have lines of their own

    def _is_cheap(self, c: Code) -> bool:
        """Whether it may be written twice: a view of something with a name, a number."""
        view = isinstance(c.form, F.Form) and c.form.view and all(a in self.texts.bound or a.plain for a in c.args)
        return view or c.plain and len(self.texts.of[c][0]) < 8

    def source(self, results: Mapping[str, Expr], name: str, doc: Sequence[str], notes: Sequence[str]) -> str:
        """The whole: imports, routines, the function with its docstring."""
        self.keys = {c: self.names.new(key) for key, c in zip(results, self.codes, strict=True)}
        for c in self.order:
            self._write(c)
        returned = [self.texts.of[c][0] for c in self.codes]
        self.lines = _grouped(self.lines)
        written = set(WORD.findall("\n".join((*self.before, *self.lines, *returned))))
        taken = self.arguments
        taken.sizes = {s: x for s, x in taken.sizes.items() if x in written}
        sizes, rows = taken.size_lines(), taken.row_lines()
        parameters = {n: taken.parameters[n, 0] for n in taken.given}
        told = documented(doc, taken.given, parameters, list(results.values()), notes, self.fixed, self.over)
        if self.language:
            return self._function(
                name, told, [*(line + self.language.end for line in (*rows, *sizes)), *self.lines], list(results), returned
            )
        doc_lines = _indented(docstring(told))
        if self.fixed:
            outside, inside = ([s for s in (*rows, *sizes) if taken.is_outside(s) is there] for there in (True, False))
            inner = self.names.new("function")
            body = [*inside, *self.lines, f"return {', '.join(returned)}"]
            lines = [
                *doc_lines,
                *_indented([*outside, *self.before, "", *taken.head(inner, False), *_indented(body), "", f"return {inner}"]),
            ]
        else:
            lines = [*doc_lines, *_indented([*rows, *sizes, *self.lines, f"return {', '.join(returned)}"])]
        imports = self.texts.imports("\n".join(lines))
        return "\n".join([*imports, *([""] * 2 if imports else []), *taken.head(name, True), *lines]) + "\n"

    def _function(self, name: str, told: Sequence[str], body: Sequence[str], keys: Sequence[str], returned: Sequence[str]) -> str:
        """The program in another language: what it needs, and the function, in the order that the language has them in."""
        assert self.language is not None
        outs = [text if c in self.keys and text == self.keys[c] else "" for c, text in zip(self.codes, returned, strict=True)]
        outs = [
            out if out and out not in outs[:i] else self.names.new(key if len(keys) > 1 else "result")
            for i, (out, key) in enumerate(zip(outs, keys, strict=True))
        ]
        lines = self.language.function(name, self.arguments.every(), told, body, list(zip(outs, returned, strict=True)))
        known, needed = self.language.routines, dict[str, str]()
        words, looked = set(WORDS.findall("\n".join([*body, *returned]))), set[str]()
        while found := sorted((words & known.keys()) - looked):
            for routine in found:
                needed[routine] = known[routine]
                words |= set(WORDS.findall(known[routine]))
            looked |= set(found)
        return self.language.file(self.language.library(words), list(needed.values()), lines)


def _indented(lines: Sequence[str]) -> list[str]:
    return ["    " + line if line else "" for line in lines]


def _grouped(lines: Sequence[str]) -> list[str]:
    """Statements in groups, a blank line after each result; a few are one group."""
    if sum(map(bool, lines)) < GROUPED:
        return list(filter(None, lines))
    return list(lines[:-1] if lines[-1] == "" else lines)
