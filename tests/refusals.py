"""What somebody is told who is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.refused import Refused


def refusal(deed: Callable[[], Any], kind: type[Refused] = Refused) -> str:
    """The sentence of the refusal, which is of that kind or a narrower one."""
    with pytest.raises(kind) as refused:
        deed()
    return str(refused.value)
