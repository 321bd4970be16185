"""What a rule file may say and what it means (pure): grammar, folding, automaton, evaluation, taxonomy."""
