"""Ten problems of real images with 18 to 24 qubits, for benchmarks that need exact answers.

    python -m benchmarks.common.real_problems FOLDER      write them as .npz files

They are digits as the embedded network ``digits-32`` sees them before its last ReLU (layer
``conv``, where the importance of a map depends on the image). PyTorch is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import qxgap as qx

REAL_IMAGES = {
    "d18_digit7": 46,
    "d18_digit6": 104,
    "d19_digit9": 10,
    "d20_digit4": 24,
    "d20_digit2": 78,
    "d21_digit3": 41,
    "d22_digit5": 25,
    "d22_digit0": 3,
    "d23_digit0": 88,
    "d24_digit2": 14,
}
"""Number of the image among the embedded digits, by the number of qubits and the digit."""


def real_problems() -> dict[str, qx.QuboProblem]:
    """Return the ten problems by name; the tradeoff is the paper's."""
    from qxgap import xai

    network = xai.load_network("digits-32")
    images, labels = xai.digits_images()
    problems = {}
    for name, number in REAL_IMAGES.items():
        cap = xai.capture(network, images[number : number + 1], network.NONLINEAR_HOOK)
        problems[name] = xai.feature_selection(
            cap.maps[0],
            xai.selectable_maps(cap.maps[0], cap.gradients[0]),
            tradeoff=qx.problem.PAPER_TRADEOFF,
            label=int(labels[number]),
            pred=int(cap.predicted[0]),
        )
    return problems


def main() -> None:
    """Write a file for each problem."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, problem in real_problems().items():
        print(qx.save(problem, folder / f"{name}.npz"), problem.num_qubits)


if __name__ == "__main__":
    main()
