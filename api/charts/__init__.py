"""Charts as SVG, drawn from numbers: no script, no font, no colour of their own."""
