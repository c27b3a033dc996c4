"""What is known of a problem beforehand: a closed form, and that it is convex.

Both questions are asked of the rest of the package where it can answer them; without an answer, the table of properties is asked
whether the Hessian is psd.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from matcalc.minimizing.derived import Derived


class Curvature(NamedTuple):
    """Whether the objective is convex, None where that is not known; and strongly so."""

    convex: bool | None
    strongly: bool = False


def _asked(name: str) -> Callable[..., Any] | None:
    """The function of the package with that name, where it is there."""
    import matcalc

    try:
        found = getattr(matcalc, name)
    except AttributeError:
        return None
    return found if callable(found) else None


def curvature(d: Derived) -> Curvature:
    """Of the objective, jointly in its variables, for all data that are declared."""
    ask, asked = _asked("curvature"), d.statement.asked
    if ask is not None and asked is not None:
        f, wrt, where, _ = asked
        try:
            found = ask(f, wrt, where)
        except Exception:  # a certificate that is not found keeps no fit from its answer
            return Curvature(d.is_known_psd or None)
        if (
            found.verdict in ("convex", "affine") and not found.conditions_needed
            if hasattr(found, "conditions_needed")
            else found.verdict in ("convex", "affine")
        ):
            return Curvature(True, found.strict == "strongly")
        if found.verdict in ("convex", "affine"):
            return Curvature(True, found.strict == "strongly")
        if found.verdict in ("neither", "concave"):
            return Curvature(d.is_known_psd or False)
    return Curvature(d.is_known_psd or None)


def solution(d: Derived) -> Any | None:
    """The formula of the stationary point, where there is one: a minimum, or what may be one."""
    ask, asked = _asked("solve"), d.statement.asked
    if ask is None or asked is None:
        return None
    f, wrt, where, constraints = asked
    try:
        found = ask(f, wrt, where, subject_to=list(constraints) or None)
    except Exception:  # nor does a formula
        return None
    return found if getattr(found, "kind", "") in ("minimum", "stationary") else None
