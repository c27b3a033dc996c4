r"""What LaTeX has of its own: commands as terminals, bars and their sides, and what the lines of its grammar make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.errors import UnknownNameError, UnsupportedError, did_you_mean
from matcalc.reading.latex.commands import (
    ACCENTS,
    BOLD,
    CLOSING,
    FUNCTION_WORDS,
    LETTERS,
    REFUSED_COMMANDS,
    TERMINALS,
    TIMES,
    UNICODE,
    WORDS,
)
from matcalc.reading.tree import DOT_OVER, DOT_TIMES, KHATRI_RAO, KRON, OVER, Make, Node, Operator, failing, juxtaposed, left_leaf
from matcalc.reading.tree import TIMES as PRODUCT

if TYPE_CHECKING:
    from lark import Token

KINDS = {"*": PRODUCT, "/": OVER, "⊗": KRON, "khatrirao": KHATRI_RAO, "⊙": DOT_TIMES, "⊘": DOT_OVER}
BESIDE = TIMES["*"][1]  # how strongly juxtaposition binds

_SIZE = r"\\(?:[bB]igg?)\s*"
BARS = re.compile(
    r"(?P<blank>[\s~&$]+|%[^\n]*|\\[,;:!> ]|\\(?:q?quad|limits)(?![A-Za-z]))"
    rf"|(?P<bars_open>\\(?:left|[bB]igg?l)\s*(?:\\\||\\[lr]?Vert(?![A-Za-z])|\|\||[‖∥])|\\lVert(?![A-Za-z]))|(?P<bars_close>\\(?:right|[bB]igg?r)\s*(?:\\\||\\[lr]?Vert(?![A-Za-z])|\|\||[‖∥])|\\rVert(?![A-Za-z]))"
    rf"|(?P<bar_open>\\(?:left|[bB]igg?l)\s*(?:\||\\[lr]?vert(?![A-Za-z]))|\\lvert(?![A-Za-z]))|(?P<bar_close>\\(?:right|[bB]igg?r)\s*(?:\||\\[lr]?vert(?![A-Za-z]))|\\rvert(?![A-Za-z]))"
    rf"|(?P<bars>(?:{_SIZE})?(?:\\\||\\Vert(?![A-Za-z])|\|\||[‖∥]|\\vert\s*\\vert(?![A-Za-z])))|(?P<bar>(?:{_SIZE})?(?:\||\\vert(?![A-Za-z])))"
    r"|(?P<open>\uE010|(?:\\(?:left|[bB]igg?l?)\s*)?(?:[(\[{⟨]|\\\{|\\langle(?![A-Za-z])))|(?P<close>\uE013|(?:\\(?:right|[bB]igg?r?)\s*)?(?:[)\]}⟩]|\\\}|\\rangle(?![A-Za-z])))"
    r"|(?P<word>\\[A-Za-z]+\*?|[^\W\d_⁰¹²³⁴-⁹ᵀⁿ])|(?P<operand>[\d.]*\d)|(?P<mark>['′’″‴ᵀ⊤:]|\^\s*(?:[*∗]|\\ast\b|\\star\b))|(?P<start>[∇∑∏+\-−–])|(?P<operator>.)",
    re.DOTALL,
)  # fmt: skip


def ends_no_operand(word: str) -> bool:
    """Whether a bar behind a command opens."""
    return TERMINALS.get(word) in ("TIMES", "RELATION", "BIG", "FONT", "ACCENT", "NABLA") or word[1:] in FUNCTION_WORDS


class Commands:
    """Stands between Lark's lexer and its parser: tells which terminal a command is."""

    always_accept = ("COMMAND", "ENVIRONMENT", "LPAR", "RPAR", "LANGLE", "RANGLE")

    @staticmethod
    def process(stream: Iterator[Token]) -> Iterator[Token]:
        for token in stream:
            if token.type == "COMMAND":
                kind = TERMINALS.get(token)
                if kind == "":
                    continue
                if kind is None:
                    raise _unknown(token)
                token.type = kind
            elif token.type == "ENVIRONMENT":
                name = token.partition("{")[2][:-1].rstrip("*")
                what = "a matrix written out by its entries" if name.endswith(("matrix", "array")) else f"the environment `{name}`"
                raise UnsupportedError(
                    f"{what} is not supported",
                    hint="matrices are letters here: X, \\Sigma",
                    start=token.start_pos or 0,
                    end=token.end_pos or 0,
                )
            yield token


def _unknown(token: Token) -> UnknownNameError | UnsupportedError:
    start, end = token.start_pos or 0, token.end_pos or 0
    if token in REFUSED_COMMANDS:
        return UnsupportedError(f"`{token}` {REFUSED_COMMANDS[token]}", start=start, end=end)
    return UnknownNameError(f"the command `{token}` is not known", hint=did_you_mean(str(token), TERMINALS), start=start, end=end)


class Letter(NamedTuple):
    """A letter or a word: its spelling, its accents, and whether its font is bold, one of words, or of neither kind."""

    stem: str
    accents: str = ""
    font: str = ""


def spelled(word: str) -> str:
    return word if word.isascii() else "".join(UNICODE.get(c, c) for c in word)


class LatexMake(Make):
    """What the lines of grammar/latex.lark make, where it is not the same as in the plain language."""

    @staticmethod
    def times(c: list[Any]) -> list[Any]:
        factors, sign, factor = c
        kind, binds = TIMES.get(sign, ("*", BESIDE))
        factors += (Operator(KINDS[kind], str(sign), sign.start_pos, sign.end_pos, binds), factor)
        return factors  # type: ignore[no-any-return]

    @staticmethod
    def beside(c: list[Any]) -> list[Any]:
        factors = Make.beside(c)
        factors[-2].binds = BESIDE
        return factors

    # --- symbols ----------------------------------------------------------------------------------------------------

    @staticmethod
    def letter(c: list[Any]) -> Node:
        token = c[0]
        stem = LETTERS[token] if token[0] == "\\" else UNICODE.get(token, str(token))
        return Node("symbol", (), token.start_pos, token.end_pos, Letter(stem))

    @staticmethod
    def word(c: list[Any]) -> Node:
        token = c[0]
        word = re.sub(r"^\\\w+\*?\s*\{\s*|\s*\}$|\\,", "", token) if token[-1] == "}" else token[1:]
        if token[-1] == "}" and len(word) == 1:
            return Node("symbol", (), token.start_pos, token.end_pos, Letter(word, "", "upright"))
        function = FUNCTION_WORDS.get(word) or FUNCTION_WORDS.get(word.lower(), "")
        return Node("function" if function else "symbol", (), token.start_pos, token.end_pos, Letter(function or word, word, "word"))

    @staticmethod
    def mark(c: list[Any]) -> Node:
        return Node("mark", (), c[0].start_pos, c[0].end_pos, str(c[0]))

    @staticmethod
    def digits(c: list[Any]) -> Node:
        raise failing(f"in LaTeX only the digit `{c[0][0]}` belongs to the command before it", c[0], f"write {{{c[0]}}} in braces")

    @staticmethod
    def font(c: list[Any]) -> Node:
        token, inside = c
        node = inside.parts[0] if inside.kind == "group" else inside
        leaf, behind = left_leaf(node)
        if leaf.kind == "number" and leaf.value in (0, 1) and token not in WORDS:
            leaf.kind, leaf.value = "symbol", Letter(str(leaf.value), "", "bold")
        elif leaf.kind == "symbol":
            leaf.value = leaf.value._replace(font="bold" if token in BOLD else "upright" if token in WORDS else leaf.value.font)
        elif token in ("\\vec",):
            raise failing("`\\vec` stands over one letter", token, "\\hat{x}   \\hat\\beta")
        else:
            if inside.kind == "group":
                letters = node.parts if node.kind == "product" and not any(o.text for o in node.value) else ()
                word = "".join(p.value.stem for p in letters if p.kind == "symbol" and len(p.value.stem) == 1)
                if len(word) == len(letters) > 1 and FUNCTION_WORDS.get(word):  # \mathbf{tr}
                    return Node("function", (), token.start_pos, inside.end, Letter(FUNCTION_WORDS[word], word, "word"))
                inside.value = "font"
            return inside  # type: ignore[no-any-return]
        for part in (leaf, *behind):
            part.start = token.start_pos
        if not behind:
            leaf.end = inside.end
            return leaf
        return node  # type: ignore[no-any-return]

    @staticmethod
    def accent(c: list[Any]) -> Node:
        token, inside = c
        node = inside.parts[0] if inside.kind == "group" else inside
        leaf, behind = left_leaf(node)
        if ACCENTS[token] == "bar" and (leaf.kind != "symbol" or behind):
            return Node("call", (node,), token.start_pos, inside.end, ("conj", 0))
        if leaf.kind != "symbol":
            raise failing(f"`{token}` stands over one letter", token, "\\hat{x}   \\hat\\beta")
        leaf.value = leaf.value._replace(accents="_".join(filter(None, (leaf.value.accents, ACCENTS[token]))))
        for part in (leaf, *behind):
            part.start = token.start_pos
        if not behind:
            leaf.end = inside.end
        return node  # type: ignore[no-any-return]

    # --- groups -----------------------------------------------------------------------------------------------------

    @staticmethod
    def group(c: list[Any]) -> Node:
        LatexMake._fences(c[0], c[-1])
        return Make.group(c)

    @staticmethod
    def _fences(open_: Token, close: Token) -> None:
        pair = [CLOSING.get(re.sub(r"^\\(?:left|right|[bB]igg?[lr]?)\s*", "", t), "") for t in (open_, close)]
        if "" not in pair and pair[0] != pair[1]:
            shown, start = re.sub(r"^\\(?:right|[bB]igg?r?)\s*", "", close), (open_.start_pos or 0) + 1
            error = failing(f"`{shown}` does not close the `{open_[-1]}` at column {start + len(open_) - 1}", close)
            error.start = error.end - len(shown)
            raise error

    @staticmethod
    def braces(c: list[Any]) -> Node:
        return Node("group", (c[1],), c[0].start_pos, c[2].end_pos, "{}")

    @staticmethod
    def fraction(c: list[Any]) -> Node:
        token, *parts = c
        if len(parts) == 1:
            a = parts[0].start_pos
            parts = [Node("number", (), a + k, a + k + 1, int(digit)) for k, digit in enumerate(parts[0])]
        return Node("fraction", tuple(parts), token.start_pos, parts[-1].end, str(token))

    @staticmethod
    def over(c: list[Any]) -> Node:
        return Node("fraction", (c[1], c[3]), c[0].start_pos, c[4].end_pos, "\\over")

    @staticmethod
    def ket(c: list[Any]) -> Node:
        token, inside = c
        return inside if token == "\\ket" else Node("transpose", (inside,), token.start_pos, inside.end, "H")

    @staticmethod
    def root(c: list[Any]) -> Node:
        return Node("call", (c[1],), c[0].start_pos, c[1].end, ("sqrt", 0))

    @staticmethod
    def nabla(c: list[Any]) -> Node:
        (token, *twice), letter = c
        return Node("nabla", (letter,), token.start_pos, letter.end, "hess" if twice else "grad")

    @staticmethod
    def nabla_power(c: list[Any]) -> list[Any]:
        if [n.value for n in c[2][0]] != [2] or len(c[0]) > 1:
            raise _no_gradient(c[0][0])
        return [*c[0], c[2]]

    @staticmethod
    def nabla_index(c: list[Any]) -> Node:
        raise _no_gradient(c[0][0])

    # --- scripts ----------------------------------------------------------------------------------------------------

    @staticmethod
    def script(c: list[Any]) -> tuple[list[Node], int]:
        """The indices of a script, and where it ends."""
        if len(c) == 3:
            return c[1], c[2].end_pos
        node = c[-1] if isinstance(c[-1], Node) else LatexMake.mark(c)
        return [Make.sign(c) if len(c) == 2 else node], node.end

    @staticmethod
    def superscript(c: list[Any]) -> Node:
        base, _, (indices, end) = c
        return Node("superscript", (base, *indices), base.start, end, indices)

    @staticmethod
    def subscript(c: list[Any]) -> Node:
        base, _, (indices, end) = c
        return Node("subscript", (base,), base.start, end, indices)

    @staticmethod
    def dotted(c: list[Any]) -> Node:
        return Node("dotted", (c[1],), c[0].start_pos, c[1].end, str(c[0]))

    @staticmethod
    def beside_all(c: list[Any]) -> Node:
        return Node("indices", (LatexMake.mark(c[:1]), c[1]), c[0].start_pos, c[1].end)

    @staticmethod
    def all_beside(c: list[Any]) -> Node:
        first = c[0] if isinstance(c[0], Node) else Make.product(c[:1])
        return Node("indices", (first, LatexMake.mark(c[1:])), first.start, c[1].end_pos)


def _no_gradient(token: Token) -> Any:
    return failing("expected a function after `\\nabla`: \\nabla f(X)", token, "what to differentiate by is asked for apart (wrt)")


__all__ = ["BARS", "BESIDE", "Commands", "LatexMake", "Letter", "ends_no_operand", "juxtaposed", "spelled"]
