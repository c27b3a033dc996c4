"""Derivatives at a point as structured linear maps: what a product costs little with, and what is solved by its parts.

`structure` reads the map off the expression, `maps` multiplies, `solutions` is the table of what is solved how.
"""
