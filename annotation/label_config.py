"""A study as Label Studio's label config. One config serves every page, so each person needs one project only.

The pages of a project differ in their data: the list of a page's name (`intro`, `before`, `item`, `after`) has one
entry, the other lists none, and a Repeater over an empty list shows nothing and requires nothing. Label Studio numbers
what a Repeater shows, so the question `agree` is answered under `agree_0`.

Texts of the data are shown by Header and Text, which show markup as text, and a dollar sign as that. A text that stands
in the config itself would be taken for a reference to the data where a dollar sign is in it: `_literal` keeps it whole.
"""

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from annotation.vocabulary import CONSENT, INTRO, Demographic, Place, Question, Study

FORMS: Final = (INTRO, *Place)
"""Names of all forms, as the data of a task has them."""
HOTKEYS: Final = "1234567890"
"""Of the answers on a page; further answers have none."""
REQUIRED: Final = "Please answer every question of the page. Open: {}"
INDEX: Final = "{{i}}"
_WRITING_ROWS: Final = "3"
_REFERENCE: Final = re.compile(r"\$(?=[\w\[\].{}])")
"""Where Label Studio takes what follows for the name of a value in the data: "$25,000" would read "undefined,000"."""
_WORD_JOINER: Final = "\N{WORD JOINER}"  # has no width, and is no part of a name

# What has no use here is not shown: the panels of regions and relations, the server's menu, putting a page off, and the
# button that adds a text, for Submit takes it. Where a version of Label Studio names them otherwise, they stay. Tints
# let what is behind them through, for the server has a dark theme. A child selector (">") would not survive the XML.
_STYLE: Final = """
.lsf-menu-header, .lsf-sidepanels__wrapper, .lsf-history-buttons, .lsf-action-buttons { display: none !important; }
[aria-label="Postpone task"], [data-testid$="-dropdown"] { display: none !important; }
body { --header-height: 0px !important; }
.lsf-editor { margin: 0 !important; width: 100% !important; min-width: 0 !important; }
.lsf-current-task__task-id { display: none; }
[class*="toast-viewport"] { bottom: 4rem !important; }
.lsf-sidepanels { padding: 0 !important; }
.lsf-sidepanels__content { width: 100% !important; }
.vp { max-width: 44rem; margin: 0 auto; padding: 0.5rem 1rem; font-size: 1rem; line-height: 1.5; }
.vp h2, .vp h3, .vp h4 { margin: 0.25rem 0 !important; overflow-wrap: anywhere; }
.vp-progress h4 { opacity: 0.7; font-size: 0.875rem; font-weight: 400; }
.vp .lsf-richtext { margin: 0.25rem 0 0.75rem; }
.vp .lsf-richtext__line { padding: 0 !important; }
.vp .lsf-richtext__container { line-height: 1.5; overflow-wrap: anywhere; }
.vp-situation .lsf-richtext__container { font-size: 1.125rem; font-weight: 600; line-height: 1.35; }
.vp-claim { padding: 0.5rem 1rem; border-left: 4px solid #5b6abf; background: rgba(91, 106, 191, 0.1); }
.vp-claim .lsf-richtext { margin: 0; }
.vp-plain h4 { font-size: 1rem; font-weight: 400; line-height: 1.5; }
.vp-question { margin-top: 0.75rem; display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.5rem; }
.vp-question .lsf-text-area { flex: 1 1 100%; }
.vp [data-testid="textarea-submit-section"] { display: none !important; }
.vp-question h4, .vp-cell h4 { font-size: 1rem; line-height: 1.35; }
.vp .lsf-choices { margin: 0; }
.vp .lsf-choices_layout_inline { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.vp .lsf-choice { margin: 0; }
.vp .lsf-choice__checkbox { margin: 0; padding: 0.375rem 0.75rem; border: 1px solid rgba(91, 106, 191, 0.4); }
.vp .lsf-choice__checkbox { border-radius: 6px; font-size: 1rem; font-weight: 400; }
.vp .ant-radio-wrapper-checked { border-color: #5b6abf; background: rgba(91, 106, 191, 0.15); }
.vp .lsf-hint { margin-left: 0.25rem; opacity: 0.6; }
.vp-about { margin-top: 0.75rem; display: grid; gap: 0.5rem 1.5rem; }
.vp-about { grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
@media (max-width: 40rem) {
  .vp { padding: 0; }
  .vp-question .lsf-choices { flex: 1 1 100%; }
}
"""


def label_config(study: Study) -> str:
    """Return the XML of the study's form."""
    root = Element("View", className="vp")
    SubElement(root, "Style").text = _STYLE
    SubElement(SubElement(root, "View", className="vp-progress"), "Header", value="$progress", size="5")
    _intro(_page(root, INTRO), study)
    for place in Place:
        page = _page(root, place)
        _situation(page, place)
        _ask(page, place, study.at(place))
    indent(root)
    return tostring(root, encoding="unicode")


def _page(root: Element, name: str) -> Element:
    repeater = SubElement(root, "Repeater", on=f"${name}", indexFlag=INDEX)
    return SubElement(repeater, "View", className=f"vp-{name}")


def _intro(page: Element, study: Study) -> None:
    SubElement(page, "Header", value=_literal(study.title), size="3")
    SubElement(page, "Text", name=f"{INTRO}_{INDEX}", value=f"${INTRO}[{INDEX}].text")
    consent = _choices(page, CONSENT, INTRO, study.agree)
    _choice(consent, study.agree, HOTKEYS[0])
    grid = SubElement(page, "View", className="vp-about")
    for demographic in study.demographics:
        _about(grid, demographic)


def _about(grid: Element, demographic: Demographic) -> None:
    cell = SubElement(grid, "View", className="vp-cell")
    SubElement(cell, "Header", value=_literal(demographic.ask), size="5")
    choices = _choices(cell, demographic.id, INTRO, demographic.ask, layout="select")
    for answer in demographic.choices:
        _choice(choices, answer, None)


def _situation(page: Element, place: Place) -> None:
    shown = f"${place}[{INDEX}]"
    heading = SubElement(page, "View", className="vp-situation")
    SubElement(heading, "Text", name=f"{place}_{INDEX}", value=f"{shown}.situation")
    if place is Place.ITEM:
        claim = SubElement(page, "View", className="vp-claim")
        SubElement(claim, "Header", value=f"{shown}.claim", size="4")
        plain = SubElement(claim, "View", className="vp-plain")
        SubElement(plain, "Header", value=f"{shown}.leaning", size="5")
        SubElement(plain, "Header", value=f"{shown}.explanation", size="5")
    if place is Place.AFTER:
        listed = SubElement(page, "View", className="vp-claim")
        SubElement(listed, "Text", name=f"listed_{INDEX}", value=f"{shown}.listed")


def _ask(page: Element, place: Place, questions: tuple[Question, ...]) -> None:
    hotkeys = iter(HOTKEYS)
    for question in questions:
        block = SubElement(page, "View", className="vp-question")
        if question.asked_if is not None:
            block.set("visibleWhen", "choice-selected")
            block.set("whenTagName", f"{question.asked_if.question}_{INDEX}")
            block.set("whenChoiceValue", question.asked_if.answer)
        SubElement(block, "Header", value=_literal(question.ask), size="5")
        if question.answers:
            choices = _choices(block, question.id, place, question.ask if question.required else None)
            for answer in question.answers:
                _choice(choices, answer, next(hotkeys, None))
        else:
            _writing(block, question, place)


def _choices(parent: Element, id_: str, page: str, required: str | None, *, layout: str = "inline") -> Element:
    choices = SubElement(parent, "Choices", name=f"{id_}_{INDEX}", toName=f"{page}_{INDEX}", choice="single-radio")
    choices.set("layout", layout)
    _require(choices, required)
    return choices


def _require(control: Element, question: str | None) -> None:
    """Have the page say which question is open; one that is not shown is not asked for."""
    if question is not None:
        control.set("required", "true")
        control.set("requiredMessage", REQUIRED.format(_literal(question)))


def _choice(choices: Element, answer: str, hotkey: str | None) -> None:
    choice = SubElement(choices, "Choice", value=_literal(answer))
    if choice.get("value") != answer:
        choice.set("alias", answer)  # what is stored
    if hotkey is not None:
        choice.set("hotkey", hotkey)


def _literal(text: str) -> str:
    return _REFERENCE.sub(f"${_WORD_JOINER}", text)


def _writing(parent: Element, question: Question, page: str) -> None:
    area = SubElement(parent, "TextArea", name=f"{question.id}_{INDEX}", toName=f"{page}_{INDEX}")
    area.set("rows", _WRITING_ROWS)
    area.set("maxSubmissions", "1")
    area.set("editable", "true")
    _require(area, question.ask if question.required else None)
