"""Reading: the language of matcalc into expressions, with kinds and sizes inferred and errors that show the place."""

from matcalc.operators.functions import Definition
from matcalc.reading.declarations import declarations
from matcalc.reading.reader import Reading, read, read_wrt, split_wrt
from matcalc.reading.symbols import Symbol

Definition.reader = lambda text, names: read(text, names=names).expr

__all__ = ["Reading", "Symbol", "declarations", "read", "read_wrt", "split_wrt"]
