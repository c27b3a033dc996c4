"""Definitions put in: ``e'*e where e = y - X*b`` is ``(y - X*b)'*(y - X*b)``, on nodes, so that names need no shapes for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from matcalc.errors import LimitError, MatcalcError, UnsupportedError
from matcalc.limits import MOST_PUT_IN
from matcalc.operators import FUNCTIONS
from matcalc.reading.brackets import closed, outside
from matcalc.reading.latex.commands import FUNCTION_WORDS
from matcalc.reading.places import INDEXED, At, Place, moved
from matcalc.reading.ranging import summed
from matcalc.reading.spellings import rows
from matcalc.reading.symbols import Declarations, Definition
from matcalc.reading.tree import Node, Operator, failing

Read = Callable[[Definition], Sequence[Node]]


def applied(definitions: Mapping[str, Definition]) -> dict[str, str]:
    """The names that stand before an argument: those with parameters, and other names of functions; with their kind in a scope.

    >>> applied({"s": Definition("s", (), None, "relu", "s = relu"), "e": Definition("e", (), None, "y - x", "e = y - x")})
    {'s': 'elementwise'}
    """
    return {d.name: "elementwise" for d in definitions.values() if d.parameters is not None or alias(d)}


def alias(definition: Definition) -> str:
    r"""The function that a name is another one of: tanh, \tanh, \mathrm{ReLU}; nothing where it is a formula.

    >>> [alias(Definition("s", (), None, text, "")) for text in (r"\tanh", r"\operatorname{ReLU}", "y - x")]
    ['tanh', 'relu', '']
    """
    if definition.through:
        return ""
    found = re.fullmatch(r"\s*\\?(?:(?:operatorname\*?|math\w\w|text\w*)\s*\{\s*)?([A-Za-z]\w*)\s*\}?\s*", definition.text)
    word = found[1] if found and definition.parameters is None else ""
    return word if word in FUNCTIONS else FUNCTION_WORDS.get(word, "")


def of_indices(said: Declarations, text: str) -> Declarations:
    """The declarations, with e_n for an e(n) that is defined and that stands where a sum over n is, with its index."""
    sums = summed(text)
    all_texts = " ".join([text, *(d.text for d in said.definitions.values())])
    moved = dict[str, Definition]()
    for name, d in said.definitions.items():
        index = d.parameters[0] if d.parameters and len(d.parameters) == 1 and not d.indices else ""
        uses = re.findall(rf"(?<![A-Za-z]){re.escape(name)}\s*\}}?\s*(?:\^\s*(?:\{{[^{{}}]*\}}|\w))?\s*\(([^()]*)\)", all_texts)
        if index in sums and uses and all(re.fullmatch(r"\s*([a-z])(?:\s*[-+]\s*\d+)?\s*", use) and use.strip()[0] in sums for use in uses):
            moved[name] = d._replace(indices=(index,), parameters=None)
    return replace(said, definitions={**said.definitions, **moved}) if moved else said


def separated(text: str, definitions: Mapping[str, Definition]) -> str:
    """The text with commas for the other signs between the arguments of what is defined with several.

    >>> separated("h(x; u) + |x|", {"h": Definition("h", (), ("x", "u"), "u'*x", "h(x; u) = u'*x")})
    'h(x, u) + |x|'
    """
    names = "|".join(re.escape(d.name) for d in definitions.values() if d.parameters and len(d.parameters) > 1)
    if not names or ";" not in text and "|" not in text and "\\mid" not in text:
        return text
    out = list(text)
    for call in re.finditer(rf"(?<!\w)(?:{names})\s*\(", text):
        arguments = text[call.end() : closed(text, call.end() - 1)]
        for m in outside(arguments, re.finditer(r";|\||\\mid\b", arguments)):
            at = call.end() + m.start()
            out[at : at + len(m.group())] = ",".ljust(len(m.group()))
    return "".join(out)


def of_its_entries(d: Definition) -> bool:
    """Whether a name is defined as the column of its own entries, which says nothing.

    >>> [of_its_entries(Definition("x", (), None, text, "")) for text in ("[x_1; x_2]", "[x_1; y]")]
    [True, False]
    """
    entries = re.sub(
        r"\\(?:begin|end)\s*\{\w+\}|\\(?:left|right)\b|\\\\|\^\s*\{?\s*(?:T|\\top)\b\s*\}?|[\s&,;()'\[\]]", " ", d.text
    ).split()
    return len(entries) > 1 and all(re.fullmatch(rf"\\?{re.escape(d.name)}_(?:\w|\{{\w+\}})", entry) for entry in entries)


class Putting:
    """Puts what is defined in place of its names; `used` are the names of the definitions that occur.

    `read` makes the nodes of a definition, once.  What is put in has the place of the name that it replaces.  Raises ParseError where
    a definition needs itself, or has another number of arguments.
    """

    def __init__(self, definitions: Mapping[str, Definition], read: Read) -> None:
        self.definitions, self.read = definitions, read
        self.bodies: dict[str, list[Node]] = {}
        self.used: set[str] = set()
        self.count = 0

    def all(self, nodes: Sequence[Node], within: tuple[str, ...] = ()) -> list[Node]:
        changed = False
        uses = ("call", "name", "item", "indexed") if self.definitions else ("call",)  # calls of other languages are put in too
        for node in nodes:
            if node.kind in uses:
                changed = self.one(node, within) or changed
        return postorder(nodes[-1]) if changed else list(nodes)

    def one(self, node: Node, within: tuple[str, ...]) -> bool:
        """Puts a definition in place of a node, where the node is a use of one."""
        whole = self.definitions.get(node.value[0]) if node.kind == "indexed" else None
        if whole is not None and whole.parameters is None and not whole.indices:  # an entry of ŷ, of what ŷ is defined as
            if whole.name in within:  # the K_i of K = Σ x_i K_i
                return False
            name, places = node.value
            node.kind, node.parts, node.value = "item", (Node("name", (), node.start, node.end, name),), places
            return self.one(node.parts[0], within)
        found = self._use(node)
        if found is None:
            return False
        definition, letters = found
        name = definition.name
        self.used.add(name)
        if node.kind == "call" and definition.parameters is None:
            function = alias(definition)
            if not function:
                raise failing(f"`{name}` is defined as a formula, but is applied like a function", node)
            node.value = (function, *node.value[1:])
            return True
        call = _called(node)
        if call and call.value[1]:
            hint = f"the transpose stands behind: {definition.shown}'"
            raise failing(f"write the derivative of {name} out", call, hint, UnsupportedError)
        if name in within:
            raise failing(f"`{name}` is defined by itself: {' → '.join((*within[within.index(name) :], name))}", node)
        arguments = self._arguments(definition, call)
        body = self.bodies.get(name)
        if body is None:
            body = self.bodies[name] = self.all(self._body(definition), (*within, name))
        self.count += copied(body, node, arguments, dict(zip(definition.indices, letters, strict=True)), MOST_PUT_IN - self.count)
        if self.count > MOST_PUT_IN:
            raise failing(f"definitions make more than {MOST_PUT_IN:,} parts", node, kind=LimitError)
        return True

    def _use(self, node: Node) -> tuple[Definition, tuple[Place, ...]] | None:
        """The definition that a node is a use of, and the letters in place of its indices."""
        if node.kind == "call":
            known = self.definitions.get(node.value[0]) or rows().get(node.value[0])
            return (known, ()) if known and not known.indices else None
        if node.kind in ("item", "indexed"):
            call = _called(node)
            name, places = node.value if node.kind == "indexed" else (call.value[0] if call else node.parts[0].word, node.value)
            known = self.definitions.get(name)
            applied = known and (call is None) == (known.parameters is None)
            return (known, places) if known and applied and len(known.indices) == len(places) else None
        known = self.definitions.get(node.value)
        if known:
            return (known, ()) if known.parameters is None and not known.indices else None
        stem, _, index = node.value.rpartition("_")
        known = self.definitions.get(stem) if stem else None
        return (known, tuple(index)) if known and known.parameters is None and len(known.indices) == len(index) else None

    def _arguments(self, definition: Definition, call: Node | None) -> dict[str, Node]:
        if definition.parameters is None or call is None:
            return {}
        if len(call.parts) != len(definition.parameters):
            raise failing(f"`{definition.shown}` is defined, but has {len(call.parts)} arguments here", call)
        return dict(zip(definition.parameters, call.parts, strict=True))

    def _body(self, definition: Definition) -> Sequence[Node]:
        try:
            body = self.read(definition)
            names = dict.fromkeys(name for node in body for name in _names(node))
            for parameter in (p for p in definition.parameters or () if p not in names):
                if entry := next((name for name in names if name.rpartition("_")[0] == parameter), ""):
                    place = next(node for node in body if entry in _names(node))
                    hint = f"an entry is {parameter}[{entry.rpartition('_')[2]}]"
                    raise failing(f"is `{entry}` of the `{parameter}` of {definition.shown}?", place, hint)
            return body
        except MatcalcError as error:
            error.line = definition.line
            raise


def _called(node: Node) -> Node | None:
    """The call that a node is, or of which it is one of many: f(w), and that of f_i(w)."""
    of = node.parts[0] if node.kind == "item" else node
    return of if of.kind == "call" else None


def copied(body: Sequence[Node], place: Node, arguments: Mapping[str, Node], letters: Mapping[str, Place], most: int) -> int:
    """Makes `place` a copy of a body, with arguments for parameters and letters for indices, where that takes no more than `most` nodes.

    Returns how many nodes that takes.
    """
    given = {name: postorder(argument) for name, argument in arguments.items()}
    parts_of = [next((given[name] for name in _names(node) if name in given), None) for node in body]
    count = sum(1 if parts is None else len(parts) for parts in parts_of)
    if count > most:
        return count
    # Each copy of a sum has its own index: `most` is another number in each.
    own = {node.value[1]: At(f"{node.value[1]}·{most}") for node in body if node.kind == "over"}
    letters = {**letters, **own}
    copies: dict[int, Node] = {}
    for node, parts in zip(body, parts_of, strict=True):
        if parts is not None:
            for part in parts:
                copies[id(part)] = _copy(part, copies, (part.start, part.end))
            made = copies[id(parts[-1])]
            if node.stem in given and node.kind == "indexed":  # the u_j of f(u)
                made = Node("item", (made,), place.start, place.end, moved(node.kind, node.value, letters)[1])
            copies[id(node)] = made
            continue
        made = copies[id(node)] = _copy(node, copies, (place.start, place.end))
        if made.kind == "product":
            made.value = tuple(Operator(o.kind, o.text, place.start, place.end, o.binds) for o in made.value)
        if letters and node.kind in INDEXED:
            made.value = moved(node.kind, node.value, letters)
        elif node.kind == "over":
            made.value = (node.value[0], own[node.value[1]].letter, *node.value[2:])
        elif node.kind in ("name", "counter") and node.value in letters:  # γ^i x_i
            _count(made, letters[node.value])
    root = copies[id(body[-1])]
    place.kind, place.parts, place.value = root.kind, root.parts, root.value
    return count


def _names(node: Node) -> tuple[str, ...]:
    """The names under which a parameter may stand: u, and of u_j also u_j."""
    if node.kind != "indexed":
        return (node.value,) if node.kind == "name" else ()
    stem, places = node.value
    return f"{stem}_{''.join(str(p.letter if isinstance(p, At) else p) for p in places)}", stem


def _count(node: Node, place: Place) -> None:
    """Makes a node the number that an index is."""
    if isinstance(place, At) and not place.shift:
        node.kind, node.value = "counter", place.letter
    elif isinstance(place, int):
        node.kind, node.value = "number", place
    else:
        raise failing(f"the index `{node.value}` of a definition is used as a number", node, "write what is defined where it stands")


def _copy(node: Node, copies: Mapping[int, Node], at: tuple[int, int]) -> Node:
    return Node(node.kind, tuple(copies[id(p)] for p in node.parts), *at, node.value)


def postorder(root: Node) -> list[Node]:
    """A node and all below it, parts first."""
    out, stack, seen = [], [(root, False)], set()
    while stack:
        node, ready = stack.pop()
        if ready:
            out.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((p, False) for p in reversed(node.parts))
    return out
