from rich.text import Text

from flows.tables import table


def test_what_is_unknown_is_a_dash_and_moves_no_number_to_the_left() -> None:
    made = table("people", ("who", "right"), [("a", 0.5), ("b", None)])
    assert [list(column.cells) for column in made.columns] == [[Text("a"), Text("b")], [Text("0.5"), Text("-")]]
    assert [column.justify for column in made.columns] == ["left", "right"]
