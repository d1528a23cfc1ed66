"""Write a number in a numbering format of a word processor, such as 3, c, iii, ج, 三 or Third."""

from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IRREGULAR_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_HEBREW_VALUES = (
    (400, "ת"), (300, "ש"), (200, "ר"), (100, "ק"), (90, "צ"), (80, "פ"), (70, "ע"), (60, "ס"),
    (50, "נ"), (40, "מ"), (30, "ל"), (20, "כ"), (16, "טז"), (15, "טו"), (10, "י"), (9, "ט"), (8, "ח"),
    (7, "ז"), (6, "ו"), (5, "ה"), (4, "ד"), (3, "ג"), (2, "ב"), (1, "א"),
)  # fmt: skip
_ALPHABETS = {
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת",
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
    "aiueo": "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "iroha": "ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳヰﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼヱﾋﾓｾｽﾝ",
    "irohaFullWidth": "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン",
    "ganada": "가나다라마바사아자차카타파하",
    "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
    "hindiVowels": "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
    "hindiConsonants": "अआइईउऊऋऌऍऎएऐऑऒओऔ",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "chicago": "*†‡§",
}
_DIGITS = {
    "decimalFullWidth": "０１２３４５６７８９",
    "decimalFullWidth2": "０１２３４５６７８９",
    "hindiNumbers": "०१२३४५६७८९",
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
    "ideographDigital": "〇一二三四五六七八九",
    "japaneseDigitalTenThousand": "〇一二三四五六七八九",
    "taiwaneseDigital": "〇一二三四五六七八九",
    "koreanDigital": "영일이삼사오육칠팔구",
    "koreanDigital2": "零一二三四五六七八九",
}
_COUNTING = {
    "chineseCounting": ("〇一二三四五六七八九", "十百千"),
    "chineseCountingThousand": ("〇一二三四五六七八九", "十百千"),
    "taiwaneseCounting": ("〇一二三四五六七八九", "十百千"),
    "taiwaneseCountingThousand": ("〇一二三四五六七八九", "十百千"),
    "japaneseCounting": ("〇一二三四五六七八九", "十百千"),
    "japaneseLegal": ("零壱弐参四伍六七八九", "拾百阡"),
    "chineseLegalSimplified": ("零壹贰叁肆伍陆柒捌玖", "拾佰仟"),
    "ideographLegalTraditional": ("零壹貳參肆伍陸柒捌玖", "拾佰仟"),
    "koreanLegal": ("영일이삼사오육칠팔구", "십백천"),
    "koreanCounting": ("영일이삼사오육칠팔구", "십백천"),
}
_ENCLOSED = {
    "decimalEnclosedCircle": 0x2460,
    "decimalEnclosedCircleChinese": 0x2460,
    "ideographEnclosedCircle": 0x3280,
    "decimalEnclosedParen": 0x2474,
    "decimalEnclosedFullstop": 0x2488,
}


def format_number(number: int, name: str) -> str:
    """Return the number in an OOXML format (ST_NumberFormat), in decimal if the format is unknown."""
    if name in {"none", "bullet"}:
        return ""
    if not 0 < number < 10_000:
        return str(number)
    text = str(number)
    if name in _WRITERS:
        text = _WRITERS[name](number)
    elif name in _ALPHABETS:
        text = _repeat_letter(number, _ALPHABETS[name])
    elif name in _DIGITS:
        text = text.translate(str.maketrans("0123456789", _DIGITS[name]))
    elif name in _COUNTING:
        text = _count_in_ideographs(number, *_COUNTING[name])
    elif name in _ENCLOSED and number <= (10 if name == "ideographEnclosedCircle" else 20):
        text = chr(_ENCLOSED[name] + number - 1)
    return text


def _repeat_letter(number: int, alphabet: str) -> str:
    """Return a to z, then aa to zz, then aaa: each letter repeated."""
    turns, index = divmod(number - 1, len(alphabet))
    return alphabet[index] * min(turns + 1, 20)


def _roman(number: int) -> str:
    result = ""
    for value, letters in _ROMAN:
        turns, number = divmod(number, value)
        result += letters * turns
    return result


def _hebrew(number: int) -> str:
    result = ""
    for value, letters in _HEBREW_VALUES:
        while number >= value and (value not in {15, 16} or number == value):
            result += letters
            number -= value
    return result


def _count_in_ideographs(number: int, digits: str, powers: str) -> str:
    result = ""
    text = str(number)
    for index, digit in enumerate(text):
        power = len(text) - index - 1
        if digit == "0":
            if result[-1:] != digits[0] and text[index:].strip("0"):
                result += digits[0]
            continue
        leading_one = digit == "1" and power == 1 and index == 0
        result += ("" if leading_one else digits[int(digit)]) + (powers[power - 1] if power else "")
    return result


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _cardinal_words(number: int) -> str:
    if number >= 100:
        rest = number % 100
        head = (
            f"{_cardinal_words(number // 1000)} thousand"
            if number >= 1000
            else f"{_UNITS[number // 100]} hundred"
        )
        rest = number % 1000 if number >= 1000 else rest
        return f"{head} {_cardinal_words(rest)}" if rest else head
    if number < 20:
        return _UNITS[number]
    tens, unit = divmod(number, 10)
    return _TENS[tens] + (f"-{_UNITS[unit]}" if unit else "")


def _ordinal_words(number: int) -> str:
    words = _cardinal_words(number)
    at = max(words.rfind(" "), words.rfind("-")) + 1
    head, last = words[:at], words[at:]
    if last in _IRREGULAR_ORDINALS:
        return head + _IRREGULAR_ORDINALS[last]
    return f"{head}{last[:-1]}ieth" if last.endswith("y") else f"{head}{last}th"


_WRITERS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": lambda number: _repeat_letter(number, "abcdefghijklmnopqrstuvwxyz"),
    "upperLetter": lambda number: _repeat_letter(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "ordinal": _ordinal,
    "cardinalText": lambda number: _cardinal_words(number).capitalize(),
    "ordinalText": lambda number: _ordinal_words(number).capitalize(),
    "hebrew1": _hebrew,
    "numberInDash": lambda number: f"- {number} -",
    "hex": lambda number: f"{number:X}",
}
