"""What another service does not take now, it may take a little later."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from tracker.errors import PublishError

T = TypeVar("T")

#: seconds to wait before each further try
PAUSES = (1.0, 4.0)


def persistently(work: Callable[[], T], pauses: Sequence[float]) -> T:
    """Do work that may be done twice; again after each pause where the trouble may pass.

    Raises:
        PublishError: it did not pass, or never will.
    """
    for pause in pauses:
        try:
            return work()
        except PublishError as error:
            if not error.passing:
                raise
        time.sleep(pause)
    return work()
