// A classic script in <head>, so that the chosen theme is there before the first paint.
{
  const KEY = "cogreel.theme";
  const root = document.documentElement;

  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be switched off
    }
  };

  const shown = () =>
    root.dataset.theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");

  const chosen = stored();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  globalThis.theme = {
    shown,
    toggle() {
      root.dataset.theme = shown() === "light" ? "dark" : "light";
      try {
        localStorage.setItem(KEY, root.dataset.theme);
      } catch {
        // It holds for this visit then.
      }
    },
  };
}
