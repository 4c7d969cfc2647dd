// Carries the precompiled single header that the test programs of the single header share.
