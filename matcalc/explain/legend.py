"""Explains the symbols in an answer that nobody typed, a line each: K(m,n), polar, blockinner, L_exp, the layout of a vec form."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.expr import Expr, postorder

_FUNCTIONS = {"exp": "expm(X)", "log": "logm(X)", "cos": "cosm(X)", "sin": "sinm(X)"}

# By the name of the row: what it is.
LINES: dict[str, str] = {
    "commutation": "K(m,n) vec A = vec Aᵀ for A (m, n)",
    "pinv": "X⁺ is the Moore-Penrose inverse",
    "polar": "polar(X) = U Vᵀ for the singular value decomposition X = U Diag(σ) Vᵀ",
    "v_max": "v_max(X) is the unit eigenvector of the largest eigenvalue",
    "blockinner": "blockinner(B, T)[i,j] = tr(Bᵀ T_ij), T_ij the blocks of T in the size of B",
    "blocksum": "blocksum(A, T) = ∑ A[i,j] T_ij, T_ij the blocks of T, as many as A has entries",
    "khatrirao": "column j of khatrirao(A, B) is a_j ⊗ b_j",
    "sylvester": "sylvester(A, B, C) is the X with A X + X B = C",
    "softmax_rows": "softmax_rows(X) is the softmax of each row",
    "logsumexp_rows": "logsumexp_rows(X) is the log-sum-exp of each row, a column",
    **{f"{f}m_frechet": f"L_{f}(X, E) is the derivative of {whole} along E" for f, whole in _FUNCTIONS.items()},
    **{f"{f}m_jacobian": f"K_{f}(X) vec E = vec L_{f}(X, E), the derivative of {whole} along E" for f, whole in _FUNCTIONS.items()},
    "adj": "adj(X) is the adjugate, X adj(X) = det(X) I",
    "onehot": "onehot(y, K): row i is 1 at y_i, else 0",
}


def legend(answer: Expr, typed: Expr) -> Iterator[str]:
    """The lines for what the answer uses and the expression, as it was typed, does not.

    >>> from matcalc.reading import read
    >>> list(legend(read("commutation(m, n)").expr, read("X'").expr))
    ['K(m,n) vec A = vec Aᵀ for A (m, n)']
    """
    known = {n.op.name for n in postorder(typed)}
    used = {n.op.name for n in postorder(answer)} - known
    return (line for name, line in LINES.items() if name in used)
