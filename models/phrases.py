"""Tables of phrases that people can read: one phrase a line, compiled into one pattern."""

import re


def phrases(text: str, **parts: str) -> re.Pattern[str]:
    """One pattern of a text with a regular expression a line, for lower-case text. A line that starts with “…” goes on
    with the one before. `<name>` stands for a part given by name."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        if line.startswith("…"):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    joined = "|".join(lines)
    for name, part in parts.items():
        joined = joined.replace(f"<{name}>", part)
    return re.compile(joined)
