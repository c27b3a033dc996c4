"""The reference as a page of the site: every row of the tables, typeset at the build; what is not in a table is not told here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from urllib.parse import quote

# The language, as its contract lists it: meaning, plain, also read.  Every plain form is put to the engine by a test.
LANGUAGE = (
    ("product (matrix, or by a scalar)", "A*B", "A·B  A⋅B  A@B  2X  X'X  x' A x"),
    ("Hadamard product, quotient, power", "A.*B + A./B + A.^p", "A⊙B  A∘B  A⊘B"),
    ("Kronecker product", "kron(A, B)", "A⊗B"),
    ("quotient by a scalar", "A/s", ""),
    ("power of a scalar or a square matrix; entry by entry of a vector", "A^2", "A²  A⁻¹  A^{-1}"),
    ("transpose", "A'", "Aᵀ  A^T  A^⊤  A^{T}  A.T  A^-T"),
    ("norms", "norm(x) + norm1(x)", "‖x‖  ‖x‖²  ‖X‖_F  ‖X‖²_F  ‖x‖_1  ‖X‖_*  ||x||"),
    ("inner product tr(A'B)", "inner(A, B)", "⟨A, B⟩"),
    ("a column, a row, an entry", "X[:,j]", "X[i,:]  inv(X)[k,l]  x[i]"),
    ("abstract elementwise function and its derivatives", "g(Z) + g'(Z)", "g′(Z)  g''(Z)"),
    ("sum over an index", "sum(i = 1..n, y_i)", "∑_i  \\sum_{i=1}^{n}"),
    ("minus, prime, parentheses", "-(A - B)'", "−  ′  { }"),
)
# Layouts, an example each: what, order, formula, variable, declarations, in words.
LAYOUTS = (
    ("scalar by anything: the gradient, of the shape of the variable", "gradient", "norm(A*x - b)^2", "x", ""),
    ("anything by a scalar: of the shape of the numerator", "jacobian", "t*A*x", "t", "t: scalar"),
    ("vector by vector: the Jacobian J[i,j] = ∂y_i/∂x_j", "jacobian", "A*x", "x", ""),
    ("all else: ∂vec(Y)/∂vec(X)ᵀ, vec stacks columns", "jacobian", "A*X*B", "X", ""),
    ("Hessian: the Jacobian of the gradient, by a matrix in vec coordinates", "hessian", "tr(X'*A*X)", "X", ""),
    ("by a structured variable: in that linear space", "gradient", "tr(A*S)", "S", "A: (n, n); S: (n, n) symmetric"),
)  # fmt: skip
# Why what is understood is refused: what one would type, and a name for it.
REFUSED = ("E[x]", "KL(p)", "∫ x", "rank(X)", "max(x) + floor(x)", "lim x", "x <= y", "‖x‖_0")

Cell = str | tuple[str, str]  # text, or ("latex" or "code", text)


def reference(typeset: Callable[[list[str]], list[str]]) -> str:
    """The whole page; `typeset` makes HTML of LaTeX, of all formulas at once."""
    page = _Page()
    sections = [
        page.language(), page.functions(), page.properties(), page.identities(), page.manifolds(), page.solved(), page.conventions(),
        page.spellings(), page.latex(), page.refused(),
    ]  # fmt: skip
    made = iter(typeset(page.formulas))
    body = "".join(sections)
    return _HEAD + "".join(part if k % 2 == 0 else next(made) for k, part in enumerate(body.split("\0"))) + _FOOT


class _Page:
    """Collects the formulas while the tables are written; a mark in the text stands where each goes."""

    def __init__(self) -> None:
        self.formulas: list[str] = []

    def math(self, latex: str) -> str:
        self.formulas.append(latex)
        return "\0math\0"

    # --- sections --------------------------------------------------------------------------------------------------

    def language(self) -> str:
        rows = [(escape(meaning), _code(plain), _code(also)) for meaning, plain, also in LANGUAGE]
        declared = "Declarations: " + _code("X: (m, n); a: (m); c: scalar; λ: matrix; S: (n, n) spd; g: elementwise; x_i: (d), i = 1..n")
        return f"<h2>The language</h2>{_table('Language', ('meaning', 'plain', 'also read'), rows)}<p>{declared}</p>"

    def functions(self) -> str:
        from matcalc.api.tables import functions, shown

        head = ("name", "other names", "signature", "example", "meaning", "differential", "domain", "smooth", "source")
        rows = []
        for f in functions():
            smooth = f"where {f.smooth}" if f.smooth else "everywhere"
            cells = (" ".join(f.others), "; ".join(map(shown, f.signatures)), f.meaning, f.differential, f.domain, smooth, f.source)
            others, signature, *told = (_code(c) if k in (0, 1, 3) else escape(c) for k, c in enumerate(cells))
            rows.append((f.name, others, signature, self._example(f.example), *told))
        return f"<h2>Functions</h2>{_table('Functions', head, rows, named=True)}"

    def properties(self) -> str:
        from matcalc.api.tables import properties

        head = ("name", "of", "meaning", "implies", "what it changes", "example")
        rows = [(p.name, p.of, escape(p.meaning), " ".join(p.implies), escape(p.changes), self._example(p.example)) for p in properties()]
        return f"<h2>Properties</h2>{_table('Properties', head, rows, named=True)}"

    def identities(self) -> str:
        from matcalc.api.tables import identities

        said = "Left becomes right. Upper-case letters stand for any matrix, lower-case Latin for any vector, Greek for any scalar, x of an identity entry by entry for any entry."
        rows = [(escape(r.name), _code(f"{r.left} = {r.right}"), escape(r.condition), r.used) for r in identities()]
        return f"<h2>Identities</h2><p>{said}</p>{_table('Identities', ('name', 'identity', 'condition', 'used in'), rows)}"

    def manifolds(self) -> str:
        from matcalc.calculus.manifolds import TABLE

        said = "X is the point, G the gradient among all matrices, W any matrix, V a tangent vector and H the change of G along V."
        head = ("name", "declared", "metric", "gradient", "projection", "Hessian along V", "source")
        rows = [
            (m.name, " ".join(m.sets), escape(m.metric), *(_code(c) for c in (m.first, m.projection, m.second)), escape(m.source))
            for m in TABLE
        ]
        return f"<h2>Manifolds</h2><p>{said} Gradient and Hessian are projected.</p>{_table('Manifolds', head, rows)}"

    def solved(self) -> str:
        from matcalc.solving.proximal import PROXIMAL

        said = "Terms without a derivative, in <code>solve</code>: what minimises t h(X) + ‖X − V‖²/2."
        rows = [(r.name, _code(r.term), _code(r.solution), escape(r.source)) for r in PROXIMAL]
        return f"<h2>Proximal operators</h2><p>{said}</p>{_table('Proximal operators', ('name', 'h', 'minimiser', 'source'), rows)}"

    def spellings(self) -> str:
        from matcalc.reading.spellings import SPELLINGS

        rows = [tuple(_code(side.strip()) for side in line.split(" = ")) for line in SPELLINGS.strip().splitlines()]
        return f"<h2>Spellings</h2><p>Of NumPy, PyTorch, MATLAB, R, Julia, Mathematica, Maple and SymPy.</p>{_table('Spellings', ('spelling', 'is'), rows)}"

    def conventions(self) -> str:
        from matcalc.api.tables import Example

        rows = []
        for words, order, expr, by, where in LAYOUTS:
            rows.append((escape(words), self._example(Example(expr, by, where, order, ""))))
        from matcalc.limits import LIMITS

        limits = "".join(f"<li>{limit:,} {escape(what)}</li>" for what, limit in LIMITS.items())
        return (
            f"<h2>Conventions</h2>{_table('Conventions', ('derivative', 'example'), rows)}"
            f"<p>What is longer, larger or deeper than this is refused:</p><ul>{limits}</ul>"
        )

    def latex(self) -> str:
        from matcalc.reading.latex.commands import ENVIRONMENTS, REFUSED_COMMANDS, TERMINALS

        groups: dict[str, list[str]] = {}
        for command, terminal in TERMINALS.items():
            if command.startswith("\\"):
                groups.setdefault(terminal or "not seen", []).append(command)
        rows = [(escape(_TERMINALS.get(kind, kind.lower())), _code(" ".join(sorted(names)))) for kind, names in groups.items()]
        rows.append(("environments, whose frame is taken off", _code(" ".join(sorted(ENVIRONMENTS)))))
        refused = [(_code(command), escape(why)) for command, why in REFUSED_COMMANDS.items()]
        return (
            f"<h2>LaTeX</h2>{_table('Commands', ('what', 'commands'), rows)}"
            f"<h3>Understood, and refused</h3>{_table('Refused commands', ('command', 'why'), refused)}"
        )

    def refused(self) -> str:
        from matcalc.operators import REFUSED as names

        rows = [(_code(name), escape(str(why))) for name, why in names.items()]
        for text in REFUSED:
            said = _refusal(text)
            if said:
                rows.append((_code(text), escape(said)))
        return f"<h2>What is refused</h2>{_table('Refused', ('what', 'why'), rows)}"

    # --- examples --------------------------------------------------------------------------------------------------

    def _example(self, example: object) -> str:
        if example is None:
            return ""
        import matcalc as mc

        expr, by, where, order, _ = example  # type: ignore[misc]
        d = getattr(mc, {"gradient": "grad"}.get(order, order))(expr, by, where=where)
        link = "&amp;".join(
            f"{k}={quote(v, safe='')}" for k, v in (("f", expr), ("by", by), ("d", order), ("where", where)) if v and v != "gradient"
        )
        return f'{self.math(_read(d))} → {self.math(d.equation())} <a href="index.html#{link}">Try</a>'


def _read(d: object) -> str:
    from matcalc.writing.latex import latex

    return latex(d.of, d.symbols, d.manner)  # type: ignore[attr-defined]


def _refusal(text: str) -> str:
    import matcalc as mc

    try:
        mc.parse(text)
    except mc.MatcalcError as error:
        return f"{error.message}; {error.hint}" if error.hint else error.message
    return ""


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _table(name: str, head: Iterable[str], rows: Iterable[tuple[str, ...]], *, named: bool = False) -> str:
    """A table; where its rows are `named`, the name is the row's header and where a link leads."""
    out = []
    for first, *rest in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        out.append(
            f'<tr><th scope="row" id="{escape(first.replace(" ", "-"))}">{escape(first)}</th>{cells}</tr>'
            if named
            else f"<tr><td>{first}</td>{cells}</tr>"
        )
    heads = "".join(f'<th scope="col">{h}</th>' for h in head)
    return f'<div class="wide"><table aria-label="{name}"><thead><tr>{heads}</tr></thead><tbody>{"".join(out)}</tbody></table></div>'


_TERMINALS = {
    "not seen": "not seen", "WORD": "functions and words", "FONT": "fonts (bold is no scalar)", "ACCENT": "accents", "GREEK": "letters",
    "TIMES": "products", "FRACTION": "fractions", "RELATION": "relations, in frames and conditions", "MID": "bars", "MARK": "transposes and marks",
    "ROOT": "roots", "BIG": "sums and products over an index", "NABLA": "gradients", "OVER": "fractions", "COLON": "colons",
}  # fmt: skip
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>matcalc: reference</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="katex/katex.min.css">
<link rel="stylesheet" href="page.css">
</head>
<body class="reference">
<header><h1>matcalc: reference</h1><nav aria-label="About"><a href="index.html">The page</a></nav></header>
<main>
"""
_FOOT = "\n</main>\n</body>\n</html>\n"
