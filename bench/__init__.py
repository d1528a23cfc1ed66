"""What the product costs, measured in one run on one machine: ratios and bounds, never a timed test."""
