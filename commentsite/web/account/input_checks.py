"""Checks of the forms of Flask-Security in place of its own, with our sentences."""

from flask_security import WebauthnUtil
from flask_security.mail_util import EmailValidateException

from commentsite.text.email_addresses import (
    InvalidEmail,
    UnsupportedLocalPart,
    clean_email,
    normalize_email,
)
from commentsite.text.plain_text import clean_single_line
from commentsite.web.account.security_config import OutboxMail
from commentsite.web.rendering.i18n import gettext as _

MAX_PASSKEY_NAME_LENGTH = 64  # as in the table


class AccountMail(OutboxMail):
    """Read the addresses of account forms as those of all other forms."""

    def normalize(self, email: str) -> str:
        """Return the one spelling of an address. Raises EmailValidateException."""
        try:
            return normalize_email(email)
        except UnsupportedLocalPart:
            # An account made by an earlier version may have such an address.
            return super().normalize(clean_email(email))
        except InvalidEmail as error:
            raise EmailValidateException(_(error.message)) from None

    def validate(self, email: str) -> str:
        """Do the same as `normalize`. No server is asked whether the address exists."""
        return self.normalize(email)


class PasskeyNames(WebauthnUtil):
    """Accept every name that people give to a passkey, in any script and with any punctuation."""

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """Return a problem or the name, without control characters."""
        name = clean_single_line(value)
        if not name:
            return _("Enter a name for the passkey."), None
        if len(name) > MAX_PASSKEY_NAME_LENGTH:
            return (
                _(
                    "Shorten the name of the passkey to at most %(limit)d characters.",
                    limit=MAX_PASSKEY_NAME_LENGTH,
                ),
                None,
            )
        return None, name
