// The browser's own zone. Browsers keep old spellings of some cities.
const SPELLINGS = { Kiev: "Kyiv", Calcutta: "Kolkata", Saigon: "Ho_Chi_Minh", Rangoon: "Yangon", Katmandu: "Kathmandu" };
const parts = (Intl.DateTimeFormat().resolvedOptions().timeZone ?? "").split("/");
const city = parts.pop();
const spelled = SPELLINGS[city] ?? city;

export const zoneName = [...parts, spelled].join("/");
export const zonePlace = spelled.replaceAll("_", " ");
