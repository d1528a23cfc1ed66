"""Similar texts are found in any script, and different texts are not."""

from commentsite.text.similarity import (
    SAME_TEXT_THRESHOLD,
    VARIANT_THRESHOLD,
    build_sketch,
    extract_shingles,
    jaccard_similarity,
)

A = "I urge the working group to record both positions side by side in its report."
COPY = "I urge the Working Group, to record both positions side by side in its report!"
VARIED = (
    "I strongly urge the working group to record both positions side by side in its final report."
)
OTHER = (
    "Nobody asked the smaller delegations whether the closing date suited them at all this year."
)


def similarity(a, b):
    return jaccard_similarity(extract_shingles(a), extract_shingles(b))


def test_case_punctuation_and_spaces_make_no_difference():
    assert similarity(A, COPY) == 1.0


def test_the_similarity_is_the_share_of_common_shingles():
    assert (len(extract_shingles(A)), len(extract_shingles(VARIED))) == (13, 15)
    assert round(similarity(A, VARIED), 4) == 0.6471
    assert VARIANT_THRESHOLD <= similarity(A, VARIED) < SAME_TEXT_THRESHOLD
    assert similarity(A, OTHER) == 0.0


def test_short_texts_are_similar_to_no_text():
    assert similarity("I agree with this.", "I agree with this.") == 0.0
    assert build_sketch(extract_shingles("Yes.")) == []


def test_scripts_without_spaces_are_compared_by_letters():
    text = "我们敦促工作组在报告中并列记录两种立场，因为两者都没有得到其他人的同意。"
    assert similarity(text, text.replace("，", " ")) == 1.0
    assert similarity(text, text.replace("敦促", "强烈敦促")) > VARIANT_THRESHOLD
    arabic = (
        "نحث الفريق العامل على تسجيل الموقفين جنبا إلى جنب في تقريره النهائي لأن كليهما مهم للجميع"
    )
    assert similarity(arabic, arabic + " جدا") >= SAME_TEXT_THRESHOLD


def test_near_copies_share_a_hash_of_their_sketches():
    long = " ".join(f"word{n} and{n}" for n in range(200))
    assert set(build_sketch(extract_shingles(long))) & set(
        build_sketch(extract_shingles(long + " And a sentence of my own."))
    )
    assert set(build_sketch(extract_shingles(A))) & set(build_sketch(extract_shingles(VARIED)))
    assert not set(build_sketch(extract_shingles(A))) & set(build_sketch(extract_shingles(OTHER)))
