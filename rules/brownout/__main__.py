"""`python -m brownout` is the command `brownout`."""

from brownout.cli import run

run()
