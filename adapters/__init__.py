"""Everything outside, behind the ports of core."""
