"""Configuration, forms, codes and emails of Flask-Security, by which staff sign in."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, after_this_request, current_app, session
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
from commentsite.accounts.password_resets import RESET_LINK_TTL
from commentsite.audit.services import record_event
from commentsite.config import Settings
from commentsite.db.session import commit_external_write
from commentsite.encryption import derive_key
from commentsite.notifications.outbox import enqueue_message
from commentsite.web.rendering.i18n import gettext as _

#: The templates of Flask-Security that say that a password was changed.
PASSWORD_NOTICES = frozenset({"security/email/change_notice", "security/email/reset_notice"})


def build_security_config(settings: Settings) -> dict[str, Any]:
    """Return the configuration keys of Flask-Security. Each secret in them is derived for a single purpose."""
    # Flask-Security encrypts with the highest number, so the newest secret gets it.
    oldest_first = list(reversed(settings.secrets))
    return {
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_PASSWORD_SALT": settings.secrets[-1],
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_RESET_PASSWORD_WITHIN": RESET_LINK_TTL,
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
        **_build_messages(),
    }


def _build_messages() -> dict[str, Any]:
    messages = {
        "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": _l(
            "Two-step verification is on. Create recovery codes now, in case you lose your authenticator."
        ),
        "TWO_FACTOR_INVALID_TOKEN": _l(
            "This code is not valid. Wait for the next code and enter it."
        ),
        "TWO_FACTOR_PERMISSION_DENIED": _l("Sign in again with your password."),
        "TWO_FACTOR_DISABLED": _l("Two-step verification is off."),
        "TWO_FACTOR_LOGIN_SUCCESSFUL": _l("You are signed in."),
        "TWO_FACTOR_SETUP_EXPIRED": _l("That took too long. Start again."),
        "WEBAUTHN_REGISTER_SUCCESSFUL": _l("You added the passkey “%(name)s”."),
        "WEBAUTHN_CREDENTIAL_DELETED": _l("You removed the passkey “%(name)s”."),
        "WEBAUTHN_NAME_INUSE": _l(
            "You already have a passkey with the name “%(name)s”. Enter another name."
        ),
        "WEBAUTHN_NAME_REQUIRED": _l("Enter a name for the passkey."),
        "WEBAUTHN_NO_VERIFY": _l("The passkey could not be verified. Try again."),
        "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": _l("This passkey does not belong to your account."),
        "INVALID_RECOVERY_CODE": _l("This recovery code is not valid, or it was used before."),
        "REAUTHENTICATION_REQUIRED": _l("Enter your password again to continue."),
        "REAUTHENTICATION_SUCCESSFUL": _l("Your password is confirmed."),
    }
    return {f"SECURITY_MSG_{name}": (text, "info") for name, text in messages.items()}


class SignInForm(LoginForm):
    """Sign-in without "remember me". Computers are shared, and its cookie would also be sent to public pages."""

    remember = None


class SetupForm(TwoFactorSetupForm):
    """Set up an authenticator app. WTForms deprecates the kind of choices that the library uses."""

    setup = RadioField(choices=[], validate_choice=False)


class PasskeyForm(WebAuthnRegisterForm):
    """Add a passkey. It is always a second factor and never the only one."""

    usage = RadioField(choices=[SelectChoice(value="secondary", label="")], default="secondary")


class RescueForm(TwoFactorRescueForm):
    """A form without choices. Without the second factor, staff use a recovery code or ask a steward."""

    help_setup = RadioField(choices=[], validate_choice=False)


class OwnPasskeyForm(WebAuthnSigninResponseForm):
    """Sign in with a passkey as the second step."""

    def validate(self, **options: Any) -> bool:
        """Refuse a valid passkey that belongs to another account than the password of the first step."""
        if not super().validate(**options):
            return False
        if self.user is None or self.user.fs_uniquifier != session.get("tf_user_id"):
            self.credential.errors = [_("This passkey does not belong to your account.")]
            return False
        return True


class OneTimeCodes(Totp):
    """Codes of an authenticator app. Each is accepted once, so that a code another person saw is useless."""

    def get_last_counter(self, user: Any) -> int | None:
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.tf_last_counter = tmatch.counter
        after_this_request(commit)


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes, with an audit event for their creation and each use."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """Replace all recovery codes of an account."""
        codes: list[str] = super().create_recovery_codes(user)
        record_event(
            f"user:{user.id}", "staff.recovery_codes_made", f"user:{user.id}", codes=len(codes)
        )
        return codes

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Delete a code that was used."""
        record_event(f"user:{user.id}", "staff.recovery_code_used", f"user:{user.id}")
        return bool(super().delete_recovery_code(user, code))


class OutboxMail(MailUtil):
    """Send the emails of Flask-Security through the outbox, as all other emails."""

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
        """Store the message, a notice that the password changed, in the transaction that Flask-Security has open.

        No limit applies: a notice follows an action of the account, and an attacker must not be able to use it up.

        A transaction of our own would roll back the change of password that the message is about.
        """
        if template not in PASSWORD_NOTICES:
            msg = f"no email of this site stands for {template}"
            raise NotImplementedError(msg)
        del subject, sender, body, html
        enqueue_message(
            "staff.password",
            recipient if isinstance(recipient, str) else recipient[1],  # a pair of name and address
            encryption=current_app.extensions["commentsite"].encryption,
            language=context["user"].language,
        )
        after_this_request(commit)


def commit(response: Response) -> Response:
    """Commit the library's writes after the request. It is for `after_this_request`."""
    commit_external_write()
    return response
