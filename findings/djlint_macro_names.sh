#!/bin/sh
# djlint 1.49.10, a Jinja macro whose name is that of a Twig block
#
# Input: a valid Jinja template with the profile for Jinja. It calls a macro of its own in an expression. In one file
# the macro is named `form_start`, which is a tag of Twig's form extension, and in the other `form_begin`.
# Expected: both files have the same indentation, because the name of a macro means nothing in Jinja.
# Seen: with `form_start` the formatter opens a block that never ends. All that follows is indented by one level, the
# end tag of the form too, and `--check` then refuses the template unless it stays like that.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check djlint==1.49.10
cd "$folder"
for name in form_begin form_start; do
  cat > "$name.html" <<HTML
{% macro $name() %}
    <input type="hidden" name="a" value="b">
{% endmacro %}
<form>
    {{ $name() }}
    <p>one</p>
</form>
<p>two</p>
HTML
  venv/bin/djlint "$name.html" --profile jinja --reformat --quiet >/dev/null || true
  tail -n +4 "$name.html" >> seen.txt
done
cat > expected.txt <<'TEXT'
<form>
    {{ form_begin() }}
    <p>one</p>
</form>
<p>two</p>
<form>
    {{ form_start() }}
        <p>one</p>
        </form>
        <p>two</p>
TEXT
cat seen.txt
diff expected.txt seen.txt && echo "Seen as described."
