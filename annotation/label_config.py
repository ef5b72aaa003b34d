"""A study as Label Studio's label config. One config serves every page, so each person needs one project only.

The pages of a project differ in their data: the list of a page's name (`intro`, `before`, `item`, `after`) has one
entry, the other lists none, and a Repeater over an empty list shows nothing and requires nothing. Label Studio numbers
what a Repeater shows, so the question `agree` is answered under `agree_0`.

Texts of the data are shown by Header and Text, which show markup as text.
"""

from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from annotation.vocabulary import CONSENT, INTRO, Demographic, Place, Question, Study

FORMS: Final = (INTRO, *Place)
"""Names of all forms, as the data of a task has them."""
HOTKEYS: Final = "1234567890"
"""Of the answers on a page; further answers have none."""
REQUIRED: Final = "Please answer every question of the page."
INDEX: Final = "{{i}}"
_WRITING_ROWS: Final = "3"

# The panels of regions and relations have no use here, nor has the button that adds a text: Submit takes it. Where a
# version of Label Studio names them otherwise, they stay. A child selector (">") would not survive the XML.
_STYLE: Final = """
.lsf-sidepanels__wrapper { display: none; }
.lsf-sidepanels { padding: 0 !important; }
.lsf-sidepanels__content { width: 100% !important; }
.vp { max-width: 44rem; margin: 0 auto; padding: 0.5rem 1rem; font-size: 1rem; line-height: 1.5; }
.vp-progress h4 { color: #6b6b76; font-size: 0.875rem; font-weight: 400; }
.vp .lsf-richtext { margin: 0.25rem 0 0.75rem; }
.vp-situation .lsf-richtext__container { font-size: 1.125rem; font-weight: 600; line-height: 1.35; }
.vp-claim { padding: 0.5rem 1rem; border-left: 4px solid #5b6abf; background: #f3f4fb; border-radius: 4px; }
.vp-plain h4 { font-size: 1rem; font-weight: 400; line-height: 1.5; }
.vp-question { margin-top: 0.75rem; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.5rem; }
.vp-question .lsf-text-area { flex: 1 1 100%; }
.vp [data-testid="textarea-submit-section"] { display: none !important; }
.vp h4 { margin: 0.25rem 0 !important; }
.vp-question h4, .vp-cell h4 { font-size: 1rem; line-height: 1.35; }
.vp .lsf-choices { margin: 0; }
.vp-about { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 0.5rem 1.5rem; }
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
    SubElement(page, "Header", value=study.title, size="3")
    SubElement(page, "Text", name=f"{INTRO}_{INDEX}", value=f"${INTRO}[{INDEX}].text")
    consent = _choices(page, CONSENT, INTRO, required=True)
    SubElement(consent, "Choice", value=study.agree, hotkey=HOTKEYS[0])
    grid = SubElement(page, "View", className="vp-about")
    for demographic in study.demographics:
        _about(grid, demographic)


def _about(grid: Element, demographic: Demographic) -> None:
    cell = SubElement(grid, "View", className="vp-cell")
    SubElement(cell, "Header", value=demographic.ask, size="5")
    choices = _choices(cell, demographic.id, INTRO, required=True, layout="select")
    for answer in demographic.choices:
        SubElement(choices, "Choice", value=answer)


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
        SubElement(block, "Header", value=question.ask, size="5")
        if question.answers:
            choices = _choices(block, question.id, place, required=question.required)
            for answer in question.answers:
                key = next(hotkeys, None)
                SubElement(choices, "Choice", {"value": answer} | ({"hotkey": key} if key else {}))
        else:
            _writing(block, question, place)


def _choices(parent: Element, id_: str, page: str, *, required: bool, layout: str = "inline") -> Element:
    choices = SubElement(parent, "Choices", name=f"{id_}_{INDEX}", toName=f"{page}_{INDEX}", choice="single-radio")
    choices.set("layout", layout)
    if required:
        choices.set("required", "true")
        choices.set("requiredMessage", REQUIRED)
    return choices


def _writing(parent: Element, question: Question, page: str) -> None:
    area = SubElement(parent, "TextArea", name=f"{question.id}_{INDEX}", toName=f"{page}_{INDEX}")
    area.set("rows", _WRITING_ROWS)
    area.set("maxSubmissions", "1")
    area.set("editable", "true")
    if question.required:
        area.set("required", "true")
        area.set("requiredMessage", REQUIRED)
