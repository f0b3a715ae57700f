"""Starts brownout from its checkout, isolated: neither the checked folder nor the environment adds to the path.

`python -I launch.py` is the Action, `python -I launch.py WORD…` the command line.
"""

import os
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_HERE / root) for root in ("rules", "server", "action")]

if len(sys.argv) > 1:
    from brownout.cli import main

    sys.exit(main(sys.argv[1:]))
else:
    import gc

    from brownout.action.run import main as act

    gc.disable()  # a process that is about to end needs no collection: looking through the tables takes a second
    sys.exit(act(os.environ))
