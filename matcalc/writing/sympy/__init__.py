"""Expressions of ours into SymPy: as matrix expressions, as explicit matrices, as NumPy code of SymPy's."""
