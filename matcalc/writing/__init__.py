"""Writers: what an expression looks like in LaTeX, in plain text and on a terminal."""
