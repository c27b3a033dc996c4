"""What rewriting may spend, in one place: each bound counts something, and says what it was measured to do."""

LONGEST_RUN = 4
TRIED = 6  # common factors of one sum that are tried out
LOOKED_AT = 8  # common factors of which that is worked out
MOST_STEPS = 50  # identities applied one after the other at one node
ALIKE = 8  # factors with which chains begin, or end, alike that are taken out one by one
