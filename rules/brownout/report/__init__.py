"""Findings and facts as a report: what stands between the engine's answers and any text about them."""
