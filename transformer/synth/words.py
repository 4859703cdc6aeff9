"""Words for titles, names and subjects in many languages, and the people nobody is.

Latin script comes with its diacritics, some of them as letter plus combining mark, as catalogs of the
MARC-8 age have them after conversion. Non-Latin titles stand beside their romanisation, as in fields 880.
Every person's name is invented and looks it.
"""

from __future__ import annotations

_ENGLISH = (
    "history introduction studies theory practice handbook economic political social modern early "
    "american british european children's science nature water city rural letters collected essays "
    "poems selected works law medicine public policy education women labour music art architecture "
    "geology chemistry mathematical principles methods analysis design systems networks language "
    "philosophy religion trade industry agriculture climate energy memory war peace frontier river "
    "mountain island harbour railway voyage atlas guide companion dictionary reader survey report"
)
ENGLISH = tuple(_ENGLISH.split())

LATIN: dict[str, tuple[str, ...]] = {
    "ger": (
        "Einführung",
        "Geschichte",
        "Überblick",
        "Grundzüge",
        "Gesellschaft",
        "Größe",
        "Straße",
        "Bücher",
        "Wörterbuch",
        "Städte",
        "für",
        "über",
        "Königreich",
        "Entwicklung",
        "Kräfte",
    ),
    "fre": (
        "Éléments",
        "histoire",
        "société",
        "théorie",
        "générale",
        "études",
        "françaises",
        "œuvres",
        "forêt",
        "naïveté",
        "économie",
        "île",
        "château",
        "siècle",
        "après",
    ),
    "spa": (
        "Introducción",
        "niños",
        "España",
        "política",
        "educación",
        "año",
        "señor",
        "corazón",
        "geografía",
        "música",
        "América",
        "pequeño",
        "lección",
        "régimen",
        "público",
    ),
    "pol": ("Dzieje", "książka", "żółty", "społeczeństwo", "język", "źródła", "główny", "święto", "łąka"),
    "vie": ("Lịch sử", "văn hóa", "người", "tiếng Việt", "nước", "đất", "truyện", "thơ", "nghiên cứu"),
    "tur": ("Türkiye", "tarihi", "çağdaş", "şehir", "güneş", "ışık", "öğretmen", "İstanbul", "yıl"),
}

# language -> (script code of $6, (romanised, original) pairs). A pair may hold combining marks.
OTHER_SCRIPTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "chi": (
        "$1",
        (
            ("Zhongguo", "中国"),
            ("li shi", "历史"),
            ("wen xue", "文學"),
            ("yan jiu", "研究"),
            ("jing ji", "经济"),
            ("she hui", "社會"),
            ("zhe xue", "哲学"),
            ("shan shui", "山水"),
            ("xian dai", "现代"),
            ("ci dian", "辭典"),
        ),
    ),
    "jpn": (
        "$1",
        (
            ("Nihon no", "日本の"),
            ("rekishi", "歴史"),
            ("bunka", "文化"),
            ("monogatari", "物語"),
            ("kenkyū", "研究"),
            ("Tōkyō", "東京"),
            ("gendai", "現代"),
            ("hajimete no", "はじめての"),
            ("dēta", "データ"),
            ("nyūmon", "入門"),
        ),
    ),
    "kor": (
        "$1",
        (
            ("Hanʼguk", "한국"),
            ("yŏksa", "역사"),
            ("munhak", "문학"),
            ("yŏnʼgu", "연구"),
            ("sahoe", "사회"),
            ("kyŏngje", "경제"),
            ("Sŏul", "서울"),
            ("munhwa", "문화"),
            ("sidae", "시대"),
            ("iyagi", "이야기"),
        ),
    ),
    "rus": (
        "(N",
        (
            ("Istorii\ufe20a\ufe21", "История"),
            ("literatura", "литература"),
            ("obshchestvo", "общество"),
            ("mir", "мир"),
            ("i\ufe20a\ufe21zyk", "язык"),
            ("ėkonomika", "экономика"),
            ("gorod", "город"),
            ("russkai\ufe20a\ufe21", "русская"),
            ("narod", "народ"),
            ("pisʹma", "письма"),
        ),
    ),
    "ara": (
        "(3/r",
        (
            ("tārīkh", "تاريخ"),
            ("al-adab", "الأدب"),
            ("al-ʻArabī", "العربي"),
            ("kitāb", "كتاب"),
            ("dirāsāt", "دراسات"),
            ("al-madīnah", "المدينة"),
            ("ʻilm", "علم"),
            ("al-mujtamaʻ", "المجتمع"),
        ),
    ),
    "heb": (
        "(2/r",
        (
            ("toldot", "תולדות"),
            ("sefer", "ספר"),
            ("Yiśraʼel", "ישראל"),
            ("shirim", "שירים"),
            ("meḥḳarim", "מחקרים"),
            ("ha-ʻir", "העיר"),
            ("lashon", "לשון"),
            ("ʻolam", "עולם"),
        ),
    ),
    "gre": (
        "(S",
        (
            ("historia", "ιστορία"),
            ("tēs Helladas", "της Ελλάδας"),
            ("logos", "λόγος"),
            ("polis", "πόλις"),
            ("thalassa", "θάλασσα"),
            ("poiēmata", "ποιήματα"),
            ("glōssa", "γλώσσα"),
            ("kosmos", "κόσμος"),
        ),
    ),
}

COUNTRIES: dict[str, tuple[str, ...]] = {
    "eng": ("nyu", "enk", "mau", "dcu", "ilu"),
    "ger": ("gw ", "au "),
    "fre": ("fr ", "be "),
    "spa": ("sp ", "mx "),
    "pol": ("pl ",),
    "vie": ("vm ",),
    "tur": ("tu ",),
    "chi": ("cc ", "ch "),
    "jpn": ("ja ",),
    "kor": ("ko ",),
    "rus": ("ru ",),
    "ara": ("ua ", "le "),
    "heb": ("is ",),
    "gre": ("gr ",),
}

PLACES = ("Nowhere", "Exampleton", "Sampleville", "Testburgh", "Placeholder-on-Sea", "Mockford")
PUBLISHERS = (
    "Invented Books", "Example & Sons", "Placeholder University Press", "Sample <Imprint> Ltd.",
    "Éditions Fictives", "Nowhere & Elsewhere", "Testverlag", "Mock Press",
)  # fmt: skip
SURNAMES = (
    "Testperson-Quill", "Exampleson-Vane", "Samplewright", "Mockingham-Test", "Placeholder-Ames",
    "Nobody-Orr", "Fictisdottir", "Inventado-Ruíz", "Beispielmann", "Specimen-Lowe", "Dummyworth",
    "Fabricated-Ng",
)  # fmt: skip
FORENAMES = (
    "Exampla", "Testa", "Sampleton", "Mocka", "Placeholder", "Ficta", "Inventa", "Beispiela",
    "Trialina", "Pseudo",
)  # fmt: skip
SUBJECTS = (
    "Libraries", "Cities and towns", "Water-supply", "Railroads", "Poetry", "Botany", "Labor movement",
    "Cookery, Test", "Mathematics", "Bridges", "Folk music", "Research & development", "Églises",
    "Volcanoes", "Glass painting", "Agriculture", "Printing", "Navigation", "Ethics", "Harbors",
)  # fmt: skip
SUBDIVISIONS = (
    "History",
    "Congresses",
    "Study and teaching",
    "Periodicals",
    "Law and legislation",
    "Maps",
    "Fiction",
)
REGIONS = (
    "Great Britain",
    "Illinois",
    "Québec (Province)",
    "Nowhere (Imaginary place)",
    "Côte d'Azur",
    "Łódź",
)
SENTENCES = (
    "A survey of an invented field & its neighbours, with examples where a < b and b > c.",
    "The second part treats what the first left out; maps and tables follow.",
    "Based on lectures that were never held in Exampleton, 1987-1994.",
    "Chapters: 1. Beginnings -- 2. R&D -- 3. The façade & the naïve observer -- 4. Ends.",
    "Includes an essay on 文學 and another on литература, both translated.",
    "Readers will find an appendix, a list of sources and an index of places.",
    "Éléments d'une théorie générale, revised by the editors for this edition.",
    "With a foreword by an imaginary colleague and notes on the text.",
    "Measurements are given to within <0.1 mm; larger plates are folded.",
    "This volume closes the series, which began with a study of harbours.",
)  # fmt: skip
STREETS = ("Nowhere Lane", "Example Street", "Sample Road", "Placeholder Avenue", "Test Terrace", "Mock Mews")
