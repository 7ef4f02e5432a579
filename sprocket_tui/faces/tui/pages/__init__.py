"""What stands on a screen, as lines: pure functions of what there is to see."""
