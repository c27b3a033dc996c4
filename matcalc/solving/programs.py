"""Programs that compute a stationary point from the data, whatever its form is."""

from __future__ import annotations

from typing import Any

from matcalc.api.answer import known_target
from matcalc.errors import UnsupportedError
from matcalc.expr import IDENTITY, ONE, Expr, variables
from matcalc.expr.dims import Dim
from matcalc.programs.names import function_name
from matcalc.programs.program import compile_program, program
from matcalc.solving.problem import Problem
from matcalc.solving.proximal import Prox
from matcalc.solving.solver import Point
from matcalc.solving.spectral import Pair, Pencil

NAME = "solution"


def source(problem: Problem, point: Point, wanted: tuple[Expr, ...], target: str) -> str:
    """The source of a function of the data that returns the unknowns `wanted`: one as it is, several as a tuple."""
    known_target(target)
    if point.plan is None or isinstance(point.plan, Prox) and point.plan.value is not None:
        results = {x.data[0]: shown(problem, point.values[x], x) for x in wanted}
        return program(results, target, name=NAME, doc=_doc(problem, wanted))
    if target != "numpy":
        raise UnsupportedError(f"programs of eigenvectors and singular values are written for numpy, not for {target}")
    return _composed(problem, point, wanted)


def shown(problem: Problem, value: Expr, x: Expr) -> Expr:
    """A value in the variable that was asked for: Diag(d) of d."""
    from matcalc.expr import substitute
    from matcalc.simplification import simplify

    return simplify(substitute(problem.meaning[x], {x: value})) if x in problem.meaning else value


def function(problem: Problem, point: Point, wanted: tuple[Expr, ...], target: str) -> Any:
    """That function, called by keyword."""
    text = source(problem, point, wanted, target)
    given = [shown(problem, point.values[x], x) for x in wanted] if point.values else []
    return compile_program(text, NAME, given)


def _doc(problem: Problem, wanted: tuple[Expr, ...]) -> str:
    return f"The stationary point {', '.join(x.data[0] for x in wanted)}."


def _composed(problem: Problem, point: Point, wanted: tuple[Expr, ...]) -> str:
    """A program of the matrices that the data make, and one that takes their eigenvectors."""
    from inspect import getsource

    from matcalc.solving import routines

    plan = point.plan
    parts: dict[str, Expr] = {}
    if isinstance(plan, Pencil):
        routine: Any = routines.eigenvectors
        lines, sizes = _of_pencil(plan, point, parts)
    elif isinstance(plan, Pair):
        routine = routines.singular_pairs
        lines, sizes = _of_pair(plan, point, parts, problem, wanted)
    else:
        assert isinstance(plan, Prox)
        parts |= {"v": plan.centre, "t": plan.threshold}
        routine = routines.threshold
        lines, sizes = ["return threshold(np.asarray(v), t)"], []
    inner = program(parts, "numpy", name="_matrices", doc="The matrices that the data make.")
    arguments = sorted({v.data[0] for e in parts.values() for v in variables(e)} | set(sizes) | set(_own_sizes(inner)))
    names = [function_name(a) for a in arguments]
    call = ", ".join(f"{n}={n}" for n in names)
    got = ", ".join(parts) + ("," if len(parts) == 1 else "")
    head, body = _imports_and_body(inner)
    taken = f"{got} = _matrices({call})" if len(parts) > 1 else f"{next(iter(parts))} = _matrices({call})"
    statement = "\n".join(f"    {line}" for line in [taken, *lines])
    return (
        "\n".join(dict.fromkeys(["import numpy as np", "import scipy.linalg as sla", *head]))
        + "\n\n\n"
        + getsource(routine).replace(": Any", "").replace(" -> Any", "").replace(": int", "").replace(": bool", "")
        + "\n\n"
        + body
        + f'\n\ndef {NAME}({", ".join(names)}, **_):\n    """{_doc(problem, wanted)}"""\n{statement}\n'
    )


def _own_sizes(inner: str) -> list[str]:
    """The arguments of a generated function."""
    line = next(t for t in inner.splitlines() if t.startswith("def _matrices("))
    names = line.removeprefix("def _matrices(").split(")")[0].split(",")
    return [n.strip() for n in names if n.strip() and "*" not in n]


def _imports_and_body(text: str) -> tuple[list[str], str]:
    lines = text.splitlines()
    head = [t for t in lines if t.startswith(("import ", "from "))]
    return head, "\n".join(t for t in lines if not t.startswith(("import ", "from "))).strip("\n") + "\n"


def _size_names(n: Any) -> tuple[str, list[str]]:
    return (repr(n), list(n.symbols)) if isinstance(n, Dim) else (str(n), [])


def _of_pencil(plan: Pencil, point: Point, parts: dict[str, Expr]) -> tuple[list[str], list[str]]:
    parts["m_"] = plan.m
    if plan.b.op is not IDENTITY:
        parts["b_"] = plan.b
    if plan.zeros is not None:
        parts["zeros_"] = plan.zeros
    if plan.radius is not ONE:
        parts["square_"] = plan.radius
    k, sizes = _size_names(1 if plan.columns is None else plan.columns)
    b, zeros = ("b_" if "b_" in parts else "None"), ("np.atleast_2d(zeros_)" if "zeros_" in parts else "None")
    lines = [f"x_ = eigenvectors(m_, {b}, {zeros}, {k}, {point.largest})"]
    if "square_" in parts:
        lines.append("x_ = np.sqrt(square_) * x_")
    lines.append(f"return x_{'.T' if plan.turned else ''}" if plan.columns is not None else "return x_[:, 0]")
    return lines, sizes


def _of_pair(plan: Pair, point: Point, parts: dict[str, Expr], problem: Problem, wanted: tuple[Expr, ...]) -> tuple[list[str], list[str]]:
    parts["c_"] = plan.c
    for name, e in (("a_", plan.a), ("b_", plan.b)):
        if e.op is not IDENTITY:
            parts[name] = e
    for name, e in (("square_u", plan.radii[0]), ("square_v", plan.radii[1])):
        if e is not ONE:
            parts[name] = e
    k, sizes = _size_names(1 if plan.columns is None else plan.columns)
    a, b = ("a_" if "a_" in parts else "None"), ("b_" if "b_" in parts else "None")
    lines = [f"u_, v_ = singular_pairs(c_, {a}, {b}, {k})"]
    lines += [f"{w} = np.sqrt({s}) * {w}" for w, s in (("u_", "square_u"), ("v_", "square_v")) if s in parts]
    if point.sign < 0:
        lines.append("v_ = -v_")
    column = "" if plan.columns is not None else "[:, 0]"
    by_name = dict(zip(problem.unknowns, ("u_", "v_"), strict=True))
    lines.append("return " + ", ".join(f"{by_name[x]}{column}" for x in wanted))
    return lines, sizes
