"""Gradients by a variable that is declared to lie somewhere: in a linear space, where they are projected, or in a curved set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.calculus.manifolds import TABLE, at
from matcalc.errors import UnsupportedError
from matcalc.expr import MEMBER, Expr, family, member, name_of, properties_of, substitute, variable
from matcalc.expr.properties import DECLARABLE, Tangents, curved, flat
from matcalc.simplification import simplify


def projected(g: Expr, by: Expr) -> tuple[Expr, str | None]:
    """The gradient within the linear space that `by` is declared to lie in, and a remark where that changes it."""
    if by.is_scalar:
        return g, None
    within, on = flat(properties_of(by)), curved(properties_of(by))
    inside, remarks = g, []
    if within is not None:
        found = _onto(g, by, within)
        if found is None:
            remarks.append(f"the gradient in the space of all {_things(by)}, not within the {_called(within, by)}")
        elif found is not g:
            inside = found
            said = within.said or "projected on each"
            remarks.append(f"the gradient within the {_called(within, by)}, {said}, as {name_of(by)} is declared")
    if on is not None:
        if not remarks:
            remarks.append(f"the gradient G in the space of all {_things(by)}")
        if any(curving(by) in row.sets for row in TABLE):
            remarks[-1] += ", unique but for a part normal to the set"
            remarks.append(f"manifold=True gives that within the {_called(on, by)}, unique: {on.said.replace('X', name_of(by))}")
        else:
            formula = f"it is {on.said.replace('X', name_of(by))}, `tangent`" if on.tangent else "it is another"
            remarks.append(f"within the {_called(on, by)} {formula}")
    return inside, "; ".join(remarks) or None


def tangent(g: Expr, by: Expr) -> Expr:
    """The gradient in the tangent space of the curved set that `by` is declared to lie in.

    Raises UnsupportedError where it lies in none, or in one whose tangents are not known.
    """
    on = None if by.is_scalar else curved(properties_of(by))
    if on is None:
        names = ", ".join(p for p, row in DECLARABLE.items() if row.space == "curved")
        raise UnsupportedError(f"a tangent gradient is by a variable of a curved set: {names}", hint="declare it: Q: (n, n) orthogonal")
    if not on.tangent:
        raise UnsupportedError(f"no formula is known for the tangents of the {_called(on, by)}")
    return at(on.tangent, X=by, W=g)


def acting(by: Expr) -> str | None:
    """Of a Jacobian or Hessian by a structured variable: which directions it is about."""
    within, on = _structures(by)
    name = name_of(by)
    if on is not None:
        return f"the derivative in the space of all {_things(by)}, though {name} is declared {' '.join(on.names)}"
    if within is None:
        return None
    words = " ".join(within.names)
    if any(DECLARABLE[p].space != "linear" for p in within.names):
        return f"as a linear map on all {_things(by)}; {name} is declared {words}, so it is meant for d{name} that keep it so"
    return f"as a linear map on all {_things(by)}; {name} is declared {words}, so it is meant for d{name} that are {words} too"


def structure(by: Expr) -> str:
    """The properties by which the entries of a variable do not move alone, in words; "" where they do."""
    within, on = _structures(by)
    return " ".join((on or within or Tangents((), "", "")).names)


def curving(by: Expr) -> str:
    """The one property by which a variable lies in a curved set; "" where there is none, or several say it."""
    on = _structures(by)[1]
    return on.names[0] if on is not None and len(on.names) == 1 else ""


def freed(by: Iterable[Expr], *, entirely: bool) -> dict[Expr, Expr]:
    """For the structured ones among `by` a variable of that name to be differentiated by in its place.

    Its entries are free `entirely`, or it is in no curved set: x'x is 1 on the sphere, but there its gradient is not 0.
    """
    out: dict[Expr, Expr] = {}
    for v in by:
        if entirely and "hermitian" in properties_of(v):
            continue  # its conjugate is its transpose: it is differentiated there, and not projected
        if structure(v) if entirely else _structures(v)[1] is not None:
            kept = (
                {"complex"}.intersection(properties_of(v)) if entirely else {p for p in properties_of(v) if DECLARABLE[p].space != "curved"}
            )
            if v.op is MEMBER:
                of = v.args[0]
                out[of] = family(of.data[0], of.data[2], of.shape, kept)
                out[v] = member(out[of], *v.args[1:])
            else:
                out[v] = variable(v.data[0], v.shape, kept)
    return out


def bound(answer: Expr, free: Mapping[Expr, Expr]) -> Expr:
    """The expression found with such variables, at the values that are declared."""
    return simplify(substitute(answer, {f: v for v, f in free.items()})) if free else answer


def _structures(by: Expr) -> tuple[Tangents | None, Tangents | None]:
    return (None, None) if by.is_scalar else (flat(properties_of(by)), curved(properties_of(by)))


def _onto(g: Expr, by: Expr, within: Tangents) -> Expr | None:
    """The projection on the intersection of the spaces: the table's, or of one and then the other where the order does not matter."""
    if within.tangent:
        return _in_space(within.tangent, by, g)

    texts = [DECLARABLE[p].tangent for p in within.names]
    if len(texts) != 2:
        return None
    w = variable("W", by.shape)
    one, other = (simplify(_in_space(b, by, _in_space(a, by, w))) for a, b in (texts, texts[::-1]))
    return _in_space(texts[1], by, _in_space(texts[0], by, g)) if one is other else None


def _in_space(text: str, by: Expr, g: Expr) -> Expr:
    """The projection of `g`: of complex symmetric matrices by the transpose as well, not by its conjugate."""
    return at(text.replace("'", "^T"), X=by, W=g)


def _things(by: Expr) -> str:
    return "vectors" if by.is_vector else "matrices"


def _called(space: Tangents, by: Expr) -> str:
    names = " ".join(space.names)
    return f"vectors of the {names}" if by.is_vector else f"{names} matrices"
