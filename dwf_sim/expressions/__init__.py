"""Expressions over events: parsed, checked, compiled and evaluated as the engine does."""

from dwf_sim.expressions.expression import Expression as Expression
from dwf_sim.expressions.expression import compile_expression as compile_expression
from dwf_sim.expressions.expression import match_expression as match_expression
from dwf_sim.expressions.registration import check as check
from dwf_sim.expressions.registration import check_parses as check_parses
from dwf_sim.expressions.registration import check_restricted as check_restricted
from dwf_sim.expressions.text import key_text as key_text
from dwf_sim.expressions.text import type_name as type_name
