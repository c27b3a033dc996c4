"""What doubts ask of a node, and how a question is put."""

from __future__ import annotations

from matcalc.errors import MatcalcError
from matcalc.reading.shapes import SCALAR, Shapes
from matcalc.reading.tree import Node, failing

PICKED = frozenset(("indexed", "item", "slice", "member"))
OUTER = ("⊗", "\\otimes", "∘", "\\circ")  # of tensors: the outer product


def guessed(node: Node, shapes: Shapes, kind: str) -> bool:
    """Whether a node is a name that nobody declared, of this kind."""
    return node.kind == "name" and shapes.inferred.get(node.value, ("",))[0] == kind and node.value not in shapes.declared


def by_fit(node: Node, shapes: Shapes) -> bool:
    """Whether a node is a name that nobody declared, and a scalar only because nothing else fits."""
    return guessed(node, shapes, "scalar") and node.value in shapes.scalars


def asked(name: str, question: str, place: Node, *kinds: str) -> MatcalcError:
    """A question about a name, with the declarations that would answer it."""
    *more, last = (f"{name}: {kind}" for kind in kinds)
    return failing(question, place, f"declare {', '.join(more)} or {last}")


def terms_of(node: Node) -> list[Node]:
    """The terms of a sum without their minus."""
    return [part.unsigned for part in node.parts]


def of_many(part: Node, shapes: Shapes) -> MatcalcError:
    shown, stem = shapes.text[part.start : part.end], stem_of(part)
    return failing(f"is `{shown}` an entry of {stem}, or one of many?", part, f"give the one {stem} another letter, or declare {stem}: (n)")


def stem_of(part: Node) -> str:
    """The name of which a node picks a part: the x of x_i."""
    return "" if part.kind not in PICKED else part.value[0] if part.kind == "indexed" else part.parts[0].word if part.parts else ""


def is_entry(node: Node, shapes: Shapes) -> bool:
    """Whether a node is the number x_i of an x that nobody declared."""
    return node.kind == "indexed" and node.shape == SCALAR and node.stem in shapes.inferred and node.stem not in shapes.declared


def factors(node: Node) -> tuple[Node, ...]:
    return node.parts if node.kind in ("sum", "minus", "product") else ()
