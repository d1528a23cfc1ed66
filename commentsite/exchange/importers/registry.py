"""The reader of each system."""

from commentsite.exchange.importers.artalk import read_artalk
from commentsite.exchange.importers.disqus import read_disqus
from commentsite.exchange.importers.django_comments_xtd import read_django_comments_xtd
from commentsite.exchange.importers.isso import read_isso
from commentsite.exchange.importers.mbox import read_mbox
from commentsite.exchange.importers.plone import read_plone
from commentsite.exchange.importers.records import Reader, System
from commentsite.exchange.importers.remark42 import read_remark42
from commentsite.exchange.importers.twikoo import read_twikoo
from commentsite.exchange.importers.waline import read_waline
from commentsite.exchange.importers.web_annotations import read_annotations
from commentsite.exchange.importers.wordpress import read_wordpress

READERS: dict[System, Reader] = {
    System.WORDPRESS: read_wordpress,
    System.DISQUS: read_disqus,
    System.ISSO: read_isso,
    System.REMARK42: read_remark42,
    System.WALINE: read_waline,
    System.TWIKOO: read_twikoo,
    System.ARTALK: read_artalk,
    System.DJANGO_COMMENTS_XTD: read_django_comments_xtd,
    System.PLONE: read_plone,
    System.MBOX: read_mbox,
    System.ANNOTATIONS: read_annotations,
}
