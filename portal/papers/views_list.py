"""The list of all papers somebody may read."""
