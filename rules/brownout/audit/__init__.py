"""The audit as plain data: what was found, what stands between each entry point and each dependency, and what to do."""
