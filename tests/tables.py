"""Tables of cases as they stand in the tests: a line for a row, a mark between cells."""


def rows(table: str, mark: str = " ; ") -> list[list[str]]:
    """The cells of each line; the last may be empty.

    >>> rows(\"\"\"
    ... x'*x ; 2*x
    ... 0    ;
    ... \"\"\")
    [["x'*x", '2*x'], ['0', '']]
    """
    return [[cell.strip() for cell in f"{line} ".split(mark)] for line in table.strip().splitlines()]
