"""The two things everything is made of: `Op`, a row of the operator table, and `Expr`, an operator applied.

Expressions are frozen and interned: equal expressions are the same object, so ``==`` is ``is`` and
hashing is O(1).  What a node needs to know of itself (shape, weight, turns) is computed once, before it
is seen by anyone, from what its arguments already know, its place among others when it is first asked for; nothing here recurses, so
depth costs nothing.
The table of what is interned holds nothing, and a node and its transpose know of each other without holding each other:
what nobody uses any more is gone.  Only while a question is worked on (`working`) what was made last is held, as it is often made again.
"""

from __future__ import annotations

from _blake2 import blake2b  # without OpenSSL, which `hashlib` loads
from _thread import allocate_lock, get_ident
from _weakref import _remove_dead_weakref  # type: ignore[attr-defined]
from collections import deque
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar
from weakref import ref

import matcalc.expr as E
from matcalc import operators, writing
from matcalc.expr.dims import Shape
from matcalc.limits import MOST_HELD

Turns = tuple[int, int]
Order = tuple[int, str, int, bytes]  # by the row's rank, then by name, then by weight, then by all that it is made of


class Bound(NamedTuple):
    """An index that a sum around it binds: that of the innermost one is 0, of the next 1, and so on."""

    depth: int

    def __repr__(self) -> str:
        return f"·{self.depth}"


@dataclass(frozen=True, eq=False, repr=False, slots=True, weakref_slot=True)
class Op:
    """One row of the operator table: all there is to know about an operator, as data.

    In the formulas ``d`` and ``adjoint`` the arguments are called X, Y, Z (x, y, z
    where the signature says vector or scalar), their differentials dX, dY, …, the cotangent W.
    """

    name: str
    signature: str = ""  # shapes in gufunc notation, "(m,n),(n,p)->(m,p)"; "*,*" for arrays of any one shape, or scalars, entry by entry
    d: str = ""  # the differential; of a function entry by entry its partial derivatives, in the order of its arguments, parted by ;
    adjoint: tuple[str, ...] = ()  # of a map linear in each argument: per argument, the adjoint applied to W
    vec: tuple[str, ...] = ()  # of the same maps: the matrix that takes vec dX to vec f(dX)
    transposed: str = ""  # f(X') is "same": f(X), "transpose": f(X)'; "each": f(X', Y') is f(X, Y)'
    degree: tuple[str, ...] = ()  # per argument, f(cX) = c^degree f(X): "1", "-1", "n" (rows), "m*n" (entries), "abs" (|c|)
    parity: str = ""  # f(-x) is "even": f(x), or "odd": -f(x)
    values: tuple[tuple[int, int | Fraction], ...] = ()  # exact values at numbers
    canonical: Callable[[Op, tuple[Expr, ...]], Expr | None] | None = None  # what is particular: vec(x) = x, det(I) = 1
    result: tuple[str, ...] = ()  # properties of every result: symmetric, psd, …
    range: str = ""  # of the values: positive, nonnegative, negative
    between: str = ""  # of the values: "-1, 1", "1," where there is no upper bound
    curvature: str = ""  # where that does not follow of the second derivative: "convex increasing; nonnegative -> increasing", by what is known of the arguments
    keeps: str = ""  # properties of the result by those of the first argument, "spd -> positive; psd -> nonnegative", or a column of theirs
    beside: str = ""  # what f(X) and X make as neighbours, of shape (n,m) and (m,n), or f(X)' and X where f keeps the shape: projector, psd
    elementwise: bool = False
    inverse: str = ""  # of an injective function: the x' with f(x') = x, "log(x)" of exp, "logm(X)" of expm
    smooth: str = ""  # where it is not differentiable, in words
    domain: str = ""  # what its argument must be, in words
    sample: tuple[str, ...] = ()  # per argument, what the numeric proof draws: a property or a sampler's name
    leaf: Callable[[tuple[Any, ...]], Expr] | None = None  # of a leaf with sizes (K(m,n)): makes it from its data
    build: Callable[[tuple[Expr, ...], Any], Expr] | None = None  # makes it, where its shape needs its data
    flip: Callable[[Expr], Expr] | None = None  # its transpose, where that is another operator or another order
    abstract: tuple[str, int] | None = None  # of a user's function: its name and how often it is differentiated
    derivative: Callable[[], Op] | None = None  # the row of its derivative; at X it is called D in the formulas
    primitive: Callable[[], Op] | None = None  # the row it is the derivative of
    made_by: tuple[Any, ...] | None = None  # of a row that is in no table: the function and the arguments that make it
    spelled: str = ""  # its name in the language, where that is not `name`
    weigh: Callable[[tuple[Expr, ...], Any], int] | None = None  # what there is to read, where that is not a function call
    turning: Callable[[tuple[Expr, ...], Any, Shape], tuple[Turns, bool]] | None = None  # its `turns`, and whether it is symmetric
    binds: bool = False  # an index, in its argument
    real: bool = False  # of complex arguments too
    reals: bool = False  # of real arguments only
    complex: Callable[[Any], bool] | None = None  # of a leaf: whether what it is made of may be no real number
    rank: int = 50  # place among factors and terms: smaller comes first
    latex: str = ""
    unicode: str = ""
    prec: int = 0  # binding strength of the notation; 0: a function call
    numpy: str = ""  # the template of programs
    jax: str = ""  # where it is more than another name of the library
    torch: str = ""
    sympy: str = ""
    source: str = ""  # where the rule stands in the literature
    meaning: str = ""  # what it is, in words or as a formula

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return self.made_by or (operators.row, (self.name,))


class _Making:
    """An expression while it is made: what it knows of itself can still be told."""

    __slots__ = ("op", "args", "data", "shape", "is_scalar", "weight", "turns", "symmetric", "loose", "nested", "complex", "_order", "_flipped", "_conjugate", "_resigned", "_facts", "__weakref__")  # fmt: skip
    op: Op
    args: tuple[Expr, ...]
    data: Any
    shape: Shape
    is_scalar: bool
    weight: int
    turns: Turns
    symmetric: bool
    loose: int
    nested: int
    complex: bool
    _order: Order | None
    _conjugate: ref[Expr] | None
    _flipped: ref[Expr] | None
    _resigned: ref[Expr] | bool | None
    _facts: int | None


class Expr(_Making):
    """An operator applied to expressions; made only by the canonical constructors of this package.

    `data` is what the operator needs besides its arguments (a name, a number, coefficients);
    `is_scalar` says that it is 1×1, `order` sorts terms and factors, `weight` counts what there is to read (names, numbers and operators),
    `turns` is how many transposes the node shows, and how many its transpose would.
    `loose` counts the sums that would have to stand around it, for each of its bound indices to be bound: 0 in all that stands for itself.
    `nested` is how many sums over an index stand in each other below it.
    `complex` says that its entries may be no real numbers, by what it is made of; `conjugate` knows better.

    >>> import matcalc as mc
    >>> A, x = mc.matrix("A", "m", "n"), mc.vector("x", "n")
    >>> e = (A @ x).T @ A @ x
    >>> e, e.shape, e.text()
    (xᵀ Aᵀ A x, (1, 1), "(A*x)'*(A*x)")
    """

    __slots__ = ()

    @property
    def order(self) -> Order:
        """The place of the expression among terms and factors."""
        if self._order is None:
            for e in lacking(self, "_order"):
                _set(e, "_order", _place(e))
        return self._order  # type: ignore[return-value]

    @property
    def is_vector(self) -> bool:
        """Whether it is a column of more than one entry."""
        return self.shape[1] == 1 and self.shape[0] != 1

    @property
    def T(self) -> Expr:
        """The transpose."""
        return E.transpose(self)

    @property
    def H(self) -> Expr:
        """The conjugate transpose."""
        return E.conjugate.adjoint(self)

    def __repr__(self) -> str:
        try:
            write = writing.unicode.unicode
        except ImportError:
            return f"<{self.op.name} {self.data!r} {self.args!r}>"
        return write(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def text(self) -> str:
        """The expression as plain text of the language: `mc.parse` reads it back.

        >>> from matcalc.expr import variable
        >>> variable("X", (2, 3)).T.text()
        "X'"
        """
        return writing.text.text(self)

    def unicode(self) -> str:
        """The expression as one line for a terminal."""
        return repr(self)

    def latex(self) -> str:
        """The expression as LaTeX; needs nothing but amsmath."""
        return writing.latex.latex(self)

    def sympy(self) -> Any:
        """The expression as SymPy's."""
        return writing.sympy.expressions.sympy(self)

    def hadamard(self, other: Any) -> Expr:
        """The product entry by entry, X ⊙ Y; a column or a row is spread over a matrix.

        >>> from matcalc.expr import variable
        >>> X = variable("X", (2, 3))
        >>> X.hadamard(X)
        X.^2
        """
        made = _binary("dot_times", self, other)
        if made is NotImplemented:
            raise TypeError(f"{type(other).__name__} is no expression")
        return made

    def _latex(self, printer: Any, **_: Any) -> str:
        """LaTeX for SymPy's `latex`."""
        return self.latex()

    def _sympystr(self, printer: Any, **_: Any) -> str:
        return repr(self)

    def _sympy_(self) -> Any:
        """The SymPy expression, for SymPy's `sympify`."""
        return self.sympy()

    def __reduce__(self) -> tuple[Any, ...]:
        return E.rebuild.unpack, (E.rebuild.pack(self),)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("expressions are immutable")

    __array_ufunc__ = None  # of an array or a NumPy number and an expression, the expression decides

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Expr:
        return _binary("plus", self, other)

    def __radd__(self, other: Any) -> Expr:
        return _binary("plus", other, self)

    def __sub__(self, other: Any) -> Expr:
        return _binary("minus", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return _binary("minus", other, self)

    def __mul__(self, other: Any) -> Expr:
        return _binary("times", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return _binary("times", other, self)

    __matmul__, __rmatmul__ = __mul__, __rmul__

    def __truediv__(self, other: Any) -> Expr:
        return _binary("over", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return _binary("over", other, self)

    def __pow__(self, other: Any) -> Expr:
        return _binary("to_power", self, other)

    def __rpow__(self, other: Any) -> Expr:
        return _binary("to_power", other, self)

    def __neg__(self) -> Expr:
        return _binary("times", -1, self)

    def __pos__(self) -> Expr:
        return self

    def __getitem__(self, index: Any) -> Expr:
        return E.language.item(self, index)


P = ParamSpec("P")
R = TypeVar("R")

_set = object.__setattr__
_one_at_a_time = allocate_lock()


class _Held(ref[Expr]):
    """An expression that is known, not held by being so, and what it is known by."""

    __slots__ = ("key",)
    key: tuple[Any, ...]


_interned: dict[tuple[Any, ...], _Held] = {}


def _forget(gone: _Held, known: dict[tuple[Any, ...], _Held] = _interned, remove: Callable[..., None] = _remove_dead_weakref) -> None:
    """Lets go of an expression that nobody uses; of its successor, where there is one already, not.  Also while Python ends."""
    remove(known, gone.key)


class _Made(NamedTuple):
    """The caches of one question: nothing is remembered between questions."""

    last: deque[Expr]
    known: dict[str, dict[Any, Any]]


_made: dict[int, _Made] = {}  # by each thread that works on a question


def working(f: Callable[P, R]) -> Callable[P, R]:
    """`f`, as a question: what is made on the way is held until it is answered."""

    @wraps(f)
    def asked(*args: P.args, **named: P.kwargs) -> R:
        thread = get_ident()
        if thread in _made:
            return f(*args, **named)
        _made[thread] = _Made(deque(maxlen=MOST_HELD), {})
        try:
            return f(*args, **named)
        finally:
            del _made[thread]

    return asked


def known_so_far(what: str) -> dict[Any, Any]:
    """The findings of the kind `what` since the question was asked: a dictionary to be read and filled."""
    made = _made.get(get_ident())
    return {} if made is None else made.known.setdefault(what, {})


def node(op: Op, args: tuple[Expr, ...], data: Any, shape: Shape) -> Expr:
    """The one expression `op`(`args`); callers have brought the arguments into canonical form."""
    key = (op, args, data, shape)
    known = _interned.get(key)
    found = None if known is None else known()
    if found is not None:
        return found
    made: Any = _Making()
    made.op = op
    made.args = args
    made.data = data
    made.shape = shape
    weight, loose, nested = 1, 0, 0
    may_be_complex = op.complex is not None and op.complex(data)
    for arg in args:
        weight += arg.weight
        if arg.complex:
            may_be_complex = True
        if arg.loose > loose:
            loose = arg.loose
        if arg.nested > nested:
            nested = arg.nested
    if not args:
        if type(data) is tuple and type(data[0]) is Bound:
            loose = data[0].depth + 1
    elif op.binds:
        loose, nested = max(loose - 1, 0), nested + 1
    made.loose = loose
    made.nested = nested
    made.complex = may_be_complex and not op.real
    made.weight = weight if op.weigh is None else op.weigh(args, data)
    made.is_scalar = shape == (1, 1)
    if made.is_scalar:
        turns, symmetric = (0, 0), False
    else:
        turns, symmetric = op.turning(args, data, shape) if op.turning is not None else _turning(op, args)
    made.symmetric = symmetric
    made.turns = (turns[0], turns[0]) if symmetric else turns
    made._order = made._flipped = made._conjugate = made._resigned = made._facts = None
    made.__class__ = Expr
    held = _Held(made, _forget)
    held.key = key
    with _one_at_a_time:
        known = _interned.get(key)
        found = None if known is None else known()
        if found is None:
            _interned[key] = held
    out: Expr = found or made  # another thread may have made it meanwhile
    question = _made.get(get_ident())
    if question is not None:
        question.last.append(out)
    return out


def lacking(root: Expr, finding: str) -> Iterator[Expr]:
    """The nodes below `root` that have no `finding`, which whoever asks gives to each of them, arguments first."""
    stack = [(root, False)]
    while stack:
        e, ready = stack.pop()
        if getattr(e, finding) is not None:
            continue
        if ready:
            yield e
        else:
            stack.append((e, True))
            stack += [(a, False) for a in e.args]


def _place(e: Expr) -> Order:
    """The order of a node whose arguments have theirs."""
    digest = blake2b(repr((e.op.name, e.data, e.shape)).encode(), digest_size=8)
    label = ""
    if e.args:
        for arg in e.args:
            _, name, _, of_arg = arg._order  # type: ignore[misc]
            digest.update(of_arg)
            if len(label) < 24:
                label += name + "."
    elif e.data is not None:
        label = str(e.data[0] if type(e.data) is tuple else e.data)
    return (e.op.rank, label[:24], e.weight, digest.digest())


def _turning(op: Op, args: tuple[Expr, ...]) -> tuple[Turns, bool]:
    """The transpose, by the columns of the row."""
    turns = (0, 0) if op.leaf is not None else (0, 1)  # the transpose of a leaf is another of them
    if op.transposed == "each" or op.flip is not None:
        turns = (sum(a.turns[0] for a in args), sum(a.turns[1] for a in args))
    if op.transposed == "transpose":
        turns = E.turning.of_argument(args[0]) if op.elementwise else (0, int(not E.transposing.is_skew(args[0])))
    keeps = op.transposed in ("each", "transpose") and bool(args)
    each = keeps and all(a.symmetric or a.shape == (1, 1) for a in args)
    return turns, "symmetric" in op.result or each or op.parity == "even" and E.transposing.is_skew(args[0])


def postorder(*roots: Expr, known: Container[Expr] = ()) -> list[Expr]:
    """Every node below `roots` once, arguments before what uses them; what is `known`, and what is only below it, left out."""
    seen: set[Expr] = set()
    out: list[Expr] = []
    stack: list[Expr | None] = [*reversed(roots)]
    while stack:
        e = stack.pop()
        if e is None:  # what is below it has its arguments behind it
            out.append(stack.pop())  # type: ignore[arg-type]
        elif e not in seen and e not in known:
            seen.add(e)
            if e.args:
                stack += (e, None, *reversed(e.args))
            else:
                out.append(e)
    return out


def below(root: Expr) -> list[Expr]:
    """`postorder(root)`, found once in a question; nobody changes it."""
    known = known_so_far("nodes below")
    found: list[Expr] | None = known.get(root)
    if found is None:
        found = known[root] = postorder(root)
    return found


def _binary(name: str, a: Any, b: Any) -> Expr:
    try:
        a, b = E.language.as_expr(a), E.language.as_expr(b)
    except TypeError:
        return NotImplemented  # type: ignore[no-any-return]
    made: Expr = getattr(E.language, name)(a, b)
    return made
