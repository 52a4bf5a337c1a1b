"""What a study says in plain words, as data: findings, and answers to the four questions.

Every sentence about results is written here, so that terminal, report page, notebooks and JSON say
the same. Start with ``answers``, which takes the table of a study. ``difference_finding``,
``reference_finding`` and ``share_words`` say in words what an estimate of one's own supports.
"""

from .claims import difference_finding as difference_finding
from .claims import pattern_findings as pattern_findings
from .claims import reference_finding as reference_finding
from .claims import share_words as share_words
from .context import Context as Context
from .couplings import all_couplings as all_couplings
from .couplings import coupling_findings as coupling_findings
from .couplings import sized_rows as sized_rows
from .explanations import explanation_findings as explanation_findings
from .explanations import main_scores as main_scores
from .finding import Answer as Answer
from .finding import Finding as Finding
from .finding import Question as Question
from .finding import Story as Story
from .finding import Support as Support
from .finding import common_support as common_support
from .finding import judged as judged
from .finding import summed_up as summed_up
from .finding import support_of as support_of
from .hardness import ends_of as ends_of
from .hardness import gap_findings as gap_findings
from .laws import law_findings as law_findings
from .laws import law_points as law_points
from .need import need_findings as need_findings
from .problems import problem_findings as problem_findings
from .reads.reality import model_ranks as model_ranks
from .reads.reality import reality_findings as reality_findings
from .reads.source import share_findings as share_findings
from .reads.source import source_findings as source_findings
from .reads.source import unpredicted_answer as unpredicted_answer
from .reads.unpredicted import beside_independent_qubits as beside_independent_qubits
from .reads.unpredicted import unpredicted_findings as unpredicted_findings
from .scaling import CLASSICAL as CLASSICAL
from .scaling import exponent_fits as exponent_fits
from .scaling import scaling_findings as scaling_findings
from .schedules import gains_of as gains_of
from .schedules import schedule_findings as schedule_findings
from .study_answers import ANSWERS as ANSWERS
from .study_answers import answers as answers
from .success import success_findings as success_findings
from .success import time_findings as time_findings
from .success import timed_rows as timed_rows
from .success import with_independent_qubits as with_independent_qubits
from .unanswered import failed as failed
