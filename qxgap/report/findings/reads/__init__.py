"""What reads say of a study: beside a prediction, beside the proven optimum, or beside models.

``reality`` answers the third question, from ``unpredicted`` where no problem has a prediction.
``source`` is about the reads of one problem and source.
"""
