"""What the storefront asks with every picture and feed: on which contents a file stands, which promotion began or ended last."""

from portal.db import build

INDEXES = """
CREATE INDEX content_files_attachment ON content_files (attachment_id);
CREATE INDEX special_prices_starts ON special_prices (starts_at);
CREATE INDEX special_prices_ends ON special_prices (ends_at)
"""


def up(migrator, db):
    build(db, INDEXES)
