"""Programs on ordinary arrays: products by a method of theirs, which of small ones takes half of the time that the operator does."""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any

PRODUCT = "@"  # which no program has as a name


def _product(a: Any, b: Any) -> Any:
    """a @ b; of stacks of matrices the method is another product."""
    return a.dot(b) if b.ndim < 3 else a @ b


class _ByMethod(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.MatMult):
            return node
        return ast.copy_location(ast.Call(ast.Name(PRODUCT, ast.Load()), [node.left, node.right], []), node)


def on_ordinary_arrays(source: str, filename: str) -> dict[str, Any]:
    """The names that a source defines, with `_product` for @.

    >>> import numpy as np
    >>> on_ordinary_arrays("def square(A):\\n    return A @ A", "<square>")["square"](np.diag([2, 3])).tolist()
    [[4, 0], [0, 9]]
    """
    tree = ast.fix_missing_locations(_ByMethod().visit(ast.parse(source)))
    code: CodeType = compile(tree, filename, "exec")
    scope: dict[str, Any] = {"__name__": "matcalc.program", PRODUCT: _product}
    exec(code, scope)
    return scope
