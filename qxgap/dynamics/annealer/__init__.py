"""What the limits of an annealer cost a schedule in success probability."""

from .sent_waveform import WaveformLoss as WaveformLoss
from .sent_waveform import waveform_loss as waveform_loss
