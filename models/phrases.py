"""Tables of phrases that people can read: one phrase a line, compiled into one pattern."""

import re


def phrases(text: str, **parts: str) -> re.Pattern[str]:
    """One pattern of a text with a regular expression a line, for lower-case text. A line that starts with “…” goes on
    with the one before. `<name>` stands for a part given by name."""
    return re.compile("|".join(lines_of(text, **parts)))


def lines_of(text: str, **parts: str) -> list[str]:
    """The phrases of a table one by one, as `phrases` understands its text."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        if line.startswith("…"):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    for name, part in parts.items():
        lines = [line.replace(f"<{name}>", part) for line in lines]
    return lines
