-- WITHOUT ROWID was added by hand, as in 0000: one written row instead of two.
CREATE TABLE `retries` (
	`place` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`key` text NOT NULL,
	`slot` integer NOT NULL,
	`due_at` integer NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`post_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `retries_id_unique` ON `retries` (`id`);--> statement-breakpoint
CREATE INDEX `retries_by_post_at` ON `retries` (`post_at`);--> statement-breakpoint
CREATE TABLE `soft_bounced_sends` (
	`key` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`person` text NOT NULL,
	`campaign` text NOT NULL,
	`send` text,
	`address` text,
	`first_at` integer NOT NULL,
	`bounce` text NOT NULL,
	`slot` integer DEFAULT 0 NOT NULL,
	`due_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `soft_bounced_sends_by_due_at` ON `soft_bounced_sends` (`due_at`);--> statement-breakpoint
ALTER TABLE `suppressions` ADD `until` integer;--> statement-breakpoint
ALTER TABLE `suppressions` ADD `event` text;