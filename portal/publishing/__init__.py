"""Manuscripts: collected, compiled, approved, published in time, and taken down at once where they must not stand (INF)."""
