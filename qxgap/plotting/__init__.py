"""Figures of results and of tables; each function returns a matplotlib Figure.

Start with ``gap_histogram`` or ``success_by_size`` for a table of a study, or with the method
``plot`` of a result. Every function draws in the axes ``ax`` if they are given; nothing is shown,
and only ``save`` writes files.
"""

from .certificate import gap_proof as gap_proof
from .couplings import coupling_histogram as coupling_histogram
from .couplings import selection_sizes as selection_sizes
from .explanations import bare_overlay as bare_overlay
from .explanations import explanation_maps as explanation_maps
from .explanations import explanation_overlay as explanation_overlay
from .explanations import explanation_picture as explanation_picture
from .explanations import image_panel as image_panel
from .explanations import loss_curves as loss_curves
from .explanations import pixels_for_display as pixels_for_display
from .explanations import selected_maps as selected_maps
from .gaps import gap_against_classical as gap_against_classical
from .gaps import gap_by_size as gap_by_size
from .gaps import gap_histogram as gap_histogram
from .gaps import interior_gaps as interior_gaps
from .gaps import minimum_position as minimum_position
from .gaps import setting_comparison as setting_comparison
from .laws import gap_exponents as gap_exponents
from .laws import success_collapse as success_collapse
from .levels import estimated_gap as estimated_gap
from .levels import gap_bracket as gap_bracket
from .levels import level_shares as level_shares
from .levels import spectrum_levels as spectrum_levels
from .lines import curves as curves
from .lines import curves_in_panels as curves_in_panels
from .metrics import average_drop as average_drop
from .metrics import class_overlap as class_overlap
from .metrics import confidence_pairs as confidence_pairs
from .metrics import drop_path as drop_path
from .metrics import hardness_path as hardness_path
from .metrics import selection_path as selection_path
from .metrics import tradeoff_curves as tradeoff_curves
from .one_problem import baseline_energies as baseline_energies
from .one_problem import four_panels as four_panels
from .one_problem import note as note
from .overview import agreement_of_instances as agreement_of_instances
from .overview import rule_shares as rule_shares
from .overview import success_by_time as success_by_time
from .quantities import bars as bars
from .quantities import group_values as group_values
from .quantities import reads_needed as reads_needed
from .quantities import selection_matrix as selection_matrix
from .quantities import success_against_time as success_against_time
from .quantities import time_against_tau as time_against_tau
from .quantities import two_gaps as two_gaps
from .samples import level_histogram as level_histogram
from .samples import model_distances as model_distances
from .samples import model_ranking as model_ranking
from .samples import prediction_errors as prediction_errors
from .samples import reads_against_prediction as reads_against_prediction
from .samples import reads_on_known_levels as reads_on_known_levels
from .samples import reverse_shares as reverse_shares
from .slider import HtmlFigure as HtmlFigure
from .slider import anneal_slider as anneal_slider
from .style import inline_svg as inline_svg
from .style import notebook_svg as notebook_svg
from .style import save as save
from .success import followed_anneal as followed_anneal
from .success import schedule_gains as schedule_gains
from .success import success_by_class as success_by_class
from .success import success_by_size as success_by_size
from .success import time_to_solution as time_to_solution
from .uncertain import randomized_layers as randomized_layers
from .uncertain import values_with_intervals as values_with_intervals
