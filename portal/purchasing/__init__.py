"""Buying: applications, orders, receipts, invoices of suppliers, quotes, and purchases nearby."""
