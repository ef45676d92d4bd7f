"""What a run of a scheduled job did."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ran:
    """`handled`: people, or things, that something was decided about. `counts`: by a word of job_run.count.*.
    `errors`: word for word; an error in one mass email does not stop the next."""

    handled: int
    counts: Mapping[str, int]
    errors: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The counts as the log of runs keeps them: scheduled_job.said() puts them into words."""
        return json.dumps({word: n for word, n in self.counts.items() if n})
