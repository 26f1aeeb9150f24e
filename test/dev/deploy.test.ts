import { expect, inject, it } from "vitest";

it("a deploy carries the recipients' pages, and nothing of the preview", () => {
  const script = inject("productionScript");
  const held = (words: string) => script.includes(words);
  expect(["List-Unsubscribe", "unsubscribe"].filter((words) => !held(words))).toEqual([]);
  const ofPreview = ["Waxseal: preview", "/preview/log", "Maison Lavande"];
  expect(ofPreview.filter(held)).toEqual([]);
  expect(ofPreview.filter((words) => !inject("developmentScript").includes(words))).toEqual([]);
});
