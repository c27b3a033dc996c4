r"""Reading: a text as people write it becomes an expression, with what was inferred and errors that show the place.

The way of ``f(x) = \|A x - b\|^2``, or of the same in plain text:

1. `declarations` reads `where` (word by word in `described`, LaTeX in it made plain by `tidying`) into the `symbols` that are known.
2. `framing` takes off what stands around the objective, ``f(x) =`` (patterns: `frames`), of which `stipulated` tells the conditions;
   `refusals` say what is no expression.
3. `dialects` puts our signs for those of NumPy, R and Mathematica, `bars` tells which bars open and which close, `latex.blocks`
   marks matrices of matrices.
4. `parser` reads by grammar/matcalc.lark or grammar/latex.lark; `tree` and `latex.tree` make nodes, of one kind for both.
5. `elaborate` decides what only the names can tell, once for both languages, with `factors` (of products), `functions`, `scripts`
   (letters with fonts, accents and indices), `entries`, `sums` (with their `limits`; `places` say what an index picks), `splitting`
   (names run together) and `spellings` (calls of other languages); what is known of the names of one text is its `elaboration`.
   `definitions` puts in what is defined.
6. `kinds` searches which undeclared names are scalars and which vectors, by `evidence` and by what fits; each `trial` is one pass of
   `shapes` (with `calls`, by the signatures of functions, and `picking`: entries, and what sums count), where the `sizes` are unified
   and a product that fits in another way is regrouped by `grouping`; what fits and is in doubt all the same, `doubts` ask about.
   Where a star, an index or a prime can be read in several ways, `ways` try them.
7. `build` makes the expression of the nodes.  `reader` walks this way, `read_as` tells how a text was read, and
   `variables` reads what is differentiated by.

Each question has one place that answers it.  Function or factor: `functions.Functions.function`.  Sums over an index, of text
and LaTeX: `sums.Sums` (what they bind, how far they reach); matrices are made of them by `matcalc.lifting`, for SymPy's too.
Unification: `sizes.Sizes`, and `sizes.combine` for the shapes of two factors.  A size that is written: `elaboration.as_size`.  The line of
an error: `reader.read`.  SymPy's expressions, whose shapes are known, become ours at once: `sympy`.
"""

from matcalc.operators.functions import Definition
from matcalc.reading.declaring import declarations
from matcalc.reading.reader import read
from matcalc.reading.symbols import Symbol
from matcalc.reading.table import Reading
from matcalc.reading.variables import named_by, read_wrt, split_wrt

Definition.reader = lambda text, names: read(text, names=names).expr

__all__ = ["Reading", "Symbol", "declarations", "named_by", "read", "read_wrt", "split_wrt"]
