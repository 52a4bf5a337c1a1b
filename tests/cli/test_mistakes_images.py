"""Mistakes with networks and images: one line, status 2, nothing written."""

import shutil

import pytest
from mistakes import check, contents

pytest.importorskip("torch")

LAYER = "--layer act --channels 3 --size 8"
NET = f"--model mynet:load {LAYER}"
QUBO = f"qubo --images rgb.png -o OUT {LAYER} --model"
DIGITS = "qubo --model digits --images digits -o OUT"

MISTAKES = {
    "M01": (f"{QUBO} resnet50", "network 'resnet50' is unknown; use 'digits', "),
    "M02": (f"{QUBO} nosuch:load", "network 'nosuch:load': importing nosuch fails"),
    "M03": (f"{QUBO} mynet:lod", "network 'mynet:lod': mynet has no 'lod'"),
    "M04": (f"{QUBO} mynet:notcallable", "mynet cannot call its 'notcallable'"),
    "M05": (f"{QUBO} mynet:returns_int", "returns_int() returns int; return an nn.Module"),
    "M06": (f"{QUBO} mynet:raises", "raises() fails: RuntimeError: my weights are missing"),
    "M07": (
        "qubo --images rgb.png -o OUT --model mynet:load --layer nine --channels 3 --size 8",
        "no layer 'nine'; there are ",
    ),
    "M08": (
        "qubo --images rgb.png -o OUT --model mynet:load --layer fc --channels 3 --size 8",
        "layer 'fc' returns (1, 5) for 1 images; choose one that returns maps",
    ),
    "M09": (
        "qubo --images rgb.png -o OUT --model mynet:flat --layer fc --channels 3 --size 8",
        "layer 'fc' returns (1, 5) for 1 images; choose one that returns maps",
    ),
    "M10": (f"{QUBO} mynet:cut", "the logits do not depend on layer 'act'; choose another"),
    "M11": (f"{QUBO} mynet:named", "the network returns dict; it must return logits"),
    "M12": (
        "qubo --images grey.png -o OUT --model mynet:load --layer act --channels 1 --size 8",
        "the network fails on images of shape (1, 8, 8)",
    ),
    "M13": (
        "qubo --images rgb.png -o OUT --model mynet:flat --layer fc --channels 3 --size 1",
        "the network fails on images of shape (3, 1, 1)",
    ),
    "M14": (
        "qubo --images rgb.png -o OUT --model mynet:load --layer act --channels 3 --size 0",
        "size",
    ),
    "M15": (f"{QUBO} mynet:needsarg", "needsarg() fails: TypeError"),
    "I01": (f"qubo --images text.png -o OUT {NET}", "text.png: not a readable image"),
    "I02": (f"qubo --images empty.png -o OUT {NET}", "empty.png: not a readable image"),
    "I07": (f"qubo --images i16.png -o OUT {NET}", "i16.png: I;16 pixels; convert it to 8 bits"),
    "I09": (f"qubo --images emptydir -o OUT {NET}", "emptydir: no .png or .jpg files"),
    "I11": (f"qubo --images nosuch -o OUT {NET}", "nosuch: no such images; give 'digits'"),
    "I12": (f"qubo --images imgs_badkey.npz -o OUT {NET}", "imgs_badkey.npz: no array images"),
    "I13": (
        f"qubo --images imgs_shape.npz -o OUT {NET}",
        "imgs_shape.npz: images have shape (8, 8",
    ),
    "I14": (f"qubo --images imgs_nan.npz -o OUT {NET}", "image 0 holds values that are not finite"),
    "I17": (f"qubo --images imgs_huge.npz -o OUT {NET}", "image 0 holds values that are not fin"),
    "M18": (
        "qubo --images rgb.png -o OUT --model mynet:load --layer act --channels 3 --size 99999",
        "Invalid value for '--size'",
    ),
    "I16": (f"qubo --images t_ok.toml -o OUT {NET}", "t_ok.toml: no such images; give 'digits'"),
    "Q01": (f"{DIGITS} --tradeoff 2", "tradeoff = 2.0 is not one number in [0, 1]"),
    "Q02": (f"{DIGITS} --tradeoff nan", "tradeoff = nan is not one number in [0, 1]"),
    "Q03": (f"{DIGITS} --select -1", "size = -1; give a whole number of variables, at least 0"),
    "Q05": (f"{DIGITS} --select 3 --size-weight -1", "size weight = -1.0; give a positive number"),
    "Q06": (f"{DIGITS} --tradeoff-at 0", "scaled tradeoff 0.7 at 0 maps; give a tradeoff above 0"),
    "Q07": ("qubo --model digits --images digits -o /proc/x", "/proc/x: cannot be made a folder"),
    "Q08": ("qubo --model digits --images digits -o afile", "afile: cannot be made a folder"),
    "Q09": (f"{DIGITS} --reward-rule mean", "'mean' is not one of 'max', 'min-max'"),
    "E1": (f"explain text.png -o OUT {NET}", "text.png: not a readable image"),
    "E2": (f"explain rgb.png -o OUT {NET} --limit 0", "--limit 0; give at least 1"),
    "E3": (f"explain rgb.png -o OUT {NET} --steps -1", "--steps -1; give 0, for no curves, or mo"),
    "E4": (f"explain rgb.png -o OUT {NET} --fill nan", "finite"),
    "E5": (f"explain rgb.png {NET}", "Missing option '--out' / '-o'"),
    "E6": (
        "explain rgb.png -o OUT --model mynet:load --layer fc --channels 3 --size 8",
        "layer 'fc' returns (1, 5) for 1 images; choose one that returns maps",
    ),
    "E9": ("explain rgb.png -o OUT --model resnet", "network 'resnet' is unknown"),
    "E10": (f"explain nosuch -o OUT {NET}", "nosuch: no such images"),
    "E11": (f"explain rgb.png -o afile {NET}", "afile: cannot be made a folder"),
    "E7": (f"explain rgb.png -o /proc/x {NET}", "/proc/x: cannot be made a folder"),
}

NO_MISTAKES = {
    "M16": "qubo --images rgb.png --model mynet:Net --layer act --channels 3 --size 8 -o OUT",
    "M17": "qubo --images rgb.png --model mynet:load --layer pool --channels 3 --size 8 -o OUT",
    "I03": f"qubo --images rgba.png -o OUT {NET}",
    "I04": f"qubo --images grey.png -o OUT {NET}",
    "I05": f"qubo --images palette.png -o OUT {NET}",
    "I06": f"qubo --images bit.png -o OUT {NET}",
    "I08": f"qubo --images dot.png -o OUT {NET}",
    "E8": f"explain rgb.png -o OUT {NET} --steps 1",
}


@pytest.fixture(scope="session")
def images(inputs):
    """The inputs, and images."""
    from mistakes import make_images

    make_images(inputs)
    return inputs


@pytest.fixture(autouse=True)
def path(monkeypatch):
    """Let the commands' search path be theirs."""
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.mark.parametrize(("command", "text"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(run, images, tmp_path, monkeypatch, command, text):
    check(run, images, tmp_path, monkeypatch, command, text)


@pytest.mark.parametrize("command", NO_MISTAKES.values(), ids=NO_MISTAKES)
def test_what_is_no_mistake_works(run, images, tmp_path, monkeypatch, command):
    check(run, images, tmp_path, monkeypatch, command, "alpha", status=0)
    assert list((tmp_path / "out").iterdir())


def test_a_bad_image_in_a_folder_is_named_and_the_others_are_done(
    run, images, tmp_path, monkeypatch
):
    """I10."""
    text = "mixdir/text.png: not a readable image"
    monkeypatch.chdir(images)
    status, out, error = run(*f"qubo --images mixdir -o {tmp_path} {NET}".split())
    assert status == 2
    assert (text in error) or (text in out)


def test_pixels_up_to_255_are_told(run, images, tmp_path, monkeypatch):
    """I15."""
    monkeypatch.chdir(images)
    status, _, error = run(*f"qubo --images imgs_255.npz -o {tmp_path} {NET}".split())
    assert "255" in error
    assert status in (0, 2)


def test_a_size_beyond_all_maps_is_told(run, images, tmp_path, monkeypatch):
    """Q04."""
    monkeypatch.chdir(images)
    status, _, error = run(*f"qubo --images rgb.png -o {tmp_path} {NET} --select 1000".split())
    assert status in (0, 2)
    assert "1000" in error


@pytest.mark.parametrize("link", [False, True], ids=["folder", "link to it"])
def test_explanations_into_the_folder_of_the_images_spare_them(
    run, images, tmp_path, monkeypatch, link
):
    """The picture of a.png is a-explained.png; where that is an image too, nothing is written."""
    monkeypatch.chdir(images)
    folder = tmp_path / "imgs"
    folder.mkdir()
    (folder / "notes.txt").write_text("of the user")
    for name in ("a.png", "b.png"):
        shutil.copy("rgb.png", folder / name)
    out = folder
    if link:
        out = tmp_path / "link"
        out.symlink_to(folder)
    command = f"explain {folder} -o {out} {NET} --steps 0".split()
    before = contents(folder)
    assert run(*command)[0] == 0
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert {"a-explained.png", "b-overlay.png", "metrics.csv"} <= {
        path.name for path in folder.iterdir()
    }
    status, _, error = run(*command)
    assert (status, error.count("\n")) == (2, 1)
    assert "is an input, which must not change; choose another --out" in error
    assert contents(folder) == after


@pytest.mark.parametrize(
    "taken", ["a-explained.png", "a-overlay.png", "metrics.csv", "a.npz", "index.html"]
)
def test_explanations_never_replace_what_lies_among_the_images(
    run, images, tmp_path, monkeypatch, taken
):
    monkeypatch.chdir(images)
    folder = tmp_path / "imgs"
    folder.mkdir()
    for name in ("a.png", taken):
        shutil.copy("rgb.png", folder / name)
    before = contents(folder)
    status, _, error = run(*f"explain {folder} -o {folder} {NET} --steps 0".split())
    assert (status, error) == (
        2,
        f"qxgap: {folder / taken}: is an input, which must not change; choose another --out\n",
    )
    assert contents(folder) == before


def test_explanations_never_replace_what_lies_in_a_linked_class_folder(
    run, images, tmp_path, monkeypatch
):
    monkeypatch.chdir(images)
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "imgs"
    for place in (elsewhere, folder):
        place.mkdir()
    (folder / "0").symlink_to(elsewhere)
    for name in ("a.png", "0_a-explained.png"):
        shutil.copy("rgb.png", elsewhere / name)
    before = contents(elsewhere)
    status, _, error = run(*f"explain {folder} -o {elsewhere} {NET} --steps 0".split())
    assert (status, "0_a-explained.png: is an input" in error) == (2, True)
    assert contents(elsewhere) == before
