import { describe, expect, it } from "vitest";
import { bounceReports, readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { dsn, raw, textBounce, unknownUser } from "./mails.ts";

const findings = async (mail: Uint8Array, from: string) => (await readBounceMail(mail, { from })).findings;

const reply = (subject: string, body: string, headers: readonly string[] = []) =>
  raw(
    "From: Marie Durand <marie@example.com>",
    "To: bounces@mail.example.com",
    `Subject: ${subject}`,
    "Content-Type: text/plain; charset=utf-8",
    ...headers,
    "",
    body,
  );

const CONTACT = "jean@example.com";

/** Subject and text, as people write them: without a word about RFC 3834. */
const AUTOREPLIES: Readonly<Record<string, readonly [subject: string, text: string]>> = {
  English: ["Re: News", `I am out of the office until Monday and cannot be reached. Please contact:\n\n${CONTACT}`],
  "English, who left": ["Re: News", `I no longer work here. My mailbox is not read. Please write to\n\n<${CONTACT}>`],
  "English, with a house number": ["Re: News", `Thank you for your mail.\n\n550 Main Street, Springfield\n${CONTACT}`],
  "English, of a company": ["Your request", `We have received your message. Your ticket is 450 123. ${CONTACT}`],
  "English, with a phone": ["Re: News", `I'm on vacation. Urgent matters: +1 555 450 5511, ${CONTACT}`],
  "English, which regrets": ["Re: News", `Sorry, I will not receive mail this week; it was not sent. Ask ${CONTACT}.`],
  German: ["Abwesenheitsnotiz: Neues", `Ich bin bis Montag nicht im Büro. In dringenden Fällen:\n\n${CONTACT}`],
  "German, without a word in the subject": [
    "AW: Neues",
    `Vielen Dank für Ihre Nachricht. Ich bin im Urlaub, Ihre E-Mail wird nicht weitergeleitet.\n\n${CONTACT}`,
  ],
  "German, who left": ["AW: Neues", `Herr Durand ist nicht mehr im Unternehmen. Bitte schreiben Sie an\n\n${CONTACT}`],
  French: ["Réponse automatique : Nouvelles", `Je suis en congé jusqu'à lundi. En cas d'urgence :\n\n${CONTACT}`],
  "French, without a word in the subject": ["Re: Nouvelles", `Je suis absente du bureau. Contactez\n\n${CONTACT}`],
  Spanish: ["Respuesta automática: Noticias", `Estoy de vacaciones hasta el lunes.\n\n${CONTACT}`],
  "Spanish, without a word in the subject": ["RE: Noticias", `Estaré fuera de la oficina. Escriba a\n\n${CONTACT}`],
  Italian: ["Risposta automatica: Novità", `Sono in ferie fino a lunedì.\n\n${CONTACT}`],
  Portuguese: ["Resposta automática: Notícias", `Estou de férias até segunda-feira.\n\n${CONTACT}`],
  Dutch: ["Automatisch antwoord: Nieuws", `Ik ben afwezig tot maandag.\n\n${CONTACT}`],
  Swedish: ["Autosvar: Nyheter", `Jag är på semester.\n\n${CONTACT}`],
  Polish: ["Odpowiedź automatyczna: Wieści", `Jestem na urlopie.\n\n${CONTACT}`],
  Turkish: ["Otomatik yanıt: Haberler", `Ofis dışındayım.\n\n${CONTACT}`],
  Russian: ["Автоматический ответ: Новости", `Я в отпуске до понедельника.\n\n${CONTACT}`],
  Japanese: ["自動応答: ニュース", `休暇中のため、返信が遅れます。\n\n${CONTACT}`],
  "Japanese, of a company": [
    "Re: ニュース",
    `お問い合わせありがとうございます。担当者は退職いたしました。\n\n${CONTACT}`,
  ],
  Chinese: ["自动回复: 新闻", `我正在休假。\n\n${CONTACT}`],
  "Chinese, without a word in the subject": ["Re: 新闻", `您好，我出差了，回来后会尽快回复。\n\n${CONTACT}`],
  "Swedish, which regrets": ["Re: Nyheter", `Jag har semester. Meddelandet kunde inte levereras.\n\n${CONTACT}`],
  "Turkish, which regrets": ["Re: Haberler", `İzindeyim, iletiniz teslim edilemedi.\n\n${CONTACT}`],
  "Polish, which regrets": ["Re: Wieści", `Mam urlop, wiadomość nie została dostarczona.\n\n${CONTACT}`],
  Korean: ["자동 응답: 뉴스", `휴가 중입니다.\n\n${CONTACT}`],
};

/** From a mail system: subject and text. */
const OWNER_NOTICES: readonly (readonly [subject: string, text: string])[] = [
  ["End User Digest: 3 New Messages", "Spam - Quarantined\n99 news@shop.example Our sale\nRelease | Safelist | View"],
  [
    "You have new held messages",
    "Mail rejected by policy:\nnews@shop.example\n550 Administrative prohibition\nRelease",
  ],
  [
    "Quarantine Report: 3 messages",
    "These messages to marie@example.com were rejected as spam:\n550 5.7.1 spam score 9.9: news@shop.example",
  ],
  ["Spam report for marie@example.com - 2026-11-30", "Blocked messages: 2\n554 5.7.1 <news@shop.example>: spam"],
  ["Rapport de quarantaine", "Messages refusés comme spam, marie@example.com :\n550 5.7.1 news@shop.example"],
  ["隔離通知", "以下のメールは配信できませんでした。550 5.7.1 news@shop.example marie@example.com"],
  ["Your mailbox is almost full", "When marie@example.com is full, mail is rejected with 552 5.2.2 mailbox full."],
  ["Mail delivery failed", "You have 5 undelivered messages held in your account marie@example.com: 550 5.3.0 release"],
];

it.each(OWNER_NOTICES)("what a mail system tells the owner of a mailbox is no bounce: %s", async (subject, text) => {
  const mail = raw(
    "From: Mail Delivery System <postmaster@example.com>",
    `Subject: ${subject}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    text,
  );
  expect(await findings(mail, "")).toEqual([]);
});

/** Servers that say of a mail or a mailbox what a digest says, too, with their category. */
const REPLIES_LIKE_DIGESTS: readonly (readonly [said: string, category: number])[] = [
  ["552 5.2.2 Your mailbox is full", 3],
  ["552 5.2.2 Sorry, your mailbox has exceeded its quota", 3],
  ["554 5.7.1 Message mis en quarantaine", 1],
  ["554 5.7.1 Nachricht in die Quarantäne verschoben", 1],
  ["554 5.7.1 Messaggio in quarantena", 1],
  ["550 5.7.1 too many messages held for this sender", 3],
  ["550 5.1.1 User unknown\n\nYour inbox has a full list of our offers.", 2],
];

describe("a server's reply that a notice quotes is a bounce, whatever digests say, too:", () => {
  const notices: readonly ((said: string) => string)[] = [
    (said) => `your message could not be delivered. <marie@example.com>: host mx.example.com said: ${said}`,
    (said) => `Your message could not be delivered.\n\n<marie@example.com>: host mx.example.com said: ${said}`,
    (said) => `This message was created automatically.\n\n  marie@example.com\n    host mx.example.com:\n    ${said}`,
    (said) => `Your message to marie@example.com could not be delivered: ${said.replace(/\n.*/s, "")}`,
    (said) => `The following addresses had errors\n<marie@example.com>\n\n>>> RCPT To:<marie@example.com>\n<<< ${said}`,
  ];

  it.each(REPLIES_LIKE_DIGESTS)("%s", async (said, category) => {
    const found = notices.map((notice) => {
      const subject = "Subject: Undelivered Mail Returned to Sender";
      const headers = ["From: MAILER-DAEMON@mx.example.com", subject, "Content-Type: text/plain; charset=utf-8"];
      return findings(raw(...headers, "", notice(said)), "");
    });
    expect((await Promise.all(found)).map((each) => each.map(({ bounce }) => bounce?.category))).toEqual(
      notices.map(() => [category]),
    );
  });

  it("and so are one without a code, and words of a header or a subject that name who failed", async () => {
    const full = "<marie@example.com>: your mailbox is full";
    expect(await findings(textBounce(full), "")).toHaveLength(1);
    const subject = "Subject: Quarantine report";
    const named = raw("From: postmaster@example.com", subject, "X-Failed-Recipients: marie@example.com", "", "Failed.");
    expect(await findings(named, "")).toHaveLength(1);
    const line = raw("From: postmaster@example.com", subject, "", "<marie@example.com>: 550 5.1.1 User unknown");
    expect(await findings(line, "")).toHaveLength(1);
  });
});

describe.each([
  ["with a null sender", "", []],
  ["with a null sender and Auto-Submitted", "<>", ["Auto-Submitted: auto-replied"]],
  ["with their own sender", "marie@example.com", []],
  ["with their own sender and Precedence", "marie@example.com", ["Precedence: bulk", "X-Autoreply: yes"]],
] as const)("an autoreply %s is no bounce:", (_, from, headers) => {
  it.each(Object.entries(AUTOREPLIES))("%s", async (_language, [subject, text]) => {
    expect(await findings(reply(subject, text, headers), from)).toEqual([]);
  });
});

describe("an autoreply that is marked is no bounce, whatever it says", () => {
  const text = `Delivery to the following recipient failed:\n\n  ${CONTACT}\n  550 5.1.1 User unknown`;

  it.each([
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated",
    "Auto-Submitted: auto-notified",
    "X-Autoreply: yes",
    "X-Autorespond: vacation",
    "X-Auto-Reply: 1",
    "Precedence: auto_reply",
    "List-Id: <news.example.com>",
  ])("%s", async (header) => {
    expect(await findings(reply("Your mail", text, [header]), "")).toEqual([]);
  });

  it("but a mail system's notice may be marked so, too", async () => {
    expect(await findings(textBounce(text, ["Auto-Submitted: auto-replied"]), "")).toHaveLength(1);
    const failedRecipient = ["Auto-Submitted: auto-replied", `X-Failed-Recipients: ${CONTACT}`];
    expect(await findings(reply("Mail delivery failed", text, failedRecipient), "")).toHaveLength(1);
    const report = dsn({ recipients: [unknownUser(CONTACT)], headers: ["Auto-Submitted: auto-replied"] });
    expect(await findings(report, "")).toHaveLength(1);
  });
});

describe("no bounce is", () => {
  it.each([
    [
      "a receipt (RFC 8098)",
      raw(
        "From: postmaster@example.com",
        "Subject: Return receipt",
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
        "",
        "--b",
        "",
        "Your message to marie@example.com was displayed. It failed to be deleted.",
        "--b",
        "Content-Type: message/disposition-notification",
        "",
        "Final-Recipient: rfc822; marie@example.com",
        "Disposition: manual-action/MDN-sent-manually; displayed",
        "--b--",
      ),
    ],
    [
      "a postmaster's autoreply that says what a refusal means",
      raw(
        "From: postmaster@example.com",
        "Subject: Re: News",
        "Auto-Submitted: auto-replied",
        "",
        "Thank you for contacting us. If your mail was rejected with 550 5.7.1, ask\n\nabuse@example.com",
      ),
    ],
    [
      "a postmaster's answer to a mail",
      raw(
        "From: postmaster@example.com",
        "Subject: AW: Neues",
        "",
        "Vielen Dank für Ihre Nachricht. 550 5.1.1 heißt: Benutzer unbekannt.\n\n<marie@example.com>",
      ),
    ],
    ["a notice of success", textBounce("Your message was successfully delivered to:\n\n<marie@example.com>")],
    [
      "a list's notice that a moderator decides",
      textBounce(
        "Your mail to 'talk' has been returned to a queue: it awaits moderator " + "approval.\n\n<marie@example.com>",
      ),
    ],
    [
      "a list's refusal of a post",
      raw(
        "From: talk-bounces@lists.example.com",
        "Subject: Your message to talk was rejected",
        "X-Mailman-Version: 2.1.39",
        "",
        "You are not allowed to post to this mailing list: marie@example.com",
      ),
    ],
    [
      "a challenge",
      reply("Re: News", `Your mail to marie@example.com was not delivered yet. Please confirm that you are a person.`),
    ],
    ["an answer of the postmaster", raw("From: postmaster@example.com", "Subject: Re: a question", "", "We are fine.")],
    [
      "an aggregate report of DMARC",
      raw("From: noreply-dmarc@example.com", "Subject: Report domain: example.com", "", "Attached: a@example.com.zip"),
    ],
  ])("%s", async (_, mail) => {
    expect(await findings(mail, "")).toEqual([]);
  });

  it.each([
    "Delivery to these recipients or groups is complete, but no delivery notification was sent by the " +
      "destination server:",
    "Die Zustellung an diese Empfänger ist erfolgt, es wurde jedoch vom Zielserver keine " +
      "Zustellungsbenachrichtigung gesendet:",
    "La remise à ces destinataires est terminée, mais aucune notification de remise n'a été envoyée par le serveur :",
  ])("the last thing that is known of a mail that was handed on: %s", async (words) => {
    const relayed = (text: string) => textBounce(`${text}\n\nmarie@example.com\n`);
    expect(await findings(relayed(words), "")).toEqual([]);
    expect(await findings(relayed("Delivery has failed to these recipients or groups:"), "")).toHaveLength(1);
  });

  it("what a person writes from an address of a mail system, whatever they quote", async () => {
    const mail = (text: string) => raw("From: <MAILER-DAEMON@mx.example.com>", "Subject: I like turtles", "", text);
    const sentence = "Your message to marie@example.com was rejected due to the user exceeding its mailbox quota";
    const prose = "I was writing you this email.\nI wanted to mention the mailbox full.";
    expect(await findings(mail(`${prose}\n${sentence}`), "root@mx.example.com")).toEqual([]);
    expect(await findings(mail(sentence), "root@mx.example.com")).toMatchObject([{ bounce: { category: 3 } }]);
  });

  it("a receipt, unless the mailbox rejected the mail; its words may be a person's", async () => {
    const receipt = (said: string, autoSubmitted: string) =>
      raw(
        "From: Mail Delivery Subsystem <postmaster@example.com>",
        "Subject: Rejected: News",
        `Auto-Submitted: ${autoSubmitted}`,
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
        "",
        "--b",
        "",
        `Your message to <marie@example.com> was automatically rejected:\n${said}`,
        "--b",
        "Content-Type: message/disposition-notification",
        "",
        "Final-Recipient: rfc822; marie@example.com",
        "Disposition: automatic-action/MDN-sent-automatically; deleted",
        "--b--",
      );
    const said = async (...mail: Parameters<typeof receipt>) =>
      (await findings(receipt(...mail), "")).map(({ recipient, bounce }) => [recipient, bounce?.category]);
    expect(await said("Quota exceeded", "auto-replied (rejected)")).toEqual([["marie@example.com", 3]]);
    expect(await said("No such user", "auto-replied (rejected)")).toEqual([["marie@example.com", 9]]);
    expect(await said("Quota exceeded", "auto-replied")).toEqual([]);
  });

  it("a delay, in a report or in words", async () => {
    const fields = ["Final-Recipient: rfc822; marie@example.com", "Action: delayed", "Status: 4.4.1"];
    const words = [
      "Warning: could not send message for past 4 hours.\nThe following address is delayed:\n\n<marie@example.com>",
      "Ihre Nachricht ist verzögert. Weitere Zustellversuche folgen:\n\n<marie@example.com>",
      "Retard de remise aux destinataires suivants :\n\n<marie@example.com>",
      "配信が遅延しています。\n\n<marie@example.com>",
    ];
    for (const mail of [dsn({ recipients: [fields] }), ...words.map((text) => textBounce(text))]) {
      const read = await readBounceMail(mail, { from: "" });
      expect(bounceReports(read).map(({ outcome }) => outcome.type)).not.toContain("bounced");
    }
  });
});
