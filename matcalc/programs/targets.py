"""The targets of programs: how each library is imported, and the templates of its forms."""

from __future__ import annotations

import re
from functools import cache

from matcalc.errors import UnsupportedError
from matcalc.expr.node import Op
from matcalc.programs.forms import ADD, ATOM, MUL, Form

TARGETS = ("numpy", "jax", "torch")
SHORT = {"numpy": "np", "jax": "jnp", "torch": "torch"}

# The names templates use for modules.
IMPORTS: dict[str, str] = {
    "np": "numpy", "sc": "scipy.special", "sla": "scipy.linalg", "sps": "scipy.sparse", "jnp": "jax.numpy", "jax": "jax", "torch": "torch",
}  # fmt: skip

GLOBALS = re.compile(rf"(?<![\w.'])({'|'.join(IMPORTS)}|_[a-z]\w*)\b")  # what a template may name besides its operands
Piece = tuple[str, str, bool]  # text, then a placeholder, and whether the operand may stand there without parentheses


@cache
def template(form: Form | Op, target: str) -> str:
    """The form's template for `target`.  Raises UnsupportedError where there is none."""
    text = getattr(form, target)
    if not text and isinstance(form, Form):
        text = re.sub(r"\bnp\.", SHORT[target] + ".", form.numpy)
    if not text:
        raise UnsupportedError(f"{form.name} has no program for {target}")
    return str(text)


@cache
def pieces(text: str) -> tuple[tuple[Piece, ...], str, int]:
    """(text and placeholders in turn, what follows, how tightly the whole binds).

    >>> pieces("np.exp({0})/{1}.T")
    ((('np.exp(', '0', True), (')/', '1', False)), '.T', 3)
    """
    parts = re.split(r"\{(\w+|\*\w*)\}", text)
    out = []
    for before, name, after in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
        opened = before.rstrip(" ").endswith(("(", "[", ",", "{out} =", "+=", "] ="))
        enclosed = opened and (after.startswith((")", "]", ",", "\n")) or after == "")
        out.append((before, name, enclosed))
    bare = text
    while (shorter := re.sub(r"[(\[][^()\[\]]*[)\]]", "", bare)) != bare:
        bare = shorter
    return tuple(out), parts[-1], ADD if re.search(r"[+]| - ", bare) else MUL if re.search(r"[*/@]", bare) else ATOM
