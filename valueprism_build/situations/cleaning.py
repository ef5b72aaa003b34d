"""Text as typed to text as meant: encoding accidents and invisible characters go, wording stays."""

import unicodedata

import ftfy


def clean(text: str) -> str:
    """Return the text with mojibake mended, in NFC, without invisible characters, with single plain spaces.

    Curly quotes stay (they are good typography), and so do case, punctuation and typos: what a person wrote is
    data. Control characters become spaces; format characters (zero-width, soft hyphen, byte order mark) go, and
    with them the joiners inside some emoji.
    """
    # The cap on ftfy's own segments is lifted: it would leave the tail of a long text as it was.
    mended = ftfy.fix_text(text, uncurl_quotes=False, unescape_html=True, max_decode_length=len(text) + 1)
    visible = "".join(_visible(character) for character in mended)
    return " ".join(visible.split())


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category == "Cc" else character
