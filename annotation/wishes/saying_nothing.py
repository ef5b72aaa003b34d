"""Answers that say that nothing is missing, or say nothing at all; and what an answer says without its flourishes."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from valueprism_build.ids import fold

WORDS_FILE: Final = "small_words.toml"

# Of folded texts: "no i think nothing is missing here", "the list already covers everything".
_NOTHING: Final = re.compile(
    r"""
    (?:(?:no|nope|yes|ok)[ ])?
    (?:i[ ](?:(?:do[ ]not|dont)[ ])?(?:think|feel|believe|guess|find|see|know)(?:[ ]that)?[ ])?
    (?:
        (?:(?:there[ ](?:is|are|was)|theres)[ ])?
        (?:
            nothing|none|not[ ]anything|anything
          | no[ ](?:values?|rights?|dut(?:y|ies))(?:[ ](?:or[ ])?(?:rights?|dut(?:y|ies)))*
        )
        (?:[ ](?:else|more|really|further|important))?
        (?:[ ](?:is|are|was|seems(?:[ ]to[ ]be)?))?
        (?:[ ](?:missing|to[ ]add|lacking|left[ ]out|(?:that[ ])?i[ ]can[ ]think[ ]of|(?:that[ ])?comes?[ ]to[ ]mind))?
    |
        (?:(?:the|this|your)[ ]list|it|that)(?:[ ]already)?[ ](?:is|looks|seems|covers?|has|includes?)
        (?:[ ](?:very|quite|pretty|already))?[ ](?:complete|fine|good|ok|okay|everything|it[ ]all|all|covered|enough)
    )
    (?:[ ](?:
        here|really|well|already|at[ ]all|for[ ]me|to[ ]me|in[ ]my[ ]opinion|in[ ]this[ ]situation|from[ ]the[ ]list
      | right[ ]now|i[ ](?:think|guess|suppose|believe)|sorry|lol|thanks|thank[ ]you
    ))*
    |
    (?:sorry[ ])?(?:i[ ])?(?:really[ ])?(?:do[ ]not|dont|cannot|cant|can[ ]not|have[ ]no)[ ]
    (?:know|idea|say|tell|(?:think[ ]of|see)[ ]any(?:thing)?)
    (?:[ ](?:else|more|that[ ]is|missing|to[ ]add|right[ ]now|here|sorry))*
    """,
    re.VERBOSE,
)
_LEADS: Final = re.compile(
    r"""
    (?:
        (?:well|also|and|but|maybe|perhaps|or|so|because|hmm+|ok|yes|no)\b
      | i[ ](?:would[ ])?(?:think|feel|believe|say|guess|suppose|miss)\b(?:[ ]that)?
      | (?:in[ ]my[ ]opinion|imo|what[ ]i[ ]miss[ ]is)\b
      | why[ ](?:is|does)[ ](?:nobody|no[ ]one)[ ](?:say(?:ing)?|mention(?:ing)?)\b(?:[ ]that)?
      | you[ ](?:forgot|missed|left[ ]out)\b | (?:what|how)[ ]about\b | it[ ](?:lacks|ignores)\b
      | (?:the|this)[ ]list[ ](?:lacks|misses|forgets)\b
      | nobody[ ](?:thinks|mentions|considers|talks)\b(?:[ ](?:of|about))?
      | (?:there[ ]is[ ]|theres[ ]|there's[ ])?nothing[ ]about\b | no[ ]mention[ ]of\b | missing(?:[ ](?:is|are))?\b:?
      | the[ ](?=\w)
    )[, ]*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TAILS: Final = re.compile(
    r"""
    (?:
        ,?[ ](?:is|are|was|were)[ ](?:(?:also|completely|totally)[ ])?(?:
            missing|lacking|not[ ](?:mentioned|listed|considered|there|on[ ]the[ ]list)|left[ ]out|ignored|forgotten
          | important(?:[ ](?:too|as[ ]well))?
        )
      | [ ](?:isn|aren)['\u2019]?t[ ](?:mentioned|listed|considered|there)
      | [ ]should[ ](?:also[ ])?(?:matter|count|be[ ](?:considered|listed|mentioned|included))
      | [ ](?:matters?|too|as[ ]well|here)
    )[.!]*$
    """,
    re.VERBOSE | re.IGNORECASE,
)


def says_nothing(text: str) -> bool:
    """Return whether the text says no more than that nothing is missing, or that the person does not know."""
    folded = fold(text)
    return folded in _nothing_words() or bool(_NOTHING.fullmatch(folded))


def only_small_words(text: str) -> bool:
    """Return whether every word of the text is one that says nothing by itself."""
    return _small_words().issuperset(fold(text).split())


def gist(text: str) -> str:
    """Return the text without how people begin and end ("I think that ... is missing"): for comparing, never shown."""
    rest = text.strip()
    while (lead := _LEADS.match(rest)) and fold(rest[lead.end() :]):
        rest = rest[lead.end() :]
    while (shorter := _TAILS.sub("", rest)) != rest and fold(shorter):
        rest = shorter
    return rest.strip(" .,:;!") or text


@cache
def _table() -> dict[str, str | list[str]]:
    return tomllib.loads(files("annotation.wishes").joinpath(WORDS_FILE).read_text(encoding="utf-8"))


@cache
def _nothing_words() -> frozenset[str]:
    return frozenset(_table()["nothing"])


@cache
def _small_words() -> frozenset[str]:
    return frozenset(str(_table()["small"]).split())
