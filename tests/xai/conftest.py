"""The embedded network, its images, and what is captured of it."""

import pytest


@pytest.fixture(scope="module")
def network():
    from qxgap import xai

    return xai.load_network("digits")


@pytest.fixture(scope="module")
def digits():
    from qxgap import xai

    return xai.digits_images()


@pytest.fixture(scope="module")
def captured(network, digits):
    from qxgap import xai

    return xai.capture(network, digits[0][:60], xai.DigitsNet.HOOK)
