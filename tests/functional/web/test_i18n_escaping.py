"""Translated sentences escape the values they are filled with."""

import pytest
from flask import render_template_string
from markupsafe import Markup


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ('{{ _("By %(who)s", who=who) }}', "By &lt;b&gt;Ada&lt;/b&gt; 5%"),
        ('{{ _("By %(who)s", who=safe) }}', "By <i>Ada</i>"),
        ('{{ ngettext("%(num)d by %(who)s", "%(num)d by %(who)s", 2, who=who) }}', "2 by &lt;b&gt;Ada&lt;/b&gt; 5%"),
        ('{{ _("%(n).1f of %(is)s", n=1.25, is=true) }}', "1.2 of True"),
        ('{{ _("%(n)s", n=none) }}', "None"),
        ('{{ _("100%% of it") }}', "100% of it"),
        ('{% autoescape false %}{{ _("By %(who)s", who=who) }}{% endautoescape %}', "By <b>Ada</b> 5%"),
        ('{% set said = _("By %(who)s", who=who) %}{{ said }}', "By &lt;b&gt;Ada&lt;/b&gt; 5%"),
    ],
)  # fmt: skip
def test_values_in_a_sentence_are_escaped_unless_they_are_markup(app, template, shown):
    with app.test_request_context("/"):
        given = {"who": "<b>Ada</b> 5%", "safe": Markup("<i>Ada</i>")}
        assert render_template_string(template, **given) == shown
