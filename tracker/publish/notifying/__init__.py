"""A night's findings told by mail, chat or webhook: by Apprise, each finding once."""
