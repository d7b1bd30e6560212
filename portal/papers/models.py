"""The list of all papers: read by the posts somebody holds."""
