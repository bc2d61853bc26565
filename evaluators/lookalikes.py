"""Characters that stand for plain ones: the minus signs, digits and quotes that typesetting and other scripts use."""

HYPHENS = "\N{MINUS SIGN}\N{SMALL HYPHEN-MINUS}\N{FULLWIDTH HYPHEN-MINUS}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
SLASHES = "\N{FRACTION SLASH}\N{DIVISION SLASH}"
DASHES = "\N{EN DASH}\N{EM DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
THIN_SPACES = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"

QUOTES = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}" + APOSTROPHE
GUILLEMETS = "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
WIDE_STOPS = (
    "\N{IDEOGRAPHIC FULL STOP}\N{IDEOGRAPHIC COMMA}\N{FULLWIDTH COMMA}\N{FULLWIDTH FULL STOP}"
    "\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}"
)
PUNCTUATION = QUOTES + GUILLEMETS + WIDE_STOPS + "\N{DOUBLE LOW-9 QUOTATION MARK}\N{HORIZONTAL ELLIPSIS}"

ZEROS = "\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u0f20\u1040\u17e0\uff10"
"""The digit nought in Arabic, Persian, the scripts of India, Thai, Lao, Tibetan, Burmese, Khmer and in full width; the
others follow it."""

PLAIN = str.maketrans(
    dict.fromkeys(HYPHENS, "-")
    | dict.fromkeys(SLASHES, "/")
    | {"\N{FULLWIDTH COMMA}": ",", "\N{FULLWIDTH FULL STOP}": "."}
    | {"\N{FULLWIDTH PERCENT SIGN}": "%", "\N{FULLWIDTH EQUALS SIGN}": "=", "\N{FULLWIDTH DOLLAR SIGN}": "$"}
    | {"\N{ARABIC DECIMAL SEPARATOR}": ".", "\N{ARABIC THOUSANDS SEPARATOR}": ","}
    | {chr(ord(zero) + digit): str(digit) for zero in ZEROS for digit in range(10)}
    | {"½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4", "⅕": " 1/5", "⅛": " 1/8"}
)
"""What to read for each character that means the same in a number."""
