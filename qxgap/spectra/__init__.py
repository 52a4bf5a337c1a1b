"""The energy levels along an anneal, and the minimum gap with a certified lower bound.

Call :func:`minimum_gap` for the gap of a problem or Hamiltonian, and :func:`spectrum` for its
levels at chosen points. The other functions say how slow an anneal must be
(:func:`adiabatic_time`, :func:`jansen_ruskai_seiler`, :func:`landau_zener`), which schedule follows
from the gap (:func:`locally_adiabatic`), and which coefficients the gap depends on
(:func:`gap_gradient`).
"""

from .adiabatic import AdiabaticBound as AdiabaticBound
from .adiabatic import adiabatic_time as adiabatic_time
from .adiabatic import jansen_ruskai_seiler as jansen_ruskai_seiler
from .adiabatic import locally_adiabatic as locally_adiabatic
from .adiabatic import paused_at_gap as paused_at_gap
from .certificate import GapCertificate as GapCertificate
from .certificate import gap_certificate as gap_certificate
from .crossing import LandauZener as LandauZener
from .crossing import landau_zener as landau_zener
from .crossing import landau_zener_exponent as landau_zener_exponent
from .estimated import EstimatedGap as EstimatedGap
from .gap import minimum_gap as minimum_gap
from .gradient import gap_gradient as gap_gradient
from .grid import Spectrum as Spectrum
from .grid import spectrum as spectrum
from .minimum import MinimumGap as MinimumGap
from .node_solver import GapProgress as GapProgress
from .profile import AdiabaticProfile as AdiabaticProfile
from .profile import adiabatic_grid as adiabatic_grid
from .profile import adiabatic_profile as adiabatic_profile
from .search import GapStatus as GapStatus
from .wide import EstimateProgress as EstimateProgress
from .wide import SelectedConfigurations as SelectedConfigurations
from .wide import SelectedLevels as SelectedLevels
from .wide import selected_levels as selected_levels
