"""Verdicts where people read them: comments and statuses of GitHub and GitLab, over HTTP."""
