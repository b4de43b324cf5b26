"""Random networks in pjreddie's dialect, computed by real darknet and by nnfmt."""
