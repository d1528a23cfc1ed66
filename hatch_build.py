"""Compile the catalogues of translations when the package is built or installed."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """Write a messages.mo beside each messages.po, and add it to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # Hatch's signature
        for source in Path(self.root).glob("commentsite/translations/*/LC_MESSAGES/messages.po"):
            target = source.with_suffix(".mo")
            with source.open("rb") as read, target.open("wb") as written:
                write_mo(written, read_po(read, locale=source.parents[1].name))
            build_data["artifacts"].append(str(target.relative_to(self.root)))
