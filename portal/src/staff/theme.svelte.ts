/** Light, dark, or as the device has it; remembered by the browser. */
export type Theme = "system" | "light" | "dark";

const KEPT = "strongroom.theme";

function kept(): Theme {
  const name = localStorage.getItem(KEPT);
  return name === "light" || name === "dark" ? name : "system";
}

export const theme = $state({ name: kept() });

export function setTheme(name: Theme): void {
  theme.name = name;
  if (name === "system") localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, name);
  show();
}

function show(): void {
  if (theme.name === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme.name;
}

show();
