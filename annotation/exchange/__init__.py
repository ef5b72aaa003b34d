"""Blocks of items to an annotation server, and people's answers back, whatever stops in between."""
