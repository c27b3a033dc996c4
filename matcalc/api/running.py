"""An answer as programs: of its value, of the derivative as an operator on directions, and of that operator's adjoint; and its check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from matcalc import api, checking
from matcalc.api.answer import Answer
from matcalc.api.as_differentials import moved
from matcalc.api.compiling import code
from matcalc.api.differentiated import among_all, claim, default_layout, differential, gradient_of, moving, picked
from matcalc.api.presenting import over_counts, program_name
from matcalc.api.tangents import bound, projected, structure
from matcalc.calculus import pullback
from matcalc.calculus.wirtinger import joined, parted
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, name_of, product, properties_of, substitute, variable
from matcalc.expr.language import item
from matcalc.limits import LONGEST_DOCUMENTED
from matcalc.programs.compiled import Compiled
from matcalc.programs.program import compile_program, program
from matcalc.programs.targets import known_target
from matcalc.simplification import rewritten, simplify
from matcalc.writing.sympy.source import source as sympy_source
from matcalc.writing.unicode import unicode

if TYPE_CHECKING:
    from matcalc.checking import Check


def source(d: Answer, target: str, value: bool) -> str:
    """The source of a function of the variables; with `value`, of one that returns (value, derivative)."""
    if target == "sympy":
        return sympy_source(d.expr, program_name(d))
    return code([d.of, d] if value else d, target, doc="" if value else f"The derivative of {_named(d.of)} by {_named(d.wrt)}.")


def compiled(d: Answer, target: str) -> Callable[..., Any]:
    """That function; it can be pickled."""
    text, given = source(d, known_target(target), False), [d.of, d.variable, d.expr]
    function = compile_program(text, program_name(d), given, for_sizes=lambda sizes: code(d, target, sizes=sizes))
    return Compiled(function, compiled, d, target)


def jvp(d: Answer, target: str) -> Callable[..., Any]:
    """The derivative as an operator on directions."""
    of, (by, _) = gradient_of(d) if d.order == "hessian" else d.of, moving(d)
    change = differential(d).expr
    if d.over and d.order != "hessian":  # of a whole family it is in the differential
        return _program(d, "jvp", change, [of], target)
    within = moved(of, by)
    any_one = variable(within.data[0], within.shape, {"complex"} & {*properties_of(within)})
    part, remark = (within, None) if within is any_one else projected(any_one, within)
    if remark is None or part is any_one:
        return _program(d, "jvp", change, [of, within], target)
    note = f"of {name_of(within)} the {structure(within)} part counts"
    return _program(d, "jvp", substitute(change, {within: part}), [of, any_one], target, [note])


def vjp(d: Answer, target: str) -> Callable[..., Any]:
    """The adjoint of that operator."""
    of, (by, index) = gradient_of(d) if d.order == "hessian" else d.of, moving(d)
    w = variable("cotangent", of.shape, {"complex"} if d.part == "holomorphic" else frozenset())
    if d.part:
        back = _pulled_back(d, w)
    else:
        whole = pullback(rewritten(claim(d)[0]), w, [by])[0]
        back = simplify(whole if index is None else item(whole, index))
    return _program(d, "vjp", bound(back, d.free), [of, w], target)


def _pulled_back(d: Answer, w: Expr) -> Expr:
    """Applies the adjoint to a cotangent: of a real function w G, of a holomorphic one the transpose of its derivative, in w.

    Raises UnsupportedError for one half of a pair.
    """
    if d.part == "steepest":
        return simplify(product([w, gradient_of(d)]))
    if d.part != "holomorphic":
        raise UnsupportedError("the adjoint of one half of a pair is none", hint="jvp is the whole differential")
    of, by = claim(d)
    apart = parted(rewritten(of), by)
    return simplify(joined(pullback(apart.expr, w, [by])[0], apart))


def _program(d: Answer, name: str, expr: Expr, arguments: list[Expr], target: str, notes: Sequence[str] = ()) -> Callable[..., Any]:
    doc = f"The {name} of {_named(d.of)} by {_named(d.wrt)}."
    over = {name: over_counts(d)} if d.over and name == "vjp" else None
    target = known_target(target)

    def text(sizes: Mapping[str, int] | None = None) -> str:
        return program({name: expr}, target, arguments=arguments, name=name, sizes=sizes, over=over, doc=doc, notes=notes)

    return compile_program(text(), name, [expr, *arguments], for_sizes=text)


def as_operator(d: Answer, target: str) -> Callable[..., Any]:
    """The derivative at a point as a SciPy LinearOperator: a function of the variables."""
    if known_target(target) != "numpy":
        raise UnsupportedError("operators are made for numpy", hint=f"jvp({target!r}) is the same map as a function")
    made: Callable[..., Any] = api.operating.operator(d)
    return made


def check(d: Answer, seed: int) -> Check:
    """Compares the answer with numeric derivatives of the expression at hard points, to many digits, and its program with the answer.

    On a manifold it moves along curves: ⟨gradient, velocity⟩ is the change of f, a Hessian that of the gradient.
    """
    ran = _ran(d)
    if d.toward is not None:
        g = among_all(d).expr
        also, moves = (d.of,), (d.variable, d.toward, d.manifold)
        return checking.manifolds.check_along(picked(d, g), d.expr, *moves, scale=g, also=also, seed=seed, program=ran)
    if d.manifold is not None:
        return checking.manifolds.check_gradient(d.of, d.expr, d.variable, d.manifold, seed=seed, program=ran)
    by, index = d.last
    free = d.free.get(by)
    tangent = d.onto == "tangent"  # it is one along the set alone
    return checking.check_derivative(
        d.of if tangent else claim(d)[0],
        default_layout(d),
        by,
        index,
        seed=seed,
        also=(d.of, d.variable),
        program=ran,
        freely=not tangent and free is not None and not {*properties_of(free)} - {"complex"},
        part="" if tangent else d.part,
    )


def _ran(d: Answer) -> Callable[[Any], str | None] | None:
    """A function that says what is wrong with the NumPy program at a point; None where NumPy is not installed."""
    if find_spec("numpy") is None:
        return None
    whole = compiled(d, "numpy")

    def run(**values: Any) -> Any:
        """By a family as a whole, at the member that is looked at."""
        return whole(**values)[tuple(values[i] - 1 for i in d.over)] if d.over else whole(**values)

    def wrong(deal: Any) -> str | None:
        found = checking.floats.run(run, d.expr, deal.point, [d.of, d.variable])
        return None if found is None else found.wrong

    return wrong


def _named(e: Expr) -> str:
    text = unicode(e) if e.weight <= LONGEST_DOCUMENTED else ""
    return text if 0 < len(text) <= LONGEST_DOCUMENTED else "an expression"
