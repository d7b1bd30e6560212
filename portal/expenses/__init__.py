"""Expenses: spending is requested and approved before it happens."""
