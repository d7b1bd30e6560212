"""Store listings: products, their prices, the shelf and promotions; nothing goes live unapproved."""
