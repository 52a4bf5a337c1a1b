"""The page of the photographs' gaps is the one of the recorded rows."""

from benchmarks.gap.photographs import GROUPS, OUTPUT, markdown, recorded


def test_the_page_holds_the_recorded_rows():
    rows = recorded()
    assert len(rows) == 12 * len(GROUPS)
    assert not rows.duplicated(["group", "instance", "convention"]).any()
    text = markdown(rows, "")
    begin = text.index("## Medians")
    assert text[begin:] in (OUTPUT / "photographs.md").read_text(encoding="utf-8")


def test_every_large_estimate_is_narrow_and_no_proven_bound_contradicts_it():
    rows = recorded()
    large = rows[rows.num_qubits >= 100]
    assert len(large) == 24
    assert (large.gap_standard_error <= 0.03 * large.gap).all()
    assert ((large.gap_interval.str[1] - large.gap_interval.str[0]) <= 0.03 * large.gap).all()
    assert (rows.gap <= rows.gap_upper.fillna(rows.gap)).all()
    whole = rows[rows.s_star >= rows.proven_from]
    assert (whole.proven_lower <= whole.gap).all()
