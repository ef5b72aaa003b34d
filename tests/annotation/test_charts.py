import altair as alt
import pytest

from annotation.charts import png, svg


def chart() -> alt.Chart:
    rows = alt.Data(values=[{"group": "a <b>", "share": 3}])
    bars: alt.Chart = alt.Chart(rows).mark_bar().encode(x="share:Q", y="group:N")
    return bars


def test_a_drawing_says_what_it_shows_to_those_who_do_not_see_it() -> None:
    drawn = svg(chart(), "a <b> & 'c'")

    assert drawn.startswith("<svg")
    assert "<title>a &lt;b&gt; &amp; &#x27;c&#x27;</title>" in drawn
    assert 'role="img" aria-label="a &lt;b&gt; &amp; &#x27;c&#x27;"' in drawn


def test_a_png_has_two_dots_for_each_pixel_of_the_drawing() -> None:
    drawn = svg(chart().properties(width=100, height=50, padding=0), "bars")
    width = int(drawn.partition('width="')[2].partition('"')[0])

    image = png(drawn)

    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 2 * width  # the header's first number


def test_a_chart_whose_data_are_elsewhere_is_refused_not_fetched() -> None:
    with pytest.raises(ValueError, match="example"):
        svg(alt.Chart("https://example.invalid/rows.csv").mark_point().encode(x="x:Q"), "points")
