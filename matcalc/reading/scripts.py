r"""Letters with fonts, accents and scripts as what they mean: a name, an entry, a row, a constant, a power, a transpose.

\hat\beta_1 is beta_hat_1, and \alpha, x_{1}, \mathit{loss} are the declared alpha, x1 (or x_1) and loss.
"""

from __future__ import annotations

import re

from matcalc.errors import UnsupportedError
from matcalc.operators.functions import UNIT
from matcalc.reading.elaboration import Elaboration, key_of
from matcalc.reading.entries import WORDS, constant, entry, item, named, paired, size_nodes
from matcalc.reading.framing.patterns import BRACED
from matcalc.reading.latex.commands import ACCENTS, FUNCTION_WORDS, INDEXED_FUNCTIONS, REFUSED_COMMANDS, TRANSPOSES
from matcalc.reading.latex.tree import Letter
from matcalc.reading.letters import is_greek
from matcalc.reading.places import count_alike
from matcalc.reading.shapes import NORMS
from matcalc.reading.symbols import flat
from matcalc.reading.tree import OVER, Node, Operator, called, failing, inverse, left_leaf, walked

STARS = ("*", "\\ast", "\\star", "∗")
ENTRYWISE = ("\\odot", "\\circ", "⊙", "∘", "\\cdot", "·", "⋅", "•")
_ACCENTS = "|".join((*dict.fromkeys(ACCENTS.values()), "prime", "star", "plus", "minus"))
_SHORT = ("number", "symbol", "name", "function")
NORM_INDICES = {
    **dict.fromkeys(("infty", "inf", "Inf", "infinity"), "∞"), **dict.fromkeys(("ast", ":", "tr", "nuclear", "N"), "*"),
    **dict.fromkeys(("Fro", "fro", "Frob", "HS", "frobenius", "Frobenius", "L_2", "ell_2", "l_2"), "F"),
    **dict.fromkeys(("L_1", "ell_1", "l_1"), "1"), "sigma": "σ", "spec": "σ", "21": "2,1", "12": "1,2", "1,1": "1", "11": "1", "2,2": "F",
}  # fmt: skip


def indexed_name(name: str) -> tuple[str, str]:
    """A name with its accent, and its index.

    >>> indexed_name("y_i"), indexed_name("y_hat_i"), indexed_name("y_hat")
    (('y', 'i'), ('y_hat', 'i'), ('y_hat', ''))
    """
    stem, accent, index = re.fullmatch(rf"([^_]*)(_(?:{_ACCENTS})(?=_|$))?(.*)", name).groups()  # type: ignore[union-attr]
    return stem + (accent or ""), index.removeprefix("_")


class Scripts:
    """The symbols of one text: what is declared, what its sums bind, which letters are bold."""

    def __init__(self, e: Elaboration) -> None:
        self.e, self.resolved, self.kind, self.spelled = e, e.resolved, e.kind, e.spelled
        self.bold: dict[str, str] = {}  # undeclared bold names, with their kinds
        self.letters: dict[str, set[str]] = {}  # the fonts of each letter
        self.plain: set[str] = set()
        self.counted: set[str] = set()  # letters that are raised to 1, which is no power
        self.bound: frozenset[str] = frozenset()  # the indices of the sums around what is looked at

    # --- what scripts say -------------------------------------------------------------------------------------------

    def content(self, script: Node) -> str:
        """The content of a script, where that is one short thing."""
        node = bare(script.value[0])
        if len(script.value) > 1:
            return ""
        sign = ""
        if node.kind == "minus":
            sign, node = "-", node.parts[0]
        if node.kind == "mark":
            return sign + str(node.value)
        leaves = node.parts if node.kind == "product" and not any(o.text for o in node.value) else (node,)
        return sign + "".join(self.spelled(p)[0] for p in leaves) if all(p.kind in _SHORT for p in leaves) else ""

    def marked(self, stem: str, part: Node) -> str:
        """The declared name with a mark, x', x^m or m^{+}, that a letter and what stands behind it are."""
        marks = self.e.scope.said.marks
        if not marks or part.kind not in ("superscript", "transpose"):
            return ""
        sign = "\\prime" if part.kind == "transpose" and part.value == "'" else self.content(part) if part.kind == "superscript" else ""
        name = (self.resolved(stem, {"+": "plus", "-": "minus", "−": "minus", "\\prime": "prime"}.get(sign, sign)) if sign else None) or ""
        return name if name in marks and ("^" in marks[name] or sign == "\\prime") else ""

    def above(self, script: Node) -> str:
        r"""The index in W^{(1)}, the star of x^*, the word in y^\text{pred} and y^{old}, the 0 of x^0: as a power that is 1."""
        node = script.value[0]
        inside = bare(node)
        if inside.kind == "number" and (inside.value == 0 or self.is_counted(script)):
            return str(inside.value)
        if (word := word_of(script)) and self.is_mark(word, script):
            return word
        if node.kind == "symbol" and node.value.font == "word" and self.resolved(node.word) is None:
            return str(node.word)
        if (
            node.kind == "function"
            and node.value not in ("inv", "pinv", "tr")
            and (node.value in ("max", "min") or self.e.text[node.end - 1] == "}")
        ):
            return node.value.accents or str(node.value)  # y^\text{norm}, y^{\max}
        if node.kind == "mark" and node.value in STARS:
            return "star"
        if node.kind == "group" and node.value != "{}" and len(node.parts) == 1:
            (inside,) = node.parts
            moved = inside.parts[0].word if inside.kind == "sum" and [p.kind for p in inside.parts] == ["symbol", "number"] else ""
            if moved and self.resolved(moved) is None or inside.kind in ("symbol", "number", "name") or word_of(inside, 2):  # x^{(in)}
                return self.spelled(inside)[0]
        content = self.content(script) if self.bound else ""
        return content if content in self.bound else ""

    def is_mark(self, word: str, script: Node) -> bool:
        """Whether a word above a name is a part of it: one of its letters at least is nothing else in the text.

        Raises ParseError where the word may be a product as well.
        """
        if self.resolved(word) is not None:
            return False
        told = [p in self.bound or self.resolved(p) is not None for p in word]
        known = [said or self.e.elsewhere[p] > 0 for p, said in zip(word, told, strict=True)]
        if all(told) or not any(known):
            return not all(told)
        stem, shown = left_leaf(script)[0], self.e.text[script.start : script.end]
        if all(known) or not self.bound.isdisjoint(word):
            hint = f"write \\mathrm{{{word}}} above it for the name, {{{' '.join(word)}}} for the product of numbers"
            raise failing(f"is `{shown}` a name, or a power?", script, hint)
        self.e.note(f"{shown} is read as a name with the mark {word}; a power is {stem.word}^{{{' '.join(word)}}}")
        return True

    def count(self, raised: Node) -> None:
        """Remembers the C of C^1, which says which of several it is.

        Raises ParseError for the a_1 x^1 of a polynomial, and where one x is declared or differentiated by.
        """
        leaf = left_leaf(raised)[0]
        exponent = bare(raised.value[0] if raised.kind == "superscript" else raised.parts[1])
        word = leaf.word if exponent.kind == "number" and exponent.value == 1 else ""
        kind = self.kind(self.resolved(*key_of(word))) if word else ""
        if not word or word == "e" or kind in ("scalar", "size"):
            return
        if kind or word in self.e.scope.by or re.search(r"_\s*\{?\s*1\s*\}?\s*(?:\*|·|\\cdot)?\s*$", self.e.text[: leaf.start]):
            shown = self.e.text[raised.start : raised.end]
            hint = f"declare {word}: scalar for the power; or {shown}: (n) for a name of its own"
            raise failing(f"is `{shown}` a power, or a name?", raised, hint)
        self.counted.add(word)

    def is_counted(self, raised: Node) -> bool:
        """Whether a number above a letter is no power: C^2, where C^1 stands in the text."""
        exponent = bare(raised.value[0] if raised.kind == "superscript" else raised.parts[1])
        return exponent.kind == "number" and isinstance(exponent.value, int) and left_leaf(raised)[0].word in self.counted

    def transposes(self, part: Node) -> bool:
        """Whether this is a transpose."""
        mark = self.content(part) if part.kind == "superscript" else ""
        return part.kind == "transpose" or mark in TRANSPOSES or mark != "" and self.is_adjoint(mark)

    def is_raised(self, part: Node) -> bool:
        """Whether it is a power or a transpose, as of f^2(x) and f^T(x); the f' of f'(x) and f^{(i)} of f^{(i)}(x) are other functions."""
        if part.kind == "superscript":
            return self.above(part) in ("", "star")
        return part.kind == "power" or part.kind == "transpose" and part.value != "'"

    # --- a symbol with its scripts ------------------------------------------------------------------------------------

    def scripted(self, leaf: Node, behind: list[Node]) -> Node:
        """The factor that begins with `leaf`; `behind` is what stands behind that, the outermost first."""
        chain = behind[::-1]
        self.bound = self.e.within.get(leaf, frozenset())
        if leaf.kind == "name" and (self.bound or self.is_member(leaf.value) or any(part.kind == "subscript" for part in chain)):
            stem, index = indexed_name(leaf.value) if leaf.value not in self.e.scope.kinds else (leaf.value, "")
            if index and not any(part.kind == "subscript" for part in chain):
                chain.insert(0, Node("subscript", (leaf,), leaf.start, leaf.end, [Node("name", (), leaf.start, leaf.end, index)]))
            leaf.kind, leaf.value = "symbol", Letter(stem, "", "typed")
        if leaf.kind == "number" and leaf.value in (0, 1) and chain and chain[0].kind == "subscript":  # 0_{m,n}
            leaf.kind, leaf.value = "symbol", Letter(str(leaf.value))
        made = leaf
        if leaf.kind in ("symbol", "function", "big"):
            subscript = above = None
            rest = []
            for i, part in enumerate(chain):
                if part.kind == "subscript" and subscript is None:
                    subscript = part
                elif leaf.kind == "symbol" and (name := self.marked(leaf.value, part)):
                    leaf.value, leaf.end = Letter(name, leaf.value.accents, leaf.value.font), max(leaf.end, part.end)
                elif above is None and self.goes_above(leaf, part):
                    above = part
                elif part.kind in ("superscript", "transpose") and leaf.kind != "big":
                    rest.append(part)
                else:
                    rest += chain[i:]
                    break
            leaf.end = max([leaf.end, *(p.end for p in (subscript, above) if p)])
            if leaf.kind == "symbol":
                powered = any(part.kind == "superscript" and self.content(part).isdigit() for part in rest[:1])
                made = self.symbol(leaf, subscript, above, powered)
            elif leaf.kind == "function":
                made, rest = self.indexed(leaf, subscript, rest)
            chain = rest
            if made.kind == "name" and made.value == "e" and chain and chain[0].kind == "superscript" and "e" not in self.e.scope.kinds:
                if self.content(chain[0]) not in TRANSPOSES and leaf.value == "e" and subscript is None:
                    script = chain.pop(0)
                    self.with_unit(script.value[0])
                    made = Node("exponential", (self.of_entries(script.value[0]) or script.value[0],), made.start, script.end)
        for part in chain:
            made = self.raised(made, part)
        return made

    def is_one_of_many(self, stem: str, index: str) -> bool:
        r"""Whether a Greek letter with an index above is no power: it is below a fraction line or has an accent, beside a Latin x^i."""
        above = rf"\s*\}}?\s*\^\s*\{{?\s*{index}(?!\w)"
        place = rf"(?:(?:frac\s*{BRACED}\s*\{{|/)(?:\\left|[\s\d(])*|\\(?:hat|bar|tilde)\s*\{{?\s*)"
        latin = re.search(rf"(?<![\\A-Za-z])[A-Za-z]{above}", self.e.text)
        return latin is not None and re.search(rf"{place}\\{stem}{above}", self.e.text) is not None

    def with_unit(self, exponent: Node) -> None:
        """The i in e^{iφ} is the imaginary unit, where it is neither declared nor an index."""
        for n in walked(exponent, into=lambda n: n.parts if n.kind != "subscript" else ()):
            plain = n.kind == "name" or n.kind == "symbol" and not n.value.accents and not n.value.font
            free = plain and n.word in ("i", "j") and self.resolved(n.word) is None and n.word not in self.e.within.get(n, ())
            if free and not self.is_in_function(n.start):
                n.value = Letter(UNIT)

    def is_in_function(self, at: int) -> bool:
        """Whether the letter at a place is one of a function that is written without a backslash: the i of sin(x)."""
        text = self.e.text
        first = at - len(re.search(r"[A-Za-z]*$", text[:at]).group())  # type: ignore[union-attr]
        end = at + len(re.match(r"[A-Za-z]*", text[at:]).group())  # type: ignore[union-attr]
        return any(FUNCTION_WORDS.get(text[a:b]) for a in range(first, at + 1) for b in range(max(at + 1, a + 2), end + 1))

    def goes_above(self, leaf: Node, part: Node) -> bool:
        """Whether a superscript belongs to a name, or is the upper limit of a sum."""
        if leaf.kind == "big":
            return part.kind in ("superscript", "power", "transpose")
        if leaf.kind != "symbol" or part.kind != "superscript":
            return False
        above, stem = "" if leaf.word == "e" and self.resolved("e") is None else self.above(part), leaf.word
        if above in self.bound and part.value[0].kind != "group":  # γ^t; but W^{(l)}, x^i
            name = self.resolved(stem)
            shown = self.e.text[leaf.start : part.end]
            if name is None and stem.isupper() and above in "knt":
                hint = f"{stem}_{above} is one of many, with {stem}_{above}: (n, n), {above} = 1..N; the power to an index is not read"
                raise failing(f"is `{shown}` a power, or one of many?", leaf, hint)
            greek = name is None and is_greek(stem) and stem[0].islower() and leaf.value.font != "bold"
            if self.kind(name) in ("scalar", "size") or greek and not self.is_one_of_many(stem, above):
                self.e.note(f"{shown} is read as a power; a member is {stem}_{above}")
                return False
            below = rf"_(?:\{{(?:\w,?)?{above}(?![\w=])|{above})(?!\s*[=<>])"  # a_k x^k, and none of x_k
            counts_from_0 = re.search(rf"_\s*\{{\s*{above}\s*=\s*0", self.e.text)  # as degrees do
            if counts_from_0 and re.search(below, self.e.text) and not re.search(rf"{re.escape(stem)}\}}?{below}", self.e.text):
                hint = f"declare {stem}: scalar for the power; one of many is {stem}_{above}, or {stem}^{{({above})}}"
                if self.e.text.startswith("_", leaf.end):  # x_i^k
                    hint = f"give the powers, or what is counted by both, a name of its own with two indices: V_{{i{above}}}"
                raise failing(f"is `{shown}` a power, or one of many?", leaf, hint)
            self.e.note(f"{shown} is read as {stem}_{above}; a power of a number is declared: {stem}: scalar")
        return above != "" and not (above == "star" and self.e.scope.is_complex(self.resolved(leaf.value) or ""))

    def is_member(self, name: str) -> bool:
        """Whether it is one of a declared family, outside of any sum too: Sigma_k."""
        families = self.e.scope.said.families
        stem, index = indexed_name(name) if families else ("", "")
        return index != "" and name not in self.e.scope.kinds and self.resolved(*key_of(stem)) in families

    def raised(self, base: Node, part: Node) -> Node:
        """A base with one of the things that stand behind it."""
        if part.kind == "superscript":
            return self.superscript(base, part)
        if part.kind == "subscript":
            return self.subscript(base, part)
        part.parts, part.start = (base, *part.parts[1:]), base.start
        return part

    def superscript(self, base: Node, script: Node) -> Node:
        node, start, end = bare(script.value[0]), base.start, script.end
        content = self.content(script)
        if len(script.value) > 1:
            raise failing("`,` separates the arguments of a function, nothing else", script)
        if node.kind == "symbol" and node.value.font == "word" and self.resolved(node.word) is None:
            raise failing(f"what says `{node.word}` above what is no letter?", script, f"a number is declared: {node.word}: scalar")
        mark = content.removeprefix("-")
        if mark in TRANSPOSES or mark and self.is_adjoint(mark):
            turned = base if mark == content else inverse(base, node.start, end)
            return Node("transpose", (turned,), start, end, "T" if mark in TRANSPOSES else "*" if mark in STARS else "H")
        arrays = base.kind in ("slice", "member", "indexed") or base.kind == "name" and self.kind(base.value) in ("vector", "matrix")
        if content == "t" and arrays and self.resolved("t") is None and "t" not in self.bound:
            self.e.note(f"{self.e.text[start:end]} is read as a transpose")
            return Node("transpose", (base,), start, end, "T")
        if content == "\\dagger":
            self.e.note("X^{\\dagger} is read as the pseudoinverse; the transpose is X^{\\top}")
            return called("pinv", (base,), start, end)
        if content == "+":
            return Node("pinv", (base,), start, end)
        if content == "-":
            return self.negative(base, script)
        primes = [node] if node.kind == "mark" else node.parts if node.kind == "product" else ()
        if primes and all(p.kind == "mark" and p.value == "\\prime" for p in primes):
            for _ in primes:
                base = Node("transpose", (base,), start, end, "'")
            return base
        entrywise = self.of_entries(node)
        return Node("dot_power" if entrywise else "power", (base, entrywise or node), start, end, "{}")

    @staticmethod
    def of_entries(exponent: Node) -> Node | None:
        r"""The 2 of an exponent ∘2 or ⊙2.  Raises ParseError behind another sign: \otimes 2, and for what is no exponent: y | z."""
        if exponent.kind == "relation":
            raise failing("an exponent is a number or a formula", exponent, "x^2   x^{p-1}   x^\\top")
        if exponent.kind != "dotted":
            return None
        if exponent.value not in ENTRYWISE:
            hint = "entry by entry it is x^{\\odot 2}; a Kronecker power is written out: x \\otimes x"
            if exponent.value in STARS:
                hint = "an index behind a mark is written x^{*,t}"
            raise failing(f"`{exponent.value}` begins no exponent", exponent, hint)
        return exponent.parts[0]

    def negative(self, base: Node, script: Node) -> Node:
        """(x)^- and [x]_- as the negative part, where the text has the positive part of something."""
        if base.kind != "group" or not re.search(r"[)\]}]\s*[\^_]\s*\{?\s*\+", self.e.text):
            raise failing(
                "a minus sign stands alone in a script", script, "the negative part of x is \\max(0, -x), the inverse of X X^{-1}"
            )
        self.e.note(f"{self.e.text[base.start : script.end]} is read as the negative part, max(0, -x)")
        return called("relu", (Node("minus", (base,), base.start, base.end),), base.start, script.end)

    def is_adjoint(self, mark: str) -> bool:
        """Whether X^mark is the conjugate transpose: X^H of an H that is no number, X^† where something is complex."""
        if mark == "H":
            return self.kind(self.resolved("H")) not in ("scalar", "size") and "H" not in self.bound
        return (mark in STARS or mark in ("\\dagger", "†")) and self.e.scope.is_complex()

    def subscript(self, base: Node, script: Node) -> Node:
        """A subscript that belongs to no letter: of a norm, of an inner product, or an entry of what is in parentheses."""
        leaf, _ = left_leaf(base)
        if leaf.kind == "norm" and not leaf.value and len(script.value) == 1 and self.is_weight(script.value[0]):
            weight = script.value[0]
            of, marks = left_leaf(weight)
            name = (self.resolved(of.word) or of.word) if all(m.kind == "subscript" for m in marks) else ""
            leaf.kind, leaf.parts, leaf.value, base.end = "weighted", (*leaf.parts, weight), name, script.end
            if self.kind(name) == "" and of.word:
                shown = self.e.text[weight.start : weight.end].strip("_")
                self.e.note(f"‖x‖_{shown} is read as sqrt(x'*{shown}*x)")
            return base
        parts = self.e.spelled_all(script)
        if parts == ["+"]:  # [x]_+
            return called("relu", (base,), base.start, script.end)
        if parts == ["-"]:
            return self.negative(base, script)
        p_norm = parts[0].isdigit() or parts[0] in ("p", "q") and parts[0] not in self.bound and self.resolved(parts[0]) is None
        if base.kind == "bars" and len(parts) == 1 and (p_norm or NORM_INDICES.get(parts[0], parts[0]) in NORMS):
            self.e.note(f"{self.e.text[base.start : script.end]} is read as a norm")
            base.kind, base.value = "norm", ""
        if leaf.kind == "norm" and not leaf.value:
            index = ",".join(parts)
            leaf.value = NORM_INDICES.get(index, index)
            base.end = script.end
            if leaf.value not in ("1", "2") and (index.isdigit() and len(index) == 1 or len(index) == 1 and index.islower()):  # ‖x‖_p
                value = int(index) if index.isdigit() else self.resolved(index) or index
                p = Node("number" if index.isdigit() else "name", (), script.value[0].start, script.value[0].end, value)
                leaf.kind, leaf.parts, leaf.value = "call", (*leaf.parts, p), ("norm", 0)
            return base
        if base.kind == "call" and base.value[0] == "inner" and parts == ["F"]:
            return base
        if base.kind == "group" and re.search(r"\bnorm\}?\s*$", self.e.text[: base.start]):
            inside = self.e.text[base.start + 1 : base.end - 1]
            raise failing("the index of a norm stands behind bars", script, f"‖{inside}‖_1 or norm1({inside}); normnuc, normspec")
        of_norm = base.kind == "group" and left_leaf(base.parts[0])[0].kind == "norm"
        if base.kind in ("group", "bars", "call", "item") and not of_norm:
            if len(parts) == 1 and len(parts[0]) == 2 and parts[0].isalpha():
                parts = list(parts[0])
            return item(self, base, parts, base.start, script.end)
        raise failing(
            f"`{self.e.text[script.start : script.end]}` belongs after a norm, a letter or a parenthesis", script, "‖X‖_F, ‖x‖_1, ‖X‖_*"
        )

    def is_weight(self, node: Node) -> bool:
        """Whether the index of a norm is a matrix: ‖x‖_Σ, ‖x‖_{R^{-1}}."""
        leaf, behind = left_leaf(node)
        word = leaf.word
        if not word:
            return bool(behind)
        if NORM_INDICES.get(word, word) in ("F", "*") and not behind:  # of Frobenius, even where a matrix is called F
            return False
        if word in ("ell", "L", "l") and len(behind) == 1 and self.resolved(word) is None:  # ‖x‖_{ℓ_2}
            return False
        return bool(behind) or word[0].isupper() or self.kind(self.resolved(word)) in ("matrix", "family")

    def symbol(self, leaf: Node, subscript: Node | None, above: Node | None, powered: bool = False) -> Node:
        """A letter with its indices: a name, an entry, a row or a column, or a constant."""
        letter: Letter = leaf.value
        stem, accents = leaf.word, letter.accents
        self.letters.setdefault(stem, set()).add(letter.font)
        if stem == UNIT:
            return Node("name", (), leaf.start, leaf.end, UNIT)
        if letter.font == "word":
            accents = ""
            command = "\\" + stem
            if command in REFUSED_COMMANDS and self.resolved(stem) is None and self.e.text.startswith(command, leaf.start):
                raise failing(f"`{command}` {REFUSED_COMMANDS[command]}", leaf, kind=UnsupportedError)
        resolved = self.resolved(*key_of(stem))
        if subscript and annotates(subscript) and (self.kind(resolved) == "matrix" or resolved is None and stem[0].isupper()):
            self.e.note(f"{self.e.text[leaf.start : subscript.end]} is read as {stem}: its index says its size")
            subscript = None
        parts = self.e.spelled_all(subscript) if subscript else []
        if parts in (["+"], ["-"]):  # k_+
            parts = ["plus" if parts == ["+"] else "minus"]
            if self.resolved(stem, parts[0]) is None:
                hint = f"\\max(0, {stem}) for the positive part; a name is declared: {self.e.text[leaf.start : leaf.end]}: scalar"
                raise failing("is this a part of it, or a name?", leaf, hint)
        starred = above is not None and self.above(above) == "star"
        if subscript and len(subscript.value) == 1 and subscript.value[0].kind == "mark" and subscript.value[0].value in STARS:  # k_*
            if starred or re.search(rf"{re.escape(stem)}\}}?\s*\^\s*\{{?\s*(?:[*∗]|\\ast|\\star)", self.e.text):
                raise failing(f"is `{stem}_*` another name than {stem}^*?", leaf, "give one of them another letter or index")
            parts, starred = ["star"], True
        if above is not None and stem not in "10":
            raised = self.above(above)
            if subscript and resolved is None and re.fullmatch(r"[a-z][+-]\d", raised) and raised[0] not in self.bound:  # m_k^{(t+1)}
                raised = raised.replace("+", "").replace("-", "m")
                if self.bound.isdisjoint("".join(parts)):
                    shown = "_".join(filter(None, (stem, accents, *parts, raised)))
                    self.e.note(f"{self.e.text[leaf.start : leaf.end]} is read as a name of its own, {shown}")
            behind = [bare(node) for node in above.value[1:]]  # the t of y^{*,t}
            if any(node.kind == "mark" for node in behind):
                raise failing("a mark stands before the index", above, "y^{*,t}   y_t^*")
            parts += [*(self.spelled(node)[0] for node in behind), raised]
        index = "_".join(filter(None, (accents, *parts)))
        glued = "".join(filter(None, (accents, *parts)))
        name = (self.resolved(stem, flat(index)) or self.resolved(stem, glued)) if ":" not in parts else None
        if name is None and accents == "bar" and self.e.scope.is_complex(self.resolved(stem) or ""):
            leaf.value = Letter(stem, "", letter.font)
            return called("conj", (self.symbol(leaf, subscript, above),), leaf.start, leaf.end)
        if stem in "ij" and letter.font == "upright" and name is None and not parts and stem not in self.bound:
            return Node("name", (), leaf.start, leaf.end, UNIT)
        start, end = leaf.start, leaf.end
        if own := self.own(stem if not accents else f"{stem}_{accents}", parts):
            made = entry(self, leaf, own, [*"".join(parts)], start, end)
            if made is not None:
                return made
        inside = [p for p in parts if p in self.bound or p.isalpha() and self.bound.issuperset(p)]
        if name is None and 0 < len(inside) < len(parts):  # \theta_{A,i}^* of a declared \theta_A^*; x_{0,i}, w_{ij}^{(k)} of what is not
            others = [p for p in parts if p not in inside]
            whole = self.resolved(stem, "_".join(others))
            labels = others == ["0"] or self.kind(resolved) != "matrix" and all(map(self.is_label, others))
            if whole is None and (above is not None and parts[-1] in others or labels):
                whole = "_".join(filter(None, (stem, accents, *others)))
                self.e.note(f"{self.e.text[start:end]} is read as a part of a name of its own, {whole}")
            made = entry(self, leaf, whole, inside, start, end) if whole else None
            if made is not None:
                return made
        if name is not None and (member := paired(self, name, start, end, self.bound)):
            return member
        if name is None:
            if stem == "I" and not accents and resolved is None and parts and self.bound.issuperset("".join(parts)):
                hint = f"write \\delta_{{{''.join(parts)}}} for the identity, and give an array another name"
                raise failing("is `I` the identity, or an array?", (start, end), hint)
            unmarked = not accents and (letter.font != "typed" or self.e.text[end - 1 : end] == "}")
            made = constant(self, stem, parts, start, end, powered) if unmarked else None
            if starred or parts and above is not None and bare(above.value[0]).kind == "number":  # x^*, x^0
                shown = self.e.text[start:end].replace("{*", "*").rstrip("}") if starred else f"{stem}^{parts[-1]}"
                if not starred and re.search(rf"{re.escape(stem)}\}}?_\{{?{parts[-1]}(?!\d)", self.e.text):
                    raise failing(f"is `{shown}` another name than {stem}_{parts[-1]}?", leaf, "give one of them another letter or index")
                self.e.note(f"{shown} is read as a name of its own, {stem}_{index}")
            made = made or (entry(self, leaf, f"{stem}_{accents}" if accents else stem, parts, start, end) if parts else None)
            if made is not None:
                return made
            if ":" in parts:
                raise failing(f"`{stem}` is not declared: its rows and columns are not known", leaf, "declare it: X: (m, n)")
            if any(len(p) > 2 and p.isalpha() and self.bound.issuperset(p) for p in parts) or len(self.bound.intersection(parts)) > 2:
                hint = "x_{ij}: (d) is declared for vectors with two: x_ij: (d), i = 1..m, j = 1..n"
                raise failing("an array of three indices is not read", leaf, hint)
            if self.kind(resolved) == "size" and parts and all(p.isalpha() and self.bound.issuperset(p) for p in parts):
                hint = f"call one of them otherwise, or declare {stem}_{''.join(parts)} as a number"
                raise failing(f"`{stem}` is a size, and an array here", leaf, hint)
            nested = nested_in(subscript) if subscript else set[str]()  # the j and i of y_{N_j(i)}
            moving = self.bound.intersection([*nested, *re.split(r"\W|_", parts[0])]) if parts else None
            if moving and self.kind(resolved) not in ("elementwise", "function"):
                moved = "x_{i+1}: an index is moved by a number; a convolution is H x, with its matrix H"
                hint = f"declare {parts[0]}: integer where it is a label" if parts[0].isidentifier() else moved
                hint = f"a label has one index, l_{min(moving)}: integer, in {stem}_{{l_{min(moving)}}}" if nested else hint
                raise failing(f"which part of `{stem}` does the index `{min(moving)}` choose here?", leaf, hint)
            name = f"{stem}_{index}" if index else stem
            if not re.fullmatch(r"[^\W\d_]\w*", name):
                name = self.labelled(name, parts, resolved is None, leaf)
            if letter.font == "typed":
                return named(self, Node("name", (), start, end, name))
            self.typography(name, letter.font == "bold", leaf)
        return Node("name", (), start, end, name)

    def own(self, stem: str, parts: list[str]) -> str:
        """The declared family with its indices in its name that a letter with these is of: the b_u of b_u and b_i."""
        letters = [*"".join(parts)]
        for name, family in self.e.scope.said.families.items():
            counted = [r.index for r in family.ranges]
            if name == f"{stem}_{''.join(counted)}" and self.bound.issuperset(letters) and len(letters) == len(counted):
                if len(letters) > 1 or count_alike(letters[0], counted[0]):
                    return name
        return ""

    def is_label(self, index: str) -> bool:
        """Whether what is below a letter is a word, and no two indices of which a sum binds one: ref, but ki."""
        return index.isalpha() and (len(index) > 2 or index in WORDS or len(index) == 2 and self.bound.isdisjoint(index))

    def labelled(self, name: str, parts: list[str], free: bool, leaf: Node) -> str:
        """The R_i_n that R_{i+n} is, and x_1_n for x_{1:n}, where nothing else tells of R_i and of the whole x.

        Raises ParseError where it may be a part, and for what is no label.
        """
        shown, stem = self.e.text[leaf.start : leaf.end], leaf.word
        if len(parts) != 1 or not re.fullmatch(r"\w+(?:[-+:]\w+)+", parts[0]):
            raise failing("an index is a number, a letter or a word", leaf)
        indices = "|".join(re.split("[-+:]", parts[0]))
        is_part = re.search(rf"(?<![A-Za-z]){re.escape(stem)}\}}?_\{{?(?:{indices})(?!\w|\s*[-+:])", self.e.text)
        if not free or is_part or ":" in parts[0] and self.e.elsewhere[stem] > self.e.text.count(shown):
            hint = f"declare {shown} where it is a name of its own: {shown}: (n)" + f"; or {stem}: (n), a vector, or {stem}: (m, n)" * free
            raise failing(f"which part of `{stem}` is `{shown}`?", leaf, hint)
        self.e.note(f"{shown} is read as a name of its own, {flat(name)}")
        return flat(name)

    def typography(self, name: str, bold: bool, leaf: Node) -> None:
        """Remembers that an undeclared name is bold; bold and plain letters of one spelling are not told apart."""
        if bold:
            self.bold[name] = "matrix" if name[0].isupper() else "vector"
        else:
            self.plain.add(name)
        if name not in self.bold or name not in self.plain or name == "I":
            return
        if name[0].isupper():
            self.e.note(f"the bold {name} and the plain one are one name")
        else:
            raise failing(f"`{name}` is bold here and plain elsewhere: is it one name?", leaf, "declare it, or use another letter")

    # --- functions and sums with indices --------------------------------------------------------------------------------

    def indexed(self, leaf: Node, subscript: Node | None, chain: list[Node]) -> tuple[Node, list[Node]]:
        """A function with its index."""
        function, word = str(leaf.value), leaf.value.accents
        name = self.resolved(word) if not subscript else None
        if name is not None:
            return Node("name", (), leaf.start, leaf.end, name), chain
        if subscript is None:
            return leaf, chain
        parts = self.e.spelled_all(subscript)
        if function == "vec" and len(parts) == 2 and chain and self.content(chain[0]) == "-1":
            leaf.end = chain[0].end
            leaf.value = Letter("unvec", "", "indexed")
            leaf.parts = size_nodes(self, parts, leaf.end)
            return leaf, chain[1:]
        if function == "commutation" and len(parts) == 2:  # where K is another matrix
            return called(function, size_nodes(self, parts, leaf.end), leaf.start, leaf.end), chain
        if len(parts) == 1 and (function, parts[0]) in INDEXED_FUNCTIONS:
            leaf.value = Letter(INDEXED_FUNCTIONS[function, parts[0]], "", "indexed")
            return leaf, chain
        hint = "another base is a factor: \\frac{\\log x}{\\log 2}" if function == "log" else ""
        raise failing(f"`{function}` has no index here", leaf, hint, kind=UnsupportedError)


def bare(node: Node) -> Node:
    """A node without the braces around it."""
    while node.kind == "group" and node.value == "{}":
        (node,) = node.parts
    return node


def word_of(script: Node, least: int = 3) -> str:
    """So many letters or more that stand together above a name, the ref of x^{ref}; nothing where something else is there."""
    node = bare(script.value[0]) if script.kind == "superscript" and len(script.value) == 1 else script
    letters = node.parts if node.kind == "product" else ()
    word = "".join(p.value for p in letters if p.kind == "symbol" and not p.value.accents and not p.value.font)
    return word if node.end - node.start == len(word) == len(letters) >= least and word[1:] in (word[1:].lower(), word[1:].upper()) else ""


def nested_in(subscript: Node) -> set[str]:
    """The letters in a subscript that stand below another letter, or in parentheses."""
    inside = walked(*subscript.value, into=lambda n: (*n.parts, *n.value) if n.kind == "subscript" else n.parts)
    below = [p for n in inside for p in ((n, *n.value) if n.kind == "subscript" else n.parts if n.kind == "group" else ())]
    return {n.word for p in below if p.kind != "subscript" for n in walked(p)} if below else set()


def annotates(subscript: Node) -> bool:
    """Whether a subscript says a size, as in X_{m \\times n}."""
    node = subscript.value[0]
    return node.kind == "product" and any(o.text in ("\\times", "×") for o in node.value)


def fraction(node: Node) -> Node:
    """Two groups as their quotient."""
    parts = tuple(Node("group", (p,), p.start, p.end) for p in node.parts)
    return Node("product", parts, node.start, node.end, (Operator(OVER, node.value, node.start, node.end),))
