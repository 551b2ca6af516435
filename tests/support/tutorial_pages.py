"""Pages that show commands and what they print: cut into steps, and compared with what really comes."""

import re

_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page):
    """Each block of commands with the output that the page shows below it, if it shows one."""
    blocks = _BLOCK.findall(page.read_text())
    return [(text, blocks[i + 1][1] if i + 1 < len(blocks) and blocks[i + 1][0] == "text" else None)
            for i, (kind, text) in enumerate(blocks) if kind == "sh"]


def matches(shown, expected):
    """Whether the output is the expected one, where … stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, shown, re.DOTALL) is not None
