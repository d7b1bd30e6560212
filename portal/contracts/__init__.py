"""The contract archive: register, finding, loans, half-yearly checks, incidents, custody and retention."""
