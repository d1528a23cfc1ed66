"""The table of permissions in the documentation matches the code."""

import re
from pathlib import Path

from commentsite.accounts.permissions import ROLE_PERMISSIONS, Permission, RoleName

TEXT = (Path(__file__).parents[2] / "docs" / "staff-and-permissions.md").read_text()


def test_the_docs_show_the_permissions_in_force():
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", TEXT, re.MULTILINE)
    told = {
        (role, name)
        for name, cells in rows
        for role, cell in zip(RoleName, cells.split("|"), strict=True)
        if cell.strip() == "yes"
    }
    assert {name for name, _cells in rows} == set(Permission)
    assert told == {(role, name) for role, held in ROLE_PERMISSIONS.items() for name in held}
