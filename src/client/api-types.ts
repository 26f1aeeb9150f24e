// Made from /v1/openapi.json by `npm run types:api`. Do not edit it.
export interface paths {
    "/v1/decorate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decorate an email for one person
         * @description Nothing is logged: report the send once your mail server has the copy.
         *
         *     Takes the scope `send`.
         */
        post: operations["postDecorate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decorate/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decorate an email for many people
         * @description Answers a line for each recipient, in order, as `POST /v1/decorate` would answer, with `index` and `person`. A suppressed person's line has `suppressed`, the line of a wrong recipient `error`. `{{name}}` is filled for all as soon as the batch or a recipient has `variables`.
         *
         *     Takes the scope `send`.
         */
        post: operations["postDecorateBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Describe an email
         * @description Gives reports its name, its links' names, and the links that nobody has clicked yet; the dashboard its HTML, which is kept without what is personal. The library's `template.describe` makes the body.
         *
         *     Takes the scope `send`.
         */
        post: operations["postEmails"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails/{email}/source": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an email's HTML
         * @description What was decorated last with `keepSource`, or described with `html`, without what is personal and without whatever runs, loads or leads anywhere. Decorated links lead to `#waxseal-link-` and their id, which is that of `/v1/reports/links`. Pictures are there with `pictures=1`.
         *
         *     Takes the scope `read`.
         */
        get: operations["getEmailsByEmailSource"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the feed of events
         * @description Events in the order of recording. `next` is always there: ask again with it, at once while `more` is true, and later for what is recorded meanwhile. A page may be empty although there is more. An event that changes later, as one that turns out to be a bot's, comes again under its `id`, with a higher `seq`; one that counts no more comes as `retracted`. `cursor=end` begins behind all that is there. `type` takes several, like "opened,clicked"; "complained" passes those of type "unsubscribed" whose cause is "complaint".
         *
         *     Takes the scope `read`.
         */
        get: operations["getEvents"];
        put?: never;
        /**
         * Report what happened to sends, and what people decided
         * @description A wrong event is rejected by itself, and the others are accepted: committed. An event that is reported again adds nothing. `subscribed` takes an API key or the scope `admin`.
         *
         *     Takes the scope `send`.
         */
        post: operations["postEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check a recipient
         * @description Whether a person or an address must not be mailed, and each reason. Ask before every mail. Somebody who is not suppressed and not known may be a mistyped name.
         *
         *     Takes the scope `send`.
         */
        get: operations["getSuppressionsCheck"];
        put?: never;
        /**
         * Check up to 1,000 recipients
         * @description Answers in the order of the recipients.
         *
         *     Takes the scope `send`.
         */
        post: operations["postSuppressionsCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List suppressions
         * @description The latest first. A page may hold fewer entries than `limit`; the last one has no `next`. Of erased recipients only the reason is left.
         *
         *     Takes the scope `send`.
         */
        get: operations["getSuppressions"];
        put?: never;
        /**
         * Add suppressions
         * @description One, by its fields, or up to 1,000 in `suppressions`, each with these fields; those beside the list are the defaults. A wrong one is named in `rejected` by its index, and the others are added; what is there already stays as it is.
         *
         *     Takes the scope `send`.
         */
        post: operations["postSuppressions"];
        /**
         * Remove a suppression
         * @description Of an invalid address by default. Who removes it and why is kept in the log.
         *
         *     Takes the scope `admin`.
         */
        delete: operations["deleteSuppressions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/retries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List due retries
         * @description Sends that bounced softly and are due again, oldest first. Follow `next` and you get each retry once; keep it until you ask again. While `next` is the cursor that you gave, no retry has become due. A page may be shorter than `limit`, or empty, with more behind it: retries that have ended are left out.
         *
         *     Takes the scope `send`.
         */
        get: operations["getRetries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/emails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report how emails performed
         * @description `sort` puts the latest, the most sent or the highest rate first, of delivered messages. `trend` adds how many messages were sent in each of so many equal parts of the time since `since`.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsEmails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/emails.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report how emails performed, as CSV
         * @description `sort` puts the latest, the most sent or the highest rate first, of delivered messages. `trend` adds how many messages were sent in each of so many equal parts of the time since `since`.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsEmailsCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report the clicks on the links of an email or a campaign
         * @description Of an email, a campaign, or an email in a campaign. A link that several of its emails have is one row.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsLinks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/links.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report the clicks on the links of an email or a campaign, as CSV
         * @description Of an email, a campaign, or an email in a campaign. A link that several of its emails have is one row.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsLinksCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report how emails performed over time
         * @description By when the messages were sent. Up to 1000 hours, days or weeks, empty ones, too; no pages. `link`, the `id` of a row of the links of an email or a campaign, adds the clicks on it in these messages.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/series.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report how emails performed over time, as CSV
         * @description By when the messages were sent. Up to 1000 hours, days or weeks, empty ones, too; no pages. `link`, the `id` of a row of the links of an email or a campaign, adds the clicks on it in these messages.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsSeriesCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report how emails performed by the recipients' domains
         * @description The domains with the most messages first; null for people whose address is not known. `deferred` counts messages that bounced softly, whatever became of them, `blocked` those refused for their sender or content. `proxiedOpens` says that the domain is Apple's: most of its people read in Apple Mail, whose privacy proxy hides their opens, so that a low rate of opens says nothing.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsDomains"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/domains.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report how emails performed by the recipients' domains, as CSV
         * @description The domains with the most messages first; null for people whose address is not known. `deferred` counts messages that bounced softly, whatever became of them, `blocked` those refused for their sender or content. `proxiedOpens` says that the domain is Apple's: most of its people read in Apple Mail, whose privacy proxy hides their opens, so that a low rate of opens says nothing.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsDomainsCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/recipients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who opened an email, who clicked, or who did not open it
         * @description Of an email, a campaign, or an email in a campaign. A row for each message, as the report of emails counts them: somebody who clicked has opened. `opened_by_bots`: only a bot, or a proxy like Apple's, loaded its pictures or followed a link, and somebody may have read it. `not_opened`: nobody and nothing did. Both leave out messages that bounced hard. A page may have fewer rows than `limit`, or none, and a `next`.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsRecipients"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/recipients.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who opened an email, who clicked, or who did not open it, as CSV
         * @description Of an email, a campaign, or an email in a campaign. A row for each message, as the report of emails counts them: somebody who clicked has opened. `opened_by_bots`: only a bot, or a proxy like Apple's, loaded its pictures or followed a link, and somebody may have read it. `not_opened`: nobody and nothing did. Both leave out messages that bounced hard. A page may have fewer rows than `limit`, or none, and a `next`.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsRecipientsCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/bounces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report why messages bounced
         * @description By reason and by the mail servers' words, of which there is one example each, without addresses.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsBounces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/bounces.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report why messages bounced, as CSV
         * @description By reason and by the mail servers' words, of which there is one example each, without addresses.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsBouncesCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report on which devices emails were opened and clicked
         * @description Events in the log, those of bots apart. An open that is only implied by a click has no device. Of the archive up to 200,000 events are read.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/devices.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report on which devices emails were opened and clicked, as CSV
         * @description Events in the log, those of bots apart. An open that is only implied by a click has no device. Of the archive up to 200,000 events are read.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsDevicesCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report when emails were opened and clicked
         * @description By the time of the opens and clicks themselves, which `since` and `until` choose: events in the log, bots’ apart. `sentSince` and `sentUntil` choose messages by when they were sent, of an email or a campaign. `weekday_hour` adds up the hours of a week, from Monday, 1; `weekUntil` adds them to other rows. Up to 1000 rows, empty ones, too; no pages. Of the archive up to 200,000 events are read.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/activity.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report when emails were opened and clicked, as CSV
         * @description By the time of the opens and clicks themselves, which `since` and `until` choose: events in the log, bots’ apart. `sentSince` and `sentUntil` choose messages by when they were sent, of an email or a campaign. `weekday_hour` adds up the hours of a week, from Monday, 1; `weekUntil` adds them to other rows. Up to 1000 rows, empty ones, too; no pages. Of the archive up to 200,000 events are read.
         *
         *     Takes the scope `read`.
         */
        get: operations["getReportsActivityCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List messages
         * @description Newest first; of an `address` that many people share, those of a hundred people first, in the order of their ids. `message`, that of an entry, lists all messages to the same person. `since` and `until` are of `sentAt`: from the one on, and before the other. A complaint is no status: `complained` says it of an entry, and `GET /v1/events?type=complained` lists them. Without `address`, `person` or `message` a page may be shorter than `limit`, even empty, and have a `next`.
         *
         *     Takes the scope `read`.
         */
        get: operations["getMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the message of a message token and its events
         * @description The token is that of a copy, or the `message` of an entry. Of more events than `limit` those recorded first come first; each page is in the order of time.
         *
         *     Takes the scope `read`.
         */
        get: operations["getMessagesByToken"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{email}/{campaign}/{person}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a message and its events
         * @description Of more events than `limit` those recorded first come first; each page is in the order of time.
         *
         *     Takes the scope `read`.
         */
        get: operations["getMessagesByEmailByCampaignByPerson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List dead letters
         * @description Groups of events that D1 rejected or the queue gave up on, oldest first.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay dead letters
         * @description Inserts those ids into the log again, or all of them, a hundred at once. Replaying twice adds nothing. While D1 is out of reach it answers 503; what was replayed before that is in the log.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postDeadLettersReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the archive
         * @description How much of the log is in R2 and in D1. It counts the events in D1.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getArchive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/archive/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move events into the archive now
         * @description Rewrites the segments that are due, and moves the events that are old enough, for some 20 seconds. While `more` is true, call it again. Without `olderThanDays`, `ARCHIVE_AFTER_DAYS` and `ARCHIVE_ABOVE_GB` decide what is old.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postArchiveRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/archive/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check the archive
         * @description Compares D1 with R2: each segment's object is there, with the size and the etag that D1 notes; then, whether a segment names each object. A segment whose object is gone is noted with a later version of it, where there is one that is whole, as after a restore of D1 to an earlier time. Go on with `cursor` = `next` until there is none.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postArchiveCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List settings
         * @description Every variable and secret that the Worker reads, and whether it is set. Never a value.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List clients
         * @description The oldest first, revoked ones included.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getClients"];
        put?: never;
        /**
         * Create a client
         * @description Its secret is shown this once: it gets access tokens at `/identity/oauth/token`.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postClients"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke a client
         * @description Its secret and its access token are refused from now on.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postClientsRevoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase a person
         * @description Erases everything that leads to a person, or to everybody with an address; counts stay. It is stored when it is answered, and goes on by itself: `GET /v1/people/erasures` says how far it is.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postPeopleErase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an erasure
         * @description Goes on with the erasure, too, when it is not done.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getPeopleErasures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count what is held about a person
         * @description What an export of the person lists, and what an erasure of the person, or of everybody with an address, takes.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getPeopleHeld"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export what is held about a person
         * @description Go on with `cursor` = `next` until there is none: a page may hold nothing and have more behind it. What belongs to an event (its message, its retries) is on each page with such an event.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getPeopleExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook endpoints
         * @description The oldest first, with how far each is.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getWebhookEndpoints"];
        put?: never;
        /**
         * Create a webhook endpoint
         * @description Events are posted to it that are recorded from now on, each at least once, signed as Standard Webhooks 1.0.0 say. `ordered` (the default): an event that is not accepted holds up those behind it; otherwise it waits in a retry queue. `batch`: up to so many events a post; 1 by default.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postWebhookEndpoints"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a webhook endpoint
         * @description With how far it is.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getWebhookEndpointsById"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook endpoint
         * @description Nothing is posted to it any more. Its deliveries are deleted, too.
         *
         *     Takes the scope `admin`.
         */
        delete: operations["deleteWebhookEndpointsById"];
        options?: never;
        head?: never;
        /**
         * Change a webhook endpoint
         * @description Fields that are not named stay; null takes a filter or the description away. `enabled` true goes on from where it was. What failed is tried again at once.
         *
         *     Takes the scope `admin`.
         */
        patch: operations["patchWebhookEndpointsById"];
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate a webhook endpoint's secret
         * @description Both secrets sign for 24 hours: give your receiver the new one in that time. It is refused while three old ones sign.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postWebhookEndpointsByIdRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Post samples to a webhook endpoint
         * @description Posts a sample event of each type that the endpoint gets, or of `type` alone, and answers what it answered. All ids in them are "sample". Their results disable nothing, and they are not repeated.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postWebhookEndpointsByIdTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay events to a webhook endpoint
         * @description Posts again, in order and in turns with what is new, the events behind the cursor `from`, or that were recorded at the time `from` or later, up to the cursor `to`, or before the time `to`; without `to`, up to where the endpoint is. Each has the `id` that it had before. Further replays wait behind it.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postWebhookEndpointsByIdReplay"];
        /**
         * Stop the replays of a webhook endpoint
         * @description Also those that wait. What they posted and would try again is not tried again. New events go on to come.
         *
         *     Takes the scope `admin`.
         */
        delete: operations["deleteWebhookEndpointsByIdReplay"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Skip an event that a webhook endpoint does not accept
         * @description The event is not posted any more, and those behind it go on. Only one that waits after a failure can be skipped, by the `id` that its post has. It stays in the deliveries as `skipped`; a replay posts it again.
         *
         *     Takes the scope `admin`.
         */
        post: operations["postWebhookEndpointsByIdSkip"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a webhook endpoint's deliveries
         * @description The newest first: an entry for each post, whose repetitions are its `tries`. Kept for 30 days, and the latest 10,000.
         *
         *     Takes the scope `admin`.
         */
        get: operations["getWebhookEndpointsByIdDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say that a provider's webhooks are received here
         * @description Some providers ask this before they post there. It does not say whether the provider is set up.
         *
         *     Takes no key.
         */
        get: operations["getWebhooksByProvider"];
        put?: never;
        /**
         * Receive a provider's webhook
         * @description An email provider reports what became of our sends, signed in its own way. 2xx says that it is recorded; `docs/providers.md` says how to set a provider up.
         *
         *     Takes no key.
         */
        post: operations["postWebhooksByProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    event: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * One event
         * @description For an endpoint whose `batch` is 1. Answer 2xx within 15 seconds, or it is posted again.
         */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description The event's `id`. A batch has an id of its own: go by those of its events. */
                    "webhook-id": string;
                    /** @description When it is posted, in seconds since 1970. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks 1.0.0; while a secret is rotated several, with spaces between them. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": components["schemas"]["WebhookEvent"];
                };
            };
            responses: {
                /** @description It is not posted again. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A batch of events
         * @description For an endpoint whose `batch` is more. Answer 2xx within 15 seconds, or it is posted again.
         */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description The event's `id`. A batch has an id of its own: go by those of its events. */
                    "webhook-id": string;
                    /** @description When it is posted, in seconds since 1970. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks 1.0.0; while a secret is rotated several, with spaces between them. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": components["schemas"]["WebhookBatch"];
                };
            };
            responses: {
                /** @description It is not posted again. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        ActivityReportRow: {
            /** Format: date-time */
            from?: string;
            /** Format: date-time */
            until?: string;
            local?: string;
            weekday?: number;
            hour?: number;
            opened: number;
            clicks: number;
            bots: {
                opened: number;
                clicks: number;
            };
        };
        Archive: {
            on: boolean;
            /** @description `ARCHIVE_AFTER_DAYS`. Missing: it is not set. */
            afterDays?: number;
            segments: number;
            events: number;
            bytes: number;
            /** @description On which the first archived event was recorded, in UTC. */
            firstDay?: string;
            lastDay?: string;
            /** @description Of the last archived event. Those behind it are in D1. */
            lastSeq: number;
            d1: {
                /** @description Also copies of archived ones that stay in D1. */
                events: number;
                /** @description There are more than the ten million that were counted. */
                more: boolean;
                bytes?: number;
                /**
                 * Format: date-time
                 * @description When the oldest event was recorded that may move. Missing: there is none.
                 */
                oldestAt?: string;
            };
            /** @description In files of messages to which nothing has happened for `MESSAGE_DAYS`. */
            messages: {
                files: number;
                messages: number;
                bytes: number;
            };
            /** @description Files that R2 does not have as they were written, as far as somebody has missed them. */
            lostFiles: number;
            recalled: {
                /** @description Archived events that changed: their segments are to be rewritten. */
                events: number;
                /**
                 * Format: date-time
                 * @description When the first segment may be rewritten.
                 */
                rewriteAt?: string;
            };
        };
        ArchiveFinding: {
            /**
             * @description Of a segment or a message file. missing: its object is not there. changed: it is another one than D1 notes. damaged: it cannot be decoded, or does not hold what D1 notes. mended: the object was missing or changed, and D1 now notes the one that is there, which is whole. unnamed: an object that no segment names; it is deleted a day after it was written, or replaced. newer: such a one behind the archive's end: its events are in D1, which was restored to an earlier time, or it is being written.
             * @enum {string}
             */
            finding: "mended" | "missing" | "changed" | "damaged" | "unnamed" | "newer";
            /** @description Of the object in R2. */
            key: string;
            firstSeq?: number;
            lastSeq?: number;
            day?: string;
            /** @description Of a segment: as D1 noted it. */
            events?: number;
            /** @description Of a message file: as D1 noted it. */
            messages?: number;
            /** @description Of what is mended: the object that D1 now notes. */
            found?: {
                key: string;
                version: number;
                events?: number;
                messages?: number;
            };
            bytes?: number;
            /** Format: date-time */
            uploadedAt?: string;
        };
        BatchLine: {
            index: number;
            person: components["schemas"]["Person"];
            html?: string;
            text?: string;
            headers: {
                [key: string]: string;
            };
            message: string;
            send: string;
            returnPath?: string;
            links: {
                id: string;
                name?: string;
                url: string;
            }[];
            warnings: {
                code: string;
                url?: string;
                message: string;
            }[];
        } | {
            index: number;
            person: components["schemas"]["Person"];
            suppressed: components["schemas"]["SuppressionReason"][];
        } | {
            index: number;
            person?: components["schemas"]["Person"];
            error: {
                code: string;
                message: string;
                field?: string;
            };
        };
        Bounce: {
            /**
             * @description Hard: 1 blocked, 2 invalid recipient. Soft: 3 temporary, 4 technical, 9 unclear.
             * @enum {number}
             */
            category: 1 | 2 | 3 | 4 | 9;
            /** @description The provider's own finer word. */
            subcategory?: string;
            /** @description Enhanced status code (RFC 3463), like 5.1.1. */
            status?: string;
            /** @description The mail server's reply. */
            details?: string;
        };
        BouncesReportRow: {
            /** @enum {string} */
            type: "hard_bounced" | "soft_bounced";
            category: number;
            /** @enum {string} */
            reason: "blocked" | "invalid_recipient" | "rate_limited" | "greylisted" | "temporary" | "technical" | "unclear";
            subcategory: string | null;
            status: string | null;
            words: string;
            bounces: number;
        };
        Client: {
            id: string;
            name: string;
            scopes: ("read" | "pii" | "send" | "admin")[];
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description Its requests are refused since then.
             */
            revokedAt?: string;
        };
        Copy: {
            html?: string;
            text?: string;
            headers: {
                [key: string]: string;
            };
            message: string;
            send: string;
            returnPath?: string;
            links: {
                id: string;
                name?: string;
                url: string;
            }[];
            warnings: {
                code: string;
                url?: string;
                message: string;
            }[];
        };
        DeadLetter: {
            id: number;
            /**
             * Format: date-time
             * @description When it was stored.
             */
            at: string;
            /** @description Why D1 did not take it. */
            error: string;
            /** @description How many it holds; 1 when it cannot be read. */
            events: number;
            /** @description The group of events, as it was queued. */
            body: string;
        };
        DevicesReportRow: {
            platform: string | null;
            device: string | null;
            mobile: boolean | null;
            opened: number;
            clicks: number;
            bots: {
                opened: number;
                clicks: number;
            };
        };
        DomainsReportRow: {
            domain: string | null;
            sent: number;
            delivered: number;
            hardBounced: number;
            softBounced: number;
            pending: number;
            noResponse: number;
            opened: number;
            openedByPixel: number;
            clicked: number;
            unsubscribed: number;
            complained: number;
            bots: {
                opened: number;
                clicked: number;
                clicks: number;
            };
            rates: {
                delivered: number | null;
                bounced: number | null;
                opened: number | null;
                clicked: number | null;
                unsubscribed: number | null;
                complained: number | null;
                clickedOfOpened: number | null;
            };
            deferred: number;
            blocked: number;
            proxiedOpens: boolean;
        };
        EmailsReportRow: {
            email?: components["schemas"]["IdAndName"];
            campaign?: components["schemas"]["IdAndName"];
            sent: number;
            delivered: number;
            hardBounced: number;
            softBounced: number;
            pending: number;
            noResponse: number;
            opened: number;
            openedByPixel: number;
            clicked: number;
            unsubscribed: number;
            complained: number;
            bots: {
                opened: number;
                clicked: number;
                clicks: number;
            };
            rates: {
                delivered: number | null;
                bounced: number | null;
                opened: number | null;
                clicked: number | null;
                unsubscribed: number | null;
                complained: number | null;
                clickedOfOpened: number | null;
            };
            firstSentAt: string | null;
            lastSentAt: string | null;
            trend?: number[];
        };
        Erasure: {
            /** @description Its id. */
            erasure: string;
            done: boolean;
            /** Format: date-time */
            requestedAt: string;
            /** @description Events changed so far. */
            events: number;
            /** Format: date-time */
            doneAt?: string;
            /**
             * Format: date-time
             * @description Files of bulk extracts may hold the events until then.
             */
            filesUntil?: string;
        };
        Error: {
            error: {
                /** @description Stable; docs/errors.md lists them. */
                code: string;
                message: string;
                /** @description The path of the wrong field, like person.id. */
                field?: string;
                /** @description As in the header X-Request-Id. */
                requestId: string;
            };
        };
        Event: {
            /** @constant */
            type: "sent";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            implied?: boolean;
        } | {
            /** @constant */
            type: "delivered";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
        } | {
            /** @constant */
            type: "hard_bounced";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            bounce: {
                /** @enum {number} */
                category: 1 | 2 | 3 | 4 | 9;
                subcategory?: string;
                status?: string;
                details?: string;
            };
        } | {
            /** @constant */
            type: "soft_bounced";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            bounce: {
                /** @enum {number} */
                category: 1 | 2 | 3 | 4 | 9;
                subcategory?: string;
                status?: string;
                details?: string;
            };
        } | {
            /** @constant */
            type: "opened";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            visitor: {
                isBot: boolean;
                botPattern?: string;
                userAgent?: string;
                platform?: string;
                device?: string;
                isMobile?: boolean;
            };
        } | {
            /** @constant */
            type: "clicked";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            link: {
                id: string;
                url?: string;
                name?: string;
            };
            visitor: {
                isBot: boolean;
                botPattern?: string;
                userAgent?: string;
                platform?: string;
                device?: string;
                isMobile?: boolean;
            };
        } | {
            /** @constant */
            type: "unsubscribed";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            /** @enum {string} */
            cause: "form" | "one_click" | "complaint" | "provider" | "sender";
            request?: {
                userAgent?: string;
                clientIp?: string;
                referrer?: string;
                query?: string;
                formFields?: {
                    [key: string]: string;
                };
            };
        } | {
            /** @constant */
            type: "subscribed";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            /** @enum {string} */
            cause: "form" | "sender";
            request?: {
                userAgent?: string;
                clientIp?: string;
                referrer?: string;
                query?: string;
                formFields?: {
                    [key: string]: string;
                };
            };
            who?: string;
            why?: string;
        } | {
            /** @constant */
            type: "suppression_removed";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person?: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            reason?: string;
            who?: string;
            why?: string;
        } | {
            /** @constant */
            type: "retry";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            attempt: number;
            /** Format: date-time */
            firstAttemptAt: string;
            bounce: {
                /** @enum {number} */
                category: 1 | 2 | 3 | 4 | 9;
                subcategory?: string;
                status?: string;
                details?: string;
            };
        } | {
            /** @constant */
            type: "retracted";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            /** @enum {string} */
            was: "opened" | "clicked" | "unsubscribed" | "subscribed";
        };
        ExportPage: {
            person: components["schemas"]["Person"];
            addresses: string[];
            suppressions: components["schemas"]["HeldSuppression"][];
            /** @description When they subscribed again, or their address was removed. */
            lifts?: {
                person?: components["schemas"]["Person"];
                address?: string;
                /** @constant */
                erased?: true;
                /** @enum {string} */
                reason: "unsubscribed" | "invalid" | "blocked";
                /** Format: date-time */
                at: string;
            }[];
            messages: components["schemas"]["HeldMessage"][];
            /** @description Sends that bounced softly, with their schedules. */
            retries: components["schemas"]["HeldSchedule"][];
            /** @description In the order of recording; `retracted` ones, too, and reports that changed nothing. */
            events: components["schemas"]["KeptEvent"][];
            next?: string;
        };
        Held: {
            /** @description Whom an erasure erases; of an address, the first hundred. */
            people: components["schemas"]["Person"][];
            /** @description There are more people, who are not counted here. */
            more: boolean;
            /** @description Had the address and have another one: an erasure of the address leaves them, without it. */
            staying: components["schemas"]["Person"][];
            addresses: string[];
            messages: number;
            /** @description By their type. "retracted": events that count no more, of which little is left. */
            events: {
                [key: string]: number;
            };
            /** @description Sends with a schedule of retries. */
            retries: number;
            suppressions: number;
            lifts: number;
        };
        HeldMessage: {
            /** @description Leads to it: `/v1/messages/{message}`. */
            message: string;
            email: components["schemas"]["IdAndName"];
            campaign: components["schemas"]["IdAndName"];
            person: components["schemas"]["Person"];
            /** Format: date-time */
            sentAt: string;
            /** @enum {string} */
            status: "delivered" | "hard_bounced" | "soft_bounced" | "pending" | "no_response";
            opened: boolean;
            openedByPixel: boolean;
            clicks: number;
            unsubscribed: boolean;
            complained: boolean;
            bots: {
                opened: boolean;
                clicks: number;
            };
            /**
             * Format: date-time
             * @description Of its latest delivery or soft bounce.
             */
            outcomeAt?: string;
            /** @description The links that were clicked in it. */
            links: {
                id: components["schemas"]["WrittenId"];
                clicks: number;
                botClicks: number;
            }[];
            /** @description Times by which bots are distinguished from people: of its latest mails, clicks and pixel loads. */
            recent: {
                sent: string[];
                clicks: {
                    /** Format: date-time */
                    at: string;
                    link: components["schemas"]["WrittenId"];
                }[];
                loads: string[];
            };
        };
        HeldSchedule: {
            email: components["schemas"]["IdAndName"];
            campaign: components["schemas"]["IdAndName"];
            person: components["schemas"]["Person"];
            send?: components["schemas"]["WrittenId"];
            /** Format: date-time */
            firstAttemptAt: string;
            /** @description The soft bounce that started the schedule. */
            bounce: components["schemas"]["Bounce"];
            /**
             * Format: date-time
             * @description Of the next retry; missing when there is none.
             */
            dueAt?: string;
            /** @description The retries that were due. The first attempt was 1. */
            dueRetries: {
                attempt: number;
                /** Format: date-time */
                dueAt: string;
            }[];
        };
        HeldSuppression: {
            person?: components["schemas"]["Person"];
            address?: string;
            /** @constant */
            erased?: true;
            /** @enum {string} */
            reason: "unsubscribed" | "invalid" | "blocked";
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until?: string;
            cause: string;
            who?: string;
            /**
             * Format: date-time
             * @description When it was decided or added last, where that was again.
             */
            lastAt?: string;
        };
        Id: number | string;
        IdAndName: {
            id: components["schemas"]["WrittenId"];
            name?: string;
        };
        KeptEvent: {
            /** @constant */
            type: "sent";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            implied?: boolean;
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "delivered";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "hard_bounced";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            bounce: {
                /** @enum {number} */
                category: 1 | 2 | 3 | 4 | 9;
                subcategory?: string;
                status?: string;
                details?: string;
            };
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "soft_bounced";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            bounce: {
                /** @enum {number} */
                category: 1 | 2 | 3 | 4 | 9;
                subcategory?: string;
                status?: string;
                details?: string;
            };
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "opened";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            visitor: {
                isBot: boolean;
                botPattern?: string;
                userAgent?: string;
                platform?: string;
                device?: string;
                isMobile?: boolean;
            };
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "clicked";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            link: {
                id: string;
                url?: string;
                name?: string;
            };
            visitor: {
                isBot: boolean;
                botPattern?: string;
                userAgent?: string;
                platform?: string;
                device?: string;
                isMobile?: boolean;
            };
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "unsubscribed";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            /** @enum {string} */
            cause: "form" | "one_click" | "complaint" | "provider" | "sender";
            request?: {
                userAgent?: string;
                clientIp?: string;
                referrer?: string;
                query?: string;
                formFields?: {
                    [key: string]: string;
                };
            };
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "subscribed";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            /** @enum {string} */
            cause: "form" | "sender";
            request?: {
                userAgent?: string;
                clientIp?: string;
                referrer?: string;
                query?: string;
                formFields?: {
                    [key: string]: string;
                };
            };
            who?: string;
            why?: string;
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "suppression_removed";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person?: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            reason?: string;
            who?: string;
            why?: string;
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "retry";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            attempt: number;
            /** Format: date-time */
            firstAttemptAt: string;
            bounce: {
                /** @enum {number} */
                category: 1 | 2 | 3 | 4 | 9;
                subcategory?: string;
                status?: string;
                details?: string;
            };
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
        } | {
            /** @constant */
            type: "retracted";
            id: string;
            seq: number;
            /** Format: date-time */
            at: string;
            email?: components["schemas"]["IdAndName"];
            person: {
                id: components["schemas"]["WrittenId"];
            };
            campaign?: components["schemas"]["IdAndName"];
            /** @description Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see no whole addresses of every event, and no token. */
            message?: string;
            send?: string;
            address?: string;
            /** @description The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; where no calendar has that time, its milliseconds since 1970. */
            reportedAt?: string;
            /** @enum {string} */
            was?: "opened" | "clicked" | "unsubscribed" | "subscribed";
            /** Format: date-time */
            recordedAt: string;
            /** @description Each load of the pixel that is kept, where there was more than one. */
            loads?: {
                /** Format: date-time */
                at: string;
                campaign: components["schemas"]["IdAndName"];
                userAgent?: string;
                isBot: boolean;
                botPattern?: string;
            }[];
            cause?: string;
            who?: string;
            why?: string;
            request?: {
                userAgent?: string;
                clientIp?: string;
                referrer?: string;
                query?: string;
                formFields?: {
                    [key: string]: string;
                };
            };
            userAgent?: string;
            /** @description Whose own pixel was loaded by what it calls a bot. */
            provider?: string;
        };
        LinksReportRow: {
            id: string;
            name?: string;
            url: string;
            /** @description Which of an email's links to `url` it is, from 1 on, where several rows have the same. */
            occurrence?: number;
            /** @description How many of the emails have it. */
            emails: number;
            clicks: number;
            clicksShare: number | null;
            people: number;
            peopleShare: number | null;
            bots: {
                clicks: number;
                people: number;
            };
        };
        ListedWebhookEndpoint: {
            id: string;
            url: string;
            description?: string;
            /** @description Missing: all types. */
            events?: string[];
            email?: components["schemas"]["IdAndName"];
            campaign?: components["schemas"]["IdAndName"];
            /** @enum {string} */
            bots: "include" | "exclude";
            ordered: boolean;
            batch: number;
            /** Format: date-time */
            createdAt: string;
            enabled: boolean;
            /** Format: date-time */
            disabledAt?: string;
            /**
             * @description gone: it answered 410. failing: it took nothing for five days.
             * @enum {string}
             */
            disabledReason?: "by_sender" | "gone" | "failing";
            /**
             * @description failing: it has accepted nothing for five minutes. lagging: an event was recorded five minutes ago and was not posted, or not accepted. unknown: it was not possible to ask.
             * @enum {string}
             */
            status: "ok" | "failing" | "lagging" | "disabled" | "unknown";
            /** @description Missing while it was not possible to ask. */
            progress?: {
                /** @description It was posted what its filter passes up to this seq, but for its retry queue. */
                seq: number;
                /** @description How many seqs the log is ahead. */
                behind: number;
                /**
                 * Format: date-time
                 * @description Since then nothing was accepted.
                 */
                failingSince?: string;
                /** Format: date-time */
                nextTryAt?: string;
                /**
                 * Format: date-time
                 * @description When the oldest event was recorded that was not posted. Missing: all were.
                 */
                oldestUnpostedAt?: string;
                /** @description Events in its retry queue: they were not accepted, and others go on. */
                retrying: number;
                /** @description Events that were given up in the last 30 days: the deliveries name them, a replay posts them again. */
                givenUp: number;
                /** @description Seqs, both included, of which RETENTION_DAYS may have deleted events before they were posted or replayed, whether or not the filter passed them; in the last 30 days, the latest first. What of them is in the log is posted. */
                possibleGaps: {
                    from: number;
                    to: number;
                }[];
                replays: {
                    after: number;
                    to: number;
                }[];
            };
        };
        Message: {
            /** @description Leads to it: `/v1/messages/{message}`. */
            message: string;
            email: components["schemas"]["IdAndName"];
            campaign: components["schemas"]["IdAndName"];
            person: components["schemas"]["Person"];
            /** Format: date-time */
            sentAt: string;
            /** @enum {string} */
            status: "delivered" | "hard_bounced" | "soft_bounced" | "pending" | "no_response";
            opened: boolean;
            openedByPixel: boolean;
            clicks: number;
            unsubscribed: boolean;
            complained: boolean;
            bots: {
                opened: boolean;
                clicks: number;
            };
        };
        NamedId: components["schemas"]["Id"] | {
            id: components["schemas"]["Id"];
            name?: string;
        };
        Person: {
            id: components["schemas"]["WrittenId"];
            address?: string;
        };
        PersonId: components["schemas"]["Id"] | {
            id: components["schemas"]["Id"];
            address?: string;
        };
        RecipientsReportRow: {
            /** @description Leads to it: `/v1/messages/{message}`. */
            message: string;
            person: components["schemas"]["Person"];
            email: components["schemas"]["IdAndName"];
            campaign: components["schemas"]["IdAndName"];
            /** Format: date-time */
            sentAt: string;
            /** @enum {string} */
            status: "delivered" | "hard_bounced" | "soft_bounced" | "pending" | "no_response";
        };
        Retry: {
            /** @description Unique for ever: the same id is the same retry. */
            id: string;
            /** @description The message token to send it with; missing when the send had no id. */
            message?: string;
            email: components["schemas"]["IdAndName"];
            person: components["schemas"]["Person"];
            campaign: components["schemas"]["IdAndName"];
            send?: string;
            /** @description The first attempt was 1. */
            attempt: number;
            /** Format: date-time */
            dueAt: string;
            /** Format: date-time */
            firstAttemptAt: string;
            /** @description The soft bounce that started the schedule. */
            bounce: components["schemas"]["Bounce"];
        };
        Segment: {
            firstSeq: number;
            lastSeq: number;
            /** @description On which its events were recorded, in UTC. */
            day: string;
            version: number;
            events: number;
            bytes: number;
        };
        SeriesReportRow: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            until: string;
            local: string;
            sent: number;
            delivered: number;
            hardBounced: number;
            softBounced: number;
            pending: number;
            noResponse: number;
            opened: number;
            openedByPixel: number;
            clicked: number;
            unsubscribed: number;
            complained: number;
            bots: {
                opened: number;
                clicked: number;
                clicks: number;
            };
            rates: {
                delivered: number | null;
                bounced: number | null;
                opened: number | null;
                clicked: number | null;
                unsubscribed: number | null;
                complained: number | null;
                clickedOfOpened: number | null;
            };
            /** @description The clicks on `link`, with what they are of those on all links. */
            link?: {
                clicks: number;
                clicksShare: number | null;
                people: number;
                peopleShare: number | null;
                bots: {
                    clicks: number;
                    people: number;
                };
            };
        };
        Setting: {
            /** @description Of the variable or secret. */
            name: string;
            /** @description Whether it has a value. Without one its default holds. */
            set: boolean;
            /** @description What is wrong with it, or with its absence. */
            problem?: string;
        };
        Suppression: {
            person?: components["schemas"]["Person"];
            address?: string;
            /** @constant */
            erased?: true;
            /** @enum {string} */
            reason: "unsubscribed" | "invalid" | "blocked";
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until?: string;
            cause: string;
            who?: string;
        };
        SuppressionReason: {
            /** @enum {string} */
            reason: "unsubscribed" | "invalid" | "blocked";
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until?: string;
            cause: string;
            who?: string;
        };
        WebhookBatch: {
            /** @constant */
            type: "batch";
            /**
             * Format: date-time
             * @description When the latest of them happened.
             */
            timestamp: string;
            /** @description In the order of recording. */
            data: components["schemas"]["WebhookEvent"][];
        };
        WebhookDelivery: {
            id: number;
            /**
             * @description live: as it was recorded.
             * @enum {string}
             */
            kind: "live" | "replay" | "test";
            webhookId: string;
            /** @description Like `email.opened`, or `batch`; `gap` where events may have been deleted. */
            type: string;
            /** @description What the last try held. A sample's seq is 0. */
            events: {
                id: string;
                seq: number;
                type: string;
            }[];
            /**
             * @description waiting: it is tried again at `nextTryAt`, or when the endpoint is enabled. given_up: it is not, and its events were not accepted. skipped: somebody skipped its events, which were not accepted. stopped: its replay was stopped. filtered: it was to be tried again, but the filter does not pass its events now; it is tried once the filter does. replaced: its events have changed, or came in another post. failed: a sample was not accepted. deleted: `RETENTION_DAYS` may have deleted events of the seqs of `possibleGap` before they were accepted.
             * @enum {string}
             */
            state: "delivered" | "waiting" | "given_up" | "skipped" | "stopped" | "filtered" | "replaced" | "failed" | "deleted";
            possibleGap?: {
                from: number;
                to: number;
            };
            tries: number;
            /** Format: date-time */
            firstTryAt: string;
            /** Format: date-time */
            lastTryAt: string;
            /** Format: date-time */
            nextTryAt?: string;
            /** @description Of the last answer. Missing: there was none. */
            status?: number;
            /** @description Its first KB, without control characters and addresses. */
            answer?: string;
            /** @description Why there was no answer. */
            error?: string;
            /** @description Of the last try. */
            durationMs: number;
        };
        WebhookEndpoint: {
            id: string;
            url: string;
            description?: string;
            /** @description Missing: all types. */
            events?: string[];
            email?: components["schemas"]["IdAndName"];
            campaign?: components["schemas"]["IdAndName"];
            /** @enum {string} */
            bots: "include" | "exclude";
            ordered: boolean;
            batch: number;
            /** Format: date-time */
            createdAt: string;
            enabled: boolean;
            /** Format: date-time */
            disabledAt?: string;
            /**
             * @description gone: it answered 410. failing: it took nothing for five days.
             * @enum {string}
             */
            disabledReason?: "by_sender" | "gone" | "failing";
        };
        WebhookEvent: {
            /** @description The same whenever it is posted as it is, alone (as `webhook-id`) or in a batch: ignore what you have. */
            id: string;
            /** @enum {string} */
            type: "email.sent" | "email.delivered" | "email.hard_bounced" | "email.soft_bounced" | "email.opened" | "email.clicked" | "email.unsubscribed" | "email.subscribed" | "suppression.removed" | "send.retry" | "email.retracted";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            data: components["schemas"]["Event"];
        };
        WrittenId: number | string;
    };
    responses: {
        /** @description The request is wrong; `field` says where. */
        BadRequest: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description There is no genuine API key or access token. */
        Unauthorized: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The client lacks the scope. */
        Forbidden: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description What is named is not there. */
        NotFound: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description It cannot be done as things are. */
        Conflict: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The body is too large. */
        TooLarge: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description Too many calls; `Retry-After` says when to try again. */
        TooManyRequests: {
            headers: {
                "X-Request-Id"?: string;
                /** @description Seconds until it may be tried again. */
                "Retry-After"?: number;
                /** @description draft-ietf-httpapi-ratelimit-headers */
                "RateLimit-Policy"?: string;
                /** @description draft-ietf-httpapi-ratelimit-headers */
                RateLimit?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A fault of the Worker. */
        Internal: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description Storage is out of reach, or the Worker is not set up; try again. */
        Unavailable: {
            headers: {
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    postDecorate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": {
                 *         "id": 1042,
                 *         "name": "November news"
                 *       },
                 *       "person": {
                 *         "id": 7,
                 *         "address": "marie@example.com"
                 *       },
                 *       "campaign": 88012,
                 *       "html": "<p>Hello, <a data-link-name=\"Story\" href=\"https://example.com/news\">read on</a>. {{unsubscribe}}</p>",
                 *       "utm": {
                 *         "source": "news",
                 *         "medium": "email"
                 *       }
                 *     }
                 */
                "application/json": {
                    email: components["schemas"]["NamedId"];
                    person: components["schemas"]["PersonId"];
                    campaign: components["schemas"]["NamedId"];
                    html?: string;
                    text?: string;
                    /**
                     * @default full
                     * @enum {string}
                     */
                    tracking?: "full" | "anonymous" | "none";
                    /**
                     * @default end
                     * @enum {string}
                     */
                    pixel?: "top" | "end";
                    /**
                     * @default list
                     * @enum {string}
                     */
                    unsubscribe?: "list" | "none";
                    origin?: string;
                    utm?: {
                        source?: string;
                        medium?: string;
                        campaign?: string;
                        term?: string;
                        content?: string;
                        id?: string;
                    };
                    /** @default false */
                    evenIfSuppressed?: boolean;
                    /** @default false */
                    keepSource?: boolean;
                    send?: components["schemas"]["Id"];
                    variables?: {
                        [key: string]: string | number;
                    };
                };
            };
        };
        responses: {
            /** @description The person's copy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Copy"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postDecorateBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": {
                 *         "id": 1042,
                 *         "name": "November news"
                 *       },
                 *       "campaign": 88012,
                 *       "html": "<p>Dear {{name}}, <a href=\"https://example.com/news?reader={{reader}}\">read on</a>. {{unsubscribe}}</p>",
                 *       "recipients": [
                 *         {
                 *           "person": {
                 *             "id": 7,
                 *             "address": "marie@example.com"
                 *           },
                 *           "variables": {
                 *             "name": "Marie",
                 *             "reader": "m-7"
                 *           }
                 *         },
                 *         {
                 *           "person": {
                 *             "id": 8,
                 *             "address": "jean@example.com"
                 *           },
                 *           "variables": {
                 *             "name": "Jean",
                 *             "reader": "j-8"
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    email: components["schemas"]["NamedId"];
                    campaign: components["schemas"]["NamedId"];
                    html?: string;
                    text?: string;
                    /**
                     * @default full
                     * @enum {string}
                     */
                    tracking?: "full" | "anonymous" | "none";
                    /**
                     * @default end
                     * @enum {string}
                     */
                    pixel?: "top" | "end";
                    /**
                     * @default list
                     * @enum {string}
                     */
                    unsubscribe?: "list" | "none";
                    origin?: string;
                    utm?: {
                        source?: string;
                        medium?: string;
                        campaign?: string;
                        term?: string;
                        content?: string;
                        id?: string;
                    };
                    /** @default false */
                    evenIfSuppressed?: boolean;
                    /** @default false */
                    keepSource?: boolean;
                    variables?: {
                        [key: string]: string | number;
                    };
                    recipients: ({
                        person: components["schemas"]["PersonId"];
                        send?: components["schemas"]["Id"];
                        /** @enum {string} */
                        tracking?: "full" | "anonymous" | "none";
                        variables?: {
                            [key: string]: string | number;
                        };
                    } | unknown)[];
                };
            };
        };
        responses: {
            /** @description A line of JSON for each recipient, of this form */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["BatchLine"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postEmails: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": {
                 *         "id": 1042,
                 *         "name": "November news"
                 *       },
                 *       "campaign": {
                 *         "id": 88012,
                 *         "name": "Letters of November"
                 *       },
                 *       "links": [
                 *         {
                 *           "id": "6c53f004",
                 *           "name": "Story",
                 *           "url": "https://example.com/news"
                 *         }
                 *       ],
                 *       "html": "<p>Hello, <a href=\"#waxseal-link-6c53f004\">read on</a>.</p>"
                 *     }
                 */
                "application/json": {
                    email: components["schemas"]["NamedId"];
                    campaign?: components["schemas"]["NamedId"];
                    /** @default [] */
                    links?: {
                        id: components["schemas"]["Id"];
                        name?: string;
                        url: string;
                    }[];
                    html?: string;
                };
            };
        };
        responses: {
            /** @description What was stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        email: components["schemas"]["IdAndName"];
                        campaign?: components["schemas"]["IdAndName"];
                        links: number;
                        isSourceKept?: boolean;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEmailsByEmailSource: {
        parameters: {
            query?: {
                pictures?: "0" | "1";
            };
            header?: never;
            path: {
                /** @example 1042 */
                email: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The HTML, for a frame */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEvents: {
        parameters: {
            query?: {
                cursor?: string;
                /** @example 10 */
                limit?: number;
                token?: string;
                /** @example unsubscribed */
                type?: string;
                email?: string;
                campaign?: string;
                person?: string;
                address?: string;
                since?: string;
                until?: string;
                bots?: "include" | "exclude";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Event"][];
                        next: string;
                        more: boolean;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "events": [
                 *         {
                 *           "type": "delivered",
                 *           "email": 1042,
                 *           "person": 7,
                 *           "campaign": 88012,
                 *           "at": "2026-11-25T09:00:00.000Z"
                 *         },
                 *         {
                 *           "type": "unsubscribed",
                 *           "person": {
                 *             "id": 7,
                 *             "address": "marie@example.com"
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    events: ({
                        /** @enum {string} */
                        type: "sent" | "delivered" | "hard_bounced" | "soft_bounced" | "complained" | "unsubscribed" | "subscribed";
                        message?: string;
                        email?: components["schemas"]["NamedId"];
                        person?: components["schemas"]["PersonId"];
                        campaign?: components["schemas"]["NamedId"];
                        send?: components["schemas"]["Id"];
                        address?: string;
                        at?: number | string;
                        /** @enum {number} */
                        category?: 1 | 2 | 3 | 4 | 9;
                        subcategory?: number | string;
                        details?: string;
                        status?: string;
                    } | unknown)[];
                };
            };
        };
        responses: {
            /** @description What was accepted, and why the others were not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accepted: number;
                        rejected: {
                            index: number;
                            error: {
                                code: string;
                                message: string;
                                field?: string;
                            };
                        }[];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            /** @description None was accepted */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        error: {
                            code: string;
                            message: string;
                            requestId: string;
                        };
                        accepted: number;
                        rejected: {
                            index: number;
                            error: {
                                code: string;
                                message: string;
                                field?: string;
                            };
                        }[];
                    };
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSuppressionsCheck: {
        parameters: {
            query?: {
                person?: string;
                /** @example marie@example.com */
                address?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether they are suppressed, and why */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        suppressed: boolean;
                        reasons: components["schemas"]["SuppressionReason"][];
                        /** @description Whether a sender or an event has named them. Of events of the last minute it may not know yet. */
                        known: boolean;
                        /** @description Of the person, if one is known. */
                        address?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postSuppressionsCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "recipients": [
                 *         {
                 *           "person": 7
                 *         },
                 *         {
                 *           "address": "marie@example.com"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    recipients: {
                        person?: components["schemas"]["PersonId"];
                        address?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description For each recipient whether they are suppressed, and why */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            person?: components["schemas"]["Person"];
                            address?: string;
                            suppressed: boolean;
                            reasons: components["schemas"]["SuppressionReason"][];
                        }[];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSuppressions: {
        parameters: {
            query?: {
                /** @example invalid */
                reason?: "unsubscribed" | "invalid" | "blocked";
                /** @example 2026-11-01 */
                since?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of suppressions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Suppression"][];
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postSuppressions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "former@example.com",
                 *       "reason": "unsubscribed",
                 *       "cause": "asked by phone",
                 *       "who": "lea"
                 *     }
                 */
                "application/json": {
                    person?: components["schemas"]["PersonId"];
                    address?: string;
                    /** @enum {string} */
                    reason?: "unsubscribed" | "invalid" | "blocked";
                    cause?: string;
                    who?: string;
                    at?: number | string;
                    until?: number | string;
                    suppressions?: ({
                        person?: components["schemas"]["PersonId"];
                        address?: string;
                        /** @enum {string} */
                        reason?: "unsubscribed" | "invalid" | "blocked";
                        cause?: string;
                        who?: string;
                        at?: number | string;
                        until?: number | string;
                    } | unknown)[];
                };
            };
        };
        responses: {
            /** @description How many were added or there already, and what is wrong with the others */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accepted: number;
                        rejected: {
                            index: number;
                            error: {
                                code: string;
                                message: string;
                                field?: string;
                            };
                        }[];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            /** @description None was accepted */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        error: {
                            code: string;
                            message: string;
                            requestId: string;
                        };
                        accepted: number;
                        rejected: {
                            index: number;
                            error: {
                                code: string;
                                message: string;
                                field?: string;
                            };
                        }[];
                    };
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteSuppressions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "former@example.com",
                 *       "reason": "unsubscribed",
                 *       "who": "lea",
                 *       "why": "she called"
                 *     }
                 */
                "application/json": {
                    person?: components["schemas"]["PersonId"];
                    address?: string;
                    /**
                     * @default invalid
                     * @enum {string}
                     */
                    reason?: "unsubscribed" | "invalid" | "blocked";
                    who: string;
                    why: string;
                };
            };
        };
        responses: {
            /** @description It is removed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        removed: true;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getRetries: {
        parameters: {
            query?: {
                cursor?: string;
                /** @example 100 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The retries after the cursor */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Retry"][];
                        next: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsEmails: {
        parameters: {
            query?: {
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                by?: "email" | "campaign";
                name?: string;
                sort?: "id" | "sent_at" | "sent" | "opened" | "clicked" | "unsubscribed";
                trend?: number;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EmailsReportRow"][];
                        next?: string;
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsEmailsCsv: {
        parameters: {
            query?: {
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                by?: "email" | "campaign";
                name?: string;
                sort?: "id" | "sent_at" | "sent" | "opened" | "clicked" | "unsubscribed";
                trend?: number;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsLinks: {
        parameters: {
            query?: {
                /** @example 1042 */
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["LinksReportRow"][];
                        next?: string;
                        total: {
                            clicks: number;
                            people: number;
                            bots: {
                                clicks: number;
                                people: number;
                            };
                        };
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsLinksCsv: {
        parameters: {
            query?: {
                /** @example 1042 */
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsSeries: {
        parameters: {
            query: {
                /** @example day */
                by: "hour" | "day" | "week";
                /** @example Europe/Paris */
                zone?: string;
                email?: string;
                link?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["SeriesReportRow"][];
                        next?: string;
                        total: {
                            sent: number;
                            delivered: number;
                            hardBounced: number;
                            softBounced: number;
                            pending: number;
                            noResponse: number;
                            opened: number;
                            openedByPixel: number;
                            clicked: number;
                            unsubscribed: number;
                            complained: number;
                            bots: {
                                opened: number;
                                clicked: number;
                                clicks: number;
                            };
                            rates: {
                                delivered: number | null;
                                bounced: number | null;
                                opened: number | null;
                                clicked: number | null;
                                unsubscribed: number | null;
                                complained: number | null;
                                clickedOfOpened: number | null;
                            };
                            /** @description The clicks on `link`, with what they are of those on all links. */
                            link?: {
                                clicks: number;
                                clicksShare: number | null;
                                people: number;
                                peopleShare: number | null;
                                bots: {
                                    clicks: number;
                                    people: number;
                                };
                            };
                        };
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsSeriesCsv: {
        parameters: {
            query: {
                /** @example day */
                by: "hour" | "day" | "week";
                /** @example Europe/Paris */
                zone?: string;
                email?: string;
                link?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsDomains: {
        parameters: {
            query?: {
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DomainsReportRow"][];
                        next?: string;
                        /** @description How many of these messages are archived, and not in the rows. Missing: none. */
                        archived?: number;
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsDomainsCsv: {
        parameters: {
            query?: {
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsRecipients: {
        parameters: {
            query: {
                /** @example not_opened */
                did: "opened" | "clicked" | "opened_by_bots" | "not_opened";
                /** @example 1042 */
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["RecipientsReportRow"][];
                        next?: string;
                        /** @description How many of these messages are archived, and not in the rows. Missing: none. */
                        archived?: number;
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsRecipientsCsv: {
        parameters: {
            query: {
                /** @example not_opened */
                did: "opened" | "clicked" | "opened_by_bots" | "not_opened";
                /** @example 1042 */
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                bots?: "exclude" | "include";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsBounces: {
        parameters: {
            query?: {
                email?: string;
                domain?: string;
                campaign?: string;
                since?: string;
                until?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["BouncesReportRow"][];
                        next?: string;
                        /** @description How many of these messages are archived, and not in the rows. Missing: none. */
                        archived?: number;
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsBouncesCsv: {
        parameters: {
            query?: {
                email?: string;
                domain?: string;
                campaign?: string;
                since?: string;
                until?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsDevices: {
        parameters: {
            query?: {
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DevicesReportRow"][];
                        next?: string;
                        /** @description How many of these messages are archived, and not in the rows. Missing: none. */
                        archived?: number;
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsDevicesCsv: {
        parameters: {
            query?: {
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsActivity: {
        parameters: {
            query: {
                /** @example weekday_hour */
                by: "hour" | "day" | "week" | "weekday_hour";
                /** @example Europe/Paris */
                zone?: string;
                /** @example 1042 */
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                sentSince?: string;
                sentUntil?: string;
                weekUntil?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ActivityReportRow"][];
                        next?: string;
                        /** @description How many of these messages are archived, and not in the rows. Missing: none. */
                        archived?: number;
                        total: {
                            opened: number;
                            clicks: number;
                            bots: {
                                opened: number;
                                clicks: number;
                            };
                        };
                        week?: {
                            data: {
                                weekday: number;
                                hour: number;
                                opened: number;
                                clicks: number;
                                bots: {
                                    opened: number;
                                    clicks: number;
                                };
                            }[];
                            /** @description How many messages sent before `weekUntil` are archived, and not in these hours. Missing: none. */
                            archived?: number;
                            total: {
                                opened: number;
                                clicks: number;
                                bots: {
                                    opened: number;
                                    clicks: number;
                                };
                            };
                        };
                    };
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReportsActivityCsv: {
        parameters: {
            query: {
                /** @example weekday_hour */
                by: "hour" | "day" | "week" | "weekday_hour";
                /** @example Europe/Paris */
                zone?: string;
                /** @example 1042 */
                email?: string;
                campaign?: string;
                since?: string;
                until?: string;
                sentSince?: string;
                sentUntil?: string;
                weekUntil?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMessages: {
        parameters: {
            query?: {
                token?: string;
                /** @example marie@example.com */
                address?: string;
                person?: string;
                message?: string;
                email?: string;
                campaign?: string;
                status?: "delivered" | "hard_bounced" | "soft_bounced" | "pending" | "no_response";
                since?: string;
                until?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The messages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Message"][];
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMessagesByToken: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                /** @example FAIBBBIABwIBV8zCcy0xrrOSAfbqEsEb3xwi2LecHA */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message, and its events in the order of their times */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: components["schemas"]["Message"];
                        /** @description How the message's status is known, in a sentence. */
                        statusReason: string;
                        data: {
                            /** @description What happened and when, in a sentence. */
                            text: string;
                            /** @description What happened. */
                            summary: string;
                            /** @description Why it is taken for a bot's. */
                            why?: string;
                            event: components["schemas"]["Event"];
                        }[];
                        /** @description The `cursor` of `GET /v1/events` behind what is answered here. */
                        feedCursor: string;
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMessagesByEmailByCampaignByPerson: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                /** @example 1042 */
                email: string;
                /** @example 88012 */
                campaign: string;
                /** @example 7 */
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message, and its events in the order of their times */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: components["schemas"]["Message"];
                        /** @description How the message's status is known, in a sentence. */
                        statusReason: string;
                        data: {
                            /** @description What happened and when, in a sentence. */
                            text: string;
                            /** @description What happened. */
                            summary: string;
                            /** @description Why it is taken for a bot's. */
                            why?: string;
                            event: components["schemas"]["Event"];
                        }[];
                        /** @description The `cursor` of `GET /v1/events` behind what is answered here. */
                        feedCursor: string;
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getDeadLetters: {
        parameters: {
            query?: {
                cursor?: string;
                /** @example 10 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dead letters */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeadLetter"][];
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postDeadLettersReplay: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ids": [
                 *         1
                 *       ]
                 *     }
                 */
                "application/json": {
                    ids?: number[];
                    cursor?: string;
                };
            };
        };
        responses: {
            /** @description What D1 took */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        replayed: number;
                        /** @description D1 rejected these again: they stay dead letters. */
                        failed: {
                            id: number;
                            error: string;
                        }[];
                        /** @description There are more: send the same with this as `cursor`. */
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getArchive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The archive */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Archive"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postArchiveRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "olderThanDays": 30
                 *     }
                 */
                "application/json": {
                    /** @description Events that were recorded before the day so many days ago, in UTC, move. */
                    olderThanDays?: number;
                };
            };
        };
        responses: {
            /** @description What was done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        written: components["schemas"]["Segment"][];
                        /** @description How many segments were. */
                        rewritten: number;
                        /** @description How many messages have moved, by `MESSAGE_DAYS`. */
                        messages: number;
                        /** @description Time was up: there may be more to do. */
                        more: boolean;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postArchiveCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "deep": true
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Each object is decoded, and its events are counted.
                     * @default false
                     */
                    deep?: boolean;
                    cursor?: string;
                };
            };
        };
        responses: {
            /** @description A page of what is wrong */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Nothing of what is as it should be. */
                        data: components["schemas"]["ArchiveFinding"][];
                        /** @description What this page compared: segments or message files with objects, or objects with segments. */
                        checked: {
                            segments: number;
                            events: number;
                            messageFiles: number;
                            messages: number;
                            bytes: number;
                            objects: number;
                        };
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Setting"][];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getClients: {
        parameters: {
            query?: {
                /** @example 100 */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of clients */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Client"][];
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postClients: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "warehouse",
                 *       "scopes": [
                 *         "read"
                 *       ]
                 *     }
                 */
                "application/json": {
                    name: string;
                    scopes: ("read" | "pii" | "send" | "admin")[];
                };
            };
        };
        responses: {
            /** @description The client, with its secret */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        name: string;
                        scopes: ("read" | "pii" | "send" | "admin")[];
                        /** Format: date-time */
                        createdAt: string;
                        /** @description Shown this once. */
                        secret: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postClientsRevoke: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "id": "6f1c9a52-3b0e-4d87-9c1f-2a7e5d40b8c3"
                 *     }
                 */
                "application/json": {
                    id: string;
                };
            };
        };
        responses: {
            /** @description It is revoked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        revoked: true;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postPeopleErase: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "person": 7
                 *     }
                 */
                "application/json": {
                    person?: components["schemas"]["PersonId"];
                    address?: string;
                    /** @description A random UUID: what is asked again with it, about the same, is erased once. */
                    idempotencyKey?: string;
                };
            };
        };
        responses: {
            /** @description The progress of the erasure, which may be done already */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPeopleErasures: {
        parameters: {
            query: {
                /** @example 0f8fad5b-d9cb-469f-a165-70867728950e */
                id: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The progress of the erasure */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPeopleHeld: {
        parameters: {
            query?: {
                /** @example 7 */
                person?: string;
                address?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Held"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPeopleExport: {
        parameters: {
            query: {
                /** @example 7 */
                person: string;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of what is held */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebhookEndpoints: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of endpoints */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["ListedWebhookEndpoint"][];
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postWebhookEndpoints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://example.com/webhooks/waxseal",
                 *       "events": [
                 *         "email.clicked",
                 *         "email.unsubscribed"
                 *       ]
                 *     }
                 */
                "application/json": {
                    url: string;
                    events?: ("email.sent" | "email.delivered" | "email.hard_bounced" | "email.soft_bounced" | "email.opened" | "email.clicked" | "email.unsubscribed" | "email.subscribed" | "suppression.removed" | "send.retry" | "email.complained" | "email.retracted")[];
                    email?: components["schemas"]["NamedId"];
                    campaign?: components["schemas"]["NamedId"];
                    /** @enum {string} */
                    bots?: "include" | "exclude";
                    ordered?: boolean;
                    batch?: number;
                    description?: string;
                };
            };
        };
        responses: {
            /** @description The endpoint, with its secret */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        description?: string;
                        /** @description Missing: all types. */
                        events?: string[];
                        email?: components["schemas"]["IdAndName"];
                        campaign?: components["schemas"]["IdAndName"];
                        /** @enum {string} */
                        bots: "include" | "exclude";
                        ordered: boolean;
                        batch: number;
                        /** Format: date-time */
                        createdAt: string;
                        enabled: boolean;
                        /** Format: date-time */
                        disabledAt?: string;
                        /**
                         * @description gone: it answered 410. failing: it took nothing for five days.
                         * @enum {string}
                         */
                        disabledReason?: "by_sender" | "gone" | "failing";
                        /** @description Signs what is posted. Shown this once. */
                        secret: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebhookEndpointsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        description?: string;
                        /** @description Missing: all types. */
                        events?: string[];
                        email?: components["schemas"]["IdAndName"];
                        campaign?: components["schemas"]["IdAndName"];
                        /** @enum {string} */
                        bots: "include" | "exclude";
                        ordered: boolean;
                        batch: number;
                        /** Format: date-time */
                        createdAt: string;
                        enabled: boolean;
                        /** Format: date-time */
                        disabledAt?: string;
                        /**
                         * @description gone: it answered 410. failing: it took nothing for five days.
                         * @enum {string}
                         */
                        disabledReason?: "by_sender" | "gone" | "failing";
                        /**
                         * @description failing: it has accepted nothing for five minutes. lagging: an event was recorded five minutes ago and was not posted, or not accepted. unknown: it was not possible to ask.
                         * @enum {string}
                         */
                        status: "ok" | "failing" | "lagging" | "disabled" | "unknown";
                        progress: {
                            /** @description It was posted what its filter passes up to this seq, but for its retry queue. */
                            seq: number;
                            /** @description How many seqs the log is ahead. */
                            behind: number;
                            /**
                             * Format: date-time
                             * @description Since then nothing was accepted.
                             */
                            failingSince?: string;
                            /** Format: date-time */
                            nextTryAt?: string;
                            /**
                             * Format: date-time
                             * @description When the oldest event was recorded that was not posted. Missing: all were.
                             */
                            oldestUnpostedAt?: string;
                            /** @description Events in its retry queue: they were not accepted, and others go on. */
                            retrying: number;
                            /** @description Events that were given up in the last 30 days: the deliveries name them, a replay posts them again. */
                            givenUp: number;
                            /** @description Seqs, both included, of which RETENTION_DAYS may have deleted events before they were posted or replayed, whether or not the filter passed them; in the last 30 days, the latest first. What of them is in the log is posted. */
                            possibleGaps: {
                                from: number;
                                to: number;
                            }[];
                            replays: {
                                after: number;
                                to: number;
                            }[];
                        };
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteWebhookEndpointsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        deleted: true;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    patchWebhookEndpointsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "enabled": true
                 *     }
                 */
                "application/json": {
                    url?: string;
                    events?: ("email.sent" | "email.delivered" | "email.hard_bounced" | "email.soft_bounced" | "email.opened" | "email.clicked" | "email.unsubscribed" | "email.subscribed" | "suppression.removed" | "send.retry" | "email.complained" | "email.retracted")[] | null;
                    email?: components["schemas"]["NamedId"] | null;
                    campaign?: components["schemas"]["NamedId"] | null;
                    /** @enum {string} */
                    bots?: "include" | "exclude";
                    ordered?: boolean;
                    batch?: number;
                    description?: string | null;
                    enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description The endpoint */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postWebhookEndpointsByIdRotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Shown this once. */
                        secret: string;
                        /**
                         * Format: date-time
                         * @description Until then the one before signs, too.
                         */
                        previousUntil: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postWebhookEndpointsByIdTest: {
        parameters: {
            query?: {
                /** @example email.opened */
                type?: "email.sent" | "email.delivered" | "email.hard_bounced" | "email.soft_bounced" | "email.opened" | "email.clicked" | "email.unsubscribed" | "email.subscribed" | "suppression.removed" | "send.retry" | "email.complained" | "email.retracted";
            };
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was answered */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** @description `batch` for an endpoint that gets batches. */
                            type: string;
                            webhookId: string;
                            accepted: boolean;
                            /** @description Missing: there was no answer. */
                            status?: number;
                            /** @description Its first KB. */
                            answer?: string;
                            /** @description Why there was no answer. */
                            error?: string;
                            durationMs: number;
                        }[];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postWebhookEndpointsByIdReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-11-20T00:00:00Z"
                 *     }
                 */
                "application/json": {
                    /** @description A cursor of `GET /v1/events`, or a time of recording; a date is its beginning in UTC. */
                    from: string;
                    /** @description A cursor of `GET /v1/events`, or a time of recording; a date is its beginning in UTC. */
                    to?: string;
                };
            };
        };
        responses: {
            /** @description How far the endpoint is, with its replays */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description It was posted what its filter passes up to this seq, but for its retry queue. */
                        seq: number;
                        /** @description How many seqs the log is ahead. */
                        behind: number;
                        /**
                         * Format: date-time
                         * @description Since then nothing was accepted.
                         */
                        failingSince?: string;
                        /** Format: date-time */
                        nextTryAt?: string;
                        /**
                         * Format: date-time
                         * @description When the oldest event was recorded that was not posted. Missing: all were.
                         */
                        oldestUnpostedAt?: string;
                        /** @description Events in its retry queue: they were not accepted, and others go on. */
                        retrying: number;
                        /** @description Events that were given up in the last 30 days: the deliveries name them, a replay posts them again. */
                        givenUp: number;
                        /** @description Seqs, both included, of which RETENTION_DAYS may have deleted events before they were posted or replayed, whether or not the filter passed them; in the last 30 days, the latest first. What of them is in the log is posted. */
                        possibleGaps: {
                            from: number;
                            to: number;
                        }[];
                        replays: {
                            after: number;
                            to: number;
                        }[];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteWebhookEndpointsByIdReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are stopped */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many there were. */
                        stopped: number;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postWebhookEndpointsByIdSkip: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "event": "evt_4711_0123456789abcdef"
                 *     }
                 */
                "application/json": {
                    event: string;
                };
            };
        };
        responses: {
            /** @description How far the endpoint is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description It was posted what its filter passes up to this seq, but for its retry queue. */
                        seq: number;
                        /** @description How many seqs the log is ahead. */
                        behind: number;
                        /**
                         * Format: date-time
                         * @description Since then nothing was accepted.
                         */
                        failingSince?: string;
                        /** Format: date-time */
                        nextTryAt?: string;
                        /**
                         * Format: date-time
                         * @description When the oldest event was recorded that was not posted. Missing: all were.
                         */
                        oldestUnpostedAt?: string;
                        /** @description Events in its retry queue: they were not accepted, and others go on. */
                        retrying: number;
                        /** @description Events that were given up in the last 30 days: the deliveries name them, a replay posts them again. */
                        givenUp: number;
                        /** @description Seqs, both included, of which RETENTION_DAYS may have deleted events before they were posted or replayed, whether or not the filter passed them; in the last 30 days, the latest first. What of them is in the log is posted. */
                        possibleGaps: {
                            from: number;
                            to: number;
                        }[];
                        replays: {
                            after: number;
                            to: number;
                        }[];
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebhookEndpointsByIdDeliveries: {
        parameters: {
            query?: {
                cursor?: string;
                /** @example 10 */
                limit?: number;
                state?: "delivered" | "waiting" | "given_up" | "skipped" | "stopped" | "filtered" | "replaced" | "failed" | "deleted";
            };
            header?: never;
            path: {
                /** @example 3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WebhookDelivery"][];
                        next?: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebhooksByProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example mandrill */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider's name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        provider: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    postWebhooksByProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example postmark */
                provider: string;
            };
            cookie?: never;
        };
        /** @description The provider's own. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "RecordType": "Delivery",
                 *       "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
                 *       "Recipient": "marie@example.com",
                 *       "DeliveredAt": "2026-11-25T10:00:00Z",
                 *       "Metadata": {}
                 *     }
                 */
                "application/json": unknown;
            };
        };
        responses: {
            /** @description What was recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        recorded: number;
                        /** @description Events that are none of ours, or cannot be read. */
                        ignored: number;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
}
