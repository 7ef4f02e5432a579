"""The screens: what stands where, and which keys do what there."""
