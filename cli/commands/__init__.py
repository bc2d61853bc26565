"""What can be typed: names, options and help. Bodies import what they need when called, so that starting is quick."""
