"""`python -m brownout.action`: one run of the Action."""

from __future__ import annotations

import os
import sys

from brownout.action.run import main

sys.exit(main(os.environ))
