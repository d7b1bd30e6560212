"""How fast the portal is, against floors that run in the same process; never part of the tests."""
