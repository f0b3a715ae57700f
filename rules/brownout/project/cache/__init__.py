"""What earlier checks found out, kept on the disk; nothing in here imports more than the standard library's light part.

An entry is believed only if it is signed with a key that no project can know, and its name says all that it depends
on: contents, settings, arguments, Python, brownout's own code. Anything else counts as if it were not there.
"""
