"""How the console looks and speaks: tokens, components, scripts, words. See docs/console.md."""
