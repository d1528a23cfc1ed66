"""The kind of import that the files of each system need."""

from commentsite.exchange.importers.records import System
from commentsite.exchange.own_format.run import OwnImport
from commentsite.exchange.run import Import


def get_import_class(system: System) -> type[Import]:
    return OwnImport if system is System.JSON else Import
