"""The processing pipeline: what one piece of work does to all the others."""
