"""The demonstration: the product's story played through the actions, in the order of its dates."""
