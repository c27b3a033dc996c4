r"""Letters, words and indices of LaTeX as names: with their fonts, accents and subscripts, spelled as the language spells them.

\hat\beta_1 is beta_hat_1, and \alpha, x_{1}, \mathit{loss} are the declared alpha, x1 (or x_1) and loss.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from matcalc.errors import ParseError
from matcalc.reading.latex.commands import ACCENTS, BOLD, FONTS, LETTERS, TIMES, UNICODE, VARIANTS, WORDS
from matcalc.reading.latex.scan import Pieces
from matcalc.reading.scope import Scope

MOST_ACCENTS = 4


class Letter(NamedTuple):
    """A letter or a word with its font and accents: its spelling, whether it is bold, whether a word, where it ends."""

    stem: str
    accents: str
    bold: bool
    word: bool
    end: int


def key_of(name: str) -> tuple[str, str]:
    """A name's letter and index, alike for all its spellings.

    >>> key_of("x_1") == key_of("x1") == ("x", "1"), key_of("μ_k"), key_of("loss")
    (True, ('mu', 'k'), ('loss', ''))
    """
    name = unicodedata.normalize("NFKC", name)
    match = re.fullmatch(r"([^\W_]*?[^\W\d_])_?(\d+)", name)
    stem, index = match.groups() if match else name.split("_", 1) if "_" in name.strip("_") else (name, "")
    return _spelled(stem), _spelled(index)


def _spelled(word: str) -> str:
    return word if word.isascii() else "".join(UNICODE.get(c, c) for c in word)


class Names:
    """The names in the pieces of a source: what is declared, what sums bind, which ones are bold."""

    def __init__(self, pieces: Pieces, scope: Scope) -> None:
        self.pieces, self.scope = pieces, scope
        self.bold: dict[str, str] = {}  # undeclared bold names, with their kinds
        self.plain: set[str] = set()
        self.declared: dict[tuple[str, str], list[str]] = {}
        for name in scope.kinds:
            self.declared.setdefault(key_of(name), []).append(name)
        self.bound = self._bound_indices()

    def _bound_indices(self) -> set[str]:
        found: set[str] = set()
        for i, piece in enumerate(self.pieces.found):
            if piece.kind == "COMMAND" and piece.text in ("\\sum", "\\prod") and self.pieces[i + 1].kind == "SUB":
                found.update(self.limits(i)[0])
        return found

    def resolved(self, stem: str, index: str) -> str | None:
        """The declared name of this letter and index."""
        for key in ((stem, index), (VARIANTS.get(stem, stem), index), (stem + index, "")):
            names = self.declared.get(key)
            if names:
                if len(names) > 1:
                    raise ParseError(f"{' and '.join(names)} are written alike in LaTeX", hint="give one of them another name")
                return names[0]
        return None

    def kind(self, name: str | None) -> str:
        return self.scope.kinds.get(name, "") if name else ""

    def letter(self, i: int, depth: int) -> Letter | None:
        """The letter (or word) with its fonts and accents that begins at `i`, if one does."""
        piece = self.pieces[i]
        shown = piece.text
        if piece.kind == "LETTER":
            if shown == "d" and not depth and (moved := self._differential(i + 1, declared=True)):
                return moved
            return Letter(UNICODE.get(shown, shown), "", False, False, i + 1)
        if piece.kind == "NUMBER" and shown in ("0", "1") and self.pieces[i + 1].kind == "SUB":  # 0_{m,n}
            return Letter(shown, "", True, False, i + 1)
        if piece.kind != "COMMAND":
            return None
        if shown in LETTERS:
            return Letter(LETTERS[shown], "", False, False, i + 1)
        if (shown not in FONTS and shown not in ACCENTS) or shown == "\\vec" and self.pieces[i + 1].kind == "LPAR":
            return None
        a, end = i + 1, i + 2
        braced = self.pieces[a].kind == "LBRACE"
        if braced:
            b = self.pieces.match[a]
            a, end = a + 1, b + 1
        inner = self.letter(a, depth + 1) if depth < MOST_ACCENTS else None
        if inner is not None and (inner.end == end - 1 if braced else True):
            end = end if braced else inner.end
            if shown in ACCENTS:
                return inner._replace(accents="_".join(filter(None, (inner.accents, ACCENTS[shown]))), end=end)
            if inner.stem == "d" and shown in WORDS and not inner.word and not depth and (moved := self._differential(end)):
                return moved
            return inner._replace(bold=inner.bold or shown in BOLD, end=end)
        if shown in ACCENTS:
            raise self.pieces.error(f"`{shown}` stands over one letter", i, hint="\\hat{x}   \\hat\\beta")
        content = self.pieces.found[a : end - 1] if braced else []
        if (
            len(content) == 1
            and content[0].kind == "NUMBER"
            and content[0].text in "01"
            or not braced
            and self.pieces[a].text in ("1", "0")
        ):
            return Letter(self.pieces[a].text, "", True, False, end) if shown not in WORDS else None
        if (
            braced
            and content
            and shown in WORDS
            and content[0].kind == "LETTER"
            and all(t.kind in ("LETTER", "NUMBER", "ADD") for t in content)
        ):
            return Letter("".join(_spelled(t.text) for t in content), "", False, True, end)
        return None

    def _differential(self, i: int, declared: bool = False) -> Letter | None:
        """The letter at `i` behind an upright d; behind an italic one if it is `declared` with it and d is not."""
        following = self.letter(i, 1)
        if following is None or following.word or following.stem in "01":
            return None
        stem = "d" + following.stem
        if declared and (("d", "") in self.declared or all(stem != known for known, _ in self.declared)):
            return None
        return following._replace(stem=stem)

    def typography(self, name: str, bold: bool, i: int, end: int) -> None:
        """Remembers that an undeclared name is bold; bold and plain letters of one spelling are not told apart."""
        if bold:
            self.bold[name] = "matrix" if name[0].isupper() else "vector"
        else:
            self.plain.add(name)
        if name in self.bold and name in self.plain and name != "I":
            raise self.pieces.error(
                f"`{name}` is bold here and plain elsewhere: is it one name?", i, end - 1, hint="declare it, or use another letter"
            )

    def above(self, i: int) -> str | None:
        """The index in W^{(1)}, the star of x^*, if they stand at `i`."""
        if self.pieces[i].kind != "SUPER":
            return None
        a, b = i + 2, self.pieces.match[i + 1]
        inside = self.pieces.found[a:b]
        if len(inside) == 1 and inside[0].text in ("*", "\\ast", "\\star"):
            return "star"
        if len(inside) == 3 and inside[0].kind == "LPAR" and inside[1].kind in ("LETTER", "NUMBER"):
            return inside[1].text
        return None

    def parts(self, i: int) -> list[str]:
        """The indices in the braces at `i`: numbers, names and ":"."""
        a, b = i + 1, self.pieces.match[i]
        parts = [""]
        fresh = True
        while a < b:
            piece = self.pieces[a]
            letter = self.letter(a, 0)
            if letter is not None:
                parts[-1] += letter.stem
                a = letter.end
            elif piece.kind == "NUMBER" or piece.kind == "COMMAND" and piece.text[1:].isalpha() and piece.text not in TIMES:
                parts[-1] += piece.text.lstrip("\\")
                a += 1
            elif piece.kind in ("COLON", "COMMA") or piece.text in ("\\cdot", "*", "\\ast", "+", "\\times", "×"):
                if piece.kind == "COMMA" or piece.text in ("\\times", "×"):
                    if fresh:
                        raise self.pieces.error("an index is missing", a)
                    parts.append("")
                elif piece.text == "+" and not fresh:
                    parts = ["+".join(parts)]
                    parts[-1] += "+"
                else:
                    parts += [":", ""] if not parts[-1] else ["", ":", ""]
                    parts = [p for p in parts if p] + [""]
                    if self.pieces[a + 1].kind == "COMMA":
                        a += 1
                a += 1
            elif piece.kind in ("LBRACE", "RBRACE") or piece.kind == "SUB":
                parts[-1] += "_" if piece.kind == "SUB" and parts[-1] else ""
                a += 1
            else:
                raise self.pieces.error("an index is a number, a letter or a word", a, hint="x_i   X_{i,j}   X_{:,j}   x_{\\max}")
            fresh = piece.kind == "COMMA"
        parts = [p for p in parts if p]
        if not parts:
            raise self.pieces.error("an index is missing", i, b)
        return parts

    def limits(self, i: int) -> tuple[list[str], str, int]:
        r"""The indices of the \sum at `i`, its upper limit, and where it ends."""
        if self.pieces[i + 1].kind != "SUB":
            raise self.pieces.error(
                f"`{self.pieces[i].text}` over which index?", i, hint="\\sum_i x_i; the sum of all entries is \\mathbf{1}^{\\top} x"
            )
        a, b = i + 3, self.pieces.match[i + 2]
        inside = self.pieces.found[a:b]
        names: list[str] = []
        for k, piece in enumerate(inside):
            if piece.kind == "EQUAL":
                if "".join(t.text for t in inside[k + 1 :]) != "1":
                    raise self.pieces.error("a sum begins at 1", i, b, hint="\\sum_{i=1}^{n}")
                break
            if piece.kind == "LETTER":
                names.append(piece.text)
            elif piece.kind != "COMMA":
                raise self.pieces.error("the index of a sum is a letter", i, b, hint="\\sum_i   \\sum_{i,j}   \\sum_{i=1}^{n}")
        end, upper = b + 1, ""
        if self.pieces[end].kind == "SUPER":
            upper = self.content(end + 1)
            end = self.pieces.match[end + 1] + 1
            if not re.fullmatch(r"[^\W_]+", upper.lstrip("\\")):
                raise self.pieces.error("the upper limit of a sum is a number or a name", i, end - 1, hint="\\sum_{i=1}^{n}")
        if not names or upper and len(names) > 1:
            raise self.pieces.error("a sum with limits has one index", i, end - 1, hint="\\sum_{i=1}^{m} \\sum_{j=1}^{n}")
        return names, upper.lstrip("\\"), end

    def content(self, i: int) -> str:
        """What the braces at `i` hold, where that is short, without fonts."""
        end = self.pieces.match.get(i, i)
        if end - i > 8:
            return ""
        return "".join(
            t.text for t in self.pieces.found[i + 1 : end] if t.kind not in ("LBRACE", "RBRACE") and t.text not in FONTS
        ).replace("−", "-")

    def is_applied(self, i: int) -> bool:
        """Whether, but for primes, a parenthesis or a braced group follows."""
        while self.pieces[i].kind == "PRIME" or self.is_prime(i):
            i = i + 1 if self.pieces[i].kind == "PRIME" else self.pieces.match[i + 1] + 1
        return self.pieces[i].kind == "LPAR"

    def is_prime(self, i: int) -> bool:
        return self.pieces[i].kind == "SUPER" and self.pieces[i + 2].text == "\\prime"
