"""The walk from an expression to its notation, which text, LaTeX and Unicode share.

What an operator looks like is a form of the language (``forms``) or a column of its row; where parentheses,
signs, fractions and sizes go is decided here.  A part is asked for with its place: whether the place shows how
many rows and columns it must have, so that I and ones need no size there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.errors import LimitError
from matcalc.expr import (
    ONE,
    PLAIN,
    Expr,
    Manner,
    Op,
    Size,
    add,
    coefficient_and_rest,
    factors,
    is_ones,
    opened,
    split,
    transpose,
    untransposed,
)
from matcalc.expr import heads as H
from matcalc.expr.conjugate import conjugate
from matcalc.expr.grids import rows_of
from matcalc.expr.heads import Number
from matcalc.expr.indices import LETTERS, lettered, names_in
from matcalc.expr.manner import Term
from matcalc.expr.node import Bound, node
from matcalc.expr.products import scalars as scalars_of
from matcalc.expr.products import scaled
from matcalc.limits import LONGEST_ANSWER
from matcalc.writing import layout as binds
from matcalc.writing.layout import Asking, Fences, Form, Layout, fenced, filled, laid, lay_out, stacked, string
from matcalc.writing.shortening import (
    BLOCK,
    COLUMN,
    COLUMNS,
    ENTRY,
    ITEM,
    PART,
    ROW,
    ROWS,
    as_inverse,
    is_constant,
    padded_identity,
    reciprocal,
    shortened,
    with_means,
    with_roots,
)

Place = tuple[bool, bool]  # whether the number of rows and of columns is plain to see there
Part = tuple[Expr, Place]
Writing = Asking[Part]
STOREYS = 2  # of fractions in fractions
FREE, FIXED = (False, False), (True, True)


@dataclass(frozen=True)
class Language:
    """A language to write in: its forms, its names, and the few habits that are no matter of form."""

    forms: Mapping[str, Form]
    fences: Fences
    plus: str
    minus: str
    negative: str
    hadamard: str
    times: Callable[[Layout, Layout], str]  # what stands between two factors
    symbol: Callable[[str], tuple[str, int]]  # a name, and how strongly it binds
    sizes: Callable[[Sequence[Size]], str]
    row: Callable[[Op], tuple[str, int]]  # a row's notation: a template, or what stands before the parentheses
    blocks: tuple[str, str, str, str] = ("[", ", ", "; ", "]")  # what stands around, between the columns and between the rows of blocks
    joined: Callable[[Sequence[str]], str] = ",".join  # the indices of a member
    whole: Callable[[int], str] | None = None  # a whole exponent, where it is raised
    sums: bool = False  # writes sum, mean, rowsum, and spreads scalars, as one types
    stacked: bool = False  # has fractions
    taken: frozenset[str] = frozenset()  # names that no index of a sum may have
    manner: Manner = PLAIN  # of the author: orders, and matrices whose rows are vectors x_i


def write(language: Language, e: Expr) -> str:
    """`e` in the language.

    Raises LimitError where that is longer than a million characters.
    """
    if e.weight > LONGEST_ANSWER:
        raise _too_long()
    if e.nested:
        language = replace(language, taken=frozenset(names_in(e)))
        e = lettered(e)
    if language.manner.parted and untransposed(e).op is H.SELECT:
        e = padded_identity(e)
    made = lay_out((e, FREE), lambda part: _part(language, *part))
    if made.length > LONGEST_ANSWER:
        raise _too_long()
    return string(made)


def _too_long() -> LimitError:
    return LimitError(
        f"written out, this has more than {LONGEST_ANSWER:,} characters", hint="use the generated program (code, --to numpy), or --named"
    )


def _part(w: Language, e: Expr, place: Place) -> Writing:
    if place != FREE and _is_square(e):
        place = FIXED
    if e.complex and e.args and e.op not in PARTS and (made := _conjugated(w, e)) is not None:
        return (yield from made)
    if e.op.name == "form":
        e = _in_order(e)
    leaf = LEAVES.get(e.op)
    if leaf is not None:
        return leaf(w, e, place)
    return (yield from HEADS.get(e.op, _applied)(w, e, place))


def _conjugated(w: Language, e: Expr) -> Writing | None:
    """Writes as a conjugate what is shorter so: conj(A*z) for conj(A)*conj(z); X^H for the transpose of a conjugate."""
    if e.op is H.TRANSPOSE:
        inner = conjugate(e.args[0])
        return _adjoint(w, inner) if inner.weight < e.args[0].weight else None
    if e.op is H.CONJ:
        return _bar(w, e.args[0])
    other = conjugate(e)
    if other.weight + 1 >= e.weight:
        return None
    c, rest = coefficient_and_rest(other)  # a number stands before the conjugate
    return _bar(w, rest) if c == 1 else _part(w, scaled(c, node(H.CONJ, (rest,), None, e.shape)), FREE)


def _bar(w: Language, e: Expr) -> Writing:
    return _formed(w, "conj", (yield e, FREE))


def _adjoint(w: Language, e: Expr) -> Writing:
    if e.op is H.MATPOWER and e.data == -1:
        return _formed(w, "inverse adjoint", (yield e.args[0], FREE))
    return _formed(w, "adjoint", (yield e, FREE))


# --- leaves ----------------------------------------------------------------------------------------------------


def _value(w: Language, c: Number) -> Layout:
    if c < 0:
        return laid(binds.SUM, w.negative, _value(w, -c))
    if c.denominator != 1:
        return _formed(w, "over", laid(binds.ATOM, str(c.numerator)), laid(binds.ATOM, str(c.denominator)))
    return laid(binds.ATOM, str(c))


def _named(w: Language, name: str) -> Layout:
    symbol, strength = w.symbol(name)
    return laid(strength, symbol)


def _unit(w: Language, e: Expr, place: Place) -> Layout:
    form = "unit" if place[0] or "free unit" not in w.forms else "free unit"
    return _formed(w, form, _index(w, e.data[0]), _sizes(w, e.data[1:]))


def _sizes(w: Language, sizes: Sequence[Size]) -> Layout:
    """The sizes that a symbol bears, as one operand."""
    written = w.sizes(sizes)
    return laid(binds.ATOM if written.isalnum() else binds.PRODUCT, written)


Index = int | str | tuple[int | str, Size]


def _index(w: Language, i: Index) -> str:
    if isinstance(i, Bound):
        return f"{LETTERS[i.depth]}"
    if isinstance(i, tuple):
        moved = str(i[1]) if isinstance(i[1], int) and i[1] < 0 else f"+{w.sizes(i[1:])}"
        return _index(w, i[0]) + moved * (i[1] != 0)
    return str(i) if isinstance(i, int) else w.symbol(i.partition("·")[0])[0]


def _select(w: Language, e: Expr, place: Place) -> Layout:
    n, m, first = e.data
    return _formed(w, "columns", _formed(w, "identity", _sizes(w, (n,))), _stretch(w, first, m))


def _stretch(w: Language, first: Size, count: Size) -> str:
    """From where to where: 2:n; of one, where: n+1."""
    ends = (first + 1, first + count) if count != 1 else (first + 1,)
    return ":".join(w.sizes((n,)).removeprefix("(").removesuffix(")") for n in ends)


def _one_block(b: Layout) -> Layout:
    """What stands alone in its row, [(A x); y], where a blank in it could part two blocks."""
    return laid(binds.ATOM, "(", b, ")") if " " in re.sub(" [+−] ", "", string(b)) else b


# --- sums over an index, and what they are over ------------------------------------------------------------------


def _sigma(w: Language, e: Expr, place: Place) -> Writing:
    index, body = opened(e, w.taken)
    made = yield body, place
    made = made if body.op is H.SIGMA else fenced(made, binds.PRODUCT, w.fences)
    return _formed(w, "sum over", _index(w, index), w.sizes(e.data[1:]), made)


def _onehot(w: Language, e: Expr, place: Place) -> Writing:
    labels = yield e.args[0], FREE
    return _formed(w, "onehot", labels, w.sizes(e.data))


def _member(w: Language, e: Expr, place: Place) -> Writing:
    """Σ_k, z_ij, x_{t+1}; at what is no unit vector, the family with that in brackets."""
    of, *at = e.args
    places = [_at(w, u) for u in at]
    if all(p is not None for p in places):
        return _formed(w, "member", _named(w, of.data[0]), w.joined([p for p in places if p is not None]))
    made: list[Layout] = []
    for u in at:
        made.append((yield u, FREE))
    inside = [part for m in made for part in (", ", m)][1:]
    return laid(binds.ATOM, _named(w, of.data[0]), "[", *inside, "]")


def _at(w: Language, u: Expr) -> str | None:
    """The index whose unit vector `u` is: k, 3, or t + 1."""
    if u.op is H.UNIT:
        return _index(w, u.data[0])
    chain = factors(u)
    if u.op is H.PRODUCT and u.data == (1, 0) and len(chain) == 2 and chain[0].op is H.SELECT and chain[1].op is H.UNIT:
        return _index(w, (chain[1].data[0], chain[0].data[2]))
    return None


# --- blocks --------------------------------------------------------------------------------------------------------


def _grid(w: Language, e: Expr, place: Place) -> Writing:
    """Rows of blocks; I and 0 bear no size where their neighbours have it."""
    if e.turns[0] > e.turns[1] + (e.shape[0] != 1):  # [x', y'] is [x; y]'
        return _formed(w, "transpose", (yield transpose(e), FREE))
    rows = rows_of(e)
    sized = [[b.op is not H.ZERO and b.op is not H.IDENTITY for b in row] for row in rows]
    opening, column, line, closing = w.blocks
    parts: list[str | Layout] = [opening]
    made: list[list[Layout]] = []
    for i, row in enumerate(rows):
        made.append([])
        for j, b in enumerate(row):
            told = (any(sized[i]), any(s[j] for s in sized))
            if b.op is H.ZERO and all(t or n == 1 for t, n in zip(told, b.shape, strict=True)):
                made[-1].append(laid(binds.ATOM, "0"))
            else:
                made[-1].append((yield b, (told[0] and b.op is H.IDENTITY, told[1] and b.op is H.IDENTITY)))
    if column == " " and any({*" [("}.intersection(string(b)) for row in made for b in row):
        column = ", "
        made = [[_one_block(b) if len(row) == 1 else b for b in row] for row in made]
    for i, written in enumerate(made):
        for j, block in enumerate(written):
            parts += [line if i and not j else column if j else "", block]
    return laid(binds.ATOM, *parts, closing)


# --- one argument ----------------------------------------------------------------------------------------------


def _vector(w: Language, e: Expr) -> Layout | None:
    """x_i, where `e` is the row of a matrix of such."""
    if e.op is not ROW or e.args[0].op is not H.VARIABLE or e.args[0].data[0] not in w.manner.members:
        return None
    return _formed(w, "member", _named(w, e.args[0].data[0]), w.joined([_index(w, e.data[0])]))


def _indexed(w: Language, e: Expr, place: Place) -> Writing:
    vector = _vector(w, e)
    if vector is not None:
        return _formed(w, "transpose", vector)
    inner = yield e.args[0], FREE
    return _formed(w, e.op.name, inner, *(_index(w, _moved(i, by)) for i, by in zip(e.data, _bases(w, e), strict=False)))


def _ranged(w: Language, e: Expr, place: Place) -> Writing:
    inner = yield e.args[0], FREE
    stretches = zip(e.data[::2], e.data[1::2], _bases(w, e), strict=False)
    return _formed(w, e.op.name, inner, *(_stretch(w, first + by, count) for first, count, by in stretches))


def _bases(w: Language, e: Expr) -> tuple[int, int]:
    """What is added to the indices of a part, as its array is declared to count from 0, say."""
    of = e.args[0]
    starts = (*(w.manner.starts.get(of.data[0], ()) if of.op is H.VARIABLE else ()), 1, 1)
    return (starts[1] - 1, 0) if e.op in (COLUMN, COLUMNS) else (starts[0] - 1, starts[1] - 1)


def _moved(i: Index, by: int) -> Index:
    if not by:
        return i
    return i + by if isinstance(i, int) else (i[0], i[1] + by) if isinstance(i, tuple) else (i, by)


def _transpose(w: Language, e: Expr, place: Place) -> Writing:
    base = e.args[0]
    vector = _vector(w, base)
    if vector is not None:
        return vector
    turned = (place[1], place[0])
    if base.is_scalar:  # x[n+1], an entry that is a stretch of length one
        return (yield base, turned)
    if base.op is H.MATPOWER and base.data == -1:
        return _formed(w, "inverse transpose", (yield base.args[0], turned))
    if base.op.name == "kron" and not w.manner.literal:
        back = tuple(map(transpose, base.args))
        if not w.sums or sum(a.turns[0] for a in back) < 2:
            return (yield from _applied(w, node(base.op, back, None, e.shape), place))
    if base.turns == (0, 0) and (base.op is H.HPOWER or base.op.elementwise) and not w.manner.literal:  # tanh(W X')' is tanh(X W')
        return (yield node(base.op, (transpose(base.args[0]), *base.args[1:]), base.data, e.shape), place)
    return _formed(w, "transpose", (yield base, turned))


def _matpower(w: Language, e: Expr, place: Place) -> Writing:
    base = e.args[0]
    if e.data == -1:
        if base.op.name == "sqrtm" and "inverse root" in w.forms:
            return _formed(w, "inverse root", (yield base.args[0], FREE))
        return _formed(w, "inverse", (yield base, place))
    return _raised(w, "power", (yield base, place), _value_inline(w, e.data))


def _power(w: Language, e: Expr, place: Place) -> Writing:
    if reciprocal(e) is not None:
        return (yield from _product(w, 1, [e], [], place))
    base = yield e.args[0], FREE
    if e.args[1].op is H.NUMBER and e.args[1].data == Fraction(1, 2):
        return _formed(w, "sqrt", base)
    return _raised(w, "power", base, (yield from _exponent(w, e.args[1])))


def _hpower(w: Language, e: Expr, place: Place) -> Writing:
    k = e.args[1].data if e.args[1].op is H.NUMBER else None
    if not w.stacked and reciprocal(e) is not None and not (isinstance(k, int) and k < -1):
        return (yield from _dotted(w, 1, 1, [], [], e, place))
    base = yield e.args[0], place
    if k == Fraction(1, 2):
        return _formed(w, "dot sqrt", base)
    return _raised(w, "dot power", base, (yield from _exponent(w, e.args[1])))


def _raised(w: Language, form: str, base: Layout, exponent: Layout) -> Layout:
    if w.whole is not None and form == "power" and len(exponent.parts) == 1 and isinstance(k := exponent.parts[0], str) and _is_whole(k):
        return laid(binds.RAISED, fenced(base, binds.INDEXED, w.fences), w.whole(int(k)))
    return _formed(w, form, base, exponent)


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdigit()


def _exponent(w: Language, e: Expr) -> Writing:
    return _value_inline(w, e.data) if e.op is H.NUMBER else (yield e, FREE)


def _value_inline(w: Language, k: Number) -> Layout:
    return laid(binds.ATOM if isinstance(k, int) else binds.PRODUCT, str(k))


def _applied(w: Language, e: Expr, place: Place) -> Writing:
    """A row of the table: its template, or its name before parentheses."""
    if w.sums and (shorter := as_inverse(e)) is not None:
        return (yield shorter, place)
    args = []
    for a in e.args:
        args.append((yield a, FREE))
    if e.op.name == "kron" and e.args[0].op is e.op:
        args[0] = args[0]._replace(binds=binds.FACTOR)  # A ⊗ B ⊗ C
    own = e.op.name if e.op.abstract is None else ""  # a user's function may be called like a form
    for form in (f"{own} of a matrix", own):
        if form in w.forms and (form == own or e.args[0].shape[1] != 1):
            return _formed(w, form, *args)
    name, strength = w.row(e.op)
    if w.manner.circle and own == "pi":
        return laid(binds.ATOM, "\\arccos" if w.stacked else "acos", w.fences[0], w.negative, "1", w.fences[1])
    if "{0}" in name and own:  # a function g0 of a user is g_{0}
        least = 0 if strength >= binds.ATOM else binds.INDEXED if strength == binds.RAISED else strength + 1
        return filled((name, strength, (least,) * len(args)), tuple(args), w.fences)
    sizes = w.sizes(e.data) if isinstance(e.data, tuple) else ""
    if sizes and "sizes" in w.forms:
        name, sizes = string(_formed(w, "sizes", name, sizes)), ""
    if not args and not sizes:
        return laid(strength, name)
    inner: list[str | Layout] = []
    written: list[str | Layout] = [*args, sizes] if sizes else [*args]
    for part in written:
        inner += [", ", part]
    return laid(strength, name + w.fences[0], *inner[1:], w.fences[1])


def _formed(w: Language, form: str, *operands: str | Layout) -> Layout:
    made = filled(w.forms[form], operands, w.fences)
    if not w.stacked:
        return made
    return stacked(made) if form == "over" else made._replace(tall=True) if form == "sum over" else made


def _in_order(form: Expr) -> Expr:
    """A linear form g'dx as a chain, which stays as it is."""
    row, d = form.args
    c, rest = coefficient_and_rest(row)
    s, bare = split(rest)
    if split(d)[0] is not ONE:
        return form
    before = scalars_of(s) or (s,) if s is not ONE else ()
    return node(H.PRODUCT, (*before, *factors(bare), *factors(d)), (c, len(before)), (1, 1))


# --- products --------------------------------------------------------------------------------------------------


def _product_node(w: Language, e: Expr, place: Place) -> Writing:
    c, count = e.data
    if c == -1 and len(e.args) == 1 and e.args[0].op is H.SUM:
        return (yield from _sum(w, e.args[0], place, -1))
    if e.is_scalar and not count and c == 1:
        return (yield from _beside(w, None, 1, [], shortened(e.args, w.sums, w.manner), FREE))
    made = yield from _product(w, abs(c), e.args[:count], e.args[count:], place)
    return laid(binds.SUM, w.negative, made) if c < 0 else made


def _product(w: Language, c: Number, scalars: Sequence[Expr], chain: Sequence[Expr], place: Place) -> Writing:
    """c times the scalars times the chain, for c > 0: what has negative exponents goes under a fraction bar."""
    moving = next((s for s in scalars if s.op is H.VARIABLE and w.symbol(s.data[0])[1] == binds.MOVING), None)
    if moving is not None and (chain or len(scalars) > 1 or c != 1):  # it stands behind all
        made = yield from _product(w, c, [s for s in scalars if s is not moving], chain, place)
        return _joined([fenced(made, binds.PRODUCT, w.fences), (yield moving, FREE)], w.times)
    scalars = with_roots([_in_order(s) if s.op.name == "form" else s for s in scalars])
    if w.sums:
        c, scalars = with_means(c, scalars)
    above: list[Expr] = []
    below: list[Expr] = []
    longest = max((s.weight for s in scalars), default=0)
    for s in sorted(scalars, key=lambda s: s.op is H.SUM and s.weight == longest and not w.manner.literal):  # a long sum stands last
        r = reciprocal(s)
        (above if r is None else below).append(r or s)
    n, q = c.numerator, c.denominator
    if chain:
        chain = shortened(chain, w.sums, w.manner)
    if w.stacked:
        return (yield from _stacked(w, n, q, above, below, chain, place))
    if len(chain) == 1 and (chain[0].op is H.HADAMARD or chain[0].op is H.HPOWER) and any(map(reciprocal, _arrays(chain[0]))):
        if n != 1 or q != 1 or above or below or chain[0].op is H.HADAMARD:
            return (yield from _dotted(w, n, q, above, below, chain[0], place))
    top = yield from _beside(w, None, n, above, chain, place)
    if q == 1 and not below:
        return top
    return _formed(w, "over", top, (yield from _beside(w, None, q, below, [], FREE)))


def _stacked(w: Language, n: int, q: int, above: list[Expr], below: list[Expr], chain: Sequence[Expr], place: Place) -> Writing:
    """With a fraction: in front where it is of constants, or what it is of holds a sum or a fraction; else over the whole."""
    if q == 1 and not below:
        return (yield from _beside(w, None, n, above, chain, place))
    under = yield from _beside(w, None, q, below, [], FREE)
    if under.storeys >= STOREYS:
        lower = _formed(w, "power", under, _value_inline(w, -1))
        return _joined([(yield from _beside(w, None, n, above, chain, place)), lower], w.times)
    involved = [s for s in above if not _is_simple(s)]
    if all(is_constant(_base(s)) for s in below):
        front, rest = [s for s in above if _is_simple(s)], involved
        whole = not rest and not chain
    else:
        top = yield from _beside(w, None, n, above, chain, place)
        sums = [s for s in (*above, *chain) if _holds_sum(s)]
        lone = n == 1 and len(above) + len(chain) == 1 and not any(s.op is H.PRODUCT for s in sums)
        if not top.storeys and (lone or not sums and not (chain and involved)):
            return _formed(w, "over", top, under)
        whole = False
        apart = any(s in sums for s in above) or top.storeys and not chain
        front, rest = ([s for s in above if _is_simple(s)], involved) if apart else (above, [])
    if whole:
        return _formed(w, "over", (yield from _beside(w, None, n, above, chain, place)), under)
    fraction = _formed(w, "over", (yield from _beside(w, None, n, front, [], FREE)), under)
    return (yield from _beside(w, fraction, 1, rest, chain, place))


def _beside(w: Language, lead: Layout | None, n: int, scalars: Sequence[Expr], chain: Sequence[Expr], place: Place) -> Writing:
    """Factors next to each other; a lone one as it is."""
    made: list[Layout] = [] if lead is None else [lead]
    if not w.stacked and any(s.op is H.IMAGINARY for s in scalars):
        made.append(laid(binds.ATOM, f"{n}i"))
        n, scalars = 1, [s for s in scalars if s.op is not H.IMAGINARY]
    if n != 1 or not (made or scalars or chain):
        made.append(laid(binds.ATOM, str(n)))
    lone = not made and len(scalars) + len(chain) == 1
    simple = all(map(_is_simple, scalars))
    seen = False
    for i, s in enumerate(scalars):
        is_chain = s.op is H.PRODUCT and not s.data[1]
        last = i == len(scalars) - 1 and not chain and not seen
        least = 0 if lone else binds.FACTOR if not last else binds.PRODUCT if is_chain else binds.MOVING
        made.append(fenced((yield s, FREE), least, w.fences))
        seen = seen or is_chain
    for i, f in enumerate(chain):
        if w.sums:
            there = place if len(chain) == 1 else FREE
        else:
            there = (not _is_free(chain[i - 1], -1) if i else place[0], i < len(chain) - 1 or place[1])
        bare = len(chain) == 1 and simple and f.op is H.HADAMARD
        least = 0 if lone else binds.HADAMARD if bare else binds.MOVING if i == len(chain) - 1 else binds.FACTOR
        made.append(fenced((yield f, there), least, w.fences))
    return _joined(made, w.times)


def _joined(made: Sequence[Layout], between: Callable[[Layout, Layout], str], strength: int = binds.PRODUCT) -> Layout:
    if len(made) == 1:
        return made[0]
    parts: list[str | Layout] = [made[0]]
    for a, b in itertools.pairwise(made):
        parts += [between(a, b), b]
    return laid(strength, *parts)


def _holds_sum(s: Expr) -> bool:
    """Whether a factor is a sum, or one transposed, or a chain of such."""
    return untransposed(s).op is H.SUM or s.op is H.PRODUCT and any(untransposed(f).op is H.SUM for f in s.args)


def _is_simple(s: Expr) -> bool:
    return _base(s).op in (H.NUMBER, H.VARIABLE, H.SIZE)


def _base(s: Expr) -> Expr:
    return s.args[0] if s.op is H.POWER else s


# --- elementwise products --------------------------------------------------------------------------------------


def _hadamard(w: Language, e: Expr, place: Place) -> Writing:
    return (yield from _dotted(w, 1, 1, [], [], e, place))


def _arrays(e: Expr) -> tuple[Expr, ...]:
    return e.args if e.op is H.HADAMARD else (e,)


def _dotted(w: Language, n: int, q: int, above: list[Expr], below: list[Expr], e: Expr, place: Place) -> Writing:
    """n/q times scalars times a Hadamard product: (2 a ⊙ b) ⊘ (3 c)."""
    top: list[Expr] = []
    bottom: list[Expr] = []
    arrays = w.manner.factors(_arrays(e))
    for f in arrays:
        r = reciprocal(f)
        (top if r is None else bottom).append(r or f)
    if w.stacked and not top:
        top, bottom = arrays, []
    places = [FREE] * len(top + bottom) if w.sums else _alike(top + bottom, place)
    upper = yield from _scaled(w, n, above, zip(top, places, strict=False))
    if not bottom:
        return upper
    return _formed(w, "dot over", upper, (yield from _scaled(w, q, below, zip(bottom, places[len(top) :], strict=True))))


def _alike(arrays: Sequence[Expr], place: Place) -> list[Place]:
    """The places of what has one shape, that of `place`: what one of them shows, all of them know; where none does, the first must."""
    rows = place[0] or not all(_is_free(a, 0) for a in arrays)
    columns = place[1] or not all(_is_free(a, -1) for a in arrays)
    known = (rows or columns,) * 2 if any(map(_is_square, arrays)) else (rows, columns)
    return [known if any(known) or not i else FIXED for i in range(len(arrays))]


def _scaled(w: Language, n: int, scalars: list[Expr], arrays: Iterable[tuple[Expr, Place]]) -> Writing:
    made: list[Layout] = []
    for a, place in arrays:
        part = yield a, place
        made.append(fenced(part, binds.MOVING, w.fences))
    if not made:
        return (yield from _beside(w, None, n, scalars, [], FREE))
    array = _joined(made, lambda a, b: w.hadamard, binds.HADAMARD)
    if n == 1 and not scalars:
        return array
    front = yield from _beside(w, None, n, scalars, [], FREE)
    return _joined([fenced(front, binds.PRODUCT, w.fences), fenced(array, binds.HADAMARD, w.fences)], w.times, binds.HADAMARD)


# --- sums ------------------------------------------------------------------------------------------------------


def _sum(w: Language, e: Expr, place: Place, sign: int = 1) -> Writing:
    turned = w.manner.turned(e) if sign > 0 else None
    if turned is not None:
        return _formed(w, "transpose", (yield turned, (place[1], place[0])))
    terms = w.manner.terms(e)
    places, spread = _places(w, terms, place, sign)
    if len(terms) > 2 and e not in w.manner.sums and not w.manner.literal:
        terms, places, spread = _grouped(terms, places, spread)
    parts: list[str | Layout] = []
    for (k, t), there, scalar in zip(terms, places, spread, strict=True):
        c = sign * k
        made = yield from _term(w, c if c > 0 else -c, t, scalar, there)
        parts += [w.minus if c < 0 else w.plus] if parts else [w.negative] if c < 0 else []
        parts.append(fenced(made, binds.SUM + 1, w.fences))
    return laid(binds.SUM, *parts)


def _grouped(terms: Sequence[Term], places: Sequence[Place], spread: Sequence[bool]) -> tuple[list[Term], list[Place], list[bool]]:
    """A/2 + A'/2 + B as (A + A')/2 + B: a number that several terms have, but not all, stands once, where the first of them stood."""
    alike: dict[Number, list[int]] = {}
    for i, (c, t) in enumerate(terms):
        size = c if c > 0 else -c
        if size != 1 and not spread[i] and not any(f.op in (H.IDENTITY, H.NUMBER, H.SIZE) or is_ones(f) for f in (t, *factors(t))):
            alike.setdefault(size, []).append(i)
    out = [[i] for i in range(len(terms))]
    for members in alike.values():
        if 1 < len(members) < len(terms):
            first, *others = members
            out[first] = members
            for i in others:
                out[i] = []
    made = []
    for members in filter(None, out):
        c, t = terms[members[0]]
        if len(members) > 1:
            c = max(terms[i][0] for i in members)  # no minus in front but of all
            t = add([scaled(1 if terms[i][0] == c else -1, terms[i][1]) for i in members])
        made.append(((c, t), FREE if any(places[i] == FREE for i in members) else places[members[0]], spread[members[0]]))
    return [m[0] for m in made], [m[1] for m in made], [m[2] for m in made]


def _places(w: Language, sum_: Sequence[Term], place: Place, sign: int) -> tuple[list[Place], list[bool]]:
    """Per term: what its place shows, and whether it is written as the scalar it spreads."""
    numbers, terms = [c for c, _ in sum_], [t for _, t in sum_]
    count = range(len(terms))
    if terms[0].is_scalar:
        return [FREE for _ in count], [False] * len(terms)
    if not w.sums:
        return _alike(terms, place), [False] * len(terms)
    full = [all(map(is_ones, factors(t))) for t in terms]
    eye = [factors(t)[0].op is H.IDENTITY for t in terms]
    array = next((i for i in count if not full[i] and not eye[i]), None)
    shows = array if array is not None else full.index(True) if True in full else 0  # the term that shows the shape
    signs = [t.op is H.PRODUCT and t.data[1] == 1 and t.args[0].op is H.SUM and sign * k < 0 for k, t in zip(numbers, terms, strict=True)]
    # One at most, as s + t + X would add the numbers first; and no -(s - t), which reads as t - s.
    alone = next((i for i in count if full[i] and i != shows and not signs[i]), None)
    return [FREE if i == shows else FIXED for i in count], [i == alone for i in count]


def _term(w: Language, c: Number, t: Expr, as_scalar: bool, place: Place) -> Writing:
    """c t; of a scalar that is spread over an array, the scalar."""
    if t.op is H.NUMBER:
        return _value(w, c)
    if t.op is H.PRODUCT and (t.data[1] or not t.is_scalar):
        return (yield from _product(w, c, t.args[: t.data[1]], () if as_scalar else t.args[t.data[1] :], place))
    if as_scalar:
        return _value(w, c)
    if c == 1:
        return (yield t, place)
    return (yield from _product(w, c, [t] if t.is_scalar else [], [] if t.is_scalar else [t], place))


def _is_free(e: Expr, end: int) -> bool:
    """Whether nothing shows a size at the first (0) or last (-1) end of `e`: of I, its columns, ones, and what is made of them."""
    todo = [(e, end)]
    while todo:
        f, end = todo.pop()
        if f.op is H.TRANSPOSE:
            todo.append((f.args[0], -1 - end))
        elif f.op is H.PRODUCT and f.data[1] < len(f.args):
            todo.append((f.args[f.data[1] :][end], end))
        elif f.op in (H.SUM, H.HADAMARD):
            todo += [(t, end) for t in f.args]
        elif f.op in (H.MATPOWER, H.HPOWER):
            todo.append((f.args[0], end))
        elif f.op not in (H.IDENTITY, H.UNIT, H.ONES):
            return False
    return True


def _is_square(e: Expr) -> bool:
    """Whether it can be read as a square matrix only, as I is in it, or a power."""
    todo = [e]
    while todo:
        f = todo.pop()
        if f.op is H.IDENTITY or f.op is H.MATPOWER:
            return True
        if f.op in (H.SUM, H.HADAMARD, H.TRANSPOSE) or f.op is H.PRODUCT and f.data[1] == len(f.args) - 1:
            todo += f.args[-1:] if f.op is H.PRODUCT else f.args
    return False


PARTS = (COLUMN, ROW, ENTRY, ITEM, COLUMNS, ROWS, PART)  # which stand for products
LEAVES: dict[Op, Callable[[Language, Expr, Place], Layout]] = {
    H.NUMBER: lambda w, e, place: _value(w, e.data),
    H.VARIABLE: lambda w, e, place: _named(w, e.data[0]),
    H.SIZE: lambda w, e, place: _named(w, e.data.name),
    H.IMAGINARY: lambda w, e, place: laid(binds.ATOM, "1i" if not w.stacked else w.row(H.IMAGINARY)[0]),
    H.IDENTITY: lambda w, e, place: _formed(w, "I") if any(place) else _formed(w, "identity", _sizes(w, e.shape[:1])),
    H.ONES: lambda w, e, place: _formed(w, "1") if place[0] and not w.sums else _formed(w, "ones", _sizes(w, e.shape[:1])),
    H.ZERO: lambda w, e, place: _formed(w, "zero", _sizes(w, e.shape[:1] if e.shape[1] == 1 else e.shape)),
    H.UNIT: _unit,
    H.SELECT: _select,
    H.FAMILY: lambda w, e, place: _named(w, e.data[0]),
}
HEADS: dict[Op, Callable[[Language, Expr, Place], Writing]] = {
    H.TRANSPOSE: _transpose,
    H.MATPOWER: _matpower,
    H.POWER: _power,
    H.HPOWER: _hpower,
    H.PRODUCT: _product_node,
    H.HADAMARD: _hadamard,
    H.SUM: _sum,
    H.SIGMA: _sigma,
    H.GRID: _grid,
    H.MEMBER: _member,
    H.ONEHOT: _onehot,
    **dict.fromkeys((COLUMN, ROW, ENTRY, ITEM), _indexed),
    **dict.fromkeys((COLUMNS, ROWS, PART, BLOCK), _ranged),
}
