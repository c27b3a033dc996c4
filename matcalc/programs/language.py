"""Languages of matrices beside Python: what a language is, and how the templates of forms are said in it.

Arrays of such a language are stored column by column and counted from one; a vector is a column.  A template is written in Python's
grammar, as NumPy's are, so one text serves Python and all of these.  It is not run: its operators and calls are said anew.

| in a template          | means                                                                                     |
|------------------------|-------------------------------------------------------------------------------------------|
| ``np.exp(x)``          | a function of each entry, by what `names` call it                                         |
| ``+ - * / **``         | of each entry; arrays of fewer axes are spread as NumPy does                              |
| ``@``, ``^``, ``//``   | the product and the power of matrices, and the solution of a system of equations         |
| ``inner(x, y)``        | a function of whole arrays, by what `names` call it, or its own name                      |
| ``x[1, :]``            | entries, from zero in the template, from one in what is said                              |
| ``{out} = …``          | a statement                                                                               |

What `names` say may be a template again: ``"sc.expit": "1 / (1 + np.exp(-{0}))"``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from matcalc.errors import UnsupportedError
from matcalc.expr.dims import Size
from matcalc.expr.node import Op
from matcalc.programs import forms as F
from matcalc.programs.arrays import broadcast
from matcalc.programs.forms import ADD, ATOM, MUL, POW, Code, Form
from matcalc.programs.targets import BINDING, Pieces, parsed

NAME = ATOM + 1  # what must have a name
PLACE = re.compile(r"\{([\w*;]+):(\d)\}")
WORD = re.compile(r"[^\W\d]\w*")
CALLED = re.compile(r"(?<![\w.])[^\W\d]\w*")  # and belongs to nothing
PLACES = re.compile(r"\{.*?\}")
Template = str | Callable[[Code], str]


@dataclass(frozen=True)
class Language:
    """The spellings that a language of matrices has of its own; all else follows from NumPy's templates."""

    called: str
    names: Mapping[str, str]  # of functions: another name, or a template
    forms: Mapping[Form | str, Template]  # what is written otherwise than in NumPy, by form or name
    keywords: Collection[str]
    routines: Mapping[str, str]  # the text of each that a program may bring along
    library: Callable[[Collection[str]], list[str]]  # the lines that make words of a program known
    identifier: Callable[[str], str]  # a name as the language would write it
    function: Callable[..., list[str]]  # name, arguments, documentation, statements, what is returned by name
    file: Callable[[Sequence[str], Sequence[str], Sequence[str]], str]  # of the library's lines, routines, and the lines of the function
    sizes: Callable[[Sequence[str], str], str]  # the statement that finds the rows and columns of a matrix
    alone: Collection[Form]  # factorisations that are not written where they serve once: the matrix is divided by
    whole: str  # a division without rest
    flat: str  # a row as a vector
    column: str = "{}"  # a vector as a matrix
    full: str = "{}"  # what may be kept as a diagonal matrix, with all its entries
    comment: str = "# "
    end: str = ""  # of a statement
    brackets: tuple[str, str] = ("[", "]")
    quote: str = '"'
    anonymous: str = "{} -> {}"
    dotted: bool = True  # whether functions of each entry, and sums that spread, have a dot
    indexed: int = ATOM  # how tightly an array must bind to be indexed
    turned: int = ATOM  # how tightly a transpose binds

    @cached_property
    def reserved(self) -> frozenset[str]:
        """The words that no argument may have: keywords, and all that a program may call."""
        said = [*self.names.values(), *(t for t in self.forms.values() if isinstance(t, str))]
        words = {w for text in said for w in CALLED.findall(PLACES.sub("", text))} - {"np", "sc", "lambda"} | {"direction"}
        return frozenset([*self.keywords, *self.routines, *(w for w in words if w not in self.names or self.names[w] == w)])

    def axis(self, x: str, axis: int, count: int) -> str:
        """The length of an axis of `x`, which has `count`."""
        return f"length({x})" if count == 1 else f"size({x}, {axis + 1})"

    def pieces(self, c: Code) -> Pieces:
        """The template for `c`: (text and placeholders in turn, what follows, how tightly the whole binds)."""
        return _Saying(self, c).pieces()

    def refused(self, c: Code) -> UnsupportedError:
        what = c.form.name if isinstance(c.form, Op) else f"a sum over an index ({c.form.name.replace('_', ' ')} of stacked arrays)"
        return UnsupportedError(f"{what} has no program for {self.called}", hint="there are numpy, jax and torch")


class _Saying:
    """The template of one piece of code, said in a language."""

    def __init__(self, language: Language, c: Code) -> None:
        self.language, self.c = language, c
        given = language.forms.get(c.form, language.forms.get(c.form.name, c.form.numpy))  # type: ignore[arg-type]
        self.template = given(c) if callable(given) else given
        if not self.template:
            raise language.refused(c)

    def pieces(self) -> Pieces:
        tree, self.places = parsed(self.template)
        whole = "\n".join(self.statement(s) for s in tree.body)
        parts = PLACE.split(whole)
        binds = self.binds(tree.body[0].value) if isinstance(tree.body[0], ast.Expr) else 0
        return tuple((parts[i], parts[i + 1], int(parts[i + 2])) for i in range(0, len(parts) - 1, 3)), parts[-1], binds

    def statement(self, s: ast.stmt) -> str:
        match s:
            case ast.Expr(value=value):
                return self.said(value)
            case ast.Assign(targets=[target], value=value):
                return f"{self.said(target)} = {self.said(value)}{self.language.end}"
        raise self.language.refused(self.c)

    # --- what is known of a piece of the template ---------------------------------------------------------------

    def place(self, node: ast.AST) -> str:
        return self.places.get(node.id, "") if isinstance(node, ast.Name) else ""

    def operand(self, node: ast.AST) -> Code | None:
        place = self.place(node)
        return self.c.args[int(place)] if place.isdigit() else None

    def called(self, node: ast.Call) -> str:
        """The language's name for a function, or the template of what it is."""
        name = ast.unparse(node.func)
        if ("." in name or name.startswith("_")) and name not in self.language.names:
            raise self.language.refused(self.c)
        return self.language.names.get(name, name)

    def shape(self, node: ast.AST) -> tuple[Size, ...]:
        match node:
            case ast.Constant() | ast.Attribute(value=ast.Name(id="np")):
                return ()
            case ast.Name():
                found = self.operand(node)
                return found.shape if found else self.c.shape
            case ast.UnaryOp(operand=a):
                return self.shape(a)
            case ast.Attribute(value=a, attr="T"):
                return (1, *self.shape(a))[:0:-1] if len(self.shape(a)) > 1 else (1, *self.shape(a))
            case ast.Call(func=ast.Attribute(), args=args):
                return broadcast(*map(self.shape, args))
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(), right=b):
                return broadcast(self.shape(a), self.shape(b))
            case ast.Compare(left=a, comparators=[b]):
                return broadcast(self.shape(a), self.shape(b))
        return self.c.shape

    def opened(self, node: ast.AST) -> ast.AST:
        """A call of what is a template itself, with its arguments in their places."""
        if isinstance(node, ast.Call) and not self.place(node.func) and "{" in (text := self.called(node)):
            tree, places = parsed(text)
            assert isinstance(tree.body[0], ast.Expr)
            given = {name: node.args[int(place)] for name, place in places.items()}
            return self.opened(_Filled(given).visit(tree.body[0].value))
        return node

    def binds(self, node: ast.AST) -> int:
        """How tightly it binds."""
        match self.opened(node):
            case ast.BinOp(op=op):
                return LEVELS[type(op)][0]
            case ast.UnaryOp():
                return MUL
            case ast.Attribute(attr="T"):
                return self.language.turned
            case ast.Compare() | ast.Lambda() | ast.Call(func=ast.Name(id="upto")):
                return 0
        return ATOM

    # --- the text -----------------------------------------------------------------------------------------------

    def said(self, node: ast.AST, least: int = 0, within: int = 0) -> str:
        """The text of a piece, in parentheses where it binds less than `least`; placeholders say how tightly an operand must.

        `within` is the number of axes of what is combined entry by entry.
        """
        node = self.opened(node)
        place = self.place(node)
        if place:
            return self.placed(node, place, least, within)
        text = self.text(node, within)
        return f"({text})" if self.binds(node) < least else text

    def placed(self, node: ast.AST, place: str, least: int, within: int) -> str:
        operand = self.operand(node)
        if operand is not None and operand.form is F.COLUMN and isinstance(self.c.form, Op) and not self.c.form.elementwise:
            return self.language.column.format(f"{{{place}:{least if self.language.column == '{}' else 0}}}")
        spread = operand is not None and operand.ndim == within == 2 and any(a.shape not in ((), operand.shape) for a in self.c.args)
        if spread and operand is not None and is_special(operand, (F.DIAG, F.EYE)):
            return self.language.full.format(f"{{{place}:{least if self.language.full == '{}' else 0}}}")
        if operand is None or not 0 < operand.ndim < within:
            return f"{{{place}:{least}}}"
        if operand.ndim == 1 and within == 2:  # NumPy spreads a vector over rows
            text = f"{{{place}:{max(self.language.turned, POW)}}}'"
            return f"({text})" if self.language.turned < least else text
        return f"front({{{place}:0}}, {operand.ndim}, {within})"

    def text(self, node: ast.AST, within: int) -> str:
        match node:
            case ast.Constant(value=str() as text):
                return f"{self.language.quote}{text}{self.language.quote}"
            case ast.Constant(value=value):
                return repr(value)
            case ast.Name(id=name):
                return self.language.names.get(name, name)
            case ast.Attribute(value=ast.Name(id="np"), attr=name):
                return self.language.names[f"np.{name}"]
            case ast.Attribute(value=value, attr="T"):
                return f"{self.said(value, max(self.language.turned, POW))}'"
            case ast.Attribute(value=value, attr=name):
                return f"{self.said(value, self.language.indexed)}.{name}"
            case ast.Subscript(value=value, slice=ast.Tuple(elts=places)):
                return self.indexed(value, places)
            case ast.Subscript(value=value, slice=place):
                return self.indexed(value, [place])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.said(operand, MUL, within)}"
            case ast.BinOp() | ast.Compare():
                return self.operation(node)
            case ast.Call():
                return self.call(node)
            case ast.Tuple(elts=elements):
                return f"({', '.join(map(self.said, elements))})"
            case ast.List(elts=elements):
                return f"[{', '.join(map(self.said, elements))}]"
            case ast.Lambda(args=arguments, body=body):
                return self.language.anonymous.format(arguments.args[0].arg, self.said(body))
        raise self.language.refused(self.c)

    def operation(self, node: ast.BinOp | ast.Compare) -> str:
        left, right, op = (node.left, node.right, node.op) if isinstance(node, ast.BinOp) else (node.left, node.comparators[0], node.ops[0])
        mark, (_, before, after) = OPERATORS[type(op)], LEVELS.get(type(op), (0, ADD, ADD))
        within = 0
        if not isinstance(op, ast.MatMult | ast.FloorDiv | ast.BitXor):
            a, b = self.shape(left), self.shape(right)
            within = len(broadcast(a, b))
            mark = self.dots(mark, a, b) + mark
        space = "" if mark == "^" else " "
        return f"{self.said(left, before, within)}{space}{mark}{space}{self.said(right, after, within)}"

    def dots(self, mark: str, a: tuple[Size, ...], b: tuple[Size, ...]) -> str:
        """The dot of an operator on entries of arrays, where it would mean something else without."""
        if mark in "+-":
            needed = self.language.dotted and a != b
        elif mark in "*/^":
            needed = bool(b) and (bool(a) or mark != "*") or mark == "^" and bool(a)
        else:
            needed = self.language.dotted and bool(a or b)
        return "." * needed

    def call(self, node: ast.Call) -> str:
        entrywise = isinstance(node.func, ast.Attribute) or self.c.form is F.MAPPED
        shape = broadcast(*map(self.shape, node.args)) if entrywise else ()
        function = self.said(node.func, ATOM) if self.place(node.func) else self.called(node)
        if function == "upto":
            return f"1:{self.said(node.args[0], ADD)}"
        arguments = [self.said(a, 0, len(shape)) for a in node.args]
        arguments += [f"{k.arg}={self.said(k.value)}" for k in node.keywords]
        return f"{function}{'.' * bool(shape and self.language.dotted)}({', '.join(arguments)})"

    def indexed(self, value: ast.AST, places: Sequence[ast.AST]) -> str:
        begin, end = self.language.brackets
        return f"{self.said(value, self.language.indexed)}{begin}{', '.join(map(self.index, places))}{end}"

    def index(self, node: ast.AST) -> str:
        """A place counted from one."""
        match node:
            case ast.Slice(lower=None, upper=None, step=None):
                return ":"
            case ast.Slice(lower=None, upper=None):
                return "end:-1:1"
            case ast.Constant(value=int(k)):
                return str(k + 1)
            case ast.UnaryOp(operand=ast.Constant(value=int(k))):
                return "end" + f" - {k - 1}" * (k > 1)
            case ast.Name() if (operand := self.operand(node)) is not None and not operand.ndim:
                return f"{{i{self.place(node)}:0}}"
        return self.said(node)


def is_special(c: Code, kept: Sequence[Form] = (F.T, F.DIAG, F.EYE)) -> bool:
    """Whether a language may keep it otherwise than as an array of all entries: a diagonal matrix, a transpose, a triangle."""
    while c.form in (F.NEG, F.OVER) or c.form is F.TIMES and not c.args[0].shape:
        c = c.args[c.form is F.TIMES]
    return c.form in kept and c.ndim == 2 or c.form.name == "chol"


class _Filled(ast.NodeTransformer):
    """Puts what is given in the places of names."""

    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.given.get(node.id, node)


OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.MatMult: "*", ast.FloorDiv: "\\", ast.BitXor: "^",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==",
}  # fmt: skip
# How tightly an operator binds, and its operands must.
LEVELS = {**BINDING, ast.FloorDiv: BINDING[ast.MatMult], ast.BitXor: BINDING[ast.Pow]}

# What is the same in all of these languages.
NAMES: dict[str, str] = {
    **{f"np.{name}": name for name in "sin cos tan sinh cosh tanh asinh acosh atanh exp log log1p expm1 abs sign sqrt hypot real imag angle pi".split()},
    **{f"np.arc{name}": f"a{name}" for name in "sin cos tan sinh cosh tanh".split()},
    **{f"sc.{name}": name for name in "erf erfc erfcx".split()},
    "np.nan": "NaN", "np.inf": "Inf", "np.maximum": "max", "np.minimum": "min",
    "np.heaviside": "(np.sign({0}) + 1) / 2",
    "np.logaddexp": "np.maximum({0}, {1}) + np.log1p(np.exp(-np.abs({0} - {1})))",
    "np.clip": "np.minimum(np.maximum({0}, {1}), {2})",
    "sc.expit": "1 / (1 + np.exp(-{0}))",
    "_finite_exp": "np.exp(np.minimum({0}, 709))",
    "sc.ndtr": "sc.erfc(-{0} / np.sqrt(2)) / 2",
    "sc.log_ndtr": "np.where({0} < -1, np.log(sc.erfcx(-{0} / np.sqrt(2)) / 2) - {0}**2 / 2, np.log1p(-sc.erfc({0} / np.sqrt(2)) / 2))",
    "sc.xlogy": "np.where({0} == 0, 0, {0} * np.log({1}))",
    "sc.huber": "np.where(np.abs({1}) <= {0}, {1}**2 / 2, {0} * (np.abs({1}) - {0} / 2))",
}  # fmt: skip


def _matmul(c: Code) -> str:
    a, b = (x.ndim for x in c.args)
    if max(a, b) > 2:
        return f"stacked({', '.join(f'{{{i}}}' if x.ndim > 2 else f'front({{{i}}}, 2, 3)' for i, x in enumerate(c.args))})"
    return "dot({0}, {1})" if a == b == 1 else "{1}.T @ {0}" if a == 1 else "{0} @ {1}"


def _item(c: Code) -> str:
    return "row({0}, {1})" if c.ndim else "{0}[{1}]"


def _take(c: Code) -> str:
    if c.args[1].form is not F.PERMUTATION:
        return ""
    return "{0}[{1}]" if c.ndim == 1 else "{0}[{1}, :]"


def of_matrices(text: str) -> Callable[[Code], str]:
    """A template that arrays of more than two axes have not."""
    return lambda c: text if all(a.ndim <= 2 for a in c.args) else ""


def _swapped_sides(rows: bool, columns: bool) -> str:
    order = "vec(reshape(upto({%d} * {%d}), {%d}, {%d}).T)"
    return f"{{0}}[{order % (1, 2, 2, 1) if rows else ':'}, {order % (3, 4, 4, 3) if columns else ':'}]"


def _blocks(text: str, outer: str, place: int) -> Callable[[Code], str]:
    """Blocks, of small matrices along a first axis or of one for all."""
    return lambda c: text.format(outer, f"{{{place}}}" if c.args[place].ndim > 2 else f"front({{{place}}}, 2, 3)")


def _kron_sum(c: Code) -> str:
    return " + ".join(f"kron({{{i}}}, {{{i + 1}}})" for i in range(0, len(c.args), 2))


FORMS: dict[Form | str, Template] = {
    "lgamma": "sc.gammaln({0})", "digamma": "sc.digamma({0})", "trigamma": "sc.trigamma({0})", "tetragamma": "sc.polygamma(2, {0})",
    F.LOGISTIC: "1 / (1 + np.exp({0}))", F.MATMULS: _matmul, F.OUTER: "{0} @ {1}.T", F.ROW: "{0}.T", F.INVERSE_TIMES_TERM: "{0} @ {1}",
    **dict.fromkeys((F.COLUMN, F.DEEP, F.ASARRAY, F.CONSTANT), "{0}"), F.MIDDLE: "middle({0})",
    F.RESHAPE: lambda c: "reshape(swapped_first({0}), {1}, {2})" if c.args[0].ndim else "one_by_one({0})",
    F.FIRST: "reshape({0}, size({0}, 1), size({0}, 3))", F.CUBE: "swapped_first(reshape({0}, {2}, {1}, {3}))", F.TENSORDOT: "first_times({0}, {1})",
    F.ITEM: _item, F.TAKE: _take, F.PERMUTATION: "vec(reshape(upto({0} * {1}), {0}, {1}).T)",
    F.INNER: "inner({0}, {1})", F.TRACE_OF_PRODUCT: "inner({0}.T, {1})", F.TRACE: "tr({0})", F.DIAGONAL: "diag({0})",
    F.SUM_ROWS: of_matrices("sum_rows({0})"), F.SUM_COLUMNS: of_matrices("sum_columns({0})"), F.LARGEST_IN_ROWS: of_matrices("largest_in_rows({0})"),
    F.MATRIX_POWER: "{0} ^ {1}", F.KRON: "kron({0}, {1})", F.KRON_SUM: _kron_sum, F.COMMUTED_KRON_SUM: lambda c: f"commuted({_kron_sum(c)}, size({{0}}, 1))",
    F.ONES2: "ones({0}, {1})", F.ZEROS2: "zeros({0}, {1})", F.UNIT: "{out} = zero_vector({1})\n{out}[{0}] = 1",
    F.SET_COLUMN: "{out} = zeros({1}, {2})\n{out}[:, {3}] = {0}", F.SET_ROW: "{out} = zeros({1}, {2})\n{out}[{3}, :] = {0}",
    F.SET_ENTRY: "{out} = zeros({0}, {1})\n{out}[{2}, {3}] = 1", F.TILE: lambda c: "repeat({0}%s, {1}, {2})" % (".T" if c.args[0].ndim == 1 else ""),
    **{form: _blocks("of_{}({}, {{1}})", outer, 0) for outer, form in zip(("blocks", "outer_blocks"), F.OF_BLOCKS, strict=True)},
    **{form: _blocks("{{0}} + of_{}({}, {{2}})", outer, 1) for outer, form in zip(("blocks", "outer_blocks"), F.PLUS_BLOCKS, strict=True)},
    F.KRON_DIAG[0]: "kron({0}, Diagonal({1}))", F.KRON_DIAG[1]: "kron(Diagonal({1}), {0})", F.INSIDE: "inside({0}, {1}, {2})",
    **{form: _swapped_sides(*sides) for sides, form in F.SWAPPED_SIDES.items()}, F.ADD_DIAGONALS: "plus_diagonals({0}, {1})",
    F.BLOCK_DIAGONAL_GRAM: "block_diagonal_gram({0}, {1}, {2})", F.GRAM: "gram({0}, {1}, {0})", F.GRAM2: "gram({0}, {1}, {2})",
    F.FACTOR_SOLVE: "{0} // {1}", F.FACTOR_SOLVE_TURNED: "{0}.T // {1}", F.FACTOR_ADJ: "adjugate({1})",
    F.ALONE[F.FACTOR_DET]: "det({0})", F.EIGENVALUES: "{0}.values", F.EIGENVECTORS: "{0}.vectors", F.RESOLVENT: "resolvent({0})", F.PINV_OF_RANK: "pinv({0})",
    "pinv": "pinv({0})", "prod": "total_product({0})", "polar": "polar({0})", "lambda_max": "largest_eigenvalue({0})", "v_max": "top_eigenvector({0})",
    "normnuc": "sum_of({0})", "khatrirao": "khatri_rao({0}, {1})", "blockinner": "blockinner({0}, {1})", "blocksum": "blocksum({0}, {1})",
    "others": "products_of_others({0})", "tril": "tril({0})", "triu": "triu({0})", "vec": "vec({0})", "unvec": "reshape({0}, {rows}, {columns})",
    **{kind.format(f): text.format(f) for f in ("expm", "logm", "cosm", "sinm") for kind, text in {
        "{}": "{}({{0}})", "{}_frechet": "frechet(at_{}, {{0}}, {{1}})", "{}_frechet2": "frechet2(at_{}, {{0}}, {{1}}, {{2}})",
        "{}_jacobian": "jacobian_of(lambda direction: frechet(at_{}, {{0}}, direction), {{0}})",
        "{}_jacobian2": "jacobian_of(lambda direction: frechet2(at_{}, {{0}}, {{1}}, direction), {{0}})",
    }.items()},
}  # fmt: skip
