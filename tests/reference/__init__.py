"""Plain, slow, obvious twins of the kernels: what the contract says, without a thought for speed."""
