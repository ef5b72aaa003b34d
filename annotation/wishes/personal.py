"""What tells who somebody is, in what people write: nothing of it goes to a teacher."""

import re
from typing import Final

from valueprism_build.situations.personal_data import personal_data_in

NAME: Final = "[name]"
"""What stands for a name that was taken out."""

# Ids of recruiting platforms are runs of 24 hexadecimal digits; a card or an account is as long a run of digits.
_ID_NUMBER: Final = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b", re.IGNORECASE)
# A domain with any ending, where something of an address stands before or behind it, and "user at host dot com".
_SPELLED_ADDRESS: Final = re.compile(
    r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}/\S|\b[\w.+-]+ ?(?:\(at\)|\[at\]) ?[\w-]+|\b[\w.+-]+ at [\w-]+ dot [a-z]{2,6}\b",
    re.IGNORECASE,
)
_STREET: Final = re.compile(
    r"\b\d{1,5} (?:[A-Z][\w'-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way)\b"
)
_ACCOUNT: Final = re.compile(
    r"\b(?:add|follow|find|message|dm|text|call|mail|e-?mail|write) (?:to )?me (?:on|at|under)\b"
    r"|\bmy (?:insta(?:gram)?|snap(?:chat)?|facebook|fb|discord|tiktok|telegram|twitter|skype|e-?mail|phone|handle)"
    r"(?: (?:is|name|number)\b|:)",
    re.IGNORECASE,
)
_WORD: Final = r"[A-Z\u00c0-\u00de][\w'\u2019-]*"
_WHOSE: Final = r"(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir|[Mm]i|[Ss]u|\w+['\u2019]s)"
_TITLE: Final = r"(?:Mrs?|Ms|Dr|Prof)\b\.?"
_RELATIONS: Final = (
    "wife|husband|spouse|partner|fianc[e\u00e9]e?|son|daughter|brother|sister|mother|father|mom|mum|mama|dad|papa|aunt|uncle"
    "|cousin|friend|boss|manager|teacher|doctor|nurse|neighbou?r|colleague|co-?worker|landlord|landlady|tenant|roommate"
    "|girlfriend|boyfriend|child|kid|baby|nephew|niece|grand(?:ma|pa|mother|father|son|daughter)|pastor|priest|dog|cat"
    # As far in Spanish: "mi hermana Rosa".
    "|hermana|hermano|madre|padre|mam\u00e1|pap\u00e1|hija|hijo|esposa|esposo|marido|mujer|novia|novio|t\u00eda|t\u00edo|prima|primo"
    "|abuela|abuelo|amiga|amigo|vecina|vecino"
)
# "My best friend Jo", "his late wife Ann", "my sister's husband Bob".
_NAMED: Final = re.compile(
    rf"(?P<lead>\b(?:{_WHOSE} (?:first |last |full )?name(?:[\u2019']s| is| was)"
    rf"|[Cc]all me|[Nn]amed|[Ss]igned,?|[Rr]egards,?|[Ii]['\u2019]m called|[Mm]e llamo|[Mm]i nombre es"
    rf"|{_WHOSE} (?:[a-z-]+ ){{0,2}}(?:{_RELATIONS})(?:-in-law)?,?"
    rf"|{_TITLE}) )"
    rf"(?P<name>(?:{_TITLE} )?{_WORD}(?:\.? {_WORD})*)"
)


def contact_data_in(text: str) -> str | None:
    """Return which kind of address, number or id the text holds, or None. The data itself is not repeated."""
    if _ID_NUMBER.search(text):
        return "holds an id number"
    if _STREET.search(text):
        return "holds a street address"
    if _ACCOUNT.search(text):
        return "says where to reach somebody"
    return "holds a spelled-out address" if _SPELLED_ADDRESS.search(text) else personal_data_in(text)


def without_names(text: str) -> str:
    """Return the text with `NAME` for each name that is told by the words before it ("my name is", "my sister", "Dr.").

    A name that stands by itself cannot be told from any other word with a capital, and stays.
    """
    return _NAMED.sub(rf"\g<lead>{NAME}", text)
