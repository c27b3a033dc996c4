"""The shapes of what indices pick: entries, rows and members; and how far the indices of sums count, which follows from these."""

from __future__ import annotations

from matcalc.errors import ParseError
from matcalc.expr.dims import Size, symbol
from matcalc.reading.places import At, Label, Place
from matcalc.reading.sizes import SCALAR, Free, Rough, RoughShape, find
from matcalc.reading.symbols import Symbol, plus
from matcalc.reading.tree import Node, failing
from matcalc.reading.trial import Trial, Use


def placed(s: Trial, place: Place, size: Rough, base: int = 1) -> None:
    """Notes the size of an axis that an index of a sum, or a label, picks from."""
    if isinstance(place, At):
        s.uses.setdefault(place.letter, []).append(Use(size, place.shift, base))
    elif isinstance(place, Label):
        s.used.add(place.name)
        if isinstance(place.at, At):
            placed(s, place.at, s.declared[place.name].shape[0], s.given.first(place.name))  # type: ignore[index]
    elif isinstance(place, str):
        s.ranges.setdefault(place, []).append(size)


def item(s: Trial, node: Node) -> RoughShape:
    shape = node.parts[0].shape
    columns, indices = shape[1], node.value
    for axis, index in enumerate(indices):
        at = 0 if len(indices) == 1 and columns == 1 else axis if len(indices) == 2 else 1
        placed(s, index, shape[at], s.given.first(node.parts[0].word, axis))
        if isinstance(index, str):
            s.used.add(index)
            known_symbol = s.declared.get(index)
            if index in s.bound or known_symbol is not None and known_symbol.kind != "scalar":
                kind = known_symbol.kind if known_symbol else "matrix"
                raise s.fail(node, f"an index is a whole number or a name, but `{index}` is a {kind}")
    if shape == SCALAR:
        if node.parts[0].kind != "name" and indices[0] in (0, 1) and all(i == indices[0] for i in indices):  # (x.T*A*x)[0, 0]
            node.kind, node.value = "sum", (1,)
            return SCALAR
        raise s.fail(node, "a scalar has no entries")
    if len(indices) == 1:
        if 1 not in shape:
            raise s.fail(node, "a matrix has two indices: X[i,j], X[:,j] or X[i,:]")
        if not isinstance(indices[0], slice):
            return SCALAR
        count = _count_of(s, node, indices[0], shape[0] if columns == 1 else columns, s.given.first(node.parts[0].word))
        return (count, 1) if columns == 1 else (1, count)
    if len(indices) != 2 or columns == 1:
        what = "a vector has one index" if columns == 1 else "a matrix has two indices"
        raise s.fail(node, f"{what}, not {len(indices)}")
    axes = zip(indices, shape, (s.given.first(node.parts[0].word, axis) for axis in (0, 1)), strict=True)
    high, wide = (_count_of(s, node, i, n, base) if isinstance(i, slice) else 1 for i, n, base in axes)
    return high, wide


def _count_of(s: Trial, node: Node, stretch: slice, size: Rough, base: int) -> Rough:
    """How many there are from first to last, counted from `base`; raises ShapeError where there is none, or one is outside."""
    if stretch.start is None and stretch.stop is None:
        return size
    first, last = stretch.start, stretch.stop
    count, known = plus(plus(last, -1 * first), 1), find(size)
    rest = known if isinstance(known, Free) else plus(plus(known, -1 * last), base - 1)
    if isinstance(count, int) and count < 1:
        raise s.fail(node, f"the range {first}:{last} is empty")
    if isinstance(first, int) and first < base:
        raise s.fail(node, f"the range {first}:{last} begins before {base}", f"indices count from {base}")
    if isinstance(rest, int) and rest < 0:
        within = f"1…{known}" if base == 1 else f"the {known} from {base} on"
        raise s.fail(node, f"the range {first}:{last} is not within {within}")
    return count


def row(s: Trial, node: Node) -> RoughShape:
    _, (place,), as_rows = node.value
    rows, columns = shape = node.parts[0].shape
    if 1 in shape:
        raise s.fail(node, "only a matrix has rows and columns")
    by_row = s.given.rows if as_rows is None else as_rows
    placed(s, place, rows if by_row else columns, s.given.first(node.parts[0].word) if by_row else 1)
    return (1, columns) if as_rows is None and s.given.lying else ((columns if by_row else rows), 1)


def member(s: Trial, node: Node) -> RoughShape:
    """A member of a family of matrices."""
    name, places = node.value
    s.used.add(name)
    family = s.given.said.families[name]
    for axis, (place, r) in enumerate(zip(places, family.ranges, strict=True)):
        placed(s, place, r.count, s.given.first(name, axis))
    return family.shape


def indexed(s: Trial, node: Node) -> RoughShape:
    """x_i of an undeclared x under a sum over i: an entry, or a vector where x is one of the `members`."""
    stem, places = node.value
    if kind := s.given.families.get(stem, ""):
        counts = s.counts.setdefault(stem, [s.sizes.new() for _ in places])
        if len(counts) != len(places):
            hint = f"give one of them another letter; or declare both: {stem}_i: (d, d), i = 1..n; {stem}_ij: (d, d), i = 1..n, j = 1..n"
            raise failing(f"`{stem}` has one index here and two there: are these two arrays?", node, hint)
        for axis, (place, size) in enumerate(zip(places, counts, strict=True)):
            placed(s, place, size, s.given.first(stem, axis))
        return s.undeclared(stem, kind)
    new = stem not in s.inferred
    rows, columns = s.undeclared(stem, "matrix" if stem in s.given.members or stem in s.vectors or len(places) == 2 else "vector")
    if new:
        s.ends += [(rows, end) for end in s.given.ends.get(stem, ())]
    kind = s.inferred[stem][0]
    if kind == "scalar" or len(places) > 2 or kind == "vector" and len(places) == 2:
        hint = f"declare {stem}: (m, n), or {s.text[node.start : node.end]}: (d), i = 1..n"
        raise s.fail(node, f"`{stem}` has no {len(places)} indices here", hint)
    for axis, (place, size) in enumerate(zip(places, (rows, columns), strict=False)):
        placed(s, place, size, s.given.first(stem, axis))
    if len(places) == 2:
        return rows if isinstance(places[0], slice) else 1, columns if isinstance(places[1], slice) else 1
    return SCALAR if kind != "matrix" else (1, columns) if s.given.lying else (columns, 1)


def condition(s: Trial, node: Node) -> RoughShape:
    """1 where a condition on indices holds, else 0."""
    condition = node.value
    if not condition.set and all(isinstance(place, At) for place in condition.places):
        s.compared.append(tuple(place.letter for place in condition.places))
    if condition.set:
        s.used.add(condition.set)
        symbol = s.declared.get(condition.set)
        if symbol and symbol.shape:
            sizes: RoughShape = symbol.shape
        else:
            sizes = s.opened(symbol or Symbol(condition.set, "matrix"))
        if len(condition.places) == 1 and sizes[1] == 1:  # i in B
            condition = condition._replace(places=(*condition.places, 1))
        if len(condition.places) != 2:
            raise s.fail(node, f"`{condition.set}` is a set of pairs", "(i, j) in Omega   j in R_i")
        first, second = condition.places
        counted = [use.size for use in s.uses.get(first.letter, ())] if isinstance(first, At) else []
        turned = bool(counted) and sizes[0] not in counted and sizes[1] in counted  # R_i: i has the axis with its range
        node.value = condition._replace(places=(second, first)) if turned else condition
        for place, size in zip(node.value.places, sizes, strict=True):
            placed(s, place, size)
            s.picked += [place.letter] if isinstance(place, At) else []
    return SCALAR


def counter(s: Trial, node: Node) -> RoughShape:
    """The index of a sum as a number: γ^t."""
    s.numbers.setdefault(node.value, (node.start, node.end))
    return SCALAR


def over(s: Trial, node: Node) -> RoughShape:
    what, index, first, last = node.value
    shape: RoughShape = node.parts[0].shape
    if index in s.numbers and last is None and len(s.uses.get(index, ())) <= s.picked.count(index):
        letter = index.partition("·")[0]
        hint = f"pairs are declared: (a, b): (n), (m) in S; a family: {letter}_i: (d), i = 1..n"
        raise ParseError(f"the index `{letter}` is used as a number", hint=hint).at(s.text, *s.numbers[index])
    if index not in s.uses and last is not None and index in s.numbers:
        begin = first if first is not None else 1
        s.runs[index] = plus(last, 1 - begin), begin
        return shape
    if index not in s.uses:
        message = f"nothing depends on `{index.partition('·')[0]}` in this sum"
        raise failing(message, node, "x_i   X_{i,j}   X_{i,:}")
    counted(s, node, index, first, last)
    if what == "prod" and shape != SCALAR:
        raise s.fail(node, f"a product over an index is one of scalars, not {s.show(shape)}")
    return shape


def counted(s: Trial, node: Node, index: str, first: int | None, last: Size | None) -> None:
    """Finds from where to where an index runs, and that it stays within what it picks from."""
    uses, letter = s.uses[index], index.partition("·")[0]
    begin = first if first is not None else min(use.base for use in uses)
    offsets = [begin - use.base + use.shift for use in uses]
    count = _count(s, node, letter, uses, offsets) if last is None else plus(last, 1 - begin)
    most: dict[int, int] = {}
    for use, offset in zip(uses, offsets, strict=True):
        size = find(use.size)
        if isinstance(size, Free):
            most[id(size)] = max(offset, most.get(id(size), 0))
    for use, offset in zip(uses, offsets, strict=True):
        size = find(use.size)
        if isinstance(size, Free):
            wanted = find(count) if isinstance(find(count), Free) else plus(find(count), most.get(id(size), offset))  # type: ignore[arg-type]
            for other, end in s.ends:  # x_N, behind a sum to N − 1
                more = 0 if isinstance(wanted, Free) or find(other) is not size else plus(end, -1 * wanted)
                wanted = end if isinstance(more, int) and more > 0 else wanted
            fits = s.sizes.unify(size, wanted)
        elif isinstance(find(count), Free):
            fits = s.sizes.unify(find(count), plus(size, -offset))
        else:
            rest = plus(plus(size, -offset), -1 * find(count))  # type: ignore[operator]
            fits = offset >= 0 and isinstance(rest, int) and rest >= 0
        if not fits:
            shown = " and ".join(dict.fromkeys(s.show((use.size, 1))[1:-4] for use in uses))
            different = f"`{letter}` counts entries of different numbers: {shown}"
            raise s.fail(node, different if last is None else f"the sum over `{letter}` runs to {last}, but there are {shown}")
    s.runs[index] = count, begin


def counted_freely(s: Trial, node: Node, index: str) -> None:
    """The same for the t of x_{t+1}, that no sum binds."""
    uses = s.uses[index]
    if (least := min(use.shift for use in uses)) < 0:
        hint = f"shift it: {index} and {index}+{-least}; or call it otherwise, as in x_old"
        raise failing(f"an index {index}{least} that no sum binds is not read", node, hint)
    if all(isinstance(find(use.size), Free) for use in uses):
        size = symbol(next(s.fresh, "L"))
        for use in uses:
            s.sizes.unify(use.size, size)
    counted(s, node, index, None, None)


def _count(s: Trial, node: Node, letter: str, uses: list[Use], offsets: list[int]) -> Rough:
    """How far an index counts whose limits are not said: as far as it can in all places."""
    if len(set(offsets)) == 1 and offsets[0] == 0:
        return find(uses[0].size)
    if all(isinstance(find(use.size), Free) for use in uses) and len({id(find(use.size)) for use in uses}) == 1 and min(offsets) == 0:
        last = symbol(next(s.fresh, "L"))  # x_{i+1} - x_i: to the last but one
        s.sizes.unify(uses[0].size, last)
        s.notes.append(f"{letter} is read as counting from 1 to {last}-{max(offsets)}")
    left = [plus(size, -offset) for use, offset in zip(uses, offsets, strict=True) if not isinstance(size := find(use.size), Free)]
    least = [a for a in left if all(isinstance(rest := plus(b, -1 * a), int) and rest >= 0 for b in left)]
    if not least or len(left) < len(uses):
        hint = f"sum_{{{letter}={1 - min(offsets)}}}^{{{'n-1' if max(offsets) > 0 else 'n'}}}"
        raise failing(f"from where to where does `{letter}` count?", node, hint)
    return least[0]
