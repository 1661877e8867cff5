"""An Issue before it is public: pure functions from Issue to Issue."""
