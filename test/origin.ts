/** Where the Worker under test answers. */
export const ORIGIN = "https://t.example";
