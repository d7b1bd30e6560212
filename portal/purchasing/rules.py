"""The rules of buying, by part."""
