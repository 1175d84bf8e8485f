"""What all visitors share: the work queue and the memory."""
