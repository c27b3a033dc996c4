"""SymPy expressions into ours."""
