"""A comparison, or why there is none, as the comment and the status of a change."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.errors import TrackerError
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.entries import verdict
from tracker.publish.comparing.markdown import fitting
from tracker.publish.markdown import escape
from tracker.publish.posting import github, gitlab
from tracker.publish.posting.comments import Discussion, keep, marker
from tracker.publish.posting.targets import Service, Target
from tracker.publish.wording import clean, shortened

_STATES = {0: github.State.success, 1: github.State.failure}

#: characters of the reason why there is no comparison
_REASON = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What is told of one comparison; each part may be done again."""

    #: or why there is none: a comment about an earlier state of the change must not stay
    outcome: Comparison | TrackerError
    target: Target
    #: names of project and suite: another comparison of the same change has another comment
    project: str
    suite: str
    #: exit status of the command
    status: int

    def comment(self) -> None:
        """Write the comment, or write it anew, where there is a request to comment on.

        Raises:
            PublishError: the service does not take it.
        """
        discussion = _discussion(self.target)
        if discussion is None:
            return
        mark = marker(self.project, self.suite)
        room = discussion.longest - len(mark) - 1
        if isinstance(self.outcome, Comparison):
            keep(discussion, mark, fitting(self.outcome, room))
        else:
            keep(discussion, mark, f"## Not compared\n\n{escape(_reason(self.outcome))}\n")

    def set_status(self) -> None:
        """Set the status of the commit. GitLab shows that of the job itself.

        Raises:
            PublishError: the service does not take it.
        """
        sha = self.target.sha or _head(self.outcome)
        if self.target.service is not Service.github or not sha:
            return
        _repository(self.target).set_status(
            sha,
            context=f"tracker/{self.suite}",
            state=_STATES.get(self.status, github.State.error),
            told=verdict(self.outcome)
            if isinstance(self.outcome, Comparison)
            else _reason(self.outcome),
            link=self.target.link,
        )


def _head(outcome: Comparison | TrackerError) -> str:
    """SHA of the commit that was compared; "" where it was none."""
    if isinstance(outcome, TrackerError) or outcome.head.stands_for:
        return ""
    return outcome.head.sha


def _reason(error: TrackerError) -> str:
    return shortened(clean(error.line), _REASON)


def _discussion(target: Target) -> Discussion | None:
    if target.number is None:
        return None
    if target.service is Service.github:
        return github.PullRequest(repository=_repository(target), number=target.number)
    return gitlab.MergeRequest(
        client=gitlab.client(target.base, target.token),
        project=target.repository,
        number=target.number,
    )


def _repository(target: Target) -> github.Repository:
    return github.Repository(
        client=github.client(target.base, target.token), name=target.repository
    )
