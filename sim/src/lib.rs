//! A deterministic world around the core: clients, network and clock from one seed.
