"""The past once more, without a voice: a period against what was (`history`), two sets of rules (`alerts`)."""
