"""The public API as the console asks it: no page sees HTTP."""
