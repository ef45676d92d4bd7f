"""The uploaded files of suppressions."""

from typing import Final

from dashboard.acts.uploads import Uploads

LARGEST: Final = 100 * 1024 * 1024
UPLOADS: Final = Uploads("suppressions", LARGEST)
