"""Stock: what is on the shelf, every movement of it, and counting."""
