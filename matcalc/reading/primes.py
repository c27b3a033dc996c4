"""A prime that is no transpose: in ‖x − x'‖² there is no reading in which x' is a row, so it is another variable."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.reading.parser import Node

PRIMES = ("'", "′", "’", "\\prime")


def renamed(nodes: list[Node], text: str) -> Iterator[str]:
    """Makes x' a name of its own, x_prime, where x occurs without a prime too: for each such name alone, then for all of them.

    It is a term or a factor; what stands as an exponent, say, is left as it is.
    What was done is undone before the next try, and in the end; yields a note on it.
    """
    places = {part for n in nodes if n.kind in ("sum", "product", "minus") for part in n.parts}
    primed: dict[str, list[Node]] = {}
    for node in (n for n in nodes if n in places and n.kind == "transpose" and n.parts[0].kind == "name"):
        if text[node.parts[0].end : node.end].strip(" ^{}") in PRIMES:
            primed.setdefault(node.parts[0].value, []).append(node)
    inside = {n.parts[0] for found in primed.values() for n in found}
    bare = {n.value for n in nodes if n.kind == "name" and n not in inside}
    names = [name for name in primed if name in bare and not name[0].isupper()]
    for chosen in [[name] for name in names] + [names] * (len(names) > 1):
        before = [(node, node.parts) for name in chosen for node in primed[name]]
        for node, (name,) in before:
            node.kind, node.parts, node.value, name.kind = "name", (), f"{name.value}_prime", "skip"
        yield " and ".join(f"{name}' is read as another variable, {name}_prime" for name in chosen)
        for node, (name,) in before:
            node.kind, node.parts, node.value, name.kind = "transpose", (name,), None, "name"
