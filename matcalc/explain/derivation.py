"""From an expression to its derivative, one rule at a time.

Magnus & Neudecker's way: name the parts, take the differential of each, put one into the other, collect dX, identify the
derivative, simplify.  For a scalar the linear form df = tr(G'dR) is carried from part to part, which is the chain rule of df/dG as
one writes it by hand; for anything else the differentials are put into each other and the matrix in front of vec dX is read off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from matcalc.calculus import differential, gradient, pullback
from matcalc.calculus.differentials import dependent
from matcalc.explain.linear_forms import D, differential_of, form, ordinary, turned
from matcalc.explain.lines import Equation, Left, Step, Steps, width, written
from matcalc.explain.opening import as_written
from matcalc.explain.parts import Parts, parts
from matcalc.explain.rules import (
    CONSTANT_FACTOR,
    COTANGENT,
    NAMED,
    PUT_BACK,
    PUT_IN,
    QUOTIENT,
    SHORTER,
    STACKED,
    THE_EXPRESSION,
    THROUGH_SUM,
    Rule,
    adjoint_rule,
    differential_rule,
    together,
)
from matcalc.expr import PLAIN, Expr, Manner, add, apply, postorder, product, scaled, substitute, transform, transpose, variables
from matcalc.expr import heads as H
from matcalc.expr.heads import ONE, name_of, number, untransposed, variable, zero
from matcalc.expr.products import squared
from matcalc.limits import HEAVIEST_INSERTED
from matcalc.operators import call
from matcalc.simplification import simplify
from matcalc.writing.repeated import names

IDEAS = 2  # the most rules on one line of a brief derivation
WIDE = 104  # characters of the equations of one step
GRANULARITIES = ("brief", "full")
HEAVY_COTANGENT = 6  # weight from which a cotangent gets a name, where there is more than one part to go through

NOTHING: dict[Expr, Expr] = {}

Pick = Callable[[Expr], Expr]
Line = tuple[Rule, Expr]
Chain = list[Line]


def derivation(
    of: Expr,
    answer: Expr,
    by: Expr,
    *,
    order: str = "grad",
    granularity: str = "brief",
    wrt: Expr | None = None,
    moved: Expr | None = None,
    pick: Pick = lambda g: g,
    then: tuple[Expr, Expr] | None = None,
    manner: Manner = PLAIN,
    meant: dict[Expr, Expr] = NOTHING,
) -> Steps:
    """The steps from `of` to its derivative `answer` by the variable `by`; "full" takes one rule at a time.

    By a slice of the variable, `wrt` is the slice and `moved` the differential, with zeros outside of it.  `pick` is what becomes of a
    gradient by the whole variable: its slice, or its projection on a declared structure.  `meant` has the expressions of the text as they
    stand there, with what they are.  Of a mixed Hessian `then` is the second
    variable and the slice of it, and `moved` is about that one.

    >>> from matcalc.reading import read
    >>> A, b, x = variables(f := read("norm(A*x - b)^2", "A: (m, n)").expr)
    >>> print(derivation(f, gradient(f, [x])[0], x).unicode())
     (1)     f = ‖r‖²,  r = A x − b        name the parts
     (2)    df = 2 rᵀ dr,  dr = A dx       squared norm, constant factor [M&N 8.2; M&N 8.1]
     (3)    df = 2 rᵀ A dx                 put the differential in
     (4) ∂f/∂x = 2 Aᵀ r = 2 Aᵀ (A x − b)   identify: df = gᵀ dx [M&N 9.3]
    """
    made = _Derivation(of, by, wrt or by, granularity == "full", manner, meant)
    if of.nested or by.op is H.MEMBER:
        by = then[0] if then else by
        made.through_sums(of, answer, pick, then or (by, wrt or by), order)
    elif order == "hessian":
        by, second = then or (by, wrt or by)
        made.second(answer, pick, by, second)
    elif of.is_scalar:
        made.scalar(of, answer, pick)
    else:
        made.array(answer)
    return Steps(made.steps, made.meaning, by, {by: moved if moved is not None else differential_of(by)})


class _Derivation:
    """The steps so far, and what each name in them means."""

    def __init__(self, of: Expr, by: Expr, wrt: Expr, full: bool, manner: Manner, meant: dict[Expr, Expr]) -> None:
        self.of, self.by, self.wrt, self.full, self.manner, self.meant = of, by, wrt, full, manner, meant
        self.steps: list[Step] = []
        self.meaning: dict[Expr, Expr] = {}
        self.cotangents = 0  # how many have a name
        self.joinable = False  # whether the last step may get company on its line
        self.names = names(of)

    # --- the three kinds -------------------------------------------------------------------------------------------

    def scalar(self, of: Expr, answer: Expr, pick: Pick) -> Expr:
        """df = tr(G'dX), so ∂f/∂X = G; returns the name f."""
        f = self._called(of, "f y h")
        p = self._parts(f, of)
        left = Left("differential", f)
        order = [n for n in reversed(p.definitions) if n in p.moving]
        chain = self._chain(p.whole)
        self._differentials(left, chain)
        cotangents = self._handed(p.whole, ONE)
        self._collected(left, chain[-1], [], p.whole, ONE, {}, cotangents)
        for n in order:
            if n not in cotangents:
                continue  # its differential has cancelled
            others = {v: g for v, g in cotangents.items() if v is not n}
            cotangent = cotangents[n]
            if len(order) > 1 and cotangent.weight >= HEAVY_COTANGENT:
                cotangent = self._cotangent(cotangent)
            definition = p.definitions[n]
            chain = self._chain(definition)
            self._differentials(Left("differential", n), chain, join=not self.full)
            inserted = PUT_IN, self._turned(add([form(cotangent, chain[-1][1]), _form(others)]))
            handed = self._handed(definition, cotangent)
            cotangents = {**others, **{v: simplify(add([others[v], g])) if v in others else g for v, g in handed.items()}}
            self._collected(left, (Rule(""), number(0)), [inserted], definition, cotangent, others, cotangents)
        self._identify(Left("gradient", f, self.wrt), cotangents.get(self.by), answer, pick)
        return f

    def array(self, answer: Expr) -> None:
        """dY = L(dX), and the matrix of L is ∂vec Y/∂(vec X)'."""
        y = self._called(self.of, "y f h" if self.of.shape[1] == 1 else "Y F H")
        self._linear(y, self.of, answer, Left("gradient" if self.wrt.is_scalar else "jacobian", y, self.wrt))

    def second(self, answer: Expr, pick: Pick, by: Expr, wrt: Expr) -> None:
        """The Hessian, by the differential of the gradient."""
        x = self.wrt
        first = simplify(pick(gradient(self.of, [self.by])[0]))
        if self.full and self.by is by:
            f = self.scalar(self.of, first, pick)
        else:
            f = self._called(self.of, "f y h")
            self._say(THE_EXPRESSION, Equation(Left("value", f), (self.of,)))
        g = self._called(first, "s q h" if first.is_scalar else "g h q" if first.shape[1] == 1 else "G H Q")
        self.by, self.wrt = by, wrt
        left = Left("gradient", g, wrt) if wrt.is_scalar or first.is_scalar else Left("hessian", f, x, wrt, g)
        self._linear(g, first, answer, left, Rule("the gradient", f"{g.data[0]} = ∂{f.data[0]}/∂{written(x, 'unicode')}"))

    def through_sums(self, of: Expr, answer: Expr, pick: Pick, then: tuple[Expr, Expr], order: str) -> None:
        """Differentiates a sum over an index at once: the differential of Σ b is Σ db."""
        f = self._called(of, "f y h" if of.shape[1] == 1 else "Y F H")
        self._say(THE_EXPRESSION, Equation(Left("value", f), (of,)))
        left, y, value = Left("gradient" if of.is_scalar or self.wrt.is_scalar else "jacobian", f, self.wrt), f, of
        if order == "hessian":
            value = simplify(pick(gradient(of, [self.by])[0]))
            y = self._called(value, "s q h" if value.is_scalar else "g h q" if value.shape[1] == 1 else "G H Q")
            self._say(
                Rule("the gradient", f"{y.data[0]} = ∂{f.data[0]}/∂{written(self.wrt, 'unicode')}"), Equation(Left("value", y), (value,))
            )
            x, (self.by, self.wrt) = self.wrt, then
            left = Left("gradient", y, self.wrt) if self.wrt.is_scalar or value.is_scalar else Left("hessian", f, x, self.wrt, y)
        found = simplify(differential(value, {self.by: differential_of(self.by)}))
        self._say(THROUGH_SUM, Equation(Left("differential", y), (found,)))
        if left.kind == "gradient":
            self._identify(left, answer, answer, lambda g: g)
        else:
            self._say(self._read_off(left), Equation(left, (answer,)))

    # --- one step at a time ----------------------------------------------------------------------------------------

    def _say(self, rule: Rule, *equations: Equation, join: bool = False, joinable: bool = False) -> None:
        """One more step; with `join` on the line of the step before, where both fit and that one is `joinable`."""
        before = self.steps[-1] if self.steps else None
        if join and self.joinable and before is not None:
            if width(*before.equations, *equations) <= WIDE:
                made = together([Rule(before.rule.split(":")[0], source=before.source), rule])
                self.steps[-1] = Step(made.name, (*before.equations, *equations), made.source, self.manner)
                return
        self.joinable = joinable
        if not self.steps:
            whole, *definitions = ((e.left, self._as_written(e.right[0])) for e in equations)
            equations = (Equation(*whole), *(Equation(left, right[-1:]) for left, right in definitions))
        self.steps.append(Step(rule.whole, equations, rule.source, self.manner._replace(literal=not self.steps)))

    def _as_written(self, e: Expr) -> tuple[Expr, ...]:
        return tuple(as_written(e, self.meaning, self.meant, self.manner))

    def _parts(self, y: Expr, of: Expr, rule: Rule | None = None) -> Parts:
        """The step that names the parts of what is differentiated."""
        p = parts(of, self.by, {*self.names, *(n.data[0] for n in self.meaning), "G", "K"}, self.manner)
        self.meaning.update(p.meaning)
        self._keep_places(p)
        self.parts = p
        self.definitions = {e: n for n, e in p.definitions.items()}
        self.moving = {self.by, *p.moving}
        self.differentials = {differential_of(n) for n in self.moving}
        definitions = [Equation(Left("value", n), (e,)) for n, e in reversed(p.definitions.items())]
        self._say(rule or (NAMED if definitions else Rule("the expression")), Equation(Left("value", y), (p.whole,)), *definitions)
        return p

    def _keep_places(self, p: Parts) -> None:
        """A part, and its differential, stands where the first of its names was typed; with it a sum keeps its order."""
        places, sums = dict(self.manner.places), dict(self.manner.sums)
        letters = {turn(e): turn(n) for n, e in p.meaning.items() for turn in (transpose, untransposed)}
        for whole, terms in self.manner.sums.items() if letters else ():
            short, ordered = substitute(whole, letters), tuple(substitute(t, letters) for t in terms)
            if short.op is H.SUM and set(short.args) == set(ordered):
                sums[short] = ordered
        for n, e in p.meaning.items() if places else ():
            first = min((places[v.data[0]] for v in variables(e) if v.data[0] in places), default=None)
            if first is not None:
                places |= {n.data[0]: first, "d" + n.data[0]: first}
        self.manner = self.manner._replace(places=places, sums=sums)

    def _called(self, e: Expr, names: str) -> Expr:
        """A name for `e`: the first that is free."""
        used = {*self.names, *(n.data[0] for n in self.meaning)}
        name = next((n for n in names.split() if n not in used and "d" + n not in used), names.split()[0] + "_0")
        made = variable(name, e.shape)
        self.meaning[made] = e
        return made

    def _cotangent(self, cotangent: Expr) -> Expr:
        stem = "G" if "G" not in self.names else "K"
        self.cotangents += 1
        made = variable(f"{stem}_{self.cotangents}", cotangent.shape)
        self.meaning[made] = substitute(cotangent, self.meaning)
        self._say(COTANGENT, Equation(Left("value", made), (cotangent,)), joinable=True)
        return made

    # --- differentials ---------------------------------------------------------------------------------------------

    def _d(self, a: Expr) -> Expr:
        """The differential of a node: a name's own, else d(…), not worked out yet."""
        if a.op is H.TRANSPOSE:
            return transpose(self._d(a.args[0]))
        return differential_of(a) if a in self.moving else apply(D, (a,))

    def _opened(self, e: Expr, active: set[Expr]) -> Expr:
        """The differential of `e` by the one rule for its operator, over the differentials of its arguments."""
        r = squared(e)
        if r is not None:
            return form(scaled(2, r), self._d(r))
        by_rule = {a: self._d(a) for a in e.args if a in active}
        if self._rule(e, active) is QUOTIENT:
            by_rule |= {a: differential(a, {a.args[0]: self._d(a.args[0])}) for a in by_rule if _divides(a)}
        return differential(e, by_rule)

    def _chain(self, e: Expr) -> Chain:
        """The differential of a definition, each rule with what it gives; the outermost operator first."""
        active = dependent(e, self.moving)
        if e not in active:
            return [(Rule("the differential of a constant is zero"), zero(e.shape))]
        now, out = self._d(e), []
        while waiting := [n for n in postorder(now) if n.op is D]:
            inside = {m for n in waiting for m in postorder(n.args[0]) if m is not n.args[0]}
            outer = [n for n in waiting if n.args[0] not in inside]
            rule = self._rule(outer[-1].args[0], active)
            opened = {n: self._named(self._opened(n.args[0], active)) for n in outer if self._rule(n.args[0], active) == rule}
            now = substitute(now, opened)
            out.append((rule, self._turned(now)))
        shorter = _shorter(now)
        if shorter is not now:
            out.append((SHORTER, self._turned(shorter)))
        return out or [(Rule("the variable itself"), now)]

    def _differentials(self, left: Left, chain: Chain, *, join: bool = False) -> None:
        if self.full:
            for rule, e in _changing(chain):
                self._say(rule, Equation(left, (e,)))
        else:
            for rule, e in _by_ideas(list(_changing(chain)) or chain):
                self._say(rule, Equation(left, (e,)), join=join, joinable=True)
                join = False

    @staticmethod
    def _rule(e: Expr, active: set[Expr]) -> Rule:
        """The rule for the differential of `e`, in which `active` moves."""
        moving = [a for a in e.args if a in active] if e.op is H.PRODUCT else []
        if len(moving) > 1 and any(map(_divides, moving)):
            return QUOTIENT
        return CONSTANT_FACTOR if len(moving) == 1 else differential_rule(e)

    def _named(self, e: Expr) -> Expr:
        """`e` with the definitions of parts in it called by their names: d softmax(x) has softmax(x) in it."""
        return substitute(e, self.definitions) if self.definitions else e

    def _turned(self, e: Expr) -> Expr:
        return turned(e, lambda v: v in self.differentials or v.op is D)

    # --- linear forms ----------------------------------------------------------------------------------------------

    def _handed(self, e: Expr, cotangent: Expr) -> dict[Expr, Expr]:
        """The cotangents that `e` hands to the names in it that move."""
        names = [v for v in variables(e) if v in self.moving]
        return {v: simplify(self._named(g)) for v, g in zip(names, pullback(e, cotangent, names), strict=True)}

    def _collected(
        self, left: Left, before: Line, inserted: Chain, e: Expr, cotangent: Expr, others: Mapping[Expr, Expr], done: Mapping[Expr, Expr]
    ) -> None:
        """The lines from a linear form in the differential of `e` to one in which the differentials of names stand alone.

        The form is ⟨cotangent, d e⟩ and what the `others` add; it stands on the line `before`, or is yet to be `inserted`.
        """
        if self.full:
            lines = [*inserted, *self._turned_round(e, cotangent, others), (SHORTER, _form(done))]
        elif not inserted and _is_regrouped(before[1], _form(done)):
            return
        else:
            lines = [*inserted, (together(self._adjoints(e)), _form(done))]
        lines = [(rule, side) for rule, side in _changing([before, *lines]) if side is not before[1]]
        if self.full:
            for rule, side in lines:
                self._say(rule, Equation(left, (side,)))
        elif lines:
            sides = tuple(side for _, side in lines)
            if width(*(Equation(left, (side,)) for side in sides)) > 2 * WIDE or any(
                width(Equation(left, (side,))) > WIDE for side in sides
            ):
                sides = sides[-1:]
            self._say(together(rule for rule, _ in lines), Equation(left, sides))

    def _adjoints(self, e: Expr) -> list[Rule]:
        active = dependent(e, self.moving)
        return [adjoint_rule(n) for n in reversed(postorder(e)) if n in active and n not in self.moving]

    def _turned_round(self, e: Expr, cotangent: Expr, others: Mapping[Expr, Expr]) -> Iterator[Line]:
        """⟨W, d e⟩ with one operator after the other turned round, the outermost first."""
        active = dependent(e, self.moving)
        rest, moves = _form(others), {v: differential_of(v) for v in variables(e) if v in self.moving}
        d = {n: _shorter(self._named(differential(n, moves))) for n in active}
        waiting: dict[Expr, Expr] = {e: cotangent}
        rules: list[Rule] = []
        for n in reversed(postorder(e)):
            if n in self.moving or n not in waiting:
                continue
            w = waiting.pop(n)
            live = list(dict.fromkeys(a for a in n.args if a in active))
            for a, g in zip(live, pullback(n, w, live), strict=True):
                g = self._named(g)
                waiting[a] = simplify(add([waiting[a], g]) if a in waiting else g)
            rules.append(adjoint_rule(n))
            if n.op is not H.SUM and not n.is_scalar:
                yield together(rules), self._turned(add([*(form(g, d[a]) for a, g in waiting.items()), rest]))
                rules = []

    # --- the derivative --------------------------------------------------------------------------------------------

    def _identify(self, left: Left, found: Expr | None, answer: Expr, pick: Pick) -> None:
        if found is None:
            self._say(Rule("the expression does not depend on it"), Equation(left, (answer,)))
            return
        f, x = left.of.data[0], written(self.by, "unicode")
        says = f"d{f} = g d{x}" if self.by.is_scalar else f"d{f} = gᵀ d{x}" if self.by.shape[1] == 1 else f"d{f} = tr(Gᵀ d{x})"
        picked = simplify(pick(found))
        if picked is not found:
            says += ", in the declared structure" if self.wrt is self.by else ", and the slice of G"
        self._ending(Rule("identify", says, "M&N 9.3"), left, picked, answer)

    def _ending(self, rule: Rule, left: Left, named: Expr, answer: Expr) -> None:
        """The derivative over the names, and with what they stand for where that fits a line."""
        long, longer = width(Equation(left, (named,))), width(Equation(left, (answer,)))
        if named is answer or long > WIDE and longer <= long or long == longer and written(named, "text") == written(answer, "text"):
            self._say(rule, Equation(left, (answer,)))
        elif longer > WIDE:
            self._say(rule, Equation(left, (named,)))
            if (short := self._over_parts(answer)).weight < named.weight:
                self._say(SHORTER, Equation(left, (short,)))
        elif self.full or width(Equation(left, (named, answer))) > WIDE:
            self._say(rule, Equation(left, (named,)))
            self._say(PUT_BACK, Equation(left, (answer,)))
        else:
            self._say(rule, Equation(left, (named, answer)))

    def _over_parts(self, e: Expr) -> Expr:
        """`e` with the names of the parts for what they stand for, also transposed."""
        return substitute(e, {turn(whole): turn(name) for name, whole in self.parts.meaning.items() for turn in (transpose, untransposed)})

    def _linear(self, y: Expr, of: Expr, answer: Expr, left: Left, rule: Rule | None = None) -> None:
        p = self._parts(y, of, rule)
        d = Left("differential", y)
        chain = self._chain(p.whole)
        self._differentials(d, chain)
        now = chain[-1][1]
        order = [n for n in reversed(p.definitions) if n in p.moving]
        for n in order:
            chain = self._chain(p.definitions[n])
            self._differentials(Left("differential", n), chain, join=not self.full)
            now = substitute(now, {differential_of(n): chain[-1][1]}) if now.weight <= HEAVIEST_INSERTED else now
        if order and now.weight <= HEAVIEST_INSERTED:
            now = self._turned(_shorter(now))
            if width(Equation(d, (now,))) <= WIDE:
                self._say(PUT_IN, Equation(d, (now,)))
        named = self._over_parts(answer)
        if left.kind == "jacobian" and 1 not in (y.shape[1], self.wrt.shape[1]) and self.wrt is self.by:
            stacked = product([named, call("vec", differential_of(self.by))])
            if width(Equation(Left("vec", y), (stacked,))) <= WIDE:
                self._say(STACKED, Equation(Left("vec", y), (stacked,)))
        self._ending(self._read_off(left), left, named, answer)

    def _read_off(self, left: Left) -> Rule:
        y, x = left.of.data[0], name_of(self.by)
        if self.by.is_scalar:
            return Rule("identify", f"the factor of d{x}")
        if left.kind == "hessian" or (left.of.shape[1] == 1 and self.by.shape[1] == 1):
            return Rule("identify", "the matrix before " + (f"d{x}" if self.by.shape[1] == 1 else f"vec d{x}"), "M&N 9.4")
        return Rule("identify", f"vec d{y} = J vec d{x}", "M&N 9.5")


def _form(cotangents: Mapping[Expr, Expr]) -> Expr:
    """The linear form Σ ⟨G, dX⟩."""
    return add([form(g, differential_of(v)) for v, g in cotangents.items()]) if cotangents else number(0)


def _is_regrouped(line: Expr, other: Expr) -> bool:
    """Whether a line, which is no longer than the other, differs from it in nothing but how its terms are grouped."""
    return line.weight <= other.weight and simplify(transform(line, ordinary)) is simplify(transform(other, ordinary))


def _shorter(e: Expr) -> Expr:
    """`e` simplified, where that leaves less to read."""
    made = simplify(e)
    return made if made.weight < e.weight else e


def _by_ideas(lines: Chain) -> Iterator[Line]:
    """The lines put together as long as they are of two rules; linearity counts for nothing."""
    held: list[Rule] = []
    for i, (rule, e) in enumerate(lines):
        held.append(rule)
        ahead = together([*held, *(r for r, _ in lines[i + 1 : i + 2])])
        if i == len(lines) - 1 or ahead.name.count(", ") >= IDEAS:
            yield together(held), e
            held = []


def _divides(a: Expr) -> bool:
    return a.op is H.POWER and a.args[1].op is H.NUMBER and a.args[1].data < 0


def _changing(lines: Chain) -> Iterator[Line]:
    """The lines without those that repeat the one before; their rules go on to the next."""
    last: Expr | None = None
    held: list[Rule] = []
    for rule, e in lines:
        held.append(rule)
        line = transform(e, ordinary)
        if line is not last:
            yield together(held), e
            held = []
        last = line
