"""The word diff, in scripts with and without spaces."""

from commentsite.text.diff import diff_words


def kinds(before, after):
    return [(s.kind, s.text) for s in diff_words(before, after)]


def test_a_replaced_word_leaves_the_rest_unchanged():
    assert kinds("We met in Geneva twice.", "We met in Tunis twice.") == [
        ("same", "We met in "),
        ("old", "Geneva"),
        ("new", "Tunis"),
        ("same", " twice."),
    ]


def test_chinese_is_compared_by_character():
    assert kinds("我们没有共识", "我们没有完全共识") == [
        ("same", "我们没有"),
        ("new", "完全"),
        ("same", "共识"),
    ]


def test_equal_texts_have_one_segment_and_different_texts_share_none():
    assert kinds("Same words", "Same words") == [("same", "Same words")]
    assert kinds("", "New") == [("new", "New")]
    assert kinds("Old", "") == [("old", "Old")]
