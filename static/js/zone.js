// The reader's zone: the one that a person has chosen, else the browser's own. Browsers keep old spellings of some cities.
const SPELLINGS = { Kiev: "Kyiv", Calcutta: "Kolkata", Saigon: "Ho_Chi_Minh", Rangoon: "Yangon", Katmandu: "Kathmandu" };

/** What was chosen and this browser knows. */
function chosen() {
  const name = document.documentElement.dataset.zone;
  try {
    return name && new Intl.DateTimeFormat(undefined, { timeZone: name }) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** For formats: undefined is the browser's own. */
export const timeZone = chosen();
const parts = (timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "").split("/");
const city = parts.pop();
const spelled = SPELLINGS[city] ?? city;

export const zoneName = [...parts, spelled].join("/");
export const zonePlace = spelled.replaceAll("_", " ");
