"""Cash and bank, payments, and the double-entry books."""
