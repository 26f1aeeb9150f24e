import { writeFileSync, existsSync } from "node:fs";
console.log("first run", process.version);
if (!existsSync(".dev.vars")) writeFileSync(".dev.vars", 'ENVIRONMENT="development"\nTOKEN_KEYS="x"\n');
