import pyarrow as pa

from valueprism_build.tasks import texts


def rows(situation: str = "Do a pushup", text: str = "Health", explanation: str = "It is healthy.") -> pa.Table:
    return pa.table({"situation": [situation], "vrd": ["Value"], "text": [text], "explanation": [explanation]})


def test_the_texts_are_those_of_the_published_model_card() -> None:
    pushup = rows()
    assert texts.generate_inputs(pushup).to_pylist() == ["[Generate]:\tSituation: Do a pushup"]
    assert texts.consideration_texts(pushup).to_pylist() == ["Value: Health"]
    for question in ("Relevance", "Valence", "Explanation"):
        expected = f"[{question}]:\tSituation: Do a pushup\tValue: Health"
        assert texts.question_inputs(question, pushup).to_pylist() == [expected]
    assert texts.explanation_outputs(pushup).to_pylist() == ["It is healthy."]


def test_white_space_within_a_text_becomes_one_space_so_tabs_separate_fields_only() -> None:
    torn = rows("Do\ta\r\n pushup ", "Good\u2028health\x0b", " It is\n\nhealthy. ")
    assert texts.question_inputs("Valence", torn).to_pylist() == [
        "[Valence]:\tSituation: Do a pushup\tValue: Good health"
    ]
    assert texts.explanation_outputs(torn).to_pylist() == ["It is healthy."]


def test_no_rows_make_no_texts() -> None:
    assert texts.question_inputs("Valence", rows().slice(1)).to_pylist() == []
