"""What a study says in plain words, as data: findings, and answers to the four questions.

Every sentence about results is written here, so that terminal, report page, notebooks and JSON say
the same. Start with ``answers``, which takes the table of a study.
"""

from .context import Context as Context
from .finding import Answer as Answer
from .finding import Finding as Finding
from .finding import Question as Question
from .finding import Story as Story
from .finding import Support as Support
from .finding import common_support as common_support
from .finding import judged as judged
from .finding import summed_up as summed_up
from .finding import support_of as support_of
from .study_answers import answers as answers
