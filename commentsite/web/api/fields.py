"""Fields that read JSON and query strings strictly: what the document does not allow is refused."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields

from commentsite.web.http.parameters import parse_id


class Text(fields.String):
    """A string of Unicode characters without NUL, which no database here can store."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs) or ""
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            msg = "Use Unicode characters only, and no NUL."
            raise ValidationError(msg)
        return text


class Number(fields.Integer):
    """An integer as JSON Schema defines it: a number without a fraction, so that 2.0 is one and "2" is none."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int:
            msg = "Send an integer."
            raise ValidationError(msg)
        return super()._deserialize(value, *args, **kwargs) or 0


class QueryNumber(fields.Integer):
    """A number in a query string, in ASCII digits."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:  # noqa: ARG002  # marshmallow's signature
        number = parse_id(str(value))
        if number is None:
            msg = "Enter a number."
            raise ValidationError(msg)
        return number


class Flag(fields.Boolean):
    """A boolean that JSON writes as one."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:  # noqa: ARG002  # marshmallow's signature
        if not isinstance(value, bool):
            msg = "Send true or false."
            raise ValidationError(msg)
        return value


class Day(fields.Date):
    """A date as year, month and day, for example 2018-01-31."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> date:  # noqa: ARG002  # marshmallow's signature
        if not isinstance(value, str) or len(value) != len("2018-01-31"):
            msg = "Send the date as year, month and day, for example 2018-01-31."
            raise ValidationError(msg)
        try:
            return date.fromisoformat(value)
        except ValueError:
            msg = "Send the date as year, month and day, for example 2018-01-31."
            raise ValidationError(msg) from None
