"""The conditions of an answer, in words: collected from the domain and smooth columns of the operators.

A domain is a condition on the input (A invertible); a place where an operator is not smooth is one on the
derivative (differentiable where x ≠ 0), and counts only where the argument depends on the variable.  What is known of an
expression anyway, and what another condition says already, is not said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import NamedTuple

from matcalc.calculus.rules import needed
from matcalc.expr import ONE, Expr, coefficient_and_rest, factors, hadamard, number, postorder, product, split, substitute
from matcalc.expr import heads as H
from matcalc.expr.facts import is_nonnegative, is_positive, known, supposing
from matcalc.expr.indices import parts
from matcalc.limits import LONGEST_ARGUMENT, MOST_CONDITIONS
from matcalc.operators.matrices import DET, DIAG, KRON, NORM, PROD
from matcalc.simplification import rewritten
from matcalc.writing.unicode import unicode

Naming = Callable[[Expr], str]  # what an expression is called in a sentence

# What makes a condition true: properties of the argument (of the arguments, in their order), alternatives parted by |.
SUFFICES = {
    "invertible": "invertible",
    "positive": "positive",
    "nonnegative": "nonnegative",
    "≠ 0": "nonzero | injective | onto",
    "without zeros": "nonzero",
    "symmetric": "symmetric",
    "symmetric positive definite": "spd",
    "greater than −1": "nonnegative",
    "of full rank": "injective | onto",
    "of constant rank": "injective | onto",
    "without eigenvalues in (−∞, 0]": "spd",
    "where X and −Y share no eigenvalue": "spd,psd | psd,spd",
}

# What a condition says in the words of the properties.
GRANTS = {
    "positive": ("positive", "nonnegative", "nonzero"),
    "nonnegative": ("nonnegative",),
    "≠ 0": ("nonzero",),
    "without zeros": ("nonzero",),
    "invertible": ("invertible",),
    "negative": ("negative", "nonpositive", "nonzero"),
    "positive definite": ("spd",),
}


class Condition(NamedTuple):
    """The conditions that `needs`, a key of SUFFICES or the words of a row, asks of the first of the arguments `of` (or of all of them)."""

    of: tuple[Expr, ...]
    needs: str

    def known(self, also: Mapping[Expr, Collection[str]]) -> bool:
        """Whether it is so anyway, given what else is taken for granted."""
        ways = (way.split(",") for way in SUFFICES.get(self.needs, "").split("|") if way)
        return any(all(supposing(e, also) >= set(side.split()) for e, side in zip(self.of, way, strict=False)) for way in ways)


def domains(*roots: Expr, names: Mapping[Expr, Expr] | None = None, wrt: Sequence[Expr] | None = None) -> list[str]:
    """The conditions under which the expressions are defined; `names` are of parts, to be called so.

    What `smoothness` says by the variables `wrt` (by any, where none are named) is left to it.

    >>> from matcalc.api.building import function, matrix
    >>> A, B = matrix("A", "n", "n"), matrix("B", "n", "n")
    >>> domains(function("tr")(function("inv")(A @ B)))
    ['A invertible', 'B invertible']
    """
    roots = (*map(_written_out, roots[:1]), *roots[1:])
    given = set(parts(*roots[:1]))  # what the answer alone contains is defined where these conditions hold
    nodes = [e for e in parts(*roots) if e in given or e.args and _squared(e.args[0]) in given]
    name, said = _naming(names), (given if wrt is None else given & _depending(nodes, wrt)) - _only_in_powers(parts(*roots[:1]))
    smooth = {(e.args[0], e.op.smooth) for e in nodes if e.op.smooth and e in said}
    found = [c for c in _domains(nodes, said) if (c.of[0], c.needs) not in smooth]
    return list(dict.fromkeys(_in_words(c, name) for c in _needed(list(dict.fromkeys(found)))))


def smoothness(of: Expr, wrt: Sequence[Expr], names: Mapping[Expr, Expr] | None = None) -> list[str]:
    """Where the expression is differentiable by the variables, if not everywhere.

    >>> from matcalc.api.building import function, vector
    >>> x, b = vector("x", "n"), vector("b", "n")
    >>> smoothness(function("norm")(x - b), [x]), smoothness(function("norm")(x - b)**2, [x])
    (['differentiable where x − b ≠ 0'], [])
    """
    nodes = parts(_written_out(of))
    moving = _depending(nodes, wrt)
    squared, name = _only_in_powers(nodes), _naming(names)
    out: dict[str, None] = {}
    for e in nodes:
        if e in moving and e.op.smooth and e not in squared:
            holds = _holds(e, moving, name)
            if holds:
                out[f"differentiable where {holds}"] = None
    return list(out)


def _written_out(of: Expr) -> Expr:
    """With what is not smooth as it is differentiated: ‖x yᵀ‖ as ‖x‖ ‖y‖, and the root of s² as |s|."""
    return substitute(of, {e: rewritten(e) for e in parts(of) if e.op.smooth or _is_root_of_power(e)})


def _is_root_of_power(e: Expr) -> bool:
    return e.op in (H.POWER, H.HPOWER) and e.args[0].op is e.op and e.args[1].op is H.NUMBER and e.args[1].data.denominator > 1


# --- which conditions there are --------------------------------------------------------------------------------


def conditions(root: Expr) -> list[Condition]:
    """All that the parts of one expression ask for, each once."""
    return list(dict.fromkeys(_domains(parts(root), ())))


def _domains(nodes: list[Expr], said: Collection[Expr]) -> Iterator[Condition]:
    for e in nodes:
        if e.op is H.MATPOWER and e.data < 0:
            yield from _parted(e.args[0], "invertible")
        elif e.op in (H.POWER, H.HPOWER) and e.args[1].op is H.NUMBER:
            yield from _of_power(e.args[0], e.args[1].data, e.args[0] in said)
        elif e.op in (H.POWER, H.HPOWER):
            if not is_nonnegative(e.args[0]) and e.args[0].op is not H.NUMBER:
                yield from _parted(e.args[0], "positive")
        elif e.op.elementwise and len(e.args) > 1:
            for x, needs in needed(e.op.domain, e.args):
                yield from _parted(x, needs)
        elif e.op.domain.startswith("where "):
            yield Condition(e.args, e.op.domain)
        elif e.op.domain:
            yield from _parted(e.args[0], e.op.domain)


def _of_power(base: Expr, k: int | Fraction, said: bool) -> Iterator[Condition]:
    if said and base.op.range == "nonnegative" and base.op.smooth:
        return  # zero is where it is not differentiable, which is said already
    nonzero = "≠ 0" if base.is_scalar else "without zeros"
    if k.denominator % 2 == 0 and not (base.is_scalar and is_nonnegative(base)):
        if k < 0 or not is_nonnegative(base):
            yield from _parted(base, "positive" if k < 0 else "nonnegative")
    elif k < 0:
        yield from _parted(base, nonzero)


def _parted(e: Expr, needs: str) -> Iterator[Condition]:
    """The condition as conditions on parts: A B is invertible where A and B are, c A where A is and c ≠ 0."""
    todo = [(e, needs)]
    while todo:
        part, needed = todo.pop()
        apart = _PARTED.get(needed)
        inner = apart(part) if apart else None
        if inner is None:
            yield Condition((part,), needed)
        else:
            todo += reversed(inner)


Parts = list[tuple[Expr, str]]


def _invertible(e: Expr) -> Parts | None:
    if e.is_scalar:
        return [(e, "≠ 0")]
    if e.op in (H.TRANSPOSE, H.MATPOWER):
        return [(e.args[0], "invertible")]
    if e.op is KRON and all(a.shape[0] == a.shape[1] for a in e.args):
        return [(a, "invertible") for a in e.args]
    if e.op is DIAG:
        return [(e.args[0], "without zeros")]
    if e.op is H.PRODUCT:
        scalars, chain = split(e)
        if scalars is not ONE:
            return [(scalars, "≠ 0"), (chain, "invertible")]
        if all(f.shape[0] == f.shape[1] for f in factors(e)):
            return [(f, "invertible") for f in factors(e)]
    return None


def _nonzero(e: Expr) -> Parts | None:
    if e.op is DET:
        return [(e.args[0], "invertible")]
    if e.op is PROD:
        return [(e.args[0], "without zeros")]
    if e.op is NORM or e.op is H.POWER and (e.args[1].op is H.NUMBER or is_positive(e.args[0])):
        return [(e.args[0], "≠ 0")]
    if e.op is H.PRODUCT and e.data[1]:
        chain = e.args[e.data[1] :]
        return [(s, "≠ 0") for s in (*e.args[: e.data[1]], *([product(chain)] if chain else []))]
    if e.op is H.PRODUCT and e.data[0] != 1:
        return [(coefficient_and_rest(e)[1], "≠ 0")]
    return None


def _without_zeros(e: Expr) -> Parts | None:
    if e.op is H.TRANSPOSE:
        return [(e.args[0], "without zeros")]
    if e.op is H.HADAMARD:
        return [(a, "without zeros") for a in e.args]
    scalars, rest = split(e)
    if scalars is not ONE and not e.is_scalar:
        return [(scalars, "≠ 0"), (rest, "without zeros")]
    return [(e, "≠ 0")] if e.is_scalar else None


def _signed(needs: str) -> Callable[[Expr], Parts | None]:
    """Of what has a sign, without the factors that are positive anyway."""

    def apart(e: Expr) -> Parts | None:
        if e.op is H.PRODUCT:
            c, count = e.data
            left, chain = [s for s in e.args[:count] if not is_positive(s)], e.args[count:]
            chain = () if left and chain and is_positive(product(chain)) else chain
            if (len(left) + len(chain) < len(e.args) or c not in (1, -1)) and (left or chain):
                return [(product([number(-1 if c < 0 else 1), *left, *chain]), needs)]
        if e.op is H.HADAMARD and (left := [a for a in e.args if not is_positive(a)]) and len(left) < len(e.args):
            return [(hadamard(left), needs)]
        if e.op in (H.POWER, H.HPOWER) and e.args[1] is number(-1):  # which is never zero
            return [(e.args[0], "positive")]
        return None

    return apart


_PARTED: dict[str, Callable[[Expr], Parts | None]] = {
    "invertible": _invertible,
    "≠ 0": _nonzero,
    "without zeros": _without_zeros,
    "positive": _signed("positive"),
    "nonnegative": _signed("nonnegative"),
}


# --- which need to be said -------------------------------------------------------------------------------------


def _needed(found: list[Condition]) -> list[Condition]:
    """Without those that are known, those that follow from another, and those that follow from the others together."""
    left = [c for c in found if not c.known({})]
    if len(left) > MOST_CONDITIONS:
        return left
    below = {c: frozenset(postorder(*c.of)) for c in left}

    def follows(c: Condition, others: Sequence[Condition]) -> bool:
        also = {e: names for e, names in _granted(others).items() if e in below[c]}
        return bool(also) and c.known(also)

    for one_by_one in (True, False):
        for c in reversed(left):  # the later of two that say the same goes
            others = [d for d in left if d is not c]
            if any(follows(c, [d]) for d in others) if one_by_one else follows(c, others):
                left = others
    return left


def _granted(conditions: Sequence[Condition]) -> dict[Expr, set[str]]:
    """The properties that the conditions give to expressions and to their parts."""
    out: dict[Expr, set[str]] = {}
    todo = [(c.of[0], c.needs) for c in conditions]
    while todo:
        e, needs = todo.pop()
        out.setdefault(e, set()).update(GRANTS.get(needs, ()))
        if needs == "positive":
            needs = "≠ 0" if e.is_scalar else "without zeros"
        if apart := _PARTED.get(needs):
            todo += apart(e) or ()
        if needs == "invertible":
            for f, rank in ((factors(e)[0], "onto"), (factors(e)[-1], "injective")):
                out.setdefault(f, set()).add(rank)
                if f.op is H.TRANSPOSE:
                    out.setdefault(f.args[0], set()).add("injective" if rank == "onto" else "onto")
    return out


# --- how they are said -----------------------------------------------------------------------------------------


def _in_words(c: Condition, name: Naming) -> str:
    if not c.needs.startswith("where "):
        return f"{name(c.of[0])} {c.needs}"
    names = dict(zip("XYZ", map(name, c.of), strict=False))
    return re.sub(r"\b[XYZ]\b", lambda m: names[m[0]], c.needs.removeprefix("where "))


def _holds(e: Expr, moving: Set[Expr], name: Naming) -> str:
    """Where the row at `e` is smooth; "" where that is everywhere."""
    a, condition = e.args[0], e.op.smooth
    if len(e.args) > 1:
        at = [(_moving_part(x, moving), needs) for x, needs in needed(condition, e.args) if not moving.isdisjoint(postorder(x))]
        said = [x for x, _ in at if not Condition((x,), "≠ 0" if x.is_scalar else "without zeros").known({})]
        return " and ".join(f"{name(x)} ≠ 0" if x.is_scalar else f"{name(x)} has no zero entry" for x in said)
    if condition == "nonzero":
        a = _moving_part(a, moving)
        if Condition((a,), "without zeros" if e.op.elementwise else "≠ 0").known({}) or e.op.elementwise and _from_one_side(e):
            return ""
        return f"{name(a)} has no zero entry" if e.op.elementwise and not a.is_scalar else f"{name(a)} ≠ 0"
    if Condition((a,), condition).known({}):
        return ""
    subject = name(a)
    return f"{subject} has {condition.removeprefix('with ')}" if condition.startswith("with ") else f"{subject} is {condition}"


def _from_one_side(e: Expr) -> bool:
    """Whether |u| or relu(u) is of a u without a sign, or without a plus: it is then as smooth as u is."""
    return e.op.d != "0" and bool({"nonnegative", "nonpositive"} & known(e.args[0]))


def _moving_part(e: Expr, moving: Collection[Expr]) -> Expr:
    """The factors that move: where one that stays is zero, all of it is zero and stays so, a mask for one."""
    if e.op is H.PRODUCT and not e.is_scalar:
        chain = split(e)[1]
        return chain if chain in moving else e
    if e.op is H.PRODUCT and e.data[1]:
        kept = [s for s in e.args if s in moving]
        return product(kept) if kept else e
    if e.op is H.HADAMARD:
        kept = [a for a in e.args if a in moving]
        return _moving_part(hadamard(kept), moving) if kept and len(kept) < len(e.args) else e
    return e


def _squared(e: Expr) -> Expr:
    """x of ‖x‖, which stands for √(x'x) in an answer."""
    return e.args[0] if e.op is NORM else e


def _depending(nodes: list[Expr], wrt: Sequence[Expr]) -> set[Expr]:
    moving: set[Expr] = {x.args[0] if x.op is H.MEMBER else x for x in wrt}
    for e in nodes:
        below = postorder(e) if e.op is H.SIGMA else e.args
        if any(a in moving for a in below):
            moving.add(e)
    return moving


def _only_in_powers(nodes: list[Expr]) -> set[Expr]:
    """The norms and absolute values that occur only in powers above one, which are smooth."""
    inside: set[Expr] = set()
    outside: set[Expr] = set()
    for e in nodes:
        smooth = e.op in (H.POWER, H.HPOWER) and e.args[1].op is H.NUMBER and e.args[1].data > 1
        for a in e.args:
            if a.op is NORM or a.op.name == "abs":
                (inside if smooth else outside).add(a)
    return inside - outside - {nodes[-1]}


def _naming(names: Mapping[Expr, Expr] | None) -> Naming:
    return (lambda e: called(substitute(e, names))) if names else called


def called(e: Expr) -> str:
    """An expression as a sentence names it."""
    if e.weight > LONGEST_ARGUMENT:
        return "its argument"
    text = unicode(e)
    return text if len(text) <= LONGEST_ARGUMENT else "its argument"
