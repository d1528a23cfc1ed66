"""Names of people and titles stand in one order, whatever their scripts."""

from commentsite.text.collation import collation_key


def test_accents_and_case_do_not_part_names_and_scripts_stand_together():
    names = [
        "Ada", "edgar", "Élodie", "O’Brien", "Obama", "Olaf", "Øyvind", "Zoë", "Егор", "Ёлка", "Жанна", "иван", "йод",
        "אבי", "أحمد", "김", "ひろ", "ハナ", "李娜", "王伟",
    ]  # fmt: skip
    assert sorted(sorted(names), key=collation_key) == names
