-- WITHOUT ROWID was added by hand (drizzle has no word for it): one written row instead of two.
CREATE TABLE `events` (
	`place` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`type` integer NOT NULL,
	`at` integer NOT NULL,
	`email` text NOT NULL,
	`person` text NOT NULL,
	`campaign` text NOT NULL,
	`send` text,
	`link_id` text,
	`link` text,
	`user_agent` text,
	`is_bot` integer DEFAULT false NOT NULL,
	`bot_pattern` text,
	`detail` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_id_unique` ON `events` (`id`);--> statement-breakpoint
CREATE TABLE `names` (
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	PRIMARY KEY(`kind`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `people` (
	`person` text PRIMARY KEY NOT NULL,
	`address` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `people_by_address` ON `people` (`address`);--> statement-breakpoint
CREATE TABLE `suppressions` (
	`subject` text NOT NULL,
	`reason` text NOT NULL,
	`since` integer NOT NULL,
	`cause` text NOT NULL,
	PRIMARY KEY(`subject`, `reason`)
) WITHOUT ROWID;
