"""What the portal says to whoever runs it: one line of JSON for each thing, on standard error."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from portal import clock


class OneLine(logging.Formatter):
    """Whatever was said or went wrong, in one line: new lines in it are escaped, so nobody writes a line of their own."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {"at": clock.now().isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        said |= record.msg if isinstance(record.msg, dict) else {"said": record.getMessage()}
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=True)


def begin() -> None:
    """From now on all of it is said; called by whatever serves, and again without saying it twice."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("portal").setLevel(logging.INFO)
