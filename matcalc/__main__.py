"""`python -m matcalc` is the command."""

import sys

from matcalc.cli import main

sys.exit(main())
