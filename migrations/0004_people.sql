-- WITHOUT ROWID was added by hand, as in 0000: one written row instead of two.
CREATE TABLE `erasing` (
	`person` text PRIMARY KEY NOT NULL,
	`erasure` text NOT NULL,
	`stand_in` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `erasures` (
	`id` text PRIMARY KEY NOT NULL,
	`asked_at` integer NOT NULL,
	`address` text,
	`place` integer,
	`again` integer DEFAULT false NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`done_at` integer,
	`step` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `erasures_by_place` ON `erasures` (`place`);--> statement-breakpoint
CREATE TABLE `retention` (
	`before` integer PRIMARY KEY NOT NULL,
	`stage` text NOT NULL,
	`cursor` text
);
--> statement-breakpoint
CREATE INDEX `suppressions_by_event` ON `suppressions` (`event`);
