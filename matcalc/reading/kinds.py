"""Decides which undeclared lower-case names are scalars: those that have to be, and as few as possible."""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations

from matcalc.errors import MatcalcError, ParseError, ShapeError
from matcalc.reading.names import kind_by_spelling
from matcalc.reading.parser import Node
from matcalc.reading.shapes import SCALAR, Given, Shapes
from matcalc.reading.sizes import Free, find, fresh_names

MOST_VISITS = 400_000  # nodes looked at in the search, over all attempts
MOST_ATTEMPTS = 300
MOST_EXPLAINED, MOST_RETRACED = 6, 3_000  # names of a shape error whose shapes are explained, nodes looked at for that


def inferred(nodes: list[Node], given: Given, want_scalar: bool) -> Shapes:
    """The shapes of all nodes, after the first of these that fits: all lower-case names vectors, then the fewest scalars.

    For each choice products are read from the left first.  With `want_scalar` those come first that make the whole a scalar.
    Raises the error of the plainest reading where none fits, ParseError where two choices of scalars are as good.
    """
    candidates: list[str] = []
    plainest: MatcalcError | None = None
    fallback: tuple[frozenset[str], bool] | None = None
    attempts = max(8, min(MOST_ATTEMPTS, MOST_VISITS // len(nodes)))
    count = 0
    while count <= len(candidates) and attempts > 0:
        for other_groupings in (False, True):
            fitting: list[frozenset[str]] = []
            for chosen in combinations(candidates, count):
                attempts -= 1
                if attempts < 0:
                    break
                made = Shapes(given, frozenset(chosen), other_groupings)
                try:
                    made.run(nodes)
                    _name_sizes(made, given.taken)
                except MatcalcError as error:
                    plainest = plainest or error
                    continue
                if nodes[-1].shape != SCALAR and want_scalar:
                    fallback = fallback or (made.scalars, other_groupings)
                elif not count:
                    return made
                else:
                    fitting.append(made.scalars)
            if len(fitting) > 1:
                raise _ambiguous(fitting, given.text)
            if fitting:
                return _again(nodes, given, fitting[0], other_groupings)
        if not count:
            candidates = _lower_case(nodes, given)
        count += 1
    if fallback is not None:
        return _again(nodes, given, *fallback)
    assert plainest is not None
    if isinstance(plainest, ShapeError):
        _explain(plainest, nodes, given)
    if candidates and not plainest.hint and isinstance(plainest, ShapeError):
        plainest.hint = f"not declared, and taken for vectors or scalars: {', '.join(candidates[:8])}"
    raise plainest


def _explain(error: ShapeError, nodes: list[Node], given: Given) -> None:
    """Says of the names whose shapes do not fit what they are, and where that comes from."""
    names = dict.fromkeys(n.value for n in nodes if n.kind == "name" and error.span[0] <= n.start and n.end <= error.span[1])
    if not names or len(names) > MOST_EXPLAINED or len(nodes) > MOST_RETRACED:
        return
    traced = Shapes(given, frozenset(), False)
    found: dict[str, str] = {}
    with suppress(MatcalcError):
        for node in nodes:
            traced.run([node])
            for name, (_, shape) in traced.inferred.items():
                if name in names and name not in found and not any(isinstance(find(size), Free) for size in shape):
                    origin = given.text[node.start : node.end]
                    found[name] = f"{traced.show(shape)}" + (f" from `{origin}`" if origin != name else ", as it is spelled")
    declared = {n: given.declared[n].shape for n in names if n in given.declared and given.declared[n].shape is not None}
    said = [f"{n} is {traced.show(shape)}" for n, shape in declared.items() if shape]
    told = [" and ".join(said) + " as declared"] * bool(said) + [f"{n} is {found[n]}" for n in names if n in found]
    if told:
        error.message += ": " + ", ".join(told)


def _again(nodes: list[Node], given: Given, scalars: frozenset[str], other_groupings: bool) -> Shapes:
    made = Shapes(given, scalars, other_groupings)
    made.run(nodes)
    _name_sizes(made, given.taken)
    return made


def _name_sizes(made: Shapes, taken: frozenset[str]) -> None:
    if not made.sizes.free:
        return
    made.sizes.solve()
    _check_placed(made)
    used = {*taken, *made.inferred, *made.size_names, *made.functions, *made.used}
    open_ = {id(f) for f in made.sizes.free if f.to is None}
    if not made.sizes.settle(fresh_names(used, len(open_))):
        raise ParseError("the sizes of undeclared names do not follow from the text", hint='declare them: where="X: (m, n); a: (m)"').at(
            made.text, 0, len(made.text)
        )


def _check_placed(made: Shapes) -> None:
    """The size of I, or of vector(1), is one that a variable has too: one that nothing tells would come from nowhere."""
    theirs = {id(find(size)) for _, shape in made.inferred.values() for size in shape}
    theirs.update(id(find(f)) for _, factors in made.sizes.products for f in factors)
    for size, node in made.placed:
        if isinstance(found := find(size), Free) and id(found) not in theirs:
            shown = made.text[node.start : node.end]
            raise ShapeError(f"the size of `{shown}` does not follow from its place", hint="eye(n) and ones(n) say it").at(
                made.text, node.start, node.end
            )


def _lower_case(nodes: list[Node], given: Given) -> list[str]:
    """The undeclared names that are vectors by their spelling, in order of appearance."""
    names = dict.fromkeys(n.value for n in nodes if n.kind == "name")
    declared = {n for n, s in given.declared.items() if s.kind or not s.open}
    known = {*declared, *given.bound, *given.sizes, "pi", "π", "eye"}
    return [n for n in names if n not in known and n not in given.spelled and kind_by_spelling(n) == "vector"]


def _ambiguous(fitting: list[frozenset[str]], text: str) -> ParseError:
    ways = " or ".join(" and ".join(sorted(f)) for f in fitting[:4])
    name = min(fitting[0])
    return ParseError(f"either {ways} could be the scalar", hint=f'declare one: where="{name}: scalar"', line=text, start=0, end=len(text))
