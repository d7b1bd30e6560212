"""Addresses of pictures that came with a product from another shop: kept as text, never fetched."""

from portal.db import build


def up(migrator, db):
    build(db, "ALTER TABLE products ADD COLUMN image_links varchar(2000) NOT NULL DEFAULT ''")
