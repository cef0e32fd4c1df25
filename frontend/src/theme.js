// Light, dark, or what the device says. A cookie, so that the first paint is already right.
const YEAR = 31536000;
const root = document.documentElement;

for (const choice of document.querySelectorAll("[data-theme-choice]")) {
  choice.hidden = false;
  for (const option of choice.querySelectorAll("input")) {
    option.checked = option.value === (root.dataset.theme ?? "");
    option.addEventListener("change", () => {
      if (option.value) root.dataset.theme = option.value;
      else delete root.dataset.theme;
      const lasts = option.value ? YEAR : 0;
      document.cookie = `theme=${option.value}; path=/; max-age=${lasts}; samesite=lax`;
    });
  }
}
