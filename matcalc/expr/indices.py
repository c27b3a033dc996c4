"""Indices: which a part depends on, and what stands in their place.

An index is known by its unit vectors.  A free one has a name: ``e_k``, that is UNIT with data ("k", n).  One that a sum binds has
no name but its distance from the sum (de Bruijn): `Bound(0)` in the body of the sum, `Bound(1)` in that of a sum within.  So nothing can be
captured, and every walk that remakes nodes from below is right within sums too.  What the author calls it stays with the sum; `alike` makes
one object of sums that differ in it alone.
Whoever needs to tell the indices of several sums apart opens them: then they are free, with names of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container

from matcalc.errors import ShapeError
from matcalc.expr import heads as H
from matcalc.expr.dims import Size
from matcalc.expr.heads import select, unit
from matcalc.expr.node import Bound, Expr, below, postorder
from matcalc.expr.products import product
from matcalc.expr.rebuild import built

LETTERS = "ijklpqrstuv"


def free_indices(*roots: Expr) -> dict[str, Size]:
    """The free indices that occur, and to how much each counts.

    >>> free_indices(unit("k", 3))
    {'k': 3}
    """
    return {n.data[0]: n.data[1] for n in postorder(*roots) if n.op is H.UNIT and type(n.data[0]) is str}


def depended_on(e: Expr, among: Container[str], known: dict[Expr, frozenset[str]]) -> frozenset[str]:
    """The indices `among` these that `e` depends on; what is found out on the way is `known` the next time.

    >>> sorted(depended_on(product([unit("j", 3), unit("k", 3).T]), ["k"], {}))
    ['k']
    """
    for n in postorder(e, known=known) if e not in known else ():
        here = (n.data[0],) if n.op is H.UNIT and n.data[0] in among else ()
        known[n] = frozenset(here).union(*(known[a] for a in n.args))
    return known[e]


def outer(*roots: Expr, known: Container[Expr] = ()) -> list[Expr]:
    """Every node below `roots` that stands outside of all sums, and the sums, arguments first; what is `known` left out."""
    nodes = postorder(*roots, known=known)
    if not any(n.op.binds for n in nodes):
        return nodes
    found: set[Expr] = set()
    stack = list(roots)
    while stack:
        n = stack.pop()
        if n not in found and n not in known:
            found.add(n)
            stack.extend(() if n.op.binds else n.args)
    return [n for n in nodes if n in found]


def dependent_on(index: str, *roots: Expr) -> set[Expr]:
    """The nodes below the roots that depend on the free index."""
    found: set[Expr] = set()
    for n in postorder(*roots):
        if n.op is H.UNIT and n.data[0] == index or any(a in found for a in n.args):
            found.add(n)
    return found


def at_index(e: Expr, index: str, place: Expr) -> Expr:
    """`e` with `place`, a unit vector or what stands for one, in place of the unit vectors of a free index.

    >>> at_index(unit("k", 3).T, "k", unit(2, 3)) is unit(2, 3).T
    True
    """
    holding = dependent_on(index, e)
    return _changed(e, lambda n, depth: moved(place, depth) if n.op is H.UNIT else None, lambda n, depth: n not in holding)


def stretch(index: str, count: Size, n: Size, first: Size = 0) -> Expr:
    """The unit vector of length `n` at first + i, where the index i counts to `count`.

    Raises ShapeError where that may be outside of 1…n.

    >>> from matcalc.expr import symbol
    >>> n = symbol("n")
    >>> stretch("i", n, n) is unit("i", n), stretch("i", n + (-1), n, 1).shape
    (True, (n, 1))
    """
    if first == 0 and count == n:
        return unit(index, n)
    rest = n + (count + first) * -1
    if not isinstance(first, int) or not isinstance(rest, int) or first < 0 or rest < 0:
        place = index if first == 0 else f"{index} {'-' if isinstance(first, int) and first < 0 else '+'} {str(first).lstrip('-')}"
        raise ShapeError(f"{place}, with {index} from 1 to {count}, is not within 1…{n}")
    return product([select(n, count, first), unit(index, count)])


def closed(e: Expr, index: str) -> Expr:
    """`e` as the body of a sum: its free index becomes the one that the innermost sum around it binds."""
    holding = dependent_on(index, e)

    def leaf(n: Expr, depth: int) -> Expr | None:
        i, count = n.data
        if i == index:
            return unit(Bound(depth), count)
        return unit(Bound(i.depth + 1), count) if type(i) is Bound and i.depth >= depth else None

    return _changed(e, leaf, lambda n, depth: n not in holding and n.loose <= depth)


def replaced(body: Expr, place: Expr) -> Expr:
    """The body of a sum with `place` for the unit vector of its index; it stands outside of the sum, and so does `place`."""

    def leaf(n: Expr, depth: int) -> Expr | None:
        i, count = n.data
        if type(i) is not Bound or i.depth < depth:
            return None
        return moved(place, depth) if i.depth == depth else unit(Bound(i.depth - 1), count)

    return _changed(body, leaf, lambda n, depth: n.loose <= depth)


def moved(e: Expr, by: int) -> Expr:
    """`e` within `by` sums more (or fewer, where it does not depend on theirs)."""
    if not by or not e.loose:
        return e

    def leaf(n: Expr, depth: int) -> Expr | None:
        i, count = n.data
        return unit(Bound(i.depth + by), count) if type(i) is Bound and i.depth >= depth else None

    return _changed(e, leaf, lambda n, depth: n.loose <= depth)


def depends(body: Expr) -> bool:
    """Whether the body of a sum depends on its index."""
    seen: set[tuple[Expr, int]] = set()
    stack = [(body, 0)]
    while stack:
        key = n, depth = stack.pop()
        if n.loose <= depth or key in seen:
            continue
        seen.add(key)
        if n.op is H.UNIT and n.data[0].depth == depth:
            return True
        stack.extend((a, depth + n.op.binds) for a in n.args)
    return False


def opened(e: Expr, avoid: Collection[str] = ()) -> tuple[str, Expr]:
    """The name of the index of a sum and its body, in which the index is free.

    The name is the author's where it is free there and not in `avoid`; else another letter, or one with a number.
    """
    assert e.op is H.SIGMA
    called, count = e.data
    (body,) = e.args
    taken = {*free_indices(body), *avoid}
    names = [called, *LETTERS, *(f"{called}{k}" for k in range(1, len(taken) + 1))]
    name = next(n for n in names if n not in taken)
    return name, replaced(body, unit(name, count))


def opened_as(e: Expr, name: str) -> Expr:
    """The body of a sum with its index free and called `name`, which the caller knows to be free."""
    return replaced(e.args[0], unit(name, e.data[1]))


def alike(e: Expr) -> Expr:
    """`e`, where sums that differ only in what their indices are called are one: called as the first of them is.

    >>> from matcalc.expr import symbol, variable
    >>> from matcalc.expr.summation import sigma
    >>> from matcalc.operators import call
    >>> x = variable("x", (symbol("n"), 1))
    >>> one, other = (sigma(i, symbol("n"), call("exp", call("exp", x.T @ unit(i, symbol("n"))))) for i in "ij")
    >>> one is other, alike(one - other)
    (False, 0)
    """
    if not e.nested:
        return e
    bare: dict[Expr, Expr] = {}  # with no names for bound indices
    first: dict[Expr, Expr] = {}
    done: dict[Expr, Expr] = {}
    for n in postorder(e):
        args = tuple(bare[a] for a in n.args)
        bare[n] = n if not n.nested else built(n.op, args, ("", *n.data[1:]) if n.op is H.SIGMA else n.data)
        done[n] = n if not n.nested else built(n.op, tuple(done[a] for a in n.args), n.data)
        if n.op is H.SIGMA:
            done[n] = first.setdefault(bare[n], done[n])
    return done[e]


def names_in(e: Expr) -> set[str]:
    """The names of all variables, families, functions, sizes and free indices of `e`."""
    out: set[str] = set()
    for n in postorder(e):
        if n.op in (H.VARIABLE, H.FAMILY) or n.op is H.UNIT and type(n.data[0]) is str:
            out.add(n.data[0])
        elif n.op.abstract:
            out.add(n.op.abstract[0])
        for d in (*n.shape, n.data if n.op is H.SIZE else 1):
            out |= set() if isinstance(d, int) else d.symbols
    return out


def lettered(e: Expr) -> Expr:
    """`e`, where no sum has an index called like that of a sum around it, or like a name of `e`: those within get another letter.

    >>> from matcalc.expr import symbol, variable
    >>> from matcalc.expr.summation import sigma
    >>> from matcalc.operators import call
    >>> n = symbol("n")
    >>> x, i = variable("x", (n, 1)), variable("i", (1, 1))
    >>> lettered(sigma("i", n, call("exp", call("exp", x.T @ unit("i", n))))).data, lettered(sigma("j", n, call("exp", i @ x.T @ unit("j", n)))).data
    (('i', n), ('j', n))
    """
    return _lettered(e, frozenset(names_in(e))) if e.nested else e


def _lettered(e: Expr, taken: frozenset[str]) -> Expr:
    done: dict[Expr, Expr] = {}
    for n in outer(e):
        if n.op is not H.SIGMA:
            done[n] = built(n.op, tuple(done[a] for a in n.args), n.data) if n.nested else n
            continue
        called, count = n.data
        letter = next(x for x in (called, *LETTERS, *(f"{called}{k}" for k in range(1, len(taken) + 2))) if x not in taken)
        done[n] = built(H.SIGMA, (_lettered(n.args[0], taken | {letter}),), (letter, count))
    return done[e]


def parts(*roots: Expr) -> list[Expr]:
    """Every node below `roots`, arguments first; what stands within a sum with its index free, called as the author calls it."""
    if not any(r.nested for r in roots):
        return below(*roots) if len(roots) == 1 else postorder(*roots)
    out: dict[Expr, None] = {}
    stack: list[tuple[Expr, frozenset[str]]] = [(r, frozenset()) for r in roots]
    while stack:
        root, taken = stack.pop()
        for n in outer(root):
            if n.op is H.SIGMA and n not in out:
                index, body = opened(n, taken)
                stack.append((body, taken | {index}))
            out[n] = None
    return sorted(out, key=lambda n: n.weight)


def _changed(e: Expr, leaf: Callable[[Expr, int], Expr | None], skip: Callable[[Expr, int], bool]) -> Expr:
    """`e` with its unit vectors changed, of each of which it is known how many of the sums within `e` stand around it."""
    done: dict[tuple[Expr, int], Expr] = {}
    stack = [(e, 0, False)]
    while stack:
        n, depth, ready = stack.pop()
        if (n, depth) in done:
            continue
        below = depth + n.op.binds
        if skip(n, depth):
            done[n, depth] = n
        elif n.op is H.UNIT:
            done[n, depth] = leaf(n, depth) or n
        elif ready or not n.args:
            args = tuple(done[a, below] for a in n.args)
            done[n, depth] = n if args == n.args else built(n.op, args, n.data)
        else:
            stack.append((n, depth, True))
            stack.extend((a, below, False) for a in n.args)
    return done[e, 0]
