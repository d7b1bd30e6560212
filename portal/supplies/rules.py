"""The rules of office supplies, by part."""
