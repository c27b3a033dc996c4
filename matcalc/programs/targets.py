"""The targets of programs: how each library of Python is imported, the templates of its forms, and how tightly what is written binds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from matcalc.errors import UnsupportedError
from matcalc.expr.node import Op
from matcalc.programs.forms import ADD, ATOM, MATMUL, MUL, POW, Form

TARGETS = ("numpy", "jax", "torch")
LANGUAGES = ("julia", "matlab")  # whose programs are text: each is a file beside this one
WRITTEN = (*TARGETS, *LANGUAGES)
ALSO_CALLED = {"np": "numpy", "pytorch": "torch", "octave": "matlab"}
SHORT = {"numpy": "np", "jax": "jnp", "torch": "torch"}
# What a library has under NumPy's and SciPy's names, unless a form or a row says otherwise.
MODULES: dict[str, dict[str, str]] = {
    "jax": {"np": "jnp", "sc": "jax.scipy.special", "sla": "jax.scipy.linalg"},
    "torch": {"np": "torch", "sc": "torch.special", "sla": "torch.linalg"},
}

# The names templates use for modules.
IMPORTS: dict[str, str] = {
    "np": "numpy", "sc": "scipy.special", "sla": "scipy.linalg", "sps": "scipy.sparse", "jnp": "jax.numpy", "jax": "jax", "torch": "torch",
}  # fmt: skip

GLOBALS = re.compile(rf"(?<![\w.'])({'|'.join(IMPORTS)}|_[a-z]\w*)\b")  # what a template may name besides its operands
PLACE = re.compile(r"\{(\w+|\*[\w;]*)\}")  # of an operand
Piece = tuple[str, str, int]  # text, then a placeholder, and how tightly the operand must bind there to stand without parentheses
Pieces = tuple[tuple[Piece, ...], str, int]  # with what follows, and how tightly the whole binds
# How tightly an operator binds, and its operands must: products of matrices are kept apart from those of entries.
BINDING: dict[type[Any], tuple[int, int, int]] = {
    ast.Add: (ADD, ADD, MATMUL), ast.Sub: (ADD, ADD, MATMUL), ast.MatMult: (MATMUL, POW, POW), ast.Mult: (MUL, MUL, POW),
    ast.Div: (MUL, MUL, POW), ast.USub: (MUL, MUL, MUL), ast.Pow: (POW, ATOM, ATOM),
}  # fmt: skip
OTHER = (0, ATOM, ATOM)


def known_target(target: Any, known: Sequence[str] = TARGETS) -> str:
    """`target`, if it is one of those `known`.  Raises UnsupportedError."""
    target = ALSO_CALLED.get(target, target) if isinstance(target, str) else target
    if target not in known:
        is_text = target in LANGUAGES
        what = f"programs for {target} are text, and do not run here" if is_text else f"no programs are written for {target!r:.40}"
        raise UnsupportedError(what, hint=f"there are {', '.join(known)}")
    return str(target)


@cache
def template(form: Form | Op, target: str) -> str:
    """The form's template for `target`: its own, or NumPy's under other names.  Raises UnsupportedError where there is none."""
    text = getattr(form, target) or re.sub(r"(?<![\w.])(np|sc|sla)\.", lambda m: f"{MODULES[target][m[1]]}.", form.numpy)
    if not text:
        raise UnsupportedError(f"{form.name} has no program for {target}")
    return str(text)


def parsed(text: str) -> tuple[ast.Module, dict[str, str]]:
    """A template in Python's grammar, and the placeholders by the names that stand for them there."""
    parts = PLACE.split(text)
    names = {f"_{k}_": place for k, place in enumerate(parts[1::2])}
    return ast.parse("".join(before + name for before, name in zip(parts[::2], [*names, ""], strict=True))), names


@cache
def pieces(text: str) -> Pieces:
    """(text and placeholders in turn, what follows, how tightly the whole binds), as Python's grammar has it.

    >>> pieces("np.exp({0})/{1}.T")
    ((('np.exp(', '0', 0), (')/', '1', 5)), '.T', 3)
    """
    parts = PLACE.split(text)
    tree, names = parsed(text)
    needed: dict[str, int] = {}
    for node in ast.walk(tree):
        for operand, least in _operands(node):
            if isinstance(operand, ast.Name):
                needed[operand.id] = least
    whole = tree.body[0].value if isinstance(tree.body[0], ast.Expr) else None
    operation = isinstance(whole, ast.BinOp | ast.UnaryOp | ast.Compare | ast.BoolOp | ast.IfExp | ast.Lambda)
    binds = BINDING.get(type(getattr(whole, "op", whole)), OTHER)[0] if operation else ATOM
    places = zip(parts[::2], parts[1::2], names, strict=False)
    return tuple((before, place, needed.get(name, 0)) for before, place, name in places), parts[-1], binds


def _operands(node: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """The operands of an operation, and how tightly each must bind; elsewhere commas and parentheses are around it."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            _, before, after = BINDING.get(type(op), OTHER)
            yield from ((left, before), (right, after))
        case ast.UnaryOp(op=op, operand=operand):
            yield operand, BINDING.get(type(op), OTHER)[1]
        case ast.Compare() | ast.BoolOp() | ast.IfExp():
            yield from ((operand, ADD) for operand in ast.iter_child_nodes(node))
        case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Call(func=value):
            yield value, ATOM
