"""Every word that the interface shows is translated, in whole sentences that a translator can turn around."""

import re
import shutil

import pytest
from babel import Locale
from lxml import html
from sqlalchemy import String, select

from commentsite.accounts.models import User
from commentsite.db.base import Base
from commentsite.db.session import session, transaction
from tests.support.clients import sign_in
from tests.support.crawler import crawl, list_letters, list_receipts
from tests.support.databases import create_demo
from tests.support.factories import add_staff_member, make_app
from tests.support.pseudo_locale import CLOSE, LANGUAGE, OPEN, speak_pseudo_language
from tests.support.shared_work import prepare_once

STEWARD = "steward@staff.example"
PUBLIC = ["/", "/rules", "/no-such-page", "/account/login"]
#: Elements whose text is content, a name, an address, or code.
CONTENT = "bdi|code|pre|kbd|samp|var|script|style|template|del|ins|mark|svg|math|noscript"
