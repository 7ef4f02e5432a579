"""The screens: what stands where, and what each key does there."""
