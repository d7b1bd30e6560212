"""The annual budget: lines per year, department and category, and the papers that allot and move it."""
