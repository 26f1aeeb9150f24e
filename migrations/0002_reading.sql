-- WITHOUT ROWID was added by hand, as in 0000: one written row instead of two. And the row of `folded`.
CREATE TABLE `blocks` (
	`block` integer PRIMARY KEY NOT NULL,
	`earliest` integer NOT NULL,
	`latest` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `clients` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`secret_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer,
	`token_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `folded` (
	`place` integer PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE `links` (
	`email` text NOT NULL,
	`id` text NOT NULL,
	`url` text NOT NULL,
	PRIMARY KEY(`email`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `messages` (
	`email` text NOT NULL,
	`campaign` text NOT NULL,
	`person` text NOT NULL,
	`since` integer NOT NULL,
	`marks` integer NOT NULL,
	`clicks` text,
	PRIMARY KEY(`email`, `campaign`, `person`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `folded` (`place`) VALUES (0);
