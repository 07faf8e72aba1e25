"""CoDeepNEAT: modules and blueprints coevolve (Liang et al. 2019, LEAF)."""
