"""What staff prove themselves with: what Flask-Security is told of passwords, codes and messages."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, after_this_request, current_app, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import (
    LoginForm,
    MailUtil,
    MfRecoveryCodesUtil,
    Totp,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    WebAuthnRegisterForm,
    WebAuthnSigninResponseForm,
)
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from commentsite import clock, retention
from commentsite.audit.services import record_event
from commentsite.config import Settings
from commentsite.db.session import commit_external_write
from commentsite.encryption import derive_key
from commentsite.notifications.outbox import enqueue_message


def library_settings(settings: Settings) -> dict[str, Any]:
    """Return what Flask-Security is told; every key of it is derived for its one purpose."""
    oldest_first = list(reversed(settings.secrets))
    return {
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_PASSWORD_SALT": settings.secrets[-1],
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_POST_LOGIN_VIEW": "/desk/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_DATETIME_FACTORY": clock.now,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_FRESHNESS": retention.REAUTHENTICATION_WINDOW,
        "SECURITY_FRESHNESS_GRACE_PERIOD": retention.REAUTHENTICATION_WINDOW,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/desk/me/",
        "SECURITY_TOTP_SECRETS": {
            str(n): derive_key(secret, "totp") for n, secret in enumerate(oldest_first, 1)
        },
        "SECURITY_TOTP_ISSUER": urlsplit(settings.base_url).hostname,
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": urlsplit(settings.base_url).hostname,
        "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": False,
        "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": False,
        "SECURITY_WAN_ALLOW_AS_VERIFY": None,
        "SECURITY_WAN_POST_REGISTER_VIEW": "/desk/me/",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            derive_key(secret, "recovery codes") for secret in settings.secrets
        ],
        **_words(),
    }


def _words() -> dict[str, Any]:
    said = {
        "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": _l(
            "Your second factor is set. Make recovery codes now, in case you lose it."
        ),
        "TWO_FACTOR_INVALID_TOKEN": _l("This code does not fit. Wait for the next one and try it."),
        "TWO_FACTOR_PERMISSION_DENIED": _l("Sign in again from the beginning."),
        "TWO_FACTOR_DISABLED": _l("Your second factor is taken away."),
        "TWO_FACTOR_LOGIN_SUCCESSFUL": _l("You are signed in."),
        "TWO_FACTOR_SETUP_EXPIRED": _l("That took too long. Begin again."),
        "WEBAUTHN_REGISTER_SUCCESSFUL": _l("The passkey “%(name)s” is set."),
        "WEBAUTHN_CREDENTIAL_DELETED": _l("The passkey “%(name)s” is removed."),
        "WEBAUTHN_NAME_INUSE": _l("You have a passkey called “%(name)s” already."),
        "WEBAUTHN_NAME_REQUIRED": _l("Give it a name."),
        "WEBAUTHN_NO_VERIFY": _l("That passkey could not be checked. Try again."),
        "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": _l("This is none of your passkeys."),
        "INVALID_RECOVERY_CODE": _l("This is none of your recovery codes, or it has been used."),
        "REAUTHENTICATION_REQUIRED": _l("Enter your password again to go on."),
        "REAUTHENTICATION_SUCCESSFUL": _l("Thank you."),
    }
    return {f"SECURITY_MSG_{name}": (words, "info") for name, words in said.items()}


class SignInForm(LoginForm):
    """Sign-in without "remember me": desks are shared, and a second cookie would reach public pages."""

    remember = None


class SetupForm(TwoFactorSetupForm):
    """Setting up an authenticator; the library's choices are of a kind that WTForms gives up."""

    setup = RadioField(choices=[], validate_choice=False)


class PasskeyForm(WebAuthnRegisterForm):
    """A passkey to be added, which is always a second factor and never the only one."""

    usage = RadioField(choices=[SelectChoice(value="secondary", label="")], default="secondary")


class RescueForm(TwoFactorRescueForm):
    """Nothing to choose: who is without the second factor has recovery codes, or a steward."""

    help_setup = RadioField(choices=[], validate_choice=False)


class OwnPasskey(WebAuthnSigninResponseForm):
    """A passkey as the second step: of the person whose password was the first, and nobody else."""

    def validate(self, **named: Any) -> bool:
        """Refuse a passkey of somebody else, however genuine."""
        if not super().validate(**named):
            return False
        if self.user is None or self.user.fs_uniquifier != session.get("tf_user_id"):
            self.credential.errors = [_("This is none of your passkeys.")]
            return False
        return True


class OneTimeCodes(Totp):
    """Codes of an authenticator, each taken once: who looked over a shoulder comes too late."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the number of the last code that was taken."""
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the number of the code just taken, with what it let somebody do."""
        user.tf_last_counter = tmatch.counter
        after_this_request(commit)


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes whose making and use is written down."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """Make new codes in place of those before."""
        codes: list[str] = super().create_recovery_codes(user)
        record_event(
            f"user:{user.id}", "staff.recovery_codes_made", f"user:{user.id}", codes=len(codes)
        )
        return codes

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Take a code that was used off the list."""
        record_event(f"user:{user.id}", "staff.recovery_code_used", f"user:{user.id}")
        return bool(super().delete_recovery_code(user, code))


class OutboxMail(MailUtil):
    """Send what Flask-Security has to say through the outbox, like every other message."""

    def send_mail(  # noqa: PLR0913, PLR0917  # the signature is Flask-Security's
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        """Store the message in the transaction Flask-Security is in.

        A transaction of our own would roll back the password this message is about.
        """
        del template, sender, html, context
        vault = current_app.extensions["commentsite"].encryption
        enqueue_message(
            "staff.password",
            recipient if isinstance(recipient, str) else recipient[1],  # a name comes first
            encryption=vault,
            limit_per_day=5,
            subject=str(subject),
            body=body or "",
        )
        after_this_request(commit)


def commit(response: Response) -> Response:
    """Commit what the library did, once its answer is made."""
    commit_external_write()
    return response
