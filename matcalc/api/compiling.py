"""One program of several expressions: value, gradient and Hessian that share every subexpression and factorisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from matcalc.api.answer import Answer
from matcalc.api.conditions import domains, smoothness
from matcalc.api.presenting import in_vec, last_by, layout, over_counts, program_name
from matcalc.api.question import checked_where, read_any
from matcalc.errors import ShapeError, UnknownNameError, did_you_mean
from matcalc.expr import UNIT, VARIABLE, Dim, Expr, postorder
from matcalc.limits import LONGEST_ASSUMPTION, MOST_ASSUMPTIONS
from matcalc.programs.compiled import Compiled
from matcalc.programs.formulas import Formulas, formulas
from matcalc.programs.given import axes_of, given_in
from matcalc.programs.program import compile_program, program
from matcalc.programs.targets import WRITTEN, known_target
from matcalc.reading import read
from matcalc.writing.unicode import unicode

Asked = Any  # a Derivative, an expression, or text


def compile(
    results: Asked | Sequence[Asked],
    target: str = "numpy",
    where: str = "",
    *,
    sizes: Mapping[str, int] | None = None,
    fixed: Sequence[str] = (),
    name: str = "",
) -> Callable[..., Any]:
    """The function that returns the results: one as it is, several as a tuple; its text is in its attribute ``source``.  It can be pickled.

    `results` are derivatives, expressions, or text with the declarations `where`.  Products are ordered, and equal forms chosen, by
    what they cost for `sizes`; without these for the sizes of the arguments, when it is first called with such.
    With `fixed`, names of arguments that stay the same, it is a factory: called with those it computes what
    depends on nothing else, and returns the function of the others.  Any argument may be fixed, that of differentiation too; a
    result that depends on fixed ones only is one array, the same at each call.  Least squares ‖A x − b‖² are compressed, by
    A = Q R, to as many rows as A has columns, which loses no digits near a minimum; a gradient alone takes A'A and A'b.  Of large
    arrays that is done where it pays within 100 calls; the docstring of the program for such `sizes` says from how many on it does.
    Raises ShapeError where two results take one name for two things, UnknownNameError for a fixed name that none has.

    >>> import numpy as np
    >>> from matcalc import grad, hessian
    >>> f, where = "norm(A*x - b)^2", "A: (m, n)"
    >>> run = compile([f, grad(f, "x", where), hessian(f, "x", where)], where=where)
    >>> A, b, x = np.array([[1.0, 2.0]]), np.array([5.0]), np.array([3.0, 4.0])
    >>> value, gradient, second = run(A=A, b=b, x=x)
    >>> float(value), gradient.tolist(), second.tolist()
    (36.0, [12.0, 24.0], [[2.0, 4.0], [4.0, 8.0]])
    >>> at = compile(grad(f, "x", where), fixed=["A", "b"])(A=A, b=b)
    >>> at(x=x).tolist()
    [12.0, 24.0]
    """
    target = known_target(target)
    made_of = results, target, where, sizes, fixed, name
    name = name or _name(results)

    def source(sizes: Mapping[str, int] | None) -> str:
        return code(results, target, where, sizes=sizes, fixed=fixed, name=name)

    given = [e for es in _asked(_listed(results), where) for e in es]
    return Compiled(compile_program(source(sizes), name, given, fixed, None if sizes else source), _again, *made_of)


def _again(results: Any, target: str, where: str, sizes: Mapping[str, int] | None, fixed: Sequence[str], name: str) -> Callable[..., Any]:
    return compile(results, target, where, sizes=sizes, fixed=fixed, name=name)


def code(
    results: Asked | Sequence[Asked],
    target: str = "numpy",
    where: str = "",
    *,
    sizes: Mapping[str, int] | None = None,
    fixed: Sequence[str] = (),
    name: str = "",
    doc: str = "",
) -> str:
    """The source of what `compile` returns; `doc` is the first paragraph of its docstring.

    >>> from matcalc import grad
    >>> print(code(["x'*A*x", grad("x'*A*x", "x")]))
    def value_and_grad(A, x, **_):
        \"\"\"value: xᵀ A x
        grad: (A + Aᵀ) x
    <BLANKLINE>
        A: (n, n), x: (n); returns scalar, (n)
        \"\"\"
        Ax = A @ x
        value = x @ Ax
        grad = Ax + A.T @ x
        return value, grad
    <BLANKLINE>
    """
    target = known_target(target, WRITTEN)
    given = _listed(results)
    asked, arguments = _asked(given, where)
    found = _variables([*asked, *arguments])
    for f in fixed:
        if f not in found:
            is_size = f in {s for v in found.values() for n in axes_of(v) if isinstance(n, Dim) for s in n.symbols}
            reason = f"{f} is a size, known from the arguments" if is_size else f"nothing is called {f}, which is to stay fixed"
            raise UnknownNameError(reason, hint="fix these" if is_size else did_you_mean(f, found))
    keys = _keys(given)
    wanted = dict(zip(keys, asked, strict=True))
    shown = formulas(wanted)
    return program(
        wanted,
        target,
        arguments=arguments,
        name=name or _name(results),
        doc=doc,
        sizes=sizes,
        fixed=fixed,
        over={key: over_counts(r) for key, r in zip(keys, given, strict=True) if isinstance(r, Answer) and r.over},
        formulas=shown,
        notes=[*(text for key, r in zip(keys, given, strict=True) if (text := _layout(key, r))), *_assumed(given, asked, shown)],
    )


def _listed(results: Asked | Sequence[Asked]) -> list[Asked]:
    several = isinstance(results, Sequence) and not isinstance(results, str)
    given = [part for r in results for part in (r if isinstance(r, tuple) else (r,))] if several else [results]
    if not given:
        raise ShapeError("there is nothing to compile: the list of results is empty")
    return given


def _asked(given: Sequence[Asked], where: str) -> tuple[list[Expr], list[Expr]]:
    """The expressions of the results, and those whose variables are arguments too."""
    known = {v.data[0]: v for r in given if isinstance(r, Answer) for v in given_in(r.of)} if not where else {}
    return [_expression(r, where, known) for r in given], [e for r in given if isinstance(r, Answer) for e in (r.of, r.variable)]


def _expression(asked: Asked, where: str, known: Mapping[str, Expr]) -> Expr:
    """Texts beside derivatives mean by a name what the derivatives mean."""
    if isinstance(asked, Answer):
        return asked.expr
    if isinstance(asked, str) and known:
        return read(asked, names=known, scalar=True).expr
    return read_any(asked, checked_where(where)).expr


def _variables(roots: Sequence[Expr]) -> dict[str, Expr]:
    found: dict[str, Expr] = {}

    for v in given_in(*roots):
        other = found.setdefault(v.data[0], v)
        if (other.op, other.shape, axes_of(other)) != (v.op, v.shape, axes_of(v)):
            shapes = " and ".join(f"({', '.join(map(str, v.shape if v.op is VARIABLE else axes_of(v)))})" for v in (other, v))
            raise ShapeError(f"{v.data[0]} has the shapes {shapes} in what is to be one program", hint="declare it in where")
    return found


def _keys(given: Sequence[Asked]) -> list[str]:
    """value, grad, hessian; grad_D and grad_R where there are several, with a number where a name comes again."""
    wanted = [program_name(r) if isinstance(r, Answer) else "value" for r in given]
    for i, r in enumerate(given):
        if isinstance(r, Answer) and any(isinstance(o, Answer) and o.order == r.order and o.wrt is not r.wrt for o in given):
            wanted[i] = program_name(replace(r, beside=True))
    return [key + (str(same + 1) if (same := wanted[:i].count(key)) else "") for i, key in enumerate(wanted)]


def _name(results: Asked | Sequence[Asked]) -> str:
    keys = _keys(_listed(results))
    return "_and_".join(keys) if len(keys) < 3 else "_".join(keys[:-1]) + "_and_" + keys[-1] if len(keys) == 3 else "results"


def _assumed(given: Sequence[Asked], asked: Sequence[Expr], shown: Formulas) -> list[str]:
    """The conditions of the results, in the names of the formulas, without long ones."""
    roots = dict.fromkeys(r.of if isinstance(r, Answer) else e for r, e in zip(given, asked, strict=True))
    granted = dict.fromkeys(text for e in roots for text in domains(e, names=shown.parts))
    smooth = dict.fromkeys(text for r in given if isinstance(r, Answer) for text in smoothness(r.of, [r.variable], shown.parts))
    short = [text for text in granted if len(text) <= LONGEST_ASSUMPTION]
    own = [i for r in given if isinstance(r, Answer) for i in r.over]  # no arguments
    counted = (
        ["entries are counted from 1"]
        if any(n.op is UNIT and type(n.data[0]) in (int, str) and n.data[0] not in own for n in postorder(*roots, *asked))
        else []
    )
    told = [f"assumes {', '.join(short)}"] if 0 < len(short) <= MOST_ASSUMPTIONS else []
    return [*counted, *told, *(smooth if len(smooth) <= MOST_ASSUMPTIONS else ())]


def _layout(key: str, r: Asked) -> str:
    """How a matrix of derivatives is laid out, where its shape does not say it."""
    if not isinstance(r, Answer) or not in_vec(r) and (1 in r.expr.shape or 1 in r.wrt.shape and r.order != "jacobian"):
        return ""
    if r.order == "grad" or r.of.is_scalar and r.order == "jacobian":
        return f"{key}: laid out as {unicode(r.wrt)}{' transposed' * r.transposed}"
    if not in_vec(r):
        return f"{key}: {layout(r).split(': ')[-1]}"
    rows, columns = r.of if r.order == "jacobian" else r.wrt, last_by(r)
    places = [f"vec({unicode(e) if e.weight < 10 else 'Y'})" for e in (rows, columns)]
    if r.transposed:
        places.reverse()
    if rows is columns:
        return f"{key}: rows and columns in the order of {places[0]}, column by column"
    return f"{key}: rows in the order of {places[0]}, columns in that of {places[1]}, column by column"
