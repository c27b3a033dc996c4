"""Decides which undeclared names are scalars, which vectors: by evidence, then by what fits at least cost.

Lower-case Latin names are vectors, and scalars only where nothing else fits or what fits costs more, as few as possible: c is one
in ``x'A x + b'x + c``.  Lower-case Greek names are scalars, and vectors where the expression fits at less cost then: a scalar that
is spread over a vector costs 1, a scalar right of a matrix costs 1.  Upper-case names are matrices, and scalars where a number or
a norm is divided by them, or where that costs less.  What the place of a name says (`matcalc.reading.evidence`)
goes first, and what is declared before all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from itertools import combinations, pairwise
from typing import NamedTuple

from matcalc.errors import MatcalcError, ShapeError
from matcalc.limits import MOST_EXPLAINED, MOST_NUMBERS, MOST_READINGS, MOST_RETRACED, MOST_TURNED, MOST_VISITS
from matcalc.operators import CONSTANTS, FUNCTIONS
from matcalc.reading.elaboration import key_of
from matcalc.reading.evidence import DOTTED, INNER, NORMS, by_entries, evidence, is_real, numbers_by_place, numbers_of_programs
from matcalc.reading.letters import WEIGHTS, kind_by_spelling
from matcalc.reading.read_as import so_far
from matcalc.reading.scope import Given
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.sizes import Free, find, fresh_names
from matcalc.reading.tree import OVER, Node, failing, left_leaf, middles, walked

Names = frozenset[str]
ARITHMETIC = frozenset(("name", "number", "sum", "minus", "product", "power", "dot_power", "exponential", "skip"))


def inferred(nodes: list[Node], given: Given, want_scalar: bool) -> Shapes:
    """The shapes of all nodes, after the first of these that fits: all lower-case Latin names vectors, then the fewest scalars.

    For each choice products are read from the left first.  With `want_scalar` those come first that make the whole a scalar.
    Raises the error of the plainest reading where none fits, ParseError where two choices are as good.
    """
    indexed = {n.value[0] for n in nodes if n.kind == "indexed" and len(n.value[1]) == 1}
    if bold := {stem for stem in indexed if given.spelled.get(stem) == "matrix"} - given.members:
        arguments = {part.stem for n in nodes if n.kind == "call" and n.value[0] not in FUNCTIONS for part in n.parts}
        if members := bold - arguments:  # the f(x_i) of a function f of points may be its i-th value
            try:
                return inferred(nodes, given._replace(members=given.members | members), want_scalar)
            except ShapeError as error:
                name = next(n.stem for n in nodes if n.stem in members)
                hint = f"the bold {name} with an index is read as a vector; where it is a number {name} is declared: {name}: (n)"
                error.hint = "\n  ".join(filter(None, (error.hint, hint)))
                raise
    inner = [n.parts for n in nodes if n.kind == "call" and n.value[0] == "inner" and all(p.kind == "name" for p in n.parts)]
    pairs = [{p.value: given.spelled.get(p.value) or kind_by_spelling(p.value) for p in parts} for parts in inner]
    also = {n: "matrix" for kinds in pairs if "matrix" in kinds.values() for n in kinds if n.islower()}  # ⟨γ, M⟩
    between = (k.word for n in nodes if n.kind == "product" and given.spelled for k in middles(n))
    also |= {k: "matrix" for k in between if given.spelled.get(k) == "vector"}  # a bold k in u'k u
    given = given._replace(spelled={**given.spelled, **also}) if also else given
    search = _Search(nodes, given, want_scalar)
    found: tuple[Shapes, _Choice] | None = None
    for divided in dict.fromkeys((search.divisors, Names())):
        search.divisors = divided
        for held in dict.fromkeys((search.open_powers(), frozenset())) if found is None else ():
            choice = search.found(held)
            if choice is not None:
                search.check_dotted(choice)
                made = search.again(choice)
                if not made.costs:
                    return made
                if found is None or len(made.costs) < len(found[0].costs):
                    found = made, choice
    if found is None and want_scalar and (counted := _with_numbers(nodes, given) or _all_numbers(search)) is not None:
        return counted
    choice = found[1] if found is not None else search.fallback
    if choice is None:
        raise search.refused()
    if found is None:
        search.last = None  # the nodes may have the shapes of another search
    for of_products in (True,) if found is not None else (False, True) if want_scalar else ():
        lifted = _with_vectors(search, given, choice, of_products)
        if lifted and (found is None or len(lifted.costs) < len(found[0].costs)):
            return lifted
    return search.again(search.cheaper(choice))


def _fitting(nodes: list[Node], given: Given, numbers: Names = frozenset()) -> tuple[_Search, _Choice] | None:
    """A search for a scalar, with some names as numbers, and what it found; None where nothing fits."""
    search = _Search(nodes, given, True, numbers)
    with suppress(MatcalcError):
        if (choice := search.found(frozenset())) is not None:
            return search, choice
    return None


def _with_numbers(nodes: list[Node], given: Given) -> Shapes | None:
    """The shapes where as few upper-case names as possible are scalars, of those that stand where numbers do; None where none fits.

    Raises ParseError where several are as few.
    """
    own = {*given.declared, *given.bound, *given.sizes, *given.spelled, "I"}
    integers = given.said.integers
    powers = [n for n in nodes if n.kind == "power" and n.parts[0].kind == "name" and is_real(n.parts[1], integers)]
    names = [n for n in numbers_by_place(nodes, integers) if n not in own][:MOST_NUMBERS]
    _ask_of_powers([n for n in powers if n.parts[0].value in names], nodes, given)
    for count in range(1, len(names) + 1):
        fitting = [(chosen, *made) for chosen in combinations(names, count) if (made := _fitting(nodes, given, frozenset(chosen)))]
        if len(fitting) > 1:
            raise _ambiguous([frozenset(chosen) for chosen, *_ in fitting], given.text, "scalar")
        for _, search, choice in fitting:
            search.last = None  # the nodes have the shapes of the last search
            return search.again(search.cheaper(choice))
    return None


def _all_numbers(search: _Search) -> Shapes | None:
    """The shapes where all names are scalars, if all is arithmetic: A exp(-E/(R T)), where something is divided by a capital.

    Also A exp(-k t), where the small letters in the function are scalars anyway, and no capital is in it.
    """
    nodes, given, array = search.nodes, search.given, search.fallback
    names = {n.value for n in nodes if n.kind == "name" and n.value not in CONSTANTS}
    products = [n for n in nodes if n.kind == "product"]
    below = [part for n in products for o, part in zip(n.value, n.parts[1:], strict=True) if o.kind == OVER]
    divided = any(n.kind == "name" and n.value[0].isupper() for part in below for n in walked(part))
    numbers = all(s.shape == SCALAR for name, s in given.declared.items() if name in names) and not names & {"I", *given.bound}
    plain = all(n.kind in ARITHMETIC or n.kind == "call" and by_entries(n.value[0]) for n in nodes)
    small = array is not None and not array.vectors and array.scalars.issuperset(search.latin)
    of = {p.value for n in nodes if n.kind in ("call", "exponential") for p in walked(n) if p.kind == "name"} if small else set()
    scaled = of and not any(name[0].isupper() for name in {*of, *given.by})
    if (divided or scaled) and numbers and plain and not any(_applied(n, names) for n in products if n not in below):
        return made[0].again(made[1]) if (made := _fitting(nodes, given, frozenset(names))) else None
    return None


def _ask_of_powers(powers: list[Node], nodes: list[Node], given: Given) -> None:
    """Raises ParseError for the X^n of a capital that fits as a matrix too, if n is a whole number."""
    counts = {n.value: n for power in powers for n in walked(power.parts[1]) if n.kind == "name" and n.value not in given.declared}
    if not counts:
        return
    whole = replace(given.said, integers=given.said.integers.union(counts))
    if _fitting(nodes, given._replace(said=whole)):
        name, count = powers[0].parts[0].value, next(iter(counts))
        hint = f"declare {name}: scalar; the power of a matrix is expm({count}*logm({name})), or with a number {name}^3"
        raise failing(f"is `{name}` a matrix or a number?", powers[0], hint)


def _with_vectors(search: _Search, given: Given, choice: _Choice, of_products: bool) -> Shapes | None:
    """The shapes where the capitals that vectors are added to are vectors too, as in (Π − μ)'; None where that does not fit.

    With `of_products` only those beside the product of a matrix and what may be a vector: the Y of Y − X β.
    """

    def beside(part: Node) -> bool:
        while part.kind == "minus" or part.kind == "call" and of_products and by_entries(part.value[0]):
            part = part.parts[0]
        if part.kind == "sum" and of_products:
            return any(map(beside, part.parts))
        if not of_products:
            return 1 in part.shape and part.shape != SCALAR
        last = part.parts[-1] if part.kind == "product" else part
        return last is not part and last.kind == "name" and last.value[0].islower() and any(1 not in f.shape for f in part.parts)

    nodes, made = search.nodes, search.again(choice)
    known = {n for n in nodes if n.kind == "norm" and n.value == "F" or n.kind == "call" and n.value[0] not in NORMS}  # of matrices too
    kinds = ("norm", "transpose", "power", "dot_power", "call")
    measured = {n.parts[0] for n in nodes if n.kind in kinds and n.parts and n not in known}
    asked = [n for n in nodes if n.kind == "sum" and (n in measured or not of_products)]
    sums = [n for n in asked if 1 not in n.shape and any(map(beside, n.parts))]
    names = {p.value for n in sums for p in n.parts if p.kind == "name" and p.value in made.inferred and 1 not in p.shape}
    if not names:
        return None
    search.last = None  # the nodes have the shapes of another search from now on
    made_so = _fitting(nodes, given._replace(spelled={**given.spelled, **dict.fromkeys(names, "vector")}))
    if made_so is None:
        return None
    lifted = made_so[0].again(made_so[1])
    lifted.reasons.update(dict.fromkeys(names, "added to a vector"))
    return lifted


class _Choice(NamedTuple):
    """The Latin names that are scalars, the Greek ones that are vectors, whether products are regrouped, and the powers of scalars only."""

    scalars: Names
    vectors: Names
    regrouped: bool
    held: frozenset[Node]


class _Attempt(NamedTuple):
    """Whether a choice fits, as what is asked for or as an array only, and the Greek names in each place that costs something."""

    fits: bool
    array: bool
    blamed: list[list[str]]


class _Search:
    """The attempts on one expression: how many are left, what fits so far but is no scalar, and the first error."""

    def __init__(self, nodes: list[Node], given: Given, want_scalar: bool, numbers: Names = frozenset()) -> None:
        self.nodes, self.want_scalar, self.numbers = nodes, want_scalar, numbers
        self.turned = Names()  # the scalars that no shape asks for
        self.rows: dict[str, str] = {}  # the names x of which x_i is a vector by its place, each with the reason
        own = {*(n for n, s in given.declared.items() if s.kind or not s.open), *given.bound, *given.sizes, *CONSTANTS, "I", "eye"}
        names = dict.fromkeys(n.value for n in nodes if n.kind == "name")
        lower = [n for n in names if n not in own and kind_by_spelling(n) != "matrix"]
        indexed = {n.value[0]: None for n in nodes if n.kind == "indexed" and len(n.value[1]) == 1}
        stems = [n for n in indexed if n not in names or n[0].isupper()]  # the U_i beside U is a row of it, where it is a vector
        if lower or stems or any(n.kind == "power" for n in nodes):
            seen = evidence(nodes, given.declared, given.by)
            self.rows = {stem: seen.reasons[stem] for stem in stems if stem in seen.reasons}
            members = given.members.union(self.rows)
            arrays = {n: r for n, r in seen.reasons.items() if n in lower}
            given = given._replace(members=members, arrays=arrays, reduced=seen.reduced, summed=seen.summed)
            given = given._replace(spelled={**given.spelled, **dict.fromkeys(seen.matrices.intersection(lower), "matrix")})
            parted = {n.parts[0] for n in nodes if n.kind in ("slice", "item")}
            whole = {n.value for n in nodes if n.kind == "name" and n not in parted and n.value[0].islower()}
            if not any(s.shape and 1 not in s.shape for n, s in given.declared.items() if n in whole):  # of a matrix w, w'x is no number
                self.turned = seen.numbers.intersection(n for n in lower if n not in given.spelled and n not in arrays)  # ‖y − w'x − b‖
                self.numbers |= self.turned
        self.given = given
        self.free = [n for n in lower if n not in given.spelled and n not in given.arrays and n not in self.numbers]
        self.latin = [n for n in self.free if kind_by_spelling(n) == "vector"]
        greek = {n for n in self.free if n not in self.latin and n not in WEIGHTS}
        greek.update(n for n in stems if n not in given.members)  # x_i is an entry, unless it is a vector at less cost
        named = [(n.start, n.stem) for n in nodes if n.kind in ("name", "indexed")]
        self.greek = sorted((at, name) for at, name in named if name in greek) if greek else []
        capitals = {n for n in names if n not in {*own, *lower, *given.spelled} and n[0].isupper()}
        sure = {n: reason for n, reason in numbers_by_place(nodes).items() if reason and n in capitals} if capitals else {}
        by_place = numbers_of_programs(nodes, given.numpy) if self.latin else {}
        self.by_place = {**sure, **{name: r for name, r in by_place.items() if name in self.latin and name not in given.by}}
        self.divisors = frozenset(self.by_place)
        self.turning = sorted((at, name) for at, name in named if name in capitals or name in self.latin)  # what may turn out a scalar
        dotted = (three for n in nodes if n.kind == "product" for three in n.neighbours if three[1].text in INNER)
        pairs = ((row, of) for a, _, b in dotted for row, of in ((a, b), (b, a)))
        self.dotted = [(row, of) for row, of in pairs if row.kind == "indexed" and of.word in self.latin]
        self.left = 0
        self.last: tuple[_Choice, Shapes] | None = None
        self.fallback: _Choice | None = None
        self.plainest: MatcalcError | None = None
        self.first: Shapes  # those that were found before it
        self.reasons: dict[str, str] = {}  # of Greek names that may be vectors
        self.reasons_beside: dict[Names, dict[str, str]] = {}  # the same, where others are vectors

    def open_powers(self) -> frozenset[Node]:
        """The powers of undeclared names that are of scalars at first: those in no sum and no norm."""
        powers = [n for n in self.nodes if n.kind == "power" and n not in self.given.reduced] if self.latin else []
        places = sorted(n.start for n in self.nodes if n.kind == "name" and n.value in self.latin) if powers else []
        return frozenset(p for p in powers if bisect_left(places, p.parts[0].start) < bisect_left(places, p.parts[0].end))

    def found(self, held: frozenset[Node]) -> _Choice | None:
        """The reading with the fewest Latin scalars that fits, if one does."""
        self.plainest, self.left = None, max(8, min(MOST_READINGS, MOST_VISITS // len(self.nodes)))
        alike = _multiplied(self.nodes, self.latin) if len(self.latin) > 1 else []
        for count in range(len(self.latin) + 1):
            for regrouped in (False, True):
                fitting: list[_Choice] = []
                for chosen in combinations(self.latin, count):
                    if self.left <= 0:
                        break
                    if any(not together.isdisjoint(chosen) and not together.issubset(chosen) for together in alike):
                        continue
                    fitting += self.least(self.numbers.union(self.divisors, chosen), regrouped, held)
                if len(fitting) > 1:
                    self.certain(fitting)
                if fitting:
                    return fitting[0]
            if self.left <= 0:
                break
        return None

    def least(self, scalars: Names, regrouped: bool, held: frozenset[Node]) -> list[_Choice]:
        """The best choices of Greek vectors, all of them equally good; only names that a cost or an error is about are tried."""
        tried = self.forced(scalars, regrouped, held)
        last, made = next(reversed(tried.items()))
        if made.fits and not made.blamed:
            return [last]
        best: tuple[int, int] | None = None
        choices: list[_Choice] = []
        arrays: list[tuple[int, _Choice]] = []  # what fits, but is no scalar
        level, seen = [Names()], set[Names]()
        while level:
            following: dict[Names, None] = {}
            for vectors in level:
                choice = _Choice(scalars, vectors, regrouped, held)
                if choice not in tried and self.left <= 0:
                    if best is None:
                        return []
                    hint = _both(next(iter(self.reasons)))
                    raise failing("too many names are not declared to tell vectors from scalars", (0, len(self.given.text)), hint)
                made = tried.get(choice) or self.attempt(choice)
                if made.fits:
                    key = len(made.blamed), len(vectors)
                    if best is None or key < best:
                        best, choices = key, []
                    choices += [choice] * (key == best)
                elif made.array:
                    arrays.append((len(made.blamed), choice))
                following.update((vectors | {name}, None) for names in made.blamed for name in names if name not in vectors)
            if best is not None and best[0] == 0:
                break
            seen.update(level)
            level = [v for v in following if v not in seen]
        if arrays and self.fallback is None:
            self.fallback = min(arrays, key=lambda found: found[0])[1]
        return choices

    def forced(self, scalars: Names, regrouped: bool, held: frozenset[Node]) -> dict[_Choice, _Attempt]:
        """The attempts with no Greek vector, and with all that alone are blamed for a cost: the last is best if nothing costs there."""
        choice = _Choice(scalars, Names(), regrouped, held)
        tried = {choice: self.attempt(choice)}
        while (made := tried[choice]).blamed:
            alone = {name for names in made.blamed if len(names) == 1 for name in names} - choice.vectors
            if not alone or self.left <= 0:
                break
            choice = choice._replace(vectors=choice.vectors | alone)
            tried[choice] = self.attempt(choice)
        return tried

    def cheaper(self, choice: _Choice) -> _Choice:
        """The choice, or one with a few more scalars, capitals too, that costs less: what is added to a scalar is one."""
        costs = self.again(choice).costs
        least, spans = len(costs), [(start, end) for reason, start, end in costs if reason.startswith("added to")]
        places = [self.turning[bisect_left(self.turning, (a, "")) : bisect_left(self.turning, (b, ""))] for a, b in spans]
        names = [name for name in dict.fromkeys(name for place in places for _, name in place) if name not in choice.scalars]
        names = [name for name in names if name not in evidence(self.nodes, self.given.declared).reasons] if least else names
        for count in range(1, MOST_TURNED + 1):
            for chosen in combinations(names, count):
                if self.left <= 0 or not least:
                    return choice
                if any(_applied(n, chosen) for n in self.nodes if n.kind == "product"):
                    continue
                turned = choice._replace(scalars=choice.scalars.union(chosen))
                made = self.attempt(turned)
                if (made.fits or made.array) and self.last is not None and len(self.last[1].costs) < least:
                    choice, least, self.turned = turned, len(self.last[1].costs), frozenset(chosen)
        return choice

    def check_dotted(self, choice: _Choice) -> None:
        """Raises ParseError for the c·x_i of which nothing but the dot says that it is of vectors, where numbers fit as well."""
        for row, of in self.dotted:
            if row.stem in choice.vectors and of.word not in choice.scalars:
                entries = choice._replace(vectors=choice.vectors - {row.stem})
                self.attempt(entries)
                told = self.last is None or any(reason != DOTTED for reason, *_ in self.last[1].costs)
                if not told and self.attempt(entries._replace(scalars=entries.scalars | {of.word})).fits:
                    start, end = min(row.start, of.start), max(row.end, of.end)
                    shown, hint = self.given.text[start:end], f"declare {of.word}: (n) or {of.word}: scalar"
                    raise failing(f"is `{shown}` an inner product, or a product of numbers?", (start, end), hint)

    def attempt(self, choice: _Choice) -> _Attempt:
        self.left -= 1
        made, error = Shapes(self.given, *choice), None
        try:
            made.run(self.nodes)
            _name_sizes(made, self.given.taken)
        except MatcalcError as problem:
            error = problem
            if self.plainest is None or made.reached > self.first.reached:  # the reading that goes furthest says most
                self.plainest, self.first = error, made
        self.last = (choice, made) if error is None else None
        fits = error is None and (self.nodes[-1].shape == SCALAR or not self.want_scalar)
        return _Attempt(fits, error is None and not fits, self.blamed(made, error, choice.vectors))

    def again(self, choice: _Choice) -> Shapes:
        """The shapes of a choice that fits; those of the nodes are of the last attempt."""
        if self.last is None or self.last[0] != choice:
            made = Shapes(self.given, *choice)
            made.run(self.nodes)
            _name_sizes(made, self.given.taken)
            self.last = choice, made
        made = self.last[1]
        only = "only that fits"
        made.reasons = {
            **self.rows,
            **dict.fromkeys(self.given.spelled, "bold"),
            **self.given.arrays,
            **dict.fromkeys(choice.scalars, only),
            **{name: reason for name, reason in self.by_place.items() if name in self.divisors},
            **dict.fromkeys(self.turned, "beside a scalar"),
            **{n: self.reasons_beside.get(choice.vectors - {n}, self.reasons).get(n, only) for n in choice.vectors},
        }
        return made

    def blamed(self, made: Shapes, error: MatcalcError | None, vectors: Names) -> list[list[str]]:
        """The Greek names in each place that costs something; where nothing does, in what does not fit."""
        if not self.greek:
            return []
        places = made.costs
        if error is not None and not places:
            span = error.span if isinstance(error, ShapeError) else (0, len(self.given.text))
            places = [("only that fits", *span)]
        found = []
        for reason, start, end in places:
            here = self.greek[bisect_left(self.greek, (start, "")) : bisect_left(self.greek, (end, ""))]
            if here:
                found.append((list(dict.fromkeys(name for _, name in here)), reason))
        reasons: dict[str, str] = {}
        for names, reason in sorted(found, key=lambda place: len(place[0])):
            for name in names:
                reasons.setdefault(name, reason)
        self.reasons_beside[vectors] = reasons
        self.reasons = {**reasons, **self.reasons}
        return [names for names, _ in found]

    def certain(self, fitting: list[_Choice]) -> None:
        """Asks where several choices are as good."""
        for chosen, kind in (([f.scalars for f in fitting], "scalar"), ([f.vectors for f in fitting], "vector")):
            common = frozenset.intersection(*chosen)
            apart = list(dict.fromkeys(names - common for names in chosen if names != common))
            if len(apart) > 1:
                raise _ambiguous(apart, self.given.text, kind)

    def refused(self) -> MatcalcError:
        """The error of the plainest reading, with what is known of the names."""
        error = self.plainest
        assert error is not None
        if isinstance(error, ShapeError):
            _explain(error, self.nodes, self.given)
            here = [n for n in self.free if any(error.span[0] <= m.start < error.span[1] for m in self.nodes if m.value == n)]
            advice = error.hint or (_both(here[0]) if here else "")
            error.hint = "\n  ".join(filter(None, (advice, f"read as: {known}" if (known := so_far(self.first)) else "")))
        return error


def _applied(product: Node, chosen: Collection[str]) -> bool:
    """Whether a capital of the chosen names stands before another of them: A w is of a matrix and a vector."""
    names = [part.value for part in product.parts if part.kind == "name" and part.value in chosen]
    return any(a[0].isupper() and not b[0].isupper() for a, b in pairwise(names))


def _multiplied(nodes: list[Node], names: list[str]) -> list[Names]:
    """The names of one letter with numbers that are multiplied with each other, x_1 x_2: one is a scalar where the other is."""
    keys = {name: key_of(name) for name in names}
    stems = {stem for stem, index in keys.values() if index.isdigit()}
    leaves = [[left_leaf(part)[0].word for part in n.parts] for n in nodes if n.kind == "product"] if stems else []
    factors = [{*words}.intersection(names) for words in leaves if not any(word[:1].isupper() for word in words)]
    found = (frozenset(n for n in group if keys[n][0] == stem and keys[n][1].isdigit()) for group in factors for stem in stems)
    return [group for group in dict.fromkeys(found) if len(group) > 1]


def _explain(error: ShapeError, nodes: list[Node], given: Given) -> None:
    """Says of the names whose shapes do not fit what they are, and where that comes from."""
    names = dict.fromkeys(n.value for n in nodes if n.kind == "name" and error.span[0] <= n.start and n.end <= error.span[1])
    if not names or len(names) > MOST_EXPLAINED or len(nodes) > MOST_RETRACED:
        return
    traced = Shapes(given)
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


def _name_sizes(made: Shapes, taken: frozenset[str]) -> None:
    if not made.sizes.free:
        return
    made.sizes.solve()
    _check_placed(made)
    used = {*taken, *made.inferred, *made.size_names, *made.functions, *made.used}
    open_ = {id(f) for f in made.sizes.free if f.to is None}
    if not made.sizes.settle(fresh_names(used, len(open_))):
        message = "the sizes of undeclared names do not follow from the text"
        raise failing(message, (0, len(made.text)), 'declare them: where="X: (m, n); a: (m)"')


def _check_placed(made: Shapes) -> None:
    """The size of I, or of vector(1), is one that a variable has too: one that nothing tells would come from nowhere."""
    theirs = {id(find(size)) for _, shape in made.inferred.values() for size in shape}
    theirs.update(id(find(f)) for m in made.sizes.made if not m.sum for f in m.parts)
    for size, node in made.placed:
        if isinstance(found := find(size), Free) and id(found) not in theirs:
            shown = made.text[node.start : node.end]
            raise failing(f"the size of `{shown}` does not follow from its place", node, "eye(n) and ones(n) say it", kind=ShapeError)


def _ambiguous(choices: list[Names], text: str, kind: str) -> MatcalcError:
    ways = " or ".join(" and ".join(sorted(names)) for names in choices[:4])
    also = "; of vectors .* is the product entry by entry" * (kind == "scalar")
    return failing(f"either {ways} could be the {kind}", (0, len(text)), _both(min(choices[0])) + also)


def _both(name: str) -> str:
    return f"declare {name}: (n) or {name}: scalar"
