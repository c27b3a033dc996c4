r"""The factors of a product: letters that are words, names run together, and what functions and sums take of what follows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from matcalc.operators import FUNCTIONS
from matcalc.operators.functions import UNIT
from matcalc.reading.elaboration import Elaboration
from matcalc.reading.evidence import NAMED
from matcalc.reading.functions import Functions
from matcalc.reading.latex.commands import BESIDE, FUNCTION_WORDS, GREEK_WORDS, INVERSES
from matcalc.reading.latex.tree import Letter
from matcalc.reading.letters import FUNCTION_LETTERS, is_greek, one_name, with_indices
from matcalc.reading.scripts import Scripts, bare
from matcalc.reading.splitting import INCREMENTS, exponential, is_known, pieces, subscripted
from matcalc.reading.sums import Sums
from matcalc.reading.symbols import stepped
from matcalc.reading.tree import (
    DOT_OVER,
    DOT_TIMES,
    KHATRI_RAO,
    PRODUCTS,
    SOLVING,
    TIMES,
    Node,
    Operator,
    failing,
    juxtaposed,
    left_leaf,
    parenthesised,
    rehung,
    right_leaf,
    walked,
)
from matcalc.reading.unindexed import MEANS

_PREFACTOR = re.compile(r"\(\s*(\d+)\s*/\s*(\d+)([^\W\d_](?:²|\^2)?)\s*\)\s*[*·×]?\s*[\w(‖|∑√\[]")
LOGS = frozenset(("log", "ln"))
RATIOS = LOGS | {"log2", "log10", "exp"}  # without parentheses before a quotient: of all of it?
COUNTS = frozenset("nNmMT")  # what a mean is divided by, by custom
GREEDY = frozenset(("tr", "det", "logdet", "vec", "adj", "expm", "sum"))  # take all that stands beside them: \operatorname{tr} A B


ENDING = frozenset(("call", "over", "gradient"))  # what a function without parentheses takes alone


class Factors:
    """The products of one text."""

    def __init__(self, e: Elaboration, scripts: Scripts, functions: Functions, sums: Sums) -> None:
        self.e, self.text, self.scope, self.latex, self.note = e, e.text, e.scope, e.latex, e.note
        self.scripts, self.functions, self.sums = scripts, functions, sums

    def parted(self, factor: Node, group: Node | None = None) -> list[Node]:
        """A factor as the factors that it is, where it begins with names run together; what stands behind belongs to the last one.

        `group` is the parenthesis that follows, where one does.
        """
        leaf, behind = left_leaf(factor)
        plain = leaf.kind == "name"
        letters = leaf.parts[0] if leaf.kind == "group" and leaf.value == "font" else leaf
        if letters.kind == "product" and not any(o.text for o in letters.value):
            *first, last = letters.parts  # \mathbf{\Lambda\Lambda}^T: what stands behind belongs to the last one
            return [made for part in (*first, rehung(factor, behind, last)) for made in self.parted(part)]
        if plain and behind and behind[-1].value == "'" and f"{leaf.value}_prime" in self.scope.said.marks:
            leaf.value, leaf.end = f"{leaf.value}_prime", behind.pop().end  # x' is declared
            factor = rehung(factor, behind, leaf)
        in_sum = leaf in self.e.within and "_" in str(leaf.value) and leaf.value not in FUNCTIONS
        if plain and not self.latex and len(glued := self.below(leaf, in_sum)) > 1:
            self.note(f"{leaf.value} is read as {'*'.join(glued)}")
            out = beside(glued[:-1], leaf.start)
            leaf.value, leaf.start = glued[-1], out[-1].end
            if in_sum:
                self.e.within.update((one, self.e.within[leaf]) for one in out)
            return [*(made for one in out for made in self.parted(one)), *self.parted(factor, group)]
        member = plain and self.scripts.is_member(leaf.value)
        if self.latex or behind and any(b.kind == "subscript" for b in behind) or in_sum or member:
            return [self.scripts.scripted(leaf, behind)]
        if factor.kind == "power" and factor.value is None and len(rest := self.beyond(factor)) > 1:
            return rest
        if not plain or leaf.end - leaf.start < len(leaf.value):
            return [factor]
        words = [leaf.value[0], "I"] if self.is_shift(leaf) else self.pieces(leaf, group, not behind)
        if behind and behind[0].kind == "power" and behind[0].parts[1].kind != "number" and words == [leaf.value]:
            words = exponential(leaf.value, self.scope)
        whole = len(words) > 1 and not all(w in self.scope.kinds for w in words) and (self.is_whole(leaf) or self.is_another(leaf))
        if len(words) == 1 or whole:
            return [factor]
        self.note(f"{leaf.value} is read as {'*'.join(words)}")
        out = beside(words[:-1], leaf.start)
        leaf.value, leaf.start = words[-1], out[-1].end
        return [*out, *self.parted(rehung(factor, behind, leaf), group)]  # the β and si of βsi(1 - s)

    def pieces(self, leaf: Node, group: Node | None, beside: bool) -> list[str]:
        """The names that a name is made of; the last one is a factor right `beside` a group too, where it is no letter of functions.

        Raises ParseError for gx(1 - x) and dx(1 - x), which may be something else.
        """
        if group is None:
            return pieces(leaf.value, self.scope, self.e.alone, False)
        added = len(group.parts) == 1 and group.parts[0].kind == "sum"
        words = pieces(leaf.value, self.scope, self.e.alone, True, added)
        if beside and len(words) > 1 and words != pieces(leaf.value, self.scope, self.e.alone, True):
            if words[0] in FUNCTION_LETTERS | {"d"} and words[0] not in self.e.alone:
                hint = f"write {' '.join(words)}*(…) for the product, or declare {leaf.value}: elementwise"
                raise failing(f"is `{leaf.value}` one name or a product?", leaf, hint)
            self.e.alone.update(word for word in words if word not in FUNCTION_LETTERS)
        return words

    def is_shift(self, leaf: Node) -> bool:
        """Whether a name is the sI of sI - A and of A + sI: a small letter and I, beside a term with a capital."""
        word = leaf.value
        if len(word) != 2 or word[1] != "I" or not "a" <= word[0] <= "z":
            return False
        if word in self.scope.kinds or word in {*self.scope.by, *self.scope.said.definitions}:
            return False
        before, behind = self.text[: leaf.start], self.text[leaf.end :]
        added = re.search(r"[A-Z][^()]*\)?[^()]*[-+−]\s*[\d.]*\s*$", before) and re.match(r"\s*(?:[-+−)\]]|$)", behind)
        return bool(added or re.search(r"(?:^|[(\[])\s*[\d.]*\s*$", before) and re.match(r"\s*[-+−][^()]*[A-Z]", behind))

    def below(self, leaf: Node, in_sum: bool) -> list[str]:
        """The Q and the x_t of Qx_t in a sum, with capitals before a small letter, the x_1 and x_2 of x_1x_2; or the name itself."""
        word, bound = leaf.value, self.e.within.get(leaf, frozenset())
        match = re.fullmatch(r"((?:[^\W\d_]\d*){1,3})([^\W\d_]_\w+)", word) if in_sum else None
        if match and not {word, word.partition("_")[0]} & {*self.scope.kinds, *self.scope.said.definitions}:
            letters = re.findall(r"[^\W\d_]\d*", match[1])
            known = [is_known(letter, self.scope, self.e.alone) for letter in letters]
            capitals = re.fullmatch("[A-Z]+[a-z]", word.partition("_")[0])
            greek = "Α" <= word[0] <= "ω" and word[0] not in INCREMENTS and word[1].isascii()  # βx_i as βx, Σx_i
            if capitals or greek or all(known) and any(one_name(letter) in map(one_name, self.scope.by) for letter in letters):
                return [*letters, match[2]]
        around = self.text[: leaf.start], self.text[leaf.end :]
        return subscripted(word, self.scope, self.e.alone, bound, around) if "_" in word else [word]

    def is_whole(self, leaf: Node) -> bool:
        """Whether a name is not run together: the text writes its products with @ or %*%, or stars stand at both sides of it: w'*Sw*w.

        A star at one side is enough where no letter of it is differentiated by: Sw*S, but x'*Ax.  Capitals alone are run together.
        """
        before = re.search(r"(?:['’)]|[A-Z]\w*)\s*\*\s*$", self.text[max(leaf.start - 20, 0) : leaf.start]) is not None
        behind = re.compile(r"['’]?\s*\*\s*[^\W\d]").match(self.text, leaf.end) is not None
        glued = 2 * leaf.value.isupper() or any(one in leaf.value for one in self.scope.by)
        return before + behind > glued or "@" in self.text or "%*%" in self.text

    def is_another(self, leaf: Node) -> bool:
        """Whether a name is that of another, as the xref of x - xref, and no product: nothing of it but the x stands in the text.

        Raises ParseError for the xk of x - xk.
        """
        word: str = leaf.value
        first, rest = word[0], word[1:]
        before = re.search(rf"(?<![\w'’.^]){first}\s*[-−]\s*$", self.text[: leaf.start]) is not None
        behind = re.compile(rf"\s*[-−]\s*{first}(?![\w(\[])").match(self.text, leaf.end) is not None
        if first not in self.scope.by or not (before or behind) or any(is_known(c, self.scope, self.e.alone) for c in rest):
            return False
        if len(rest) == 1:
            raise failing(f"is `{word}` one name?", leaf, f"declare it, or write {first}_{rest}; the product is {first}*{rest}")
        self.note(f"{word} is read as one name")
        return True

    def beyond(self, power: Node) -> list[Node]:
        """A power, and what is glued to its exponent: A^Nv is A^N v where v is no scalar."""
        name = power.parts[1]
        words = pieces(name.value, self.scope, self.e.alone, False) if name.kind == "name" else []
        if len(words) < 2 or all(self.scope.kinds.get(w, "scalar") in ("scalar", "size") for w in words):
            return [power]
        self.note(f"^{name.value} is read as ^{words[0]} times {'*'.join(words[1:])}")
        at = name.start + len(words[0])
        name.value, name.end, power.end = words[0], at, at
        return [power, *beside(words[1:], at)]

    def words(self, parts: Sequence[Node], operators: Sequence[Operator]) -> tuple[list[Node], list[Operator]]:
        """The factors, with the letters that are a word as that: a declared name, a function, an upright d with what follows it."""
        out, between = list[Node](), list[Operator]()
        i = 0
        while i < len(parts):
            run, j = "", i
            while j < len(parts) and (leaf := left_leaf(parts[j])[0]).kind == "symbol" and (letter := leaf.value).font in ("", "upright"):
                closed = j == i or not operators[j - 1].text and (leaf.start == parts[j - 1].end or parts[i].value.font == "upright")
                if not closed or letter.accents or len(letter) > 1 and run not in ("", "d"):
                    break
                run, j = run + letter, j + 1
                if leaf is not parts[j - 1]:
                    break
            length = next((k for k in range(j - i, 1, -1) if self.is_word(run[: len(run) - (j - i - k)], parts[i], k)), 1)
            last = parts[i + length - 1]
            if length == 1 and (name := self.joined(parts, operators, i)):
                leaf, behind = left_leaf(parts[i + 1])
                leaf.kind, leaf.value, leaf.start = "symbol", Letter(name), last.start
                i, last = i + 1, rehung(parts[i + 1], behind, leaf)
            if length > 1:
                leaf, behind = left_leaf(last)
                word = run[: len(run) - (j - i - length)]
                if word in FUNCTION_WORDS and self.e.resolved(word) is None:
                    leaf.kind, leaf.value = "function", Letter(FUNCTION_WORDS[word], word, "word")
                else:
                    leaf.value = Letter(word)
                leaf.start = parts[i].start
                rehung(last, behind, leaf)
            if last.kind == "symbol" and last.value == "Gamma" and out and out[-1].kind == "function" and out[-1].value in LOGS:
                out[-1].value = Letter("lgamma", "", "word")  # \log\Gamma(x)
                between[-1:] = operators[i : i + 1]
            else:
                out.append(last)
                between += operators[i + length - 1 : i + length]
            i += length
        return out, between

    def joined(self, parts: Sequence[Node], operators: Sequence[Operator], i: int) -> str:
        r"""The name that a letter and what is right behind it are: x1, where x_1 is declared, and the step \Delta x where it is named."""
        if parts[i].kind != "symbol" or i + 1 == len(parts) or operators[i].text:
            return ""
        behind, word = left_leaf(parts[i + 1])[0], parts[i].word
        if behind.kind == "number" and parts[i].end == parts[i + 1].start:
            return self.e.resolved(parts[i].value, str(behind.value)) or ""
        step = stepped(f"\\{word} {behind.word}") if behind.kind == "symbol" and word in ("Delta", "delta") else ""
        bare = behind is parts[i + 1] and behind.word in self.e.within.get(behind, ())  # the \Delta t of \sum_t
        return step if step in self.scope.by or step in self.scope.kinds or bare and word == "Delta" else ""

    def is_word(self, run: str, first: Node, count: int) -> bool:
        """Whether so many letters that stand together are one name."""
        if self.e.resolved(run) is not None:
            return run[0] != "d" or first.value.font == "upright" or self.e.resolved("d") is None
        if run in self.scope.said.definitions:
            return True
        if first.value == "d" and not first.value.accents and first.value.font == "upright":
            return count == 2  # dX, and what follows is a factor
        return run in GREEK_WORDS or bool(FUNCTION_WORDS.get(run))

    def product(self, node: Node) -> Node:
        """The product, with names run together as factors, and functions and sums with what they take; the factor, where one is left."""
        if (
            len(node.parts) == 3
            and not self.latex
            and (whole := _PREFACTOR.match(self.text, self.text.rfind("(", 0, node.start + 1)))
            and whole.end() > node.end
        ):
            above, *divisors = node.parts
            if left_leaf(divisors[1])[0].word not in self.scope.by:  # the 1/(2n) of (1/2n) Σ_i …
                self.note(f"{whole[0][: whole[0].index(')') + 1]} is read as {whole[1]}/({whole[2]} {whole[3]})")
                divisor = Node("product", tuple(divisors), divisors[0].start, node.end, node.value[1:])
                node.parts, node.value = (above, divisor), node.value[:1]
        given: tuple[Sequence[Node], Sequence[Operator]] = node.parts, node.value
        typed, operators = self.words(*given) if self.latex else given
        if self.latex or self.scope.said.definitions:
            typed, operators = self.raised_functions(typed, operators)
        parts: list[Node] = []
        between: list[Operator] = []
        for i, part in enumerate(typed):
            applied = i < len(operators) and not operators[i].text and parenthesised(typed[i + 1])
            below = part.kind == "product" and i > 0 and operators[i - 1].text == "/"  # the ⟨φ|ψ⟩ that is divided by
            factors = [part] if below else self.parted(part, left_leaf(typed[i + 1])[0] if applied else None)
            if i:
                between.append(operators[i - 1])
                if len(factors) > 1 and not self.latex and operators[i - 1].text not in PRODUCTS:  # A/XW is A/(XW)
                    start, end = factors[0].start, part.end
                    if applied or any(c in self.text[start:end] for c in "^["):
                        words = "*".join(self.text[f.start : f.end] for f in factors)
                        raise failing("what belongs to the operator before it?", factors[0], f"write ({words} …)")
                    factors = [self.e.multiplied(factors)]
            parts += factors
            if len(factors) > 1:
                between += [juxtaposed(f, BESIDE * self.latex) for f in factors[1:]]
        out, left = [parts.pop()], list[Operator]()  # both from the right
        while parts:
            part, operator = parts.pop(), between.pop()
            if not self.applied(part, operator, out, left):
                out.append(part)
                left.append(operator)
        out.reverse()
        left.reverse()
        for i, operator in reversed([*enumerate(left)]):
            if operator.kind == SOLVING:  # A\b is inv(A) b
                first = self.e.multiplied(out[: i + 1], left[:i])
                first = Node("call", (first,), first.start, first.end, ("inv", 0))
                out, left = [first, *out[i + 1 :]], [Operator(TIMES, "·", operator.start, operator.end), *left[i + 1 :]]
                break
        for operator, a, b in zip(left, out, out[1:], strict=False) if self.e.unfolded else ():
            shapes = [s.shape if (s := self.scope.said.symbols.get(n.word or "")) else None for n in (a, b)]
            if operator.text in ("\\odot", "⊙") and (None in shapes or shapes[0] != shapes[1]):
                operator.kind = KHATRI_RAO
                self.note(f"{operator.text} beside the unfolding of a tensor is read as the Khatri–Rao product; \\circ goes entry by entry")
        if self.e.entrywise:
            for operator in left:
                operator.kind = {"*": DOT_TIMES, "/": DOT_OVER}.get(operator.text, operator.kind)
        if len(out) == 1:
            return out[0]
        for operator, before, part in zip(left, out, out[1:], strict=False):
            if operator.text:
                continue
            leaf = left_leaf(part)[0]
            if leaf.kind == "number" and before.word != UNIT:  # but e^{-j 2π f t}
                if leaf.value != 1 or before.kind == "number" and before.value != 1:
                    raise failing("a number cannot follow a factor directly", leaf, "write the operator between them")
                for one in (before, leaf) if before.kind == "number" else (leaf,):  # 1 1' and X 1
                    one.kind, one.parts, one.value = "call", (Node("number", (), one.start, one.end, 1),), ("vector", 0)
                self.note("1 behind a factor is read as the vector of ones, ones(n)")
        if self.latex:
            for k in range(len(left) - 1):
                if left[k].text == "/" and not left[k + 1].text and not out[k].kind == "number" == out[k + 1].kind:
                    raise failing("what is divided by here?", left[k], "write \\frac{a}{b c} or \\frac{a}{b} c")
        node.parts, node.value, node.start, node.end = tuple(out), tuple(left), out[0].start, max(node.end, out[-1].end)
        return node

    def raised_functions(self, parts: Sequence[Node], operators: Sequence[Operator]) -> tuple[Sequence[Node], Sequence[Operator]]:
        """The factors, with a^T(θ) as a(θ)^T where a(θ) is no product."""
        for k in range(len(parts) - 2, -1, -1):
            if operators[k].text or parts[k + 1].kind != "group":
                continue
            leaf, behind = left_leaf(parts[k])
            below = [b for b in behind if b.kind == "subscript"]
            marks = [b for b in behind if b not in below]
            if not leaf.word or not marks or not all(map(self.scripts.is_raised, marks)):
                continue
            defined = self.e.has_entries(self.e.resolved(leaf.word) or leaf.word)
            labels = [i for b in below for i in self.e.spelled_all(b)] if self.latex else []
            word = "_".join([leaf.word, *labels]) if self.latex else ""
            of_many = not self.e.within.get(parts[k], frozenset()).isdisjoint(labels)  # r_j^2(x) of a sum over j; but f_t^2(x_i)
            head = Node("indexed" if of_many else "name", (), leaf.start, parts[k].end, word)
            if defined or word and self.functions.takes(head, parts[k + 1], all(map(self.scripts.transposes, marks))):
                for b in reversed(below):
                    b.parts, leaf = (leaf,), b
                call = Node("product", (leaf, parts[k + 1]), leaf.start, parts[k + 1].end, (operators[k],))
                for node in marks:
                    node.end = call.end
                raised = rehung(marks[0], marks, Node("group", (call,), leaf.start, call.end))
                parts, operators = (*parts[:k], raised, *parts[k + 2 :]), (*operators[:k], *operators[k + 1 :])
        return parts, operators

    def applied(self, factor: Node, operator: Operator, out: list[Node], left: list[Operator]) -> bool:
        """Puts the function at the end of a factor before what it takes of the factors behind it, of which `out` has the nearest last.

        False where it is no function, but one more factor.
        """
        leaf, primes, before = right_leaf(factor)
        power: Node | None = None
        chain = [leaf] if leaf.kind == "power" else [n for n in before if n.kind == "power"] if leaf.kind == "number" else []
        if chain and (chain[-1].parts[0].kind == "function" or self.is_word_before(chain[-1].parts[0], operator, out[-1])):
            leaf, power = chain[-1].parts  # \sin^2 x, sin^2(x)
            before = before[: before.index(chain[-1])] if before else before
        kind = leaf.kind
        if kind == "big":
            made = self.sums.over(self.sums.limits[leaf], self.e.multiplied(out[::-1], left[::-1]), leaf.start)
            out[:], left[:] = [], []
        elif operator.text or kind not in ("name", "function", "nabla"):
            if kind == "indexed" and not operator.text and parenthesised(out[-1]):
                self.functions.check_depends(leaf, with_indices(self.text[leaf.start : leaf.end]), left_leaf(out[-1])[0])
            return False
        elif parenthesised(out[-1]):
            group, behind = left_leaf(out[-1])
            beside = behind and left and not left[-1].text
            if beside and leaf.value == "tr" and self.text[leaf.end : group.start].isspace():
                made = self.run_on(leaf, primes, out, left)  # tr (M)^{-1} S
                self.note(f"{self.text[leaf.start : made.end]} is read as the trace of all of it")
                out.append(made)
                return True
            if beside and kind == "function" and self.is_square(group, behind, out[-2]):  # \log (x)^T (x)
                out.append(self.run_on(leaf, primes, out, left))
                return True
            if behind and self.is_sum(leaf, group, behind):
                made = Node("call", (out[-1],), leaf.start, out.pop().end, ("sum", 0))
                self.note(f"{self.text[leaf.start : made.end]} is read as the sum of the powers; the power of the sum is (sum(…))^2")
                out.append(made)
                return True
            if not self.latex and not behind and left and not left[-1].text and leaf.value in LOGS and out[-2].kind == "over":
                if re.fullmatch(r"\s+\(\s*\d+\s*/\s*\w+\s*\)", self.text[leaf.end : group.end]):  # log (1/N) sum_i x_i
                    raise failing(f"where does the argument of `{leaf.value}` end?", out[-2], f"write {leaf.value}(…)")
            if group.value == "sloppy":
                if not self.functions.is_function(str(leaf.value).lower()):
                    return False
                group.value = None
            call = self.functions.call(leaf, group, primes, out[-1] is group)
            if call is None:
                return False
            made, argument = self.powered(call, power), out.pop()
            if made.kind == "nabla" and left and not left[-1].text and parenthesised(out[-1]):  # grad(f)(X)
                self.applied(made, left.pop(), out, left)
                made, behind = out.pop(), []
            made = rehung(argument, behind, made)
        elif kind == "function" or kind == "name" and self.functions.is_function(leaf.value):
            made = self.powered(self.run_on(leaf, primes, out, left), power)
        elif leaf.value == "D" and (jacobian := self.jacobian(leaf, out[-1])):
            made, out[-1:] = jacobian, []
        else:
            return False
        if before:
            before[-1].parts = (*before[-1].parts[:-1], made)
            for node in before:
                node.end = made.end
            made = factor
        out.append(made)
        return True

    def is_word_before(self, name: Node, operator: Operator, group: Node) -> bool:
        r"""Whether this is the sech of \operatorname{sech}^2(x), or the f of f^2(x) and f^{-1}(x), of a name declared as none other."""
        word = name.value if name.kind == "name" and not operator.text and parenthesised(group) else ""
        if word and not self.latex and one_name(word) not in FUNCTION_LETTERS - {"sigma", "rho"}:  # a^2 (x)
            return word in FUNCTIONS and self.functions.is_function(word)
        kind = self.scope.kinds.get(word)
        if not word or kind or word in GREEK_WORDS:
            return kind in ("elementwise", "function")
        stem, parts = word.partition("_")[0], left_leaf(group)[0].parts
        if len(stem) > 1:
            return word.isalpha() and self.text.startswith("\\", name.start)
        return stem.islower() and stem not in self.e.alone and len(parts) == 1 and left_leaf(parts[0])[0].word != ""

    def jacobian(self, d: Node, factor: Node) -> Node | None:
        """The D F(X) or D F(X)^T of a declared function; no product, where no D is declared, or D is upright and the matrix is not."""
        call, behind = left_leaf(factor)
        upright = self.text.startswith("\\mathrm", d.start) and re.search(r"(?<![\w{])D(?!\w)", self.text)
        if call.kind != "call" or self.scope.kinds.get(call.value[0]) != "function" or "D" in self.scope.kinds and not upright:
            return None
        call.kind, call.value, call.start = "gradient", ("jac", call.value[0]), d.start
        return rehung(factor, behind, call)

    def is_square(self, group: Node, behind: list[Node], after: Node) -> bool:
        """Whether a group that is transposed stands beside the same one: (x)^T (x)."""
        shown = [re.sub(r"\s|\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])", "", self.text[n.start : n.end]) for n in (group, after)]
        return len(behind) == 1 and self.scripts.transposes(behind[0]) and shown[0] == shown[1]

    def is_sum(self, leaf: Node, group: Node, behind: list[Node]) -> bool:
        """Whether a sum stands apart from what it sums, as in sum (y - X w)^2."""
        apart = not self.latex and leaf.kind == "name" and leaf.value == "sum" and self.text[leaf.end : group.start].isspace()
        return apart and behind[0].kind in ("power", "dot_power") and len(group.parts) == 1

    def powered(self, made: Node, power: Node | None) -> Node:
        r"""A call to a power that stands at the function: \sin^2 x, \tan^{-1} x."""
        if power is None:
            return made
        name = made.value[0] if made.kind == "call" else "log"  # log² |Σ|
        if power.kind == "minus":
            if name not in INVERSES or power.parts[0].value != 1:
                message = f"`{name}` to a negative power: its inverse function, or one over it?"
                raise failing(message, power, "\\frac{1}{f(x)}   \\arcsin(x)")
            made.value = (INVERSES[name], *made.value[1:])
            return made
        return Node("dot_power", (made, power), made.start, made.end, "{}")

    def run_on(self, leaf: Node, primes: int, out: list[Node], left: list[Operator]) -> Node:
        r"""A function without parentheses takes one factor, or all beside it where it is of matrices, or a number times letters.

        Another function, or a sum, it takes with what that takes, and nothing more: \log\det X \det Y.  Behind a number it takes
        a sum too: \log\frac1N\sum_i x_i.
        """
        name = str(leaf.value)
        first = out.pop()
        taken = [first]
        beside = left[-1].text if left else "+"
        if name in MEANS and not self.latex and first.kind == "name" and beside in ("", "*", ".*") and out[-1].kind in ENDING:
            raise failing(f"where does the argument of `{name}` end?", out[-1], f"write {name}(…)")  # sum p log q
        if first.kind not in ENDING:
            while left and not left[-1].text and (out[-1].kind not in ENDING or is_weight(taken[-1]) and out[-1].kind != "gradient"):
                left.pop()
                taken.append(out.pop())
        of_one = first.kind == "number" and first.value == 1
        if name in RATIOS and left and left[-1].text == "/" and first.kind != "fraction" and (of_one or not self.is_measure(out[-1])):
            shown = self.text[leaf.start : out[-1].end]
            raise failing(f"where does the argument of `{name}` end in `{shown}`?", left[-1], f"write {name}(a/b) or {name}(a)/b")
        if name in LOGS and first.value == ("exp", 0) and first.parts[0].kind == "call" and first.parts[0].value == ("lgamma", 0):
            return first.parts[0]  # log of a factorial
        if name in LOGS and first.value == ("det", 0):
            first.value, first.start = ("logdet", 0), leaf.start
            return first
        if len(taken) == 1 and name in LOGS and first.kind == "bars":
            first.kind, first.start = "log_bars", leaf.start
            return first
        if len(taken) > 1 and name not in GREEDY and first.kind == "transpose":
            shown = self.text[leaf.start : taken[-1].end]
            self.note(f"{shown} is read as {name}({self.text[first.start : taken[-1].end]})")
        elif len(taken) > 1 and taken[-1].kind == "over" and all(map(is_count, taken[:-1])):
            self.note(f"{self.text[leaf.start : taken[-1].end]} is read as {name} of all of it")
        elif len(taken) > 1 and name not in GREEDY and not (first.kind == "number" and all(n.kind in NAMED for n in taken[1:])):
            shown = "\\" * self.latex + name
            hint = f"write {shown}(…)"
            if first.kind == "name" and parenthesised(taken[1]):  # log Z(x)
                called = self.text[first.start : taken[1].end]
                hint += f"; where `{called}` is a function, define it, {first.value.partition('_')[0]}(u) = …, or declare it elementwise"
            raise failing(f"where does the argument of `{shown}` end?", taken[1], hint)
        inside = self.e.multiplied(taken)
        return Node("call", (inside,), leaf.start, inside.end, (name, primes))

    def is_measure(self, divisor: Node) -> bool:
        """Whether what is divided by is of numbers and sizes, or a logarithm: by it a logarithm is divided, and no argument of one."""
        if divisor.kind == "call" and divisor.value[0] in LOGS:
            return True
        leaves = [n.word for n in walked(divisor) if not n.parts and n.kind != "number"]
        return all(word and (word in COUNTS or self.e.kind(self.e.resolved(word)) == "size" or word in self.e.sizes) for word in leaves)


def is_weight(node: Node) -> bool:
    """Whether a factor is a number, or one over something: 1/N, 1/σ^2."""
    above = bare(node.parts[0]) if node.kind == "fraction" else node
    return (above.parts[0] if above.kind == "minus" else above).kind == "number"


def is_count(node: Node) -> bool:
    """Whether a weight is the 1/N of a mean, over no Greek letter and no power."""
    below = walked(node.parts[1]) if node.kind == "fraction" else ()
    return node.kind == "fraction" and not any(is_greek(n.word or "_") or n.kind in ("superscript", "power") for n in below)


def beside(words: Sequence[str], at: int) -> list[Node]:
    """Names that are written together, from a place on."""
    starts = accumulate(map(len, words), initial=at)
    return [Node("name", (), start, start + len(word), word) for word, start in zip(words, starts, strict=False)]
