-- WITHOUT ROWID (one written row, not two) and the row of `aggregated` were added by hand: drizzle can express
-- neither.
CREATE TABLE `aggregated` (
	`seq` integer PRIMARY KEY NOT NULL,
	`batch` text,
	`rewrites` integer DEFAULT 0 NOT NULL,
	`changes` integer DEFAULT 0 NOT NULL,
	`archived` integer DEFAULT 0 NOT NULL,
	`mirrored_seq` integer,
	`read_until` integer DEFAULT 0 NOT NULL,
	`swept_to` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE TABLE `seq_ranges` (
	`number` integer PRIMARY KEY NOT NULL,
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
CREATE TABLE `earlier_seqs` (
	`email` text NOT NULL,
	`campaign` text NOT NULL,
	`person` text NOT NULL,
	`last` integer NOT NULL,
	`seqs` text NOT NULL,
	PRIMARY KEY(`email`, `campaign`, `person`, `last`)
);
--> statement-breakpoint
CREATE TABLE `email_sources` (
	`email` text PRIMARY KEY NOT NULL,
	`hash` text,
	`version` integer NOT NULL,
	`kept_at` integer NOT NULL,
	`changes` integer NOT NULL,
	`person` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `email_sources_by_kept_at` ON `email_sources` (`kept_at`);--> statement-breakpoint
CREATE INDEX `email_sources_by_person` ON `email_sources` (`person`) WHERE "email_sources"."person" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `erasures` (
	`id` text PRIMARY KEY NOT NULL,
	`requested_at` integer NOT NULL,
	`address` text,
	`person` text,
	`pseudonym` text,
	`seq` integer DEFAULT 0 NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`done_at` integer,
	`batch` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `erasures_to_do` ON `erasures` (`requested_at`) WHERE "erasures"."done_at" IS NULL;--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`unique_id` text GENERATED ALWAYS AS (iif(type = 11 AND instr(id, '/') > 0, NULL, id)) VIRTUAL,
	`type` integer NOT NULL,
	`at` integer NOT NULL,
	`recorded_at` integer NOT NULL,
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
CREATE UNIQUE INDEX `events_unique_id` ON `events` (`unique_id`) WHERE "events"."unique_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_decisions` ON `events` (`person`,`at`) WHERE "events"."type" IN (0, 9, 100001);--> statement-breakpoint
CREATE INDEX `events_removals` ON `events` ("detail"->>'address',`person`) WHERE "events"."type" = 100002;--> statement-breakpoint
CREATE INDEX `events_bounces` ON `events` (`email`) WHERE "events"."type" IN (8, 27);--> statement-breakpoint
CREATE TABLE `lifts` (
	`subject` text NOT NULL,
	`reason` text NOT NULL,
	`at` integer NOT NULL,
	`person` text,
	PRIMARY KEY(`subject`, `reason`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `lifts_by_at` ON `lifts` (`at`);--> statement-breakpoint
CREATE INDEX `lifts_by_person` ON `lifts` (`person`);--> statement-breakpoint
CREATE TABLE `links` (
	`email` text NOT NULL,
	`id` text NOT NULL,
	`url` text NOT NULL,
	`name` text,
	`first_clicks` text DEFAULT '[]',
	PRIMARY KEY(`email`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lost_files` (
	`key` text PRIMARY KEY NOT NULL,
	`since` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `mailings` (
	`email` text NOT NULL,
	`campaign` text NOT NULL,
	`first_at` integer,
	`last_at` integer,
	`is_stale` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`email`, `campaign`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `mailings_by_campaign` ON `mailings` (`campaign`);--> statement-breakpoint
CREATE INDEX `mailings_stale` ON `mailings` (`email`) WHERE "mailings"."is_stale";--> statement-breakpoint
CREATE TABLE `message_stats` (
	`email` text NOT NULL,
	`campaign` text NOT NULL,
	`person` text NOT NULL,
	`since` integer NOT NULL,
	`flags` integer NOT NULL,
	`outcome_at` integer,
	`clicks` text,
	`bot_clicks` integer DEFAULT 0 NOT NULL,
	`recent` text,
	`seqs` text,
	PRIMARY KEY(`email`, `campaign`, `person`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `message_stats_by_person` ON `message_stats` (`person`);--> statement-breakpoint
CREATE TABLE `names` (
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`folded` text NOT NULL,
	PRIMARY KEY(`kind`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `other_addresses` (
	`person` text NOT NULL,
	`address` text NOT NULL,
	PRIMARY KEY(`person`, `address`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `other_addresses_by_address` ON `other_addresses` (`address`);--> statement-breakpoint
CREATE TABLE `people` (
	`person` text PRIMARY KEY NOT NULL,
	`address` text NOT NULL,
	`replaced_at` integer,
	`is_mailed` integer DEFAULT false NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `people_by_address` ON `people` (`address`);--> statement-breakpoint
CREATE TABLE `recalled` (
	`seq` integer PRIMARY KEY NOT NULL,
	`used_at` integer NOT NULL,
	`due_at` integer
);
--> statement-breakpoint
CREATE INDEX `recalled_by_due_at` ON `recalled` (`due_at`) WHERE "recalled"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `retention` (
	`before` integer PRIMARY KEY NOT NULL,
	`stage` text NOT NULL,
	`cursor` text,
	`waited_seq` integer NOT NULL,
	`end_seq` integer NOT NULL,
	`end_at` integer NOT NULL,
	`deleted_seq` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `retries` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`key` text NOT NULL,
	`slot` integer NOT NULL,
	`due_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `retries_id_unique` ON `retries` (`id`);--> statement-breakpoint
CREATE TABLE `reserve` (
	`id` integer PRIMARY KEY NOT NULL,
	`bytes` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `segments` (
	`first` integer PRIMARY KEY NOT NULL,
	`last` integer NOT NULL,
	`file_token` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`token` text NOT NULL,
	`day` text NOT NULL,
	`etag` text NOT NULL,
	`rows` integer NOT NULL,
	`bytes` integer NOT NULL,
	`earliest` integer NOT NULL,
	`latest` integer NOT NULL,
	`recorded_from` integer NOT NULL,
	`recorded_to` integer NOT NULL,
	`restored_to` integer
);
--> statement-breakpoint
CREATE INDEX `segments_by_latest` ON `segments` (`latest`);--> statement-breakpoint
CREATE INDEX `segments_by_recorded_to` ON `segments` (`recorded_to`);--> statement-breakpoint
CREATE TABLE `access_sign_outs` (
	`address` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`holder` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sessions_by_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
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
CREATE TABLE `suppressions` (
	`subject` text NOT NULL,
	`reason` text NOT NULL,
	`source` text DEFAULT '' NOT NULL,
	`since` integer NOT NULL,
	`cause` text NOT NULL,
	`until` integer,
	`event` text,
	`last_at` integer,
	`who` text,
	`owner` text,
	PRIMARY KEY(`subject`, `reason`, `source`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `suppressions_by_event` ON `suppressions` (`event`);--> statement-breakpoint
CREATE INDEX `suppressions_by_since` ON `suppressions` (("reason" || ''),`since`,`subject`,`source`);--> statement-breakpoint
CREATE INDEX `suppressions_by_owner` ON `suppressions` (`owner`) WHERE "suppressions"."owner" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `suppressions_by_until` ON `suppressions` (`until`) WHERE "suppressions"."until" IS NOT NULL;
--> statement-breakpoint
CREATE TABLE `day_totals` (
	`email` text NOT NULL,
	`campaign` text NOT NULL,
	`at` integer NOT NULL,
	`flags` integer NOT NULL,
	`messages` integer NOT NULL,
	`bot_clicks` integer NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`email`, `campaign`, `at`, `flags`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `link_totals` (
	`email` text NOT NULL,
	`campaign` text NOT NULL,
	`at` integer NOT NULL,
	`link` text NOT NULL,
	`clicks` integer NOT NULL,
	`bot_clicks` integer NOT NULL,
	`people` integer NOT NULL,
	`bot_people` integer NOT NULL,
	PRIMARY KEY(`email`, `campaign`, `at`, `link`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `message_files` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`file_token` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`token` text NOT NULL,
	`etag` text NOT NULL,
	`rows` integer NOT NULL,
	`bytes` integer NOT NULL,
	`first_email` text NOT NULL,
	`last_email` text NOT NULL,
	`oldest_seq` integer NOT NULL,
	`restored_to` integer,
	`drop_at` integer,
	`chunks` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `message_filters` (
	`file` integer NOT NULL,
	`chunk` integer NOT NULL,
	`bits` blob NOT NULL,
	PRIMARY KEY(`file`, `chunk`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `message_scan` (
	`started_at` integer PRIMARY KEY NOT NULL,
	`cursor` text
);
--> statement-breakpoint
CREATE TABLE `recalled_messages` (
	`email` text NOT NULL,
	`campaign` text NOT NULL,
	`person` text NOT NULL,
	`file` integer NOT NULL,
	`used_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	`is_whole` integer DEFAULT false NOT NULL,
	`is_erased` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`email`, `campaign`, `person`, `file`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `recalled_messages_by_file` ON `recalled_messages` (`file`,`person`);
--> statement-breakpoint
CREATE TABLE `webhook_endpoints` (
	`id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`description` text,
	`events` text,
	`email` text,
	`campaign` text,
	`bots` text NOT NULL,
	`ordered` integer NOT NULL,
	`batch` integer NOT NULL,
	`created_at` integer NOT NULL,
	`disabled_at` integer,
	`disabled_reason` text
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `aggregated` (`seq`) VALUES (0);
