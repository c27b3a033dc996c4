"""Comments of a program: one where a step would make its reader ask why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from matcalc.programs import forms as F
from matcalc.programs.forms import Code
from matcalc.programs.stems import form_name, is_half

# fmt: off
# A form, the target or the operator of the formulas that its step is worth a word for ("" for all), and the comment.
COMMENTS: dict[str, tuple[str, str]] = {
    "largest":           ("",      "the largest is taken out before exp, which could overflow"),
    "sum_rows":          ("numpy", "sums of the rows; BLAS is faster than a reduction"),
    "finite_exp":        ("",      "exp(z), finite for large z"),
    "turned_product":    ("",      "its columns one after the other: what is done row by row runs along them"),
    "logistic":          ("numpy", "1/(1 + exp(−z)), without overflow"),
    "softplus":          ("numpy", "log(1 + exp(z)), without overflow"),
    "one_or":            ("jax",   "sigmoid by exp(−|z|), which does not overflow"),
    "or_one":            ("jax",   "sigmoid by exp(−|z|), which does not overflow"),
    "inner":             ("tr",    "tr(AᵀB) as the sum of the entries of A ⊙ B"),
    "cholesky_in_place": ("",      "overwrites {}"),
    "cholesky_or_lu_in_place": ("", "overwrites {}"),
}
# fmt: on
HALF = "Xᵀ Diag(w) X as (√w X)ᵀ(√w X): BLAS computes half of its entries"


def comments(c: Code, known: Callable[[Code], str], subjects: Collection[str]) -> Iterator[str]:
    """The comments on the statement of `c`: on its own form, and on those written into it; `subjects` are a target and operators."""
    todo = [c]
    while todo:
        d = todo.pop()
        todo += [a for a in d.args if not known(a)]
        subject, text = COMMENTS.get(d.form.name) or COMMENTS.get(form_name(d), ("none", ""))
        if (not subject or subject in subjects) and not (d.form is F.INNER and d.args[0] is d.args[1]):
            yield text.format(*map(known, d.args[:1])) if "{}" in text else text
        if is_half(d) and "numpy" in subjects:
            yield HALF
