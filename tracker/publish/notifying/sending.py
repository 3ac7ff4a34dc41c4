"""Messages to destinations; what they are called is told, where they are never."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tracker.errors import ConfigurationError, Problem, PublishError
from tracker.publish.notifying.messages import Message

_SENDER = Path(__file__).with_name("sender.py")
#: seconds for one message
PATIENCE = 30.0


def check(to: Mapping[str, str]) -> None:
    """See that Apprise is there, and knows what each URL means.

    Raises:
        ConfigurationError: it is not, or does not.
    """
    if not to:
        return
    if importlib.util.find_spec("apprise") is None:
        raise ConfigurationError(
            "notify.to needs Apprise, which is not installed",
            code="config.extra",
            hint="pip install 'commit-tracker[notify]'",
        )
    wrong = _answer("Apprise", list(to.values()), PATIENCE)
    unknown = [name for name, url in to.items() if url in wrong]
    if unknown:
        raise ConfigurationError(
            "nobody can be notified by " + ("this URL" if len(unknown) == 1 else "these URLs"),
            code="config.notify",
            hint="Apprise's documentation has the URLs of its services, such as mailto:// or json://",
            problems=[
                Problem(message=f"notify.to.{name}: is no URL that Apprise understands")
                for name in unknown
            ],
        )


def send(name: str, url: str, message: Message, patience: float = PATIENCE) -> None:
    """Hand a message to a service.

    Raises:
        PublishError: the service does not take it, or not in time; both may pass.
    """
    answer = _answer(name, {"url": url, **asdict(message)}, patience)
    if not answer["taken"]:
        why = f"it answers {answer['status']}" if answer["status"] else "there is no good answer"
        raise PublishError(f"{name} does not take the message: {why}", passing=True)


def _answer(who: str, asked: Any, patience: float) -> Any:
    """What the sender says.

    Raises:
        PublishError: it says nothing, or not in time.
    """
    try:
        done = subprocess.run(
            # what lies in the current directory is not ours to import
            [sys.executable, "-P", str(_SENDER)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=patience,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise PublishError(f"{who}: no answer in {patience:g} seconds", passing=True) from None
    except subprocess.CalledProcessError as error:
        raise PublishError(f"{who}: the sender ended with {error.returncode}") from None
    return json.loads(done.stdout.splitlines()[-1])
