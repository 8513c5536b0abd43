"""What grid operators do with networks: load them, compute their flows, balance, watch and mend them."""
