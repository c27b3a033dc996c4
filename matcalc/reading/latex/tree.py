r"""The parts of LaTeX that plain text lacks: commands as terminals, bars and their sides, and what the lines of its grammar make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from matcalc.errors import MatcalcError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.reading.latex.commands import (
    ACCENTS,
    BESIDE,
    BOLD,
    CLOSING,
    FUNCTION_WORDS,
    LETTERS,
    REFUSED_COMMANDS,
    SIGNS,
    TERMINALS,
    TRANSPOSES,
    UNICODE,
    WORDS,
)
from matcalc.reading.letters import LOWERED, RAISED
from matcalc.reading.tree import Make, Node, failing, juxtaposed, left_leaf, spanning, value_of

if TYPE_CHECKING:
    from matcalc.reading.tree import Token

_SIZE = r"\\(?:[bB]igg?)\s*"
BARS = re.compile(
    r"(?P<blank>[\s~&$]+|%[^\n]*|\\[,;:!> ]|\\(?:q?quad|limits)(?![A-Za-z]))"
    rf"|(?P<bars_open>\\left\s*\|\s*\\left\s*\||\\(?:left|[bB]igg?l)\s*(?:\\\||\\[lr]?Vert(?![A-Za-z])|\|\||[‖∥])|\\lVert(?![A-Za-z]))|(?P<bars_close>\\right\s*\|\s*\\right\s*\||\\(?:right|[bB]igg?r)\s*(?:\\\||\\[lr]?Vert(?![A-Za-z])|\|\||[‖∥])|\\rVert(?![A-Za-z]))"
    rf"|(?P<bar_open>\\(?:left|[bB]igg?l)\s*(?:\||\\[lr]?vert(?![A-Za-z]))|\\lvert(?![A-Za-z]))|(?P<bar_close>\\(?:right|[bB]igg?r)\s*(?:\||\\[lr]?vert(?![A-Za-z]))|\\rvert(?![A-Za-z]))"
    rf"|(?P<bars>(?:{_SIZE})?(?:\\\||\\Vert(?![A-Za-z])|\|\||[‖∥]|\\vert\s*\\vert(?![A-Za-z])))|(?P<bar>(?:{_SIZE})?(?:\||\\vert(?![A-Za-z])))"
    r"|(?P<open>\uE010|(?:\\(?:left|[bB]igg?l?)\s*)?(?:[(\[{⟨]|\\\{|\\langle(?![A-Za-z])))|(?P<close>\uE013|(?:\\(?:right|[bB]igg?r?)\s*)?(?:[)\]}⟩]|\\\}|\\rangle(?![A-Za-z])))"
    r"|(?P<word>\\[A-Za-z]+\*?|[^\W\d_⁰¹²³⁴-⁹ᵀⁿ])|(?P<operand>[\d.]*\d)|(?P<mark>['′’″‴ᵀ⊤⁰-⁹⁺⁻¹²³:₀-₉]|\^\s*(?:[+*∗]|[-−](?=\s*[|‖\\)\]},])|\\ast\b|\\star\b)|_\s*(?:[*∗]|\\ast\b|\\star\b))|(?P<start>[∇∑∏+\-−–])|(?P<operator>.)",
    re.DOTALL,
)  # fmt: skip


def ends_no_operand(word: str) -> bool:
    """Whether a bar behind a command opens."""
    return TERMINALS.get(word) in ("TIMES", "RELATION", "BIG", "FONT", "ACCENT", "NABLA") or word[1:] in FUNCTION_WORDS


class Commands:
    """Stands between Lark's lexer and its parser: tells which terminal a command is."""

    always_accept = ("COMMAND", "ENVIRONMENT", "LPAR", "RPAR", "LANGLE", "RANGLE", "COLON")

    @staticmethod
    def process(stream: Iterator[Token]) -> Iterator[Token]:
        indices, last = [False], ""  # whether what is open is an index, or a set: there a colon is no product
        for token in stream:
            if token.type == "COMMAND":
                kind = TERMINALS.get(token)
                if kind == "":
                    continue
                if kind is None and token[-1] == "*" and TERMINALS.get(token[:-1]) in ("GREEK", "WORD"):  # \\lambda*x
                    letter, star = (
                        type(token).new_borrow_pos(t, v, token) for t, v in ((TERMINALS[token[:-1]], token[:-1]), ("TIMES", "*"))
                    )
                    letter.end_pos = star.start_pos = token.end_pos - 1
                    yield letter
                    token = star
                elif kind is None:
                    raise _unknown(token)
                else:
                    token.type = kind
            elif token.type == "ENVIRONMENT":
                name = token.partition("{")[2][:-1].rstrip("*")
                what = "a matrix written out by its entries" if name.endswith(("matrix", "array")) else f"the environment `{name}`"
                raise failing(f"{what} is not supported", token, "matrices are letters here: X, \\Sigma", kind=UnsupportedError)
            if token.type in ("LBRACE", "LPAR"):
                indices.append(indices[-1] or last in ("SUB", "SUPER") or token.type == "LPAR" and "{" in token)
            elif token.type in ("RBRACE", "RPAR") and len(indices) > 1:
                indices.pop()
            elif token.type == "COLON" and not indices[-1] and last != "SUB":
                token.type = "TIMES"
            last = token.type
            yield token


def _unknown(token: Token) -> MatcalcError:
    if token in REFUSED_COMMANDS:
        return failing(f"`{token}` {REFUSED_COMMANDS[token]}", token, kind=UnsupportedError)
    return failing(f"the command `{token}` is not known", token, did_you_mean(str(token), TERMINALS), kind=UnknownNameError)


class Letter(str):
    """A letter or a word, with its accents, and whether its font is bold, one of words, or of neither kind."""

    accents: str
    font: str

    def __new__(cls, stem: str, accents: str = "", font: str = "") -> Letter:
        made = super().__new__(cls, stem)
        made.accents, made.font = accents, font
        return made


def spelled(word: str) -> str:
    return word if word.isascii() else "".join(UNICODE.get(c, c) for c in word)


class LatexMake(Make):
    """The callbacks of grammar/latex.lark, where they are not those of the plain language."""

    signs, binds = SIGNS, BESIDE

    # --- symbols ----------------------------------------------------------------------------------------------------

    def letter(self, token: Token) -> Node:
        stem = LETTERS[token] if token[0] == "\\" else UNICODE.get(token, str(token))
        return Node("symbol", (), token.start_pos, token.end_pos, Letter(stem))

    def word(self, token: Token) -> Node:
        word = re.sub(r"^\\\w+\*?\s*\{\s*|\.?\s*\}$|\\,", "", token) if token[-1] == "}" else token[1:]
        if token[-1] == "}" and len(word) == 1:
            return Node("symbol", (), token.start_pos, token.end_pos, Letter(word, "", "upright"))
        function = FUNCTION_WORDS.get(word) or FUNCTION_WORDS.get(word.lower(), "")
        return Node("function" if function else "symbol", (), token.start_pos, token.end_pos, Letter(function or word, word, "word"))

    mark = spanning("mark", str)
    root = spanning("call", ("sqrt", 0))

    def digits(self, token: Token) -> Node:
        raise failing(f"in LaTeX only the digit `{token[0]}` belongs to the command before it", token, f"write {{{token}}} in braces")

    def font(self, token: Token, inside: Node) -> Node:
        node = inside.parts[0] if inside.kind == "group" else inside
        leaf, _ = left_leaf(node)
        if leaf.kind == "number" and leaf.value in (0, 1) and token not in WORDS:
            leaf.kind, leaf.value = "symbol", Letter(str(leaf.value), "", "bold")
        elif leaf.kind == "symbol":
            font = "bold" if token in BOLD else "upright" if token in WORDS else leaf.value.font
            leaf.value = Letter(leaf.value, leaf.value.accents, font)
        elif token == "\\vec":
            raise failing("`\\vec` stands over one letter", token, "\\hat{x}   \\hat\\beta")
        else:
            if inside.kind == "group":
                letters = node.parts if node.kind == "product" and not any(o.text for o in node.value) else ()
                word = "".join(p.value for p in letters if p.kind == "symbol" and len(p.value) == 1)
                if len(word) == len(letters) > 1 and FUNCTION_WORDS.get(word):  # \mathbf{tr}
                    return Node("function", (), token.start_pos, inside.end, Letter(FUNCTION_WORDS[word], word, "word"))
                for letter in (p for p in letters if p.kind == "symbol" and token in BOLD):
                    letter.value = Letter(letter.value, letter.value.accents, "bold")
                inside.value = "font"
            return inside
        return _begun_by(token, node, inside)

    def accent(self, token: Token, inside: Node) -> Node:
        node = inside.parts[0] if inside.kind == "group" else inside
        leaf, behind = left_leaf(node)
        indexed = leaf.kind == "symbol" and all(map(_is_index, behind))  # \bar{y_i} is \bar{y}_i
        if ACCENTS[token] == "bar" and not indexed:
            return Node("call", (node,), token.start_pos, inside.end, ("conj", 0))
        if leaf.kind != "symbol":
            raise failing(f"`{token}` stands over one letter", token, "\\hat{x}   \\hat\\beta")
        leaf.value = Letter(leaf.value, "_".join(filter(None, (leaf.value.accents, ACCENTS[token]))), leaf.value.font)
        return _begun_by(token, node, inside)

    # --- groups -----------------------------------------------------------------------------------------------------

    def group(self, open_: Token, *c: Any) -> Node:
        pair = [CLOSING.get(re.sub(r"^\\(?:left|right|[bB]igg?[lr]?)\s*", "", t), "") for t in (open_, c[-1])]
        if "" not in pair and pair[0] != pair[1]:  # which does not close which is seen in the text
            raise failing(f"`{c[-1]}` does not close the `{open_}`", c[-1])
        return Make.group(self, open_, *c)

    def fraction(self, token: Token, *parts: Any) -> Node:
        if len(parts) == 1:
            a = parts[0].start_pos
            parts = tuple(Node("number", (), a + k, a + k + 1, int(digit)) for k, digit in enumerate(parts[0]))
        return Node("fraction", parts, token.start_pos, parts[-1].end, str(token))

    over = spanning("fraction", lambda open_, above, sign, below, close: str(sign))
    indicator = spanning("indicator", lambda open_, left, sign, right, close: str(sign))

    def ket(self, token: Token, inside: Node) -> Node:
        return inside if token == "\\ket" else Node("transpose", (inside,), token.start_pos, inside.end, "H")

    def nabla(self, signs: list[Any], letter: Node) -> Node:  # type: ignore[override]
        return Node("nabla", (letter,), signs[0].start_pos, letter.end, "hess" if len(signs) > 1 else "grad")

    def nabla_power(self, signs: list[Any], _: Token, script: tuple[list[Node], int]) -> list[Any]:
        if [n.value for n in script[0]] != [2] or len(signs) > 1:
            raise _no_gradient(signs[0])
        return [*signs, script]

    def nabla_index(self, signs: list[Any], *_: Any) -> Node:
        raise _no_gradient(signs[0])

    # --- scripts ----------------------------------------------------------------------------------------------------

    def script(self, *c: Any) -> tuple[list[Node], int]:
        """The indices of a script, and where it ends."""
        if len(c) == 3:
            return c[1], c[2].end_pos
        node = self.sign(*c) if len(c) == 2 else c[0] if isinstance(c[0], Node) else self.mark(c[0])
        return [node], node.end

    def superscript(self, base: Node, _: Token, script: tuple[list[Node], int]) -> Node:  # type: ignore[override]
        nodes, end = script
        base = _opened(base)
        for part in _apart(nodes[0]) if len(nodes) == 1 else ():
            base, nodes = Node("superscript", (base, part), base.start, part.end, [part]), [nodes[0].parts[-1]]
        return Node("superscript", (base, *nodes), base.start, end, nodes)

    def subscript(self, base: Node, _: Token, script: tuple[list[Node], int]) -> Node:  # type: ignore[override]
        base = _opened(base)
        return Node("subscript", (base,), base.start, script[1], script[0])

    def high(self, base: Node, sign: Token) -> Node:
        return self.superscript(base, sign, self._typed_as(sign, sign.translate(RAISED)))

    def low(self, base: Node, sign: Token) -> Node:
        return self.subscript(base, sign, self._typed_as(sign, sign.translate(LOWERED)))

    def _typed_as(self, sign: Token, text: str) -> tuple[list[Node], int]:
        """The script that digits and letters above or below the line are."""
        a, b = sign.start_pos, sign.end_pos
        if text == "+":
            return [Node("mark", (), a, b, text)], b
        if text.lstrip("+-").isdigit():
            number = Node("number", (), a, b, int(value_of(text.lstrip("+-"), a, b)))
            return [Node("minus", (number,), a, b) if text[0] == "-" else number], b
        letters = [Node("number", (), a, b, int(c)) if c.isdigit() else Node("symbol", (), a, b, Letter(c)) for c in text]
        return [letters[0] if len(letters) == 1 else Node("product", tuple(letters), a, b, tuple(map(juxtaposed, letters[1:])))], b

    dotted = spanning("dotted", lambda sign, index: str(sign))

    def beside_all(self, colon: Token, index: Node) -> Node:
        return Node("indices", (self.mark(colon), index), colon.start_pos, index.end)

    def all_beside(self, index: Any, colon: Token) -> Node:
        first = index if isinstance(index, Node) else self.product(index)
        return Node("indices", (first, self.mark(colon)), first.start, colon.end_pos)


def _opened(base: Node) -> Node:
    r"""What stands in the braces around a norm or bars: {\|x\|}_1 is \|x\|_1; any other base as it is."""
    inside = base.parts[0] if base.kind == "group" and base.value == "{}" else base
    if inside is base or left_leaf(inside := _opened(inside))[0].kind not in ("norm", "bars"):
        return base
    inside.start, inside.end = base.start, base.end
    return inside


def _is_index(part: Node) -> bool:
    """Whether what stands behind a letter is an index: x_i and x^{(i)}."""
    return part.kind == "subscript" or part.kind == "superscript" and part.value[0].kind == "group" and part.value[0].value != "{}"


def _apart(script: Node) -> Iterator[Node]:
    """What stands before a transpose in one script: the (v) of U^{(v)\\top}, the star of w^{*\\top}."""
    if script.kind not in ("product", "dotted"):
        return
    *inner, last = script.parts
    marked = last.word == "T" and (script.kind == "dotted" or inner[0].kind in ("group", "mark"))
    if not marked and (last.kind != "mark" or last.value not in TRANSPOSES):
        return
    if script.kind == "product" and not any(o.text for o in script.value):
        yield inner[0] if len(inner) == 1 else Node("product", tuple(inner), script.start, inner[-1].end, script.value[:-1])
    elif script.kind == "dotted":
        yield Node("mark", (), script.start, last.start, script.value)


def _begun_by(token: Token, node: Node, inside: Node) -> Node:
    """A node to which a font or an accent belongs, which stands before it; a letter ends with the braces around it."""
    leaf, behind = left_leaf(node)
    for part in (leaf, *behind):
        part.start = token.start_pos
    if not behind:
        leaf.end = inside.end
    return node


def _no_gradient(token: Token) -> Any:
    return failing("expected a function after `\\nabla`: \\nabla f(X)", token, "what to differentiate by is asked for apart (wrt)")
