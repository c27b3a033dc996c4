"""A server of the Model Context Protocol: assistants derive, check and compare with it instead of guessing.

`matcalc mcp` runs it over standard input and output; ``pip install 'matcalc-symbolic[mcp]'`` brings what it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

import matcalc as mc
from matcalc.api.document import document

if TYPE_CHECKING:
    from mcp.server import MCPServer

INSTRUCTIONS = """Derivatives of matrix expressions in closed form, with a numeric proof. Expressions are as in papers or in plain text:
norm(A*x - b)^2, logdet(S) + tr(inv(S)*C), x'*A*x, sum(log(1 + exp(-y.*(X*w)))), or LaTeX. * is the matrix product,
.* the one entry by entry, ' the transpose. Declarations: "X: (m, n); S: (n, n) spd; c: scalar positive; g: elementwise"; what is
not declared is inferred, and `read_as` says how.
Gradients have the shape of the variable. Look at read_as and notes before an answer is used."""

P = ParamSpec("P")
R = TypeVar("R")
Order = Literal["derivative", "grad", "jacobian", "hessian"]
Target = Literal["numpy", "jax", "torch"]


def server() -> MCPServer:
    """The server, with a tool for each question."""
    from mcp.server import MCPServer

    made = MCPServer("matcalc", instructions=INSTRUCTIONS, version=mc.__version__)
    for tool in (derive, steps, check, equal, simplify, code):
        made.tool(structured_output=False)(_refusing(tool))
    return made


def _refusing(tool: Callable[P, R]) -> Callable[P, R]:
    """`tool`; what matcalc refuses is told to the assistant with its place and its hint."""

    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def answered(*args: P.args, **named: P.kwargs) -> R:
        try:
            return tool(*args, **named)
        except mc.MatcalcError as error:
            raise ToolError(f"{type(error).__name__}: {error}") from None

    return answered


def derive(expr: str, wrt: str = "", where: str = "", order: Order = "derivative", check: bool = False) -> list[dict[str, Any]]:
    """Derives `expr` by the variables `wrt` ("W", "D,R", "X[:,j]"; by all where it is empty).

    One document each: latex, text, unicode, differential, NumPy code, shapes, how it was read, notes and assumptions;
    with `check`, the outcome of a comparison with numeric derivatives at hard points.
    """
    return [document(d, expr, d.check() if check else None) for d in _derived(expr, wrt, where, order)]


def steps(expr: str, wrt: str = "", where: str = "", order: Order = "derivative") -> list[dict[str, Any]]:
    """The derivation of each derivative, rule by rule."""
    return [document(d, expr, steps=d.steps()) for d in _derived(expr, wrt, where, order)]


def check(expr: str, wrt: str, claim: str, where: str = "", order: Order = "derivative") -> dict[str, Any]:
    """Whether `claim` is the derivative of `expr` by `wrt`: a verdict, where it fails with a counterexample, and the right answer."""
    verdict = mc.check(expr, wrt, claim, where=where, order=order)
    return {**_verdict(verdict), "answer": verdict.answer and document(verdict.answer, expr)}


def equal(first: str, second: str, where: str = "") -> dict[str, Any]:
    """Whether two expressions are equal for all values: a verdict, where they are not with a counterexample."""
    return _verdict(mc.equal(first, second, where=where))


def simplify(expr: str, where: str = "") -> dict[str, str]:
    """The expression, simplified, as text and LaTeX."""
    e = mc.simplify(expr, where)
    return {"text": e.text(), "latex": e.latex(), "unicode": e.unicode()}


def code(expr: str, wrt: str = "", where: str = "", order: Order = "derivative", target: Target = "numpy") -> str:
    """The source of one Python function that returns the value of `expr` and its derivatives."""
    derivatives = _derived(expr, wrt, where, order)
    return mc.code([derivatives[0].of, *derivatives], target)


def _derived(expr: str, wrt: str, where: str, order: Order) -> list[mc.Derivative]:
    ask = {"derivative": mc.derivative, "grad": mc.grad, "jacobian": mc.jacobian, "hessian": mc.hessian}[order]
    found: Any = ask(expr, wrt or None, where)
    return list(found) if isinstance(found, mc.Derivatives) else [found]


def _verdict(verdict: mc.Verdict) -> dict[str, Any]:
    against = verdict.counterexample
    return {"ok": verdict.ok, "verdict": verdict.verdict, "counterexample": against and repr(against), "notes": list(verdict.notes)}
