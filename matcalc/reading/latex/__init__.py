"""LaTeX, as it stands in papers, into the tokens and nodes of the plain language."""
