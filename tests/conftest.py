"""Tests share the cores between processes: one thread each, but where threads are tested."""

import numba
import pytest
import systems

from qxgap import cli

THREADED = {"test_dynamics", "test_kernels", "test_layers", "test_many", "test_rotation"}


@pytest.fixture(autouse=True)
def threads(request):
    """One thread for numba's parallel loops, all of them in the modules THREADED."""
    before = numba.get_num_threads()
    if request.module.__name__ not in THREADED:
        numba.set_num_threads(1)
    yield
    numba.set_num_threads(before)


@pytest.fixture(autouse=True)
def no_width(monkeypatch):
    """No width of a terminal, which pytest-xdist sets in its workers."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run ``qxgap`` with arguments; return (exit status, stdout, stderr)."""

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["qxgap", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return stop.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """A folder of inputs, right and wrong; whoever uses it leaves it as it is."""
    from mistakes import make_inputs

    return make_inputs(tmp_path_factory.mktemp("inputs"))


@pytest.fixture(scope="session")
def one_qubit():
    return systems.OneQubit()


@pytest.fixture(scope="session")
def grover():
    return systems.Grover()


@pytest.fixture(scope="session")
def p_spin():
    return systems.PSpin()


@pytest.fixture(scope="session")
def ising_ring():
    return systems.IsingRing()


@pytest.fixture(scope="session")
def anti_crossing():
    return systems.AntiCrossing()
